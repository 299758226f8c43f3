"""How a fleet is: lag, what is due, throughput, paused accounts, queues and workers, in one reading."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, LiteralString

import msgspec

from smartkasa_async._i18n.kept_message import decode_message
from smartkasa_async.fleet.state import read_breaker
from smartkasa_async.fleet.work import TASKS, QueueName, TaskName

if TYPE_CHECKING:
    from datetime import datetime

    from psycopg import AsyncConnection
    from psycopg.rows import DictRow

    from smartkasa_async.fleet.database import Database
    from smartkasa_async.fleet.policy import Policy

_ONE_HOUR = timedelta(hours=1)


class Paused(msgspec.Struct, frozen=True):
    """A paused account.

    Attributes:
        name: The account.
        reason: Why it is paused.
        since: When it was paused, UTC.
    """

    name: str
    reason: str
    since: datetime


class Lag(msgspec.Struct, frozen=True):
    """How far the active accounts are behind, in seconds since what was read whole; since they were added, at first.

    Attributes:
        median: Half are less behind.
        percentile_95: 95 of 100 are less behind.
        worst: The one that is furthest behind.
        worst_account: Its name.
    """

    median: float
    percentile_95: float
    worst: float
    worst_account: str


class Due(msgspec.Struct, frozen=True):
    """What is due longest, and not queued.

    Attributes:
        account: Name of the account.
        task: The task.
        seconds: For how long it has been due.
    """

    account: str
    task: str
    seconds: float


class QueueDepth(msgspec.Struct, frozen=True):
    """Jobs of a queue.

    Attributes:
        waiting: Jobs that wait.
        running: Jobs that run.
    """

    waiting: int
    running: int


class WorkerSeen(msgspec.Struct, frozen=True):
    """A worker.

    Attributes:
        worker: Its name.
        slots: How many jobs it runs at a time.
        queues: The queues that it serves.
        running: How many jobs it runs.
        seconds_silent: Seconds since it was last seen.
    """

    worker: str
    slots: int
    queues: list[str]
    running: int
    seconds_silent: float


class FleetStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How a fleet is.

    Attributes:
        active: Number of active accounts.
        paused: The paused accounts, those paused last at the top.
        lag: How far the active accounts are behind; None where there are none.
        oldest_due: What is due longest; None where nothing is.
        due: How many tasks are due and not queued.
        runs: Runs that ended in the last hour, by task and outcome.
        queues: Depths of the queues.
        workers: Workers that were seen lately.
        breaker: State of the breaker for outages: `closed`, `open` or `easing`.
    """

    active: int
    paused: list[Paused]
    lag: Lag | None
    oldest_due: Due | None
    due: int
    runs: dict[str, dict[str, int]]
    queues: dict[str, QueueDepth]
    workers: list[WorkerSeen]
    breaker: str


async def read_status(database: Database, policy: Policy) -> FleetStatus:
    """Read how a fleet is, all at one moment.

    Raises:
        FleetDatabaseError: The database cannot be reached.
    """
    now = database.now()
    async with database.transaction() as connection:
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        due = await _rows(
            connection,
            "SELECT name, task, next_at, count(*) OVER () AS count FROM schedule JOIN accounts USING (account_id)"
            " WHERE job_id IS NULL AND next_at <= %s AND state = 'active' ORDER BY next_at LIMIT 1",
            now,
        )
        (counts,) = await _rows(connection, "SELECT count(*) AS active FROM accounts WHERE state = 'active'")
        return FleetStatus(
            active=counts["active"],
            paused=await _paused(connection),
            lag=await _lag(connection, now),
            oldest_due=next((Due(row["name"], row["task"], _seconds(now - row["next_at"])) for row in due), None),
            due=due[0]["count"] if due else 0,
            runs=await _runs(connection, now),
            queues=await _queues(connection),
            workers=await _workers(connection, now, policy),
            breaker=str((await read_breaker(connection)).state),
        )


async def _paused(connection: AsyncConnection[DictRow]) -> list[Paused]:
    rows = await _rows(
        connection,
        "SELECT name, reason, reason_message, paused_at FROM accounts WHERE state = 'paused'"
        " ORDER BY paused_at DESC, name",
    )
    return [
        Paused(row["name"], decode_message(row["reason"] or "", row["reason_message"]), row["paused_at"])
        for row in rows
    ]


async def _lag(connection: AsyncConnection[DictRow], now: datetime) -> Lag | None:
    rows = await _rows(
        connection,
        """
        WITH lags AS (
            SELECT name, greatest(extract(epoch FROM %s - coalesce(complete_until, added_at)), 0)::float8 AS lag
            FROM accounts WHERE state = 'active'
        )
        SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY lag) AS median,
            percentile_cont(0.95) WITHIN GROUP (ORDER BY lag) AS percentile_95,
            max(lag) AS worst, (array_agg(name ORDER BY lag DESC, name))[1] AS worst_account
        FROM lags HAVING count(*) > 0
        """,
        now,
    )
    return next((Lag(**row) for row in rows), None)


async def _runs(connection: AsyncConnection[DictRow], now: datetime) -> dict[str, dict[str, int]]:
    rows = await _rows(
        connection,
        "SELECT task, outcome, count(*) AS count FROM runs WHERE started_at >= %s AND ended_at >= %s"
        " GROUP BY task, outcome ORDER BY task, outcome",
        now - 24 * _ONE_HOUR,
        now - _ONE_HOUR,
    )
    runs: dict[str, dict[str, int]] = {}
    for row in rows:
        runs.setdefault(row["task"], {})[row["outcome"]] = row["count"]
    return runs


async def _queues(connection: AsyncConnection[DictRow]) -> dict[str, QueueDepth]:
    rows = await _rows(
        connection,
        "SELECT schedule.task, job.status::text AS status, count(*) AS count FROM schedule"
        " JOIN procrastinate_jobs AS job ON job.id = schedule.job_id WHERE job.status IN ('todo', 'doing')"
        " GROUP BY schedule.task, job.status",
    )
    depths = {queue: [0, 0] for queue in QueueName}
    for row in rows:
        depths[TASKS[TaskName(row["task"])].queue][row["status"] == "doing"] += row["count"]
    return {str(queue): QueueDepth(*depth) for queue, depth in depths.items()}


async def _workers(connection: AsyncConnection[DictRow], now: datetime, policy: Policy) -> list[WorkerSeen]:
    rows = await _rows(
        connection,
        "SELECT worker, slots, queues, seen_at,"
        " (SELECT count(*) FROM runs WHERE runs.worker = workers.worker AND ended_at IS NULL) AS running"
        " FROM workers WHERE seen_at >= %s ORDER BY worker",
        now - timedelta(seconds=policy.worker_silent_after),
    )
    return [
        WorkerSeen(row["worker"], row["slots"], row["queues"], row["running"], _seconds(now - row["seen_at"]))
        for row in rows
    ]


async def _rows(connection: AsyncConnection[DictRow], query: LiteralString, *values: object) -> list[DictRow]:
    return await (await connection.execute(query, values)).fetchall()


def _seconds(span: timedelta) -> float:
    return max(0.0, span.total_seconds())
