"""Which days were read whole: how readings add up, and what a store remembers of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select

from smartkasa_async.records.batch import RecordKind
from smartkasa_async.records.days import KYIV, Window
from smartkasa_async.records.synced_days import DaysRead, ReadDays, ReadSpan, SyncedRange, spans_of, with_read
from smartkasa_async.stores import open_store
from smartkasa_async.stores.schema import SCHEMA_VERSIONS, SYNCED_DAYS, SYNCED_LISTS

if TYPE_CHECKING:
    from pathlib import Path

    from smartkasa_async.stores import Store

RECEIPTS, Z_REPORTS = RecordKind.RECEIPTS, RecordKind.Z_REPORTS
FIRST = date(2026, 10, 20)  # the clocks go back on the 25th


def day(number: int) -> date:
    return FIRST + timedelta(number)


def days(first: int, last: int) -> Window:
    return Window(day(first), day(last))


def at(number: int, hour: int = 12) -> datetime:
    return datetime.combine(day(number), datetime.min.time(), KYIV).replace(hour=hour).astimezone(UTC)


def read(*readings: tuple[int, int, datetime]) -> DaysRead:
    known: list[ReadDays] = []
    for first, last, read_at in readings:
        known = with_read(known, ReadDays(days(first, last), read_at))
    return DaysRead({(RECEIPTS, 13): spans_of(known)})


def test_a_day_that_was_over_is_read_whole_and_one_that_was_not_until_then() -> None:
    found = read((0, 5, at(5)))
    assert [number for number in range(-1, 8) if found.has_read_day(RECEIPTS, 13, day(number))] == [0, 1, 2, 3, 4]
    assert found.until(RECEIPTS, 13, at(5, 0)) == at(5)
    assert found.until(RECEIPTS, 13, at(5, 12)) is None
    assert found.has_read(RECEIPTS, 13, at(0, 0), at(5, 11))
    assert not found.has_read(RECEIPTS, 13, at(0, 0), at(5, 13))
    assert not found.has_read(RECEIPTS, 14, at(0, 0), at(1))
    assert not found.has_read(Z_REPORTS, 13, at(0, 0), at(1))


def test_days_that_had_not_begun_are_not_read_by_asking_for_them() -> None:
    found = read((0, 9, at(5)))
    assert found.until(RECEIPTS, 13, at(6, 1)) is None


def test_a_later_reading_that_ended_earlier_takes_nothing_away() -> None:
    assert read((5, 5, at(5, 18)), (5, 5, at(5, 9))).until(RECEIPTS, 13, at(5, 0)) == at(5, 18)
    assert read((0, 5, at(6)), (5, 5, at(5, 9))).has_read_day(RECEIPTS, 13, day(5))


def test_a_day_that_was_not_over_stays_so_between_others() -> None:
    found = read((0, 5, at(5)), (6, 8, at(12)))
    assert not found.has_read_day(RECEIPTS, 13, day(5))
    assert not found.has_read(RECEIPTS, 13, at(4), at(6))
    assert list(found.not_read(RECEIPTS, 13, days(0, 8), at(12))) == [days(5, 5)]
    assert list(read((0, 5, at(5)), (5, 8, at(12))).not_read(RECEIPTS, 13, days(0, 8), at(12))) == []


@pytest.mark.parametrize(
    ("window", "now", "expected"),
    [
        ((0, 4), at(5), []),
        ((0, 5), at(5, 20), []),
        ((0, 5), at(6), [(5, 5)]),
        ((-2, 7), at(6), [(-2, -1), (5, 7)]),
        ((8, 9), at(6), [(8, 9)]),
        ((0, 6), at(6), [(5, 6)]),
    ],
)
def test_what_was_not_read(window: tuple[int, int], now: datetime, expected: list[tuple[int, int]]) -> None:
    found = read((0, 5, at(5)))
    assert list(found.not_read(RECEIPTS, 13, days(*window), now)) == [days(*one) for one in expected]


def test_what_names_no_shop_was_read_where_all_shops_were() -> None:
    whole, part = spans_of([ReadDays(days(0, 5), at(9))]), spans_of([ReadDays(days(0, 3), at(9))])
    found = DaysRead({(RECEIPTS, 13): whole, (RECEIPTS, 14): part, (Z_REPORTS, 13): whole})
    assert found.has_read_day(RECEIPTS, None, day(3))
    assert not found.has_read_day(RECEIPTS, None, day(4))
    assert found.has_read_day(Z_REPORTS, None, day(4))
    assert not found.has_read_day(RecordKind.PRODUCT_SALES, None, day(3))


def test_where_all_was_read_nothing_is_missing() -> None:
    assert DaysRead().has_read_day(RECEIPTS, 13, day(0))
    assert list(DaysRead().not_read(RECEIPTS, 13, days(0, 9), at(0))) == []


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4), st.integers(0, 14), st.integers(0, 23)), max_size=8))
def test_readings_in_any_order_come_to_the_same(drawn: list[tuple[int, int, int, int]]) -> None:
    readings = [ReadDays(days(first, first + more), at(read_on, hour)) for first, more, read_on, hour in drawn]

    def added(some: list[ReadDays]) -> list[ReadSpan]:
        known: list[ReadDays] = []
        for one in some:
            known = with_read(known, one)
        assert all(one.window.end < other.window.start for one, other in pairwise(known))
        return spans_of(known)

    found = DaysRead({(RECEIPTS, 13): added(readings)})
    assert added(readings[::-1]) == added(readings)
    for number in range(-1, 15):
        window = days(number, number)
        is_whole = any(
            one.window.start <= day(number) <= one.window.end and one.read_at >= window.ends_at for one in readings
        )
        assert found.has_read_day(RECEIPTS, 13, day(number)) is is_whole


async def test_a_store_remembers_days_and_lists(store: Store) -> None:
    await store.note_read(RECEIPTS, at(9), shop_id=13, window=days(0, 3))
    await store.note_read(RECEIPTS, at(9), shop_id=13, window=days(4, 9))
    await store.note_read(RecordKind.SHIFTS, at(8))
    await store.note_read(RecordKind.SHIFTS, at(9))

    known = await store.days_read()

    assert known.spans == {(RECEIPTS, 13): [ReadSpan(days(0, 0).begins_at, at(9))]}
    assert known.lists == {RecordKind.SHIFTS: at(9)}


async def test_a_store_of_version_3_knows_what_was_settled(tmp_path: Path) -> None:
    path = tmp_path / "kasa.sqlite"
    async with open_store(path) as store:
        await store.mark_synced(RECEIPTS, 13, SyncedRange(days(0, 3), at(9)))
        async with store.engine.begin() as connection:
            for table in (SYNCED_DAYS, SYNCED_LISTS):
                await connection.run_sync(table.drop)
            await connection.execute(delete(SCHEMA_VERSIONS))
            await connection.execute(insert(SCHEMA_VERSIONS), [{"version": 3, "applied_at": at(9)}])

    async with open_store(path) as store:
        known = await store.days_read()
        async with store.reading() as connection:
            assert list(await connection.scalars(select(SYNCED_LISTS.c.kind))) == []

    assert known.spans == {(RECEIPTS, 13): [ReadSpan(days(0, 0).begins_at, days(3, 3).ends_at)]}
