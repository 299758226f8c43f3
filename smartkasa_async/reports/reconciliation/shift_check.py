"""A shift against its Z-report: which causes account for the whole difference."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product
from typing import TYPE_CHECKING

from smartkasa_async.reports.reconciliation.continuity import show_gaps
from smartkasa_async.reports.reconciliation.differences import ComparedFigure, DifferenceKind, Issue, amount_of
from smartkasa_async.reports.reconciliation.figures import COUNTS, FIGURES, add, difference, with_turnover
from smartkasa_async.reports.reconciliation.messages import NamedAmounts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from smartkasa_async.reports.reconciliation.continuity import Gap
    from smartkasa_async.reports.reconciliation.figures import Figures
    from smartkasa_async.reports.reconciliation.ledger import ZReportRecord
    from smartkasa_async.reports.reconciliation.shift_sums import ShiftSums

_ZERO = Decimal(0)

_MOST_CANDIDATES = 6

_BRANCHES = (
    ("sale_receipts_count", "sale_total"),
    ("refund_receipts_count", "refund_total"),
    ("cash_receipts_count", "cash_total"),
)

_SERVICE = ("service_input", "service_output")

_IDENTITIES = (
    ("sale_total", "sale_cash_total", "sale_cashless_total"),
    ("refund_total", "refund_cash_total", "refund_cashless_total"),
    ("sale_total", "refund_total", "turnover_amount"),
)
"""The first figure less the second is the third."""


def choose_z_reports(sums: ShiftSums) -> tuple[Figures, list[Issue]]:
    """Return what the Z-reports of a shift state together.

    A shift may have several, which are added up. One that is repeated under another id is left out and named, and so
    are all others where one alone agrees with the receipts.

    Returns:
        The figures that all of them state, and what is wrong with the Z-reports themselves.
    """
    single, issues = _without_copies(sums.head.z_reports)
    stated, layout_issues = _added(single, sums)
    if len(single) > 1 and difference(stated, [sums.figures]):
        for report in single:
            alone, issues_of_one = _added([report], sums)
            if not difference(alone, [sums.figures]):
                extra = [other for other in single if other is not report]
                return alone, [*issues, *issues_of_one, *(_extra(other, report, "z_report_extra") for other in extra)]
    return stated, issues + layout_issues


def _without_copies(reports: Sequence[ZReportRecord]) -> tuple[list[ZReportRecord], list[Issue]]:
    first: dict[tuple[str | None, str], ZReportRecord] = {}
    issues = []
    for report in sorted(reports, key=lambda report: report.id):
        original = first.setdefault((report.registrar, report.fiscal_number), report)
        if original is not report:
            issues.append(_extra(report, original, "z_report_twice"))
    return list(first.values()), issues


def _extra(report: ZReportRecord, original: ZReportRecord, cause: str) -> Issue:
    total = report.stated("sale_total") or _ZERO
    return Issue(
        kind=DifferenceKind.Z_REPORT_TWICE,
        cause=cause,
        days=(report.day,),
        z_report_ids=(original.id, report.id),
        figures=[ComparedFigure("sale_total", _ZERO, total)],
        details={"report": str(report.id), "original": str(original.id), "number": report.fiscal_number},
    )


def _added(reports: Sequence[ZReportRecord], sums: ShiftSums) -> tuple[Figures, list[Issue]]:
    """Add up what Z-reports state; of two layouts that differ, the one counts that agrees with the receipts."""
    ours = with_turnover(sums.figures)
    stated: Figures = {}
    issues = []
    for name in FIGURES:
        column = payload = _ZERO
        for report in reports:
            amount = report.figures.get(name)
            other = report.payload.get(name, amount)
            if other is None:
                break
            column += other if amount is None else amount
            payload += other
        else:
            stated[name] = column
            if column != payload:
                own = ours.get(name, _ZERO)
                wrong = ComparedFigure(name, own, payload if column == own else column)
                issues.append(layouts_issue(reports, wrong, column=column, payload=payload))
                if payload == own:
                    stated[name] = payload
    return stated, issues


def layouts_issue(
    reports: Sequence[ZReportRecord], wrong: ComparedFigure, *, column: Decimal, payload: Decimal
) -> Issue:
    """Name a figure that the columns and the payload of Z-reports state differently."""
    return Issue(
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


@dataclass(slots=True)
class Borders:
    """The local numbers that are not in the store between a shift and its neighbours; None where none is known.

    `is_open` where a receipt of the shift may stand in another one, so that nothing is certain.
    """

    before: Gap | None = None
    after: Gap | None = None
    inside: list[Gap] = field(default_factory=list)
    is_open: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether it is certain that no number is missing."""
        return not (self.is_open or self.before is None or self.after is None or any(map(len, self.all)))

    @property
    def all(self) -> list[Gap]:
        """All gaps that explain nothing yet."""
        known = (self.before, *self.inside, self.after)
        return [gap for gap in known if gap is not None and len(gap) and not gap.is_used]


