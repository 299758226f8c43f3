"""Shifts: how long they are open, and whether a Z-report closes their sales."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from smartkasa_async.receipts.batch import RecordKind
from smartkasa_async.receipts.days import business_day
from smartkasa_async.reports.fiscal.cover import uncovered
from smartkasa_async.reports.fiscal.findings import Finding, FindingKind, Unit, Urgency, counted, hours

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from smartkasa_async.reports.fiscal.facts import FiscalFacts, ShiftRecord, Turnover

    Key = tuple[int | None, str | None]

__all__ = ["LONGEST_SHIFT", "check_shifts", "check_z_reports"]

LONGEST_SHIFT = timedelta(hours=24)
"""Longest time that a shift may be open."""

_WARNING_PERCENT = 75


def check_shifts(facts: FiscalFacts, now: datetime) -> Iterator[Finding]:
    """Find shifts that are or were open for too long, or soon will be.

    A shift without a time of closing ends with its Z-report (inferred). One that the store knows by its receipts alone
    lasts at least from the first of them to the last.
    """
    made_at = _latest(((report.shop_id, report.shift_id), report.made_at) for report in facts.z_reports)
    turnovers = {(turnover.shop_id, turnover.shift_id): turnover for turnover in facts.turnovers if turnover.shift_id}
    for shift in facts.shifts:
        turnover = turnovers.pop((shift.shop_id, shift.shift_id), None)
        ended_at = shift.closed_at or _ended_at(shift, turnover, made_at)
        yield from _too_long(facts, shift, turnover, (shift.opened_at, ended_at), now)
    for key, turnover in turnovers.items():
        ended_at = max(turnover.last_at, made_at.get(key, turnover.last_at))
        yield from _too_long(facts, turnover, turnover, (turnover.first_at, ended_at), now)


def check_z_reports(facts: FiscalFacts, now: datetime) -> Iterator[Finding]:
    """Find shifts with sales that no Z-report closes; on the day itself, and while a shift may run, none is late."""
    shifts = {(shift.shop_id, shift.shift_id): shift for shift in facts.shifts}
    made_at = _latest(((report.shop_id, report.registrar), report.made_at) for report in facts.z_reports)
    for turnover in uncovered(facts):
        first_day, day = business_day(turnover.owing_since), business_day(turnover.owing_until)
        if day >= business_day(now) or not facts.read.includes(RecordKind.Z_REPORTS, turnover.shop_id, day):
            continue
        if _may_be_running(shifts.get((turnover.shop_id, turnover.shift_id or "")), turnover, now):
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


def _too_long(
    facts: FiscalFacts,
    shift: ShiftRecord | Turnover,
    turnover: Turnover | None,
    span: tuple[datetime, datetime | None],
    now: datetime,
) -> Iterator[Finding]:
    began_at, ended_at = span
    length = (ended_at or now) - began_at
    is_over = length > LONGEST_SHIFT
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


def _may_be_running(shift: ShiftRecord | None, turnover: Turnover, now: datetime) -> bool:
    if shift and (shift.closed_at or shift.is_closed):
        return False
    return now - (shift.opened_at if shift else turnover.first_at) <= LONGEST_SHIFT


def _latest(times: Iterable[tuple[Key, datetime]]) -> dict[Key, datetime]:
    latest: dict[Key, datetime] = {}
    for key, moment in times:
        latest[key] = max(moment, latest.get(key, moment))
    return latest
