"""Keeps what stock cards and prices were, by business days: the service gives only what they are.

It is made of what the store knows at the moment, by the database, for the whole account at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, func, literal, or_, select

from smartkasa_async.records.days import business_day
from smartkasa_async.stores.schema import CARDS, HISTORY_DAYS, PRICE_HISTORY, PRODUCTS, STOCK_HISTORY
from smartkasa_async.stores.sync_state import lock
from smartkasa_async.stores.writing import INSERT

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Select, Table


def keep_prices(connection: Connection, at: datetime) -> None:
    """Keep the prices of products that differ from those that were kept last.

    Args:
        connection: A transaction of the store.
        at: When they were noticed, aware.
    """
    product, kept = PRODUCTS.c, PRICE_HISTORY.c
    last = select(func.max(kept.sequence)).where(kept.account_id == product.account_id, kept.product_id == product.id)
    now = select(
        product.account_id, product.id, product.price, last.correlate(PRODUCTS).scalar_subquery().label("last")
    ).subquery("now")
    before = and_(kept.account_id == now.c.account_id, kept.product_id == now.c.id, kept.sequence == now.c.last)
    changed = (
        select(
            now.c.account_id,
            now.c.id,
            func.coalesce(now.c.last, -1) + 1,
            literal(business_day(at)),
            literal(at, kept.noticed_at.type),
            kept.after,
            now.c.price,
        )
        .select_from(now)
        .join(PRICE_HISTORY, before, isouter=True)
        .where(or_(kept.after.is_(None), kept.after != now.c.price))
    )
    lock(connection, PRICE_HISTORY)
    connection.execute(_insert(connection, PRICE_HISTORY, changed))


def keep_stock(connection: Connection, at: datetime) -> None:
    """Keep the stock cards of a business day, in place of what an earlier sync of it has kept.

    Args:
        connection: A transaction of the store.
        at: When they were as they are, aware.
    """
    day = business_day(at)
    card, product, kept = CARDS.c, PRODUCTS.c, STOCK_HISTORY.c
    of_card = and_(product.account_id == card.account_id, product.id == card.product_id)
    cards = (
        select(
            card.account_id,
            literal(day),
            card.id,
            card.shop_id,
            card.product_id,
            card["count"],
            product.price,
            product.procurement_price,
        )
        .select_from(CARDS)
        .join(PRODUCTS, of_card, isouter=True)
        .where(card.deleted_at.is_(None))
    )
    insert = _insert(connection, STOCK_HISTORY, cards)
    values = {column.name: insert.excluded[column.name] for column in STOCK_HISTORY.c if not column.primary_key}
    differs = or_(*(kept[name].is_distinct_from(value) for name, value in values.items()))
    lock(connection, STOCK_HISTORY)
    connection.execute(_on_conflict(insert, STOCK_HISTORY, values, where=differs))
    deleted = select(card.id).where(card.deleted_at.is_not(None))
    connection.execute(delete(STOCK_HISTORY).where(kept.business_date == day, kept.card_id.in_(deleted)))
    noted: Any = INSERT[connection.dialect.name](HISTORY_DAYS).values(business_date=day, kept_at=at)
    connection.execute(_on_conflict(noted, HISTORY_DAYS, {"kept_at": noted.excluded.kept_at}))


def _insert(connection: Connection, table: Table, query: Select[Any]) -> Any:
    return INSERT[connection.dialect.name](table).from_select([column.name for column in table.columns], query)


def _on_conflict(insert: Any, table: Table, replaced: dict[str, Any], where: Any = None) -> Any:
    key = [column.name for column in table.primary_key]
    return insert.on_conflict_do_update(index_elements=key, set_=replaced, where=where)
