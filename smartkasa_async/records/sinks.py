"""Where pulled records go: a store, or anything with the one method."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date, datetime
    from decimal import Decimal

    from smartkasa_async.records.batch import Batch, RecordKind, Undecodable
    from smartkasa_async.records.days import Window
    from smartkasa_async.records.synced_ranges import SyncedRange

RecordT_contra = TypeVar("RecordT_contra", contravariant=True)


class Sink(Protocol[RecordT_contra]):
    """Takes records of one kind; a sink for `Any` takes all kinds."""

    async def write(self, batch: Batch[RecordT_contra]) -> Sequence[Undecodable] | None:
        """Keep the batch for good before returning.

        Batches come in no fixed order, several lists side by side, and a record may come again: it is replaced by id.

        Returns:
            Records that were decoded and could not be kept, so that they are counted with the undecodable ones; None or
            nothing where all were kept.
        """


@dataclass(frozen=True, slots=True)
class KeptRecords:
    """Which records of a shop and a span of days are kept, those that were deleted at the service left out.

    Attributes:
        versions: When each was changed last, by id as text; None for kinds that do not tell.
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


@runtime_checkable
class SyncState(Protocol):
    """Remembers what was read whole, and notices what is no longer listed; a sink that has this is asked to."""

    async def synced_ranges(self, kind: RecordKind, shop_id: int) -> Sequence[SyncedRange]:
        """Give the ranges of days that earlier runs have read, in order, none overlapping another."""

    async def mark_synced(self, kind: RecordKind, shop_id: int, synced: SyncedRange) -> None:
        """Note that days were read whole, and late enough not to change any more, in place of what is noted of them."""

    async def trim(self, kind: RecordKind, shop_id: int, last: date) -> None:
        """Forget that days after the last one that can be settled were read."""

    async def note_read(
        self, kind: RecordKind, read_at: datetime, *, shop_id: int | None = None, window: Window | None = None
    ) -> None:
        """Note what was read whole, settled or not, so that reports can tell what is missing from what was not read.

        Args:
            kind: What was read.
            read_at: When reading began, aware; a day that was not over by then was read until then.
            shop_id: The shop whose records were read; None for a list of the whole account.
            window: The business days that were read; None for a list of the whole account.
        """

    async def kept(self, kind: RecordKind, shop_id: int, window: Window) -> KeptRecords:
        """Tell which receipts or Z-reports of a shop and a span of days are kept."""

    async def shop_titles(self) -> Mapping[int, str]:
        """Give the title of each shop that is kept by its id."""

    async def mark_deleted(
        self,
        kind: RecordKind,
        present: Collection[str | int],
        *,
        shop_id: int | None = None,
        window: Window | None = None,
    ) -> int:
        """Mark the kept records that the service no longer lists.

        Args:
            kind: What was listed.
            present: Ids of all that was listed.
            shop_id: The shop whose records were listed; None for those of the whole account.
            window: The business days that were listed; None for all.

        Returns:
            How many were marked that were not before.
        """
