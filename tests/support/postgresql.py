"""A PostgreSQL of the tests' own: made in a temporary folder, reached through a socket in it, gone afterwards."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from smartkasa_async.stores import open_store
from tests.support.processes import LONGEST, finished, running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from sqlalchemy import Row
    from sqlalchemy.ext.asyncio import AsyncConnection

__all__ = ["StoreDatabase", "empty", "execute", "new_database", "running_postgresql"]

_PROJECT = Path(__file__).parents[2]
_WHOLE_RUN = 7200.0
"""Seconds."""

_EMPTY = ("DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
_ADDRESS = "SMARTKASA_TEST_POSTGRESQL"
_SETTINGS = (
    "listen_addresses=",  # no port, only the socket
    "log_min_messages=log",  # no errors of queries: nobody reads them
    "fsync=off",
    "shared_buffers=16MB",
    "max_connections=50",
)


@contextmanager
def running_postgresql() -> Iterator[str]:
    """Start a server, or use the one that the environment names; skip the test where there is none.

    Returns:
        A context manager that gives SQLAlchemy's address of the server, with a database that is always there.
    """
    if address := os.environ.get(_ADDRESS):
        yield address
        return
    # Imported here, since it takes a second that most tests have no need of.
    from smartkasa_async.fleet import FleetError  # noqa: PLC0415
    from smartkasa_async.fleet.demo.postgresql import NEW_CLUSTER, SERVER_USER, find_programs  # noqa: PLC0415

    # /tmp, since the path of a socket has at most 107 characters, and since another user must reach it.
    with TemporaryDirectory(prefix="smartkasa-", dir="/tmp" if SERVER_USER else None) as name:
        folder = Path(name)
        try:
            programs = find_programs(folder)
        except FleetError as error:
            pytest.skip(f"{error}; or set {_ADDRESS} to a server's address")
        if SERVER_USER:
            for path in (folder, *folder.rglob("*")):
                shutil.chown(path, SERVER_USER)
        data = folder / "data"
        made = finished([programs / "initdb", f"--pgdata={data}", *NEW_CLUSTER], cwd=folder, user=SERVER_USER)
        assert made.returncode == 0, made.stderr
        settings = [word for setting in _SETTINGS for word in ("-c", setting)]
        command: list[str | Path] = [programs / "postgres", "-D", data, "-k", folder, *settings]
        with running(
            [sys.executable, "-m", "tests.support.guardian", folder, SERVER_USER or "", *command],
            limit=_WHOLE_RUN,
            cwd=_PROJECT,
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as server:
            _wait_until_ready(server)
            yield f"postgresql+asyncpg://postgres@/postgres?host={folder}"


@contextmanager
def new_database(server: str) -> Iterator[str]:
    """Make a database on a server, and delete it afterwards.

    Returns:
        A context manager that gives SQLAlchemy's address of the database.
    """
    name = f"smartkasa_{uuid4().hex}"
    asyncio.run(execute(server, f"CREATE DATABASE {name}"))
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        asyncio.run(execute(server, f"DROP DATABASE {name} WITH (FORCE)"))


async def empty(database: str) -> None:
    """Delete all that a database has."""
    await execute(database, *_EMPTY)


_SHAPE = (
    """
    SELECT concat_ws(' ', oid, relname, relacl, relrowsecurity, relforcerowsecurity)
    FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT string_agg(version::text, ' ') FROM schema_versions
    """,
    *(
        f"SELECT concat_ws(' ', '{table}', count(*), max(xmin::text::bigint)) FROM {table}"  # noqa: S608  (own words)
        for table in ("pg_attribute", "pg_constraint", "pg_policy", "pg_proc", "pg_rewrite", "pg_trigger")
    ),
)
"""What differs as soon as anything but rows was changed."""
_WRITTEN = """
    SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    AND relname <> 'schema_versions' AND pg_relation_size(oid) > 0
"""


class StoreDatabase:
    """A database with a store: to delete the rows of a test takes a tenth of the time of making its tables.

    Args:
        address: SQLAlchemy's address of the database.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._shape: list[str] = []

    async def cleared(self) -> str:
        """Delete all rows, or make the store anew where more than rows was changed; return the address."""
        async with _connected(self._address) as connection:
            if self._shape and await _shape_of(connection) == self._shape:
                if written := list(await connection.scalars(text(_WRITTEN))):
                    await connection.exec_driver_sql(f"TRUNCATE {', '.join(written)} RESTART IDENTITY CASCADE")
                return self._address
            for statement in _EMPTY:
                await connection.exec_driver_sql(statement)
            async with open_store(self._address):
                pass
            self._shape = await _shape_of(connection)
        return self._address

    async def shape(self) -> list[str]:
        """Return what differs as soon as anything but rows was changed."""
        async with _connected(self._address) as connection:
            return await _shape_of(connection)


async def _shape_of(connection: AsyncConnection) -> list[str]:
    return sorted(await connection.scalars(text(" UNION ALL ".join(_SHAPE))))


async def execute(address: str, *statements: str) -> Sequence[Row[Any]]:
    """Execute statements, each in a transaction of its own; return the rows of the last."""
    rows: Sequence[Row[Any]] = []
    async with _connected(address) as connection:
        for statement in statements:
            result = await connection.exec_driver_sql(statement)
            rows = result.all() if result.returns_rows else []
    return rows


@asynccontextmanager
async def _connected(address: str) -> AsyncIterator[AsyncConnection]:
    limits = {"timeout": LONGEST, "command_timeout": LONGEST}
    engine = create_async_engine(address, isolation_level="AUTOCOMMIT", poolclass=NullPool, connect_args=limits)
    async with engine.connect() as connection:
        yield connection


def _wait_until_ready(server: subprocess.Popen[str]) -> None:
    said = []
    for line in server.stderr or ():
        said.append(line)
        if "ready to accept connections" in line:
            return
    raise RuntimeError(f"PostgreSQL did not start: {''.join(said)}")
