"""Z-reports and best sellers of a store, as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from sqlalchemy import func, select

from smartkasa_async._support.money import NO_HRYVNIAS, with_kopecks
from smartkasa_async.stores.schema import PRODUCT_SALES, SHOPS, Z_REPORTS

if TYPE_CHECKING:
    from collections.abc import Collection
    from decimal import Decimal

    from sqlalchemy import Row, Select, Table

    from smartkasa_async.records import Window
    from smartkasa_async.stores import Store

_Z_MONEY = (
    "sale_total",
    "refund_total",
    "sale_cash_total",
    "sale_cashless_total",
    "refund_cash_total",
    "refund_cashless_total",
)

SelectT = TypeVar("SelectT", bound="Select[*tuple[Any, ...]]")


class StoredZReport(NamedTuple):
    """A Z-report of the store; money in hryvnias."""

    id: int
    business_date: Any
    created_at: Any
    shop_id: int | None
    shop: str | None
    registrar: str | None
    fiscal_number: str
    receipts: int
    sales: Decimal
    refunds: Decimal
    sales_cash: Decimal
    sales_cashless: Decimal
    refunds_cash: Decimal
    refunds_cashless: Decimal


class BestSeller(NamedTuple):
    """What a product sold; money in hryvnias."""

    product_id: str
    title: str
    number: str | None
    quantity: Decimal
    amount: Decimal


class BestSellers(NamedTuple):
    """What sold best.

    Attributes:
        products: The products, the one with the highest turnover first.
        different: How many products sold at all.
        amount: Turnover of all of them, hryvnias.
    """

    products: tuple[BestSeller, ...]
    different: int
    amount: Decimal


async def z_reports(store: Store, window: Window, shops: Collection[int] | None) -> list[StoredZReport]:
    """List the Z-reports of some business days that the service still lists, by shop and time.

    Args:
        store: The store.
        window: The business days.
        shops: Ids of the shops; None for all.
    """
    columns = Z_REPORTS.c
    query = (
        select(
            columns.id,
            columns.business_date,
            columns.created_at,
            columns.shop_id,
            SHOPS.c.title,
            columns.registrar_fiscal_number,
            columns.fiscal_number,
            func.coalesce(columns.sale_receipts_count, 0) + func.coalesce(columns.refund_receipts_count, 0),
            *(columns[name] for name in _Z_MONEY),
        )
        .join(SHOPS, SHOPS.c.id == columns.shop_id, isouter=True)
        .where(columns.deleted_at.is_(None))
        .order_by(columns.shop_id, columns.created_at, columns.id)
    )
    async with store.reading() as connection:
        rows = await connection.execute(_of(query, Z_REPORTS, window, shops))
        return [_stored(row) for row in rows]


async def best_sellers(store: Store, window: Window, shops: Collection[int] | None, most: int) -> BestSellers:
    """List the products with the highest turnover on some business days.

    Args:
        store: The store.
        window: The business days.
        shops: Ids of the shops; None for all.
        most: How many products to list.
    """
    columns = PRODUCT_SALES.c
    amount = func.sum(columns.total_amount)
    query = select(
        columns.product_id, func.max(columns.title), func.max(columns.number), func.sum(columns.total_count), amount
    ).group_by(columns.product_id)
    ranked = query.order_by(amount.desc(), columns.product_id).limit(most)
    total = select(func.count(columns.product_id.distinct()), amount)
    async with store.reading() as connection:
        products = [
            BestSeller(*row[:-1], with_kopecks(row[-1]))
            for row in await connection.execute(_of(ranked, PRODUCT_SALES, window, shops))
        ]
        count, turnover = (await connection.execute(_of(total, PRODUCT_SALES, window, shops))).one()
    return BestSellers(tuple(products), count, with_kopecks(turnover or NO_HRYVNIAS))


def _stored(row: Row[Any]) -> StoredZReport:
    own, money = row[: -len(_Z_MONEY)], row[-len(_Z_MONEY) :]
    return StoredZReport(*own, *(with_kopecks(amount or NO_HRYVNIAS) for amount in money))


def _of(query: SelectT, table: Table, window: Window, shops: Collection[int] | None) -> SelectT:
    query = query.where(table.c.business_date.between(window.start, window.end))
    return query if shops is None else query.where(table.c.shop_id.in_(shops))
