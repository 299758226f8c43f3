"""A shift summed up: its figures, the issues of its receipts, its numbers. The receipts themselves are not kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from smartkasa_async.models import ReceiptState, ReceiptType
from smartkasa_async.reports.reconciliation.continuity import find_gaps
from smartkasa_async.reports.reconciliation.differences import ComparedFigure, DifferenceKind, Issue
from smartkasa_async.reports.reconciliation.figures import add, figures_of, minus, prefix_of
from smartkasa_async.reports.reconciliation.receipt_check import check_receipt

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date

    from smartkasa_async.reports.reconciliation.continuity import Gap, KnownNumbers
    from smartkasa_async.reports.reconciliation.figures import Figures
    from smartkasa_async.reports.reconciliation.ledger import ReceiptRecord, Shift, ShiftHead

_ZERO = Decimal(0)

REPORTED = frozenset({ReceiptType.SALE, ReceiptType.REFUND, ReceiptType.CASH_WITHDRAWAL})
"""Types of receipts that owe a Z-report where they are fiscal and not on hold."""


@dataclass(slots=True, kw_only=True)
class ShiftSums:
    """What a shift comes to.

    Attributes:
        figures: What all its receipts come to.
        issues: What is wrong with its receipts.
        receipts: How many they are.
        days: Their business days, in order.
        owes_report: Whether a fiscal sale, refund or withdrawal is among them that is no copy. Nothing asks for it
            where the shift has a Z-report.
        copies_owe_report: Whether one that is a copy is among them.
        first: Least local number; None where a fiscal receipt has none.
        last: Greatest local number.
        gaps: Local numbers between that are not in the store.
        is_mixed: Whether numbers between are those of receipts of other shifts, or of none.
        deleted: The receipts that the service no longer lists, by id: their local numbers and what they came to.
        effects: The receipts in the order of time, each with its day and what it adds to the figures.
    """

    head: ShiftHead
    figures: Figures
    issues: list[Issue]
    receipts: int
    days: tuple[date, ...]
    owes_report: bool
    copies_owe_report: bool = False
    first: int | None = None
    last: int | None = None
    gaps: list[Gap] = field(default_factory=list)
    is_mixed: bool = False
    deleted: dict[str, tuple[int | None, Figures]] = field(default_factory=dict)
    effects: list[tuple[str, date, Figures]] = field(default_factory=list)


def sum_up(shift: Shift, copies: Mapping[str, str], known: KnownNumbers, tax_tolerance: Decimal = _ZERO) -> ShiftSums:
    """Sum up a shift.

    Args:
        shift: The shift.
        copies: Ids of receipts whose registrar and fiscal number the store has under an earlier id, which is the value.
        known: The local numbers of the registrar that the store has.
        tax_tolerance: How many hryvnias each tax of a receipt may differ by.
    """
    figures: Figures = {}
    issues: list[Issue] = []
    days: set[date] = set()
    numbers: list[int] = []
    effects: list[tuple[str, date, Figures]] = []
    is_numbered = True
    for receipt in shift.receipts:
        days.add(receipt.day)
        effects.append((receipt.id, receipt.day, figures_of(receipt)))
        add(figures, effects[-1][2])
        if receipt.id in copies:
            issues.append(_copy(receipt, copies[receipt.id]))
            continue
        issues.extend(check_receipt(receipt, tax_tolerance))
        if receipt.fiscal_number:
            is_numbered &= receipt.local_number is not None
        if receipt.local_number is not None:
            numbers.append(receipt.local_number)
    issues += _unfiscal(shift.receipts)
    issues += _unassigned(shift)
    sums = ShiftSums(
        head=shift.head,
        figures=figures,
        issues=issues,
        receipts=len(shift.receipts),
        days=tuple(sorted(days)),
        owes_report=_owe_report(receipt for receipt in shift.receipts if receipt.id not in copies),
        copies_owe_report=_owe_report(receipt for receipt in shift.receipts if receipt.id in copies),
        deleted={receipt.id: (receipt.local_number, figures_of(receipt)) for receipt in shift.deleted},
        effects=effects,
    )
    if is_numbered:
        number_sums(sums, numbers, known)
    return sums


def number_sums(sums: ShiftSums, numbers: Collection[int], known: KnownNumbers) -> None:
    """Add to the sums of a shift the local numbers of its receipts."""
    if numbers:
        gaps = find_gaps(numbers)
        sums.first, sums.last = min(numbers), max(numbers)
        sums.gaps = [part for gap in gaps for part in known.within(gap)]
        sums.is_mixed = sum(map(len, sums.gaps)) < sum(map(len, gaps))


def _owe_report(receipts: Iterable[ReceiptRecord]) -> bool:
    """Return whether a fiscal sale, refund or withdrawal is among receipts, so that they owe a Z-report."""
    return any(
        receipt.fiscal_number and receipt.type in REPORTED and receipt.state != ReceiptState.DEFERRED
        for receipt in receipts
    )


def _copy(receipt: ReceiptRecord, original: str) -> Issue:
    goods = sum((item.amount for item in receipt.items if item.product_id is not None), _ZERO)
    prefix = prefix_of(receipt)
    return Issue(
        kind=DifferenceKind.RECEIPT_TWICE,
        cause="refund_twice" if prefix == "refund" else "receipt_twice",
        days=(receipt.day,),
        receipt_ids=(original, receipt.id),
        figures=[ComparedFigure("total", receipt.total, _ZERO)],
        details={"receipt": receipt.id, "original": original, "number": receipt.fiscal_number or ""},
        repairs=(minus(figures_of(receipt)),),
        goods=-goods if prefix == "sale" else goods if prefix == "refund" else _ZERO,
    )


def _unfiscal(receipts: Sequence[ReceiptRecord]) -> list[Issue]:
    """Take what has no fiscal number as one candidate: the fiscal registrar may not know of it."""
    found = [receipt for receipt in receipts if not receipt.fiscal_number and figures_of(receipt)]
    if not found:
        return []
    repair = minus(add({}, *(figures_of(receipt) for receipt in found)))
    return [
        Issue(
            kind=DifferenceKind.RECEIPT_NOT_FISCAL,
            cause="not_fiscal",
            days=tuple(sorted({receipt.day for receipt in found})),
            receipt_ids=tuple(receipt.id for receipt in found),
            figures=[ComparedFigure("total", sum((receipt.total for receipt in found), _ZERO), _ZERO)],
            details={"receipts": ", ".join(receipt.id for receipt in found)},
            repairs=(repair,),
            only_if_needed=True,
        )
    ]


def _unassigned(shift: Shift) -> list[Issue]:
    """Name the receipts that are this shift's by registrar and time alone."""
    found = [receipt for receipt in shift.receipts if receipt.id in shift.head.unassigned_receipts]
    if not found or shift.head.shift_id is None:
        return []
    return [
        Issue(
            kind=DifferenceKind.RECEIPT_WITHOUT_SHIFT,
            cause="shift_by_registrar",
            days=tuple(sorted({receipt.day for receipt in found})),
            receipt_ids=tuple(receipt.id for receipt in found),
            figures=[ComparedFigure("total", sum((receipt.total for receipt in found), _ZERO), _ZERO)],
            details={
                "receipts": ", ".join(receipt.id for receipt in found),
                "numbers": ", ".join(str(receipt.local_number or "?") for receipt in found),
                "shift": shift.head.shift_id,
            },
            is_notice=True,
        )
    ]
