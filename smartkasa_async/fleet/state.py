"""What a fleet keeps once: its policy and its breaker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from smartkasa_async._i18n.message import msg
from smartkasa_async.errors import ConfigurationError
from smartkasa_async.fleet.breaker import Breaker
from smartkasa_async.fleet.migrations import check_version, migrate
from smartkasa_async.fleet.policy import Policy

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
