"""A watch that is killed, cut off, refused or lied to loses nothing, and says what is wrong."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import pytest

from smartkasa_async import RetryPolicy
from smartkasa_async._support import clock as _clock
from smartkasa_async.errors import ForbiddenError, UnauthorizedError, ValidationError
from smartkasa_async.sandbox import Fault, Sandbox
from smartkasa_async.sandbox.storage import Where
from smartkasa_async.sync import CheckpointError, FileCheckpointStore, watch_receipts
from tests.support.clients import client
from tests.support.processes import LONGEST, finished
from tests.support.warm_server import warm_python
from tests.support.watching import MemoryKeeper, Stage, Till, moment

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from smartkasa_async import SmartKasa
    from smartkasa_async.sync import ReceiptChange

LIST, SHOPS = "/api/v1/pos/receipts", "/api/v1/rsn/shops"
TODAY = date(2026, 10, 20)
PROJECT = Path(__file__).parents[2]
KILLED_AT = """
import asyncio, json, os, signal, sys
from datetime import date
from smartkasa_async import SmartKasa
from smartkasa_async.sync import watch_receipts

async def main(credentials, position, start, at):
    async with SmartKasa(**credentials) as kasa:
        told = 0
        async for change in watch_receipts(kasa, checkpoint=position, start=date.fromisoformat(start)):
            print(change.receipt_id, flush=True)
            told += 1
            if told == at:
                os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main(*json.loads(sys.argv[1])))