def explain_difference(
    sums: ShiftSums, rest: Figures, stated: Mapping[str, Decimal], borders: Borders
) -> tuple[list[Issue], Figures]:
    """Account for what a Z-report states more than the receipts of its shift.

    Args:
        sums: The shift; causes that are found among its issues learn what they entail.
        rest: What the Z-report states more, without figures that agree.
        stated: What the Z-report states.
        borders: Numbers that are not in the store.

    Returns:
        All issues of the shift, and the change that makes its receipts right.
    """
    for index, issue in enumerate(sums.issues):
        if issue.instead and rest in issue.instead.repairs:
            sums.issues[index] = issue.instead
    kept = [issue for issue in sums.issues if not issue.only_if_needed]
    for used, left in _repaired(sums.issues, rest, stated):
        if left and (divided := _divided(used, sums.issues, left)) is not None:
            return _with(kept, [*used, *divided], sums.figures), add({}, left, *(repair for _, repair in used))
        if not left:
            return _with(kept, used, sums.figures), add({}, *(repair for _, repair in used))
    for used, left in _repaired(sums.issues, rest, stated):
        if missing := _missing_receipts(left, sums, stated, borders):
            issues = [*_with(kept, used, sums.figures), missing]
            return issues, add({}, left, *(repair for _, repair in used))
    return [*kept, _z_report_issue(sums, rest, stated, borders)], {}


def _repaired(
    issues: Sequence[Issue], rest: Figures, stated: Mapping[str, Decimal]
) -> Iterator[tuple[list[tuple[Issue, Figures]], Figures]]:
    """Try the issues' repairs, the fewest first, and give what each choice leaves of the difference."""
    candidates = [issue for issue in issues if issue.repairs]
    if len(candidates) > _MOST_CANDIDATES:
        ways: list[tuple[int, ...]] = [(0,) * len(candidates), (1,) * len(candidates)]
    else:
        ways = sorted(
            product(*(range(len(issue.repairs) + 1) for issue in candidates)), key=lambda way: len(way) - way.count(0)
        )
    for way in ways:
        used = [(issue, issue.repairs[index - 1]) for issue, index in zip(candidates, way, strict=True) if index]
        changed = with_turnover(add({}, *(repair for _, repair in used)))
        left = {name: rest.get(name, _ZERO) - changed.get(name, _ZERO) for name in FIGURES if name in stated}
        yield used, {name: amount for name, amount in left.items() if amount}


def _divided(
    used: Sequence[tuple[Issue, Figures]], issues: Sequence[Issue], left: Figures
) -> list[tuple[Issue, Figures]] | None:
    """Check whether payments that are missing from receipts are all of a difference, part of them cash, part not.

    Returns:
        The issues of payments with what they entail, as far as it is known of each; None where they are not all of it.
    """
    taken = [issue for issue, _ in used]
    unpaid = [
        issue for issue in issues if issue.cause == "payments_less" and issue.repairs and not _among(issue, taken)
    ]
    rest = dict(left)
    for operation in ("sale", "refund"):
        cash, cashless = f"{operation}_cash_total", f"{operation}_cashless_total"
        missing = sum((issue.repairs[0].get(cash, _ZERO) for issue in unpaid), _ZERO)
        parts = (rest.pop(cash, _ZERO), rest.pop(cashless, _ZERO))
        if sum(parts) != missing or min(parts) < 0:
            return None
    if rest or not unpaid:
        return None
    return [(issue, left if len(unpaid) == 1 else {}) for issue in unpaid]


def _among(issue: Issue, others: Sequence[Issue]) -> bool:
    return any(other is issue for other in others)


def _with(kept: list[Issue], used: Sequence[tuple[Issue, Figures]], figures: Figures) -> list[Issue]:
    """Add to the used issues what they entail in the figures of the shift."""
    for issue, repair in used:
        issue.figures += _entailed(with_turnover(repair), figures)
    return kept + [issue for issue, _ in used if issue.only_if_needed]


def _entailed(change: Mapping[str, Decimal], figures: Mapping[str, Decimal]) -> list[ComparedFigure]:
    ours = with_turnover(figures)
    return [
        ComparedFigure(name, ours.get(name, _ZERO), ours.get(name, _ZERO) + change[name])
        for name in FIGURES
        if change.get(name)
    ]


