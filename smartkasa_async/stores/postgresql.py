"""What a store has in PostgreSQL alone: partitions by account, and rows that a worker sees of one account only.

Row security holds for each role but superusers and the owner of the tables, who sees all accounts. The account is that
of the setting `smartkasa.account_id`, which a store sets in each transaction; without it there are no rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartkasa_async.stores.schema import METADATA, PARTITIONED, SCHEMA_VERSIONS
from smartkasa_async.stores.views import VIEWS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection, Table

SETTING = "smartkasa.account_id"

_PARTITIONS = 16
"""Into how many parts the receipts of all accounts are divided, and their items and payments likewise."""

_FIRST_WITH_INVOKERS = (15,)
"""The version whose views can see what their reader may see; those of earlier ones see what their owner may."""

_IS_OF_ACCOUNT = f"account_id = (SELECT NULLIF(current_setting('{SETTING}', true), '')::bigint)"


def name_account(connection: Connection, account_id: int) -> None:
    """Let a transaction see the rows of an account."""
    # Not SET, so that the driver prepares one statement for all accounts.
    connection.exec_driver_sql(f"SELECT set_config('{SETTING}', $1, true)", (str(account_id),))


def partition(connection: Connection, table: Table) -> None:
    """Make the partitions of a table that has them."""
    names = _parts(table)
    _execute(
        connection,
        (
            f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF {table.name}"
            f" FOR VALUES WITH (MODULUS {len(names)}, REMAINDER {number})"
            for number, name in enumerate(names)
        ),
    )


def secure_rows(connection: Connection) -> None:
    """Let other roles than the owner see the rows of the account that they name, through the views as well."""
    for table in METADATA.sorted_tables:
        if table is not SCHEMA_VERSIONS:
            partition(connection, table)
            for name in (table.name, *_parts(table)):
                _execute(
                    connection,
                    (
                        f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY",
                        f"DROP POLICY IF EXISTS of_account ON {name}",
                        f"CREATE POLICY of_account ON {name} USING ({_IS_OF_ACCOUNT})",
                    ),
                )
    if views_see_what_their_reader_may(connection):
        _execute(connection, (f"ALTER VIEW {name} SET (security_invoker = true)" for name in VIEWS))


def views_see_what_their_reader_may(connection: Connection) -> bool:
    """Return whether row security holds in views, too."""
    return (connection.dialect.server_version_info or ()) >= _FIRST_WITH_INVOKERS


def _parts(table: Table) -> list[str]:
    return [f"{table.name}_{number}" for number in range(_PARTITIONS)] if table in PARTITIONED else []


def _execute(connection: Connection, statements: Iterable[str]) -> None:
    """Execute statements in one round trip."""
    body = "".join(f"{statement};" for statement in statements)
    if body:
        connection.exec_driver_sql(f"DO $$BEGIN {body} END$$")
