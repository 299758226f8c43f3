"""What is exported of each table: its columns, its rows, and the months that they fall into."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_, select

from smartkasa_async.records.days import Window
from smartkasa_async.stores.schema import (
    CARDS,
    CATEGORIES,
    EMPLOYEES,
    PAYMENTS,
    PRODUCT_SALES,
    PRODUCTS,
    RECEIPT_ITEMS,
    RECEIPTS,
    SHIFTS,
    SHOPS,
    TERMINALS,
    Z_REPORTS,
)

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from sqlalchemy import ColumnElement, Select, Table
    from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class Source:
    """A table that can be exported.

    Attributes:
        table: The table.
        days: The table with the business date and the shop of each row; None for a table that is one file.
    """

    table: Table
    days: Table | None = None

    @property
    def is_part(self) -> bool:
        """Whether its rows belong to rows of another table."""
        return self.days is not None and self.days is not self.table

    def columns(self, *, raw: bool) -> list[ColumnElement[Any]]:
        """List the columns of a file; parts of receipts have the receipt's business date and shop in front."""
        left_out = set() if raw else {"raw"}
        if self.days is not None:
            left_out.add("deleted_at")
        own: list[ColumnElement[Any]] = [column for column in self.table.columns if column.name not in left_out]
        if self.days is not None and self.is_part:
            return [self.days.c.business_date, self.days.c.shop_id, *own]
        return own


EXPORTED = {
    source.table.name: source
    for source in (
        *(Source(table, table) for table in (RECEIPTS, Z_REPORTS, PRODUCT_SALES)),
        *(Source(table, RECEIPTS) for table in (RECEIPT_ITEMS, PAYMENTS)),
        *(Source(table) for table in (SHOPS, TERMINALS, EMPLOYEES, SHIFTS, CATEGORIES, PRODUCTS, CARDS)),
    )
}
"""Tables by their names."""


def month_of(day: date) -> Window:
    """Give the month of a day."""
    return Window(day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1]))


async def find_months(
    connection: AsyncConnection, days: Table, window: Window, shops: Collection[int] | None
) -> dict[Window, set[int | None]]:
    """Find the months with rows, in order, and the shops that these are of."""
    query = select(days.c.shop_id, days.c.business_date).distinct()
    months: dict[Window, set[int | None]] = {}
    found = await connection.execute(
        query.where(_within(days, window), *_of_shops(days.c.shop_id, shops)).order_by(days.c.business_date)
    )
    for shop_id, day in found:
        months.setdefault(month_of(day), set()).add(shop_id)
    return months


def select_rows(
    source: Source, month: Window | None, shops: Collection[int | None] | None, *, raw: bool
) -> Select[Any]:
    """Select the rows of one file, in the order of their days and keys.

    Args:
        source: The table.
        month: The days that are asked for; None for a table that is one file.
        shops: The shops; rows of no shop are asked for by None among them. None for all.
        raw: Whether the JSON of each record is wanted.
    """
    table, days = source.table, source.days
    query = select(*source.columns(raw=raw))
    if days is None or month is None:
        return query.where(*_of_table(table, shops)).order_by(*table.primary_key)
    if source.is_part:
        query = query.join(days, days.c.id == table.c.receipt_id)
    return query.where(*_of_days(days, month, shops)).order_by(days.c.business_date, *table.primary_key)


async def count_rows(connection: AsyncConnection, source: Source, window: Window, shops: Collection[int] | None) -> int:
    """Count the rows of a table that are to be exported.

    What belongs to receipts is estimated by how much of it a receipt has on average, since counting it takes as long as
    reading it.

    Args:
        connection: A transaction of the store.
        source: The table.
        window: The days that are asked for.
        shops: Ids of the shops; None for all.
    """

    async def count(table: Table, *conditions: ColumnElement[bool]) -> int:
        query = select(func.count()).select_from(table).where(*conditions)
        return (await connection.execute(query)).scalar_one()

    if source.days is None:
        return await count(source.table, *_of_table(source.table, shops))
    found = await count(source.days, *_of_days(source.days, window, shops))
    if source.is_part and found:
        return found * await count(source.table) // await count(source.days)
    return found


def _of_table(table: Table, shops: Collection[int | None] | None) -> list[ColumnElement[bool]]:
    shop_id = table.c.get("id" if table is SHOPS else "shop_id")
    return [] if shop_id is None else _of_shops(shop_id, shops)


def _of_days(days: Table, window: Window, shops: Collection[int | None] | None) -> list[ColumnElement[bool]]:
    there = [days.c.deleted_at.is_(None)] if "deleted_at" in days.c else []
    return [*there, _within(days, window), *_of_shops(days.c.shop_id, shops)]


def _within(days: Table, window: Window) -> ColumnElement[bool]:
    return days.c.business_date.between(window.start, window.end)


def _of_shops(shop_id: ColumnElement[Any], shops: Collection[int | None] | None) -> list[ColumnElement[bool]]:
    if shops is None:
        return []
    known = shop_id.in_(sorted(shop for shop in shops if shop is not None))
    return [or_(known, shop_id.is_(None)) if None in shops else known]
