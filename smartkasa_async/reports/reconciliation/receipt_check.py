"""What is wrong with one receipt by itself.

A receipt adds up as total = Σ (item amount − item discount) − discount + rounding, and its payments come to its total;
rounding is positive where the customer pays more. All amounts are positive, the type gives the direction. Where two of
items, total and payments agree, the third is wrong.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from smartkasa_async._support.money import hryvnias
from smartkasa_async.models import PaymentType, ReceiptType, TransactionType
from smartkasa_async.reports.reconciliation.differences import ComparedFigure, DifferenceKind, Issue
from smartkasa_async.reports.reconciliation.figures import add, figures_as, figures_of, minus, prefix_of
from smartkasa_async.reports.reconciliation.receipt_amounts import (
    cash_amounts,
    half_up,
    taxes_by_line,
    taxes_of,
)
from smartkasa_async.stores.schema import TAX_LETTERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smartkasa_async.reports.reconciliation.ledger import ReceiptRecord

_ZERO = Decimal(0)
_HUNDRED = Decimal(100)
_SIGNS = {"sale": Decimal(1), "refund": Decimal(-1), None: _ZERO}


def check_receipt(receipt: ReceiptRecord, tax_tolerance: Decimal = _ZERO) -> Iterator[Issue]:
    """Name what is wrong with a receipt, each cause once; of service operations only payments are looked at.

    Args:
        receipt: The receipt.
        tax_tolerance: How many hryvnias each of its taxes may differ by.
    """
    if issue := _type_issue(receipt):
        yield issue
    elif receipt.has_goods:
        yield from _goods_issues(receipt, tax_tolerance)
    elif receipt.payments and receipt.type == ReceiptType.CASH_WITHDRAWAL and receipt.paid != receipt.total:
        yield _payments_issue(receipt, receipt.paid)


def _goods_issues(receipt: ReceiptRecord, tax_tolerance: Decimal) -> Iterator[Issue]:
    goods = sum((item.amount - item.discount for item in receipt.items), _ZERO)
    gap = receipt.total - (goods - receipt.discount + receipt.rounding)
    paid, cash = _paid(receipt)
    issue: Issue | None
    if gap and paid != receipt.total:
        issue = _total_issue(receipt, gap, paid)
    elif gap:
        issue = _composition_issue(receipt, goods, gap, cash)
    elif paid != receipt.total:
        issue = _payments_issue(receipt, paid)
    else:
        issue = _rounding_issue(receipt, cash)
    if issue:
        yield issue
    if not gap or paid == receipt.total - gap or (issue and issue.kind is DifferenceKind.ROUNDING):
        yield from _tax_issues(receipt, tax_tolerance)


def _paid(receipt: ReceiptRecord) -> tuple[Decimal, Decimal]:
    """Sum up all payments and those in cash; of a cancellation, the ones it made undone, or those that undo them."""
    made = [payment for payment in receipt.payments if payment.kind != PaymentType.CANCELLATION]
    if receipt.type != ReceiptType.CANCELLATION or (made and receipt.paid):
        return receipt.paid, receipt.cash
    counted = made or receipt.payments
    cash = sum((payment.amount for payment in counted if payment.means == TransactionType.CASH), _ZERO)
    return sum((payment.amount for payment in counted), _ZERO), cash


def _type_issue(receipt: ReceiptRecord) -> Issue | None:
    """Find a refund that is taken for a sale, or the other way round, and a paid sale that is taken for deferred."""
    kinds = {payment.kind for payment in receipt.payments}
    prefix = prefix_of(receipt)
    if prefix == "sale" and kinds == {PaymentType.REFUND}:
        cause, right = "type_sale", "refund"
    elif prefix == "refund" and kinds == {PaymentType.PAYMENT}:
        cause, right = "type_refund", "sale"
    elif receipt.type == ReceiptType.SALE and not prefix and receipt.fiscal_number and kinds == {PaymentType.PAYMENT}:
        cause, right = "state_unpaid", "sale"
    else:
        return None
    goods = sum((item.amount for item in receipt.items if item.product_id is not None), _ZERO)
    return _issue(
        receipt,
        DifferenceKind.RECEIPT_TYPE,
        cause,
        ComparedFigure("total", receipt.total * _SIGNS[prefix], receipt.total * _SIGNS[right]),
        repairs=(add(figures_as(receipt, right), minus(figures_of(receipt))),),
        goods=goods * (_SIGNS[right] - _SIGNS[prefix]),
    )


def _total_issue(receipt: ReceiptRecord, gap: Decimal, paid: Decimal) -> Issue:
    right = receipt.total - gap
    if paid != right:
        details = {"items": hryvnias(right), "paid": hryvnias(paid)}
        figure = ComparedFigure("total", receipt.total, right)
        return _issue(receipt, DifferenceKind.TOTAL, "unexplained_receipt", figure, details=details)
    prefix = prefix_of(receipt)
    repairs = ({f"{prefix}_total": -gap},) if prefix else ()
    return _issue(
        receipt,
        DifferenceKind.TOTAL,
        "total",
        ComparedFigure("total", receipt.total, right),
        details={"right": hryvnias(right)},
        repairs=repairs,
    )


def _payments_issue(receipt: ReceiptRecord, paid: Decimal) -> Issue:
    missing = receipt.total - paid
    prefix = prefix_of(receipt)
    return _issue(
        receipt,
        DifferenceKind.PAYMENTS,
        "payments_less" if missing > 0 else "payments_more",
        ComparedFigure("payments", paid, receipt.total),
        details={"amount": hryvnias(abs(missing))},
        repairs=tuple({f"{prefix}_{means}_total": missing} for means in ("cash", "cashless")) if prefix else (),
    )


def _composition_issue(receipt: ReceiptRecord, goods: Decimal, gap: Decimal, cash: Decimal) -> Issue:
    """Name what is missing between the items and a total that the payments confirm."""
    wrong = [item for item in receipt.items if item.exact is not None and item.exact != item.amount]
    if wrong and sum(((item.exact or _ZERO) - item.amount for item in wrong), _ZERO) == gap:
        return _issue(
            receipt,
            DifferenceKind.ITEMS,
            "items_price",
            ComparedFigure("items", goods, goods + gap),
            details={
                "stated": ", ".join(hryvnias(item.amount) for item in wrong),
                "right": ", ".join(hryvnias(item.exact or _ZERO) for item in wrong),
            },
            goods=gap * _SIGNS[prefix_of(receipt)],
        )
    by_percent = half_up(goods * receipt.discount_percentage / _HUNDRED)
    if receipt.discount_percentage and by_percent == receipt.discount - gap:
        return _discount_issue(receipt, by_percent, "discount_percent")
    rounding = receipt.rounding + gap
    if _is_in_cash(receipt, cash) and cash in cash_amounts(cash - rounding, receipt.day):
        return _issue(
            receipt,
            DifferenceKind.ROUNDING,
            "rounding_wrong" if receipt.rounding else "rounding_missing",
            ComparedFigure("rounding", receipt.rounding, rounding),
            details={"rounding": hryvnias(rounding), "stated": hryvnias(receipt.rounding)},
        )
    if gap < 0:
        return _discount_issue(receipt, receipt.discount - gap, "discount")
    if gap <= receipt.discount and taxes_of(receipt.items, receipt.discount - gap) == receipt.taxes:
        return _discount_issue(receipt, receipt.discount - gap, "discount")
    return _issue(
        receipt,
        DifferenceKind.ITEMS,
        "items_missing" if receipt.items else "items_none",
        ComparedFigure("items", goods, goods + gap),
        details={"amount": hryvnias(gap)},
        goods=gap * _SIGNS[prefix_of(receipt)],
    )


def _discount_issue(receipt: ReceiptRecord, right: Decimal, cause: str) -> Issue:
    details = {
        "right": hryvnias(right),
        "missing": hryvnias(right - receipt.discount),
        "percent": f"{receipt.discount_percentage.normalize():f}",
        "stated": hryvnias(receipt.discount),
    }
    return _issue(
        receipt, DifferenceKind.DISCOUNT, cause, ComparedFigure("discount", receipt.discount, right), details=details
    )


def _rounding_issue(receipt: ReceiptRecord, cash: Decimal) -> Issue | None:
    """Check a receipt that adds up against the rules of rounding."""
    rounding, due = receipt.rounding, cash - receipt.rounding
    in_cash = _is_in_cash(receipt, cash)
    allowed = tuple(amount - due for amount in cash_amounts(due, receipt.day)) if in_cash else (_ZERO,)
    if rounding in allowed:
        return None
    cause = ("rounding_wrong" if rounding else "rounding_missing") if in_cash else "rounding_of_card"
    prefix, means = prefix_of(receipt), "cash" if in_cash else "cashless"
    return _issue(
        receipt,
        DifferenceKind.ROUNDING,
        cause,
        ComparedFigure("rounding", rounding, allowed[-1]),
        details={"rounding": " / ".join(map(hryvnias, allowed)), "stated": hryvnias(rounding)},
        repairs=tuple(
            {f"{prefix}_total": right - rounding, f"{prefix}_{means}_total": right - rounding} for right in allowed
        )
        if prefix
        else (),
        instead=_means_issue(receipt, cash, prefix) if prefix else None,
    )


def _is_in_cash(receipt: ReceiptRecord, cash: Decimal) -> bool:
    """Return whether cash may be rounded; of a few kopecks nothing is left to pay, and nobody pays nothing by card."""
    return bool(cash) or not receipt.total


def _means_issue(receipt: ReceiptRecord, cash: Decimal, prefix: str) -> Issue | None:
    """Take a rounding that does not fit the means of payment for that of the other one, where it would fit that."""
    paid = receipt.total
    if cash not in {_ZERO, paid}:
        return None
    if cash and receipt.rounding:
        return None
    if not cash and paid not in cash_amounts(paid - receipt.rounding, receipt.day):
        return None
    return _issue(
        receipt,
        DifferenceKind.PAYMENTS,
        "means_cashless" if cash else "means_cash",
        ComparedFigure("payments_cash", cash, paid - cash),
        details={"amount": hryvnias(paid)},
        repairs=({f"{prefix}_cash_total": paid - 2 * cash, f"{prefix}_cashless_total": 2 * cash - paid},),
    )


def _tax_issues(receipt: ReceiptRecord, tolerance: Decimal) -> Iterator[Issue]:
    right = taxes_of(receipt.items, receipt.discount)
    stated = receipt.taxes
    if right is None or right == stated:
        return
    wrong = [letter for letter in TAX_LETTERS if abs(stated.get(letter, _ZERO) - right.get(letter, _ZERO)) > tolerance]
    if not wrong:
        return
    if all(stated.get(letter, _ZERO) * _HUNDRED == right.get(letter, _ZERO) for letter in wrong):
        cause = "taxes_in_hryvnias" if stated else "taxes_missing"
    else:
        cause = "taxes_wrong" if stated else "taxes_missing"
    prefix = prefix_of(receipt)
    repair = {f"{prefix}_tax_{letter}_total": right.get(letter, _ZERO) - stated.get(letter, _ZERO) for letter in wrong}
    issue = _issue(
        receipt,
        DifferenceKind.TAXES,
        cause,
        *(ComparedFigure(f"tax_{letter}", stated.get(letter, _ZERO), right.get(letter, _ZERO)) for letter in wrong),
        details={
            "right": _taxes(right, wrong),
            "stated": _taxes(stated, wrong),
            "by_line": _taxes(taxes_by_line(receipt.items, receipt.discount), wrong),
        },
        repairs=(repair,) if prefix else (),
    )
    yield issue


def _taxes(taxes: Any, letters: list[str]) -> str:
    return ", ".join(f"{TAX_LETTERS[letter]} {hryvnias(taxes.get(letter, _ZERO))}" for letter in letters)


def _issue(
    receipt: ReceiptRecord,
    kind: DifferenceKind,
    cause: str,
    *figures: ComparedFigure,
    details: dict[str, str] | None = None,
    **rest: Any,
) -> Issue:
    named = {"receipt": receipt.id, **(details or {})}
    return Issue(
        kind=kind,
        cause=cause,
        days=(receipt.day,),
        receipt_ids=(receipt.id,),
        figures=list(figures),
        details=named,
        **rest,
    )
