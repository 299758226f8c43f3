"""The fleet's tables in PostgreSQL, by numbered migrations, each applied once and in one transaction.

They stand in a schema of their own together with procrastinate's. The store's tables are in the same database, so that
a worker's writes and the check of its epoch are one transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, LiteralString

from smartkasa_async._i18n.message import msg
from smartkasa_async.fleet.errors import FleetError

if TYPE_CHECKING:
    from psycopg import AsyncConnection
    from psycopg.rows import DictRow

SCHEMA = "smartkasa_fleet"

_LOCK = 0x736D6B66
"""Number of the lock by which one process at a time changes the schema."""

_FIRST: LiteralString = """
CREATE TABLE accounts (
    account_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused')),
    reason TEXT,
    reason_message TEXT,
    tier TEXT NOT NULL DEFAULT 'standard',
    base_url TEXT NOT NULL,
    calls_per_second DOUBLE PRECISION,
    epoch BIGINT NOT NULL DEFAULT 1,
    added_at TIMESTAMPTZ NOT NULL,
    paused_at TIMESTAMPTZ,
    succeeded_at TIMESTAMPTZ,
    complete_until TIMESTAMPTZ,
    reference_data_at TIMESTAMPTZ
);
CREATE TABLE credentials (
    account_id BIGINT PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    key_id TEXT NOT NULL,
    wrapped_key BYTEA NOT NULL,
    content BYTEA NOT NULL
);
CREATE TABLE tokens (
    account_id BIGINT PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    key_id TEXT,
    wrapped_key BYTEA,
    content BYTEA
);
CREATE TABLE paces (
    account_id BIGINT PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    free_at TIMESTAMPTZ NOT NULL
);
CREATE TABLE schedule (
    account_id BIGINT NOT NULL REFERENCES accounts ON DELETE CASCADE,
    task TEXT NOT NULL,
    next_at TIMESTAMPTZ NOT NULL,
    failures INTEGER NOT NULL DEFAULT 0,
    faults INTEGER NOT NULL DEFAULT 0,
    job_id BIGINT,
    PRIMARY KEY (account_id, task)
) WITH (fillfactor = 80);
CREATE INDEX schedule_due ON schedule (task, next_at) WHERE job_id IS NULL;
CREATE INDEX schedule_queued ON schedule (job_id) WHERE job_id IS NOT NULL;
CREATE TABLE runs (
    run_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id BIGINT NOT NULL REFERENCES accounts ON DELETE CASCADE,
    task TEXT NOT NULL,
    job_id BIGINT NOT NULL,
    worker TEXT NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    outcome TEXT,
    complete_until TIMESTAMPTZ,
    figures JSONB,
    error TEXT,
    error_message TEXT
);
CREATE INDEX runs_of_account ON runs (account_id, started_at);
CREATE INDEX runs_started ON runs (started_at);
CREATE INDEX runs_running ON runs (job_id) WHERE ended_at IS NULL;
CREATE TABLE backfill (
    account_id BIGINT NOT NULL REFERENCES accounts ON DELETE CASCADE,
    month DATE NOT NULL,
    done_at TIMESTAMPTZ,
    PRIMARY KEY (account_id, month)
);
CREATE TABLE uploads (
    upload_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id BIGINT NOT NULL REFERENCES accounts ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('products', 'stock', 'receipts')),
    name TEXT NOT NULL,
    content BYTEA NOT NULL,
    options JSONB NOT NULL,
    added_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ
);
CREATE INDEX uploads_waiting ON uploads (account_id, upload_id) WHERE ended_at IS NULL;
CREATE TABLE checkpoints (
    account_id BIGINT NOT NULL REFERENCES accounts ON DELETE CASCADE,
    name TEXT NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (account_id, name)
);
CREATE TABLE journals (
    journal_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id BIGINT NOT NULL REFERENCES accounts ON DELETE CASCADE,
    name TEXT NOT NULL,
    key TEXT NOT NULL,
    run BIGINT NOT NULL DEFAULT 0,
    is_finished BOOLEAN NOT NULL DEFAULT TRUE,
    has_side_writes BOOLEAN NOT NULL DEFAULT FALSE,
    is_pruned BOOLEAN NOT NULL DEFAULT FALSE,
    source TEXT,
    UNIQUE (account_id, name)
);
CREATE TABLE journal_rows (
    journal_id BIGINT NOT NULL REFERENCES journals ON DELETE CASCADE,
    row_id BIGINT NOT NULL,
    key TEXT NOT NULL,
    run BIGINT NOT NULL,
    line BIGINT,
    state SMALLINT NOT NULL,
    item_id TEXT,
    digest TEXT,
    entered_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (journal_id, row_id),
    UNIQUE (journal_id, key)
);
CREATE INDEX journal_rows_entered ON journal_rows (entered_at);
-- Read anew by each run, so that a crash of the server may empty them.
CREATE UNLOGGED TABLE journal_known (
    journal_id BIGINT NOT NULL,
    position BIGINT GENERATED ALWAYS AS IDENTITY,
    key TEXT NOT NULL,
    item_id TEXT NOT NULL,
    fields BYTEA NOT NULL
);
CREATE INDEX journal_known_by_key ON journal_known (journal_id, key);
CREATE INDEX journal_known_by_id ON journal_known (journal_id, item_id);
CREATE UNLOGGED TABLE journal_deferred (
    journal_id BIGINT NOT NULL,
    position BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    task BYTEA NOT NULL
);
CREATE INDEX journal_deferred_of_journal ON journal_deferred (journal_id, position);
CREATE TABLE workers (
    worker TEXT PRIMARY KEY,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    slots INTEGER NOT NULL,
    queues TEXT[] NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL
);
CREATE TABLE state (
    is_only BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (is_only),
    policy JSONB NOT NULL,
    breaker JSONB NOT NULL
);
CREATE FUNCTION may_write(account BIGINT, held_epoch BIGINT) RETURNS BOOLEAN
LANGUAGE sql SECURITY DEFINER SET search_path = smartkasa_fleet AS $$
    SELECT EXISTS (SELECT FROM accounts WHERE account_id = account AND epoch = held_epoch FOR SHARE)
