"""Batches of records, and the protocols of what takes and keeps them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar

from smartkasa_async._i18n.message import HasMessage

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import date, datetime
    from decimal import Decimal

    from smartkasa_async.models import ProductSalesLine

_LONGEST_KEY = 200

RecordT_co = TypeVar("RecordT_co", covariant=True)


class RecordKind(StrEnum):
    """Kinds of records that are synced; a store's tables have these names."""

    SHOPS = "shops"
    TERMINALS = "terminals"
    EMPLOYEES = "employees"
    SHIFTS = "shifts"
    CATEGORIES = "categories"
    PRODUCTS = "products"
    CARDS = "cards"
    RECEIPTS = "receipts"
    Z_REPORTS = "z_reports"
    PRODUCT_SALES = "product_sales"


def quarantine_key(id_: object) -> str:
    """Make the key of a record in quarantine of its id; a digest stands for an id that is too long to be one."""
    key = str(id_)
    return key if len(key) <= _LONGEST_KEY else sha256(key.encode(errors="backslashreplace")).hexdigest()


@dataclass(frozen=True, slots=True)
class Undecodable(HasMessage):
    """A record that does not have the documented form.

    Attributes:
        key: Its id, or a digest of its JSON where it has none.
        raw: Its JSON as it came.
        error: What is wrong with it, and where.
        shop_id: Id of the shop whose list it stood in; None for lists of the whole account.
    """

    key: str
    raw: bytes
    error: str
    shop_id: int | None = None

    def __post_init__(self) -> None:
        self._keep_message("error")

    def with_changes(self, **changes: Any) -> Undecodable:
        """Replace fields; the error can still be translated, which `dataclasses.replace` would lose."""
        return replace(self, error=self.translatable or "", **changes)


@dataclass(frozen=True, slots=True)
class ProductSale:
    """What one product sold in one shop on one day.

    Attributes:
        shop_id: Id of the shop.
        business_date: The day, in Europe/Kyiv.
        line: The product, its turnover in hryvnias and its quantity.
    """

    shop_id: int
    business_date: date
    line: ProductSalesLine


@dataclass(frozen=True, slots=True)
class Batch(Generic[RecordT_co]):
    """Records of one kind that came together.

    Attributes:
        kind: What they are.
        records: The records.
        raw: The JSON of each record, in the same order, as it came.
        undecodable: Records that came with them and could not be decoded.
        keeps_personal: Whether tax numbers and passports of employees are to be kept.
    """

    kind: RecordKind
    records: Sequence[RecordT_co]
    raw: Sequence[bytes]
    undecodable: Sequence[Undecodable] = ()
    keeps_personal: bool = False

    def kept(self, unfit: Sequence[Undecodable]) -> Sequence[RecordT_co]:
        """Return the records but for those that a sink could not keep."""
        if not unfit:
            return self.records
        raws = {one.raw for one in unfit}
        return [record for record, raw in zip(self.records, self.raw, strict=True) if raw not in raws]

    def singles(self) -> Iterator[Batch[RecordT_co]]:
        """Yield a batch for each record, and last one of the undecodable records."""
        for record, raw in zip(self.records, self.raw, strict=True):
            yield Batch(self.kind, (record,), (raw,), keeps_personal=self.keeps_personal)
        if self.undecodable:
            yield Batch(self.kind, (), (), self.undecodable, self.keeps_personal)


RecordT_contra = TypeVar("RecordT_contra", contravariant=True)


class Sink(Protocol[RecordT_contra]):
    """Takes records of one kind; a sink for `Any` takes all kinds."""

    async def write(self, batch: Batch[RecordT_contra]) -> Sequence[Undecodable] | None:
        """Keep the batch for good before returning.

        Batches come in no fixed order, several lists concurrently, and a record may come repeatedly: it is replaced by
        id.

        Returns:
            Records that were decoded and could not be kept, so that they are counted with the undecodable ones; None or
            nothing where all were kept.
        """


@dataclass(frozen=True, slots=True)
class KeptRecords:
    """Which records of a shop and a span of days are kept, those that were deleted at the service left out.

    Attributes:
        versions: When each was changed last, by id as text; None for kinds without that time.
        others: Ids of kept records that may be of the shop and the days: in quarantine, or without a shop.
    """

    versions: Mapping[str, datetime | None]
    others: Collection[str] = frozenset()


class KeptReceipt(NamedTuple):
    """What is compared of a receipt.

    Attributes:
        day: Business day, in Europe/Kyiv.
        updated_at: When it was changed last, aware.
        total_amount: Its total, hryvnias.
    """

    day: date
    updated_at: datetime
    total_amount: Decimal


@dataclass(frozen=True, slots=True)
class KeptReceipts:
    """What a store keeps of a shop and a span of days, receipts that were deleted at the service left out.

    Attributes:
        of_shop: The receipts of the shop, by id.
        without_shop: Receipts that name no shop, by id; each may be of any.
        quarantined: Ids of the shop's records that do not have the documented form, of whatever day.
    """

    of_shop: Mapping[str, KeptReceipt]
    without_shop: Mapping[str, KeptReceipt] = field(default_factory=dict)
    quarantined: Collection[str] = frozenset()
