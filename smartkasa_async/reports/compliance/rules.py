"""The fiscal rules together: pure functions over the facts, the most urgent finding first."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from itertools import chain
from typing import TYPE_CHECKING

from smartkasa_async.records.batch import RecordKind
from smartkasa_async.records.days import business_day
from smartkasa_async.reports.compliance.facts import MOST_IDS
from smartkasa_async.reports.compliance.findings import (
    Finding,
    FindingKind,
    FindingUnit,
    Urgency,
    counted,
    hours,
    hours_by_clock,
)
from smartkasa_async.reports.compliance.offline import check_offline, is_waiting
from smartkasa_async.reports.quarantine import listed_keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from smartkasa_async.reports.compliance.facts import FiscalFacts, NumberingIssue, ShiftRecord, Turnover
    from smartkasa_async.reports.quarantine import Unreadable

    Key = tuple[int | None, str | None]
    from collections.abc import Sequence

    from smartkasa_async.reports.compliance.facts import ZReportRecord

_URGENCIES = list(Urgency)
_NONE = timedelta(0)

LONGEST_SHIFT = timedelta(hours=24)
"""Longest time that a shift may be open."""

_WARNING_PERCENT = 75


def check_all(facts: FiscalFacts, now: datetime, shift_tolerance: timedelta = _NONE) -> list[Finding]:
    """Find what breaks a rule, or soon will, the most urgent first.

    Args:
        facts: What the store has.
        now: The moment of asking, aware.
        shift_tolerance: How much longer than 24 hours a shift may be open.
    """
    found = chain(
        check_shifts(facts, now, shift_tolerance),
        check_z_reports(facts, now),
        check_offline(facts, now),
        check_fiscal_numbers(facts, now),
        check_numbering(facts),
        check_quarantine(facts, now),
    )
    return sorted(found, key=_by_urgency)


def check_fiscal_numbers(facts: FiscalFacts, now: datetime) -> Iterator[Finding]:
    """Find receipts without a fiscal number; those made offline may wait as long as the session may last."""
    for group in facts.unnumbered:
        if facts.is_fiscal(group.shop_id, group.registrar):
            waiting = group.offline and is_waiting(facts, group.registrar, group.first_at, now)
            yield counted(
                FindingKind.FISCAL_NUMBER_MISSING,
                Urgency.SOON if waiting else Urgency.NOW,
                facts,
                group,
                (group.first_at, group.last_at),
                receipts=group.receipts,
            )


def check_numbering(facts: FiscalFacts) -> Iterator[Finding]:
    """Find numbers that are missing or repeated."""
    yield from _numbering(facts, FindingKind.FISCAL_NUMBER_REPEATED, facts.repeated_fiscal_numbers)
    yield from _numbering(facts, FindingKind.LOCAL_NUMBER_MISSING, facts.missing_local_numbers)
    yield from _numbering(facts, FindingKind.LOCAL_NUMBER_REPEATED, facts.repeated_local_numbers)


def check_quarantine(facts: FiscalFacts, now: datetime) -> Iterator[Finding]:
    """Find receipts and Z-reports that could not be read, together for a kind, a registrar and a shift."""
    groups: dict[tuple[object, ...], list[Unreadable]] = {}
    for one in facts.unreadable:
        groups.setdefault((one.kind, one.shop_id, one.registrar, one.shift_id), []).append(one)
    for records in groups.values():
        first, moments = records[0], [one.made_at for one in records if one.made_at]
        is_receipt = first.kind is RecordKind.RECEIPTS
        yield Finding(
            kind=FindingKind.RECORD_UNREADABLE,
            urgency=Urgency.SOON,
            shop_id=first.shop_id,
            shop_title=facts.title(first.shop_id),
            registrar=first.registrar,
            shift_id=first.shift_id,
            since=min(moments, default=now),
            until=max(moments, default=now),
            measured=Decimal(len(records)),
            limit=Decimal(0),
            unit=FindingUnit.RECEIPTS if is_receipt else FindingUnit.Z_REPORTS,
            detail=listed_keys(records),
            receipts=tuple(one.key for one in records[:MOST_IDS]) if is_receipt else (),
            receipts_count=len(records) if is_receipt else 0,
        )


def _numbering(facts: FiscalFacts, kind: FindingKind, groups: Iterable[NumberingIssue]) -> Iterator[Finding]:
    for group in groups:
        more = ", …" if group.has_more else ""
        yield counted(
            kind,
            Urgency.PAST,
            facts,
            group,
            (group.first_at, group.last_at),
            receipts=group.receipts,
            numbers=group.count,
            detail=", ".join(group.numbers) + more,
        )


def _by_urgency(finding: Finding) -> tuple[int, datetime, str, int, str, str]:
    return (
        _URGENCIES.index(finding.urgency),
        finding.since,
        finding.kind,
        finding.shop_id or 0,
        finding.registrar or "",
        finding.shift_id or "",
    )


def check_shifts(facts: FiscalFacts, now: datetime, tolerance: timedelta = _NONE) -> Iterator[Finding]:
    """Find shifts that are or were open for too long, or soon will be, by time elapsed.

    What is not known to be closed was open as long as the lists of shifts and Z-reports that were read show.

    A shift without a time of closing ends with its Z-report (inferred). One that the store knows by its receipts alone
    lasts at least from the first of them to the last.
    """
    made_at = _latest(((report.shop_id, report.shift_id), report.made_at) for report in facts.z_reports)
    turnovers = {(turnover.shop_id, turnover.shift_id): turnover for turnover in facts.turnovers if turnover.shift_id}
    for shift in facts.shifts:
        turnover = turnovers.pop((shift.shop_id, shift.shift_id), None)
        ended_at = shift.closed_at or _ended_at(shift, turnover, made_at)
        if ended_at is None and _is_unreadable(facts, shift, shift.opened_at, now):
            continue
        known_until = ended_at or _open_until(facts, shift, now)
        yield from _too_long(facts, shift, turnover, (shift.opened_at, ended_at), known_until, tolerance)
    for key, turnover in turnovers.items():
        ended_at = max(turnover.last_at, made_at.get(key, turnover.last_at))
        yield from _too_long(facts, turnover, turnover, (turnover.first_at, ended_at), ended_at, tolerance)


def check_z_reports(facts: FiscalFacts, now: datetime) -> Iterator[Finding]:
    """Find shifts with sales that no Z-report closes; on the day itself, and while a shift may run, none is late.

    A shift is not judged whose Z-report may be of a day that was not read, or be in quarantine.
    """
    shifts = {(shift.shop_id, shift.shift_id): shift for shift in facts.shifts}
    made_at = _latest(((report.shop_id, report.registrar), report.made_at) for report in facts.z_reports)
    for turnover in unclosed_shifts(facts):
        first_day, day = business_day(turnover.owing_since), business_day(turnover.owing_until)
        shift = shifts.get((turnover.shop_id, turnover.shift_id or ""))
        if day >= business_day(now) or _may_be_running(shift, turnover, now) or not _was_read(facts, shift, turnover):
            continue
        if _is_unreadable(facts, turnover, turnover.first_at, turnover.last_at):
            continue
        later = made_at.get((turnover.shop_id, turnover.registrar))
        yield counted(
            FindingKind.Z_REPORT_MISSING,
            Urgency.PAST if later and later > turnover.owing_until else Urgency.NOW,
            facts,
            turnover,
            (turnover.owing_since, turnover.owing_until),
            receipts=turnover.owing,
            detail=f"{day}" if first_day == day else f"{first_day}…{day}",
        )


def _too_long(  # noqa: PLR0917 a shift, and until when it was open
    facts: FiscalFacts,
    shift: ShiftRecord | Turnover,
    turnover: Turnover | None,
    span: tuple[datetime, datetime | None],
    known_until: datetime,
    tolerance: timedelta,
) -> Iterator[Finding]:
    began_at, ended_at = span
    length = known_until - began_at
    is_over = length > LONGEST_SHIFT + tolerance
    if is_over or (ended_at is None and length * 100 >= LONGEST_SHIFT * _WARNING_PERCENT):
        breach = Urgency.PAST if ended_at else Urgency.NOW
        yield Finding(
            kind=FindingKind.SHIFT_TOO_LONG,
            urgency=breach if is_over else Urgency.SOON,
            shop_id=shift.shop_id,
            shop_title=facts.title(shift.shop_id),
            registrar=shift.registrar or (turnover.registrar if turnover else None),
            shift_id=shift.shift_id,
            since=began_at,
            until=began_at + length,
            measured=hours(length),
            by_clock=hours_by_clock(began_at, known_until),
            limit=hours(LONGEST_SHIFT),
            unit=FindingUnit.HOURS,
            receipts=turnover.ids if turnover else (),
            receipts_count=turnover.receipts if turnover else 0,
        )


def _ended_at(shift: ShiftRecord, turnover: Turnover | None, made_at: Mapping[Key, datetime]) -> datetime | None:
    """Return when a shift without a time of closing ended; None for one that is open."""
    closing = made_at.get((shift.shop_id, shift.shift_id))
    if closing and closing >= shift.opened_at:
        return closing
    if not shift.is_closed:
        return None
    return max(turnover.last_at, shift.opened_at) if turnover else shift.opened_at


def _open_until(facts: FiscalFacts, shift: ShiftRecord, now: datetime) -> datetime:
    """Return until when a shift is known to have been open: the list of shifts shows it, or no Z-report closed it."""
    known = facts.known_until(RecordKind.Z_REPORTS, shift.shop_id, shift.opened_at, now)
    return min(now, max(known, facts.read.lists.get(RecordKind.SHIFTS, known)))


def _is_unreadable(facts: FiscalFacts, shift: ShiftRecord | Turnover, since: datetime, until: datetime) -> bool:
    """Return whether the Z-report of a shift may be one that could not be read."""
    return any(
        one.kind is RecordKind.Z_REPORTS
        and one.shop_id in {None, shift.shop_id}
        and one.may_be_of(shift.shift_id, shift.registrar, since, until)
        for one in facts.unreadable
    )


def _was_read(facts: FiscalFacts, shift: ShiftRecord | None, turnover: Turnover) -> bool:
    """Return whether the Z-report of takings would be in the store: all days were read on which it can be made."""
    if shift and shift.closed_at:
        closed_by = shift.closed_at
    elif shift and shift.is_closed:
        closed_by = turnover.last_at
    else:
        closed_by = (shift.opened_at if shift else turnover.first_at) + LONGEST_SHIFT
    since = turnover.owing_until
    return facts.read.has_read(RecordKind.Z_REPORTS, turnover.shop_id, since, max(since, closed_by))


def _may_be_running(shift: ShiftRecord | None, turnover: Turnover, now: datetime) -> bool:
    if shift and (shift.closed_at or shift.is_closed):
        return False
    return now - (shift.opened_at if shift else turnover.first_at) <= LONGEST_SHIFT


def _latest(times: Iterable[tuple[Key, datetime]]) -> dict[Key, datetime]:
    latest: dict[Key, datetime] = {}
    for key, moment in times:
        latest[key] = max(moment, latest.get(key, moment))
    return latest


def unclosed_shifts(facts: FiscalFacts) -> Iterator[Turnover]:
    """Find takings that owe a Z-report and have none.

    A Z-report closes the shift that it names, whenever it is made. It closes shifts before it as well, back to the
    last Z-report of its registrar, where its number and sum of sales are those of all of them: after a power cut one
    may include several days. Takings and Z-reports that name no shift are matched by registrar.
    """
    by_shift: defaultdict[Key, list[ZReportRecord]] = defaultdict(list)
    for report in facts.z_reports:
        by_shift[report.shop_id, report.shift_id].append(report)
    free = _without_shift(facts)
    for registrar, turnovers in _by_registrar(facts).items():
        closings = free.get(registrar, [])
        pending: list[Turnover] = []
        for index, turnover in enumerate(turnovers):
            reports = by_shift.get((turnover.shop_id, turnover.shift_id)) if turnover.shift_id else None
            if reports:
                if not _state(reports, [*pending, turnover]):
                    yield from pending
                pending = []
            elif not _is_closed(turnover, turnovers[index + 1 : index + 2], closings):
                pending.append(turnover)
        yield from pending


def _by_registrar(facts: FiscalFacts) -> dict[Key, list[Turnover]]:
    """Put takings that owe a Z-report together by registrar, in the order of time."""
    found: defaultdict[Key, list[Turnover]] = defaultdict(list)
    for turnover in sorted(facts.turnovers, key=lambda turnover: turnover.owing_since):
        if turnover.owing and facts.is_fiscal(turnover.shop_id, turnover.registrar):
            found[turnover.shop_id, turnover.registrar].append(turnover)
    return found


def _without_shift(facts: FiscalFacts) -> dict[Key, list[datetime]]:
    """Return the times of the Z-reports that name no shift, or one that no receipt names, by registrar."""
    named = {(turnover.shop_id, turnover.shift_id) for turnover in facts.turnovers if turnover.shift_id}
    found: defaultdict[Key, list[datetime]] = defaultdict(list)
    for report in facts.z_reports:
        if (report.shop_id, report.shift_id) not in named:
            found[report.shop_id, report.registrar].append(report.made_at)
    return {registrar: sorted(times) for registrar, times in found.items()}


def _state(reports: Sequence[ZReportRecord], turnovers: Sequence[Turnover]) -> bool:
    """Return whether Z-reports state the sales of all these takings."""
    return sum(report.sales or 0 for report in reports) == sum(turnover.sales for turnover in turnovers) and sum(
        report.sale_total or 0 for report in reports
    ) == sum(turnover.sale_total for turnover in turnovers)


def _is_closed(turnover: Turnover, following: Sequence[Turnover], closings: Sequence[datetime]) -> bool:
    """Return whether a Z-report without a shift closes takings: the first one after them, if it comes in time.

    It does if it comes within the 24 hours of a shift, or before the end of the takings that follow.
    """
    index = bisect_left(closings, turnover.owing_until)
    if index == len(closings):
        return False
    closing = closings[index]
    return closing - turnover.owing_since <= LONGEST_SHIFT or all(other.owing_until > closing for other in following)
