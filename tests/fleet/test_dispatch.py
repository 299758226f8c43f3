"""What is due is claimed oldest first, as far as workers have room, once, and never lost."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias

import pytest

from smartkasa_async import errors
from smartkasa_async.fleet.breaker import BreakerState
from smartkasa_async.fleet.dispatch import Dispatcher
from smartkasa_async.fleet.errors import FencedError, FleetDatabaseError
from smartkasa_async.fleet.policy import Policy
from smartkasa_async.fleet.queue import Queue
from smartkasa_async.fleet.runs import Held, Result, Runner
from smartkasa_async.fleet.verdicts import Outcome
from smartkasa_async.fleet.work import TaskName
from tests.fleet.conftest import START, new_account

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from smartkasa_async.fleet.accounts import Accounts
    from smartkasa_async.fleet.credentials import CredentialStore
    from smartkasa_async.fleet.database import Database
    from tests.fleet.conftest import Clock


Add: TypeAlias = "Callable[[int], Awaitable[list[int]]]"
_POLICY = Policy()


@pytest.fixture
async def queue(database: Database) -> Queue:
    queue = Queue(database)
    await queue.open()
    return queue


@pytest.fixture
def dispatcher(database: Database, queue: Queue) -> Dispatcher:
    return Dispatcher(database, queue, _POLICY)


@pytest.fixture
def add(database: Database, accounts: Accounts, credential_store: CredentialStore) -> Add:
    """Add accounts whose pass over today is due, the first one longest."""

    async def add(count: int) -> list[int]:
        ids = [await accounts.add(new_account(f"shop-{number}"), credential_store) for number in range(count)]
        for number, id_ in enumerate(ids):
            await database.execute(
                "UPDATE schedule SET next_at = CASE task WHEN 'today' THEN %s ELSE '2999-01-01' END"
                " WHERE account_id = %s",
                [START - timedelta(seconds=60 - number), id_],
            )
        return ids

    return add


async def _work(database: Database, *, slots: int, queues: tuple[str, ...] = ("light", "night", "backfill")) -> None:
    """Let a worker be seen."""
    await database.execute(
        "INSERT INTO workers VALUES ('w', 'host', 1, %s, %s, %s, %s)",
        [slots, list(queues), database.now(), database.now()],
    )


async def _queued(database: Database) -> dict[tuple[int, str], int]:
    rows = await database.rows("SELECT account_id, task, job_id FROM schedule WHERE job_id IS NOT NULL")
    return {(row["account_id"], row["task"]): row["job_id"] for row in rows}


async def test_the_oldest_are_queued_first_up_to_twice_the_slots(
    database: Database, accounts: Accounts, add: Add, dispatcher: Dispatcher
) -> None:
    ids = await add(7)
    await _work(database, slots=2)
    assert (await dispatcher.dispatch()).queued == 4
    assert sorted(await _queued(database)) == [(id_, "today") for id_ in ids[:4]]
    assert (await dispatcher.dispatch()).queued == 0
    jobs = await database.rows("SELECT task_name, lock, queueing_lock, args FROM procrastinate_jobs ORDER BY id")
    assert jobs[0] == {
        "task_name": "today",
        "lock": f"sync:{ids[0]}",
        "queueing_lock": f"today:{ids[0]}",
        "args": {"account_id": ids[0]},
    }


async def test_nothing_is_queued_where_no_worker_is_seen(
    database: Database, add: Add, dispatcher: Dispatcher, clock: Clock
) -> None:
    await add(2)
    assert (await dispatcher.dispatch()).queued == 0
    await _work(database, slots=2)
    clock.advance(31)
    assert (await dispatcher.dispatch()).queued == 0


async def test_concurrent_dispatches_queue_each_job_once(
    database: Database, accounts: Accounts, add: Add, dispatcher: Dispatcher
) -> None:
    await add(6)
    await _work(database, slots=3)
    found = await asyncio.gather(*(dispatcher.fill() for _ in range(4)))
    assert sum(one.queued for one in found) == 6
    (row,) = await database.rows("SELECT count(*) AS count FROM procrastinate_jobs")
    assert row["count"] == 6


async def test_a_job_that_waits_under_the_same_lock_does_not_undo_the_others(
    database: Database, accounts: Accounts, add: Add, dispatcher: Dispatcher
) -> None:
    ids = await add(3)
    await _work(database, slots=3)
    await dispatcher.fill()
    await database.execute("UPDATE schedule SET job_id = NULL WHERE account_id = %s", [ids[1]])
    await database.execute("DELETE FROM procrastinate_jobs WHERE args ->> 'account_id' = %s", [str(ids[2])])
    found = await dispatcher.fill()
    assert (found.queued, found.freed) == (1, 1)


async def test_paused_accounts_and_those_that_a_job_of_the_kind_runs_for_are_left_out(
    database: Database, accounts: Accounts, add: Add, dispatcher: Dispatcher
) -> None:
    ids = await add(2)
    await accounts.pause(ids[0], "no key")
    await _work(database, slots=3)
    assert (await dispatcher.fill()).queued == 1
    await accounts.request(ids[1], "night")
    assert (await dispatcher.fill()).queued == 0


async def test_backfill_takes_a_fifth_of_the_slots(
    database: Database, accounts: Accounts, add: Add, dispatcher: Dispatcher
) -> None:
    for id_ in await add(5):
        await database.execute("UPDATE schedule SET next_at = '2999-01-01' WHERE account_id = %s", [id_])
        await accounts.request(id_, "backfill")
    await _work(database, slots=10)
    assert (await dispatcher.fill()).queued == 2


async def test_a_vanished_job_leaves_its_task_due(
    database: Database, accounts: Accounts, add: Add, dispatcher: Dispatcher
) -> None:
    await add(1)
    await _work(database, slots=1)
    await dispatcher.fill()
    await database.execute("DELETE FROM procrastinate_jobs")
    found = await dispatcher.fill()
    assert (found.freed, found.queued) == (1, 1)


async def test_a_run_whose_job_has_vanished_is_lost(
    database: Database, accounts: Accounts, add: Add, dispatcher: Dispatcher
) -> None:
    (id_,) = await add(1)
    await _work(database, slots=1)
    await dispatcher.fill()
    ((_, job_id),) = (await _queued(database)).items()
    await database.execute(
        "INSERT INTO runs (account_id, task, job_id, worker, started_at) VALUES (%s, 'today', %s, 'w', %s)",
        [id_, job_id, database.now()],
    )
    await dispatcher.fill()
    assert [run.outcome for run in await accounts.runs(id_)] == [None]
    # As a worker leaves it that lost the database, and ended its job when the database was there again.
    await database.execute("DELETE FROM procrastinate_jobs")
    await dispatcher.fill()
    (run,) = await accounts.runs(id_)
    assert (run.outcome, run.ended_at) == ("lost", database.now())


async def test_the_job_of_a_dead_worker_is_queued_anew_and_its_account_fenced_off(
    database: Database, accounts: Accounts, add: Add, dispatcher: Dispatcher, queue: Queue
) -> None:
    (id_,) = await add(1)
    await _work(database, slots=1)
    await dispatcher.fill()
    ((key, job_id),) = (await _queued(database)).items()
    held: list[Held] = []

    async def hang(_task: TaskName, of: Held) -> Result:
        held.append(of)
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await Runner(database, _POLICY, "w", hang).carry_out(TaskName.TODAY, id_, job_id)
    await database.execute("UPDATE schedule SET job_id = %s WHERE task = 'today'", [job_id])
    await database.execute("UPDATE runs SET ended_at = NULL, outcome = NULL")
    # As a killed worker leaves it: fetched, and nobody is there any more.
    await database.execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = NULL")
    found = await dispatcher.dispatch()
    assert (found.lost, found.freed, found.queued) == (1, 1, 1)
    assert (await _queued(database))[key] != job_id
    assert [run.outcome for run in await accounts.runs(id_)] == ["lost"]
    async with database.transaction() as connection:
        with pytest.raises(FencedError):
            await held[0].check(connection)


# --- runs ---


async def _run(
    database: Database,
    dispatcher: Dispatcher,
    account_id: int,
    *,
    brings: Result | BaseException,
    task: TaskName = TaskName.TODAY,
) -> Outcome | None:
    """Queue what is due, and carry the account's job out."""
    await dispatcher.fill()
    job_id = (await _queued(database))[account_id, str(task)]

    async def do(_task: TaskName, _held: Held) -> Result:
        if isinstance(brings, BaseException):
            raise brings
        return brings

    outcome = await Runner(database, _POLICY, "w", do).carry_out(task, account_id, job_id)
    await database.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [job_id])
    return outcome


