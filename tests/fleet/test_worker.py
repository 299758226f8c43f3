"""A worker takes what is due, gives back what it cannot finish, and ends where the database is lost."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from smartkasa_async.fleet.database import Database
from smartkasa_async.fleet.errors import FleetDatabaseError, FleetError
from smartkasa_async.fleet.policy import Policy
from smartkasa_async.fleet.runs import Held, Result
from smartkasa_async.fleet.state import set_up
from smartkasa_async.fleet.status import read_status
from smartkasa_async.fleet.work import QueueName
from smartkasa_async.fleet.worker import Worker, connections_for
from tests.fleet.conftest import new_account

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from smartkasa_async.fleet.accounts import Accounts
    from smartkasa_async.fleet.credentials import CredentialStore
    from smartkasa_async.fleet.work import TaskName

_QUICK = Policy(top_up_every=0.05, worker_silent_after=5.0, finish_within=0.01)


@pytest.fixture
async def alive(database: Database) -> AsyncIterator[Database]:
    """Give the fleet's database with a clock that runs."""
    await set_up(database, _QUICK)
    async with Database(database.address, connections=connections_for(2)).opened() as alive:
        yield alive


async def _due(accounts: Accounts, credential_store: CredentialStore, database: Database, count: int) -> None:
    for number in range(count):
        await accounts.request(await accounts.add(new_account(f"shop-{number}"), credential_store), "today")
    await database.execute("UPDATE schedule SET next_at = '2999-01-01' WHERE task <> 'today'")


def _worker(database: Database, do: Callable[[TaskName, Held], Awaitable[Result]], *, slots: int = 2) -> Worker:
    return Worker(database, lambda _policy: do, slots=slots, name="w")


async def _stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_worker_carries_out_what_is_due_no_more_than_its_slots_at_a_time(
    alive: Database, accounts: Accounts, credential_store: CredentialStore
) -> None:
    await _due(accounts, credential_store, alive, 5)
    running, most, done, both = 0, 0, asyncio.Queue[str](), asyncio.Event()

    async def do(_task: TaskName, held: Held) -> Result:
        nonlocal running, most
        running += 1
        most = max(most, running)
        if running == 2:
            both.set()
        await both.wait()
        running -= 1
        done.put_nowait(held.name)
        return Result()

    task = asyncio.create_task(_worker(alive, do).run())
    async with asyncio.timeout(30):
        names = {await done.get() for _ in range(5)}
    status = await read_status(alive, _QUICK)
    await _stop(task)
    assert names == {f"shop-{number}" for number in range(5)}
    assert most == 2
    assert [(one.worker[:2], one.slots) for one in status.workers] == [("w:", 2)]
    after = await read_status(alive, _QUICK)
    assert after.workers == []
    assert after.runs == {"today": {"done": 5}}
    assert await alive.rows("SELECT * FROM procrastinate_jobs WHERE task_name = 'today'") == []


async def test_a_worker_that_is_stopped_gives_back_what_it_has_not_finished(
    alive: Database, accounts: Accounts, credential_store: CredentialStore
) -> None:
    await _due(accounts, credential_store, alive, 1)
    begun = asyncio.Event()

    async def do(_task: TaskName, _held: Held) -> Result:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    task = asyncio.create_task(_worker(alive, do).run())
    async with asyncio.timeout(30):
        await begun.wait()
    await _stop(task)
    (account,) = await accounts.list()
    assert [run.outcome for run in await accounts.runs(account.account_id)] == ["returned"]
    today = next(one for one in await accounts.schedule(account.account_id) if one.task == "today")
    assert not today.is_queued
    assert today.next_at < alive.now()


async def test_workers_of_one_name_count_each_with_its_own_slots_and_queues(alive: Database) -> None:
    async def do(_task: TaskName, _held: Held) -> Result:
        return Result()

    tasks = [
        asyncio.create_task(Worker(alive, lambda _policy: do, slots=slots, queues=queues, name="w").run())
        for slots, queues in ((1, [QueueName.LIGHT]), (2, [QueueName.NIGHT]))
    ]
    async with asyncio.timeout(30):
        while len(workers := (await read_status(alive, _QUICK)).workers) < 2:  # noqa: ASYNC110  (the database's)
            await asyncio.sleep(0)
    await asyncio.gather(*map(_stop, tasks))
    assert sorted((one.slots, one.queues) for one in workers) == [(1, ["light"]), (2, ["night"])]
    assert all(one.worker.startswith("w:") for one in workers)


async def test_a_worker_ends_where_the_database_is_lost(alive: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    async def do(_task: TaskName, _held: Held) -> Result:
        return Result()

    seen = asyncio.Event()
    register = Worker._register

    async def register_or_lose(self: Worker) -> None:
        if seen.is_set():
            raise FleetDatabaseError("gone")
        await register(self)
        seen.set()

    monkeypatch.setattr(Worker, "_register", register_or_lose)
    with pytest.raises(FleetDatabaseError):
        async with asyncio.timeout(30):
            await _worker(alive, do).run()


async def test_a_worker_ends_where_a_job_loses_the_database(
    alive: Database, accounts: Accounts, credential_store: CredentialStore
) -> None:
    await _due(accounts, credential_store, alive, 1)

    async def do(_task: TaskName, _held: Held) -> Result:
        raise FleetDatabaseError("no connection is left")

    with pytest.raises(FleetDatabaseError, match="no connection is left"):
        async with asyncio.timeout(30):
            await _worker(alive, do).run()


async def test_a_database_without_the_fleet_s_tables_is_refused(database: Database) -> None:
    async def do(_task: TaskName, _held: Held) -> Result:
        return Result()

    await database.execute("DROP SCHEMA smartkasa_fleet CASCADE")
    with pytest.raises(FleetError, match="fleet init"):
        await _worker(database, do).run()


async def test_the_status_tells_lag_what_is_due_and_why_accounts_are_paused(
    database: Database, accounts: Accounts, credential_store: CredentialStore
) -> None:
    now = database.now()
    for number in range(20):
        id_ = await accounts.add(new_account(f"shop-{number}"), credential_store)
        await database.execute(
            "UPDATE accounts SET complete_until = %s WHERE account_id = %s", [now - timedelta(minutes=number), id_]
        )
    await database.execute("UPDATE schedule SET next_at = '2999-01-01'")
    await accounts.request(id_, "today")
    await accounts.pause((await accounts.find("shop-0")).account_id, "key revoked")
    status = await read_status(database, _QUICK)
    assert status.active == 19
    assert [(one.name, one.reason, one.since) for one in status.paused] == [("shop-0", "key revoked", now)]
    assert status.lag is not None
    assert (status.lag.median, status.lag.worst, status.lag.worst_account) == (600, 1140, "shop-19")
    assert status.lag.percentile_95 == pytest.approx(1086)
    assert status.oldest_due is not None
    assert (status.oldest_due.account, status.oldest_due.task, status.oldest_due.seconds) == ("shop-19", "today", 0)
    assert status.due == 1
    assert status.breaker == "closed"
    assert {name: (depth.waiting, depth.running) for name, depth in status.queues.items()} == dict.fromkeys(
        ("light", "night", "upload", "backfill"), (0, 0)
    )
