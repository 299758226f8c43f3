from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.records import Window, business_day
from smartkasa_async.records.days import month_of, today

DAYS = st.dates(min_value=date(2015, 1, 1), max_value=date(2040, 12, 31))
MOMENTS = st.integers(min_value=0, max_value=25 * 365 * 86_400).map(
    lambda seconds: datetime(2015, 1, 2, tzinfo=UTC) + timedelta(seconds=seconds)
)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-07-31T20:59:59+00:00", date(2026, 7, 31)),  # summer, three hours ahead of UTC
        ("2026-07-31T21:00:00+00:00", date(2026, 8, 1)),
        ("2026-12-31T21:59:59+00:00", date(2026, 12, 31)),  # winter, two hours ahead
        ("2026-12-31T22:00:00+00:00", date(2027, 1, 1)),
        ("2026-08-01T00:30:00+03:00", date(2026, 8, 1)),
    ],
)
def test_business_day_is_the_day_in_kyiv(moment: str, day: date) -> None:
    assert business_day(datetime.fromisoformat(moment)) == day


def test_a_time_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="has no offset"):
        business_day(datetime(2026, 8, 1, 12))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 10, 26), 24)],
)
def test_days_on_which_the_clock_changes_are_shorter_and_longer(day: date, hours: int) -> None:
    window = Window(day, day)
    assert window.ends_at - window.begins_at == timedelta(hours=hours)


@given(DAYS, st.integers(min_value=0, max_value=60), st.floats(-0.5, 1.5))
def test_a_moment_is_in_the_window_exactly_between_its_bounds(first: date, days: int, place: float) -> None:
    window = Window(first, first + timedelta(days=days))
    moment = window.begins_at + place * (window.ends_at - window.begins_at)
    assert (moment in window) == (window.begins_at <= moment < window.ends_at)


@pytest.mark.parametrize("days", [0, 1])
def test_the_bounds_of_a_window_are_midnights_in_kyiv(days: int) -> None:
    window = Window(date(2026, 10, 25), date(2026, 10, 25 + days))
    assert window.begins_at.isoformat() == "2026-10-24T21:00:00+00:00"
    assert window.ends_at.isoformat() == f"2026-10-{25 + days}T22:00:00+00:00"
    moment = timedelta(microseconds=1)
    assert window.begins_at in window
    assert window.begins_at - moment not in window
    assert window.ends_at - moment in window
    assert window.ends_at not in window


@given(MOMENTS, st.integers(min_value=-12, max_value=14))
def test_the_offset_of_a_time_does_not_matter(moment: datetime, hours: int) -> None:
    assert business_day(moment.astimezone(timezone(timedelta(hours=hours)))) == business_day(moment)


@given(DAYS, st.integers(min_value=0, max_value=400), st.integers(min_value=1, max_value=40))
def test_split_covers_each_day_once(first: date, more: int, size: int) -> None:
    parts = list(Window(first, first + timedelta(days=more)).split(size))

    synced_ranges = [part.start + timedelta(days=n) for part in parts for n in range((part.end - part.start).days + 1)]
    assert synced_ranges == [first + timedelta(days=n) for n in range(more + 1)]
    assert all((part.end - part.start).days < size for part in parts)


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        (date(2026, 10, 2), date(2026, 10, 1), "end"),
        ("2026-10-01", date(2026, 10, 2), "start"),
        (date(2026, 10, 1), datetime(2026, 10, 2, tzinfo=UTC), "end"),
    ],
)
def test_bounds_that_are_no_days_are_refused(start: Any, end: Any, field: str) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        Window(start, end)
    assert refused.value.field == field
    assert field in str(refused.value)


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [("2028-02-29", "2028-02-01", "2028-02-29"), ("2026-12-01", "2026-12-01", "2026-12-31")],
)
def test_the_month_of_a_day_ends_with_its_last_day(day: str, first: str, last: str) -> None:
    assert month_of(date.fromisoformat(day)) == Window(date.fromisoformat(first), date.fromisoformat(last))


def test_today_is_the_day_in_kyiv() -> None:
    before = business_day(datetime.now(UTC))
    assert before <= today() <= business_day(datetime.now(UTC))