$$;
"""

_TEMPORARY_TABLES_LAST: LiteralString = """
ALTER FUNCTION may_write SET search_path = smartkasa_fleet, pg_temp;
"""
"""A search path that does not name them has them first: a view called accounts would run as the owner of the tables."""

_MIGRATIONS: dict[int, LiteralString] = {1: _FIRST, 2: _TEMPORARY_TABLES_LAST}
"""Statements by number; procrastinate's own tables are made before the first."""

VERSION = max(_MIGRATIONS)
"""The version of the tables that this release reads and writes."""


async def migrate(connection: AsyncConnection[DictRow]) -> int:
    """Bring the fleet's tables up to date, or make them.

    Args:
        connection: A connection whose search path is the fleet's schema.

    Returns:
        How many migrations were applied.

    Raises:
        FleetError: A newer release wrote the tables.
    """
    from procrastinate.schema import SchemaManager  # noqa: PLC0415  (of the extra)

    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        await connection.execute("CREATE SCHEMA IF NOT EXISTS smartkasa_fleet")
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS versions"
            " (version INTEGER PRIMARY KEY, applied_at TIMESTAMPTZ NOT NULL DEFAULT now())"
        )
        version = await applied_version(connection)
        if version == 0:
            await connection.execute(SchemaManager.get_schema())
        pending = [number for number in sorted(_MIGRATIONS) if number > version]
        for number in pending:
            await connection.execute(_MIGRATIONS[number])
            await connection.execute("INSERT INTO versions (version) VALUES (%s)", [number])
    return len(pending)


async def check_version(connection: AsyncConnection[DictRow]) -> None:
    """Refuse a database whose tables are missing or of another version.

    Raises:
        FleetError: Says what to do.
    """
    cursor = await connection.execute("SELECT to_regclass('smartkasa_fleet.versions') IS NOT NULL AS there")
    row = await cursor.fetchone()
    version = await applied_version(connection) if row is not None and row["there"] else 0
    if version < VERSION:
        raise FleetError(msg("The fleet's tables are missing or of an earlier release: run smartkasa fleet init"))


async def applied_version(connection: AsyncConnection[DictRow]) -> int:
    """Return the version of the tables, 0 where there are none.

    Raises:
        FleetError: A newer release wrote them.
    """
    cursor = await connection.execute("SELECT coalesce(max(version), 0) AS version FROM versions")
    row = await cursor.fetchone()
    version: int = 0 if row is None else row["version"]
    if version > VERSION:
        raise FleetError(
            msg(
                "The fleet's tables have version {version} and this release knows {known}: use the release that wrote"
                " them, or a newer one",
                version=version,
                known=VERSION,
            )
        )
    return version
