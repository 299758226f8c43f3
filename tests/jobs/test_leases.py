"""Two imports into one account at once: the second is refused with words; the first one's end is waited for."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async import FileTokenStore, SmartKasa
from smartkasa_async.catalog import ImportStoppedError, import_products
from smartkasa_async.errors import ForbiddenError
from smartkasa_async.jobs import JobRunningError
from smartkasa_async.jobs.lease import hold_lease, lease_folder
from tests.support.catalogue_service import FakeKasa, products
from tests.support.lagging_service import Clock, LaggingKasa, run_clock
from tests.support.processes import kill_child, running
from tests.support.service import make_session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SETTLE_AFTER = 15.0

HOLDER = """
import sys, anyio
from smartkasa_async.jobs.lease import hold_lease

async def main():
    async with hold_lease("products", sys.argv[1]) as lease:
        if sys.argv[2:]:
            await lease.begin_writing()
        print("held", flush=True)
        sys.stdin.read()

anyio.run(main)
"""


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = run_clock(monkeypatch)
    monkeypatch.setattr("smartkasa_async.jobs.lease.time.time", lambda: 1000.0 + clock.now)
    return clock


@pytest.fixture
def holder() -> Iterator[Any]:
    """Start processes that hold the lease of an account until they are told to end."""
    with ExitStack() as processes:

        def start(*words: str) -> subprocess.Popen[str]:
            command = [sys.executable, "-c", HOLDER, *words]
            process = processes.enter_context(running(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE))
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            return process

        yield start


async def carry(kasa: Any, count: int = 20, **options: Any) -> Any:
    return await import_products(kasa, products(count), **{"late_write_window": SETTLE_AFTER, **options})


# --- kept apart ---


async def test_an_import_beside_that_of_another_process_is_refused_with_words(holder: Any) -> None:
    kasa = FakeKasa()
    process = holder(await kasa.account_id())

    with pytest.raises(JobRunningError, match=rf"process {process.pid}, since \d{{4}}-.* UTC; wait until"):
        await carry(kasa)

    assert (kasa.calls, kasa.lists) == ([], 0)


async def test_a_process_that_was_killed_is_not_in_the_way(holder: Any, clock: Clock) -> None:
    kasa = FakeKasa()
    process = holder(await kasa.account_id())
    kill_child(process.pid)
    process.wait()

    assert (await carry(kasa)).created == 20
    assert clock.now == 0


async def test_what_a_killed_process_may_have_sent_is_waited_for(holder: Any, clock: Clock) -> None:
    kasa = FakeKasa()
    process = holder(await kasa.account_id(), "writing")
    kill_child(process.pid)
    process.wait()
    waits: list[float] = []

    assert (await carry(kasa, on_wait=waits.append)).created == 20
    assert waits == [SETTLE_AFTER]


async def test_two_imports_of_one_process_are_kept_apart_too() -> None:
    kasa: Any = FakeKasa()
    is_inside, may_end = asyncio.Event(), asyncio.Event()

    async def gate(_: list[str]) -> None:
        is_inside.set()
        await may_end.wait()

    kasa.gate = gate
    first = asyncio.ensure_future(carry(kasa))
    await is_inside.wait()
    with pytest.raises(JobRunningError):
        await carry(kasa)
    may_end.set()

    assert (await first).created == len(kasa.kept) == 20


async def test_a_dry_run_and_another_account_are_not_in_the_way(holder: Any) -> None:
    kasa, other = FakeKasa(), FakeKasa()
    holder(await kasa.account_id())

    assert (await carry(kasa, dry_run=True)).created == 20
    assert (await carry(other)).created == 20


async def test_accounts_are_told_apart_by_address_key_and_user() -> None:
    common: dict[str, Any] = {
        "api_key": "key",
        "phone_number": "380971234567",
        "password": "p",
        "base_url": "http://localhost:1",
    }
    others: list[dict[str, Any]] = [
        {},
        {"api_key": "other"},
        {"phone_number": "380970000000"},
        {"base_url": "http://localhost:2"},
        {"phone_number": None, "password": None, "session": make_session("a")},
        {"phone_number": None, "password": None, "session": make_session("b")},
    ]
    ids = [await SmartKasa(**{**common, **other}).account_id() for other in others]
    same = await SmartKasa(**common, timeout=5.0, token_store=FileTokenStore("elsewhere")).account_id()

    assert len(set(ids)) == len(others)
    assert same == ids[0]
    assert not any("380971234567" in one or "key" in one for one in ids)


# --- one after the other ---


@pytest.mark.parametrize("lag", [0.0, 3.0, 14.9])
async def test_an_import_right_after_another_one_waits_until_lists_show_what_that_did(clock: Clock, lag: float) -> None:
    kasa: Any = LaggingKasa(clock, lag)
    await carry(kasa)
    clock.now += 2.0
    waits: list[float] = []

    summary = await carry(kasa, 30, on_wait=waits.append)

    assert (summary.created, summary.unchanged, len(kasa.kept)) == (10, 20, 30)
    assert waits == [SETTLE_AFTER - 2.0]


async def test_an_import_that_did_nothing_is_not_waited_for(clock: Clock) -> None:
    kasa = FakeKasa()
    await carry(kasa)
    clock.now += SETTLE_AFTER
    await carry(kasa)
    before = clock.now

    assert (await carry(kasa)).unchanged == 20
    assert clock.now == before


async def test_an_import_that_was_stopped_is_waited_for_without_a_journal(clock: Clock) -> None:
    kasa: Any = LaggingKasa(clock, 3.0)

    async def gate(_: list[str]) -> None:
        if len(kasa.kept) >= 40:
            raise ForbiddenError("not any more", status=403)

    kasa.gate = gate
    with pytest.raises(ImportStoppedError):
        await carry(kasa, 100, batch_size=20)
    del kasa.gate

    await carry(kasa, 100, batch_size=20)

    assert len(kasa.kept) == 100


async def test_an_import_that_was_cancelled_is_waited_for(clock: Clock) -> None:
    kasa: Any = LaggingKasa(clock, 3.0)
    is_inside = asyncio.Event()
    create = kasa.create_batch

    async def create_and_hang(items: Any) -> Any:
        await create(items)
        is_inside.set()
        await asyncio.Event().wait()

    kasa.create_batch = create_and_hang
    task = asyncio.ensure_future(carry(kasa))
    await is_inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    kasa.create_batch = create

    assert (await carry(kasa)).unchanged == len(kasa.kept) == 20


async def test_a_clock_that_went_back_is_no_reason_not_to_wait(clock: Clock) -> None:
    kasa = FakeKasa()
    await carry(kasa)
    clock.now -= 500.0
    before = clock.now

    await carry(kasa)

    assert clock.now - before == SETTLE_AFTER


# --- the file ---


def only_file() -> Path:
    (file,) = lease_folder().iterdir()
    return file


async def test_a_file_that_was_cut_off_while_it_was_written_counts_as_open() -> None:
    async with hold_lease("products", "account") as lease:
        await lease.begin_writing()
        await lease.end_writing(has_sent=False)
    for cut in range(1, 20):
        only_file().write_bytes(only_file().read_bytes()[:cut] or b"{")
        async with hold_lease("products", "account") as lease:
            assert lease.seconds_left(SETTLE_AFTER) == SETTLE_AFTER
            await lease.end_writing(has_sent=False)
        async with hold_lease("products", "account") as lease:
            assert lease.seconds_left(SETTLE_AFTER) == 0


async def test_nobody_else_can_read_who_is_at_work() -> None:
    async with hold_lease("products", "account"):
        content = json.loads(only_file().read_text())
    assert content["pid"] == os.getpid()
    assert "account" not in only_file().name
    assert only_file().stat().st_mode & 0o77 == 0
    assert lease_folder().stat().st_mode & 0o77 == 0


async def test_where_no_file_can_be_made_the_import_goes_on_and_the_log_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))

    assert (await carry(FakeKasa())).created == 20
    assert "are not kept apart" in caplog.text


@pytest.mark.skipif(os.name != "posix", reason="users have numbers on POSIX alone")
def test_without_a_home_the_folder_is_the_users_own_temporary_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)

    assert lease_folder().is_absolute()
    assert str(os.getuid()) in lease_folder().parts[-3]
