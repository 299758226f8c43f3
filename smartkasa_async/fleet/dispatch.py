"""The dispatch: what is due is claimed, oldest first, and queued as far as the workers have room.

It runs once a minute as procrastinate's one periodic task, and between whenever a worker has slots to spare. Only one
runs at a time in the whole fleet. The schedule alone says what is due: a job that vanishes, however that is, leaves its
row due, so nothing is lost with a queue.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from smartkasa_async.fleet import breaker as breakers
from smartkasa_async.fleet.breaker import Breaker, BreakerState, Recent
from smartkasa_async.fleet.retention import prune
from smartkasa_async.fleet.room import room_by_queue, slots_by_queue
from smartkasa_async.fleet.state import read_breaker, write_breaker
from smartkasa_async.fleet.verdicts import Outcome
from smartkasa_async.fleet.work import TASKS, QueueName, TaskName, tasks_of, tasks_of_kind

if TYPE_CHECKING:
    from datetime import datetime

    from psycopg import AsyncConnection
    from psycopg.rows import DictRow

    from smartkasa_async.fleet.database import Database
    from smartkasa_async.fleet.policy import Policy
    from smartkasa_async.fleet.queue import Queue

_LOCK = 0x736D6B64
"""Number of the lock by which one dispatch runs at a time."""

_CLAIM = """
SELECT due.account_id, due.task
FROM schedule AS due JOIN accounts USING (account_id)
WHERE due.job_id IS NULL AND due.next_at <= %(now)s AND due.task = ANY(%(tasks)s) AND accounts.state = 'active'
    AND NOT EXISTS (
        SELECT FROM schedule AS other
        WHERE other.account_id = due.account_id AND other.job_id IS NOT NULL AND other.task = ANY(%(kind)s)
    )
