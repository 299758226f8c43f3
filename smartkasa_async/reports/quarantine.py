"""The receipts and Z-reports in quarantine, as far as they can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Text, and_, cast, exists, or_, select

from smartkasa_async.records.batch import RecordKind
from smartkasa_async.reports.unreadable import unreadable_of
from smartkasa_async.stores.schema import QUARANTINE, RECEIPTS, Z_REPORTS

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.ext.asyncio import AsyncConnection

    from smartkasa_async.reports.unreadable import Unreadable

_TABLES = {RecordKind.RECEIPTS: RECEIPTS, RecordKind.Z_REPORTS: Z_REPORTS}


async def read_unreadable(connection: AsyncConnection, shops: Collection[int] | None = None) -> list[Unreadable]:
    """Read the receipts and Z-reports in quarantine that the store has in no earlier version either.

    Args:
        connection: A transaction.
        shops: Ids of shops; None for all. What names no shop may be of any.
    """
    columns = QUARANTINE.c
    found = or_(
        *(
            and_(columns.kind == kind, ~exists().where(cast(table.c.id, Text) == columns.key))
            for kind, table in _TABLES.items()
        )
    )
    if shops is not None:
        found = and_(found, or_(columns.shop_id.is_(None), columns.shop_id.in_(shops)))
    query = select(columns.kind, columns.key, columns.shop_id, columns.error, columns.raw).where(found)
    rows = await connection.execute(query.order_by(columns.kind, columns.key))
    return [unreadable_of(RecordKind(kind), *rest) for kind, *rest in rows]
