"""What goes into a store at a time: the records of one page, with their JSON, and those that cannot be read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Generic, TypeVar

from smartkasa_async._i18n.message import HasMessage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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
        """Give the records but for those that a sink could not keep."""
        if not unfit:
            return self.records
        raws = {one.raw for one in unfit}
        return [record for record, raw in zip(self.records, self.raw, strict=True) if raw not in raws]

    def singles(self) -> Iterator[Batch[RecordT_co]]:
        """Give what is in the batch one by one, those that could not be decoded last."""
        for record, raw in zip(self.records, self.raw, strict=True):
            yield Batch(self.kind, (record,), (raw,), keeps_personal=self.keeps_personal)
        if self.undecodable:
            yield Batch(self.kind, (), (), self.undecodable, self.keeps_personal)
