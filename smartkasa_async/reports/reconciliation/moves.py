"""Receipts that name another shift than the one whose Z-report counts them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from smartkasa_async.reports.reconciliation.differences import DifferenceKind
from smartkasa_async.reports.reconciliation.faults import Fault
from smartkasa_async.reports.reconciliation.figures import add, minus, with_turnover

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from decimal import Decimal

    from smartkasa_async.reports.reconciliation.figures import Figures
    from smartkasa_async.reports.reconciliation.registrar_check import CheckedShift
    from smartkasa_async.reports.reconciliation.shift_sums import ShiftSums

_SHIFT_CAUSES = frozenset(
    {"receipt_missing", "receipts_all_missing", "receipts_missing_by_count", "z_report_wrong", "unexplained_shift"}
)
_SERVICE = frozenset({"service_input", "service_output"})


@dataclass(frozen=True, slots=True)
class Move:
    """What a shift and its Z-report differ by, told by one fault.

    Attributes:
        fault: The fault that tells it.
        rest: What the Z-report states more.
        receipt_id: The one receipt of the shift that is all that the Z-report states less.
        days: The days of the shift without that receipt.
    """

    fault: Fault
    rest: Figures
    receipt_id: str | None = None
    days: frozenset[date] = frozenset()


def find_move(sums: ShiftSums, rest: Figures, stated: Mapping[str, Decimal], found: Sequence[Fault]) -> Move | None:
    """Tell whether a difference may be that of a receipt in the wrong shift."""
    telling = [fault for fault in found if fault.cause in _SHIFT_CAUSES]
    if len(telling) != 1 or any(fault.repairs and not fault.only_if_needed for fault in found):
        return None
    less = minus(rest)
    same = [id_ for id_, _, effect in sums.effects if effect and _seen(effect, stated) == less]
    if len(same) != 1:
        return Move(telling[0], rest)
    days = frozenset(day for id_, day, _ in sums.effects if id_ != same[0])
    return Move(telling[0], rest, same[0], days)


def join_moves(shifts: Sequence[CheckedShift]) -> None:
    """Make one fault of two where what one Z-report of a registrar lacks is what another one has too much."""
    for shift in shifts:
        move = shift.move
        if move is None or move.receipt_id is None:
            continue
        others = [other for other in shifts if other.move is not None and other.move.rest == minus(move.rest)]
        if len(others) == 1 and (theirs := others[0].move) is not None:
            _join(shift, move, others[0], theirs)


def _join(shift: CheckedShift, move: Move, other: CheckedShift, theirs: Move) -> None:
    several = [fault for fault in shift.faults if fault.cause == "several_days" and len(move.days) == 1]
    shift.faults[:] = [
        fault for fault in shift.faults if fault is not move.fault and not any(fault is one for one in several)
    ]
    other.faults[:] = [fault for fault in other.faults if fault is not theirs.fault]
    shift.faults.append(
        Fault(
            kind=DifferenceKind.RECEIPT_OF_OTHER_SHIFT,
            cause="shift_wrong",
            days=tuple(sorted({*move.fault.days, *theirs.fault.days})),
            receipt_ids=(move.receipt_id or "",),
            z_report_ids=(*move.fault.z_report_ids, *theirs.fault.z_report_ids),
            figures=move.fault.figures,
            details={
                "receipt": move.receipt_id or "",
                "shift": str(shift.sums.head.shift_id),
                "right": str(other.sums.head.shift_id),
            },
        )
    )


def without_service_before(sums: ShiftSums, rest: Figures) -> tuple[Figures, set[date]]:
    """Leave out service operations before the first sale that no Z-report owes, where receipts name no shift.

    Returns:
        What the Z-report states more all the same, and the days of what is left.
    """
    days = {day for _, day, _ in sums.effects}
    if sums.head.shift_id is not None or not rest or not rest.keys() <= _SERVICE:
        return rest, days
    passed: Figures = {}
    for place, (_, _, effect) in enumerate(sums.effects, 1):
        if not effect.keys() <= _SERVICE:
            break
        add(passed, effect)
        if passed == minus(rest):
            return {}, {day for _, day, _ in sums.effects[place:]}
    return rest, days


def _seen(effect: Figures, stated: Mapping[str, Decimal]) -> Figures:
    return {name: amount for name, amount in with_turnover(effect).items() if amount and name in stated}
