"""Lists that come page by page, checked against the service's own counts."""

from __future__ import annotations

import asyncio
import warnings
from collections import deque
from contextlib import aclosing
from dataclasses import dataclass
from itertools import count
from math import ceil
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar

from smartkasa_async._i18n.message import argument, msg, nmsg
from smartkasa_async.errors import (
    InvalidRequestError,
    PageSizeClampedWarning,
    PaginationError,
    UnreadableRecordsError,
)

if TYPE_CHECKING:
    from collections.abc import (
        AsyncGenerator,
        AsyncIterator,
        Awaitable,
        Callable,
        Generator,
        Iterator,
        Mapping,
        Sequence,
    )

    from smartkasa_async._base.operation import ListAnswer, Operation
    from smartkasa_async.errors import UnreadableRecord

__all__ = ["Fetched", "Page", "Pages", "warn_if_clamped"]

RecordT = TypeVar("RecordT")

Fetched = tuple["ListAnswer[RecordT]", "Sequence[UnreadableRecord]"]
"""A page, and those of its records that cannot be read."""


@dataclass(frozen=True, slots=True)
class Page(Generic[RecordT]):
    """One page of a list; iterating it gives its records.

    Attributes:
        data: The records.
        meta: Position of the page in its list: `PageMeta`, or `CountMeta` for lists that come whole.
        unreadable: Records of the page that do not have the documented form.
    """

    data: list[RecordT]
    meta: Any
    unreadable: tuple[UnreadableRecord, ...] = ()

    def __iter__(self) -> Iterator[RecordT]:
        return iter(self.data)

    def __len__(self) -> int:
        return len(self.data)


class Pages(Generic[RecordT]):
    """A list of the API: `async for` gives its records, `.pages()` its pages, `await` its first page.

    Each record comes once. One that does not have the documented form costs itself alone: all others are given, and
    then `UnreadableRecordsError` is raised, or `on_unreadable` was called with each of them and nothing is raised.
    A page that is repeated raises at once; when the records turn out not to be what the service
    counted (they shifted while they were read, or the count is wrong), `PaginationError` is raised after the last one.

    Args:
        operation: The list operation.
        fetch: Fetches one page, given its query parameters by their wire names.
        query: Query parameters that all pages share; `page` is where to begin.
        limit: Most records to give in total; None for all.
        on_unreadable: Called with each record that does not have the documented form.
    """

    def __init__(
        self,
        operation: Operation[ListAnswer[RecordT]],
        fetch: Callable[[Mapping[str, object]], Awaitable[Fetched[RecordT]]],
        query: Mapping[str, object],
        *,
        limit: int | None = None,
        on_unreadable: Callable[[UnreadableRecord], None] | None = None,
    ) -> None:
        for name, number in (("limit", limit), ("page", query.get("page")), ("per_page", query.get("per_page"))):
            if number is not None and (type(number) is not int or number < 1):
                raise InvalidRequestError(
                    msg("{field} is {value!r}; give a whole number from 1", field=argument(name), value=number),
                    field=name,
                )
        self._operation = operation
        self._fetch = fetch
        self._query = query
        self._limit = limit
        self._on_unreadable = on_unreadable

    def __repr__(self) -> str:
        """Name the operation and what it is asked for; values may be personal, such as a phone number."""
        given = [name for name, value in self._query.items() if value is not None]
        given += [] if self._limit is None else [f"limit={self._limit}"]
        return f"<Pages of {self._operation.id}{' by ' if given else ''}{', '.join(given)}>"

    if not TYPE_CHECKING:  # type checkers report it by themselves

        def __iter__(self) -> NoReturn:
            raise TypeError("Pages come from the service one by one: write `async for`, or `await` for the first page")

    def __await__(self) -> Generator[Any, None, Page[RecordT]]:
        return self._first().__await__()

    async def __aiter__(self) -> AsyncIterator[RecordT]:
        async with aclosing(self.pages()) as pages:
            async for page in pages:
                for record in page.data:
                    yield record

    async def pages(self, *, concurrency: int = 1) -> AsyncGenerator[Page[RecordT], None]:
        """Yield the pages in order, fetched concurrently.

        Args:
            concurrency: How many pages to fetch at once; the client's own limit holds as well.

        Raises:
            PaginationError: A page was repeated, or the records are not those that the service counted.
            UnreadableRecordsError: Records do not have the documented form; after the last page.
        """
        if self._operation.pages != "numbered":
            page = await self._fetch_first()
            _check_whole(self._operation.id, page, self._limit)
            yield page
            self._raise_if(self._hand_over(page))
            return
        check = _ListCheck(self._operation.id, self._query, self._limit)
        # Tasks of its own rather than a task group: a generator may be left half-way, and must not hold a cancel scope.
        tasks: deque[asyncio.Task[Fetched[RecordT]]] = deque()
        numbers = count(check.first_number + 1)
        unreadable: list[UnreadableRecord] = []
        try:
            page = check.accept(*await self._fetch(self._query))
            unreadable += self._hand_over(page)
            yield page
            while not check.complete:
                while len(tasks) < min(max(1, concurrency), check.pages_left):
                    tasks.append(asyncio.ensure_future(self._fetch({**self._query, "page": next(numbers)})))
                page = check.accept(*await tasks.popleft())
                unreadable += self._hand_over(page)
                yield page
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        check.finish()
        self._raise_if(unreadable)

    async def _first(self) -> Page[RecordT]:
        page = await self._fetch_first()
        self._raise_if(self._hand_over(page))
        return page

    async def _fetch_first(self) -> Page[RecordT]:
        answer, unreadable = await self._fetch(self._query)
        warn_if_clamped(self._query, answer.meta)
        return Page(list(answer.data)[: self._limit], answer.meta, tuple(unreadable))

    def _hand_over(self, page: Page[RecordT]) -> Sequence[UnreadableRecord]:
        """Pass a page's unreadable records to `on_unreadable`; return those that nobody has taken."""
        if self._on_unreadable is None:
            return page.unreadable
        for record in page.unreadable:
            self._on_unreadable(record)
        return ()

    @staticmethod
    def _raise_if(unreadable: Sequence[UnreadableRecord]) -> None:
        if unreadable:
            raise UnreadableRecordsError(unreadable)


