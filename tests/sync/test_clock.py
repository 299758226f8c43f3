"""Syncs on a machine whose clock is wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async import ClockSkewError
from smartkasa_async._core import pipeline as _calls
from smartkasa_async._support import clock as _clock
from smartkasa_async.records import RecordKind, Window, business_day
from smartkasa_async.stores.schema import RECEIPTS
from smartkasa_async.sync import sync_receipts
from tests.support.listing_service import NOON, ListingService
from tests.support.shifting_list import served
from tests.support.stored import rows

if TYPE_CHECKING:
    from smartkasa_async.stores import Store
    from smartkasa_async.sync import ReceiptsReport

START = date(2026, 10, 1)
FORTY_DAYS = timedelta(days=40)


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    """What stores remember is tested with each database elsewhere."""
    return sqlite_store


class Machine:
    """A machine that syncs by its own clock, `ahead` of the service's."""

    def __init__(self, patch: pytest.MonkeyPatch, store: Store, service: ListingService) -> None:
        self.store, self.service = store, service
        self.ahead = timedelta(0)
        patch.setattr(_clock, "now", lambda: self.service.now + self.ahead)

    async def sync(self, start: date = START, **options: Any) -> ReceiptsReport:
        self.service.asked.clear()
        async with served(self.service) as kasa:
            return await sync_receipts(kasa, self.store, start=start, **options)

    async def kept(self) -> set[str]:
        return {row["id"] for row in await rows(self.store, RECEIPTS) if row["deleted_at"] is None}

    def go_on(self, days: int) -> None:
        """Let days pass, with a receipt on each, and one that comes a day late."""
        for _ in range(days):
            self.service.now += timedelta(days=1)
            self.service.sell(self.service.now - timedelta(hours=1))
            self.service.sell(self.service.now - timedelta(days=1, hours=2))


@pytest.fixture(params=["with a date", "without a date"])
def machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, store: Store) -> Machine:
    service = ListingService()
    if request.param == "without a date":
        service.tell = None
    service.sell_daily(START, date(2026, 10, 20))
    return Machine(monkeypatch, store, service)


@pytest.mark.parametrize(("ahead", "pause"), [(2, 0), (2, 5), (40, 0), (40, 5), (40, 39), (40, 41), (400, 5)])
async def test_a_run_with_the_clock_ahead_hides_nothing_from_right_ones(
    machine: Machine, ahead: int, pause: int
) -> None:
    machine.ahead = timedelta(days=ahead)
    await machine.sync(accept_clock_skew=True)
    machine.ahead = timedelta(0)
    machine.go_on(pause)
    for _ in range(2):
        assert (await machine.sync()).complete
        assert await machine.kept() == set(machine.service.receipts)
        machine.go_on(5)


async def test_several_runs_with_the_clock_ahead_hide_nothing_either(machine: Machine) -> None:
    for _ in range(4):
        machine.ahead = FORTY_DAYS
        await machine.sync(accept_clock_skew=True)
        machine.go_on(1)
    machine.ahead = timedelta(0)
    machine.go_on(6)
    await machine.sync()
    assert await machine.kept() == set(machine.service.receipts)


async def test_a_run_with_the_clock_behind_reads_less_and_hides_nothing(machine: Machine) -> None:
    await machine.sync()
    machine.ahead = -timedelta(days=10)
    machine.go_on(1)
    report = await machine.sync(accept_clock_skew=True)
    assert report.window == Window(START, business_day(machine.service.now - timedelta(days=10)))
    machine.ahead = timedelta(0)
    await machine.sync()
    assert await machine.kept() == set(machine.service.receipts)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, store: Store) -> Machine:
    """A machine with a service that tells the time."""
    service = ListingService()
    service.sell_daily(START, date(2026, 10, 20))
    return Machine(monkeypatch, store, service)


@pytest.mark.parametrize("ahead", [FORTY_DAYS, timedelta(hours=2), -timedelta(hours=2), -FORTY_DAYS])
async def test_hours_between_the_clocks_stop_a_sync_before_it_reads(told: Machine, ahead: timedelta) -> None:
    told.ahead = ahead
    with pytest.raises(ClockSkewError, match="By this machine's clock it is 2026-") as caught:
        await told.sync(end=date(2026, 10, 5))
    assert caught.value.seconds == pytest.approx(ahead.total_seconds(), abs=3)
    assert told.service.asked == []
    assert await told.store.synced_ranges(RecordKind.RECEIPTS, 1) == []


@pytest.mark.parametrize(("minutes", "note"), [(0, ""), (4, ""), (10, "10 min ahead"), (-10, "10 min behind")])
async def test_minutes_between_the_clocks_are_told(told: Machine, minutes: int, note: str) -> None:
    told.ahead = timedelta(minutes=minutes)
    report = await told.sync()
    assert report.clock_skew == pytest.approx(minutes * 60, abs=3)
    line = str(report).splitlines()[-1]
    assert (note in line) if note else ("clock" not in str(report))


