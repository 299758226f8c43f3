"""Figures keep their sums whatever steps they go over to."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartkasa_async.records.days import Window
from smartkasa_async.reports.page.time_buckets import MOST_NUMBERS, BucketSize, Table, TimeBuckets, first_day

YEAR = Window(date(2025, 4, 3), date(2026, 4, 1))
CELLS = st.tuples(
    st.sampled_from([1, 2, None]), st.integers(0, 363).map(lambda n: YEAR.start + timedelta(days=n)), st.integers(0, 3)
)


def sums(buckets: TimeBuckets, table: Table, step: BucketSize) -> dict[tuple[int | None, date, int], int]:
    """The first figure of a table by shop, step and key; the table must be in shorter steps, or in these."""
    found: defaultdict[tuple[int | None, date, int], int] = defaultdict(int)
    firsts = buckets.spans(table)[1]
    for shop in (1, 2, None):
        for place, key, numbers in buckets.rows(table, shop):
            found[shop, first_day(firsts[place], step), key] += numbers[0]
    return dict(found)


@given(added=st.lists(st.tuples(CELLS, st.integers(1, 10**12)), max_size=60), most=st.integers(20, 250))
def test_months_have_the_same_sums_in_each_step(
    added: list[tuple[tuple[int | None, date, int], int]], most: int
) -> None:
    by_day, coarse = TimeBuckets(YEAR), TimeBuckets(YEAR, most)
    for (shop, day, key), amount in added:
        for buckets in (by_day, coarse):
            buckets.add(Table.MEANS, shop, day, (amount, 0), key)
    step = coarse.spans(Table.MEANS)[0]
    longest = step if step is BucketSize.YEAR else BucketSize.MONTH
    assert sums(coarse, Table.MEANS, longest) == sums(by_day, Table.MEANS, longest)


@pytest.mark.parametrize("step", BucketSize)
@given(day=st.dates(date(2024, 1, 1), date(2027, 12, 31)))
def test_each_step_is_made_of_whole_shorter_ones(step: BucketSize, day: date) -> None:
    shorter = [*BucketSize][: [*BucketSize].index(step) + 1]
    assert {first_day(first_day(day, one), step) for one in shorter} == {first_day(day, step)}
    assert first_day(day, step) <= day


def test_steps_cover_the_window_without_a_gap() -> None:
    for most, step in (
        (MOST_NUMBERS, BucketSize.DAY),
        (400, BucketSize.WEEK),
        (150, BucketSize.MONTH),
        (20, BucketSize.YEAR),
    ):
        buckets = TimeBuckets(YEAR, most)
        for number in range(364):
            buckets.add(Table.HOURS, 1, YEAR.start + timedelta(days=number), (1, 1))
        found, firsts = buckets.spans(Table.HOURS)
        assert found is step
        assert firsts == sorted({first_day(YEAR.start + timedelta(days=number), step) for number in range(364)})
        assert sum(numbers[0] for _, _, numbers in buckets.rows(Table.HOURS, 1)) == 364


def test_the_largest_table_makes_room() -> None:
    buckets = TimeBuckets(YEAR, 1_000)
    for number in range(100):
        day = YEAR.start + timedelta(days=number)
        buckets.add(Table.TURNOVER, 1, day, (1, 1, 0, 0))
        for product in range(10):
            buckets.add(Table.PRODUCTS, 1, day, (1, 1), product)
    assert buckets.spans(Table.TURNOVER)[0] is BucketSize.DAY
    assert buckets.spans(Table.PRODUCTS)[0] is BucketSize.MONTH


def test_what_is_outside_the_window_counts_for_its_edge() -> None:
    buckets = TimeBuckets(YEAR)
    buckets.add(Table.SHIFTS, 1, YEAR.end + timedelta(days=2), (1, 1, 0, 0, 0, 0, 0))
    assert buckets.rows(Table.SHIFTS, 1) == [(363, 0, (1, 1, 0, 0, 0, 0, 0))]


@pytest.mark.parametrize("most", [MOST_NUMBERS, 25])
def test_the_rest_makes_a_table_come_to_the_turnover(most: int) -> None:
    buckets = TimeBuckets(YEAR, most)
    for number in range(9):
        day = YEAR.start + timedelta(days=10 * number)
        buckets.add(Table.TURNOVER, 1, day, (1_000, 1, 30, 1))
        buckets.add(Table.MEANS, 1, day, (900 + number % 2 * 100, 30), 7)
    buckets.add_rest(Table.MEANS, -1)
    assert sum(buckets.figures(Table.MEANS, 0)) == 9_000
    assert buckets.sums(Table.MEANS, 0) == {7: 8_500, -1: 500}
    assert buckets.sums(Table.MEANS, 1)[7] == 270


def test_too_many_products_leave_the_other_figures_their_steps() -> None:
    buckets = TimeBuckets(YEAR, 3_000)
    for number in range(364):
        day = YEAR.start + timedelta(days=number)
        buckets.add(Table.TURNOVER, 1, day, (10, 1, 0, 0))
        for product in range(1_000):
            buckets.add(Table.PRODUCTS, 1, day, (product, 1), product)
    buckets.drop_smallest(Table.PRODUCTS, 0)
    kept = buckets.sums(Table.PRODUCTS, 0)
    assert set(kept) == set(range(1_000 - len(kept), 1_000))
    assert kept[999] == 999 * 364
    sizes = [len(buckets.rows(table, 1)) * (width + 2) for table, width in ((Table.TURNOVER, 4), (Table.PRODUCTS, 2))]
    assert sum(sizes) <= 3_000
    assert buckets.spans(Table.TURNOVER)[0] in {BucketSize.DAY, BucketSize.WEEK}


def test_nothing_is_dropped_where_there_is_room() -> None:
    buckets = TimeBuckets(YEAR, 1_000)
    for product in range(150):
        buckets.add(Table.PRODUCTS, 1, YEAR.start, (product, 1), product)
    buckets.drop_smallest(Table.PRODUCTS, 0)
    assert len(buckets.sums(Table.PRODUCTS, 0)) == 150
