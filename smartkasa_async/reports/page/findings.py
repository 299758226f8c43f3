"""What a reconciliation and a compliance check found, as a page carries it: in both languages, the gravest first."""

from __future__ import annotations

from heapq import nsmallest
from typing import TYPE_CHECKING, Any

from smartkasa_async.reports.compliance import FindingKind, Urgency
from smartkasa_async.reports.page.time_buckets import MONEY_UNIT, Table
from smartkasa_async.reports.reconciliation.faults import hryvnias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from smartkasa_async.reports.compliance import ComplianceReport, Finding
    from smartkasa_async.reports.page.time_buckets import Cubes
    from smartkasa_async.reports.reconciliation import Difference, Reconciliation

    Place = Callable[[int | None], int]

LEFT_OUT = ("difference", "notice", *(urgency.value for urgency in Urgency))
"""Kinds of what is found, as the page counts what it has no room for."""

_MOST_FOUND = 500
_MOST_RECEIPTS = 5
_MOST_FIGURES = 12


def add_shifts(cubes: Cubes, reconciliation: Reconciliation) -> None:
    """Add the shifts that were compared, each on its last day."""
    for shift in reconciliation.shifts:
        totals = shift.totals
        if shift.days:
            money = (totals.sales, totals.z_sales, totals.refunds, totals.z_refunds)
            known = (int((amount or 0) * MONEY_UNIT) for amount in money)
            figures = (1, int(shift.agrees), totals.receipts or 0, *known)
            cubes.add(Table.SHIFTS, shift.shop_id, shift.days[-1], figures)


def add_left_out(cubes: Cubes, reconciliation: Reconciliation, compliance: ComplianceReport) -> None:
    """Count what was found beyond what the page names, each on its last day, so that a choice has its true number."""
    shown = {id(one) for one in _gravest(reconciliation)}
    for one in _found(reconciliation):
        if id(one) in shown:
            continue
        day = one.days[-1] if one.days else reconciliation.window.end
        cubes.add(Table.LEFT_OUT, one.shop_id, day, (1,), LEFT_OUT.index("notice" if one.is_notice else "difference"))
    for finding in compliance.findings[_MOST_FOUND:]:
        day = finding.until_kyiv.date()
        cubes.add(Table.LEFT_OUT, finding.shop_id, day, (1,), LEFT_OUT.index(finding.urgency.value))


def found_shops(reconciliation: Reconciliation, compliance: ComplianceReport) -> set[int | None]:
    """Give the shops of which something was found, or something was not read."""
    shops = {shop.shop_id for shop in reconciliation.shops if shop.found or shop.not_read}
    return shops | {one.shop_id for one in compliance.findings}


def named_receipts(reconciliation: Reconciliation, compliance: ComplianceReport) -> set[str]:
    """Give the ids of the receipts that the page names."""
    behind = [one.receipt_ids for one in _gravest(reconciliation)] + [one.receipts for one in _first(compliance)]
    return {id_ for ids in behind for id_ in ids[:_MOST_RECEIPTS]}


def not_read_data(reconciliation: Reconciliation, place: Place) -> list[list[Any]]:
    """Tell which days were not read: kind of record, place of the shop, first and last day."""
    return [[one.kind.value, place(one.shop_id), f"{one.start}", f"{one.end}"] for one in reconciliation.not_read]


def reading_step_data(reconciliation: Reconciliation) -> list[list[Any]]:
    """Tell what was not read, in both languages, and the command that reads it."""
    pairs = zip(reconciliation.reading_steps("uk"), reconciliation.reading_steps("en"), strict=True)
    return [[[uk.text, en.text], en.command] for uk, en in pairs]


def unreadable_receipts(reconciliation: Reconciliation, compliance: ComplianceReport) -> set[str]:
    """Give the ids of the receipts in quarantine that the page names, and of some that are not."""
    behind = [one.receipt_ids for one in _gravest(reconciliation) if "unreadable" in one.details]
    behind += [one.receipts for one in _first(compliance) if one.kind is FindingKind.RECORD_UNREADABLE]
    return {id_ for ids in behind for id_ in ids[:_MOST_RECEIPTS]}


def difference_data(reconciliation: Reconciliation, place: Place) -> dict[str, Any]:
    """Tell the differences, by how much money they are about, and the notices after them.

    Args:
        reconciliation: What was found.
        place: Tells the place of a shop in the page's list of shops.
    """
    shown = _gravest(reconciliation)
    return {"found": [_difference(one, place) for one in shown]}


def finding_data(compliance: ComplianceReport, place: Place) -> dict[str, Any]:
    """Tell the findings, the most urgent first, and the rules that they are about.

    Args:
        compliance: What was found.
        place: Tells the place of a shop in the page's list of shops.
    """
    shown = _first(compliance)
    return {
        "found": [_finding(one, place) for one in shown],
        "rules": {
            _rule(one): {
                language: [one.title(language), one.rule(language), one.source(language), one.advice(language)]
                for language in ("uk", "en")
            }
            for one in shown
        },
    }


def _gravest(reconciliation: Reconciliation) -> list[Difference]:
    return nsmallest(_MOST_FOUND, _found(reconciliation), key=lambda one: (one.is_notice, -abs(one.amount)))


def _found(reconciliation: Reconciliation) -> Iterator[Difference]:
    return (one for shop in reconciliation.shops for one in shop.found)


def _first(compliance: ComplianceReport) -> tuple[Finding, ...]:
    return compliance.findings[:_MOST_FOUND]


def _difference(one: Difference, place: Place) -> dict[str, Any]:
    return {
        "shop": place(one.shop_id),
        "days": [f"{day}" for day in (one.days[:1] + one.days[-1:])],
        "kind": one.kind.value,
        "notice": one.is_notice,
        "amount": hryvnias(one.amount),
        "words": [one.explain("uk"), one.explain("en")],
        "registrar": one.registrar,
        "shift": one.shift_id,
        "figures": [
            [figure.name, hryvnias(figure.receipts), hryvnias(figure.other), hryvnias(figure.amount)]
            for figure in one.figures[:_MOST_FIGURES]
        ],
        "receipts": list(one.receipt_ids[:_MOST_RECEIPTS]),
        "receipts_count": len(one.receipt_ids),
        "z_reports": list(one.z_report_ids[:_MOST_RECEIPTS]),
    }


def _finding(one: Finding, place: Place) -> dict[str, Any]:
    return {
        "shop": place(one.shop_id),
        "days": [f"{one.since_kyiv:%Y-%m-%d}", f"{one.until_kyiv:%Y-%m-%d}"],
        "times": [f"{one.since_kyiv:%H:%M}", f"{one.until_kyiv:%H:%M}"],
        "rule": _rule(one),
        "urgency": one.urgency.value,
        "words": [one.figures("uk"), one.figures("en")],
        "registrar": one.registrar,
        "shift": one.shift_id,
        "receipts": list(one.receipts[:_MOST_RECEIPTS]),
        "receipts_count": one.receipts_count,
    }


def _rule(one: Finding) -> str:
    return f"{one.kind.value} {one.urgency.value}"