async def test_a_run_that_is_done_is_due_at_its_next_start(
    database: Database, accounts: Accounts, add: Add, dispatcher: Dispatcher
) -> None:
    (id_,) = await add(1)
    await _work(database, slots=1)
    result = Result(figures={"receipts": 3}, complete_until=START, reference_data_at=START)
    assert await _run(database, dispatcher, id_, brings=result) is Outcome.DONE
    found = await accounts.find(str(id_))
    assert found.succeeded_at == START
    (run,) = await accounts.runs(id_)
    assert (run.outcome, run.figures, run.complete_until, run.ended_at) == ("done", {"receipts": 3}, START, START)
    today = next(task for task in await accounts.schedule(id_) if task.task == "today")
    assert START < today.next_at <= START + timedelta(minutes=15)
    assert not today.is_queued


async def test_failures_wait_longer_and_longer_and_at_last_pause_the_account(
    database: Database, accounts: Accounts, add: Add, dispatcher: Dispatcher, clock: Clock
) -> None:
    (id_,) = await add(1)
    await _work(database, slots=1)
    waits = []
    for _ in range(_POLICY.failures_to_pause):
        await database.execute("UPDATE workers SET seen_at = %s", [clock()])
        await _run(database, dispatcher, id_, brings=errors.SmartKasaError("a bad day"))
        today = next(task for task in await accounts.schedule(id_) if task.task == "today")
        waits.append((today.next_at - clock()).total_seconds())
        clock.moment = today.next_at
    assert waits[:3] == pytest.approx([waits[0], 2 * waits[0], 4 * waits[0]])
    assert max(waits) < 4320
    found = await accounts.find(str(id_))
    assert found.state == "paused"
    assert found.reason == "today failed 12 times in a row, at last: a bad day"


