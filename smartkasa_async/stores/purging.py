"""Deletes all that a store has of its account, some rows at a time, so that no transaction is long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select, tuple_

from smartkasa_async.stores.schema import METADATA, SCHEMA_VERSIONS

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

ROWS_AT_ONCE = 5000

TABLES = tuple(table for table in reversed(METADATA.sorted_tables) if table is not SCHEMA_VERSIONS)
"""All tables of accounts, those first that refer to others."""


def delete_some(connection: Connection, table: Table) -> int:
    """Delete some rows of a table, of the account of the connection; returns how many."""
    keys = [*table.primary_key.columns]
    some = select(*keys).limit(ROWS_AT_ONCE)
    return connection.execute(delete(table).where(tuple_(*keys).in_(some))).rowcount
