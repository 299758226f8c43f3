"""Accounts of a fleet: added, listed, paused, resumed, retried and removed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, LiteralString

import msgspec

from smartkasa_async._i18n.kept_message import decode_message, encode_message
from smartkasa_async._i18n.message import msg
from smartkasa_async._support.nearest import nearest
from smartkasa_async.fleet.errors import FleetError
from smartkasa_async.fleet.journals import forget_journals
from smartkasa_async.fleet.store_access import open_account_store
from smartkasa_async.fleet.timing import months_between, next_start
from smartkasa_async.fleet.work import STANDING, TIERS, TaskName, Tier
from smartkasa_async.settings import Settings, check_number

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from psycopg import AsyncConnection
    from psycopg.rows import DictRow

    from smartkasa_async.fleet.credentials import Credentials, CredentialStore
    from smartkasa_async.fleet.database import Database
    from smartkasa_async.fleet.policy import Policy

_SELECT: LiteralString = """
SELECT account_id, name, state, reason, reason_message, tier, base_url, calls_per_second, epoch, added_at, paused_at,
    succeeded_at, complete_until
FROM accounts
WHERE (%(name)s::text IS NULL OR name = %(name)s OR account_id::text = %(name)s)
    AND (%(state)s::text IS NULL OR state = %(state)s)
ORDER BY name
"""


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account to add; its settings are checked when it is made.

    Attributes:
        name: What it is called in commands, unique in the fleet.
        credentials: Key, phone number and password.
        base_url: Address of the service.
        tier: `standard`, or `slow` for passes over today that are further apart.
        calls_per_second: Most requests per second; None for the policy's.

    Raises:
        FleetError: The name or the tier cannot be used.
        ConfigurationError: A setting cannot be used; named without its value where that is a secret.
    """

    name: str
    credentials: Credentials = field(repr=False)
    base_url: str
    tier: Tier = "standard"
    calls_per_second: float | None = None

    def __post_init__(self) -> None:
        if not self.name or self.name != self.name.strip() or not self.name.isprintable():
            raise FleetError(msg("The name of an account is empty, or begins or ends with a space; give it another"))
        if self.tier not in TIERS:
            raise FleetError(msg("tier is {value!r}; give one of {choices}", value=self.tier, choices=", ".join(TIERS)))
        if self.calls_per_second is not None:
            check_number("calls_per_second", self.calls_per_second, (int, float))
        secrets = self.credentials
        Settings(
            api_key=secrets.api_key,
            phone_number=secrets.phone_number,
            password=secrets.password,
            base_url=self.base_url,
        )


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An account of the fleet, without its secrets.

    Attributes:
        account_id: Its id, also in the store.
        name: What it is called in commands.
        state: `active` or `paused`.
        reason: Why it is paused.
        tier: `standard` or `slow`.
        base_url: Address of the service.
        calls_per_second: Its own pace; None for the policy's.
        epoch: Raised whenever it is taken away from a worker.
        added_at: When it was added, UTC.
        paused_at: When it was paused, UTC.
        succeeded_at: When a pass over today last succeeded, UTC.
        complete_until: Moment until which its receipts were read whole, UTC.
    """

    account_id: int
    name: str
    state: str
    reason: str | None
    tier: Tier
    base_url: str
    calls_per_second: float | None
    epoch: int
    added_at: datetime
    paused_at: datetime | None
    succeeded_at: datetime | None
    complete_until: datetime | None


class ScheduledTask(msgspec.Struct, frozen=True, kw_only=True):
    """A task in an account's schedule.

    Attributes:
        task: Its name.
        next_at: When it is due, UTC.
        failures: How often it failed in a row.
        is_queued: Whether a job for it waits or runs.
    """

    task: str
    next_at: datetime
    failures: int
    is_queued: bool


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A run of a task.

    Attributes:
        task: Its name.
        worker: The worker that it ran in.
        started_at: When it began, UTC.
        ended_at: When it ended, UTC; None while it runs.
        outcome: How it ended; None while it runs.
        complete_until: Moment until which the account's receipts were read whole, UTC.
        figures: What it brought.
        error: What went wrong.
    """

    task: str
    worker: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str | None
    complete_until: datetime | None
    figures: dict[str, Any] | None
    error: str | None


