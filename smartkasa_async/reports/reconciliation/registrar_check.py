"""The shifts of one registrar in the order of time: each against its Z-report, its numbers and the drawer."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from smartkasa_async._support.money import hryvnias
from smartkasa_async.reports.reconciliation.continuity import Drawer, Gap, show_gaps
from smartkasa_async.reports.reconciliation.differences import ComparedFigure, DifferenceKind, Issue
from smartkasa_async.reports.reconciliation.figures import (
    FIGURES,
    add,
    cash_movement,
    difference,
    minus,
    with_turnover,
    without_small_taxes,
)
from smartkasa_async.reports.reconciliation.shift_check import (
    Borders,
    choose_z_reports,
    explain_difference,
    layouts_issue,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from smartkasa_async.reports.reconciliation.continuity import KnownNumbers
    from smartkasa_async.reports.reconciliation.figures import Figures
    from smartkasa_async.reports.reconciliation.shift_sums import ShiftSums

_ZERO = Decimal(0)

_SHIFT_CAUSES = frozenset(
    {"receipt_missing", "receipts_all_missing", "receipts_missing_by_count", "z_report_wrong", "unexplained_shift"}
)

_SERVICE = frozenset({"service_input", "service_output"})


@dataclass(frozen=True, slots=True)
class CheckedShift:
    """A shift with what is wrong with it; `stated` is what its Z-reports state, None where it has none."""

    sums: ShiftSums
    stated: Mapping[str, Decimal] | None
    issues: list[Issue] = field(default_factory=list)
    move: Move | None = None


class RegistrarCheck:
    """Checks the shifts of one registrar; each is ready once the next is known, or the Z-report that covers it.

    Args:
        known: The local numbers of the registrar that the store has.
        tax_tolerance: How many hryvnias each tax of a receipt may differ by; a Z-report's as often as it has receipts.
    """

    def __init__(self, known: KnownNumbers, tax_tolerance: Decimal = _ZERO) -> None:
        self._tax_tolerance = tax_tolerance
        self._known = known
        self._last_number: int | None = None
        self._current: ShiftSums | None = None
        self._before: Gap | None = None
        self._waiting: list[CheckedShift] = []
        self._idle_gaps: list[Gap] = []
        self._drawer = Drawer()

    def add(self, sums: ShiftSums) -> Iterator[CheckedShift]:
        """Take the next shift and give those that are ready."""
        border = None
        if sums.first is not None and self._last_number is not None:
            border = Gap(self._last_number + 1, sums.first - 1)
            parts = self._known.within(border)
            if len(border) != sum(map(len, parts)):
                border = parts[0] if parts else Gap(sums.first, sums.first - 1)
                sums.is_mixed = True
                if self._current is not None:
                    self._current.is_mixed = True
        if self._current is not None:
            yield from self._check(self._current, self._before, border)
        self._current, self._before = sums, border
        if sums.last is not None:
            self._last_number = sums.last

    def end(self) -> Iterator[CheckedShift]:
        """Return the shifts that are left."""
        if self._current is not None:
            yield from self._check(self._current, self._before, None)
            self._current = None
        yield from self._release()

    def _check(self, sums: ShiftSums, before: Gap | None, after: Gap | None) -> Iterator[CheckedShift]:
        borders = Borders(before, after, sums.gaps, is_open=sums.is_mixed or sums.head.shift_id is None)
        if not sums.head.z_reports:
            kept = [issue for issue in sums.issues if not issue.only_if_needed]
            repairs = [issue.repairs[0] for issue in kept if issue.kind is DifferenceKind.RECEIPT_TWICE]
            self._drawer.move(cash_movement(add({}, sums.figures, *repairs)))
            self._idle_gaps += [gap for gap in (before, *sums.gaps) if gap is not None and len(gap)]
            sums.effects = []
            self._waiting.append(CheckedShift(sums, None, kept))
            return
        stated, issues = choose_z_reports(sums)
        rest = without_small_taxes(difference(stated, [sums.figures]), self._tax_tolerance * sums.receipts)
        rest, days = without_service_before(sums, rest)
        change: Figures = {}
        move = None
        earlier = self._also_closed(sums, stated) if rest else []
        yield from self._release(keep=len(earlier))
        if earlier:
            issues += [issue for issue in sums.issues if not issue.only_if_needed]
            issues.append(_several(sums, earlier))
        elif rest:
            found, change = explain_difference(sums, rest, stated, borders)
            issues += found
            move = find_move(sums, rest, stated, found)
        else:
            issues += [issue for issue in sums.issues if not issue.only_if_needed]
        if not earlier and len(days) > 1:
            issues.append(_several(sums, []))
        issues += self._drawer_issues(sums, stated, add({}, sums.figures, change), borders)
        issues += _gap_notices(sums, issues)
        yield from self._waiting
        self._waiting = []
        sums.effects = []
        yield CheckedShift(sums, stated, issues, move)

    def _also_closed(self, sums: ShiftSums, stated: Mapping[str, Decimal]) -> list[ShiftSums]:
        """Find the shifts before that have no Z-report and that this shift's accounts for to the kopeck."""
        for number in range(1, len(self._waiting) + 1):
            earlier = [waiting.sums for waiting in self._waiting[-number:]]
            if not difference(stated, [sums.figures, *(one.figures for one in earlier)]):
                return earlier
        return []

    def _release(self, keep: int = 0) -> Iterator[CheckedShift]:
        """Return the shifts without a Z-report but the latest that one covers; report those that owe one."""
        released = self._waiting[: len(self._waiting) - keep]
        self._waiting = self._waiting[len(released) :]
        for checked in released:
            if checked.sums.owes_report and not checked.sums.head.is_open:
                checked.issues.append(_z_report_missing(checked.sums))
            yield checked

    def _drawer_issues(
        self, sums: ShiftSums, stated: Mapping[str, Decimal], figures: Figures, borders: Borders
    ) -> Iterator[Issue]:
        """Follow the cash from the Z-report before to this one."""
        report = sums.head.z_reports[-1]
        amounts = {layout["cash_amount"] for layout in (report.figures, report.payload) if "cash_amount" in layout}
        movements = {cash_movement(figures), cash_movement(stated)}
        gaps = [gap for gap in (*self._idle_gaps, borders.before) if gap is not None and len(gap) and not gap.is_used]
        self._idle_gaps = []
        expected = self._drawer.close(amounts, movements)
        if len(amounts) > 1:
            column, payload = report.figures["cash_amount"], report.payload["cash_amount"]
            yield layouts_issue(
                [report], ComparedFigure("cash_amount", payload, column), column=column, payload=payload
            )
        if expected is None:
            return
        found = min(amounts)
        details = {
            "numbers": show_gaps(gaps),
            "registrar": sums.head.registrar or "?",
            "expected": hryvnias(expected),
            "found": hryvnias(found),
            "moved": hryvnias(found - expected),
        }
        if gaps:
            kind, cause = DifferenceKind.RECEIPT_MISSING, "cash_receipt_missing"
        elif borders.before is not None:
            kind, cause = DifferenceKind.CASH_IN_DRAWER, "drawer"
        else:
            kind, cause = DifferenceKind.CASH_IN_DRAWER, "unexplained_drawer"
        for gap in gaps:
            gap.is_used = True
        yield Issue(
            kind=kind,
            cause=cause,
            days=(report.day,),
            z_report_ids=(report.id,),
            figures=[ComparedFigure("cash_amount", expected, found)],
            details=details,
            numbers=tuple(gaps),
        )


