"""The SQL behind a month: sums by shop, business day and registrar, in units that are whole numbers.

What counts, and how a receipt divides, is defined by the views. Money comes in ten-thousandths of a hryvnia.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, func, or_, select
from sqlalchemy import literal_column as sql

from smartkasa_async.models import PaymentType, ReceiptType
from smartkasa_async.reports.reconciliation.receipt_amounts import RATES
from smartkasa_async.reports.units import Units
from smartkasa_async.stores.schema import PAYMENTS, RECEIPT_ITEMS, RECEIPTS, TAX_LETTERS, Z_REPORTS
from smartkasa_async.stores.views import COUNTED, IS_REFUND, ZERO, proportion, receipt_lines, sales_and_refunds

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement, Label, Select, Table

    from smartkasa_async.records.days import Window

TAX_COLUMNS = tuple(f"tax_{letter}" for letter in TAX_LETTERS)

_R = RECEIPTS.c
_WHERE = (_R.shop_id, _R.business_date, _R.registrar_fiscal_number)
_SALE = RECEIPTS.alias("sale")
_NAMED = RECEIPTS.alias("named")


@dataclass(frozen=True, slots=True)
class MonthQueries:
    """Which receipts and Z-reports a month is about.

    Attributes:
        window: Their business days.
        shops: Ids of their shops, None among them for records that name none; None for all.
    """

    window: Window
    shops: Collection[int | None] | None

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
            .where(COUNTED, *self._of(RECEIPTS))
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
            .join(PAYMENTS, payment.receipt_id == _R.id)
            .where(COUNTED, *self._of(RECEIPTS))
            .group_by(*_WHERE, payment.transaction_type_id)
        )

    def lines(self) -> Select[Any]:
        """Sum up lines, all discounts taken off, by shop, day, sale or refund, tax group, and code of the goods."""
        line = self._lines(RECEIPT_ITEMS.c.classifier_type_id, RECEIPT_ITEMS.c.classifier_code).c
        keys = (
            line.shop_id,
            line.business_date,
            line.type,
            line.code,
            line.classifier_type_id,
            line.classifier_code,
        )
        return select(*keys, _money(func.sum(line.amount), "amount")).group_by(*keys)

    def taxes(self) -> Select[Any]:
        """Sum up the taxes inside the tax groups of each receipt, by shop, day, sale or refund, and tax group.

        They are computed as `taxes_of_groups` does: once for each tax group of a receipt, each to the kopeck.
        """
        line = self._lines().c
        keys = (line.shop_id, line.business_date, line.type, line.code)
        group = (
            select(*keys, func.sum(line.amount).label("amount"))
            .where(line.code.in_([group for group, rates in RATES.items() if rates]))
            .group_by(line.account_id, line.receipt_id, *keys)
            .subquery("tax_group")
            .c
        )
        excise = _tax(group.code, group.amount, "z")
        taxed = select(*(group[key.name] for key in keys), group.amount, excise.label("excise")).subquery("taxed").c
        vat = _tax(taxed.code, taxed.amount - taxed.excise, "a", "b")
        return select(
            *(taxed[key.name] for key in keys),
            _money(func.sum(taxed.excise), "excise"),
            _money(func.sum(vat), "vat"),
        ).group_by(*(taxed[key.name] for key in keys))

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

    def _lines(self, *of_line: ColumnElement[Any]) -> Any:
        of_receipt = (_R.shop_id, _R.business_date, _R.type)
        return receipt_lines(*self._of(RECEIPTS), of_receipt=of_receipt, of_line=of_line)

    def _of(self, table: Table) -> list[ColumnElement[bool]]:
        conditions: list[ColumnElement[bool]] = [table.c.business_date.between(self.window.start, self.window.end)]
        if self.shops is not None:
            known = table.c.shop_id.in_(sorted(id_ for id_ in self.shops if id_ is not None))
            conditions.append(or_(known, table.c.shop_id.is_(None)) if None in self.shops else known)
        return conditions


def _tax(code: ColumnElement[Any], amount: ColumnElement[Any], *letters: str) -> ColumnElement[Any]:
    """Take the tax of a letter out of an amount, by the rates of its tax group."""
    rates = {group: percent for group, taxes in RATES.items() for letter, percent in taxes if letter in letters}
    known = [
        (
            code.in_([int(group) for group, each in rates.items() if each == percent]),
            proportion(amount, sql(str(percent)), sql(str(100 + percent))),
        )
        for percent in sorted(set(rates.values()))
    ]
    return case(*known, else_=ZERO)


def _both(prefix: str, amount: ColumnElement[Any]) -> tuple[Label[int], Label[int]]:
    sales, refunds = sales_and_refunds(amount)
    return _money(sales, f"{prefix}sales"), _money(refunds, f"{prefix}refunds")


def _money(total: ColumnElement[Any], name: str) -> Label[int]:
    return Units(total).label(name)