@pytest.mark.parametrize("error", [errors.RateLimitedError("slower", status=429), errors.ServerError("no", status=503)])
async def test_what_is_no_fault_of_the_account_never_pauses_it(
    database: Database,
    accounts: Accounts,
    add: Add,
    dispatcher: Dispatcher,
    clock: Clock,
    *,
    error: errors.SmartKasaError,
) -> None:
    (id_,) = await add(1)
    await _work(database, slots=1)
    for brings in [error] * (_POLICY.failures_to_pause + 1) + [errors.SmartKasaError("a bad day")]:
        await database.execute("UPDATE workers SET seen_at = %s", [clock()])
        await _run(database, dispatcher, id_, brings=brings)
        today = next(task for task in await accounts.schedule(id_) if task.task == "today")
        clock.moment = today.next_at
    assert today.failures == _POLICY.failures_to_pause + 2
    assert (await accounts.find(str(id_))).state == "active"


@pytest.mark.parametrize("error", [errors.UnauthorizedError("key revoked", status=401), errors.LoginRefusedError("no")])
async def test_a_refusal_pauses_the_account_at_once_with_its_reason(
    database: Database,
    accounts: Accounts,
    add: Add,
    dispatcher: Dispatcher,
    error: errors.SmartKasaError,
) -> None:
    (id_,) = await add(1)
    await _work(database, slots=1)
    assert await _run(database, dispatcher, id_, brings=error) is Outcome.REFUSED
    found = await accounts.find(str(id_))
    assert (found.state, found.reason) == ("paused", str(error))


async def test_what_the_service_asks_to_wait_moves_the_retry(
    database: Database, accounts: Accounts, add: Add, dispatcher: Dispatcher
) -> None:
    (id_,) = await add(1)
    await _work(database, slots=1)
    error = errors.RateLimitedError("slower", status=429)
    error.retry_after = 7200.0
    await _run(database, dispatcher, id_, brings=error)
    today = next(task for task in await accounts.schedule(id_) if task.task == "today")
    assert today.next_at == START + timedelta(hours=2)


async def test_a_worker_that_ends_gives_its_job_back(
    database: Database, accounts: Accounts, add: Add, dispatcher: Dispatcher
) -> None:
    (id_,) = await add(1)
    await _work(database, slots=1)
    with pytest.raises(asyncio.CancelledError):
        await _run(database, dispatcher, id_, brings=asyncio.CancelledError())
    today = next(task for task in await accounts.schedule(id_) if task.task == "today")
    assert (today.is_queued, today.failures) == (False, 0)
    assert today.next_at < START
    assert [run.outcome for run in await accounts.runs(id_)] == ["returned"]


async def test_the_loss_of_the_database_counts_for_no_account(
    database: Database, accounts: Accounts, add: Add, dispatcher: Dispatcher
) -> None:
    (id_,) = await add(1)
    await _work(database, slots=1)
    with pytest.raises(FleetDatabaseError):
        await _run(database, dispatcher, id_, brings=FleetDatabaseError("gone"))
    assert {task.failures for task in await accounts.schedule(id_)} == {0}


async def test_a_job_that_is_another_s_by_now_does_nothing(
    database: Database, accounts: Accounts, add: Add, dispatcher: Dispatcher
) -> None:
    (id_,) = await add(1)
    await _work(database, slots=1)
    await dispatcher.fill()

    async def do(_task: TaskName, _held: Held) -> Result:
        raise AssertionError("It was not to begin")

    assert await Runner(database, _POLICY, "w", do).carry_out(TaskName.TODAY, id_, 0) is None
    assert await accounts.runs(id_) == []


