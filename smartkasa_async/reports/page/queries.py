"""The SQL behind a report page: sums by shop and time in one form for all databases, in units that are whole numbers.

What counts, and how a receipt divides, is defined by the views. Money comes in ten-thousandths of a hryvnia, quantities
in millionths.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, Text, case, cast, func, literal, null, select, union_all
from sqlalchemy import literal_column as sql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from smartkasa_async.models import PaymentType, ReceiptType
from smartkasa_async.records.batch import RecordKind
from smartkasa_async.records.days import KYIV
from smartkasa_async.reports.page.facts import (
    NO_CODE,
    PageFacts,
    PageProduct,
    PageReceipt,
    most_products,
    most_refunds,
    window_before,
)
from smartkasa_async.reports.page.time_buckets import MOST_NUMBERS_BEFORE, Table, TimeBuckets
from smartkasa_async.reports.records_within import are_most, payments_of_receipts, records_within
from smartkasa_async.reports.units import Units
from smartkasa_async.stores.schema import CATEGORIES, PAYMENTS, PRODUCTS, QUANTITY_SCALE, RECEIPTS, SHOPS, TAX_LETTERS
from smartkasa_async.stores.sync_state import read_days_read
from smartkasa_async.stores.views import (
    COUNTED,
    IS_REFUND,
    PAYMENT_MEANS,
    TAX_GROUPS,
    ZERO,
    receipt_lines,
    sales_and_refunds,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Iterable, Sequence
    from datetime import date

    from sqlalchemy import CTE, ColumnElement, CompoundSelect, Label, Row, Select
    from sqlalchemy.ext.asyncio import AsyncConnection
    from sqlalchemy.sql.compiler import SQLCompiler

    from smartkasa_async.records.days import Window
    from smartkasa_async.stores.store import Store

TAX_COLUMNS = tuple(f"tax_{letter}" for letter in TAX_LETTERS)

_R = RECEIPTS.c
_NAMELESS = "name:"

_STREAMED = {"yield_per": 1_000}

_IDS_AT_ONCE = 500


class _UtcHour(FunctionElement[str]):
    """The hour of a point in time, `2026-10-05 09` in UTC."""

    inherit_cache = True
    type = Text()


@compiles(_UtcHour, "postgresql")
def _format(element: _UtcHour, compiler: SQLCompiler, **options: Any) -> str:
    moment = compiler.process(next(iter(element.clauses)), **options)
    return f"to_char({moment} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24')"


@compiles(_UtcHour, "sqlite")
def _cut(element: _UtcHour, compiler: SQLCompiler, **options: Any) -> str:
    return f"substr({compiler.process(next(iter(element.clauses)), **options)}, 1, 13)"


class LineGroup(StrEnum):
    """What lines of receipts are summed up by."""

    TAX_GROUPS = "tax_groups"
    PRODUCTS = "products"
    CATEGORIES = "categories"


@dataclass(frozen=True, slots=True)
class PageQueries:
    """Which receipts a page is about.

    Attributes:
        window: Their business days.
        shops: Ids of their shops; None for all, those of receipts that name none included.
        in_order: Whether to go through all receipts of the store, which is faster where these are most of them.
    """

    window: Window
    shops: Collection[int] | None
    in_order: bool = False

    def turnover(self, taxes: Iterable[str] = TAX_COLUMNS) -> Select[Any]:
        """Sum up sales, refunds and taxes by shop and hour in UTC."""
        hour = _UtcHour(_R.created_at).label("hour")
        return (
            select(
                _R.shop_id,
                hour,
                *_money_of_both(_R.total_amount),
                func.count(case((~IS_REFUND, 1))).label("sale_receipts"),
                func.count(case((IS_REFUND, 1))).label("refund_receipts"),
                *(_money(_net(func.coalesce(_R[name], ZERO)), name) for name in taxes),
            )
            .where(*self._counted())
            .group_by(_R.shop_id, hour)
        )

    def means(self) -> Select[Any]:
        """Sum up payments by shop, day and means."""
        payment = PAYMENTS.c
        is_cancelled = payment.payment_type_id == int(PaymentType.CANCELLATION)
        return (
            select(
                _R.shop_id,
                _R.business_date,
                payment.transaction_type_id.label("code"),
                *_money_of_both(case((is_cancelled, -payment.amount), else_=payment.amount)),
            )
            .join(PAYMENTS, payments_of_receipts(in_order=self.in_order))
            .where(*self._counted())
            .group_by(_R.shop_id, _R.business_date, payment.transaction_type_id)
        )

    def lines(self, most: int) -> CompoundSelect[Any]:
        """Sum up lines by shop and day, all discounts taken off: the tax groups, and the products that bring in most.

        Both are one query, since lines are many and are read once. A line that is no product of the catalogue
        goes by its name. Rows of tax groups have a `code`, those of products an `id`.

        Args:
            most: How many products of each shop; what is among them in one shop is given for all.
        """
        sold = self._sold()
        column = sold.c
        where = (column.shop_id, column.business_date)
        nothing = null()
        groups = select(
            *where,
            column.code,
            *(cast(nothing, Text).label(name) for name in ("id", "name", "unit")),
            *(_money(func.sum(column[name]), name) for name in ("sales", "refunds")),
            literal(0).label("quantity"),
        ).group_by(*where, column.code)
        net = func.sum(column.sales - column.refunds)
        rank = func.row_number().over(partition_by=column.shop_id, order_by=(net.desc(), column.id))
        of_shops = select(column.id, rank.label("rank")).group_by(column.shop_id, column.id).subquery()
        products = (
            select(
                *where,
                cast(nothing, Integer),
                column.id,
                func.max(column.name),
                func.max(column.unit),
                *(_money(func.sum(column[name]), name) for name in ("sales", "refunds")),
                Units(func.sum(column.quantity), QUANTITY_SCALE),
            )
            .where(column.id.in_(select(of_shops.c.id).where(of_shops.c.rank <= most)))
            .group_by(*where, column.id)
        )
        return union_all(groups, products)

    def largest_refunds(self, most: int) -> Select[Any]:
        """Select the ids of the largest refunds of each shop, the largest first."""
        order = (_R.total_amount.desc(), _R.created_at, _R.id)
        ranked = (
            select(
                _R.id, _R.total_amount, func.row_number().over(partition_by=_R.shop_id, order_by=order).label("rank")
            )
            .where(*self._counted(), IS_REFUND)
            .subquery()
        )
        return select(ranked.c.id).where(ranked.c.rank <= most).order_by(ranked.c.total_amount.desc(), ranked.c.id)

    def sold(self, by: LineGroup) -> Select[Any]:
        """Sum up lines, all discounts taken off, by what they are of.

        Rows have an `id` as text, a `name` and a `unit` where they are products, sums in both units, and how many
        receipts they stand on.

        Args:
            by: What to sum up by.
        """
        lines = receipt_lines(*self._within())
        nothing = cast(null(), Text)
        product_id = func.coalesce(lines.c.product_id, sql(f"'{_NAMELESS}'") + lines.c.name)
        key, name, unit = {
            LineGroup.TAX_GROUPS: (cast(lines.c.code, Text), nothing, nothing),
            LineGroup.PRODUCTS: (product_id, func.max(lines.c.name), func.max(lines.c.unit_type_name)),
            LineGroup.CATEGORIES: (PRODUCTS.c.category_id, func.max(CATEGORIES.c.title), nothing),
        }[by]
        query = (
            select(
                key.label("id"),
                name.label("name"),
                unit.label("unit"),
                *_money_of_both(lines.c.amount),
                Units(_net(lines.c.quantity), QUANTITY_SCALE).label("quantity"),
            )
            .select_from(RECEIPTS)
            .join(lines, lines.c.receipt_id == _R.id)
        )
        if by is LineGroup.CATEGORIES:
            query = query.join(PRODUCTS, PRODUCTS.c.id == lines.c.product_id, isouter=True).join(
                CATEGORIES, CATEGORIES.c.id == PRODUCTS.c.category_id, isouter=True
            )
        return query.group_by(key)

    def cashiers(self) -> Select[Any]:
        """Sum up sales and refunds by who made the receipt; a cashier goes by the name that is last in the alphabet."""
        return (
            select(
                _R.seller_id,
                func.max(_R.cashier_name).label("name"),
                *_money_of_both(_R.total_amount),
                func.count(case((~IS_REFUND, 1))).label("sale_receipts"),
                func.count(case((IS_REFUND, 1))).label("refund_receipts"),
            )
            .where(*self._counted())
            .group_by(_R.seller_id, case((_R.seller_id.is_(None), _R.cashier_name)))
        )

    def _sold(self) -> CTE:
        """Sum up lines by shop, day, tax group and product."""
        of_receipt = (_R.shop_id, _R.business_date, _R.type)
        line = receipt_lines(*self._within(), of_receipt=of_receipt, in_order=self.in_order).c
        id_ = func.coalesce(line.product_id, sql(f"'{_NAMELESS}'") + line.name).label("id")
        is_refund = line.type == int(ReceiptType.REFUND)
        sales, refunds = sales_and_refunds(line.amount, is_refund)
        return (
            select(
                line.shop_id,
                line.business_date,
                line.code,
                id_,
                func.max(line.name).label("name"),
                func.max(line.unit_type_name).label("unit"),
                sales.label("sales"),
                refunds.label("refunds"),
                func.sum(case((is_refund, -line.quantity), else_=line.quantity)).label("quantity"),
            )
            .group_by(line.shop_id, line.business_date, line.code, id_)
            .cte("sold")
        )

    def _counted(self) -> list[ColumnElement[bool]]:
        return [COUNTED, *self._within()]

    def _within(self) -> list[ColumnElement[bool]]:
        return records_within(RECEIPTS, self.window, self.shops, in_order=self.in_order)


def _money_of_both(amount: ColumnElement[Any]) -> tuple[Label[int], Label[int]]:
    sales, refunds = sales_and_refunds(amount)
    return _money(sales, "sales"), _money(refunds, "refunds")


def _net(amount: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.sum(case((IS_REFUND, -amount), else_=amount))


def _money(total: ColumnElement[Any], name: str) -> Label[int]:
    return Units(total).label(name)


async def read_page_facts(
    store: Store, buckets: TimeBuckets, *, window: Window, shops: Collection[int] | None, receipts: Iterable[str]
) -> PageFacts:
    """Read the figures and names of a page, as the store has them at one moment.

    Args:
        store: What was synced.
        buckets: Where the figures are added.
        window: The business days.
        shops: Ids of the shops; None for all.
        receipts: Ids of receipts that the page names.

    Raises:
        StoreError: The store could not be read.
    """
    async with store.reading() as connection:
        queries = PageQueries(window, shops, await are_most(connection, window, shops))
        earlier = window_before(window)
        before = TimeBuckets(earlier, MOST_NUMBERS_BEFORE)
        facts = PageFacts(buckets=buckets, before=before, means=PAYMENT_MEANS, groups=TAX_GROUPS)
        await _add_turnover(connection, queries, buckets)
        await _add_turnover(connection, PageQueries(earlier, shops), before, taxes=())
        async for row in _stream(connection, queries.means()):
            buckets.add(Table.MEANS, row.shop_id, row.business_date, (row.sales, row.refunds), row.code)
        await _add_lines(connection, queries, facts)
        for table in (Table.MEANS, Table.GROUPS):
            buckets.add_rest(table, NO_CODE)
        spans = (await read_days_read(connection)).spans
        if spans is not None:
            facts.read = {shop_id: read for (kind, shop_id), read in spans.items() if kind is RecordKind.RECEIPTS}
        facts.shops = {shop.id: shop.title for shop in await connection.execute(select(SHOPS.c.id, SHOPS.c.title))}
        facts.refunds_of_a_shop = most_refunds(len(buckets.shops()))
        facts.refunds = [row.id for row in await connection.execute(queries.largest_refunds(facts.refunds_of_a_shop))]
        facts.receipts = await read_receipts(connection, {*receipts, *facts.refunds})
    return facts


async def _add_turnover(
    connection: AsyncConnection, queries: PageQueries, buckets: TimeBuckets, taxes: Sequence[str] = TAX_COLUMNS
) -> None:
    in_kyiv: dict[str, tuple[date, int]] = {}
    async for row in _stream(connection, queries.turnover(taxes)):
        if row.hour not in in_kyiv:
            moment = datetime.strptime(row.hour, "%Y-%m-%d %H").replace(tzinfo=UTC).astimezone(KYIV)
            in_kyiv[row.hour] = moment.date(), moment.hour
        day, hour = in_kyiv[row.hour]
        figures = (row.sales, row.sale_receipts, row.refunds, row.refund_receipts)
        buckets.add(Table.TURNOVER, row.shop_id, day, figures)
        if row.sale_receipts:
            buckets.add(Table.HOURS, row.shop_id, day, figures[:2], hour)
        for index, name in enumerate(taxes):
            if tax := getattr(row, name):
                buckets.add(Table.TAXES, row.shop_id, day, (tax,), index)


async def _add_lines(connection: AsyncConnection, queries: PageQueries, facts: PageFacts) -> None:
    """Add tax groups and products; a product that was renamed goes by the title that is last in the alphabet."""
    indexes: dict[str, int] = {}
    names: list[tuple[str, str]] = []
    facts.products_of_a_shop = most_products(len(facts.buckets.shops()))
    async for row in _stream(connection, queries.lines(facts.products_of_a_shop)):
        where = (row.shop_id, row.business_date)
        if row.id is None:
            facts.buckets.add(Table.GROUPS, *where, (row.sales, row.refunds), row.code)
            continue
        index = indexes.setdefault(row.id, len(indexes))
        name = (row.name, row.unit or "")
        if index == len(names):
            names.append(name)
        names[index] = max(names[index], name)
        facts.buckets.add(Table.PRODUCTS, *where, (row.sales - row.refunds, row.quantity), index)
    facts.buckets.drop_smallest(Table.PRODUCTS, 0)
    facts.products = [PageProduct(id_, *name) for id_, name in zip(indexes, names, strict=True)]


async def read_receipts(connection: AsyncConnection, ids: set[str]) -> dict[str, PageReceipt]:
    """Read receipts by their ids; those that the store does not have are left out."""
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