def _several(sums: ShiftSums, earlier: list[ShiftSums]) -> Issue:
    """Return which days and shifts a Z-report covers whose figures are the sum of theirs."""
    days = tuple(sorted({*sums.days, *(day for one in earlier for day in one.days)}))
    return Issue(
        kind=DifferenceKind.Z_REPORT_OF_SEVERAL_DAYS,
        cause="several_shifts" if earlier else "several_days",
        days=days,
        z_report_ids=tuple(report.id for report in sums.head.z_reports),
        details={
            "days": ", ".join(map(str, days)),
            "shifts": ", ".join(str(one.head.shift_id) for one in (*earlier, sums)),
        },
        is_notice=True,
    )


def _z_report_missing(sums: ShiftSums) -> Issue:
    ours = with_turnover(sums.figures)
    money = [name for name in FIGURES if ours.get(name)]
    money.sort(key=lambda name: name != "turnover_amount")
    shift_is_known = sums.head.shift_id is not None
    return Issue(
        kind=DifferenceKind.Z_REPORT_MISSING if shift_is_known else DifferenceKind.RECEIPT_WITHOUT_SHIFT,
        cause="z_report_missing" if shift_is_known else "unexplained_no_shift",
        days=sums.days,
        receipt_ids=() if shift_is_known else tuple(sorted(sums.head.unassigned_receipts)),
        figures=[ComparedFigure(name, ours[name], _ZERO) for name in money],
        details={
            "sales": hryvnias(ours.get("sale_total", _ZERO)),
            "refunds": hryvnias(ours.get("refund_total", _ZERO)),
        },
    )


