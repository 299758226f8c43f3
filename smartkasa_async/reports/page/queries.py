"""The SQL behind a report page: sums by shop and time in one form for all databases, in units that are whole numbers.

What counts, and how a receipt divides, is what the views say. Money comes in ten-thousandths of a hryvnia, quantities
in millionths.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Integer, Text, case, cast, func, literal, null, select, union_all
from sqlalchemy import literal_column as sql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from smartkasa_async.models import PaymentType
from smartkasa_async.stores.schema import PAYMENTS, RECEIPTS
from smartkasa_async.stores.views import COUNTED, IS_REFUND, ZERO, receipt_lines

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sqlalchemy import CTE, ColumnElement, CompoundSelect, Label, Select
    from sqlalchemy.sql.compiler import SQLCompiler

    from smartkasa_async.records.days import Window

TAX_COLUMNS = tuple(f"tax_{letter}" for letter in "abvgdz")

_R = RECEIPTS.c
_MONEY_SCALE = 4
_QUANTITY_SCALE = 6
_NAMELESS = "name:"


class _Units(FunctionElement[int]):
    """A sum of exact decimals as a whole number of their smallest unit."""

    inherit_cache = True
    type = BigInteger()

    def __init__(self, total: ColumnElement[Any], scale: int) -> None:
        super().__init__(func.coalesce(total, ZERO), sql(str(10**scale)))


@compiles(_Units, "postgresql")
def _scale(element: _Units, compiler: SQLCompiler, **options: Any) -> str:
    total, units = (compiler.process(part, **options) for part in element.clauses)
    return f"CAST({total} * {units} AS BIGINT)"


@compiles(_Units, "sqlite")
def _leave(element: _Units, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(next(iter(element.clauses)), **options)


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


@dataclass(frozen=True, slots=True)
class PageScope:
    """Which receipts a page is about.

    Attributes:
        window: Their business days.
        shops: Ids of their shops; None for all, those of receipts that name none included.
    """

    window: Window
    shops: Collection[int] | None

    def turnover(self, taxes: Iterable[str] = TAX_COLUMNS) -> Select[Any]:
        """Sum up sales, refunds and taxes by shop and hour in UTC.

        Args:
            taxes: Columns of the taxes.
        """
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
            .join(PAYMENTS, payment.receipt_id == _R.id)
            .where(*self._counted())
            .group_by(_R.shop_id, _R.business_date, payment.transaction_type_id)
        )

    def lines(self, most: int) -> CompoundSelect[Any]:
        """Sum up lines by shop and day, all discounts taken off: the tax groups, and the products that bring in most.

        Both are one query, since lines are many and are gone through once. A line that is no product of the catalogue
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
        place = func.row_number().over(partition_by=column.shop_id, order_by=(net.desc(), column.id))
        of_shops = select(column.id, place.label("place")).group_by(column.shop_id, column.id).subquery()
        products = (
            select(
                *where,
                cast(nothing, Integer),
                column.id,
                func.max(column.name),
                func.max(column.unit),
                *(_money(func.sum(column[name]), name) for name in ("sales", "refunds")),
                _Units(func.sum(column.quantity), _QUANTITY_SCALE),
            )
            .where(column.id.in_(select(of_shops.c.id).where(of_shops.c.place <= most)))
            .group_by(*where, column.id)
        )
        return union_all(groups, products)

    def largest_refunds(self, most: int) -> Select[Any]:
        """Select the ids of the largest refunds of each shop, the largest first."""
        order = (_R.total_amount.desc(), _R.created_at, _R.id)
        ranked = (
            select(
                _R.id, _R.total_amount, func.row_number().over(partition_by=_R.shop_id, order_by=order).label("place")
            )
            .where(*self._counted(), IS_REFUND)
            .subquery()
        )
        return select(ranked.c.id).where(ranked.c.place <= most).order_by(ranked.c.total_amount.desc(), ranked.c.id)

    def _sold(self) -> CTE:
        """Sum up lines by shop, day, tax group and product."""
        lines = receipt_lines(*self._within())
        id_ = func.coalesce(lines.c.product_id, sql(f"'{_NAMELESS}'") + lines.c.name).label("id")
        sales, refunds = _both(lines.c.amount)
        return (
            select(
                _R.shop_id,
                _R.business_date,
                lines.c.code,
                id_,
                func.max(lines.c.name).label("name"),
                func.max(lines.c.unit_type_name).label("unit"),
                sales.label("sales"),
                refunds.label("refunds"),
                _net(lines.c.quantity).label("quantity"),
            )
            .join(lines, lines.c.receipt_id == _R.id)
            .group_by(_R.shop_id, _R.business_date, lines.c.code, id_)
            .cte("sold")
        )

    def _counted(self) -> list[ColumnElement[bool]]:
        return [COUNTED, *self._within()]

    def _within(self) -> list[ColumnElement[bool]]:
        conditions: list[ColumnElement[bool]] = [_R.business_date.between(self.window.start, self.window.end)]
        if self.shops is not None:
            conditions.append(_R.shop_id.in_(sorted(self.shops)))
        return conditions


def _both(amount: ColumnElement[Any]) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Sum up sales and refunds."""
    return func.sum(case((~IS_REFUND, amount), else_=ZERO)), func.sum(case((IS_REFUND, amount), else_=ZERO))


def _money_of_both(amount: ColumnElement[Any]) -> tuple[Label[int], Label[int]]:
    sales, refunds = _both(amount)
    return _money(sales, "sales"), _money(refunds, "refunds")


def _net(amount: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.sum(case((IS_REFUND, -amount), else_=amount))


def _money(total: ColumnElement[Any], name: str) -> Label[int]:
    return _Units(total, _MONEY_SCALE).label(name)
