"""The role by which workers of many accounts use a store in PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from smartkasa_async._i18n.message import msg
from smartkasa_async.errors import ConfigurationError
from smartkasa_async.stores.addresses import shown
from smartkasa_async.stores.postgresql import views_see_what_their_reader_may
from smartkasa_async.stores.schema import METADATA, SCHEMA_VERSIONS
from smartkasa_async.stores.views import VIEWS

if TYPE_CHECKING:
    from sqlalchemy import Connection

_SEES_ALL = text(
    "SELECT rolsuper OR rolbypassrls OR pg_has_role(pg_roles.oid, relowner, 'USAGE') FROM pg_roles, pg_class"
    " WHERE rolname = :role AND pg_class.oid = CAST(:table AS regclass)"
)


def allow(connection: Connection, role: str) -> None:
    """Make a role where there is none, and let it read and write the tables; see `Store.allow_workers`."""
    if connection.dialect.name != "postgresql":
        raise ConfigurationError(
            msg("Roles of workers are of PostgreSQL, and the store is {address}", address=shown(connection.engine.url))
        )
    sees_all = connection.scalar(_SEES_ALL, {"role": role, "table": SCHEMA_VERSIONS.name})
    if sees_all:
        raise ConfigurationError(
            msg(
                "The role {role} sees the rows of all accounts: it is a superuser, has BYPASSRLS, or belongs to the"
                " owner of the tables; name another one",
                role=role,
            )
        )
    quote = connection.dialect.identifier_preparer.quote_identifier
    if sees_all is None:
        connection.exec_driver_sql(f"CREATE ROLE {quote(role)} LOGIN")
    schema = quote(connection.scalar(text("SELECT current_schema()")) or "public")
    tables = ", ".join(table.name for table in METADATA.sorted_tables if table is not SCHEMA_VERSIONS)
    readable = [SCHEMA_VERSIONS.name, *(VIEWS if views_see_what_their_reader_may(connection) else ())]
    for rights in (
        f"USAGE ON SCHEMA {schema}",
        f"SELECT, INSERT, UPDATE, DELETE ON {tables}",
        f"SELECT ON {', '.join(readable)}",
    ):
        connection.exec_driver_sql(f"GRANT {rights} TO {quote(role)}")