def _gap_notices(sums: ShiftSums, issues: list[Issue]) -> list[Issue]:
    """Name the numbers inside a shift that are missing and change nothing, unless nothing is certain about it."""
    gaps = [gap for gap in sums.gaps if not gap.is_used]
    if not gaps or any(issue.cause == "unexplained_shift" for issue in issues):
        return []
    deleted = {number: id_ for id_, (number, _) in sums.deleted.items() if number is not None}
    is_deleted = all(gap.lies_in(deleted) for gap in gaps)
    return [
        Issue(
            kind=DifferenceKind.RECEIPT_MISSING,
            cause="number_deleted" if is_deleted else "number_without_effect",
            days=sums.days,
            receipt_ids=tuple(
                id_ for number, id_ in deleted.items() if is_deleted and any(gap.has(number) for gap in gaps)
            ),
            details={"numbers": show_gaps(gaps), "registrar": sums.head.registrar or "?"},
            is_notice=True,
            numbers=tuple(gaps),
        )
    ]


@dataclass(frozen=True, slots=True)
class Move:
    """What a shift and its Z-report differ by, reported by one issue.

    Attributes:
        issue: The issue that reports it.
        rest: What the Z-report states more.
        receipt_id: The one receipt of the shift that is all that the Z-report states less.
        days: The days of the shift without that receipt.
    """

    issue: Issue
    rest: Figures
    receipt_id: str | None = None
    days: frozenset[date] = frozenset()


def find_move(sums: ShiftSums, rest: Figures, stated: Mapping[str, Decimal], found: Sequence[Issue]) -> Move | None:
    """Return whether a difference may be that of a receipt in the wrong shift."""
    telling = [issue for issue in found if issue.cause in _SHIFT_CAUSES]
    if len(telling) != 1 or any(issue.repairs and not issue.only_if_needed for issue in found):
        return None
    less = minus(rest)
    same = [id_ for id_, _, effect in sums.effects if effect and _seen(effect, stated) == less]
    if len(same) != 1:
        return Move(telling[0], rest)
    days = frozenset(day for id_, day, _ in sums.effects if id_ != same[0])
    return Move(telling[0], rest, same[0], days)


def join_moves(shifts: Sequence[CheckedShift]) -> None:
    """Make one issue of two where what one Z-report of a registrar lacks is what another one has too much."""
    for shift in shifts:
        move = shift.move
        if move is None or move.receipt_id is None:
            continue
        others = [other for other in shifts if other.move is not None and other.move.rest == minus(move.rest)]
        if len(others) == 1 and (theirs := others[0].move) is not None:
            _join(shift, move, others[0], theirs)


def _join(shift: CheckedShift, move: Move, other: CheckedShift, theirs: Move) -> None:
    several = [issue for issue in shift.issues if issue.cause == "several_days" and len(move.days) == 1]
    shift.issues[:] = [
        issue for issue in shift.issues if issue is not move.issue and not any(issue is one for one in several)
    ]
    other.issues[:] = [issue for issue in other.issues if issue is not theirs.issue]
    shift.issues.append(
        Issue(
            kind=DifferenceKind.RECEIPT_OF_OTHER_SHIFT,
            cause="shift_wrong",
            days=tuple(sorted({*move.issue.days, *theirs.issue.days})),
            receipt_ids=(move.receipt_id or "",),
            z_report_ids=(*move.issue.z_report_ids, *theirs.issue.z_report_ids),
            figures=move.issue.figures,
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
    days = {*sums.days}
    if sums.head.shift_id is not None or not rest or not rest.keys() <= _SERVICE:
        return rest, days
    passed: Figures = {}
    for index, (_, _, effect) in enumerate(sums.effects, 1):
        if not effect.keys() <= _SERVICE:
            break
        add(passed, effect)
        if passed == minus(rest):
            return {}, {day for _, day, _ in sums.effects[index:]}
    return rest, days


def _seen(effect: Figures, stated: Mapping[str, Decimal]) -> Figures:
    return {name: amount for name, amount in with_turnover(effect).items() if amount and name in stated}
