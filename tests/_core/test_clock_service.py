"""The service's clock as its answers tell it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartkasa_async._support import clock as _clock
from smartkasa_async._support.clock import ServiceClock, answered_at, http_date, in_words
from smartkasa_async.retry import parse_retry_after
from tests.support.listing_service import NOON, ListingService
from tests.support.shifting_list import served


class Clocks:
    """This machine's clock, and the one that nobody can set."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.now, self.monotonic = NOON, 5000.0
        patch.setattr(_clock, "now", lambda: self.now)
        patch.setattr(time, "monotonic", lambda: self.monotonic)

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.monotonic += seconds


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    return Clocks(monkeypatch)


def told(moment: datetime) -> dict[str, str]:
    return {"Date": format_datetime(moment, usegmt=True)}


@pytest.mark.parametrize("seconds", [-86_400 * 40, -7200, -90, 120, 7200, 86_400 * 40])
def test_the_skew_is_that_of_the_clocks(clocks: Clocks, seconds: int) -> None:
    clock = ServiceClock()
    clock.hear(told(NOON - timedelta(seconds=seconds)), 0.0)
    assert clock.skew == pytest.approx(seconds, abs=1.0)
    clocks.pass_by(3000)
    assert clock.skew == pytest.approx(seconds, abs=1.0)


def test_an_answer_that_took_long_is_no_skew(clocks: Clocks) -> None:
    clock = ServiceClock()
    clock.hear(told(clocks.now - timedelta(seconds=600)), 600.0)
    assert clock.skew == 0.0


def test_a_clock_that_is_set_in_between_is_noticed_without_another_answer(clocks: Clocks) -> None:
    clock = ServiceClock()
    clock.hear(told(clocks.now), 0.0)
    clocks.now += timedelta(days=40)
    assert clock.skew == pytest.approx(86_400 * 40, abs=1.0)


def test_what_tells_no_time_changes_nothing(clocks: Clocks) -> None:
    clock = ServiceClock()
    clock.hear(told(clocks.now - timedelta(hours=3)), 0.0)
    for headers in ({}, {"Date": "soon"}, {"Date": ""}, {"Date": "Mon, 99 Foo 2026 99:99:99 GMT"}):
        clock.hear(headers, 0.0)
    assert clock.skew == pytest.approx(10_800, abs=1.0)


@pytest.mark.parametrize(
    ("age", "later"), [("0", 0), ("7200", 7200), ("-5", 0), ("soon", 0), ("", 0), ("9" * 30, 0), ("²", 0)]
)
def test_what_a_cache_kept_is_older_by_its_age(age: str, later: int) -> None:
    assert answered_at(told(NOON) | {"Age": age}) == NOON + timedelta(seconds=later)


@given(st.text() | st.from_regex(r"\w{3}, [0-9]{1,12} \w{3} [0-9]{1,12} [0-9:]{0,12} (GMT|[+-][0-9]{1,6})"))
def test_whatever_stands_for_a_date_is_read_or_not(text: str) -> None:
    moment = http_date(text)
    assert moment is None or moment.tzinfo is UTC


def test_an_age_beyond_the_calendar_is_none() -> None:
    assert answered_at({"Date": "Fri, 31 Dec 9999 23:59:59 GMT", "Age": "999999999"}) is None


async def test_a_client_tells_the_skew_of_the_last_answers() -> None:
    service = ListingService(tell=None)
    async with served(service) as kasa:
        assert kasa.clock_skew is None
        await kasa.shops.list()
        assert kasa.clock_skew is None
    service = ListingService(now=datetime.now(UTC) - timedelta(hours=5))
    async with served(service) as kasa:
        await kasa.shops.list()
        assert kasa.clock_skew == pytest.approx(18_000, abs=5)


async def test_dates_are_read_once_a_second_at_most() -> None:
    service = ListingService(now=datetime.now(UTC))
    async with served(service) as kasa:
        await kasa.shops.list()
        service.now -= timedelta(hours=5)
        for _ in range(3):
            await kasa.shops.list()
        assert kasa.clock_skew == pytest.approx(0, abs=5)


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(days=40), timedelta(days=-40)])
def test_a_date_to_retry_after_is_counted_from_the_date_of_the_answer(ahead: timedelta) -> None:
    headers = told(NOON) | {"Retry-After": format_datetime(NOON + timedelta(seconds=30), usegmt=True)}
    assert parse_retry_after(headers, NOON + ahead) == 30.0
    assert parse_retry_after({"Retry-After": headers["Retry-After"]}, NOON) == 30.0


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.4, "0 s"),
        (-45, "45 s"),
        (119, "119 s"),
        (120, "2 min"),
        (-750, "12 min"),
        (7170, "2 h 0 min"),
        (-7500, "2 h 5 min"),
        (86_400, "24 h 0 min"),
        (2 * 86_400, "2 d 0 h"),
        (40 * 86_400 + 3 * 3600, "40 d 3 h"),
        (1_790_000_000, "20717 d 14 h"),
    ],
)
def test_a_difference_is_told_in_units_of_its_size(seconds: float, words: str) -> None:
    assert str(in_words(seconds)) == words