async def test_an_accepted_difference_is_told_and_days_count_as_over_by_both_clocks(told: Machine) -> None:
    told.ahead = FORTY_DAYS
    report = await told.sync(accept_clock_skew=True)
    assert "clock is 40 d 0 h ahead" in str(report)
    (synced,) = await told.store.synced_ranges(RecordKind.RECEIPTS, 1)
    assert synced.window == Window(START, date(2026, 10, 16))
    assert synced.read_at < told.service.now + timedelta(minutes=1)


async def test_a_service_that_tells_a_wrong_time_costs_reading_only(told: Machine) -> None:
    told.service.tell = lambda _: "Thu, 01 Jan 1970 00:00:00 GMT"
    with pytest.raises(ClockSkewError, match="by the service's 1970-01-01"):
        await told.sync()
    report = await told.sync(accept_clock_skew=True)
    assert report.complete
    assert await told.kept() == set(told.service.receipts)
    assert await told.store.synced_ranges(RecordKind.RECEIPTS, 1) == []


@pytest.mark.parametrize("text", ["", "soon", "Mon, 99 Foo 2026 99:99:99 GMT"])
async def test_a_date_that_is_none_is_as_if_there_were_none(told: Machine, text: str) -> None:
    told.ahead = FORTY_DAYS
    told.service.tell = lambda _: text
    report = await told.sync()
    assert report.clock_skew is None


async def test_what_a_cache_kept_for_a_day_is_no_skew(told: Machine) -> None:
    told.service.headers = ("Age: 86400",)
    told.service.tell = lambda moment: f"{moment - timedelta(days=1):%a, %d %b %Y %H:%M:%S} GMT"
    report = await told.sync()
    assert report.clock_skew is not None
    assert abs(report.clock_skew) < 5


async def test_a_clock_that_jumps_while_days_are_read_settles_none_too_early(told: Machine) -> None:
    def jump(number: int) -> None:
        if number == 1:
            told.ahead = FORTY_DAYS

    told.service.before = jump
    with pytest.raises(ClockSkewError):
        await told.sync(end=date(2026, 11, 20))
    (synced,) = await told.store.synced_ranges(RecordKind.RECEIPTS, 1)
    assert synced.window.end == date(2026, 10, 16)
    assert await told.kept() == set(told.service.receipts)


async def test_a_clock_that_was_ahead_and_is_set_while_days_are_read_settles_none_too_early(machine: Machine) -> None:
    def set_right(number: int) -> None:
        if number == 1:
            machine.ahead = timedelta(0)

    machine.ahead = FORTY_DAYS
    machine.service.before = set_right
    await machine.sync(accept_clock_skew=True)
    machine.go_on(5)
    await machine.sync()
    assert await machine.kept() == set(machine.service.receipts)


@pytest.mark.parametrize(
    ("moment", "last"),
    [
        ("2026-10-24T20:59:59Z", 22),
        ("2026-10-24T21:00:00Z", 23),  # midnight in Kyiv, summer time
        ("2026-10-25T21:59:59Z", 23),
        ("2026-10-25T22:00:00Z", 24),  # midnight in Kyiv, the clocks went back
    ],
)
async def test_a_day_is_over_at_midnight_in_kyiv(told: Machine, moment: str, last: int) -> None:
    told.service.now = datetime.fromisoformat(moment)
    await told.sync(lookback_days=1)
    (synced,) = await told.store.synced_ranges(RecordKind.RECEIPTS, 1)
    assert synced.window.end == date(2026, 10, last)


async def test_a_clock_that_is_ahead_by_minutes_does_not_end_a_day(told: Machine) -> None:
    told.service.now = datetime(2026, 10, 24, 20, 50, tzinfo=UTC)  # ten to twelve in Kyiv
    told.ahead = timedelta(minutes=20)
    await told.sync(lookback_days=0)
    (synced,) = await told.store.synced_ranges(RecordKind.RECEIPTS, 1)
    assert synced.window.end == date(2026, 10, 23)


async def test_midnight_that_passes_while_days_are_read_does_not_end_one(machine: Machine) -> None:
    def pass_midnight(number: int) -> None:
        if number == 0:
            machine.service.now += timedelta(minutes=20)

    machine.service.now = datetime(2026, 10, 20, 20, 50, tzinfo=UTC)  # ten to twelve in Kyiv
    machine.service.before = pass_midnight
    await machine.sync(lookback_days=0)
    assert max(one.window.end for one in await machine.store.synced_ranges(RecordKind.RECEIPTS, 1)) == date(
        2026, 10, 19
    )


async def test_a_time_that_is_told_only_while_days_are_read_counts(
    told: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell, told.service.tell = told.service.tell, None

    def tell_it(_: int) -> None:
        told.service.tell = tell

    monkeypatch.setattr(_calls, "_SECONDS_OF_A_DATE", 0.0)
    told.service.before = tell_it
    told.ahead = FORTY_DAYS
    await told.sync(accept_clock_skew=True)
    assert max(one.window.end for one in await told.store.synced_ranges(RecordKind.RECEIPTS, 1)) == date(2026, 10, 16)


def test_noon_is_noon() -> None:
    assert business_day(NOON) == date(2026, 10, 20)
