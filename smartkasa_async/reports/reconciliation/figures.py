"""The figures of a shift by its receipts, named like the columns of a Z-report.

Sales are paid receipts of type 0, refunds are those of type 3, both with their rounding. Service cash is types 1 and 2,
`cash_total` the cash handed out against a card (inferred). Deferred receipts, cancellations and the marks of offline
sessions enter nothing. `turnover_amount` is sales less refunds (inferred).
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

from smartkasa_async.models import ReceiptState, ReceiptType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from smartkasa_async.reports.reconciliation.ledger import ReceiptRecord

Figures: TypeAlias = "dict[str, Decimal]"

COUNTS = ("sale_receipts_count", "refund_receipts_count", "cash_receipts_count")
"""Figures that are numbers of receipts; all others are hryvnias."""

_MONEY = tuple(
    f"{operation}_{name}"
    for operation in ("sale", "refund")
    for name in ("total", "cash_total", "cashless_total", *(f"tax_{letter}_total" for letter in "abvdz"))
)
FIGURES = (*_MONEY, "service_input", "service_output", "cash_total", "turnover_amount", *COUNTS)
"""All that is compared with a Z-report but the cash in the drawer, money first."""

_ZERO = Decimal(0)
_ONE = Decimal(1)
_SERVICE = {ReceiptType.SERVICE_CASH_IN: "service_input", ReceiptType.SERVICE_CASH_OUT: "service_output"}


def prefix_of(receipt: ReceiptRecord) -> str | None:
    """Return whether a receipt counts among the sales or the refunds; None for neither."""
    if receipt.type == ReceiptType.SALE:
        return "sale" if receipt.state == ReceiptState.PAID else None
    return "refund" if receipt.type == ReceiptType.REFUND else None


def figures_of(receipt: ReceiptRecord) -> Figures:
    """Return what a receipt adds to the figures of its shift."""
    if prefix := prefix_of(receipt):
        return figures_as(receipt, prefix)
    if receipt.type == ReceiptType.CASH_WITHDRAWAL:
        return {"cash_receipts_count": _ONE, "cash_total": receipt.total}
    if name := _SERVICE.get(receipt.type):  # type: ignore[call-overload]
        return {name: receipt.total}
    return {}


def figures_as(receipt: ReceiptRecord, prefix: str) -> Figures:
    """Return what a receipt adds as a sale or as a refund, whatever its type."""
    cash = receipt.cash
    return {
        f"{prefix}_receipts_count": _ONE,
        f"{prefix}_total": receipt.total,
        f"{prefix}_cash_total": cash,
        f"{prefix}_cashless_total": receipt.paid - cash,
        **{f"{prefix}_tax_{letter}_total": tax for letter, tax in receipt.taxes.items()},
    }


def add(figures: Figures, *others: Mapping[str, Decimal]) -> Figures:
    """Add figures to the first, which is changed and returned."""
    for other in others:
        for name, amount in other.items():
            figures[name] = figures.get(name, _ZERO) + amount
    return figures


def minus(figures: Mapping[str, Decimal]) -> Figures:
    """Turn the sign of every figure."""
    return {name: -amount for name, amount in figures.items()}


def with_turnover(figures: Mapping[str, Decimal]) -> Figures:
    """Add the turnover to figures that lack it."""
    turnover = figures.get("sale_total", _ZERO) - figures.get("refund_total", _ZERO)
    return {**figures, "turnover_amount": turnover}


def difference(stated: Mapping[str, Decimal], figures: Iterable[Mapping[str, Decimal]]) -> Figures:
    """Take figures off those that are stated.

    Returns:
        What is left of each figure that is stated, without those of which nothing is left.
    """
    summed = with_turnover(add({}, *figures))
    rest = {name: stated[name] - summed.get(name, _ZERO) for name in FIGURES if name in stated}
    return {name: amount for name, amount in rest.items() if amount}


def without_small_taxes(rest: Figures, tolerance: Decimal) -> Figures:
    """Leave out taxes that differ by no more than a tolerance, hryvnias."""
    if not tolerance:
        return rest
    return {name: amount for name, amount in rest.items() if "_tax_" not in name or abs(amount) > tolerance}


def cash_movement(figures: Mapping[str, Decimal]) -> Decimal:
    """Return by how much figures change the cash in the drawer (inferred)."""
    return (
        figures.get("service_input", _ZERO)
        + figures.get("sale_cash_total", _ZERO)
        - figures.get("refund_cash_total", _ZERO)
        - figures.get("cash_total", _ZERO)
        - figures.get("service_output", _ZERO)
    )
