"""Lists that come page by page, from a stand-in for the service that may misbehave."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartkasa_async import (
    InvalidRequestError,
    PageSizeClampedWarning,
    PaginationError,
    UnreadableAnswerError,
    UnreadableRecord,
    UnreadableRecordsError,
)
from smartkasa_async._generated import operations
from smartkasa_async.models import CountMeta, PageMeta
from smartkasa_async.operations import find
from smartkasa_async.pagination import Pages

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_NUMBERED = find("GET", "/api/v1/pos/terminals")
_WHOLE = find("GET", "/api/v1/inventory/product_subgroups")


@dataclass
class _Row:
    id: int


@dataclass
class _Answer:
    data: list[_Row]
    meta: Any


@dataclass
class _Shelf:
    """A list of the service: `before` may change it or an answer, by the number of the page."""

    ids: list[int]
    largest: int = 100
    change: Callable[[int, _Answer], None] = lambda _page, _answer: None
    asked: list[int] = field(default_factory=list)
    running: int = 0
    most_running: int = 0
    gate: asyncio.Event | None = None
    cancelled: list[int] = field(default_factory=list)
    unreadable: dict[int, list[UnreadableRecord]] = field(default_factory=dict)

    async def fetch(self, query: Mapping[str, object]) -> tuple[_Answer, list[UnreadableRecord]]:
        page, size = query.get("page") or 1, min(int(str(query.get("per_page") or 25)), self.largest)
        assert isinstance(page, int)
        self.asked.append(page)
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            if self.gate is not None and page > 1:
                await self.gate.wait()
            # Later pages are ready sooner, so that order has to be kept and not found.
            for _ in range(max(0, 20 - page)):
                await asyncio.sleep(0)
        except asyncio.CancelledError:
            self.cancelled.append(page)
            raise
        finally:
            self.running -= 1
        return self._answer(page, size), self.unreadable.get(page, [])

    async def waits_for(self, running: int) -> None:
        """Give way until so many fetches run."""
        while self.running < running:  # noqa: ASYNC110  (they stand still at the gate then)
            await asyncio.sleep(0)

    def _answer(self, page: int, size: int) -> _Answer:
        total = -(-len(self.ids) // size)
        meta = PageMeta(
            current_page=page,
            next_page=page + 1 if page < total else None,
            prev_page=page - 1 if page > 1 else None,
            total_pages=total,
            total_count=len(self.ids),
            limit_value=size,
            offset_value=(page - 1) * size,
        )
        answer = _Answer([_Row(number) for number in self.ids[(page - 1) * size : page * size]], meta)
        self.change(page, answer)
        return answer

    def pages(self, *, limit: int | None = None, **query: object) -> Pages[_Row]:
        return Pages(_NUMBERED, self.fetch, query, limit=limit)


async def _ids(pages: Pages[_Row], concurrency: int = 1) -> list[int]:
    return [row.id async for page in pages.pages(concurrency=concurrency) for row in page]


# --- what comes ---


async def test_iterating_gives_all_records_of_all_pages() -> None:
    shelf = _Shelf(list(range(60)))
    assert [row.id async for row in shelf.pages()] == shelf.ids
    assert shelf.asked == [1, 2, 3]


async def test_awaiting_gives_the_first_page_only() -> None:
    shelf = _Shelf(list(range(60)))
    page = await shelf.pages(per_page=10)
    assert (len(page), [row.id for row in page]) == (10, list(range(10)))
    assert (page.meta.total_count, page.meta.next_page) == (60, 2)
    assert shelf.asked == [1]


async def test_nothing_is_fetched_before_it_is_wanted() -> None:
    shelf = _Shelf([1])
    shelf.pages()
    shelf.pages().pages()
    await asyncio.sleep(0)
    assert shelf.asked == []


async def test_empty_list_is_empty() -> None:
    shelf = _Shelf([])
    assert await _ids(shelf.pages()) == []
    assert len(await shelf.pages()) == 0


async def test_pages_can_be_read_twice() -> None:
    pages = _Shelf(list(range(30))).pages()
    assert await _ids(pages) == await _ids(pages)


async def test_query_goes_with_every_page() -> None:
    seen: list[Mapping[str, object]] = []

    async def fetch(query: Mapping[str, object]) -> tuple[_Answer, list[UnreadableRecord]]:
        seen.append(query)
        return await _Shelf(list(range(6))).fetch(query)

    await _ids(Pages(_NUMBERED, fetch, {"shop_id": 7, "per_page": 2, "page": None}))
    assert seen == [
        {"shop_id": 7, "per_page": 2, "page": None},
        {"shop_id": 7, "per_page": 2, "page": 2},
        {"shop_id": 7, "per_page": 2, "page": 3},
    ]


@pytest.mark.parametrize(
    ("limit", "per_page", "asked"), [(3, 10, [1]), (10, 10, [1]), (11, 10, [1, 2]), (99, 10, [1, 2, 3])]
)
async def test_limit_counts_records_not_pages(limit: int, per_page: int, asked: list[int]) -> None:
    shelf = _Shelf(list(range(30)))
    assert await _ids(shelf.pages(limit=limit, per_page=per_page)) == list(range(30))[:limit]
    assert shelf.asked == asked


async def test_limit_cuts_the_first_page_too() -> None:
    assert len(await _Shelf(list(range(30))).pages(limit=3)) == 3


@pytest.mark.parametrize("limit", [0, -1])
def test_limit_below_one_is_refused(limit: int) -> None:
    with pytest.raises(InvalidRequestError, match="limit"):
        _Shelf([]).pages(limit=limit)


@pytest.mark.parametrize("name", ["limit", "page", "per_page"])
@pytest.mark.parametrize("value", [0, 2.5, True, "3"])
def test_limits_and_pages_are_whole_numbers_from_one(name: str, value: Any) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        _Shelf([]).pages(**{name: value})
    assert refused.value.field == name


async def test_reading_begins_at_the_page_that_was_asked_for() -> None:
    shelf = _Shelf(list(range(30)))
    assert await _ids(shelf.pages(page=3, per_page=10)) == list(range(20, 30))
    assert shelf.asked == [3]


async def test_page_beyond_the_end_is_empty() -> None:
    assert await _ids(_Shelf(list(range(30))).pages(page=9, per_page=10)) == []


# --- side by side ---


@pytest.mark.parametrize("concurrency", [1, 2, 4, 50])
async def test_concurrency_keeps_order_and_bound(concurrency: int) -> None:
    shelf = _Shelf(list(range(95)))
    assert await _ids(shelf.pages(per_page=10), concurrency) == shelf.ids
    assert shelf.asked == list(range(1, 11))
    assert shelf.most_running == min(concurrency, 9)


async def test_concurrency_of_nothing_is_one_after_the_other() -> None:
    shelf = _Shelf(list(range(30)))
    assert await _ids(shelf.pages(per_page=10), 0) == list(range(30))
    assert shelf.most_running == 1


async def test_concurrency_fetches_no_page_that_limit_makes_needless() -> None:
    shelf = _Shelf(list(range(95)))
    assert await _ids(shelf.pages(per_page=10, limit=25), 8) == list(range(25))
    assert shelf.asked == [1, 2, 3]


@given(st.integers(0, 40), st.integers(1, 12), st.integers(1, 6), st.none() | st.integers(1, 45), st.integers(1, 5))
def test_any_split_gives_the_same_records(
    total: int, per_page: int, concurrency: int, limit: int | None, page: int
) -> None:
    shelf = _Shelf(list(range(total)))
    wanted = shelf.ids[(page - 1) * per_page :][:limit]
    found = asyncio.run(_ids(shelf.pages(per_page=per_page, page=page, limit=limit), concurrency))
    assert found == wanted


async def test_leaving_half_way_cancels_what_is_being_fetched() -> None:
    shelf = _Shelf(list(range(95)), gate=asyncio.Event())
    async with aclosing(shelf.pages(per_page=10).pages(concurrency=4)) as pages:
        await anext(pages)
        second = asyncio.ensure_future(anext(pages))
        await shelf.waits_for(4)
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
    assert shelf.running == 0
    assert sorted(shelf.cancelled) == [2, 3, 4, 5]


async def test_leaving_waits_until_what_is_being_fetched_has_ended() -> None:
    ended: list[int] = []
    shelf = _Shelf(list(range(95)), gate=asyncio.Event())

    async def fetch(query: Mapping[str, object]) -> tuple[_Answer, list[UnreadableRecord]]:
        try:
            return await shelf.fetch(query)
        finally:
            for _ in range(5):  # closing a connection takes its time
                await asyncio.sleep(0)
            ended.append(int(str(query.get("page", 1))))

    pages = Pages(_NUMBERED, fetch, {"per_page": 10}).pages(concurrency=4)
    await anext(pages)
    second = asyncio.ensure_future(anext(pages))
    await shelf.waits_for(4)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    await pages.aclose()
    assert sorted(ended) == [1, 2, 3, 4, 5]


async def test_breaking_out_of_the_loop_cancels_what_is_being_fetched() -> None:
    shelf = _Shelf(list(range(95)))
    before = asyncio.all_tasks()
    pages = shelf.pages(per_page=10).pages(concurrency=4)
    async for page in pages:
        if page.meta.current_page == 2:
            shelf.gate = asyncio.Event()
            break
    await pages.aclose()
    assert shelf.running == 0
    assert asyncio.all_tasks() == before


async def test_leaving_the_records_closes_the_pages() -> None:
    shelf = _Shelf(list(range(95)))
    records = aiter(shelf.pages(per_page=10))
    await anext(records)
    await records.aclose()  # type: ignore[attr-defined]
    assert shelf.asked == [1]
    assert shelf.running == 0


async def test_failed_page_ends_the_others() -> None:
    def fail(page: int, _answer: _Answer) -> None:
        if page == 5:  # later ones are ready sooner
            raise ConnectionError("page 5")

    shelf = _Shelf(list(range(95)), change=fail)
    with pytest.raises(ConnectionError, match="page 5"):
        await _ids(shelf.pages(per_page=10), 4)
    assert shelf.running == 0


# --- what does not fit ---


async def _refused(change: Callable[[int, _Answer], None], *, concurrency: int = 1) -> PaginationError:
    with pytest.raises(PaginationError) as caught:
        await _ids(_Shelf(list(range(30)), change=change).pages(per_page=10), concurrency)
    assert caught.value.operation == "listTerminals"
    return caught.value


@pytest.mark.parametrize("concurrency", [1, 4])
async def test_repeated_page_is_an_error(concurrency: int) -> None:
    def repeat(_page: int, answer: _Answer) -> None:
        answer.data = [_Row(number) for number in range(10)]

    error = await _refused(repeat, concurrency=concurrency)
    assert (error.received, error.expected) == (10, None)


async def test_service_that_ignores_page_is_an_error() -> None:
    def ignore(_page: int, answer: _Answer) -> None:
        answer.meta.current_page, answer.meta.next_page = 1, 2

    assert "page 1 came" in str(await _refused(ignore))


async def test_next_page_after_an_empty_one_is_no_endless_loop() -> None:
    def more(page: int, answer: _Answer) -> None:
        answer.meta.next_page = page + 1

    error = await _refused(more)
    assert error.received == 30
    assert "empty" in str(error)


async def test_next_page_that_is_not_ahead_is_read_on_to_the_end() -> None:
    def stuck(page: int, answer: _Answer) -> None:
        if page == 3:
            answer.meta.next_page = 3

    shelf = _Shelf(list(range(30)), change=stuck)
    assert await _ids(shelf.pages(per_page=10)) == list(range(30))
    assert shelf.asked == [1, 2, 3, 4]


async def test_page_size_of_zero_is_no_size() -> None:
    def sizeless(_page: int, answer: _Answer) -> None:
        answer.meta.limit_value = 0

    assert await _ids(_Shelf(list(range(30)), change=sizeless).pages(limit=28)) == list(range(28))


async def test_count_that_ends_as_many_as_were_read_but_changed_is_an_error() -> None:
    def shrink(page: int, answer: _Answer) -> None:
        answer.meta.total_count = 30 if page == 1 else 29

    error = await _refused(shrink)
    assert (error.received, error.expected) == (30, 30)


@pytest.mark.parametrize("count", [29, 31])
async def test_count_that_does_not_fit_is_an_error(count: int) -> None:
    def miscount(_page: int, answer: _Answer) -> None:
        answer.meta.total_count = count

    error = await _refused(miscount)
    assert (error.received, error.expected) == (30, count)


async def test_count_that_changes_is_an_error() -> None:
    def grow(page: int, answer: _Answer) -> None:
        answer.meta.total_count = 30 + page

    error = await _refused(grow)
    assert (error.received, error.expected) == (30, 33)


async def test_list_that_shifts_gives_each_record_once_and_then_an_error() -> None:
    shelf = _Shelf(list(range(30)))

    def shift(page: int, _answer: _Answer) -> None:
        if page == 1:
            shelf.ids.insert(0, 100)

    shelf.change = shift
    received = []
    with pytest.raises(PaginationError) as caught:  # noqa: PT012  (what came before the error counts)
        async for row in shelf.pages(per_page=10):
            received.append(row.id)  # noqa: PERF401
    assert received == list(range(30))
    assert caught.value.expected == 31


async def test_limit_that_is_reached_asks_for_no_count() -> None:
    def miscount(_page: int, answer: _Answer) -> None:
        answer.meta.total_count = 7

    assert len(await _ids(_Shelf(list(range(30)), change=miscount).pages(limit=12, per_page=10))) == 12


async def test_clamped_page_size_is_told_and_loses_nothing() -> None:
    shelf = _Shelf(list(range(30)), largest=10)
    with pytest.warns(PageSizeClampedWarning, match="800 records a page were asked for, the service gives 10"):
        assert await _ids(shelf.pages(per_page=800)) == shelf.ids
    with pytest.warns(PageSizeClampedWarning):
        assert len(await shelf.pages(per_page=800)) == 10


async def test_page_size_that_is_kept_warns_not() -> None:
    assert len(await _ids(_Shelf(list(range(30))).pages(per_page=100))) == 30


# --- lists that come whole ---


def _whole(count: int, *, limit: int | None = None, total: int | None = None) -> Pages[_Row]:
    async def fetch(_query: Mapping[str, object]) -> tuple[_Answer, list[UnreadableRecord]]:
        meta = CountMeta(total_count=count if total is None else total)
        return _Answer([_Row(number) for number in range(count)], meta), []

    return Pages(_WHOLE, fetch, {}, limit=limit)


async def test_whole_list_is_one_page() -> None:
    assert await _ids(_whole(40), concurrency=4) == list(range(40))
    assert [row.id async for row in _whole(40)] == list(range(40))
    assert (await _whole(40)).meta.total_count == 40


async def test_limit_cuts_a_whole_list() -> None:
    assert await _ids(_whole(40, limit=3)) == [0, 1, 2]
    assert len(await _whole(40, limit=3)) == 3
    assert await _ids(_whole(2, limit=3)) == [0, 1]


@pytest.mark.parametrize("total", [39, 41])
async def test_whole_list_that_is_not_whole_is_an_error(total: int) -> None:
    with pytest.raises(PaginationError) as caught:
        await _ids(_whole(40, total=total))
    assert (caught.value.received, caught.value.expected) == (40, total)
    assert caught.value.operation == _WHOLE.id


# --- records that cannot be read ---


def _unreadable(page: int, number: int, id: int | None) -> UnreadableRecord:
    return UnreadableRecord(
        "listTerminals", page, number, id, "$.name", "Expected `str`, got `object`", b"[%d, %d]" % (page, number)
    )


async def test_a_record_that_cannot_be_read_costs_itself_alone() -> None:
    def lose(page: int, answer: _Answer) -> None:
        answer.data = [row for row in answer.data if row.id != 4]

    shelf = _Shelf(list(range(9)), change=lose, unreadable={2: [_unreadable(2, 2, 4)]})
    read: list[int] = []

    async def collect() -> None:
        async for row in shelf.pages(per_page=3):
            read.append(row.id)  # noqa: PERF401  (what came before the error counts)

    with pytest.raises(UnreadableRecordsError) as caught:
        await collect()
    assert read == [0, 1, 2, 3, 5, 6, 7, 8]
    assert [record.id for record in caught.value.records] == [4]
    assert str(caught.value) == (
        "listTerminals: 1 record cannot be read, all others were given: record 4 (number 2 of page 2) at $.name:"
        " Expected `str`, got `object`"
    )


async def test_records_that_cannot_be_read_are_handed_over_where_they_are_wanted() -> None:
    def lose(page: int, answer: _Answer) -> None:
        answer.data = answer.data[1:]

    found: list[UnreadableRecord] = []
    lost = {page: [_unreadable(page, 1, None)] for page in (1, 2)}
    shelf = _Shelf(list(range(6)), change=lose, unreadable=lost)
    pages = Pages(_NUMBERED, shelf.fetch, {"per_page": 3}, on_unreadable=found.append)

    assert await _ids(pages, concurrency=2) == [1, 2, 4, 5]
    assert [(record.page, record.number) for record in found] == [(1, 1), (2, 1)]
    assert [row.id for row in await pages] == [1, 2]


async def test_a_page_of_which_nothing_can_be_read_does_not_end_the_list() -> None:
    def lose(page: int, answer: _Answer) -> None:
        if page == 1:
            answer.data = []

    lost = {1: [_unreadable(1, number, number) for number in (1, 2)]}
    shelf = _Shelf(list(range(1, 5)), change=lose, unreadable=lost)
    with pytest.raises(UnreadableRecordsError, match="2 records cannot be read"):
        await _ids(shelf.pages(per_page=2))
    assert shelf.asked == [1, 2]


async def test_the_same_record_twice_on_a_page_is_noticed() -> None:
    def repeat(page: int, answer: _Answer) -> None:
        if page == 1:
            answer.data[1] = answer.data[0]

    shelf = _Shelf(list(range(4)), change=repeat)
    with pytest.raises(PaginationError, match="3 records were read where the service counts 4"):
        await _ids(shelf.pages(per_page=2))


@pytest.mark.parametrize("rest", [b"", b', "meta": {}', b', "meta": {"current_page": "first"}'])
def test_a_list_that_is_unreadable_in_its_records_and_as_a_whole_is_an_unreadable_answer(rest: bytes) -> None:
    with pytest.raises(UnreadableAnswerError, match="Unreadable answer at") as refused:
        operations.LIST_SHOPS.decode_page(b'{"data": [{"id": []}]' + rest + b"}", page=1)
    assert refused.value.operation == "listShops"


# --- what it says of itself ---


def test_a_list_names_what_it_is_asked_for_but_no_values() -> None:
    pages = Pages(
        find("GET", "/api/v1/rsn/employees"), _Shelf([]).fetch, {"phone_number": "380971234567", "page": None}
    )
    assert repr(pages) == "<Pages of listEmployees by phone_number>"
    assert repr(Pages(_NUMBERED, _Shelf([]).fetch, {}, limit=3)) == "<Pages of listTerminals by limit=3>"
    assert repr(Pages(_NUMBERED, _Shelf([]).fetch, {})) == "<Pages of listTerminals>"


def test_for_over_a_list_says_to_write_async_for() -> None:
    pages: Any = Pages(_NUMBERED, _Shelf([1]).fetch, {})
    with pytest.raises(TypeError, match="write `async for`"):
        list(pages)
