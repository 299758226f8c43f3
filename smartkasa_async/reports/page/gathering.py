"""What a report page shows, read from a store: sums made by the database, added up as they stream in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from smartkasa_async.records.batch import RecordKind
from smartkasa_async.records.days import KYIV
from smartkasa_async.reports.page.facts import NO_CODE, PageFacts, PageProduct, PageReceipt, most_products, most_refunds
from smartkasa_async.reports.page.periods import window_before
from smartkasa_async.reports.page.queries import TAX_COLUMNS, PageScope
from smartkasa_async.reports.page.time_buckets import MOST_NUMBERS_BEFORE, Cubes, Table
from smartkasa_async.stores.schema import RECEIPTS, SHOPS
from smartkasa_async.stores.sync_state import read_days_read
from smartkasa_async.stores.views import PAYMENT_MEANS, TAX_GROUPS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Iterable, Sequence
    from datetime import date

    from sqlalchemy import CompoundSelect, Row, Select
    from sqlalchemy.ext.asyncio import AsyncConnection

    from smartkasa_async.records.days import Window
    from smartkasa_async.stores.store import Store

_STREAMED = {"yield_per": 1_000}
_IDS_AT_ONCE = 500


async def read_page_facts(
    store: Store, cubes: Cubes, *, window: Window, shops: Collection[int] | None, receipts: Iterable[str]
) -> PageFacts:
    """Read the figures and names of a page, as the store has them at one moment.

    Args:
        store: What was synced.
        cubes: Where the figures are added.
        window: The business days.
        shops: Ids of the shops; None for all.
        receipts: Ids of receipts that the page names.

    Raises:
        StoreError: The store could not be read.
    """
    scope = PageScope(window, shops)
    async with store.reading() as connection:
        earlier = window_before(window)
        before = Cubes(earlier, MOST_NUMBERS_BEFORE)
        facts = PageFacts(cubes=cubes, before=before, means=PAYMENT_MEANS, groups=TAX_GROUPS)
        await _add_turnover(connection, scope, cubes)
        await _add_turnover(connection, PageScope(earlier, shops), before, taxes=())
        async for row in _stream(connection, scope.means()):
            cubes.add(Table.MEANS, row.shop_id, row.business_date, (row.sales, row.refunds), row.code)
        await _add_lines(connection, scope, facts)
        for table in (Table.MEANS, Table.GROUPS):
            cubes.add_rest(table, NO_CODE)
        spans = (await read_days_read(connection)).spans
        if spans is not None:
            facts.read = {shop_id: read for (kind, shop_id), read in spans.items() if kind is RecordKind.RECEIPTS}
        facts.shops = {shop.id: shop.title for shop in await connection.execute(select(SHOPS.c.id, SHOPS.c.title))}
        facts.refunds_of_a_shop = most_refunds(len(cubes.shops()))
        facts.refunds = [row.id for row in await connection.execute(scope.largest_refunds(facts.refunds_of_a_shop))]
        facts.receipts = await _receipts(connection, {*receipts, *facts.refunds})
    return facts


async def _add_turnover(
    connection: AsyncConnection, scope: PageScope, cubes: Cubes, taxes: Sequence[str] = TAX_COLUMNS
) -> None:
    in_kyiv: dict[str, tuple[date, int]] = {}
    async for row in _stream(connection, scope.turnover(taxes)):
        if row.hour not in in_kyiv:
            moment = datetime.strptime(row.hour, "%Y-%m-%d %H").replace(tzinfo=UTC).astimezone(KYIV)
            in_kyiv[row.hour] = moment.date(), moment.hour
        day, hour = in_kyiv[row.hour]
        figures = (row.sales, row.sale_receipts, row.refunds, row.refund_receipts)
        cubes.add(Table.TURNOVER, row.shop_id, day, figures)
        if row.sale_receipts:
            cubes.add(Table.HOURS, row.shop_id, day, figures[:2], hour)
        for place, name in enumerate(taxes):
            if tax := getattr(row, name):
                cubes.add(Table.TAXES, row.shop_id, day, (tax,), place)


async def _add_lines(connection: AsyncConnection, scope: PageScope, facts: PageFacts) -> None:
    """Add tax groups and products; a product that was renamed goes by the title that is last in the alphabet."""
    places: dict[str, int] = {}
    names: list[tuple[str, str]] = []
    facts.products_of_a_shop = most_products(len(facts.cubes.shops()))
    async for row in _stream(connection, scope.lines(facts.products_of_a_shop)):
        where = (row.shop_id, row.business_date)
        if row.id is None:
            facts.cubes.add(Table.GROUPS, *where, (row.sales, row.refunds), row.code)
            continue
        place = places.setdefault(row.id, len(places))
        name = (row.name, row.unit or "")
        if place == len(names):
            names.append(name)
        names[place] = max(names[place], name)
        facts.cubes.add(Table.PRODUCTS, *where, (row.sales - row.refunds, row.quantity), place)
    facts.cubes.drop_smallest(Table.PRODUCTS, 0)
    facts.products = [PageProduct(id_, *name) for id_, name in zip(places, names, strict=True)]


async def _receipts(connection: AsyncConnection, ids: set[str]) -> dict[str, PageReceipt]:
    columns = RECEIPTS.c
    found = {}
    in_order = sorted(ids)
    for start in range(0, len(in_order), _IDS_AT_ONCE):
        query = select(
            columns.id,
            columns.shop_id,
            columns.created_at,
            columns.type,
            columns.total_amount,
            columns.fiscal_number,
            columns.registrar_fiscal_number,
        ).where(columns.id.in_(in_order[start : start + _IDS_AT_ONCE]))
        for row in await connection.execute(query):
            found[row.id] = PageReceipt(
                id=row.id,
                shop_id=row.shop_id,
                created_at=row.created_at,
                type=row.type,
                total=row.total_amount,
                fiscal_number=row.fiscal_number,
                registrar=row.registrar_fiscal_number,
            )
    return found


async def _stream(connection: AsyncConnection, query: Select[Any] | CompoundSelect[Any]) -> AsyncIterator[Row[Any]]:
    async with connection.stream(query, execution_options=_STREAMED) as rows:
        async for part in rows.partitions():
            for row in part:
                yield row
