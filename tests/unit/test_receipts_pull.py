from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, cast

import pytest

from smartkasa_async.errors import ConnectionLostError, PaginationError
from smartkasa_async.pagination import Page
from smartkasa_async.receipts import SyncProgress, Window
from smartkasa_async.receipts.pull import Pull
from smartkasa_async.stores import StoreError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from smartkasa_async.pagination import Pages

FIRST = Window(date(2026, 10, 1), date(2026, 10, 7))
SECOND = Window(date(2026, 10, 8), date(2026, 10, 14))


@dataclass(frozen=True)
class Record:
    id: str
    shop_id: int
    created_at: datetime


@dataclass(frozen=True)
class Meta:
    total_count: int


class Listing:
    """Pages that are given, and perhaps an error after them."""

    def __init__(self, pages: Sequence[Sequence[Record]], *, total: int, error: Exception | None = None) -> None:
        self._pages = pages
        self._total = total
        self._error = error
        self.given = 0
        self.closed = False

    async def pages(self, *, concurrency: int) -> AsyncIterator[Page[Record]]:
        assert concurrency == 2
        try:
            for records in self._pages:
                self.given += 1
                yield Page(list(records), Meta(self._total))
            if self._error is not None:
                raise self._error
        finally:
            self.closed = True


def record(id_: str, shop_id: int = 1, day: int = 2) -> Record:
    return Record(id_, shop_id, datetime(2026, 10, day, 12, tzinfo=UTC))


class Run:
    """One pull over listings by shop and window."""

    def __init__(self, listings: dict[tuple[int, Window], Listing]) -> None:
        self.listings = listings
        self.written: list[str] = []
        self.counted: Counter[int] = Counter()
        self.progress: list[SyncProgress] = []
        self.refused: str | None = None

    async def write(self, records: Sequence[Record]) -> None:
        if self.refused in {one.id for one in records}:
            raise StoreError("disk full")
        self.written += [one.id for one in records]

    def count(self, shop_id: int, records: Sequence[Record]) -> None:
        self.counted[shop_id] += len(records)

    def pull(self) -> Pull[Record]:
        return Pull(
            list_window=lambda shop_id, window: cast("Pages[Any]", self.listings[shop_id, window]),
            write=self.write,
            count=self.count,
            concurrency=2,
            on_progress=self.progress.append,
        )


async def test_every_page_of_every_window_of_every_shop_is_written() -> None:
    run = Run(
        {
            (1, FIRST): Listing([[record("a"), record("b")], [record("c")]], total=3),
            (2, FIRST): Listing([[record("d", shop_id=2)]], total=1),
            (1, SECOND): Listing([[record("e", day=9)]], total=1),
            (2, SECOND): Listing([[]], total=0),
        }
    )

    assert await run.pull().run([1, 2], [FIRST, SECOND]) == {}

    assert sorted(run.written) == ["a", "b", "c", "d", "e"]
    assert run.counted == {1: 4, 2: 1}
    assert run.progress[-1] == SyncProgress(windows=4, windows_done=4, records=5)


@pytest.mark.parametrize(
    "error",
    [
        ConnectionLostError("the connection broke"),
        PaginationError("2 records were read where the service counts 3", received=2),
    ],
)
async def test_a_window_that_fails_is_named_and_the_others_go_on(error: Exception) -> None:
    failing = Listing([[record("a"), record("b")]], total=3, error=error)
    run = Run({(1, FIRST): failing, (1, SECOND): Listing([[record("e", day=9)]], total=1)})

    incomplete = await run.pull().run([1], [FIRST, SECOND])

    (window,) = incomplete[1]
    assert (window.window, window.reason) == (FIRST, str(error))
    assert str(window) == f"2026-10-01…2026-10-07: {error}"
    assert sorted(run.written) == ["a", "b", "e"]
    assert run.progress[-1].windows_done == 2


async def test_a_list_that_ends_short_is_named() -> None:
    run = Run({(1, FIRST): Listing([[record("a")]], total=2)})
    incomplete = await run.pull().run([1], [FIRST])
    assert incomplete[1][0].reason == "1 records came where the service counts 2"


async def test_incomplete_windows_stand_in_order() -> None:
    run = Run({(1, window): Listing([], total=0, error=ConnectionLostError("cut")) for window in (SECOND, FIRST)})
    incomplete = await run.pull().run([1], [SECOND, FIRST])
    assert [one.window for one in incomplete[1]] == [FIRST, SECOND]


async def test_reading_stops_where_the_service_ignores_the_filter() -> None:
    everything = Listing([[record("x", day=20)], [record("y", day=19)], [record("a")]], total=3)
    run = Run({(1, FIRST): everything})

    incomplete = await run.pull().run([1], [FIRST])

    assert everything.given == 1
    assert everything.closed
    assert "does not filter as asked" in incomplete[1][0].reason
    assert run.counted == {1: 0}


async def test_a_store_that_cannot_write_ends_the_run() -> None:
    listing = Listing([[record("a")], [record("b")]], total=2)
    run = Run({(1, FIRST): listing})
    run.refused = "a"

    with pytest.raises(StoreError, match="disk full"):
        await run.pull().run([1], [FIRST])
    assert listing.closed
