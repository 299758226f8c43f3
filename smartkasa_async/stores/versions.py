"""Versions of the schema: a new store gets the present one, an earlier one is brought there, a newer one is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, inspect, literal, select, update

from smartkasa_async._i18n.message import msg
from smartkasa_async.records.personal import PEOPLE, without_personal_json
from smartkasa_async.stores.accounts import ACCOUNT
from smartkasa_async.stores.errors import StoreError
from smartkasa_async.stores.postgresql import partition, secure_rows
from smartkasa_async.stores.schema import METADATA, QUARANTINE, SCHEMA_VERSIONS, SYNCED_DAYS, WATERMARKS
from smartkasa_async.stores.statistics import note_statistics
from smartkasa_async.stores.views import VIEWS, DropView, create_views
from smartkasa_async.stores.writing import TABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from sqlalchemy import Column, ColumnElement, Connection, Table

SCHEMA_VERSION = 8
"""The version that this release reads and writes."""

_FORMER_ACCOUNT = 0
"""Whose rows those are that older versions have; theirs was the only one."""

_LOCK = 0x736D6B61
"""Number of the lock, any that nobody else takes, by which one process at a time changes a schema in PostgreSQL."""


def is_up_to_date(connection: Connection) -> bool:
    """Return whether the store has the present version.

    Raises:
        StoreError: The store was written by a newer release.
    """
    version = _version(connection)
    if version is not None and version > SCHEMA_VERSION:
        raise StoreError(
            msg(
                "The store has schema version {version} and this release knows {known}:"
                " use the release that wrote it, or a newer one",
                version=version,
                known=SCHEMA_VERSION,
            )
        )
    return version == SCHEMA_VERSION


def bring_up_to_date(connection: Connection) -> None:
    """Take a store's tables from whatever version they have to the present one, or create them.

    Raises:
        StoreError: The store was written by a newer release.
    """
    connection = connection.execution_options(**{ACCOUNT: None})  # of all accounts
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    if is_up_to_date(connection):
        return
    version = _version(connection)
    for number, step in _STEPS.items():
        if version is not None and number > version:
            step(connection)
    METADATA.create_all(connection)
    create_views(connection)
    if connection.dialect.name == "sqlite":
        note_statistics(connection)
    else:
        secure_rows(connection)
    connection.execute(insert(SCHEMA_VERSIONS), [{"version": SCHEMA_VERSION, "applied_at": datetime.now(UTC)}])


def _version(connection: Connection) -> int | None:
    if not inspect(connection).has_table(SCHEMA_VERSIONS.name):
        return None
    version: int | None = connection.scalar(select(func.max(SCHEMA_VERSIONS.c.version)))
    return version


_ADDED_IN_2 = {
    "shops": ("deleted_at TIME",),
    "shifts": ("employee_id BIGINT", "terminal_user_id BIGINT", "deleted_at TIME"),
    "receipts": (
        "offline_seed TEXT",
        "previous_receipt_hash TEXT",
        *(f"tax_{letter} MONEY" for letter in "abvgdz"),
        "deleted_at TIME",
    ),
    "z_reports": (
        "payload_timestamp TIME",
        "payload_registrar_local_number TEXT",
        *(f"payload_cash_{name} MONEY" for name in ("amount", "total", "commission")),
        "payload_cash_receipts_count INTEGER",
        *(f"payload_{name} MONEY" for name in ("service_input", "service_output", "turnover_amount")),
        "deleted_at TIME",
    ),
}

_TYPES = {
    "sqlite": {"TIME": "DATETIME", "MONEY": "BIGINT"},
    "postgresql": {"TIME": "TIMESTAMP WITH TIME ZONE", "MONEY": "NUMERIC(18, 4)"},
}


def _step_2(connection: Connection) -> None:
    """Add the columns for deletion, taxes and payloads, and let `raw` be NULL.

    Rows that are there have NULL in the new columns until the next sync.
    """
    types = _TYPES[connection.dialect.name]
    for table, columns in _ADDED_IN_2.items():
        for column in columns:
            name, type_ = column.split()
            connection.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN {name} {types.get(type_, type_)}")
        _let_be_null(connection, table, "raw", "TEXT")
    connection.exec_driver_sql(
        "CREATE INDEX receipts_by_registrar_and_number ON receipts (registrar_fiscal_number, fiscal_number)"
    )


_OPTIONAL_SINCE_3 = {
    "shops": ("state INTEGER", "created_at TIME", "updated_at TIME"),
    "terminals": ("name TEXT", "state INTEGER", "created_at TIME", "updated_at TIME"),
    "employees": ("state INTEGER", "created_at TIME", "updated_at TIME"),
    "categories": ("created_at TIME", "updated_at TIME"),
    "products": ("created_at TIME", "updated_at TIME"),
    "cards": ("created_at TIME", "updated_at TIME"),
    "receipt_items": ("name TEXT",),
}


def _step_3(connection: Connection) -> None:
    """Let be NULL what a record is what it is without, and forget which days were read.

    When they were read, and by which clock, is unknown: each is read once more.
    """
    WATERMARKS.drop(connection, checkfirst=True)
    for view in VIEWS:
        connection.execute(DropView(view))
    types = _TYPES[connection.dialect.name]
    for table, columns in _OPTIONAL_SINCE_3.items():
        if inspect(connection).has_table(table):
            for column in columns:
                name, type_ = column.split()
                _let_be_null(connection, table, name, types.get(type_, type_))


def _step_4(connection: Connection) -> None:
    """Note as read the days that are final; whether later ones were read is unknown, so they are not.

    Tax numbers and passports of employees are removed, as nobody asked for them to be kept.
    """
    SYNCED_DAYS.create(connection)
    if inspect(connection).has_table(WATERMARKS.name):
        names = [column.name for column in SYNCED_DAYS.columns if column.name != "account_id"]
        final = select(literal(_FORMER_ACCOUNT), *(WATERMARKS.c[name] for name in names))
        connection.execute(insert(SYNCED_DAYS).from_select(["account_id", *names], final))
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete = ON")  # what is removed is not left in free pages
    for kind in PEOPLE:
        _remove_personal(connection, TABLES[kind], TABLES[kind].c.id)
    if inspect(connection).has_table(QUARANTINE.name):
        _remove_personal(connection, QUARANTINE, QUARANTINE.c.key, QUARANTINE.c.kind.in_(PEOPLE))


def _step_5(connection: Connection) -> None:
    """Add what the reasons of quarantined records are translated from; those that are there stay in English."""
    schema = inspect(connection)
    if schema.has_table(QUARANTINE.name):
        columns = {column["name"] for column in schema.get_columns(QUARANTINE.name)}
        if QUARANTINE.c.message.name not in columns:
            connection.exec_driver_sql("ALTER TABLE quarantine ADD COLUMN message TEXT")


def _step_6(connection: Connection) -> None:
    """Put the account first in each key: all that is there is of the only one.

    No database can do this to a table that there is, so each is made anew and filled from the old one.
    """
    for view in VIEWS:
        connection.execute(DropView(view))
    for table in METADATA.sorted_tables:
        if "account_id" in table.c and inspect(connection).has_table(table.name):
            _rebuild(connection, table)


def _rebuild(connection: Connection, table: Table) -> None:
    schema = inspect(connection)
    names = {column["name"] for column in schema.get_columns(table.name)}
    if "account_id" in names:
        return
    quote = connection.dialect.identifier_preparer.quote
    for index in schema.get_indexes(table.name):
        connection.exec_driver_sql(f"DROP INDEX {index['name']}")
    before = f"before_6_{table.name}"
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"ALTER TABLE {table.name} DROP CONSTRAINT {table.name}_pkey")
    connection.exec_driver_sql(f"ALTER TABLE {table.name} RENAME TO {before}")
    table.create(connection)
    if connection.dialect.name == "postgresql":
        partition(connection, table)
    kept = ", ".join(quote(column.name) for column in table.columns if column.name in names)
    connection.exec_driver_sql(
        f"INSERT INTO {table.name} (account_id, {kept}) SELECT {_FORMER_ACCOUNT}, {kept} FROM {before}"  # noqa: S608
    )
    connection.exec_driver_sql(f"DROP TABLE {before}")


def _remove_personal(connection: Connection, table: Table, key: Column[Any], *of: ColumnElement[bool]) -> None:
    if not inspect(connection).has_table(table.name):
        return
    for id_, raw in connection.execute(select(key, table.c.raw).where(table.c.raw.is_not(None), *of)).all():
        cleaned = without_personal_json(raw.encode()).decode()
        if cleaned != raw:
            connection.execute(update(table).where(key == id_, *of).values(raw=cleaned))


def _let_be_null(connection: Connection, table: str, column: str, type_: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"ALTER TABLE {table} ALTER COLUMN {column} DROP NOT NULL")
        return
    # SQLite cannot take NOT NULL away.
    connection.exec_driver_sql(f"ALTER TABLE {table} RENAME COLUMN {column} TO required_{column}")
    connection.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN {column} {type_}")
    connection.exec_driver_sql(f"UPDATE {table} SET {column} = required_{column}")  # noqa: S608
    connection.exec_driver_sql(f"ALTER TABLE {table} DROP COLUMN required_{column}")


_STEPS: Mapping[int, Callable[[Connection], None]] = {2: _step_2, 3: _step_3, 4: _step_4, 5: _step_5, 6: _step_6}
"""What brings the tables of a store from the version before to this one, in order; new tables are made afterwards."""
