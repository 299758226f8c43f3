"""A watch on a machine whose clock is wrong."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async import ClockSkewError
from smartkasa_async._support import clock as _clock
from smartkasa_async.records.days import KYIV
from smartkasa_async.sync import watch as watching
from smartkasa_async.sync import watch_receipts
from tests.support.listing_service import NOON, ListingService
from tests.support.shifting_list import served

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from smartkasa_async.sync import WatchError

ONE_DAY = timedelta(days=1)


class _OverError(Exception):
    """The pauses of a watch are over."""


class Watcher:
    """Watches in rounds; between them something happens, and after the last one the watch ends."""

    def __init__(self, patch: pytest.MonkeyPatch, checkpoint: Path) -> None:
        self.service = ListingService()
        self.ahead = timedelta(0)
        self.told: list[str] = []
        self.troubles: list[WatchError] = []
        self._patch, self._position = patch, checkpoint
        patch.setattr(_clock, "now", lambda: self.service.now + self.ahead)

    async def watch(self, *acts: Callable[[], object], **options: Any) -> None:
        waiting = list(acts)

        async def pause(_: float) -> None:
            if not waiting:
                raise _OverError
            waiting.pop(0)()

        self._patch.setattr(watching, "sleep", pause)
        async with served(self.service) as kasa:
            changes = watch_receipts(kasa, checkpoint=self._position, on_error=self.troubles.append, **options)
            with suppress(_OverError):
                async for change in changes:
                    self.told.append(change.receipt_id)

    def sell(self) -> None:
        self.service.sell(self.service.now)

    def go_on(self, days: int) -> None:
        for _ in range(days):
            self.service.now += ONE_DAY
            self.sell()


@pytest.fixture
def watcher(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Watcher:
    return Watcher(monkeypatch, tmp_path / "position.json")


@pytest.mark.parametrize("tells", [True, False])
@pytest.mark.parametrize("pause", [1, 5, 20])
async def test_a_watch_with_the_clock_ahead_hides_nothing_from_a_right_one(
    watcher: Watcher, tells: bool, pause: int
) -> None:
    if not tells:
        watcher.service.tell = None
    await watcher.watch(watcher.sell, watcher.sell)
    watcher.ahead = 40 * ONE_DAY
    await watcher.watch(watcher.sell, lambda: None, accept_clock_skew=True)
    watcher.ahead = timedelta(0)
    watcher.go_on(pause)
    await watcher.watch(watcher.sell)
    assert set(watcher.told) == set(watcher.service.receipts)
    if not tells:
        (trouble,) = watcher.troubles
        assert "was saved by a clock that was ahead, on 2026-11-29; receipts since 2026-10-18" in trouble.reason


@pytest.mark.parametrize("days", [40, -40])
async def test_hours_between_the_clocks_end_a_watch_before_it_reads(watcher: Watcher, days: int) -> None:
    await watcher.watch(watcher.sell)
    watcher.ahead = days * ONE_DAY
    watcher.service.asked.clear()
    async with served(watcher.service) as kasa:
        changes = watch_receipts(kasa, checkpoint=None)
        with pytest.raises(ClockSkewError):
            await anext(changes)
    assert watcher.service.asked == []


async def test_minutes_between_the_clocks_are_told_once_until_they_agree(watcher: Watcher) -> None:
    def drift(minutes: int) -> Callable[[], None]:
        return lambda: setattr(watcher, "ahead", timedelta(minutes=minutes))

    watcher.ahead = timedelta(minutes=10)
    await watcher.watch(watcher.sell, watcher.sell, drift(0), drift(-10), watcher.sell)
    assert [trouble.reason.partition(" min ")[2] for trouble in watcher.troubles] == [
        "ahead of the service's; set it",
        "behind the service's; set it",
    ]


async def test_a_watch_begun_with_the_clock_ahead_tells_shops_that_open_later(watcher: Watcher) -> None:
    watcher.service.tell = None
    watcher.ahead = 40 * ONE_DAY
    await watcher.watch()
    watcher.ahead = timedelta(0)
    await watcher.watch()
    watcher.service.shops, watcher.service.opened[2] = (1, 2), NOON + ONE_DAY
    watcher.service.now += 2 * ONE_DAY
    sold = watcher.service.sell(watcher.service.now, shop=2)
    await watcher.watch()
    assert sold in watcher.told


LAWFUL = timedelta(hours=36)
"""How long a register may be offline on end."""


@pytest.mark.parametrize("month", [3, 10])
@pytest.mark.parametrize("hour", range(0, 24, 3))
@pytest.mark.parametrize("late", [timedelta(hours=12), LAWFUL, LAWFUL + timedelta(hours=10, minutes=59)])
async def test_what_a_register_sold_offline_is_told_when_it_comes(
    watcher: Watcher, month: int, hour: int, late: timedelta
) -> None:
    """Whatever the time of day, and over the nights in which summer time begins and ends."""
    midnight = {3: datetime(2026, 3, 30, tzinfo=KYIV), 10: datetime(2026, 10, 26, tzinfo=KYIV)}[month]
    comes = midnight.astimezone(UTC) + timedelta(hours=hour)
    watcher.service.now = comes - 4 * ONE_DAY
    await watcher.watch(watcher.sell)
    watcher.service.now = comes
    sold: list[str] = []
    await watcher.watch(lambda: sold.append(watcher.service.sell(comes - late)))
    assert sold[0] in watcher.told
