"""Whether all records of a list came, though it may change while it is read: a pure rule.

The ids of all readings of a list are collected. As long as nothing is deleted, each of them is in the list at the
moment when its first page is read last, so as many different ids as that page counts are all there is at that moment,
however the pages shifted before. A page and its count are taken to be of one moment (inferred). Deletions show in a
count that falls below one that was answered before the page was asked for; only one that an arrival makes up for before
the next page that is asked for passes unseen.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any

from smartkasa_async._i18n.message import msg, nmsg
from smartkasa_async.errors import PaginationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from smartkasa_async._i18n.message import Message

RecordId = str | int

_SPARE_PAGES = 8
"""Before reading is given up: pages more than twice those that the first one's records need, and pages that bring
nothing new more than those that do."""


class ReadingCheck:
    """Follows the pages of one list, reading after reading, as they come.

    Attributes:
        ids: The different ids that came.
        last: Number of the last page, as far as it is known.
        peak: The most records that an answer has counted.
    """

    def __init__(self) -> None:
        self.ids: set[RecordId] = set()
        self.last: int = 1
        self.peak: int = 0
        self._expected = 0
        self._fell = False
        self._most = 1
        self._promised = 1
        self._came: set[RecordId] = set()
        self._repeated = self._fruitful = 0

    def begin(self) -> bool:
        """Note that the list is read from its first page on.

        Returns:
            Whether the collection restarts, since some of what came before is deleted.
        """
        restarts = self._fell or len(self.ids) > self._expected
        if restarts:
            self.ids.clear()
            self._expected = self.peak = 0
            self._fell = False
        self.last = self._most = 1
        self._came.clear()
        self._repeated = self._fruitful = 0
        return restarts

    def take_whole(self, meta: Any, ids: Sequence[RecordId]) -> None:
        """Note the answer of a list that has no pages."""
        self._expected = meta.total_count
        self.ids.update(ids)

    def take(self, number: int, meta: Any, ids: Sequence[RecordId], floor: int = 0) -> None:
        """Note one page; the first one is taken twice, the second time after all others.

        Args:
            number: Number of the page that was asked for.
            meta: Metadata of the list that the page has.
            ids: Ids of its records.
            floor: The `peak` when it was asked for.

        Raises:
            PaginationError: The page does not fit to what came before; reading on would be useless.
        """
        if meta.current_page != number:
            raise self._misfit(
                msg("page {asked} was asked for and page {page} came", asked=number, page=meta.current_page)
            )
        if not ids and meta.next_page:
            raise self._misfit(msg("page {page} is empty, and still the service names a next one", page=number))
        # Pages that are on their way together are answered in an order that nobody knows; the first one is alone.
        self._fell |= meta.total_count < (self.peak if number == 1 else max(self._expected, floor))
        self.peak = max(self.peak, meta.total_count)
        if number == 1:
            self._expected = meta.total_count
            if not self._came:
                self._promised = max(1, meta.total_pages)
                self._most = 2 * ceil(meta.total_count / max(1, len(ids))) + _SPARE_PAGES
        elif ids and self._came.issuperset(ids):
            self._repeated += 1
            if self._repeated > _SPARE_PAGES + self._fruitful:
                raise self._misfit(
                    nmsg(
                        "page {page} and {count} other repeat what came before",
                        "page {page} and {count} others repeat what came before",
                        self._repeated - 1,
                        page=number,
                    )
                )
        else:
            self._fruitful += 1
        self.last = max(self.last, meta.total_pages, meta.next_page or 0) if ids else min(self.last, number)
        if self.last > self._most:
            raise self._misfit(
                msg(
                    "page {page} names {pages} pages, where the first one named {promised} for {count} records",
                    page=number,
                    pages=self.last,
                    promised=self._promised,
                    count=self._expected,
                )
            )
        self._came.update(ids)
        self.ids.update(ids)

    def forget(self, ids: Iterable[RecordId]) -> None:
        """Take back the ids of records that could not be kept."""
        self.ids.difference_update(ids)

    def error(self) -> PaginationError | None:
        """Return what is wrong after the list was read to its end; None where every record came."""
        came = len(self.ids)
        if self._fell:
            return PaginationError(
                msg(
                    "records were deleted while they were read: {count} came, and the service counts {expected} now",
                    count=came,
                    expected=self._expected,
                ),
                expected=self._expected,
                received=came,
            )
        if came == self._expected:
            return None
        return PaginationError(
            msg(
                "{count} different records came where the service counts {expected}",
                count=came,
                expected=self._expected,
            ),
            expected=self._expected,
            received=came,
        )

    def _misfit(self, reason: Message) -> PaginationError:
        count = len(self.ids)
        return PaginationError(
            nmsg("{reason}; {count} record came so far", "{reason}; {count} records came so far", count, reason=reason),
            received=count,
        )
