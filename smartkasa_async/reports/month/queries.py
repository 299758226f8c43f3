"""The SQL behind a month: sums by shop, business day and registrar, in units that are whole numbers.

What counts, and how a receipt divides, is defined by the views. Money comes in ten-thousandths of a hryvnia.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, func, or_, select, union_all
from sqlalchemy import literal_column as sql

from smartkasa_async.models import PaymentType, ReceiptType
from smartkasa_async.reports.reconciliation.receipt_amounts import RATES
from smartkasa_async.reports.records_within import payments_of_receipts, records_within
from smartkasa_async.reports.units import Units
from smartkasa_async.stores.schema import PAYMENTS, RECEIPT_ITEMS, RECEIPTS, TAX_LETTERS, Z_REPORTS
from smartkasa_async.stores.views import (
    COUNTED,
    IS_REFUND,
    ZERO,
    lines_in_parts,
    proportion,
    receipt_lines,
    sales_and_refunds,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement, Label, Select, Table

    from smartkasa_async.records.days import Window

TAX_COLUMNS = tuple(f"tax_{letter}" for letter in TAX_LETTERS)

GROUPS = tuple(map(int, RATES))
"""All tax groups that are known."""

TAXED_GROUPS = tuple(int(group) for group, rates in RATES.items() if rates)
"""Tax groups with taxes above 0 %."""

_R = RECEIPTS.c
_OF_RECEIPT = (_R.shop_id, _R.business_date, _R.type)
_WHERE = (_R.shop_id, _R.business_date, _R.registrar_fiscal_number)
_SALE = RECEIPTS.alias("sale")
_NAMED = RECEIPTS.alias("named")


@dataclass(frozen=True, slots=True)
class MonthQueries:
    """Which receipts and Z-reports a month is about.

    Attributes:
        window: Their business days.
        shops: Ids of their shops; None for all.
        in_order: Whether to go through all lines of the store, which is faster where the month is most of it.
    """

    window: Window
    shops: Collection[int] | None
    in_order: bool

    def turnover(self) -> Select[Any]:
        """Sum up receipts by shop, day and registrar; each tax of sales and of refunds apart."""
        return (
            select(
                *_WHERE,
                func.count(case((~IS_REFUND, 1))).label("sale_receipts"),
                func.count(case((IS_REFUND, 1))).label("refund_receipts"),
                *_both("", _R.total_amount),
                *_both("rounding_", func.coalesce(_R.rounding_amount, ZERO)),
                *(each for name in TAX_COLUMNS for each in _both(f"{name}_", func.coalesce(_R[name], ZERO))),
            )
            .where(COUNTED, *self._receipts())
            .group_by(*_WHERE)
        )

    def means(self) -> Select[Any]:
        """Sum up payments by shop, day, registrar and means."""
        payment = PAYMENTS.c
        is_cancelled = payment.payment_type_id == int(PaymentType.CANCELLATION)
        return (
            select(
                *_WHERE,
                payment.transaction_type_id.label("code"),
                *_both("", case((is_cancelled, -payment.amount), else_=payment.amount)),
            )
            .join(PAYMENTS, payments_of_receipts(in_order=self.in_order))
            .where(COUNTED, *self._receipts())
            .group_by(*_WHERE, payment.transaction_type_id)
        )

    def coded_lines(self) -> Select[Any]:
        """Sum up lines, all discounts taken off, by shop, day, sale or refund, tax group, and code of the goods.

        Of lines that have no code only those that `groups` cannot show: of unknown tax groups, and of nothing.
        """
        of_line = (RECEIPT_ITEMS.c.classifier_type_id, RECEIPT_ITEMS.c.classifier_code)
        line = receipt_lines(*self._receipts(), of_receipt=_OF_RECEIPT, of_line=of_line, in_order=self.in_order).c
        keys = (
            line.shop_id,
            line.business_date,
            line.type,
            line.code,
            line.classifier_type_id,
            line.classifier_code,
        )
        return (
            select(*keys, _money(func.sum(line.amount), "amount"))
            .where(or_(line.classifier_code != "", line.code.not_in(GROUPS), line.amount == ZERO))
            .group_by(*keys)
        )

    def groups(self) -> Select[Any]:
        """Sum up the tax groups and the taxes inside them, by shop, day, and sale or refund.

        Taxes are computed as `taxes_of_groups` does: once for each tax group of a receipt, each to the kopeck. A row
        has columns named by `group_column`.
        """
        parts = lines_in_parts(*self._receipts(), of_receipt=_OF_RECEIPT, of_line=(), in_order=self.in_order)
        receipt = union_all(*(_by_receipt(part.subquery().c) for part in parts)).subquery("receipt").c
        figures = []
        for group in GROUPS:
            amount = receipt[group_column("amount", group)]
            figures.append(_money(func.sum(amount), group_column("amount", group)))
            if group in TAXED_GROUPS:
                excise = _tax(group, amount, "z")
                vat = _tax(group, amount - excise, "a", "b")
                figures += [
                    _money(func.sum(excise), group_column("excise", group)),
                    _money(func.sum(vat), group_column("vat", group)),
                ]
        keys = [receipt[column.name] for column in _OF_RECEIPT]
        return select(*keys, *figures).group_by(*keys)

    def refunds(self) -> Select[Any]:
        """Select the refunds, each with the sale of its shop that has the fiscal number which it names.

        A number is looked for at the registrar of the refund, then at the others whose Z-reports are the shop's.
        """
        named = _NAMED.c
        is_sale = (
            named.fiscal_number == _R.related_fiscal_number,
            named.type == int(ReceiptType.SALE),
            named.deleted_at.is_(None),
        )
        own = select(func.min(named.id)).where(
            named.account_id == _R.account_id, named.registrar_fiscal_number == _R.registrar_fiscal_number, *is_sale
        )
        of_shop = (
            select(Z_REPORTS.c.shop_id, Z_REPORTS.c.registrar_fiscal_number)
            .where(Z_REPORTS.c.registrar_fiscal_number.is_not(None))
            .distinct()
            .cte("registrars")
        )
        others = (
            select(func.min(named.id))
            .select_from(of_shop)
            .join(_NAMED, named.registrar_fiscal_number == of_shop.c.registrar_fiscal_number)
            .where(of_shop.c.shop_id == _R.shop_id, *is_sale)
        )
        sale_id = func.coalesce(*(one.correlate(RECEIPTS).scalar_subquery() for one in (own, others)))
        of_sale = ("id", "created_at", "type", "total_amount", "registrar_fiscal_number")
        return (
            select(
                *_WHERE,
                *(_R[name] for name in ("id", "created_at", "type", "total_amount", "fiscal_number", "cashier_name")),
                _R.related_fiscal_number,
                *(_SALE.c[name].label(f"sale_{name}") for name in of_sale),
            )
            .select_from(RECEIPTS)
            .join(_SALE, _SALE.c.id == sale_id, isouter=True)
            .where(COUNTED, IS_REFUND, *self._of(RECEIPTS))
            .order_by(_R.business_date, _R.created_at, _R.id)
        )

    def z_reports(self) -> Select[Any]:
        """Select the Z-reports that the service still lists."""
        column = Z_REPORTS.c
        return (
            select(*(each for each in column if each.name not in {"raw", "account_id"}))
            .where(column.deleted_at.is_(None), *self._of(Z_REPORTS))
            .order_by(
                column.business_date, column.shop_id, column.registrar_fiscal_number, column.created_at, column.id
            )
        )

    def _receipts(self) -> list[ColumnElement[bool]]:
        return records_within(RECEIPTS, self.window, self.shops, in_order=self.in_order)

    def _of(self, table: Table) -> list[ColumnElement[bool]]:
        return records_within(table, self.window, self.shops)


def group_column(name: str, group: int) -> str:
    """Name a column of a tax group."""
    return f"{name}_{group}"


def _by_receipt(line: Any) -> Select[Any]:
    """Sum up the lines of each receipt, each known tax group in a column."""
    of_groups = (
        func.sum(case((line.code == group, line.amount), else_=ZERO)).label(group_column("amount", group))
        for group in GROUPS
    )
    return select(*(func.min(line[column.name]).label(column.name) for column in _OF_RECEIPT), *of_groups).group_by(
        line.account_id, line.receipt_id
    )


def _tax(group: int, amount: ColumnElement[Any], *letters: str) -> ColumnElement[Any]:
    """Take the tax of a letter out of an amount, by the rate of its tax group."""
    percent = next((percent for letter, percent in RATES[group] if letter in letters), None)
    return ZERO if percent is None else proportion(amount, sql(str(percent)), sql(str(100 + percent)))


def _both(prefix: str, amount: ColumnElement[Any]) -> tuple[Label[int], Label[int]]:
    sales, refunds = sales_and_refunds(amount)
    return _money(sales, f"{prefix}sales"), _money(refunds, f"{prefix}refunds")


def _money(total: ColumnElement[Any], name: str) -> Label[int]:
    return Units(total).label(name)