ORDER BY due.next_at
LIMIT %(room)s
FOR UPDATE OF due SKIP LOCKED
"""


@dataclass(frozen=True, slots=True)
class Dispatched:
    """What a dispatch did.

    Attributes:
        queued: Jobs that were queued.
        freed: Rows of the schedule whose jobs had vanished.
        lost: Jobs that were taken from workers that are dead or silent.
        breaker: The breaker's state; None where another dispatch ran.
    """

    queued: int = 0
    freed: int = 0
    lost: int = 0
    breaker: BreakerState | None = None


class Dispatcher:
    """Fills the queue of a fleet.

    Args:
        database: The fleet's database.
        queue: The fleet's queue.
        policy: The fleet's policy.
    """

    def __init__(self, database: Database, queue: Queue, policy: Policy) -> None:
        self._database = database
        self._queue = queue
        self._policy = policy

    async def dispatch(self) -> Dispatched:
        """Take jobs from dead workers, prune what is old, and fill the queue.

        Raises:
            FleetDatabaseError: The database was lost.
        """
        lost = await self._take_from_dead_workers()
        await prune(self._database, self._policy)
        filled = await self.fill()
        return Dispatched(filled.queued, filled.freed, lost, filled.breaker)

    async def fill(self) -> Dispatched:
        """Queue what is due, as far as there is room; nothing where another dispatch is at it.

        Raises:
            FleetDatabaseError: The database was lost.
        """
        async with self._database.transaction() as connection:
            cursor = await connection.execute("SELECT pg_try_advisory_xact_lock(%s) AS taken", [_LOCK])
            row = await cursor.fetchone()
            if row is None or not row["taken"]:
                return Dispatched()
            now = self._database.now()
            freed = await _free_vanished(connection, now)
            breaker = await self._observe(connection, now)
            slots, queued = await self._load(connection, now)
            count = 0
            for queue, room in room_by_queue(slots, queued, breaker, self._policy).items():
                count += await self._claim(connection, queue, room, now)
            if slots[QueueName.LIGHT] and breakers.wants_probe(breaker, self._policy, now):
                count += await self._send_probe(connection, breaker, now)
            return Dispatched(count, freed, 0, breaker.state)

    async def _claim(self, connection: AsyncConnection[DictRow], queue: QueueName, room: int, now: datetime) -> int:
        """Claim what is due of a queue's tasks, and queue a job for each."""
        return len(await self._queue_due(connection, tasks_of(queue), room, now)) if room else 0

    async def _queue_due(
        self, connection: AsyncConnection[DictRow], tasks: list[str], room: int, now: datetime
    ) -> list[int]:
        kind = tasks_of_kind(TASKS[TaskName(tasks[0])].kind)
        cursor = await connection.execute(_CLAIM, {"now": now, "tasks": tasks, "kind": kind, "room": room})
        accounts = []
        for row in await cursor.fetchall():
            account_id, task = row["account_id"], TASKS[TaskName(row["task"])]
            job_id = await self._queue.defer(connection, task, account_id)
            if job_id is not None:
                await connection.execute(
                    "UPDATE schedule SET job_id = %s WHERE account_id = %s AND task = %s",
                    [job_id, account_id, task.name],
                )
                accounts.append(account_id)
        return accounts

    async def _send_probe(self, connection: AsyncConnection[DictRow], breaker: Breaker, now: datetime) -> int:
        found = await self._queue_due(connection, [str(TaskName.TODAY)], 1, now)
        for account_id in found:
            await write_breaker(connection, breakers.with_probe(breaker, account_id, now))
        return len(found)

    async def _observe(self, connection: AsyncConnection[DictRow], now: datetime) -> Breaker:
        """Open or close the breaker by what the last runs saw of the service."""
        breaker = await read_breaker(connection)
        cursor = await connection.execute(
            """
            SELECT count(*) AS ended, count(*) FILTER (WHERE outcome = ANY(%(bad)s)) AS bad,
                count(DISTINCT account_id) FILTER (WHERE outcome = ANY(%(bad)s)) AS bad_accounts
            FROM runs
            WHERE started_at >= %(since)s AND ended_at IS NOT NULL AND outcome <> ALL(%(unjudged)s)
                AND (%(probe)s::bigint IS NULL OR account_id = %(probe)s)
            """,
            {
                "since": breakers.counted_since(breaker, self._policy, now),
                "bad": [Outcome.OUTAGE, Outcome.REFUSED],
                "unjudged": [Outcome.RETURNED, Outcome.FENCED, Outcome.LOST],
                "probe": breaker.probe,
            },
        )
        row = await cursor.fetchone()
        after = breakers.observe(breaker, Recent(**row) if row else Recent(0, 0, 0), self._policy, now)
        if after != breaker:
            await write_breaker(connection, after)
        return after

    async def _load(
        self, connection: AsyncConnection[DictRow], now: datetime
    ) -> tuple[dict[QueueName, int], dict[QueueName, int]]:
        """Return the slots of each queue, and the jobs that wait or run."""
        alive_since = now - timedelta(seconds=self._policy.worker_silent_after)
        cursor = await connection.execute("SELECT slots, queues FROM workers WHERE seen_at >= %s", [alive_since])
        slots = slots_by_queue([(row["slots"], row["queues"]) for row in await cursor.fetchall()])
        cursor = await connection.execute(
            "SELECT task, count(*) AS count FROM schedule WHERE job_id IS NOT NULL GROUP BY task"
        )
        queued = dict.fromkeys(QueueName, 0)
        for row in await cursor.fetchall():
            queued[TASKS[TaskName(row["task"])].queue] += row["count"]
        return slots, queued

    async def _take_from_dead_workers(self) -> int:
        """Take the jobs of workers that are silent: their accounts get a new epoch, so that they can write no more."""
        silent, now = self._policy.worker_silent_after, self._database.now()
        stalled = await self._queue.stalled(silent)
        for job_id, account_id in stalled:
            async with self._database.transaction() as connection:
                await connection.execute("UPDATE accounts SET epoch = epoch + 1 WHERE account_id = %s", [account_id])
                await connection.execute(
                    "UPDATE runs SET ended_at = %s, outcome = %s WHERE job_id = %s AND ended_at IS NULL",
                    [now, Outcome.LOST, job_id],
                )
            await self._queue.drop(job_id)
        await self._database.execute("DELETE FROM workers WHERE seen_at < %s", [now - timedelta(seconds=20 * silent)])
        return len(stalled)


async def _free_vanished(connection: AsyncConnection[DictRow], now: datetime) -> int:
    """Free the rows of the schedule whose jobs neither wait nor run any more, and end the runs of such jobs."""
    await connection.execute(
        """
        UPDATE runs SET ended_at = %s, outcome = %s
        WHERE ended_at IS NULL AND NOT EXISTS (
            SELECT FROM procrastinate_jobs AS job WHERE job.id = runs.job_id AND job.status IN ('todo', 'doing')
        )
        """,
        [now, Outcome.LOST],
    )
    cursor = await connection.execute(
        """
        UPDATE schedule SET job_id = NULL
        WHERE job_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM procrastinate_jobs AS job WHERE job.id = schedule.job_id AND job.status IN ('todo', 'doing')
        )
        """
    )
    return cursor.rowcount
