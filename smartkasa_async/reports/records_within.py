"""Which records a report is of, and whether its receipts are most of a store, so that all are gone through in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, case, func, select

from smartkasa_async.stores.schema import PAYMENTS, RECEIPTS

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement, Table
    from sqlalchemy.ext.asyncio import AsyncConnection

    from smartkasa_async.records.days import Window

_MOST_OTHERS = 3
"""How many times as many receipts may lie outside the window where it is faster to go through all of them."""


def records_within(
    table: Table, window: Window, shops: Collection[int] | None, *, in_order: bool = False
) -> list[ColumnElement[bool]]:
    """Return what the records of business days and shops meet.

    Args:
        table: Their table.
        window: The business days.
        shops: Ids of the shops; None for all.
        in_order: Whether all records are gone through in the order of their ids, so that no index of days is used.
    """
    day, shop_id = table.c.business_date, table.c.shop_id
    # SQLite looks up by an index what is a column, and no more than that.
    asked = func.coalesce(day, day) if in_order else day
    conditions: list[ColumnElement[bool]] = [asked.between(window.start, window.end)]
    return conditions if shops is None else [*conditions, shop_id.in_(sorted(shops))]


def payments_of_receipts(*, in_order: bool) -> ColumnElement[bool]:
    """Join payments to their receipts.

    Args:
        in_order: As for `records_within`.
    """
    receipt_id = PAYMENTS.c.receipt_id
    return RECEIPTS.c.id == (func.coalesce(receipt_id, "") if in_order else receipt_id)


async def are_most(connection: AsyncConnection, window: Window, shops: Collection[int] | None) -> bool:
    """Return whether the receipts of business days and shops are so much of a store that all are read in order.

    Lines and payments stand in the order of their receipts' ids; what is looked up by day is read here and there.

    Args:
        connection: A transaction of the store.
        window: The business days.
        shops: Ids of the shops; None for all.
    """
    is_within = case((and_(*records_within(RECEIPTS, window, shops)), 1))
    counted = select(func.count(is_within), func.count(RECEIPTS.c.business_date))
    within, all_ = (await connection.execute(counted)).one()
    return bool(within * _MOST_OTHERS >= all_)