class Accounts:
    """The accounts of a fleet.

    Args:
        database: The fleet's database.
        policy: The fleet's policy.
    """

    def __init__(self, database: Database, policy: Policy) -> None:
        self._database = database
        self._policy = policy

    async def add(self, account: NewAccount, credential_store: CredentialStore) -> int:
        """Add an account, or replace settings and credentials of the one of that name.

        Work that runs for the account is fenced off, and what is due begins at the account's own share of each
        interval.

        Returns:
            Its id.
        """
        now = self._database.now()
        async with self._database.transaction() as connection:
            cursor = await connection.execute(
                """
                INSERT INTO accounts (name, tier, base_url, calls_per_second, added_at)
                VALUES (%(name)s, %(tier)s, %(base_url)s, %(pace)s, %(now)s)
                ON CONFLICT (name) DO UPDATE SET
                    tier = excluded.tier, base_url = excluded.base_url,
                    calls_per_second = excluded.calls_per_second, epoch = accounts.epoch + 1,
                    state = 'active', reason = NULL, reason_message = NULL, paused_at = NULL
                RETURNING account_id
                """,
                {
                    "name": account.name,
                    "tier": account.tier,
                    "base_url": account.base_url,
                    "pace": account.calls_per_second,
                    "now": now,
                },
            )
            row = await cursor.fetchone()
            account_id: int = row["account_id"] if row else 0
            await credential_store.write(connection, account_id, account.credentials)
            # Slots that were taken at a slower pace may reach far ahead.
            await connection.execute(
                "UPDATE paces SET free_at = least(free_at, clock_timestamp()) WHERE account_id = %s", [account_id]
            )
            for task in STANDING:
                await connection.execute(
                    "INSERT INTO schedule (account_id, task, next_at) VALUES (%s, %s, %s)"
                    " ON CONFLICT (account_id, task) DO UPDATE SET failures = 0, faults = 0",
                    [account_id, task, next_start(self._policy, account_id, task, account.tier, now)],
                )
        return account_id

    async def find(self, name: str) -> Account:
        """Return the account of a name, or of an id.

        Raises:
            FleetError: There is none; names one that may be meant.
        """
        found = await self._select(name=name)
        if found:
            return min(found, key=lambda account: account.name != name)
        names = [
            row["name"] for row in await self._database.rows("SELECT name FROM accounts ORDER BY name LIMIT 10000")
        ]
        meant = nearest(name, names)
        if meant:
            raise FleetError(
                msg("There is no account {name}; did you mean {meant}?", name=name, meant=", ".join(meant))
            )
        raise FleetError(msg("There is no account {name}; see: smartkasa fleet list", name=name))

    async def list(self, *, state: str | None = None) -> Sequence[Account]:
        """Return the accounts by name, all or those in a state."""
        return await self._select(state=state)

    async def schedule(self, account_id: int) -> Sequence[ScheduledTask]:
        """Return an account's schedule, what is due first at the top."""
        rows = await self._database.rows(
            "SELECT task, next_at, failures, job_id IS NOT NULL AS is_queued FROM schedule"
            " WHERE account_id = %s ORDER BY next_at",
            [account_id],
        )
        return [ScheduledTask(**row) for row in rows]

    async def runs(self, account_id: int, *, limit: int = 10) -> Sequence[Run]:
        """Return an account's last runs, the newest first."""
        rows = await self._database.rows(
            "SELECT task, worker, started_at, ended_at, outcome, complete_until, figures, error, error_message"
            " FROM runs WHERE account_id = %s ORDER BY started_at DESC, run_id DESC LIMIT %s",
            [account_id, limit],
        )
        return [Run(**_translatable(row, "error", "error_message")) for row in rows]

    async def pause(self, account_id: int, reason: str) -> None:
        """Pause an account: nothing is begun for it, and what runs can write nothing more.

        Args:
            account_id: The account.
            reason: Why, for people.
        """
        async with self._database.transaction() as connection:
            await pause(connection, account_id, reason, self._database.now())

    async def resume(self, account_id: int) -> None:
        """Let a paused account go on; what became due meanwhile is done soon."""
        await self._database.execute(
            "UPDATE accounts SET state = 'active', reason = NULL, reason_message = NULL, paused_at = NULL"
            " WHERE account_id = %s AND state = 'paused'",
            [account_id],
        )

    async def retry(self, account_id: int) -> None:
        """Let an account go on at once: its failures are forgotten, and what it has failed at is due now."""
        await self.resume(account_id)
        await self._database.execute(
            "UPDATE schedule SET next_at = least(next_at, %s), failures = 0, faults = 0"
            " WHERE account_id = %s AND (failures > 0 OR task = 'today')",
            [self._database.now(), account_id],
        )

    async def purge(self, account_id: int) -> int:
        """Delete all that the store has of an account, in batches.

        It is paused first, so that nothing is written meanwhile; one that was stopped is repeated.

        Returns:
            How many rows were deleted.

        Raises:
            StoreError: The store cannot delete them.
        """
        await self.pause(account_id, msg("What the store has of it is being deleted"))
        async with open_account_store(self._database.address, account_id) as store:
            return await store.purge()

    async def remove(self, account_id: int) -> None:
        """Remove an account with its credentials, tokens, schedule and runs; what the store has of it stays."""
        async with self._database.transaction() as connection:
            await forget_journals(connection, account_id)
            await connection.execute("DELETE FROM accounts WHERE account_id = %s", [account_id])

    async def request(self, account_id: int, task: str) -> None:
        """Make a task due now.

        Raises:
            FleetError: The account is paused.
        """
        async with self._database.transaction() as connection:
            await self.request_in(connection, account_id, task)

    async def request_in(self, connection: AsyncConnection[DictRow], account_id: int, task: str) -> None:
        """Make a task due now, in a transaction with what it is to do.

        Raises:
            FleetError: The account is paused; nothing of the transaction is kept.
        """
        changed = await connection.execute(
            """
            INSERT INTO schedule (account_id, task, next_at)
            SELECT account_id, %(task)s, %(now)s FROM accounts WHERE account_id = %(account)s AND state = 'active'
            ON CONFLICT (account_id, task) DO UPDATE SET next_at = least(schedule.next_at, excluded.next_at)
            """,
            {"task": task, "account": account_id, "now": self._database.now()},
        )
        if not changed.rowcount:
            raise FleetError(msg("The account is paused; let it go on first: smartkasa fleet resume ACCOUNT"))

    async def backfill(self, account_id: int, first: date, last: date) -> int:
        """Have the months of the past read, the newest first, one at a time and behind all other work.

        Args:
            account_id: The account.
            first: A day of the first month.
            last: A day of the last month.

        Returns:
            How many months wait that did not before.

        Raises:
            FleetError: The account is paused.
        """
        count = 0
        async with self._database.transaction() as connection:
            for month in months_between(first, last):
                cursor = await connection.execute(
                    "INSERT INTO backfill (account_id, month) VALUES (%s, %s) ON CONFLICT (account_id, month)"
                    " DO UPDATE SET done_at = NULL WHERE backfill.done_at IS NOT NULL",
                    [account_id, month],
                )
                count += cursor.rowcount
            await self.request_in(connection, account_id, TaskName.BACKFILL)
        return count

    async def _select(self, *, name: str | None = None, state: str | None = None) -> Sequence[Account]:
        rows = await self._database.rows(_SELECT, {"name": name, "state": state})
        return [Account(**_translatable(row, "reason", "reason_message")) for row in rows]


async def pause(connection: AsyncConnection[DictRow], account_id: int, reason: str, now: datetime) -> None:
    """Pause an account in a transaction; a pause keeps its first reason."""
    await connection.execute(
        "UPDATE accounts SET state = 'paused', reason = %s, reason_message = %s, paused_at = %s, epoch = epoch + 1"
        " WHERE account_id = %s AND state = 'active'",
        [str(reason), encode_message(reason), now, account_id],
    )


def _translatable(row: DictRow, text: str, message: str) -> DictRow:
    """Put a text and what it was made of together."""
    content = row.pop(message)
    if row[text] is not None:
        row[text] = decode_message(row[text], content)
    return row
