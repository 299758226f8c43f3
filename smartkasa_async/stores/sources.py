"""What can be read of a store as a whole: its tables and its views, limited to business days and shops."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_, select

from smartkasa_async.records.batch import RecordKind
from smartkasa_async.stores.schema import (
    CARDS,
    CATEGORIES,
    EMPLOYEES,
    PAYMENTS,
    PRICE_HISTORY,
    PRODUCT_SALES,
    PRODUCTS,
    RECEIPT_ITEMS,
    RECEIPTS,
    SHIFTS,
    SHOPS,
    STOCK_HISTORY,
    TERMINALS,
    Z_REPORTS,
)
from smartkasa_async.stores.views import VIEWS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from sqlalchemy import ColumnElement, Select, Table
    from sqlalchemy.ext.asyncio import AsyncConnection

    from smartkasa_async.records.days import Window

    Form = Callable[[ColumnElement[Any]], ColumnElement[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A table that can be read as a whole.

    Attributes:
        table: The table.
        days: The table with the business date and the shop of each row; None for a table without days.
        kind: The kind of records that must have been read, so that nothing of it is missing.
    """

    table: Table
    days: Table | None = None
    kind: RecordKind

    @property
    def name(self) -> str:
        """Name of the table."""
        return self.table.name

    @property
    def is_part(self) -> bool:
        """Whether its rows belong to rows of another table."""
        return self.days is not None and self.days is not self.table

    @property
    def key(self) -> tuple[str, ...]:
        """Names of the columns that no two rows of an account agree in."""
        return tuple(column.name for column in self.table.primary_key if column.name != "account_id")

    def columns(self, *, raw: bool) -> dict[str, ColumnElement[Any]]:
        """Return the columns by name; parts of receipts have the receipt's business date and shop in front.

        Args:
            raw: Whether the JSON of each record is one of them.
        """
        left_out = {"account_id"} if raw else {"account_id", "raw"}
        if self.days is not None:
            left_out.add("deleted_at")
        own: list[ColumnElement[Any]] = [column for column in self.table.columns if column.name not in left_out]
        if self.days is not None and self.is_part:
            own = [self.days.c.business_date, self.days.c.shop_id, *own]
        return {column.name: column for column in own}

    def select(
        self, form: Form, window: Window | None, shops: Collection[int | None] | None, *, raw: bool
    ) -> Select[Any]:
        """Select the rows, in the order of their days and keys.

        Args:
            form: Makes what is selected of each column.
            window: The days that are asked for; None for a table without days.
            shops: The shops; rows of no shop are asked for by None among them. None for all.
            raw: Whether the JSON of each record is selected.
        """
        table, days = self.table, self.days
        query = select(*map(form, self.columns(raw=raw).values())).select_from(table)
        if days is None or window is None:
            return query.where(*_of_table(table, shops)).order_by(*table.primary_key)
        if self.is_part:
            query = query.join(days, days.c.id == table.c.receipt_id)
        return query.where(*_of_days(days, window, shops)).order_by(days.c.business_date, *table.primary_key)


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewSource:
    """A view that can be read as a whole; its sums are exact here in SQLite, too.

    Attributes:
        name: Name of the view.
        days: The table that its rows have their business date of, and their shop where it has one.
        kind: The kind of records that must have been read, so that nothing of it is missing; where the table is one of
            history, history of them must have been kept.
        key: Names of the columns that no two rows agree in.
    """

    name: str
    days: Table = RECEIPTS
    kind: RecordKind = RecordKind.RECEIPTS
    key: tuple[str, ...] = ()

    @property
    def is_history(self) -> bool:
        """Whether it shows history, which is kept by days of the whole account."""
        return self.days is not RECEIPTS

    def columns(self, *, raw: bool) -> dict[str, ColumnElement[Any]]:  # noqa: ARG002  (a view has no JSON)
        """Return the columns by name, without the account.

        Args:
            raw: Not used: a view has no JSON.
        """
        return {column.name: column for column in self._columns()}

    def select(
        self,
        form: Form,
        window: Window | None,
        shops: Collection[int | None] | None,
        *,
        raw: bool,  # noqa: ARG002
    ) -> Select[Any]:
        """Select the rows, in the order of their days.

        Args:
            form: Makes what is selected of each column.
            window: The days that are asked for; None for all.
            shops: The shops; rows of no shop are asked for by None among them. None for all.
            raw: Not used: a view has no JSON.
        """
        conditions = _of_table(self.days, shops)
        if window is not None:
            conditions.append(_within(self.days, window))
        columns = self._columns(*conditions)
        return select(*map(form, columns)).order_by(*columns)

    def _columns(self, *conditions: ColumnElement[bool]) -> list[ColumnElement[Any]]:
        view = VIEWS[self.name].where(*conditions).subquery(self.name)
        return [column for column in view.c if column.name != "account_id"]


TABLE_SOURCES = {
    source.name: source
    for source in (
        Source(table=RECEIPTS, days=RECEIPTS, kind=RecordKind.RECEIPTS),
        Source(table=Z_REPORTS, days=Z_REPORTS, kind=RecordKind.Z_REPORTS),
        Source(table=PRODUCT_SALES, days=PRODUCT_SALES, kind=RecordKind.PRODUCT_SALES),
        *(Source(table=table, days=RECEIPTS, kind=RecordKind.RECEIPTS) for table in (RECEIPT_ITEMS, PAYMENTS)),
        *(
            Source(table=table, kind=RecordKind(table.name))
            for table in (SHOPS, TERMINALS, EMPLOYEES, SHIFTS, CATEGORIES, PRODUCTS, CARDS)
        ),
    )
}
"""Tables by their names."""

_OF_SALES = {
    "sales": ("payment_means_id", "tax_group_id"),
    "sales_by_day": (),
    "sales_by_payment_means": ("payment_means_id",),
    "sales_by_tax_group": ("tax_group_id",),
    "sales_by_product": ("product_id", "name", "unit_type_name"),
    "margins": ("product_id", "name", "unit_type_name"),
}

VIEW_SOURCES = {
    source.name: source
    for source in (
        *(ViewSource(name=name, key=("business_date", "shop_id", *key)) for name, key in _OF_SALES.items()),
        ViewSource(name="stock_by_day", days=STOCK_HISTORY, kind=RecordKind.CARDS, key=("business_date", "card_id")),
        ViewSource(name="price_changes", days=PRICE_HISTORY, kind=RecordKind.PRODUCTS, key=("product_id", "sequence")),
    )
}
"""Views by their names."""

AnySource = Source | ViewSource

SOURCES: dict[str, AnySource] = {**TABLE_SOURCES, **VIEW_SOURCES}


async def expected_rows(
    connection: AsyncConnection, source: Source, window: Window, shops: Collection[int] | None
) -> int:
    """Count the rows of a table that are to be read.

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


async def find_days(
    connection: AsyncConnection, days: Table, window: Window, shops: Collection[int] | None
) -> list[tuple[int | None, Any]]:
    """Find the shops and business days with rows, in the order of the days."""
    query = select(days.c.shop_id, days.c.business_date).distinct()
    found = await connection.execute(
        query.where(_within(days, window), *_of_shops(days.c.shop_id, shops)).order_by(days.c.business_date)
    )
    return [(shop_id, day) for shop_id, day in found]


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
