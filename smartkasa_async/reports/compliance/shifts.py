"""Shifts: how long they are open, and whether a Z-report closes their sales."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from smartkasa_async.records.batch import RecordKind
from smartkasa_async.records.days import business_day
from smartkasa_async.reports.compliance.findings import (
    Finding,
    FindingKind,
    Unit,
    Urgency,
    counted,
    hours,
    hours_by_clock,
)
from smartkasa_async.reports.compliance.unclosed_shifts import uncovered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from smartkasa_async.reports.compliance.facts import FiscalFacts, ShiftRecord, Turnover

    Key = tuple[int | None, str | None]

LONGEST_SHIFT = timedelta(hours=24)
"""Longest time that a shift may be open."""

_WARNING_PERCENT = 75
_NONE = timedelta(0)


def check_shifts(facts: FiscalFacts, now: datetime, tolerance: timedelta = _NONE) -> Iterator[Finding]:
    """Find shifts that are or were open for too long, or soon will be, by time elapsed.

    What is not known to be closed was open as long as the lists of shifts and Z-reports that were read tell.

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

    Nothing is said of a shift whose Z-report may be of a day that was not read, or lie in quarantine.
    """
    shifts = {(shift.shop_id, shift.shift_id): shift for shift in facts.shifts}
    made_at = _latest(((report.shop_id, report.registrar), report.made_at) for report in facts.z_reports)
    for turnover in uncovered(facts):
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
            unit=Unit.HOURS,
            receipts=turnover.ids if turnover else (),
            receipts_count=turnover.receipts if turnover else 0,
        )


def _ended_at(shift: ShiftRecord, turnover: Turnover | None, made_at: Mapping[Key, datetime]) -> datetime | None:
    """Tell when a shift without a time of closing ended; None for one that is open."""
    closing = made_at.get((shift.shop_id, shift.shift_id))
    if closing and closing >= shift.opened_at:
        return closing
    if not shift.is_closed:
        return None
    return max(turnover.last_at, shift.opened_at) if turnover else shift.opened_at


def _open_until(facts: FiscalFacts, shift: ShiftRecord, now: datetime) -> datetime:
    """Tell until when a shift is known to have been open: the list of shifts said so, or no Z-report closed it."""
    known = facts.known_until(RecordKind.Z_REPORTS, shift.shop_id, shift.opened_at, now)
    return min(now, max(known, facts.read.lists.get(RecordKind.SHIFTS, known)))


def _is_unreadable(facts: FiscalFacts, shift: ShiftRecord | Turnover, since: datetime, until: datetime) -> bool:
    """Tell whether the Z-report of a shift may be one that could not be read."""
    return any(
        one.kind is RecordKind.Z_REPORTS
        and one.shop_id in {None, shift.shop_id}
        and one.may_be_of(shift.shift_id, shift.registrar, since, until)
        for one in facts.unreadable
    )


def _was_read(facts: FiscalFacts, shift: ShiftRecord | None, turnover: Turnover) -> bool:
    """Tell whether the Z-report of takings would be in the store: all days were read on which it can have been made."""
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
