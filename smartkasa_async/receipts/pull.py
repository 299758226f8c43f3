"""Reading one kind of record of many shops, window by window, into a sink; receipts and Z-reports go this way."""

from __future__ import annotations

from collections import defaultdict
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, TypeVar

from smartkasa_async.errors import ApiError, PaginationError, SessionError, TransportError, UnreadableAnswerError
from smartkasa_async.receipts.completeness import WindowCheck, WindowRecord
from smartkasa_async.receipts.fanout import side_by_side
from smartkasa_async.receipts.report import IncompleteWindow, SyncProgress

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence

    from smartkasa_async.pagination import Page, Pages
    from smartkasa_async.receipts.days import Window

__all__ = ["Pull"]

RecordT = TypeVar("RecordT", bound=WindowRecord)

_READING_FAILED = (ApiError, PaginationError, SessionError, TransportError, UnreadableAnswerError)


@dataclass(frozen=True, slots=True)
class Pull(Generic[RecordT]):
    """How one kind of record is read and where it goes.

    Attributes:
        list_window: The list of a shop (its id) in a window.
        write: Keeps a page for good; what it raises ends the run.
        count: Takes a shop's id and those of its records that belong to the window, each once.
        concurrency: Most windows read at once, and most pages of one window.
        on_progress: Called after each page and each window.
    """

    list_window: Callable[[int, Window], Pages[RecordT]]
    write: Callable[[Sequence[RecordT]], Awaitable[None]]
    count: Callable[[int, Sequence[RecordT]], None]
    concurrency: int
    on_progress: Callable[[SyncProgress], None] | None = None

    async def run(
        self, shop_ids: Collection[int], windows: Sequence[Window]
    ) -> dict[int, tuple[IncompleteWindow, ...]]:
        """Read every window of every shop, many side by side.

        Returns:
            The windows that could not be read whole, by shop; a shop without any is left out.
        """
        jobs = [(shop_id, window) for window in windows for shop_id in shop_ids]
        progress = SyncProgress(windows=len(jobs))
        incomplete: dict[int, list[IncompleteWindow]] = defaultdict(list)

        def advance(*, records: int = 0, windows: int = 0) -> None:
            nonlocal progress
            progress = replace(
                progress, records=progress.records + records, windows_done=progress.windows_done + windows
            )
            if self.on_progress is not None:
                self.on_progress(progress)

        async def pull_window(job: tuple[int, Window]) -> None:
            shop_id, window = job
            check = WindowCheck(shop_id, window)
            async with aclosing(self._read(shop_id, window, check)) as pages:
                async for page in pages:
                    belonging = check.take(page.data, page.meta.total_count)
                    await self.write(page.data)
                    self.count(shop_id, belonging)
                    advance(records=len(page.data))
            if reason := check.fault():
                incomplete[shop_id].append(IncompleteWindow(window, reason))
            advance(windows=1)

        await side_by_side(pull_window, jobs, concurrency=self.concurrency)
        return {
            shop_id: tuple(sorted(found, key=lambda one: one.window.start)) for shop_id, found in incomplete.items()
        }

    async def _read(self, shop_id: int, window: Window, check: WindowCheck) -> AsyncGenerator[Page[RecordT], None]:
        """Give the pages of a window until the end, or until reading on is useless; the check is told why."""
        pages = self.list_window(shop_id, window).pages(concurrency=self.concurrency)
        try:
            async with aclosing(pages):
                async for page in pages:
                    yield page
                    if check.filter_ignored:
                        return
        except _READING_FAILED as error:
            check.fail(str(error))
