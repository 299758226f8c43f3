"""The simulated business: opening hours, busy days and hours, daylight saving."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest

from smartkasa_async.sandbox.business import Business, Simulation, simulate
from smartkasa_async.sandbox.business.hours import KYIV, at_kyiv, demand, visits, working_hours
from smartkasa_async.sandbox.business.identity import generator
from smartkasa_async.sandbox.business.profiles import PROFILES

BY_DAY, CLOSED_SUNDAYS, AROUND_THE_CLOCK, _ = PROFILES
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


@pytest.fixture(scope="module")
def year() -> Business:
    return simulate(Simulation(shops=3, terminals_per_shop=1, days=365, start=date(2026, 1, 1), receipts_per_day=6))


@pytest.mark.parametrize(
    ("day", "offset"), [(SPRING - timedelta(days=1), 2), (SPRING, 3), (AUTUMN - timedelta(days=1), 3), (AUTUMN, 2)]
)
def test_noon_in_kyiv_follows_daylight_saving(day: date, offset: int) -> None:
    noon = at_kyiv(day, time(12))
    assert noon == datetime(day.year, day.month, day.day, 12 - offset, tzinfo=UTC)
    assert noon.tzinfo is UTC


@pytest.mark.parametrize(("day", "length"), [(SPRING, 11), (SPRING - timedelta(days=1), 12), (AUTUMN, 13)])
def test_the_shift_after_midnight_is_as_long_as_the_night(day: date, length: int) -> None:
    (opens, closes), (again, ends) = working_hours(AROUND_THE_CLOCK, day, generator(1), split=False)
    assert abs(closes - opens - timedelta(hours=length)) < timedelta(minutes=10)
    assert closes < again < ends
    assert opens.astimezone(KYIV).date() == ends.astimezone(KYIV).date() == day


def test_a_day_may_be_split_in_two_shifts() -> None:
    whole = working_hours(BY_DAY, AUTUMN, generator(1), split=False)
    halves = working_hours(BY_DAY, AUTUMN, generator(1), split=True)
    assert (len(whole), len(halves)) == (1, 2)
    assert halves[0][1] < halves[1][0]


@pytest.mark.parametrize("day", [SPRING, AUTUMN, date(2026, 7, 1)])
@pytest.mark.parametrize("count", [0, 1, 40, 5000])
def test_visits_rise_within_the_shift(day: date, count: int) -> None:
    for opens, closes in working_hours(AROUND_THE_CLOCK, day, generator(1), split=True):
        times = visits(opens, closes, count, generator(2))
        assert len(times) == count
        assert all(before < after for before, after in pairwise([opens, *times, closes]))


@pytest.mark.parametrize("day", [date(2026, 1, 14), date(2026, 7, 15)])
def test_most_customers_come_at_six_in_the_evening_by_the_kyiv_clock(day: date) -> None:
    _, (opens, closes) = working_hours(AROUND_THE_CLOCK, day, generator(1), split=False)
    hours = Counter(at.astimezone(KYIV).hour for at in visits(opens, closes, 20_000, generator(2)))
    assert hours.most_common(1)[0][0] == 18
    assert hours[18] > 4 * hours[23]


def test_saturdays_are_busier_than_mondays() -> None:
    assert demand(date(2026, 10, 3), 1000, generator(3)) > demand(date(2026, 10, 5), 1000, generator(3))


def test_an_average_week_brings_the_average_demand() -> None:
    chance = generator(4)
    week = [demand(date(2026, 10, 5) + timedelta(days=n), 1000, chance) for n in range(700)]
    assert sum(week) / len(week) == pytest.approx(1000, rel=0.01)


def test_receipts_lie_within_their_shift_and_shifts_within_the_kyiv_day(year: Business) -> None:
    shifts = {row["id"]: row for row in year.rows["shifts"]}
    for row in year.rows["receipts"]:
        shift = shifts[row["shift_id"]]
        assert shift["opened_at"] < row["created_at"] < shift["closed_at"]
    for shift in shifts.values():
        assert shift["opened_at"].astimezone(KYIV).date() == shift["closed_at"].astimezone(KYIV).date()


def test_shifts_of_a_terminal_do_not_overlap(year: Business) -> None:
    for terminal in year.rows["terminals"]:
        shifts = [row for row in year.rows["shifts"] if row["terminal_id"] == terminal["id"]]
        assert all(before["closed_at"] < after["opened_at"] for before, after in pairwise(shifts))


def test_opening_times_keep_to_the_kyiv_clock_all_year(year: Business) -> None:
    opened = [row["opened_at"] for row in year.rows["shifts"] if row["shop_id"] == year.rows["shops"][0]["id"]]
    firsts = {at.astimezone(KYIV).hour for at in opened} - {14}
    assert firsts == {8}
    assert {at.hour for at in opened if at.astimezone(KYIV).hour == 8} == {5, 6}


def test_one_shop_is_closed_on_sundays_and_every_shop_on_some_day(year: Business) -> None:
    first, second, third = (row["id"] for row in year.rows["shops"])
    worked = {shop_id: set[date]() for shop_id in (first, second, third)}
    for row in year.rows["shifts"]:
        worked[row["shop_id"]].add(row["opened_at"].astimezone(KYIV).date())
    assert 6 not in {day.weekday() for day in worked[second]}
    assert {6} <= {day.weekday() for day in worked[first]}
    assert all(len(days) < 365 for days in worked.values())


def test_receipts_after_midnight_in_kyiv_are_of_another_day_in_utc(year: Business) -> None:
    times = [row["created_at"] for row in year.rows["receipts"]]
    assert any(at.astimezone(KYIV).date() != at.date() for at in times)
