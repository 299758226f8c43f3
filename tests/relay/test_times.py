"""Quiet hours, retries and the morning's work, by rules alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.records import KYIV
from smartkasa_async.relay import QuietHours
from smartkasa_async.relay.times import (
    GIVE_UP_AFTER,
    day_due,
    in_kyiv,
    is_given_up,
    pause_after,
    read_time,
    until_due,
    wait_before_retry,
)

NIGHT = QuietHours(time(22), time(8))


def kyiv(text: str, *, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=KYIV, fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("hours", "now", "end"),
    [
        (NIGHT, "2026-11-20T21:59", None),
        (NIGHT, "2026-11-20T22:00", "2026-11-21T08:00"),
        (NIGHT, "2026-11-20T23:59", "2026-11-21T08:00"),
        (NIGHT, "2026-11-21T00:00", "2026-11-21T08:00"),
        (NIGHT, "2026-11-21T07:59", "2026-11-21T08:00"),
        (NIGHT, "2026-11-21T08:00", None),
        (QuietHours(time(13), time(14)), "2026-11-20T13:30", "2026-11-20T14:00"),
        (QuietHours(time(13), time(14)), "2026-11-20T14:00", None),
        (QuietHours(time(0), time(6)), "2026-11-20T00:00", "2026-11-20T06:00"),
    ],
)
def test_quiet_hours_end_by_the_clock_in_kyiv(hours: QuietHours, now: str, end: str | None) -> None:
    assert hours.end_at(kyiv(now)) == (None if end is None else kyiv(end))


@pytest.mark.parametrize(
    ("evening", "hours"), [("2026-10-24T22:00", 11), ("2027-03-27T22:00", 9), ("2026-11-20T22:00", 10)]
)
def test_a_night_lasts_an_hour_more_or_less_when_the_clocks_change(evening: str, hours: int) -> None:
    begins_at = kyiv(evening)
    assert NIGHT.end_at(begins_at) == begins_at + timedelta(hours=hours)


def test_an_hour_that_the_clock_shows_twice_is_quiet_once() -> None:
    hours = QuietHours(time(22), time(3, 30))  # on 25 October 2026, 3:00 to 4:00 comes twice
    assert hours.end_at(kyiv("2026-10-25T03:15")) == kyiv("2026-10-25T03:30")
    assert hours.end_at(kyiv("2026-10-25T03:30")) is None
    assert hours.end_at(kyiv("2026-10-25T03:15", fold=1)) is None


def test_an_end_that_the_clock_skips_comes_an_hour_later() -> None:
    hours = QuietHours(time(22), time(3, 30))  # on 28 March 2027, 3:00 to 4:00 does not come
    assert hours.end_at(kyiv("2027-03-28T02:59")) == kyiv("2027-03-28T04:30")


@pytest.mark.parametrize(("text", "hours"), [("22:00-08:00", NIGHT), ("22-8", NIGHT), ("22:00 – 8:00", NIGHT)])
def test_hours_are_read_as_people_write_them(text: str, hours: QuietHours) -> None:
    assert QuietHours.parse(text) == hours


@pytest.mark.parametrize("text", ["", "22:00", "22:00-24:00", "night", "8-8", "22:00-08:00-09:00"])
def test_other_texts_are_no_hours(text: str) -> None:
    with pytest.raises(InvalidRequestError, match="quiet_hours"):
        QuietHours.parse(text)


@pytest.mark.parametrize(("text", "clock"), [("9", time(9)), ("09:05", time(9, 5)), ("24:00", None), ("9.5", None)])
def test_times_are_read(text: str, clock: time | None) -> None:
    assert read_time(text) == clock


def test_waits_double_up_to_an_hour_and_vary_by_a_fifth() -> None:
    def middle(least: float, most: float) -> float:
        return (least + most) / 2

    assert [wait_before_retry(attempts, middle) for attempts in (1, 2, 3, 10, 11, 1000)] == [
        5, 10, 20, 2560, 3600, 3600,
    ]  # fmt: skip
    assert wait_before_retry(1, min) == 4
    assert wait_before_retry(1, max) == 6
    assert [pause_after(failures) for failures in (1, 2, 3, 7, 1000)] == [1, 2, 4, 60, 60]


def test_a_message_is_given_up_three_days_after_its_first_attempt() -> None:
    first = kyiv("2026-11-20T12:00")
    assert not is_given_up(first, first + GIVE_UP_AFTER - timedelta(seconds=1))
    assert is_given_up(first, first + GIVE_UP_AFTER)


def test_yesterday_is_due_once_from_the_hour_on() -> None:
    nine, yesterday = time(9), date(2026, 11, 19)
    assert day_due(kyiv("2026-11-20T08:59"), nine, None) is None
    assert day_due(kyiv("2026-11-20T09:00"), nine, None) == yesterday
    assert day_due(kyiv("2026-11-20T23:59"), nine, date(2026, 11, 10)) == yesterday
    assert day_due(kyiv("2026-11-20T09:00"), nine, yesterday) is None
    assert day_due(kyiv("2026-11-21T00:30"), nine, yesterday) is None


def test_the_next_hour_is_of_today_or_tomorrow_whatever_the_clocks_do() -> None:
    nine = time(9)
    assert until_due(kyiv("2026-11-20T08:00"), nine) == 3600
    assert until_due(kyiv("2026-11-20T09:00"), nine) == 86_400
    assert until_due(kyiv("2026-10-24T09:00"), nine) == 25 * 3600
    assert in_kyiv(date(2026, 10, 25), time(3, 30)) == kyiv("2026-10-25T03:30")