def _missing_receipts(left: Figures, sums: ShiftSums, stated: Mapping[str, Decimal], borders: Borders) -> Issue | None:
    """Check whether the difference is that of whole receipts, and whether numbers for them are missing."""
    number = _whole_receipts(left, stated)
    if number is None:
        return None
    deleted = _deleted_receipts(left, sums, stated)
    gaps = [gap for gap in borders.inside if len(gap) and not gap.is_used]
    if sum(map(len, gaps)) < number:
        gaps = borders.all
    parts = NamedAmounts(tuple((name, amount_of(name, amount)) for name, amount in left.items()))
    if deleted:
        cause = "receipt_deleted" if len(deleted) == 1 else "receipts_deleted"
        numbers = {sums.deleted[id_][0] for id_ in deleted}
        gaps = [gap for gap in borders.all if gap.lies_in(numbers)]
    elif sum(map(len, gaps)) >= number:
        cause = "receipt_missing" if number == 1 else "receipts_missing"
    elif not sums.receipts:
        cause, gaps = "receipts_all_missing", []
    elif (sums.first is None or borders.before is None or borders.after is None) and any(map(left.get, COUNTS)):
        cause, gaps = "receipts_missing_by_count", []
    else:
        return None
    for gap in gaps:
        gap.is_used = True
    z_reports = sums.head.z_reports
    return Issue(
        kind=DifferenceKind.RECEIPT_MISSING,
        cause=cause,
        days=tuple(sorted({*sums.days, *(report.day for report in z_reports)})),
        receipt_ids=deleted,
        z_report_ids=tuple(report.id for report in z_reports),
        figures=_entailed(left, sums.figures),
        details={
            "numbers": ", ".join(str(sums.deleted[id_][0] or "?") for id_ in deleted) or show_gaps(gaps),
            "registrar": sums.head.registrar or "?",
            "receipts": ", ".join(deleted),
            "figures": parts,
        },
        goods=left.get("sale_total", _ZERO) - left.get("refund_total", _ZERO),
        goods_may_differ=True,
        numbers=tuple(gaps),
    )


def _deleted_receipts(left: Figures, sums: ShiftSums, stated: Mapping[str, Decimal]) -> tuple[str, ...]:
    """Find the receipts that the service no longer lists and that are the whole difference; one, or all of them."""
    counting = [id_ for id_, (_, effect) in sums.deleted.items() if effect]
    for ids in (*((id_,) for id_ in counting), tuple(counting)):
        came_to = with_turnover(add({}, *(sums.deleted[id_][1] for id_ in ids)))
        if {name: amount for name, amount in came_to.items() if amount and name in stated} == left:
            return ids
    return ()


def _whole_receipts(left: Figures, stated: Mapping[str, Decimal]) -> int | None:
    """Return how many receipts a difference is at least; None where it is no sum of receipts."""
    if any(left.get(name, _ZERO) < 0 for name in FIGURES if name != "turnover_amount"):
        return None
    number = sum(left.get(name) is not None for name in _SERVICE)
    for count_name, total_name in _BRANCHES:
        count, total = left.get(count_name, _ZERO), left.get(total_name, _ZERO)
        if bool(count) != bool(total) and {count_name, total_name} <= stated.keys():
            return None
        number += int(count) if count else bool(total)
    for operation in ("sale", "refund"):
        total = left.get(f"{operation}_total", _ZERO)
        means = [f"{operation}_{means}_total" for means in ("cash", "cashless")]
        if sum(left.get(name, _ZERO) for name in means) != total and stated.keys() >= {*means}:
            return None
        if sum(left.get(f"{operation}_tax_{letter}_total", _ZERO) for letter in "abvdz") > total:
            return None
    return number or None


def _z_report_issue(sums: ShiftSums, rest: Figures, stated: Mapping[str, Decimal], borders: Borders) -> Issue:
    """Report the Z-report where it contradicts itself, or where all receipts are there and add up.

    A turnover that differs contradicts the totals beside it, or follows from them.
    """
    has_doubts = any(issue.repairs and not issue.only_if_needed for issue in sums.issues)
    broken = {name for identity in _IDENTITIES if _is_broken(identity, stated) for name in identity}
    if broken and rest.keys() <= {*broken, "turnover_amount"}:
        cause = "z_report_contradicts_itself"
    elif borders.is_whole and not has_doubts:
        cause = "z_report_wrong"
    else:
        cause = "unexplained_shift"
    numbers = "?" if sums.first is None else f"{sums.first}–{sums.last}"
    return Issue(
        kind=DifferenceKind.Z_REPORT,
        cause=cause,
        days=tuple(sorted({*sums.days, *(report.day for report in sums.head.z_reports)})),
        z_report_ids=tuple(report.id for report in sums.head.z_reports),
        figures=_entailed(rest, sums.figures),
        details={
            "figures": NamedAmounts(tuple((name, _change(name, rest[name])) for name in FIGURES if name in rest)),
            "numbers": numbers,
            "registrar": sums.head.registrar or "?",
        },
    )


def _change(name: str, amount: Decimal) -> str:
    return ("+" if amount > 0 else "") + amount_of(name, amount)


def _is_broken(identity: tuple[str, str, str], stated: Mapping[str, Decimal]) -> bool:
    whole, part, rest = (stated.get(name) for name in identity)
    return whole is not None and part is not None and rest is not None and whole - part != rest
