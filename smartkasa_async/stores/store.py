"""A store: a database that takes synced records."""

from __future__ import annotations

from contextlib import AsyncExitStack, aclosing, asynccontextmanager, contextmanager, nullcontext
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import anyio
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, StatementError

from smartkasa_async._i18n.external import external_message
from smartkasa_async._i18n.kept_message import decode_message
from smartkasa_async._i18n.message import join_messages, msg
from smartkasa_async._support.arguments import check_callbacks, check_choice, check_flags, check_whole, chosen_shops
from smartkasa_async._support.extras import naming_extras
from smartkasa_async.errors import ConfigurationError
from smartkasa_async.jobs.concurrency import run_concurrently
from smartkasa_async.records.batch import Batch, RecordKind, Undecodable
from smartkasa_async.records.days import Window
from smartkasa_async.records.personal import without_personal
from smartkasa_async.records.synced_days import ReadDays, add_range, trimmed
from smartkasa_async.stores import sync_state
from smartkasa_async.stores.addresses import shown
from smartkasa_async.stores.contents import require_known_shops
from smartkasa_async.stores.engine import Writer, create_engine, for_reading, is_in_memory, naming
from smartkasa_async.stores.errors import (
    StoreError,
    StoreForbiddenError,
    StoreUnreachableError,
    UnfitValueError,
)
from smartkasa_async.stores.history import keep_prices, keep_stock
from smartkasa_async.stores.purging import TABLES, delete_some
from smartkasa_async.stores.reading import read_table
from smartkasa_async.stores.rows import key_of
from smartkasa_async.stores.schema import QUARANTINE, SHOPS
from smartkasa_async.stores.sources import SOURCES
from smartkasa_async.stores.versions import bring_up_to_date, is_up_to_date
from smartkasa_async.stores.workers import allow
from smartkasa_async.stores.writing import Statements, write_batch

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator
    from datetime import datetime
    from os import PathLike

    import pyarrow as pa  # type: ignore[import-untyped]
    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from smartkasa_async.records.batch import KeptReceipts, KeptRecords
    from smartkasa_async.records.synced_days import DaysRead, SyncedRange

ResultT = TypeVar("ResultT")

LARGEST_ACCOUNT = 2**63 - 1
"""That a BIGINT has room for."""

_UNFIT = "22"
"""Class of SQLSTATE for values that a column cannot take."""

_UNREACHABLE = ("08", "53300", "57P")
"""SQLSTATE of broken connections, too many of them, and a server that stops or starts."""

_FORBIDDEN = ("28", "42501")
"""SQLSTATE of users that are not let in, and of what they may not do."""


@asynccontextmanager
async def open_store(
    address: str | PathLike[str],
    *,
    account_id: int = 0,
    keep_raw: bool = True,
    fence: Callable[[Connection], None] | None = None,
    connections: int = 15,
) -> AsyncIterator[Store]:
    """Open the database where synced records land, and bring its tables up to date.

    Args:
        address: The path of an SQLite file, created if it does not exist, or SQLAlchemy's URL, for example
            `sqlite+aiosqlite:///receipts.sqlite` or `postgresql+asyncpg://user:password@host/database`.
        account_id: Whose records they are, a number of your own from 0; accounts in one database have nothing to do
            with each other. The default is that of a store with one account only.
        keep_raw: Whether the JSON of each record is kept beside the columns.
        fence: Called with SQLAlchemy's connection before each transaction that writes is committed, maybe in a thread;
            what it raises is raised, and nothing of the transaction is kept. It proves that this process may still
            write: a row that it looks at, and that another process changes, is to be locked by it (`FOR SHARE`).
        connections: Most connections to PostgreSQL; SQLite has as many as it needs.

    Returns:
        An async context manager that gives the `Store` and closes it at the end.

    Raises:
        ConfigurationError: The address or its driver cannot be used.
        InvalidRequestError: An argument has a value that it cannot have.
        StoreError: The database cannot be opened, or a newer release wrote it.
    """
    check_whole("account_id", account_id, least=0, most=LARGEST_ACCOUNT)
    check_flags(keep_raw=keep_raw)
    check_callbacks(fence=fence)
    check_whole("connections", connections)
    engine = naming(create_engine(address, connections), account_id)
    store = Store(engine, Writer(engine, account_id, fence), account_id, keep_raw=keep_raw)
    try:
        await store.create_tables()
    except TypeError as error:  # what stands in an address's query goes to the driver as keyword arguments
        raise ConfigurationError(
            msg(
                "The driver does not accept a parameter of {address}: {reason}; asyncpg calls sslmode ssl",
                address=shown(engine.url),
                reason=error,
            )
        ) from error
    except (UnicodeError, OverflowError) as error:  # a host that no name service can be asked for; a port above all
        raise ConfigurationError(
            msg(
                "The host or port of {address} cannot be: {reason}",
                address=shown(engine.url),
                reason=external_message(error),
            )
        ) from error
    else:
        yield store
    finally:
        with anyio.CancelScope(shield=True):
            await store.aclose()


