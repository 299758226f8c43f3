"""Figures keep their sums whatever steps they go over to."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartkasa_async.records.days import Window
from smartkasa_async.reports.page.time_buckets import MOST_NUMBERS, Cubes, Step, Table, first_day

YEAR = Window(date(2025, 4, 3), date(2026, 4, 1))
CELLS = st.tuples(
    st.sampled_from([1, 2, None]), st.integers(0, 363).map(lambda n: YEAR.start + timedelta(days=n)), st.integers(0, 3)
)


def sums(cubes: Cubes, table: Table, step: Step) -> dict[tuple[int | None, date, int], int]:
    """The first figure of a table by shop, step and key; the table must be in shorter steps, or in these."""
    found: defaultdict[tuple[int | None, date, int], int] = defaultdict(int)
    firsts = cubes.spans(table)[1]
    for shop in (1, 2, None):
        for place, key, numbers in cubes.rows(table, shop):
            found[shop, first_day(firsts[place], step), key] += numbers[0]
    return dict(found)


@given(added=st.lists(st.tuples(CELLS, st.integers(1, 10**12)), max_size=60), most=st.integers(20, 250))
def test_months_have_the_same_sums_in_each_step(
    added: list[tuple[tuple[int | None, date, int], int]], most: int
) -> None:
    by_day, coarse = Cubes(YEAR), Cubes(YEAR, most)
    for (shop, day, key), amount in added:
        for cubes in (by_day, coarse):
            cubes.add(Table.MEANS, shop, day, (amount, 0), key)
    step = coarse.spans(Table.MEANS)[0]
    longest = step if step is Step.YEAR else Step.MONTH
    assert sums(coarse, Table.MEANS, longest) == sums(by_day, Table.MEANS, longest)


@pytest.mark.parametrize("step", Step)
@given(day=st.dates(date(2024, 1, 1), date(2027, 12, 31)))
def test_each_step_is_made_of_whole_shorter_ones(step: Step, day: date) -> None:
    shorter = [*Step][: [*Step].index(step) + 1]
    assert {first_day(first_day(day, one), step) for one in shorter} == {first_day(day, step)}
    assert first_day(day, step) <= day


def test_steps_cover_the_window_without_a_gap() -> None:
    for most, step in ((MOST_NUMBERS, Step.DAY), (400, Step.WEEK), (150, Step.MONTH), (20, Step.YEAR)):
        cubes = Cubes(YEAR, most)
        for number in range(364):
            cubes.add(Table.HOURS, 1, YEAR.start + timedelta(days=number), (1, 1))
        found, firsts = cubes.spans(Table.HOURS)
        assert found is step
        assert firsts == sorted({first_day(YEAR.start + timedelta(days=number), step) for number in range(364)})
        assert sum(numbers[0] for _, _, numbers in cubes.rows(Table.HOURS, 1)) == 364


def test_the_largest_table_makes_room() -> None:
    cubes = Cubes(YEAR, 1_000)
    for number in range(100):
        day = YEAR.start + timedelta(days=number)
        cubes.add(Table.TURNOVER, 1, day, (1, 1, 0, 0))
        for product in range(10):
            cubes.add(Table.PRODUCTS, 1, day, (1, 1), product)
    assert cubes.spans(Table.TURNOVER)[0] is Step.DAY
    assert cubes.spans(Table.PRODUCTS)[0] is Step.MONTH


def test_what_is_outside_the_window_counts_for_its_edge() -> None:
    cubes = Cubes(YEAR)
    cubes.add(Table.SHIFTS, 1, YEAR.end + timedelta(days=2), (1, 1, 0, 0, 0, 0, 0))
    assert cubes.rows(Table.SHIFTS, 1) == [(363, 0, [1, 1, 0, 0, 0, 0, 0])]


@pytest.mark.parametrize("most", [MOST_NUMBERS, 25])
def test_the_rest_makes_a_table_come_to_the_turnover(most: int) -> None:
    cubes = Cubes(YEAR, most)
    for number in range(9):
        day = YEAR.start + timedelta(days=10 * number)
        cubes.add(Table.TURNOVER, 1, day, (1_000, 1, 30, 1))
        cubes.add(Table.MEANS, 1, day, (900 + number % 2 * 100, 30), 7)
    cubes.add_rest(Table.MEANS, -1)
    assert sum(cubes.figures(Table.MEANS, 0)) == 9_000
    assert cubes.sums(Table.MEANS, 0) == {7: 8_500, -1: 500}
    assert cubes.sums(Table.MEANS, 1)[7] == 270


def test_too_many_products_leave_the_other_figures_their_steps() -> None:
    cubes = Cubes(YEAR, 3_000)
    for number in range(364):
        day = YEAR.start + timedelta(days=number)
        cubes.add(Table.TURNOVER, 1, day, (10, 1, 0, 0))
        for product in range(1_000):
            cubes.add(Table.PRODUCTS, 1, day, (product, 1), product)
    cubes.drop_smallest(Table.PRODUCTS, 0)
    kept = cubes.sums(Table.PRODUCTS, 0)
    assert set(kept) == set(range(1_000 - len(kept), 1_000))
    assert kept[999] == 999 * 364
    sizes = [len(cubes.rows(table, 1)) * (width + 2) for table, width in ((Table.TURNOVER, 4), (Table.PRODUCTS, 2))]
    assert sum(sizes) <= 3_000
    assert cubes.spans(Table.TURNOVER)[0] in {Step.DAY, Step.WEEK}


def test_nothing_is_dropped_where_there_is_room() -> None:
    cubes = Cubes(YEAR, 1_000)
    for product in range(150):
        cubes.add(Table.PRODUCTS, 1, YEAR.start, (product, 1), product)
    cubes.drop_smallest(Table.PRODUCTS, 0)
    assert len(cubes.sums(Table.PRODUCTS, 0)) == 150
