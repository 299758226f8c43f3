"""What a fleet keeps once: its policy and its breaker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from smartkasa_async._i18n.message import msg
from smartkasa_async.errors import ConfigurationError
from smartkasa_async.fleet.breaker import Breaker
from smartkasa_async.fleet.journals import PUSHES
from smartkasa_async.fleet.migrations import check_version, migrate
from smartkasa_async.fleet.policy import Policy
from smartkasa_async.stores import open_store

if TYPE_CHECKING:
    from psycopg import AsyncConnection
    from psycopg.rows import DictRow

    from smartkasa_async.fleet.database import Database


async def set_up(database: Database, policy: Policy | None = None) -> int:
    """Make the fleet's tables or bring them up to date, and keep the policy.

    Args:
        database: The database.
        policy: The policy; None keeps the one that is there, or the default one where there is none.

    Returns:
        How many migrations were applied.

    Raises:
        FleetError: A newer release wrote the tables.
    """
    async with database.transaction() as connection:
        applied = await migrate(connection)
        await connection.execute(
            "INSERT INTO state (policy, breaker) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            [_json(Policy()), _json(Breaker(since=database.now()))],
        )
        if policy is not None:
            await connection.execute("UPDATE state SET policy = %s", [_json(policy)])
    return applied


async def note_restored(database: Database) -> None:
    """Note that the database was restored from a backup, so that what was pushed since is not in its journals.

    From then on a receipt that the journal does not know is looked up in the service before it is pushed.
    """
    await database.execute(
        "INSERT INTO journals (account_id, name, key, is_pruned) SELECT account_id, %s, 'fiscal_number', TRUE"
        " FROM accounts ON CONFLICT (account_id, name) DO UPDATE SET is_pruned = TRUE",
        [PUSHES],
    )


async def allow_workers(database: Database, role: str) -> None:
    """Let a role of PostgreSQL work in the fleet, and in the store for one account in each transaction.

    The role is made where there is none, able to log in and without a password. It reads and writes the fleet's tables,
    which hold secrets only as they are encrypted; of the store, row security shows it the account that a transaction
    names. It cannot change tables, so this is done anew after each upgrade.

    Args:
        database: The fleet's database, open for a user who owns the tables and may make roles.
        role: Name of the role.

    Raises:
        ConfigurationError: The role sees all accounts: it is a superuser, or belongs to the owner of the tables.
        StoreForbiddenError: The user may not make the role, or not give it its rights.
    """
    from psycopg.sql import SQL, Identifier  # noqa: PLC0415  (of the extra)

    async with open_store(database.address) as store:
        await store.allow_workers(role)
    async with database.transaction() as connection:
        for rights in (
            "USAGE ON SCHEMA smartkasa_fleet",
            "SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA smartkasa_fleet",
            "USAGE ON ALL SEQUENCES IN SCHEMA smartkasa_fleet",
        ):
            await connection.execute(SQL("GRANT {} TO {}").format(SQL(rights), Identifier(role)))


async def read_policy(database: Database) -> Policy:
    """Return the fleet's policy.

    Raises:
        FleetError: There are no tables, or those of another release.
        ConfigurationError: The policy has a field that this release does not know.
    """
    async with database.transaction() as connection:
        await check_version(connection)
        cursor = await connection.execute("SELECT policy::text FROM state")
        row = await cursor.fetchone()
    try:
        return msgspec.json.decode(row["policy"] if row else "{}", type=Policy)
    except msgspec.ValidationError as error:
        raise ConfigurationError(
            msg("The fleet's policy cannot be read: {reason}; correct it, or run smartkasa fleet init", reason=error)
        ) from error


def parse_policy(content: bytes) -> Policy:
    """Read a policy from JSON.

    Raises:
        ConfigurationError: It is none; names the field.
    """
    try:
        return msgspec.json.decode(content, type=Policy)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(msg("This is no policy of a fleet: {reason}", reason=error)) from error


async def read_breaker(connection: AsyncConnection[DictRow]) -> Breaker:
    """Return the breaker, in a transaction."""
    cursor = await connection.execute("SELECT breaker::text FROM state")
    row = await cursor.fetchone()
    if row is None:
        raise ConfigurationError(msg("The fleet's tables are empty: run smartkasa fleet init"))
    return msgspec.json.decode(row["breaker"], type=Breaker)


async def write_breaker(connection: AsyncConnection[DictRow], breaker: Breaker) -> None:
    """Keep the breaker, in a transaction."""
    await connection.execute("UPDATE state SET breaker = %s", [_json(breaker)])


def _json(value: msgspec.Struct) -> str:
    return msgspec.json.encode(value).decode()
