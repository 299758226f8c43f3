"""The store: records in, committed in bulk; sums out."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio
from msgspec import UNSET
from sqlalchemy import select
from sqlalchemy.exc import StatementError

from smartkasa_async.stores import rows
from smartkasa_async.stores.engine import create_engine
from smartkasa_async.stores.errors import StoreError
from smartkasa_async.stores.schema import SHOPS
from smartkasa_async.stores.statements import Statements
from smartkasa_async.stores.takings import read_takings
from smartkasa_async.stores.versions import bring_up_to_date

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
    from sqlalchemy.sql.dml import UpdateBase

    from smartkasa_async.models import Receipt, Shop, ZReport
    from smartkasa_async.receipts.days import Window
    from smartkasa_async.reports.takings import ShiftTakings
    from smartkasa_async.stores.rows import Row

__all__ = ["Store", "open_store"]


@asynccontextmanager
async def open_store(address: str) -> AsyncIterator[Store]:
    """Open the database where synced records land, and create its tables where they are missing.

    Args:
        address: SQLAlchemy's URL, for example `sqlite+aiosqlite:///receipts.sqlite` for a file in the working folder.

    Returns:
        An async context manager that gives the `Store` and closes it at the end.

    Raises:
        ConfigurationError: The address or its driver cannot be used.
        StoreError: The database cannot be opened, or a newer release wrote it.
    """
    engine = create_engine(address)
    try:
        store = Store(engine)
        await store.create_tables()
        yield store
    finally:
        with anyio.CancelScope(shield=True):
            await engine.dispose()


class Store:
    """Tables of shops, shifts, receipts and Z-reports; takes whole pages, each in one transaction.

    Writing what is there already replaces it by id, so a run can be repeated. Writers take turns.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._statements = Statements.for_dialect(engine.dialect.name)
        self._turn = anyio.Lock()

    @property
    def engine(self) -> AsyncEngine:
        """SQLAlchemy's engine, for queries of one's own over the tables of `smartkasa_async.stores.schema`."""
        return self._engine

    async def create_tables(self) -> None:
        """Create the tables where they are missing, and check their version."""
        async with self._transaction() as connection:
            await connection.run_sync(bring_up_to_date)

    async def write_shops(self, shops: Sequence[Shop]) -> None:
        """Insert or replace shops, in one transaction."""
        await self._write((self._statements.upsert_shops, rows.shop_rows(shops)))

    async def write_receipts(self, receipts: Sequence[Receipt]) -> None:
        """Insert or replace receipts with their items and payments, in one transaction.

        Items and payments that a receipt does not carry stay as they are: single reads come without payments.
        """
        statements = self._statements
        latest = {receipt.id: receipt for receipt in receipts}.values()
        with_items = [receipt for receipt in latest if receipt.items is not UNSET]
        with_payments = [receipt for receipt in latest if receipt.payment_transactions is not UNSET]
        await self._write(
            (statements.upsert_receipts, rows.receipt_rows(latest)),
            (statements.delete_items, rows.keys(with_items)),
            (statements.insert_items, rows.item_rows(with_items)),
            (statements.delete_payments, rows.keys(with_payments)),
            (statements.insert_payments, rows.payment_rows(with_payments)),
        )

    async def write_z_reports(self, reports: Sequence[ZReport]) -> None:
        """Insert or replace Z-reports and the shifts that they carry, in one transaction."""
        await self._write(
            (self._statements.upsert_shifts, rows.shift_rows(reports)),
            (self._statements.upsert_z_reports, rows.z_report_rows(reports)),
        )

    async def shop_titles(self) -> dict[int, str]:
        """Give the title of each shop by its id."""
        async with self._transaction() as connection:
            found = await connection.execute(select(SHOPS.c.id, SHOPS.c.title))
            return {shop.id: shop.title for shop in found}

    async def shift_takings(self, window: Window) -> list[ShiftTakings]:
        """Sum up, for each shift with receipts or Z-reports in the window, what both say of the whole shift."""
        async with self._transaction() as connection:
            return await read_takings(connection, window)

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[AsyncConnection]:
        async with self._turn:
            # Shielded, so that a cancelled run leaves a page written or not written, and its connection given back.
            with anyio.CancelScope(shield=True):
                try:
                    async with self._engine.begin() as connection:
                        yield connection
                except StatementError as error:
                    if isinstance(error.orig, StoreError):
                        raise error.orig from None
                    raise StoreError(f"{self._engine.url!r}: {error.orig}") from error
                except OSError as error:
                    raise StoreError(f"{self._engine.url!r} cannot be reached: {error}") from error

    async def _write(self, *parts: tuple[UpdateBase, list[Row]]) -> None:
        async with self._transaction() as connection:
            for statement, parameters in parts:
                if parameters:
                    await connection.execute(statement, parameters)
