"""What a store remembers of runs: days that are settled, and records that the service no longer lists."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select, update

from smartkasa_async._phrases import phrase
from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.receipts.batch import RecordKind
from smartkasa_async.receipts.days import Window
from smartkasa_async.stores.schema import PRODUCT_SALES, WATERMARKS
from smartkasa_async.stores.statements import TABLES
from smartkasa_async.stores.writing import chunks

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement, Select, Table
    from sqlalchemy.ext.asyncio import AsyncConnection

__all__ = ["add_span", "mark_gone", "read_spans"]

_ONE_DAY = timedelta(days=1)


async def read_spans(connection: AsyncConnection, kind: RecordKind, shop_id: int) -> list[Window]:
    """Give the settled spans of a shop, in order."""
    found = await connection.execute(_spans(kind, shop_id).order_by(WATERMARKS.c.first_day))
    return [Window(span.first_day, span.last_day) for span in found]


async def add_span(connection: AsyncConnection, kind: RecordKind, shop_id: int, window: Window) -> None:
    """Add a span to the settled ones, in one with those that it touches or overlaps."""
    if connection.dialect.name == "postgresql":  # SQLite has one writer in any case
        await connection.exec_driver_sql(f"LOCK TABLE {WATERMARKS.name} IN SHARE ROW EXCLUSIVE MODE")
    touching = (
        WATERMARKS.c.first_day <= window.end + _ONE_DAY,
        WATERMARKS.c.last_day >= window.start - _ONE_DAY,
    )
    found = (await connection.execute(_spans(kind, shop_id).where(*touching))).all()
    await connection.execute(delete(WATERMARKS).where(*_of(kind, shop_id), *touching))
    merged = {
        "kind": kind,
        "shop_id": shop_id,
        "first_day": min([window.start, *(span.first_day for span in found)]),
        "last_day": max([window.end, *(span.last_day for span in found)]),
    }
    await connection.execute(insert(WATERMARKS), [merged])


async def mark_gone(
    connection: AsyncConnection,
    kind: RecordKind,
    present: Collection[str | int],
    shop_id: int | None,
    window: Window | None,
) -> int:
    """Mark the kept records that are not among the present ones; the arguments are those of `SyncMemory`.

    Returns:
        How many were marked that were not before; product sales are deleted instead, since they are sums of a day.
    """
    table = TABLES[kind]
    id_ = PRODUCT_SALES.c.product_id if kind is RecordKind.PRODUCT_SALES else table.c.id
    within = _within(table, kind, shop_id, window)
    kept = await connection.scalars(select(id_).where(*within))
    # A service that begins to write ids as text, or as numbers, has deleted nothing.
    there = set(map(str, present))
    gone = [key for key in kept if str(key) not in there]
    one = id_.in_(bindparam("ids", expanding=True))
    statement = (
        delete(table).where(*within, one)
        if kind is RecordKind.PRODUCT_SALES
        else update(table).where(one).values(gone_at=datetime.now(UTC))
    )
    for ids in chunks(gone):
        await connection.execute(statement, {"ids": ids})
    return len(gone)


def _within(table: Table, kind: RecordKind, shop_id: int | None, window: Window | None) -> list[ColumnElement[bool]]:
    """Say which rows were listed: those not gone before, of the shop and the days where these are given."""
    for column, given in (("shop_id", shop_id), ("business_date", window)):
        if given is not None and column not in table.c:
            raise InvalidRequestError(
                phrase("{kind} have no {field}: they are listed for the whole account", kind=kind, field=column),
                field=column,
            )
    within: list[ColumnElement[bool]] = []
    if "gone_at" in table.c:
        within.append(table.c.gone_at.is_(None))
    if shop_id is not None:
        within.append(table.c.shop_id == shop_id)
    if window is not None:
        within.append(table.c.business_date.between(window.start, window.end))
    return within


def _spans(kind: RecordKind, shop_id: int) -> Select[tuple[date, date]]:
    return select(WATERMARKS.c.first_day, WATERMARKS.c.last_day).where(*_of(kind, shop_id))


def _of(kind: RecordKind, shop_id: int) -> tuple[Any, Any]:
    return WATERMARKS.c.kind == kind, WATERMARKS.c.shop_id == shop_id
