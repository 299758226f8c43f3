"""Whether the pages of one window were all there, and all of that window: a pure rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from msgspec import UnsetType

    from smartkasa_async.receipts.days import Window

__all__ = ["WindowCheck", "WindowRecord"]


class WindowRecord(Protocol):
    """A record that belongs to a shop and a business day."""

    @property
    def id(self) -> str | int:
        """Id, unique among all records of its kind."""

    @property
    def shop_id(self) -> int | UnsetType | None:
        """Id of the shop."""

    @property
    def created_at(self) -> datetime:
        """Point in time that decides the business day."""


RecordT = TypeVar("RecordT", bound=WindowRecord)


class WindowCheck:
    """Follows the pages of one shop and window as they come.

    Attributes:
        filter_ignored: Whether a whole page lay outside, so that reading on would read everything there is.
    """

    def __init__(self, shop_id: int, window: Window) -> None:
        self._shop_id = shop_id
        self._window = window
        self._ids: set[str | int] = set()
        self._strays = 0
        self._expected = 0
        self._failure: str | None = None
        self.filter_ignored = False

    def take(self, records: Sequence[RecordT], total_count: int) -> list[RecordT]:
        """Note one page.

        Args:
            records: Records of the page.
            total_count: Number of records in the whole window, as the page's `meta` states it.

        Returns:
            The records that belong to the window and did not come before.
        """
        self._expected = total_count
        new = [record for record in records if record.id not in self._ids]
        self._ids.update(record.id for record in new)
        belonging = [record for record in new if self._belongs(record)]
        self._strays += len(new) - len(belonging)
        self.filter_ignored = bool(new) and not belonging
        return belonging

    def fail(self, reason: str) -> None:
        """Note that reading stopped before the end."""
        self._failure = reason

    def fault(self) -> str | None:
        """Say what is wrong with what came; None where all is there and nothing else."""
        if self._failure:
            return self._failure
        if self._strays:
            return (
                f"{self._strays} of {len(self._ids)} records lie outside shop {self._shop_id} and {self._window}:"
                " the service does not filter as asked"
            )
        if len(self._ids) != self._expected:
            return f"{len(self._ids)} records came where the service counts {self._expected}"
        return None

    def _belongs(self, record: WindowRecord) -> bool:
        return record.shop_id in {None, self._shop_id} and record.created_at in self._window
