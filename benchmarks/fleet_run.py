"""One measurement of a fleet, in a process of its own: `passes` or `queue`; prints JSON.

Processor time is that of this process and its children; PostgreSQL's is that of the backend that was asked.
"""

from __future__ import annotations

import asyncio
import os
import resource
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import msgspec
from procrastinate.jobs import Status

from smartkasa_async.fleet.accounts import Accounts, NewAccount
from smartkasa_async.fleet.credentials import Credentials, CredentialStore
from smartkasa_async.fleet.database import Database
from smartkasa_async.fleet.dispatch import Dispatcher
from smartkasa_async.fleet.policy import Policy
from smartkasa_async.fleet.queue import Queue
from smartkasa_async.fleet.runs import Runner
from smartkasa_async.fleet.secrets import add_key, read_key_file
from smartkasa_async.fleet.state import set_up
from smartkasa_async.fleet.tasks import AccountWork
from smartkasa_async.fleet.work import QueueName, TaskName
from smartkasa_async.stores import open_store

if TYPE_CHECKING:
    from collections.abc import Sequence


_SLOTS = 8
_POLICY = Policy(calls_per_second=1000.0)
_DISPATCHES = 5
_FETCHES = 100


def _cpu(who: int = resource.RUSAGE_SELF) -> float:
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def _cpu_of(process: int) -> float:
    """Return the processor time that a process of Linux has used, seconds."""
    fields = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def measure_passes(address: str, merchants: Sequence[dict[str, str]], rounds: int) -> dict[str, Any]:
    """Run passes as a worker does, but for the queue, and return their processor time and the growth of the tables."""
    with TemporaryDirectory() as folder:
        add_key(Path(folder, "keys"))
        keys = read_key_file(Path(folder, "keys"))
    async with Database(address, connections=2 * _SLOTS + 6).opened() as database, open_store(address) as store:
        await set_up(database, _POLICY)
        accounts, credential_store = Accounts(database, _POLICY), CredentialStore(database, keys)
        ids = []
        for number, one in enumerate(merchants):
            credentials = Credentials(one["api_key"], one["phone_number"], one["password"])
            ids.append(
                await accounts.add(
                    NewAccount(name=f"m{number}", credentials=credentials, base_url=one["url"]), credential_store
                )
            )
        work = AccountWork(database, credential_store, store, _POLICY)
        runner = Runner(database, _POLICY, "benchmark", work.do)

        async def carry_out(task: TaskName, times: int) -> float:
            jobs = iter(ids * times)

            async def take_turns() -> None:
                for account_id in jobs:
                    await database.execute(
                        "UPDATE schedule SET job_id = 1 WHERE account_id = %s AND task = %s", [account_id, task]
                    )
                    outcome = await runner.carry_out(task, account_id, 1)
                    assert outcome == "done", outcome

            before = _cpu()
            async with asyncio.TaskGroup() as group:
                for _ in range(_SLOTS):
                    group.create_task(take_turns())
            return (_cpu() - before) / (len(ids) * times)

        first = await carry_out(TaskName.TODAY, 1)
        today = await carry_out(TaskName.TODAY, rounds)
        night = await carry_out(TaskName.NIGHT, 1)
        (size,) = await database.rows("SELECT pg_total_relation_size('runs')::float8 / count(*) AS run FROM runs")
    return {"first": first, "today": today, "night": night, "nights": len(ids), "bytes_of_run": size["run"]}


async def measure_queue(address: str, accounts: int, backlog: int) -> dict[str, Any]:
    """Measure dispatches with many accounts in the tables, and fetches with many jobs in the queue."""
    async with Database(address, connections=2).opened() as database:
        await set_up(database)
        await database.execute("TRUNCATE accounts CASCADE")
        await database.execute(
            "INSERT INTO accounts (name, base_url, added_at, complete_until)"
            " SELECT 'a' || n, 'https://core.smartkasa.ua', now(), now() FROM generate_series(1, %s) AS n",
            [accounts],
        )
        await database.execute(
            "INSERT INTO schedule (account_id, task, next_at) SELECT account_id, task,"
            " now() + (account_id %% 900 - 450) * interval '1 second' FROM accounts, unnest(%s::text[]) AS task",
            [["today", "night"]],
        )
        await database.execute(
            "INSERT INTO workers SELECT 'w' || n, 'h', 1, 8, %s, now(), now() FROM generate_series(1, 8) AS n",
            [[str(name) for name in QueueName]],
        )
        await database.execute("ANALYZE")
        queue = Queue(database)
        await queue.open()
        dispatcher = Dispatcher(database, queue, Policy())
        full, filling, queued = [], [], 0
        for _ in range(_DISPATCHES):
            found, own, theirs = await _dispatched(database, dispatcher)
            filling.append(own + theirs)
            queued += found
            _, own, theirs = await _dispatched(database, dispatcher)
            full.append(own + theirs)
            await database.execute("DELETE FROM procrastinate_jobs")
        fetch = await _fetched(database, queue, backlog)
    return {
        "accounts": accounts,
        "dispatch": sum(full) / len(full),
        "filling": sum(filling) / len(filling),
        "queued": queued / _DISPATCHES,
        "backlog": backlog,
        "fetch": fetch,
    }


async def _dispatched(database: Database, dispatcher: Dispatcher) -> tuple[int, float, float]:
    """Dispatch once; returns how many jobs were queued, and the processor time here and in PostgreSQL."""
    backends = [
        row["pid"] for row in await database.rows("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
    ]
    before, theirs = _cpu(), sum(map(_cpu_of, backends))
    found = await dispatcher.dispatch()
    return found.queued, _cpu() - before, sum(map(_cpu_of, backends)) - theirs


async def _fetched(database: Database, queue: Queue, backlog: int) -> float:
    """Return the processor time in PostgreSQL of a fetch with so many jobs in the queue."""
    await database.execute("DELETE FROM procrastinate_jobs")
    await database.execute(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args)"
        " SELECT 'light', 'today', 'sync:' || n, 'today:' || n, '{}' FROM generate_series(1, %s) AS n",
        [backlog],
    )
    await database.execute("ANALYZE")
    worker_id = await queue.app.job_manager.register_worker()
    backends = [
        row["pid"] for row in await database.rows("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
    ]
    before = sum(map(_cpu_of, backends))
    for _ in range(_FETCHES):
        job = await queue.app.job_manager.fetch_job(queues=["light"], worker_id=worker_id)
        assert job is not None
        assert job.id is not None
        await queue.app.job_manager.finish_job_by_id_async(job.id, status=Status.SUCCEEDED, delete_job=True)
    return (sum(map(_cpu_of, backends)) - before) / _FETCHES


def _main() -> None:
    what, address, *rest = sys.argv[1:]
    if what == "passes":
        result = asyncio.run(measure_passes(address, msgspec.json.decode(rest[0]), int(rest[1])))
        # Stores are judged in processes that end with the loop.
        result["night"] += _cpu(resource.RUSAGE_CHILDREN) / result.pop("nights")
    else:
        result = asyncio.run(measure_queue(address, int(rest[0]), int(rest[1])))
    print(msgspec.json.encode(result).decode())


if __name__ == "__main__":
    _main()
