"""Opening the database behind a store's address."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy
from anyio import to_thread
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, InvalidatePoolError
from sqlalchemy.ext.asyncio import create_async_engine

from smartkasa_async._i18n.message import msg
from smartkasa_async._support.extras import naming_extras
from smartkasa_async.errors import ConfigurationError
from smartkasa_async.stores.accounts import ACCOUNT, limit_statements
from smartkasa_async.stores.addresses import is_of_a_server, shown
from smartkasa_async.stores.errors import StoreError
from smartkasa_async.stores.postgresql import name_account
from smartkasa_async.stores.writing import DIALECTS

if TYPE_CHECKING:
    from collections.abc import Callable
    from os import PathLike

    from sqlalchemy import Connection, Engine
    from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
    from sqlalchemy.ext.asyncio import AsyncEngine

ResultT = TypeVar("ResultT")

_EXAMPLE = "sqlite+aiosqlite:///receipts.sqlite"

_WRITING = "smartkasa_writing"
_NAMED = "smartkasa_named"

_SQLITE_SETTINGS = (
    "PRAGMA busy_timeout = 30000",  # milliseconds to wait for another process that writes
    "PRAGMA page_size = 8192",  # room for a receipt with its JSON; only a new file takes it
    "PRAGMA synchronous = NORMAL",  # with WAL a killed process loses nothing that was committed
    "PRAGMA cache_size = -16384",  # 16 MiB
)
_MAX_TURNS = 10
"""How often to wait for others that open the same new file."""

_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}


def create_engine(address: str | PathLike[str], connections: int) -> AsyncEngine:
    """Make the engine for a store's address; nothing is connected yet, and its statements are not limited.

    Args:
        address: The path of an SQLite file, or SQLAlchemy's URL with an asyncio driver.
        connections: Most connections to PostgreSQL.

    Raises:
        ConfigurationError: The address cannot be read, or names a database or driver that cannot be used.
        StoreError: The folder of an SQLite file does not exist.
    """
    url = _parse(address)
    try:
        with naming_extras():
            import greenlet  # type: ignore[import-untyped]  # noqa: F401, PLC0415  (SQLAlchemy reports once that it is missing)

            pool: dict[str, Any] = {}
            if url.get_backend_name() == "postgresql":
                pool = {"pool_size": connections, "max_overflow": 0}
            engine = create_async_engine(url, **pool)
    except ModuleNotFoundError as error:
        message = msg(
            "The driver of {address} is not installed: pip install {package}", address=shown(url), package=error.name
        )
        raise ConfigurationError(message) from error
    if engine.dialect.name == "sqlite":
        _check_folder(url)
        _listen(engine.sync_engine)
    else:
        event.listen(engine.sync_engine, "checkout", _ping)
        event.listen(engine.sync_engine, "begin", _name_account)
    limit_statements(engine.sync_engine)
    return engine


def naming(engine: AsyncEngine, account_id: int) -> AsyncEngine:
    """Return the engine whose transactions name an account to PostgreSQL, for those who do not own the tables."""
    return engine.execution_options(**{_NAMED: account_id})


def _ping(connection: Any, _record: object, _proxy: object) -> None:
    """Have a connection that was lost replaced, by one round trip; SQLAlchemy's own check takes three."""
    from asyncpg import (  # type: ignore[import-untyped]  # noqa: PLC0415  (of an extra)
        InterfaceError,
        PostgresError,
    )

    try:
        connection.run_async(lambda driver: driver.execute("SELECT 1"))
    except (PostgresError, InterfaceError, OSError) as error:
        raise InvalidatePoolError from error


def _name_account(connection: Connection) -> None:
    name_account(connection, connection.get_execution_options()[_NAMED])


def _listen(engine: Engine) -> None:
    event.listen(engine, "connect", set_up_sqlite)
    event.listen(engine, "begin", _begin_in_sqlite)


