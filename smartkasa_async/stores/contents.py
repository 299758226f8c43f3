"""What a store holds: which shops it knows, and since which day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from smartkasa_async._i18n.message import argument, msg
from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.records.batch import RecordKind
from smartkasa_async.stores.schema import PRODUCT_SALES, QUARANTINE, RECEIPTS, SHOPS, SYNCED_DAYS, Z_REPORTS

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from sqlalchemy.ext.asyncio import AsyncConnection

_MOST_LISTED = 10


async def require_known_shops(
    connection: AsyncConnection, shops: Collection[int] | None, *, must_have_shops: bool = False
) -> None:
    """Refuse shops that are none of the account's; those of which nothing was synced are.

    Args:
        connection: A transaction of the store.
        shops: Ids of the shops; None for all.
        must_have_shops: Whether to refuse also a store that does not know yet which shops there are.

    Raises:
        InvalidRequestError: The store knows the account's shops, and some are none of them; names both.
    """
    if shops is None:
        return
    known = set(await connection.scalars(select(SHOPS.c.id)))
    unknown = set(shops) - known
    for table in (RECEIPTS, Z_REPORTS, PRODUCT_SALES, SYNCED_DAYS, QUARANTINE):
        if unknown:  # records may be there of shops that are not
            unknown -= set(
                await connection.scalars(select(table.c.shop_id).where(table.c.shop_id.in_(unknown)).distinct())
            )
    if not unknown or not (known or must_have_shops):
        return
    message = msg(
        "{field} has {unknown}, and the store has no shops yet; sync first",
        field=argument("shops"),
        unknown=_listed(unknown),
    )
    if known:
        message = msg(
            "{field} has {unknown}, of which the store knows nothing; it has {known}. Sync first if the shop is new",
            field=argument("shops"),
            unknown=_listed(unknown),
            known=_listed(known),
        )
    raise InvalidRequestError(message, field="shops")


async def first_day(connection: AsyncConnection, shops: Collection[int] | None) -> date | None:
    """Return the first business day of receipts or Z-reports that was read, or of which there are any.

    Args:
        connection: A transaction of the store.
        shops: Ids of the shops; None for all.
    """
    kinds = SYNCED_DAYS.c.kind.in_([RecordKind.RECEIPTS, RecordKind.Z_REPORTS])
    queries = [
        (select(func.min(SYNCED_DAYS.c.first_day)).where(kinds), SYNCED_DAYS),
        *(
            (select(func.min(table.c.business_date)).where(table.c.deleted_at.is_(None)), table)
            for table in (RECEIPTS, Z_REPORTS)
        ),
    ]
    firsts = [
        await connection.scalar(query if shops is None else query.where(table.c.shop_id.in_(shops)))
        for query, table in queries
    ]
    return min((day for day in firsts if day is not None), default=None)


def _listed(ids: Collection[int]) -> str:
    listed = ", ".join(map(str, sorted(ids)[:_MOST_LISTED]))
    return listed if len(ids) <= _MOST_LISTED else f"{listed}, …"
