"""Receipts that count in the views, and what each of them divides into."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, and_, case, cast, func, null, or_, select, union_all

from smartkasa_async.models import PaymentType, ReceiptState, ReceiptType
from smartkasa_async.stores.schema import PAYMENTS, RECEIPT_ITEMS, RECEIPTS
from smartkasa_async.stores.views_sql import ZERO, proportion

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, CompoundSelect, Label, Select, Subquery

_IS_SALE = and_(RECEIPTS.c.type == int(ReceiptType.SALE), RECEIPTS.c.state == int(ReceiptState.PAID))
IS_REFUND = RECEIPTS.c.type == int(ReceiptType.REFUND)
COUNTED = and_(or_(_IS_SALE, IS_REFUND), RECEIPTS.c.deleted_at.is_(None))
"""Paid sales and refunds, by the rules of `receipts.kinds`, that the service still lists."""

_PAID = case((PAYMENTS.c.payment_type_id == int(PaymentType.CANCELLATION), -PAYMENTS.c.amount), else_=PAYMENTS.c.amount)
_LINE = RECEIPT_ITEMS.c.amount - func.coalesce(RECEIPT_ITEMS.c.discount_amount, ZERO)
_DISCOUNT = func.coalesce(RECEIPTS.c.discount_amount, ZERO)


def receipt_lines(*conditions: ColumnElement[bool]) -> Subquery:
    """Give the lines of the receipts, their own discount and their share of the receipt's taken off.

    The shares of the first n lines together are the rounded share of their sum.

    Args:
        conditions: What receipts must meet besides counting.
    """
    item = RECEIPT_ITEMS.c
    line = (
        select(
            *(item.receipt_id, item.product_id, item.name, item.sku, item.unit_type_name, item.quantity),
            func.coalesce(item.tax_group_id, ZERO).label("code"),
            _LINE.label("before"),
            _DISCOUNT.label("discount"),
            func.sum(_LINE).over(partition_by=item.receipt_id, order_by=item.position).label("passed"),
            func.sum(_LINE).over(partition_by=item.receipt_id).label("whole"),
        )
        .join(RECEIPTS, RECEIPTS.c.id == item.receipt_id)
        .where(COUNTED, *conditions)
        .subquery("line")
    )
    passed, before = line.c.passed, line.c.passed - line.c.before
    share = proportion(line.c.discount, passed, line.c.whole) - proportion(line.c.discount, before, line.c.whole)
    kept = [column for column in line.c if column.name not in {"before", "discount", "passed", "whole"}]
    return select(*kept, (line.c.before - share).label("amount")).subquery("discounted")


def outside_lines() -> ColumnElement[Any]:
    """Tell what of a receipt's total its lines do not account for."""
    sums = select(func.coalesce(func.sum(_LINE), ZERO)).where(RECEIPT_ITEMS.c.receipt_id == RECEIPTS.c.id)
    lines = sums.scalar_subquery()
    return RECEIPTS.c.total_amount - lines + proportion(_DISCOUNT, lines, lines)


def by_tax_group() -> Subquery:
    """Divide each receipt by tax groups; the code NULL is for what is outside its lines."""
    lines = receipt_lines()
    groups = select(lines.c.receipt_id, lines.c.code, func.sum(lines.c.amount).label("amount"))
    return _with_rest(groups.group_by(lines.c.receipt_id, lines.c.code), outside_lines()).subquery("by_tax_group")


def by_means() -> Subquery:
    """Divide each receipt by means of payment; the code NULL is for what no payment accounts for."""
    receipt_id, means = PAYMENTS.c.receipt_id, PAYMENTS.c.transaction_type_id
    payments = (
        select(receipt_id, means.label("code"), func.sum(_PAID).label("amount"))
        .join(RECEIPTS, RECEIPTS.c.id == receipt_id)
        .where(COUNTED)
        .group_by(receipt_id, means)
    )
    paid = select(func.coalesce(func.sum(_PAID), ZERO)).where(receipt_id == RECEIPTS.c.id).scalar_subquery()
    return _with_rest(payments, RECEIPTS.c.total_amount - paid).subquery("by_means")


def _with_rest(parts: Select[Any], rest: ColumnElement[Any]) -> CompoundSelect[Any]:
    """Add the row that makes the parts of each receipt its total; where that is 0, it may be the only one."""
    amount: Label[Any] = rest.label("amount")
    receipt = (
        select(RECEIPTS.c.id, cast(null(), Integer).label("code"), amount, RECEIPTS.c.total_amount)
        .where(COUNTED)
        .subquery("receipt")
    )
    needed = or_(receipt.c.amount != ZERO, receipt.c.total_amount == ZERO)
    return union_all(parts, select(receipt.c.id, receipt.c.code, receipt.c.amount).where(needed))
