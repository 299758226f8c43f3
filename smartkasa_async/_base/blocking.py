"""Base of the blocking client: an event loop in a thread of its own, to which other threads hand work."""

from __future__ import annotations

import os
import threading
from concurrent.futures import CancelledError
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Generic, ParamSpec, TypeVar
from weakref import finalize

from anyio.from_thread import start_blocking_portal

from smartkasa_async._i18n.message import msg
from smartkasa_async.errors import ClientClosedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterator
    from contextlib import AbstractAsyncContextManager, AbstractContextManager

    from anyio.from_thread import BlockingPortal

    from smartkasa_async.pagination import Page, Pages

P = ParamSpec("P")
AreaT = TypeVar("AreaT")
RecordT = TypeVar("RecordT")
ResultT = TypeVar("ResultT")

_of_other_processes: list[ExitStack] = []


async def finished(job: Awaitable[ResultT]) -> ResultT:
    """Await a job, in the thread of its loop."""
    return await job


class LoopThread:
    """An event loop in a thread of its own, which begins with the first call and ends with `close`.

    Any number of threads may use it at once. A process that was forked begins a thread of its own.

    Args:
        at_end: Called in the loop before it ends.
    """

    def __init__(self, at_end: Callable[[], Awaitable[None]]) -> None:
        self._at_end = at_end
        self._lock = threading.Lock()
        self._portal: BlockingPortal | None = None
        self._end: finalize[..., LoopThread] | None = None
        self._process = 0
        self._thread_id: int | None = None
        self._closed = False

    def open(self) -> None:
        """Allow calls, also after `close`."""
        self._closed = False

    def close(self) -> None:
        """End the loop and its thread; calls that run in other threads end with `ClientClosedError`."""
        self._refuse_own_thread()
        with self._lock:
            end, self._end = self._end, None
            self._portal, self._closed = None, True
        if end is not None:
            end()

    def run(self, function: Callable[P, Awaitable[ResultT]], *args: P.args, **kwargs: P.kwargs) -> ResultT:
        """Call an async function in the loop, and wait for what it returns.

        An interrupt (Ctrl-C) cancels it.

        Raises:
            ClientClosedError: It is closed, or was closed meanwhile.
            RuntimeError: The caller is in the loop itself, in a callback, and would wait for itself.
        """
        future = self._running_portal().start_task_soon(partial(function, *args, **kwargs))
        try:
            return future.result()
        except CancelledError:
            raise ClientClosedError(msg("The client was closed during the call")) from None
        finally:
            future.cancel()  # which does nothing to what is done
            del future  # its error knows this frame, and would keep all of it

    def iterate(self, items: AsyncIterable[ResultT]) -> Iterator[ResultT]:
        """Iterate in the loop; leaving it half-way ends the iteration there too."""
        iterator = aiter(items)
        try:
            while found := self.run(_next, iterator):
                yield found[0]
        finally:
            if self._portal is not None and hasattr(iterator, "aclose"):
                self.run(iterator.aclose)

    def entered(self, manager: AbstractAsyncContextManager[ResultT]) -> AbstractContextManager[ResultT]:
        """Make a context manager for `with` of one for `async with`."""
        return self._running_portal().wrap_async_context_manager(manager)

    def _refuse_own_thread(self) -> None:
        if threading.get_ident() == self._thread_id and os.getpid() == self._process:
            raise RuntimeError(
                "The blocking client is called in one of its own callbacks, such as on_progress or on_event, which run"
                " in its loop: the call would wait for itself. Keep what the callback needs, and call when the job has"
                " ended, or from another thread"
            )

    def _running_portal(self) -> BlockingPortal:
        self._refuse_own_thread()
        with self._lock:
            if self._closed:
                raise ClientClosedError(msg("The client is closed"))
            if self._portal is None or self._process != os.getpid():
                self._process = os.getpid()
                thread = ExitStack()
                self._portal = thread.enter_context(start_blocking_portal(name="smartkasa"))
                self._thread_id = self._portal.call(threading.get_ident)
                # Called also when nobody holds this any more, and at the end of the program.
                self._end = finalize(self, _end_loop, self._process, thread, self._portal, self._at_end)
            return self._portal


def _end_loop(process: int, thread: ExitStack, portal: BlockingPortal, at_end: Callable[[], Awaitable[None]]) -> None:
    if process != os.getpid():
        _of_other_processes.append(thread)  # there is no thread here that could end, nor must this one wait for it
        return
    with thread:
        thread.callback(portal.call, portal.stop, True)  # noqa: FBT003  (cancels what is left)
        portal.call(at_end)


async def _next(iterator: AsyncIterator[ResultT]) -> tuple[ResultT] | None:
    """Give the next item; None at the end, since an error would keep the frames that it went through."""
    async for item in iterator:
        return (item,)
    return None


class BlockingPages(Generic[RecordT]):
    """A list of the API: iterating it gives its records, `.pages()` its pages, `.first()` its first page.

    It checks itself, and raises at its end, as `Pages` does.

    Args:
        thread: Where the pages are fetched.
        pages: The list.
    """

    def __init__(self, thread: LoopThread, pages: Pages[RecordT]) -> None:
        self._thread = thread
        self._pages = pages

    def __repr__(self) -> str:
        return repr(self._pages)

    def __iter__(self) -> Iterator[RecordT]:
        for page in self.pages():
            yield from page

    def pages(self, *, concurrency: int = 1) -> Iterator[Page[RecordT]]:
        """Give the pages in order.

        Args:
            concurrency: How many pages to fetch at once; the client's own limit holds as well.

        Raises:
            PaginationError: A page was repeated, or the records are not those that the service counted.
            UnreadableRecordsError: Records do not have the documented form; after the last page.
        """
        return self._thread.iterate(self._pages.pages(concurrency=concurrency))

    def first(self) -> Page[RecordT]:
        """Fetch the first page."""
        return self._thread.run(finished, self._pages)


class BlockingArea(Generic[AreaT]):
    """One area of the API; its methods hand the calls of the async one to the loop's thread."""

    __slots__ = ("_area", "_thread")

    def __init__(self, thread: LoopThread, area: AreaT) -> None:
        self._thread = thread
        self._area = area

    def __repr__(self) -> str:
        return f"<blocking {self._area!r}>"
