from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartkasa_async.records import Window
from smartkasa_async.records.synced_days import final_part, halves, missing_ranges

OCTOBER = Window(date(2026, 10, 1), date(2026, 10, 31))


def october(first: int, last: int) -> Window:
    return Window(date(2026, 10, first), date(2026, 10, last))


@pytest.mark.parametrize(
    ("synced_ranges", "left"),
    [
        ([], [OCTOBER]),
        ([OCTOBER], []),
        ([Window(date(2026, 9, 1), date(2026, 11, 30))], []),
        ([october(1, 20)], [october(21, 31)]),
        ([october(20, 31)], [october(1, 19)]),
        ([october(5, 5), october(8, 20)], [october(1, 4), october(6, 7), october(21, 31)]),
        ([Window(date(2026, 8, 1), date(2026, 8, 31)), Window(date(2026, 12, 1), date(2026, 12, 2))], [OCTOBER]),
        (
            [Window(date(2026, 9, 20), date(2026, 10, 3)), Window(date(2026, 10, 30), date(2026, 11, 5))],
            [october(4, 29)],
        ),
    ],
)
def test_what_is_not_covered_is_left(synced_ranges: list[Window], left: list[Window]) -> None:
    assert list(missing_ranges(OCTOBER, synced_ranges)) == left


@given(st.sets(st.integers(0, 40)), st.integers(0, 40), st.integers(0, 10))
def test_each_day_is_covered_or_left(days: set[int], first: int, length: int) -> None:
    origin = date(2026, 1, 1)

    def numbers(window: Window) -> range:
        return range((window.start - origin).days, (window.end - origin).days + 1)

    synced_ranges: list[Window] = []
    for day in sorted(days):
        moment = origin + timedelta(days=day)
        if synced_ranges and synced_ranges[-1].end + timedelta(days=1) == moment:
            moment_before = synced_ranges.pop().start
            synced_ranges.append(Window(moment_before, moment))
        else:
            synced_ranges.append(Window(moment, moment))
    asked = Window(origin + timedelta(days=first), origin + timedelta(days=first + length))

    left = [day for window in missing_ranges(asked, synced_ranges) for day in numbers(window)]

    assert left == [day for day in numbers(asked) if day not in days]


@pytest.mark.parametrize(
    ("today", "lookback_days", "settled"),
    [
        (date(2026, 11, 10), 3, OCTOBER),
        (date(2026, 11, 4), 3, OCTOBER),
        (date(2026, 11, 3), 3, october(1, 30)),
        (date(2026, 10, 10), 3, october(1, 6)),
        (date(2026, 10, 10), 0, october(1, 9)),
        (date(2026, 10, 5), 3, october(1, 1)),
        (date(2026, 10, 4), 3, None),
        (date(2026, 10, 1), 0, None),
        (date(2026, 9, 1), 0, None),
    ],
)
def test_a_day_is_settled_so_many_days_after_its_end(today: date, lookback_days: int, settled: Window | None) -> None:
    assert final_part(OCTOBER, today=today, lookback_days=lookback_days) == settled


def test_halves_of_a_window() -> None:
    assert halves(october(1, 7)) == (october(1, 4), october(5, 7))
    assert halves(october(1, 2)) == (october(1, 1), october(2, 2))
    assert halves(october(1, 1)) == ()
