"""The products of which receipts and the service's product sales state different figures: one query for all shops."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, func, literal_column, or_, select, union_all

from smartkasa_async.models import ReceiptState, ReceiptType
from smartkasa_async.reports.reconciliation.ledger import SoldProduct
from smartkasa_async.stores.schema import PRODUCT_SALES, RECEIPT_ITEMS, RECEIPTS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.ext.asyncio import AsyncConnection

_STREAMED = {"yield_per": 1_000}
_NOTHING: ColumnElement[Any] = literal_column("0")
_IS_SALE = and_(RECEIPTS.c.type == int(ReceiptType.SALE), RECEIPTS.c.state == int(ReceiptState.PAID))
_IS_REFUND = RECEIPTS.c.type == int(ReceiptType.REFUND)


async def read_sold_products(
    connection: AsyncConnection, days: Mapping[int, frozenset[date]], *, in_order: bool
) -> dict[int, list[SoldProduct]]:
    """Return the products on which receipts and product sales differ, by shop, in the order of days and ids.

    Args:
        connection: A transaction of the store.
        days: By shop, the days to compare.
        in_order: Whether to go through all items of the store in the order of their receipts' ids; this is faster than
            to look receipts up by day where they are most of the store.
    """
    found: defaultdict[int, list[SoldProduct]] = defaultdict(list)
    known = {shop_id: own for shop_id, own in days.items() if own}
    if not known:
        return found
    first, last = min(map(min, known.values())), max(map(max, known.values()))
    query = _sold_differently([*known], first, last, in_order=in_order)
    async with connection.stream(query, execution_options=_STREAMED) as rows:
        async for shop_id, day, product_id, *figures in rows:
            if day in days[shop_id]:
                amount, count, stated_amount, stated_count = figures
                found[shop_id].append(
                    SoldProduct(
                        day=day,
                        product_id=product_id,
                        amount=amount,
                        count=count,
                        stated_amount=stated_amount,
                        stated_count=stated_count,
                    )
                )
    for products in found.values():
        products.sort(key=lambda one: (one.day, one.product_id))
    return found


def _sold_differently(shops: list[int], first: date, last: date, *, in_order: bool) -> Select[Any]:
    """Select the products of days whose sales by receipts, before discounts, less refunds, are not those stated."""
    stated, columns, items = PRODUCT_SALES.c, RECEIPTS.c, RECEIPT_ITEMS.c
    figures = {"amount": items.amount, "count": items.quantity}
    # SQLite looks up by an index what is a column, and no more than that.
    shop_id = func.coalesce(columns.shop_id, _NOTHING) if in_order else columns.shop_id
    day = func.coalesce(columns.business_date, columns.business_date) if in_order else columns.business_date
    receipt_id = func.coalesce(items.receipt_id, "") if in_order else items.receipt_id
    both = union_all(
        select(
            shop_id.label("shop_id"),
            day.label("day"),
            items.product_id,
            *(case((_IS_REFUND, -figure), else_=figure).label(name) for name, figure in figures.items()),
            *(_NOTHING.label(f"stated_{name}") for name in figures),
        )
        .join(RECEIPT_ITEMS, receipt_id == columns.id)
        .where(columns.deleted_at.is_(None), or_(_IS_SALE, _IS_REFUND), items.product_id.is_not(None))
        .where(shop_id.in_(shops), day.between(first, last)),
        select(
            stated.shop_id,
            stated.business_date,
            stated.product_id,
            *(_NOTHING, _NOTHING, stated.total_amount, stated.total_count),
        ).where(stated.shop_id.in_(shops), stated.business_date.between(first, last)),
    ).subquery()
    sums = {
        f"{side}{name}": func.sum(both.c[f"{side}{name}"], type_=figure.type)
        for side in ("", "stated_")
        for name, figure in figures.items()
    }
    key = (both.c.shop_id, both.c.day, both.c.product_id)
    return (
        select(*key, *(figure.label(name) for name, figure in sums.items()))
        .group_by(*key)
        .having(or_(*(sums[name] != sums[f"stated_{name}"] for name in figures)))
    )