class Writer:
    """Writes in transactions that take SQLite's turn to write at once, so that they never lose it midway.

    A file of SQLite is written by a thread and a connection of its own: one hop for a transaction rather than one for
    each statement.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        account_id: int,
        fence: Callable[[Connection], None] | None,
        *,
        beside: Writer | None = None,
    ) -> None:
        """Make a writer.

        Args:
            engine: The engine.
            account_id: Whose rows are written.
            fence: Looks at each transaction before its end.
            beside: A writer of another account, whose thread and connection it shares.
        """
        self._fence = fence
        options = {_WRITING: True, ACCOUNT: account_id}
        self._engine = engine.execution_options(**options)
        self._file: Engine | None = None
        if beside is not None:
            self._file = None if beside._file is None else beside._file.execution_options(**options)  # noqa: SLF001  (its own class)
        elif engine.dialect.name == "sqlite" and not is_in_memory(engine):
            self._file = sqlalchemy.create_engine(engine.url.set(drivername="sqlite"), execution_options=options)
            _listen(self._file)
            event.listen(self._file, "connect", _use_a_small_cache)
            limit_statements(self._file)

    async def transact(self, work: Callable[[Connection], ResultT]) -> ResultT:
        """Do work in one transaction, and let the fence look at it before the end; both may run in a thread."""
        if self._file is not None:
            return await to_thread.run_sync(self._transact, self._file, work)
        async with self._engine.begin() as connection:
            return await connection.run_sync(self._fenced, work)

    def _transact(self, engine: Engine, work: Callable[[Connection], ResultT]) -> ResultT:
        with engine.begin() as connection:
            return self._fenced(connection, work)

    def _fenced(self, connection: Connection, work: Callable[[Connection], ResultT]) -> ResultT:
        result = work(connection)
        if self._fence is not None:
            self._fence(connection)
        return result

    async def close(self) -> None:
        """Close the connection."""
        if self._file is not None:
            await to_thread.run_sync(self._file.dispose)


def for_reading(engine: AsyncEngine, account_id: int) -> AsyncEngine:
    """Return the engine whose transactions see an account as it was at their first query."""
    engine = engine.execution_options(**{ACCOUNT: account_id})
    if engine.dialect.name == "sqlite":
        return engine  # with a journal of the WAL kind every transaction does
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def is_in_memory(engine: AsyncEngine) -> bool:
    """Return whether the database is SQLite's in memory, which has one connection."""
    return engine.dialect.name == "sqlite" and engine.url.database in {None, "", ":memory:"}


def _parse(address: str | PathLike[str]) -> URL:
    if not isinstance(address, str | os.PathLike):
        raise ConfigurationError(
            msg(
                "The address of the store is of type {type}; give a path or a text, for example {example}",
                type=type(address).__name__,
                example=_EXAMPLE,
            )
        )
    if not os.fspath(address):
        raise ConfigurationError(
            msg("The address of the store is empty; one is, for example, {example}", example=_EXAMPLE)
        )
    if "\0" in os.fspath(address):
        raise ConfigurationError(msg("The address of the store has a NUL character"))
    if not isinstance(address, str) or "://" not in address:
        return URL.create("sqlite+aiosqlite", database=os.fspath(address))
    try:
        url = make_url(address)
        if "@" in (url.host or ""):
            raise ValueError  # noqa: TRY301  (reported below, like all that cannot be parsed)
        if url.get_backend_name() != "sqlite":
            address.encode()  # names of files alone may be no UTF-8
    except (ArgumentError, ValueError):
        # Neither the address nor the error of its port is shown: a password with an @ or a colon may be what is wrong.
        raise ConfigurationError(
            msg(
                "What is given is no address of a database; one is, for example, {example}."
                " In a password, write %40 for @, %3A for :, %2F for / and %25 for %",
                example=_EXAMPLE,
            )
        ) from None
    if url.get_backend_name() not in DIALECTS:
        raise ConfigurationError(
            msg(
                "A store is postgresql or sqlite, not {database}; an address is, for example, {example}",
                database=url.get_backend_name(),
                example=_EXAMPLE,
            )
        )
    if url.drivername != _DRIVERS[url.get_backend_name()]:
        raise ConfigurationError(
            msg(
                "A store does not work with the driver of {address}: begin the address with {driver}://,"
                " as in {example}",
                address=shown(url),
                driver=_DRIVERS[url.get_backend_name()],
                example=_EXAMPLE,
            )
        )
    return url


def _check_folder(url: URL) -> None:
    """Look for the file's folder first: a connection that fails to open leaves aiosqlite's thread behind."""
    if url.database and not url.database.startswith(("file:", ":memory:")):
        folder = Path(url.database).parent
        if not folder.is_dir():
            if is_of_a_server(url.database):
                raise ConfigurationError(
                    msg(
                        "What is given is a path of an SQLite file and looks like the address of a server,"
                        " which is postgresql+asyncpg://user:password@host/database"
                    )
                )
            raise StoreError(
                msg("The folder {folder} does not exist; create it, or store the data elsewhere", folder=folder)
            )


def set_up_sqlite(connection: DBAPIConnection, _record: object) -> None:
    """Apply the settings of a store to a new connection; one that cannot take them is closed."""
    try:
        connection.isolation_level = None  # the driver begins no transaction by itself
        cursor = connection.cursor()
        for setting in _SQLITE_SETTINGS:
            cursor.execute(setting)
        _keep_a_wal(cursor)
        cursor.close()
    except BaseException:
        connection.close()  # the pool does not know it yet, and its thread would outlive the event loop
        raise


def _use_a_small_cache(connection: DBAPIConnection, _record: object) -> None:
    """Keep little in memory where pages are written: they stay in the processor's caches until they are committed."""
    connection.execute("PRAGMA cache_size = -4096")  # 4 MiB


def _keep_a_wal(cursor: DBAPICursor) -> None:
    """Let readers go on while a page is written; the file keeps the setting.

    To change it is the one statement that does not wait for others, so an empty transaction waits instead.
    """
    for turn in range(1, _MAX_TURNS + 1):
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or turn == _MAX_TURNS:
                raise
            cursor.execute("BEGIN IMMEDIATE")
            cursor.execute("COMMIT")
        else:
            return


def _begin_in_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get(_WRITING)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