class _ListCheck:
    """Compares the pages of one list with each other and with their metadata."""

    def __init__(self, operation: str, query: Mapping[str, object], limit: int | None) -> None:
        self._operation = operation
        self._query = query
        self._limit = limit
        page = query.get("page")
        self.first_number = page if isinstance(page, int) else 1
        self._number = self.first_number - 1
        self._pages = self.first_number
        self._page_size = 1
        self._received = 0
        self._counts: set[int] = set()
        self._before = 0
        self._previous: set[object] = set()
        self.complete = False

    @property
    def pages_left(self) -> int:
        """Number of pages that are still to come, as far as is known."""
        left = self._pages - self._number
        if self._limit is not None:
            left = min(left, ceil((self._limit - self._received) / self._page_size))
        return max(1, left)

    def accept(self, answer: ListAnswer[RecordT], unreadable: Sequence[UnreadableRecord]) -> Page[RecordT]:
        """Take the next page, without the records that came before: on the page before it, or on the same page."""
        self._number += 1
        meta = answer.meta
        if self._number == self.first_number:
            warn_if_clamped(self._query, meta)
            self._before = meta.offset_value
        lost = {each.id if each.id is not None else each.raw: each for each in unreadable}
        ids = {getattr(record, "id", None) for record in answer.data} | set(lost)
        if meta.current_page != self._number or (ids and ids == self._previous):
            raise PaginationError(
                nmsg(
                    "Page {asked} was asked for and page {page} came, or the same page came twice;"
                    " {count} record was read before it",
                    "Page {asked} was asked for and page {page} came, or the same page came twice;"
                    " {count} records were read before it",
                    self._received,
                    asked=self._number,
                    page=meta.current_page,
                ),
                operation=self._operation,
                received=self._received,
            )
        if not ids and meta.next_page:
            raise PaginationError(
                nmsg(
                    "Page {page} is empty, and still the service names a next one; {count} record was read before it",
                    "Page {page} is empty, and still the service names a next one; {count} records were read before it",
                    self._received,
                    page=self._number,
                ),
                operation=self._operation,
                received=self._received,
            )
        fresh = list(self._fresh(answer.data))
        kept = [each for key, each in lost.items() if key not in self._previous]
        self._previous = ids
        if self._limit is not None:
            fresh = fresh[: self._limit - self._received]
        self._received += len(fresh) + len(kept)
        self._counts.add(meta.total_count)
        self._pages = max(meta.total_pages, meta.next_page or 0)
        self._page_size = max(1, meta.limit_value)
        self.complete = self._received == self._limit or not meta.next_page
        return Page(fresh, meta, tuple(kept))

    def _fresh(self, records: Sequence[RecordT]) -> Iterator[RecordT]:
        seen = set(self._previous)
        for record in records:
            key = getattr(record, "id", None)
            if key is None or key not in seen:
                seen.add(key)
                yield record

    def finish(self) -> None:
        """Compare the number of records with the service's count, unless a limit cut the list."""
        expected = max(0, max(self._counts) - self._before)
        if self._received == self._limit or (len(self._counts) == 1 and self._received == expected):
            return
        raise PaginationError(
            nmsg(
                "{count} record was read where the service counts {expected}:"
                " the list changed while it was read, or its count is wrong; read it again",
                "{count} records were read where the service counts {expected}:"
                " the list changed while it was read, or its count is wrong; read it again",
                self._received,
                expected=expected,
            ),
            operation=self._operation,
            expected=expected,
            received=self._received,
        )


def _check_whole(operation: str, page: Page[Any], limit: int | None) -> None:
    expected, received = page.meta.total_count, len(page) + len(page.unreadable)
    if received != expected and len(page) != limit:
        raise PaginationError(
            nmsg(
                "{count} record came where the service counts {expected}",
                "{count} records came where the service counts {expected}",
                received,
                expected=expected,
            ),
            operation=operation,
            expected=expected,
            received=received,
        )


def warn_if_clamped(query: Mapping[str, object], meta: Any) -> None:
    """Warn that the service gives smaller pages than were asked for, where it does.

    Args:
        query: The query that was sent.
        meta: What the service states about the page.
    """
    asked = query.get("per_page")
    given = getattr(meta, "limit_value", None)
    if isinstance(asked, int) and given is not None and given < asked:
        message = msg("{asked} records a page were asked for, the service gives {given}", asked=asked, given=given)
        warnings.warn(message, PageSizeClampedWarning, stacklevel=3)
