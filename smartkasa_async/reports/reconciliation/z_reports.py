"""The Z-reports of one shift: which of them count, and whether their two layouts agree."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from smartkasa_async.reports.reconciliation.differences import DifferenceKind, Figure
from smartkasa_async.reports.reconciliation.faults import Fault, amount_of
from smartkasa_async.reports.reconciliation.figures import FIGURES, difference, with_turnover
from smartkasa_async.reports.reconciliation.names import NamedAmounts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartkasa_async.reports.reconciliation.figures import Figures
    from smartkasa_async.reports.reconciliation.ledger import ZReportRecord
    from smartkasa_async.reports.reconciliation.shift_sums import ShiftSums

_ZERO = Decimal(0)


def choose_z_reports(sums: ShiftSums) -> tuple[Figures, list[Fault]]:
    """Tell what the Z-reports of a shift state together.

    A shift may have several, which are added up. One that comes again under another id is left out and named, and so
    are all others where one alone agrees with the receipts.

    Returns:
        The figures that all of them state, and what is wrong with the Z-reports themselves.
    """
    single, faults = _without_copies(sums.head.z_reports)
    stated, layout_faults = _added(single, sums)
    if len(single) > 1 and difference(stated, [sums.figures]):
        for report in single:
            alone, faults_of_one = _added([report], sums)
            if not difference(alone, [sums.figures]):
                extra = [other for other in single if other is not report]
                return alone, [*faults, *faults_of_one, *(_extra(other, report, "z_report_extra") for other in extra)]
    return stated, faults + layout_faults


def _without_copies(reports: Sequence[ZReportRecord]) -> tuple[list[ZReportRecord], list[Fault]]:
    first: dict[tuple[str | None, str], ZReportRecord] = {}
    faults = []
    for report in sorted(reports, key=lambda report: report.id):
        original = first.setdefault((report.registrar, report.fiscal_number), report)
        if original is not report:
            faults.append(_extra(report, original, "z_report_twice"))
    return list(first.values()), faults


def _extra(report: ZReportRecord, original: ZReportRecord, cause: str) -> Fault:
    total = report.stated("sale_total") or _ZERO
    return Fault(
        kind=DifferenceKind.Z_REPORT_TWICE,
        cause=cause,
        days=(report.day,),
        z_report_ids=(original.id, report.id),
        figures=[Figure("sale_total", _ZERO, total)],
        details={"report": str(report.id), "original": str(original.id), "number": report.fiscal_number},
    )


def _added(reports: Sequence[ZReportRecord], sums: ShiftSums) -> tuple[Figures, list[Fault]]:
    """Add up what Z-reports state; of two layouts that differ, the one counts that agrees with the receipts."""
    ours = with_turnover(sums.figures)
    stated: Figures = {}
    faults = []
    for name in FIGURES:
        columns = [report.stated(name) for report in reports]
        if any(amount is None for amount in columns):
            continue
        stated[name] = sum((amount for amount in columns if amount is not None), _ZERO)
        payload = [report.payload.get(name, report.stated(name)) for report in reports]
        other = sum((amount for amount in payload if amount is not None), _ZERO)
        if other != stated[name]:
            own = ours.get(name, _ZERO)
            wrong = Figure(name, own, other if stated[name] == own else stated[name])
            faults.append(layouts_fault(reports, wrong, column=stated[name], payload=other))
            if other == own:
                stated[name] = other
    return stated, faults


def layouts_fault(reports: Sequence[ZReportRecord], wrong: Figure, *, column: Decimal, payload: Decimal) -> Fault:
    """Name a figure that the columns and the payload of Z-reports state differently."""
    return Fault(
        kind=DifferenceKind.Z_REPORT,
        cause="z_report_layouts",
        days=tuple(sorted({report.day for report in reports})),
        z_report_ids=tuple(report.id for report in reports),
        figures=[wrong],
        details={
            "name": NamedAmounts(((wrong.name, ""),)),
            "column": amount_of(wrong.name, column),
            "payload": amount_of(wrong.name, payload),
        },
    )