async def test_a_run_whose_account_was_taken_away_writes_no_outcome(
    database: Database, accounts: Accounts, add: Add, dispatcher: Dispatcher
) -> None:
    (id_,) = await add(1)
    await _work(database, slots=1)
    await dispatcher.fill()
    job_id = (await _queued(database))[id_, "today"]

    async def do(_task: TaskName, _held: Held) -> Result:
        await database.execute("UPDATE schedule SET job_id = %s", [job_id + 1])
        return Result(complete_until=START)

    await Runner(database, _POLICY, "w", do).carry_out(TaskName.TODAY, id_, job_id)
    assert (await accounts.find(str(id_))).succeeded_at is None
    assert (await _queued(database))[id_, "today"] == job_id + 1


async def test_a_task_that_is_done_once_leaves_the_schedule(
    database: Database, accounts: Accounts, add: Add, dispatcher: Dispatcher
) -> None:
    (id_,) = await add(1)
    await database.execute("UPDATE schedule SET next_at = '2999-01-01'")
    await _work(database, slots=1)
    await accounts.backfill(id_, START.date(), START.date())
    await _run(database, dispatcher, id_, brings=Result(), task=TaskName.BACKFILL)
    assert "backfill" in {task.task for task in await accounts.schedule(id_)}  # its month still waits
    await database.execute("UPDATE backfill SET done_at = now()")
    await _run(database, dispatcher, id_, brings=Result(), task=TaskName.BACKFILL)
    assert "backfill" not in {task.task for task in await accounts.schedule(id_)}


# --- breaker ---


async def test_an_outage_stops_all_is_probed_and_lets_go_gradually(
    database: Database, accounts: Accounts, add: Add, dispatcher: Dispatcher, clock: Clock
) -> None:
    ids = await add(40)
    await _work(database, slots=20)

    async def tick(seconds: float) -> None:
        clock.advance(seconds)
        await database.execute("UPDATE workers SET seen_at = %s", [clock()])

    await dispatcher.fill()
    outage = errors.ServerError("bad gateway", status=502)
    for id_ in ids[:5]:
        await _run(database, dispatcher, id_, brings=outage)
    assert (await dispatcher.fill()).breaker is BreakerState.OPEN

    job_id = (await _queued(database))[ids[9], "today"]
    do: Callable[..., object] = _never
    assert await Runner(database, _POLICY, "w", do).carry_out(TaskName.TODAY, ids[9], job_id) is None  # type: ignore[arg-type]
    await database.execute("DELETE FROM procrastinate_jobs")
    found = await dispatcher.fill()
    assert (found.breaker, found.queued) == (BreakerState.OPEN, 0)
    assert await _queued(database) == {}

    await tick(30)
    assert (await dispatcher.fill()).queued == 1
    ((probe, _), _job) = next(iter((await _queued(database)).items()))
    await _run(database, dispatcher, probe, brings=outage)
    assert (await dispatcher.fill()).queued == 0
    await tick(59)
    assert (await dispatcher.fill()).queued == 0
    await tick(1)
    assert (await dispatcher.fill()).queued == 1
    ((probe, _), _job) = next(iter((await _queued(database)).items()))
    await _run(database, dispatcher, probe, brings=Result())
    found = await dispatcher.fill()
    assert (found.breaker, found.queued) == (BreakerState.EASING, 4)
    await tick(60)
    assert (await dispatcher.fill()).queued == 4
    await tick(180)
    found = await dispatcher.fill()
    assert found.breaker is BreakerState.CLOSED
    assert found.queued > 25


async def _never(*_arguments: object) -> Result:
    raise AssertionError("It was not to begin")


# --- what is old ---


async def test_old_runs_are_pruned_and_failures_kept_longer(
    database: Database, accounts: Accounts, add: Add, dispatcher: Dispatcher, clock: Clock
) -> None:
    (id_,) = await add(1)
    for outcome, days in (("done", 2), ("failed", 2), ("failed", 15), ("done", 0)):
        started_at = clock() - timedelta(days=days)
        await database.execute(
            "INSERT INTO runs (account_id, task, job_id, worker, started_at, ended_at, outcome)"
            " VALUES (%s, 'today', 1, 'w', %s, %s, %s)",
            [id_, started_at, started_at, outcome],
        )
    await dispatcher.dispatch()
    assert [(run.outcome, run.started_at) for run in await accounts.runs(id_)] == [
        ("done", clock()),
        ("failed", clock() - timedelta(days=2)),
    ]
