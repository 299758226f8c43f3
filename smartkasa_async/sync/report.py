"""Progress and results of syncs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from smartkasa_async._i18n.message import HasMessage
from smartkasa_async._i18n.safe_text import one_line
from smartkasa_async.sync.clock import skew_note

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smartkasa_async.records.days import Window


@dataclass(frozen=True, slots=True)
class IncompleteWindow(HasMessage):
    """A window of one shop that could not be read whole.

    Attributes:
        window: The business days.
        reason: What was wrong.
    """

    window: Window
    reason: str

    def __post_init__(self) -> None:
        self._keep_message("reason")

    def __str__(self) -> str:
        return one_line(f"{self.window}: {self.reason}")


@dataclass(frozen=True, slots=True)
class SyncProgress:
    """How far a run is.

    Attributes:
        windows: Number of windows of all shops together; one that has to be cut in two becomes two.
        windows_done: How many of them are through.
        records: How many records were written so far.
    """

    windows: int
    windows_done: int = 0
    records: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopSync:
    """What a run brought of one shop; figures are of what this run read, not of what the store had before.

    Attributes:
        shop_id: Id of the shop.
        title: Title of the shop.
        undecodable: Records that came and do not have the documented form; a store keeps them in quarantine.
        deleted: Records of the store that the service no longer lists, and that were marked as deleted.
        incomplete: Windows that could not be read whole; the figures lack what they lack.
        days_known: Business days that the store had whole already, and that were not read.
    """

    shop_id: int
    title: str
    undecodable: int = 0
    deleted: int = 0
    incomplete: tuple[IncompleteWindow, ...] = ()
    days_known: int = 0

    @property
    def complete(self) -> bool:
        """Whether every record came that the service counts."""
        return not self.incomplete


LineT_co = TypeVar("LineT_co", bound=ShopSync, covariant=True)


@dataclass(frozen=True, slots=True)
class SyncReport(Generic[LineT_co]):
    """What a run brought.

    Attributes:
        window: The business days that were asked for.
        shops: A line for each shop, by id.
        clock_skew: Seconds that this machine's clock was ahead of the service's in the end, negative behind; None where
            the service did not give the time.
    """

    window: Window
    shops: tuple[LineT_co, ...]
    clock_skew: float | None = None

    @property
    def complete(self) -> bool:
        """Whether every record of every shop came that the service counts."""
        return all(shop.complete for shop in self.shops)

    @property
    def undecodable(self) -> int:
        """Records that do not have the documented form; `await store.quarantined()` gives them with their errors."""
        return sum(shop.undecodable for shop in self.shops)

    @property
    def deleted(self) -> int:
        """Records that the service no longer lists."""
        return sum(shop.deleted for shop in self.shops)

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.window}, {len(self.shops)} shops: {'complete' if self.complete else 'INCOMPLETE'}"
        for shop in self.shops:
            for window in shop.incomplete:
                yield f"shop {shop.shop_id} {window}"
        if self.undecodable:
            yield f"{self.undecodable} records could not be decoded: await store.quarantined() gives them"
        if self.deleted:
            yield f"{self.deleted} records are no longer listed and were marked as deleted"
        if note := skew_note(self.clock_skew):
            yield note