"""


@pytest.fixture
async def kasa(box: Sandbox) -> AsyncIterator[SmartKasa]:
    async with client(box, retry=RetryPolicy(retries=0)) as kasa:
        yield kasa


@pytest.fixture
def till(box: Sandbox) -> Till:
    till = Till(box, moment(20))
    for shop_id in (1, 2):
        till.open_shop(shop_id, opened_at=moment(1))
    return till


@pytest.fixture
def stage(kasa: SmartKasa, till: Till, monkeypatch: pytest.MonkeyPatch) -> Stage:
    return Stage(kasa, till, monkeypatch)


def ids(told: list[ReceiptChange]) -> list[str]:
    return [change.receipt_id for change in told]


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")
@pytest.mark.parametrize(("killed_at", "taken"), [(1, 0), (50, 0), (51, 50), (120, 100)])
def test_killed_between_telling_and_taking(tmp_path: Path, killed_at: int, taken: int) -> None:
    """What was not saved is told again; the position is saved after each fifty that were taken."""
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date()

    def run(box: Sandbox, at: int) -> tuple[int, list[str]]:
        given = json.dumps([box.credentials, str(tmp_path / "position.json"), str(yesterday), at])
        command = [warm_python(), "-W", "error", "-c", KILLED_AT, given]
        done = finished(command, env={**os.environ, "PYTHONPATH": str(PROJECT)}, stderr=None)
        return done.returncode, done.stdout.split()

    with Sandbox().in_thread() as box:
        till = Till(box, datetime.now(UTC) - timedelta(minutes=10))
        till.open_shop(1, opened_at=moment(1))
        expected = [till.sell(at=till.now + timedelta(seconds=number)) for number in range(130)]
        killed = 128 + signal.SIGKILL
        assert run(box, killed_at) == (killed, expected[:killed_at])
        assert run(box, 130 - taken) == (killed, expected[taken:])


async def test_a_service_that_is_down_is_waited_for(stage: Stage, till: Till, box: Sandbox) -> None:
    keeper = MemoryKeeper()
    await stage.watch(checkpoint=keeper)
    stage.pauses.clear()
    id_ = till.sell()
    box.faults.add(Fault("status", path=SHOPS, times=None))

    def half_up() -> None:
        box.faults.clear()
        box.faults.add(Fault("drop_before", path=LIST, times=None))

    told = await stage.watch(half_up, lambda: None, box.faults.clear, lambda: None, checkpoint=keeper)

    assert ids(told) == [id_]
    assert stage.pauses == [10.0, 20.0, 40.0, 5.0, 7.5]
    assert [trouble.shop_id for trouble in stage.troubles[:1]] == [None]
    assert {trouble.shop_id for trouble in stage.troubles[1:]} == {1, 2}
    assert len(stage.troubles) == 5
    assert "503" in stage.troubles[0].reason


async def test_the_service_decides_how_long_it_is_left_alone(stage: Stage, box: Sandbox) -> None:
    box.faults.add(Fault("status", path=LIST, status=429, times=3, retry_after=300))
    await stage.watch(lambda: None, checkpoint=None, shops=[1])
    assert stage.pauses == [300.0, 60.0]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault("status", path=LIST, status=403), ForbiddenError),
        (Fault("status", path=LIST, status=401, times=None), UnauthorizedError),
        (Fault("status", path=SHOPS, status=403), ForbiddenError),
        (Fault("status", path=LIST, status=422), ValidationError),
    ],
)
async def test_what_does_not_pass_is_raised(stage: Stage, box: Sandbox, fault: Fault, kind: type[Exception]) -> None:
    box.faults.add(fault)
    with pytest.raises(kind):
        await stage.watch(lambda: None, checkpoint=None)
    assert stage.pauses == []


async def test_a_session_that_ends_is_renewed(stage: Stage, till: Till, box: Sandbox) -> None:
    new: list[str] = []

    def expire() -> None:
        box.expire_tokens()
        new.append(till.sell())

    assert ids(await stage.watch(expire, checkpoint=None)) == new
    assert stage.troubles == []


async def test_one_shop_that_cannot_be_read_does_not_hold_up_the_other(stage: Stage, till: Till, box: Sandbox) -> None:
    keeper = MemoryKeeper()
    await stage.watch(checkpoint=keeper, concurrency=1)
    stage.later(days=20)
    sold = [till.sell(shop_id, at=moment(day)) for day in (21, 22) for shop_id in (1, 2)]

    # The list of the first shop is tried three times.
    box.faults.add(Fault("status", path=LIST, status=500, times=3))
    told = await stage.watch(lambda: None, checkpoint=keeper, concurrency=1)

    assert ids(told[:2]) == [sold[1], sold[3]]
    assert sorted(ids(told)) == sorted(sold)
    assert {(trouble.shop_id, str(trouble.window)) for trouble in stage.troubles} == {(1, "2026-10-18…2026-10-27")}


async def test_receipts_that_cannot_be_decoded_are_told_apart_and_once(stage: Stage, till: Till) -> None:
    keeper = MemoryKeeper()
    await stage.watch(checkpoint=keeper)
    bad, good = till.sell(type=None), till.sell()

    told = await stage.watch(lambda: None, lambda: till.change(bad, type=0), lambda: None, checkpoint=keeper)

    assert ids(told) == [good, bad]
    (trouble,) = stage.troubles
    assert (trouble.shop_id, [one.key for one in trouble.undecodable]) == (1, [bad])
    assert "`$.type`" in trouble.reason
    assert b'"type":null' in trouble.undecodable[0].raw


async def test_a_receipt_that_becomes_unreadable_is_not_gone(stage: Stage, till: Till) -> None:
    id_ = till.sell()
    assert await stage.watch(lambda: till.change(id_, type=None), lambda: None, checkpoint=None) == []
    assert len(stage.troubles) == 1


async def test_a_filter_that_is_ignored_is_told(stage: Stage, till: Till) -> None:
    keeper = MemoryKeeper()
    await stage.watch(checkpoint=keeper, shops=[1])
    till.sell(2)
    id_ = till.sell(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("smartkasa_async.sandbox.areas.receipts._Receipts.conditions", lambda *_: Where())
        told = await stage.watch(patch.undo, lambda: None, checkpoint=keeper, shops=[1])

    assert ids(told) == [id_]
    assert len(stage.troubles) == 1
    assert "does not filter" in stage.troubles[0].reason


@pytest.mark.parametrize("content", [b"", b'{"begun_at":"2026-10-20T09:00:00Z","shops":{"1":{"fir', b'{"access":"t"}'])
async def test_a_position_that_is_broken_or_another_s_is_refused(stage: Stage, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "position.json"
    file.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"position\.json.* does not hold a whole checkpoint .*delete it"):
        await stage.watch(checkpoint=file)
    assert file.read_bytes() == content


async def test_a_position_that_cannot_be_kept_ends_the_watch(stage: Stage, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"missing/position\.json cannot be written: No such file"):
        await stage.watch(checkpoint=tmp_path / "missing" / "position.json")
    with pytest.raises(CheckpointError, match="cannot be read: Is a directory"):
        await stage.watch(checkpoint=FileCheckpointStore(tmp_path))


async def test_only_the_owner_can_read_a_position(stage: Stage, tmp_path: Path) -> None:
    file = tmp_path / "position.json"
    await stage.watch(checkpoint=file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_cancelling_ends_a_pause_and_saves(kasa: SmartKasa, till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_clock, "now", lambda: till.now)
    monkeypatch.setattr(_clock.ServiceClock, "hear", lambda *_: None)
    keeper, taken = MemoryKeeper(), asyncio.Event()
    sold = [till.sell(), till.sell()]

    async def take() -> None:
        async for change in watch_receipts(kasa, checkpoint=keeper, start=TODAY, interval=3600, max_interval=3600):
            if change.receipt_id == sold[1]:
                taken.set()

    with anyio.fail_after(LONGEST):
        async with anyio.create_task_group() as group:
            group.start_soon(take)
            await taken.wait()
            group.cancel_scope.cancel()

    assert sold[0].encode() in keeper.saved[-1]


async def test_a_loop_that_is_left_saves_what_was_taken(kasa: SmartKasa, till: Till, stage: Stage) -> None:
    keeper = MemoryKeeper()
    sold = [till.sell(), till.sell()]
    async for change in watch_receipts(kasa, checkpoint=keeper, start=TODAY):
        if change.receipt_id == sold[1]:
            break
    while sold[0].encode() not in keeper.saved[-1]:  # noqa: ASYNC110  (the loop closes what was left, in a task of its own)
        await asyncio.sleep(0)

    assert ids(await stage.watch(checkpoint=keeper, start=TODAY)) == [sold[1]]
