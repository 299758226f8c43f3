"""The fleet's database: a pool of connections, shared by the fleet's own tables and procrastinate."""

from __future__ import annotations

import math
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TYPE_CHECKING, Any, LiteralString

from smartkasa_async._i18n.external import external_message
from smartkasa_async._i18n.message import msg
from smartkasa_async._support.clock import now as system_now
from smartkasa_async._support.extras import naming_extras
from smartkasa_async.errors import ConfigurationError
from smartkasa_async.fleet.errors import FleetDatabaseError
from smartkasa_async.stores.addresses import shown_address
from smartkasa_async.stores.errors import StoreUnreachableError
from smartkasa_async.stores.store import check_connection

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from psycopg import AsyncConnection
    from psycopg.rows import DictRow
    from psycopg_pool import AsyncConnectionPool

_EXAMPLE = "postgresql+asyncpg://user:password@host/database"
_SECONDS_TO_CONNECT = 10.0
_TO_REPEAT = "40"
"""Class of SQLSTATE for deadlocks and the like: the database is there."""


def connection_string(address: str) -> str:
    """Make what libpq connects by of a store's address.

    Args:
        address: SQLAlchemy's URL, `postgresql+asyncpg://user:password@host/database`.

    Raises:
        ConfigurationError: It is the address of something else.
    """
    with naming_extras():
        import psycopg_binary  # noqa: F401, PLC0415  (without it, psycopg looks for a library of the system)
        from psycopg.conninfo import make_conninfo  # noqa: PLC0415  (of the extra)
        from sqlalchemy.engine import make_url  # noqa: PLC0415  (likewise)
        from sqlalchemy.exc import ArgumentError  # noqa: PLC0415  (likewise)
    try:
        url = make_url(address) if "://" in address else None
    except (ArgumentError, ValueError):
        url = None
    if url is None or url.get_backend_name() != "postgresql":
        raise ConfigurationError(
            msg(
                "A fleet works on PostgreSQL, and the store is {address}; give an address such as {example}",
                address=shown_address(address),
                example=_EXAMPLE,
            )
        )
    query = {name: value for name, value in url.query.items() if isinstance(value, str)}
    host = query.pop("host", url.host)
    ssl = query.pop("ssl", None)
    return make_conninfo(
        host=host,
        port=url.port,
        user=url.username,
        password=url.password,
        dbname=url.database,
        sslmode=ssl,
        **query,
    )


class Database:
    """The fleet's database.

    Args:
        address: Address of the store, which is in the same database.
        connections: Most connections of the pool.
        clock: Gives the present moment, UTC.

    Attributes:
        address: Address of the store.
        now: Gives the present moment, UTC.
    """

    def __init__(self, address: str, *, connections: int = 4, clock: Callable[[], datetime] = system_now) -> None:
        self.address = address
        self.now = clock
        with naming_extras():
            from psycopg.rows import dict_row  # noqa: PLC0415  (of the extra)
            from psycopg_pool import AsyncConnectionPool  # noqa: PLC0415  (likewise)
        self.pool: AsyncConnectionPool[AsyncConnection[DictRow]] = AsyncConnectionPool(
            connection_string(address),
            kwargs={"row_factory": dict_row, "options": "-c search_path=smartkasa_fleet"},
            min_size=1,
            max_size=connections,
            open=False,
            timeout=_SECONDS_TO_CONNECT,
            reconnect_timeout=_SECONDS_TO_CONNECT,
            check=AsyncConnectionPool.check_connection,
        )

    def __repr__(self) -> str:
        return f"Database({shown_address(self.address)!r})"

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Database]:
        """Open the connections while the block runs.

        Raises:
            FleetDatabaseError: The database cannot be reached.
            StoreForbiddenError: The server rejects the user or the password.
            StoreError: The server has no such database.
        """
        from psycopg import OperationalError  # noqa: PLC0415  (of the extra)
        from psycopg_pool import PoolTimeout  # noqa: PLC0415  (likewise)

        with self.reporting():
            try:
                await self._connect_once()
            except OperationalError:  # which has no SQLSTATE, so it may be for ever or until the server is there
                with suppress(StoreUnreachableError):
                    await check_connection(self.address)
            try:
                await self.pool.open(wait=True, timeout=_SECONDS_TO_CONNECT)
            except PoolTimeout:
                await self._connect_once()  # says why, which the pool does not
                raise
        try:
            yield self
        finally:
            await self.pool.close(timeout=1.0)

    async def _connect_once(self) -> None:
        from psycopg import AsyncConnection  # noqa: PLC0415  (of the extra)

        connection = await AsyncConnection.connect(
            connection_string(self.address), connect_timeout=math.ceil(_SECONDS_TO_CONNECT)
        )
        await connection.close()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection[DictRow]]:
        """Open a transaction, which ends with the block.

        Raises:
            FleetDatabaseError: The database was lost.
        """
        with self.reporting():
            async with self.pool.connection() as connection:
                yield connection

    async def execute(self, query: LiteralString, values: Sequence[Any] | Mapping[str, Any] = ()) -> int:
        """Carry out a statement in a transaction of its own; returns how many rows it changed."""
        async with self.transaction() as connection:
            return (await connection.execute(query, values)).rowcount

    async def rows(self, query: LiteralString, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[DictRow]:
        """Return the rows of a query, in a transaction of its own."""
        async with self.transaction() as connection:
            return await (await connection.execute(query, values)).fetchall()

    async def row(self, query: LiteralString, values: Sequence[Any] | Mapping[str, Any] = ()) -> DictRow | None:
        """Return the first row of a query, in a transaction of its own."""
        async with self.transaction() as connection:
            return await (await connection.execute(query, values)).fetchone()

    @contextmanager
    def reporting(self) -> Iterator[None]:
        """Report the loss of the database as an error of the fleet.

        Raises:
            FleetDatabaseError: The database was lost.
        """
        from psycopg import InterfaceError, OperationalError  # noqa: PLC0415  (of the extra)

        try:
            yield
        except (OperationalError, InterfaceError) as error:  # the pool's own error is one too
            if (error.sqlstate or "").startswith(_TO_REPEAT):
                raise
            raise FleetDatabaseError(
                msg(
                    "The fleet's database {address} cannot be reached: {reason}",
                    address=shown_address(self.address),
                    reason=external_message(error),
                )
            ) from error

    @contextmanager
    def reporting_queue(self) -> Iterator[None]:
        """Report procrastinate's loss of the database as an error of the fleet.

        Raises:
            FleetDatabaseError: The database was lost.
        """
        from procrastinate.exceptions import ConnectorException  # noqa: PLC0415  (of the extra)

        try:
            yield
        except ConnectorException as error:
            with self.reporting():
                raise (error.__cause__ or error) from error
