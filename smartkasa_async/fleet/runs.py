"""One run of a task: begun if the job still is the account's, fenced while it writes, and ended with its outcome."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, LiteralString

import anyio
import msgspec

from smartkasa_async._i18n.kept_message import encode_message
from smartkasa_async._i18n.message import msg
from smartkasa_async._i18n.translate import message_of
from smartkasa_async.fleet.accounts import pause
from smartkasa_async.fleet.errors import FencedError, FleetDatabaseError
from smartkasa_async.fleet.state import read_breaker
from smartkasa_async.fleet.timing import next_start, retry_at
from smartkasa_async.fleet.verdicts import UNSUCCESSFUL, Outcome, is_database_lost, outcome_of, retry_after
from smartkasa_async.fleet.work import STANDING, TaskName

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from psycopg import AsyncConnection
    from psycopg.rows import DictRow
    from sqlalchemy import Connection

    from smartkasa_async.fleet.database import Database
    from smartkasa_async.fleet.policy import Policy
    from smartkasa_async.fleet.work import Tier

_logger = logging.getLogger("smartkasa_async")

_WAITING: dict[TaskName, LiteralString] = {
    TaskName.UPLOAD: "SELECT FROM uploads WHERE account_id = %s AND kind <> 'receipts' AND ended_at IS NULL LIMIT 1",
    TaskName.PUSH: "SELECT FROM uploads WHERE account_id = %s AND kind = 'receipts' AND ended_at IS NULL LIMIT 1",
    TaskName.BACKFILL: "SELECT FROM backfill WHERE account_id = %s AND done_at IS NULL LIMIT 1",
}
"""Whether something waits for a task that is done once."""
_LEAVE_DUE: LiteralString = "UPDATE schedule SET job_id = NULL WHERE account_id = %s AND task = %s AND job_id = %s"


@dataclass(frozen=True, slots=True)
class Held:
    """An account while a run holds it.

    Attributes:
        account_id: Its id.
        name: What it is called.
        epoch: The epoch that what it writes is checked by.
        base_url: Address of the service.
        calls_per_second: The pace that holds for it.
        tier: `standard` or `slow`.
        reference_data_at: When reference data was last read whole, UTC.
        complete_until: Moment until which its receipts were read whole, UTC.
    """

    account_id: int
    name: str
    epoch: int
    base_url: str
    calls_per_second: float
    tier: Tier
    reference_data_at: datetime | None
    complete_until: datetime | None

    def fence(self, connection: Connection) -> None:
        """Check, in a writing transaction of the store, that the account still is this run's.

        Raises:
            FencedError: It is not; the transaction must not be committed.
        """
        from sqlalchemy import text  # noqa: PLC0415  (of an extra)

        may = connection.scalar(
            text("SELECT smartkasa_fleet.may_write(:account, :epoch)"),
            {"account": self.account_id, "epoch": self.epoch},
        )
        if not may:
            raise _fenced(self.account_id)

    async def check(self, connection: AsyncConnection[DictRow]) -> None:
        """Check the same in a transaction of the fleet's own tables.

        Raises:
            FencedError: It is not.
        """
        cursor = await connection.execute("SELECT may_write(%s, %s) AS may", [self.account_id, self.epoch])
        row = await cursor.fetchone()
        if row is None or not row["may"]:
            raise _fenced(self.account_id)


@dataclass(slots=True)
class Result:
    """What a task brought.

    Attributes:
        outcome: How it ended.
        figures: Its figures, plain values.
        error: What was incomplete, for people.
        complete_until: Moment until which the account's receipts were read whole; None where the task reads none.
        reference_data_at: When reference data was read whole; None where it was not.
        is_final: Whether a retry would change nothing, as with rows that were rejected.
        wait: Seconds that the service asks to wait.
        part_errors: Classes of the errors by which parts of a pass could not be read, by their names.
    """

    outcome: Outcome = Outcome.DONE
    figures: dict[str, Any] = field(default_factory=dict)
    error: str | None = None
    complete_until: datetime | None = None
    reference_data_at: datetime | None = None
    is_final: bool = False
    wait: float = 0.0
    part_errors: list[str] = field(default_factory=list)


class Runner:
    """Carries out jobs, and writes down what became of them.

    A failure never stays in the queue: it sets the schedule, and the job is done.

    Args:
        database: The fleet's database.
        policy: The fleet's policy.
        worker: Name of the worker.
        do: Does the work of a task for an account.
    """

    def __init__(
        self,
        database: Database,
        policy: Policy,
        worker: str,
        do: Callable[[TaskName, Held], Awaitable[Result]],
    ) -> None:
        self._database = database
        self._policy = policy
        self._worker = worker
        self._do = do

    async def carry_out(self, task: TaskName, account_id: int, job_id: int) -> Outcome | None:
        """Carry out a job.

        Returns:
            How it ended; None where the job was another's by now and nothing was done.

        Raises:
            FleetDatabaseError: The fleet's database was lost; the job is given back when it is there again.
            CancelledError: The worker ends; the job is given back.
        """
        held, run_id = await self._begin(task, account_id, job_id)
        if held is None:
            return None
        try:
            result = await self._do(task, held)
        except asyncio.CancelledError:
            with anyio.CancelScope(shield=True):
                await self._give_back(task, account_id, job_id, run_id)
            raise
        except Exception as error:
            if is_database_lost(error):
                raise FleetDatabaseError(message_of(error)) from error
            outcome = outcome_of(error)
            _logger.warning("Account %s: %s: %s: %s", account_id, task, outcome, error, exc_info=_is_bug(error))
            result = Result(outcome, error=message_of(error), wait=retry_after(error))
        await self._end(task, held, job_id, run_id, result)
        return result.outcome

    async def _begin(self, task: TaskName, account_id: int, job_id: int) -> tuple[Held | None, int]:
        async with self._database.transaction() as connection:
            cursor = await connection.execute(
                """
                SELECT account.name, account.state, account.epoch, account.base_url, account.calls_per_second,
                    account.tier, account.reference_data_at, account.complete_until
                FROM accounts AS account JOIN schedule USING (account_id)
                WHERE account_id = %s AND task = %s AND job_id = %s
                """,
                [account_id, task, job_id],
            )
            row = await cursor.fetchone()
            if row is None:
                return None, 0
            breaker = await read_breaker(connection)
            if row["state"] != "active" or not breaker.admits(account_id):
                await connection.execute(_LEAVE_DUE, [account_id, task, job_id])
                return None, 0
            cursor = await connection.execute(
                "INSERT INTO runs (account_id, task, job_id, worker, started_at) VALUES (%s, %s, %s, %s, %s)"
                " RETURNING run_id",
                [account_id, task, job_id, self._worker, self._database.now()],
            )
            run = await cursor.fetchone()
        held = Held(
            account_id=account_id,
            name=row["name"],
            epoch=row["epoch"],
            base_url=row["base_url"],
            calls_per_second=row["calls_per_second"] or self._policy.calls_per_second,
            tier=row["tier"],
            reference_data_at=row["reference_data_at"],
            complete_until=row["complete_until"],
        )
        return held, run["run_id"] if run else 0

    async def _give_back(self, task: TaskName, account_id: int, job_id: int, run_id: int) -> None:
        """Leave the task due, for another worker."""
        async with self._database.transaction() as connection:
            await self._note_end(connection, run_id, Result(Outcome.RETURNED))
            await connection.execute(_LEAVE_DUE, [account_id, task, job_id])

    async def _end(self, task: TaskName, held: Held, job_id: int, run_id: int, result: Result) -> None:
        account_id, now = held.account_id, self._database.now()
        async with self._database.transaction() as connection:
            cursor = await connection.execute(
                "SELECT failures, faults FROM schedule WHERE account_id = %s AND task = %s AND job_id = %s FOR UPDATE",
                [account_id, task, job_id],
            )
            row = await cursor.fetchone()
            if row is None:  # taken away meanwhile, which was written down
                return
            await self._note_end(connection, run_id, result)
            failed = result.outcome in UNSUCCESSFUL and not result.is_final
            failures = row["failures"] + 1 if failed else 0
            faults = row["faults"] + (result.outcome is Outcome.FAILED) if failed else 0
            await self._set_schedule(connection, task, held, result, failures=failures, faults=faults)
            succeeded_at = now if result.outcome is Outcome.DONE and task is TaskName.TODAY else None
            await connection.execute(
                """
                UPDATE accounts SET succeeded_at = coalesce(%s, succeeded_at),
                    complete_until = greatest(complete_until, %s), reference_data_at = coalesce(%s, reference_data_at)
                WHERE account_id = %s
                """,
                [succeeded_at, result.complete_until, result.reference_data_at, account_id],
            )
            if result.outcome is Outcome.REFUSED and result.error is not None:
                await pause(connection, account_id, result.error, now)
            elif faults >= self._policy.failures_to_pause and result.outcome is Outcome.FAILED:
                reason = msg(
                    "{task} failed {count} times in a row, at last: {reason}",
                    task=str(task),
                    count=faults,
                    reason=result.error or "",
                )
                await pause(connection, account_id, reason, now)

    async def _set_schedule(
        self,
        connection: AsyncConnection[DictRow],
        task: TaskName,
        held: Held,
        result: Result,
        *,
        failures: int,
        faults: int,
    ) -> None:
        account_id, now = held.account_id, self._database.now()
        if result.outcome is Outcome.FENCED:
            next_at = now
        elif failures:
            next_at = max(retry_at(self._policy, account_id, task, failures, now), now + timedelta(seconds=result.wait))
        elif task in STANDING:
            next_at = next_start(self._policy, account_id, task, held.tier, now)
        elif await _is_waiting(connection, task, account_id):
            next_at = now
        else:
            await connection.execute("DELETE FROM schedule WHERE account_id = %s AND task = %s", [account_id, task])
            return
        await connection.execute(
            "UPDATE schedule SET next_at = %s, failures = %s, faults = %s, job_id = NULL"
            " WHERE account_id = %s AND task = %s",
            [next_at, failures, faults, account_id, task],
        )

    async def _note_end(self, connection: AsyncConnection[DictRow], run_id: int, result: Result) -> None:
        figures = msgspec.json.encode(result.figures, enc_hook=str).decode() if result.figures else None
        await connection.execute(
            "UPDATE runs SET ended_at = %s, outcome = %s, complete_until = %s, figures = %s, error = %s,"
            " error_message = %s WHERE run_id = %s",
            [
                self._database.now(),
                result.outcome,
                result.complete_until,
                figures,
                None if result.error is None else str(result.error),
                None if result.error is None else encode_message(result.error),
                run_id,
            ],
        )


async def _is_waiting(connection: AsyncConnection[DictRow], task: TaskName, account_id: int) -> bool:
    """Return whether an account has more for a task that is done once."""
    cursor = await connection.execute(_WAITING[task], [account_id])
    return await cursor.fetchone() is not None


def _fenced(account_id: int) -> FencedError:
    return FencedError(
        msg("Account {account} was paused, changed or given to another worker meanwhile", account=account_id)
    )


def _is_bug(error: BaseException) -> bool:
    """Return whether the log needs the lines of code: an error that the library does not know."""
    from smartkasa_async.errors import SmartKasaError  # noqa: PLC0415

    return not isinstance(error, SmartKasaError)
