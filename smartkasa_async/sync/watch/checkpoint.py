"""How far a watch has come: pure rules on business days and digests."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal, Self

import msgspec

from smartkasa_async._base.model import Instant  # noqa: TC001  (msgspec reads the fields' types)
from smartkasa_async._i18n.message import argument, msg
from smartkasa_async.records.days import Window, business_day
from smartkasa_async.sync.watch.changes import ChangeKind
from smartkasa_async.sync.watch.checkpoint_store import CheckpointError

if TYPE_CHECKING:
    from collections.abc import Collection

    from smartkasa_async.models import Shop

_ONE_DAY = timedelta(days=1)
_DAYS_AHEAD = 7
"""Most business days that a round goes forward; it bounds what a round holds in memory after a long absence."""


class ShopCheckpoint(msgspec.Struct, forbid_unknown_fields=True):
    """What is known of the receipts of one shop.

    Attributes:
        first: First business day that is known; earlier ones are never read.
        through: Business day on which the shop was last read whole.
        seen: Digests of the receipts that were told, by business day and id.
        newest: Last business day of which a receipt was ever listed; None for none.
    """

    first: date
    through: date
    seen: dict[date, dict[str, str]] = {}
    newest: date | None = None

    def __post_init__(self) -> None:
        if self.through < self.first:
            raise ValueError(f"through is {self.through}, before first, which is {self.first}")

    @classmethod
    def ending(cls, today: date, days: int) -> Self:
        """Make the position of a shop that was just read whole for the first time."""
        return cls(today - (days - 1) * _ONE_DAY, today)

    def window(self, today: date, days: int) -> Window:
        """Choose the business days to read next: the last `days` of them as of the last whole reading, and those since.

        Args:
            today: The present business day.
            days: How many business days a receipt is watched.
        """
        if self.is_ahead(today):
            return Window(min(self.newest or today, today) - (days - 1) * _ONE_DAY, today)
        first = max(self.first, self.through - (days - 1) * _ONE_DAY)
        return Window(min(first, today), min(self.through + _DAYS_AHEAD * _ONE_DAY, today))

    def is_ahead(self, today: date) -> bool:
        """Tell whether a clock that was ahead has left this, so that the days since `newest` may not have been read.

        One day ahead is a clock that was set back a little at midnight.
        """
        return self.through > today + _ONE_DAY

    def compare(self, day: date, receipt_id: str, digest: str) -> ChangeKind | None:
        """Tell what became of a receipt that was listed; None for nothing."""
        known = self.seen.get(day, {}).get(receipt_id)
        if known is None:
            return ChangeKind.CREATED
        return None if known == digest else ChangeKind.CHANGED

    def missing(self, window: Window, listed: Collection[object]) -> list[tuple[date, str]]:
        """Name the known receipts of a window that are not among the listed ones."""
        return [
            (day, receipt_id)
            for day, digests in self.seen.items()
            if window.start <= day <= window.end
            for receipt_id in digests
            if receipt_id not in listed
        ]

    def note(self, day: date, receipt_id: str, digest: str | None) -> None:
        """Take note of a receipt that was told; None for its digest where it is gone."""
        if digest is None:
            self.seen[day].pop(receipt_id, None)
        else:
            self.seen.setdefault(day, {})[receipt_id] = digest
            self.newest = day if self.newest is None else max(self.newest, day)

    def advance(self, window: Window) -> None:
        """Take note that a window was read whole and told, and forget the days before it."""
        self.first, self.through = window.start, window.end
        self.seen = {day: digests for day, digests in self.seen.items() if day >= window.start}


class Checkpoint(msgspec.Struct, forbid_unknown_fields=True):
    """How far a watch has come in all shops.

    Attributes:
        begun_at: When the watch began; shops that were opened later are told from their first receipt on.
        shops: What is known of each shop, by its id.
    """

    begun_at: Instant
    shops: dict[int, ShopCheckpoint] = {}
    kind: Literal["smartkasa-async position of watch_receipts"] = "smartkasa-async position of watch_receipts"
    version: Literal[1] = 1

    @classmethod
    def decode(cls, content: bytes, place: str) -> Self:
        """Read what was kept.

        Raises:
            CheckpointError: It is no position, or not a whole one.
        """
        try:
            return msgspec.json.decode(content, type=cls)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            message = msg(
                "{place} does not hold a whole position of {watch} ({reason}): give the right one, put a copy"
                " back, or delete it to watch from now on",
                place=place,
                watch=argument("watch_receipts"),
                reason=error,
            )
            raise CheckpointError(message) from error

    def encode(self) -> bytes:
        """Write down what a keeper is to keep."""
        return msgspec.json.encode(self)

    def of_shop(self, shop: Shop, start: date | None) -> ShopCheckpoint | None:
        """Return what is known of a shop, or where to begin to tell its receipts; None to begin with the present ones.

        Args:
            shop: The shop.
            start: First business day to be told of shops that are not known yet.
        """
        known = self.shops.get(shop.id)
        if known is not None:
            return known
        first = start or (business_day(made) if (made := shop.created_at) and made >= self.begun_at else None)
        return None if first is None else ShopCheckpoint(first, first)

    def enter(self, shop_id: int, known: ShopCheckpoint, window: Window) -> bool:
        """Take note that a window of a shop was read whole and told.

        Returns:
            Whether the position is another one than before.
        """
        is_news = self.shops.get(shop_id) is not known or Window(known.first, known.through) != window
        self.shops[shop_id] = known
        known.advance(window)
        return is_news