async def check_connection(address: str) -> None:
    """Connect to the database of a store, and leave it as it is.

    Args:
        address: As for `open_store`.

    Raises:
        StoreForbiddenError: The server rejects the user or the password.
        StoreUnreachableError: The server does not answer, or takes no connection now.
        StoreError: The database cannot be opened.
    """
    engine = naming(create_engine(address, connections=1), account_id=0)
    async with aclosing(Store(engine, Writer(engine, 0, fence=None))) as store, store.reading():
        pass


class Store:
    """Tables of everything that is synced of an account; takes whole pages, each in one transaction.

    Writing what is there already replaces it by id, so a run can be repeated. Writers take turns.
    """

    def __init__(self, engine: AsyncEngine, writer: Writer, account_id: int = 0, *, keep_raw: bool = True) -> None:
        self._engine = engine
        self._writer = writer
        self._account_id = account_id
        self._for_reading = for_reading(engine, account_id)
        self._keep_raw = keep_raw
        self._turn = anyio.Lock()
        self._is_closed = False

    async def aclose(self) -> None:
        """Close the connections; `open_store` does it at the end."""
        self._is_closed = True
        await self._writer.close()
        await self._engine.dispose()

    @property
    def engine(self) -> AsyncEngine:
        """SQLAlchemy's engine, for queries of one's own over the tables of `smartkasa_async.stores.schema`.

        Unlike `reading` it is not limited to the store's account: where there are several, ask for `account_id`. Only
        roles of `allow_workers` see no other account here either.
        """
        return self._engine

    @property
    def account_id(self) -> int:
        """The account whose records the store reads and writes."""
        return self._account_id

    def for_account(self, account_id: int, *, fence: Callable[[Connection], None] | None = None) -> Store:
        """Return the store of another account in the same database; it shares the connections, and ends with this one.

        What a store prepares is prepared once for all accounts, so that it takes little to read one after another.

        Args:
            account_id: As for `open_store`.
            fence: As for `open_store`.

        Raises:
            InvalidRequestError: An argument has a value that it cannot have.
        """
        check_whole("account_id", account_id, least=0, most=LARGEST_ACCOUNT)
        check_callbacks(fence=fence)
        return _SharingStore(self, account_id, fence)

    async def create_tables(self) -> None:
        """Create the tables where they are missing, and bring those of an earlier release up to date.

        Raises:
            StoreError: A newer release wrote them.
        """
        async with self.reading() as connection:
            if await connection.run_sync(is_up_to_date):
                return
        await self.transact(bring_up_to_date)

    async def allow_workers(self, role: str) -> None:
        """Let a role of PostgreSQL work in the store, in each transaction for the account that it names.

        Row security keeps the rows of other accounts from whatever it executes, and all rows before it has named one;
        `open_store` names its account. The role is made where there is none, able to log in and without a password,
        which is given to it by `ALTER ROLE`. It cannot change the tables, so this is done anew after each upgrade.
        Before PostgreSQL 15 it may not read the views, in which row security cannot hold there.

        Args:
            role: Name of the role. To make it takes a user with `CREATEROLE`, and to give it its rights the owner of
                the tables.

        Raises:
            ConfigurationError: The store is not in PostgreSQL, or the role sees all accounts: it is a superuser, has
                `BYPASSRLS`, or belongs to the owner of the tables.
            StoreForbiddenError: The user may not make the role, or not give it its rights.
            StoreError: The database cannot do it.
        """
        await self.transact(lambda connection: allow(connection, role))

    async def write(self, batch: Batch[Any]) -> list[Undecodable]:
        """Insert or replace records, and put those that could not be decoded into quarantine, in one transaction.

        A receipt in an older version than the one kept is left out. Items and payments are replaced with their
        receipt, and stay where it lacks them: single reads come without payments. A record with a value for
        which the database has no room goes into quarantine as well; the others are then kept one by one.

        Returns:
            The records that were decoded and still had to go into quarantine.

        Raises:
            StoreError: The database cannot take them; then nothing of the batch is kept.
        """
        batch = without_personal(batch)
        try:
            await self._write(batch)
        except UnfitValueError:
            return [unfit for single in batch.singles() if (unfit := await self._write_single(single))]
        return []

    async def _write(self, batch: Batch[Any]) -> None:
        statements = Statements.for_dialect(self._engine.dialect)
        await self.transact(lambda connection: write_batch(connection, statements, batch, keep_raw=self._keep_raw))

    async def _write_single(self, single: Batch[Any]) -> Undecodable | None:
        try:
            await self._write(single)
        except UnfitValueError as error:
            (record,), (raw,) = single.records, single.raw
            shop_id = getattr(record, "shop_id", None) or None
            unfit = Undecodable(key_of(single.kind, record), raw, error.as_message(), shop_id)
            await self._write(Batch(single.kind, (), (), (unfit,), single.keeps_personal))
            return unfit
        return None

    async def synced_ranges(self, kind: RecordKind, shop_id: int) -> list[SyncedRange]:
        """Return the ranges of business days that earlier runs have read, in order, none overlapping another."""
        async with self.reading() as connection:
            return await connection.run_sync(sync_state.read_ranges, kind, shop_id)

    async def mark_synced(self, kind: RecordKind, shop_id: int, synced: SyncedRange) -> None:
        """Note that final days were read whole, replacing what is noted of them."""
        await self.transact(
            lambda connection: sync_state.change_ranges(
                connection, kind, shop_id, lambda ranges: add_range(ranges, synced)
            )
        )

    async def trim(self, kind: RecordKind, shop_id: int, last: date) -> None:
        """Forget that business days after the last one that can be final were read."""
        await self.transact(
            lambda connection: sync_state.change_ranges(connection, kind, shop_id, lambda ranges: trimmed(ranges, last))
        )

    async def note_read(
        self, kind: RecordKind, read_at: datetime, *, shop_id: int | None = None, window: Window | None = None
    ) -> None:
        """Note what was read whole, so that reports distinguish missing records from days that were not read.

        Args:
            kind: What was read.
            read_at: When reading began, aware; a day that was not over by then was read until then.
            shop_id: The shop whose records were read; None for a list of the whole account.
            window: The business days that were read; None for a list of the whole account.
        """
        if shop_id is None or window is None:
            await self.transact(lambda connection: sync_state.note_list(connection, kind, read_at))
        else:
            new = ReadDays(window, read_at)
            await self.transact(lambda connection: sync_state.note_read(connection, kind, shop_id, new))

    async def days_read(self) -> DaysRead:
        """Return what was read whole, by kind of record and shop, final or not."""
        async with self.reading() as connection:
            return await sync_state.read_days_read(connection)

    async def kept(self, kind: RecordKind, shop_id: int, window: Window) -> KeptRecords:
        """Return which receipts or Z-reports of a shop and a span of days are kept, and in which versions."""
        async with self.reading() as connection:
            return await connection.run_sync(sync_state.read_kept, kind, shop_id, window)

    async def kept_receipts(self, shop_id: int, window: Window) -> KeptReceipts:
        """Return what `verify_receipts` compares of the receipts of a shop and a span of business days."""
        async with self.reading() as connection:
            return await connection.run_sync(sync_state.read_kept_receipts, shop_id, window)

    async def mark_deleted(
        self,
        kind: RecordKind,
        present: Collection[str | int],
        *,
        shop_id: int | None = None,
        window: Window | None = None,
    ) -> int:
        """Mark the kept records that the service no longer lists; product sales are deleted instead.

        Args:
            kind: What was listed.
            present: Ids of all that was listed; those of products for product sales.
            shop_id: The shop whose records were listed; None for those of the whole account.
            window: The business days that were listed; None for all.

        Returns:
            How many were marked that were not before.
        """
        return await self.transact(
            lambda connection: sync_state.mark_deleted(connection, kind, present, shop_id, window)
        )

    async def keep_prices(self, at: datetime) -> None:
        """Keep those prices of products that differ from the ones that history has, for the view `price_changes`.

        Args:
            at: When they are noticed, aware.

        Raises:
            StoreError: The database cannot take them.
        """
        await self.transact(lambda connection: keep_prices(connection, at))

    async def keep_stock(self, at: datetime) -> None:
        """Keep what the store knows of stock cards as history of a business day, in place of what it has of that day.

        Args:
            at: When it was read, aware; its day in Europe/Kyiv is the one.

        Raises:
            StoreError: The database cannot take it.
        """
        await self.transact(lambda connection: keep_stock(connection, at))

    async def read(
        self,
        name: str,
        *,
        start: date | None = None,
        end: date | None = None,
        shops: Iterable[int] | None = None,
    ) -> pa.Table:
        """Read a table or view whole, as a table of Arrow, which polars, pandas and DuckDB take without a copy.

        Money and quantities are exact decimals, times are in UTC, and days are those of Kyiv, on SQLite as on
        PostgreSQL. Receipts and Z-reports that the service no longer lists are left out, with what belongs to them;
        items and payments have their receipt's `business_date` and `shop_id` in front. What was not read into the store
        is not missing in silence: `coverage_of` gives from the table until when it is complete and which days were not
        read.

        Args:
            name: A table: receipts, z_reports, product_sales, receipt_items, payments, shops, terminals, employees,
                shifts, categories, products, cards; or a view: sales, sales_by_day, sales_by_payment_means,
                sales_by_tax_group, sales_by_product, margins, stock_by_day, price_changes.
            start: First business day, in Europe/Kyiv, of what has days; None for all from the first.
            end: Last business day, included; None for all to the last.
            shops: Ids of the shops; None for all, rows of no shop included.

        Returns:
            A table of pyarrow, which the extra `parquet` brings.

        Raises:
            ConfigurationError: pyarrow is not installed.
            InvalidRequestError: An argument has a value that it cannot have, or the store knows nothing of a shop.
            StoreError: The database cannot be read.
        """
        check_choice("name", name, SOURCES)
        asked = None
        if start is not None or end is not None:
            asked = Window(date.min if start is None else start, date.max if end is None else end)
        chosen = chosen_shops(shops)
        with naming_extras():
            import pyarrow  # noqa: F401, ICN001, PLC0415  (of an extra)
        async with self.reading() as connection:
            await require_known_shops(connection, chosen, must_have_shops=True)
            return await read_table(connection, SOURCES[name], asked, chosen)

    async def purge(self) -> int:
        """Delete all that the store has of its account, a few thousand rows in a transaction; the tables stay.

        One that was stopped has deleted a part, and is repeated. What writes into the account meanwhile has to be
        stopped first.

        Returns:
            How many rows were deleted.

        Raises:
            StoreError: The database cannot delete them.
        """
        deleted = 0
        for table in TABLES:
            while count := await self.transact(partial(delete_some, table=table)):
                deleted += count
        return deleted

    async def quarantined(self) -> list[tuple[RecordKind, Undecodable]]:
        """Return the records that could not be decoded, by kind and key."""
        async with self.reading() as connection:
            found = await connection.execute(select(QUARANTINE).order_by(QUARANTINE.c.kind, QUARANTINE.c.key))
            return [
                (
                    RecordKind(row.kind),
                    Undecodable(row.key, row.raw.encode(), decode_message(row.error, row.message), row.shop_id),
                )
                for row in found
            ]

    async def shop_titles(self) -> dict[int, str]:
        """Return the title of each shop by its id."""
        async with self.reading() as connection:
            found = await connection.execute(select(SHOPS.c.id, SHOPS.c.title))
            return {shop.id: shop.title for shop in found}

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that sees the store as it is now, whatever is written meanwhile, for queries only.

        Queries made by SQLAlchemy are limited to the account of the store; those written as text are not.

        Raises:
            StoreError: The database cannot be read, or the store is closed.
        """
        self._check_open()
        # A store in memory has one connection for all.
        async with self._turn if is_in_memory(self._engine) else nullcontext():
            with self._refused():
                async with AsyncExitStack() as stack:
                    with self._unreachable():
                        connection = await stack.enter_async_context(self._for_reading.begin())
                    yield connection

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Store]:
        """Open the store as it is now, for several reads that must agree, whatever is written meanwhile.

        Read it by one task at a time.

        Raises:
            StoreError: The database cannot be read.
        """
        async with self.reading() as connection:
            yield _Snapshot(self._engine, self._writer, self._account_id, connection)

    async def transact(self, work: Callable[[Connection], ResultT]) -> ResultT:
        """Write in one transaction, all of it or nothing, after which the store's fence has looked at it.

        A cancelled run leaves a page written or not written, and its connection given back: the transaction is shielded
        from anyio, and a task of its own, which `asyncio.timeout` and `Task.cancel` do not reach.

        Args:
            work: Executes the statements by SQLAlchemy's connection, maybe in a thread. Statements made by SQLAlchemy
                are limited to the store's account; those written as text are not.

        Returns:
            What the work returns.

        Raises:
            StoreError: The database refuses it; then nothing of it is kept.
        """
        results: list[ResultT] = []

        async def execute(_: None) -> None:
            with anyio.CancelScope(shield=True), self._refused(), self._unreachable():
                results.append(await self._writer.transact(work))

        self._check_open()
        async with self._turn:
            await run_concurrently(execute, (None,), concurrency=1)
        return results[0]

    def _check_open(self) -> None:
        if self._is_closed:  # the engine would connect again, and nobody would close that
            raise StoreError(
                msg(
                    "{address} is closed; use the store inside async with open_store(…) as store",
                    address=shown(self._engine.url),
                )
            )

    @contextmanager
    def _refused(self) -> Iterator[None]:
        try:
            yield
        except StatementError as error:
            state = str(getattr(error.orig, "sqlstate", ""))
            reason = external_message(error.orig or error)
            if state.startswith(_UNFIT):
                raise UnfitValueError(
                    msg("A record has a value that the database refuses: {reason}", reason=reason)
                ) from error
            message = join_messages((shown(self._engine.url), reason), ": ")
            if state.startswith(_FORBIDDEN):
                raise StoreForbiddenError(message) from error
            if state.startswith(_UNREACHABLE) or (isinstance(error, DBAPIError) and error.connection_invalidated):
                raise StoreUnreachableError(message) from error
            raise StoreError(message) from error
        except Exception as error:
            if not _is_of_driver(error):
                raise
            message = join_messages((shown(self._engine.url), external_message(error)), ": ")
            raise StoreUnreachableError(message) from error

    @contextmanager
    def _unreachable(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            address = shown(self._engine.url)
            reason = external_message(error) or type(error).__name__
            message = msg("{address} cannot be reached: {reason}", address=address, reason=reason)
            raise StoreUnreachableError(message) from error


def _is_of_driver(error: Exception) -> bool:
    """Return whether an error is of asyncpg itself: its connection was lost in the midst of a statement."""
    return type(error).__module__.partition(".")[0] == "asyncpg"


class _SharingStore(Store):
    """A store of another account, on the connections of the store that it was made from."""

    def __init__(self, opened: Store, account_id: int, fence: Callable[[Connection], None] | None) -> None:
        engine = naming(opened._engine, account_id)  # noqa: SLF001  (its own class)
        writer = Writer(engine, account_id, fence, beside=opened._writer)  # noqa: SLF001  (likewise)
        super().__init__(engine, writer, account_id, keep_raw=opened._keep_raw)  # noqa: SLF001  (likewise)
        self._opened = opened
        if is_in_memory(engine):  # which has one connection for all
            self._turn = opened._turn  # noqa: SLF001  (its own class)

    async def aclose(self) -> None:
        self._is_closed = True

    def _check_open(self) -> None:
        super()._check_open()
        self._opened._check_open()  # noqa: SLF001  (its own class)


class _Snapshot(Store):
    """A store whose reads are all of one transaction."""

    def __init__(self, engine: AsyncEngine, writer: Writer, account_id: int, connection: AsyncConnection) -> None:
        super().__init__(engine, writer, account_id)
        self._connection = connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        if self._connection.closed:
            raise StoreError(msg("The snapshot has ended; read it inside async with store.snapshot() as snapshot"))
        yield self._connection
