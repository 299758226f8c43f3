"""Offline mode: the sessions of a registrar put together from its receipts, and how much of the budget they use.

A session begins with its mark of start (receipt type 102) and ends with its mark of end (103). Without the one it
begins with its first receipt, without the other it ends with its last: at least that long it was. It is still running
if it has no end and the registrar made nothing online since.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from smartkasa_async.models import ReceiptType
from smartkasa_async.records.batch import RecordKind
from smartkasa_async.records.days import KYIV, business_day
from smartkasa_async.reports.compliance.facts import MOST_IDS, OfflineSession
from smartkasa_async.reports.compliance.findings import (
    Finding,
    FindingKind,
    FindingUnit,
    Urgency,
    hours,
    hours_by_clock,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from smartkasa_async.reports.compliance.facts import FiscalFacts, OfflineReceipt

MOST_ON_END = timedelta(hours=36)
"""Longest time that a registrar may be offline on end."""

MOST_IN_MONTH = timedelta(hours=168)
"""Longest time that it may be offline in a calendar month."""

_WARNING_PERCENT = 75
_NO_TIME = timedelta(0)


class OfflineSessions:
    """Puts sessions together from what was made offline, registrar after registrar, each in the order of time."""

    def __init__(self) -> None:
        self._done: list[OfflineSession] = []
        self._running: dict[str, tuple[OfflineSession, datetime]] = {}
        self._session: OfflineSession | None = None
        self._offline_id: int | None = None
        self._last_at: datetime | None = None

    def add(self, receipt: OfflineReceipt) -> None:
        """Take the next receipt."""
        session = self._session
        begins = receipt.type == ReceiptType.OFFLINE_START
        if session and (begins or not self._is_of_session(receipt)):
            self._close()
            session = None
        if session is None:
            if receipt.type == ReceiptType.OFFLINE_END:
                return
            session = OfflineSession(
                shop_id=receipt.shop_id, registrar=receipt.registrar, began_at=receipt.at, ended_at=None, receipts=0
            )
            self._offline_id = None
        ids = session.ids if len(session.ids) == MOST_IDS else (*session.ids, receipt.id)
        ends = session.ended_at or (receipt.at if receipt.type == ReceiptType.OFFLINE_END else None)
        self._session = replace(session, receipts=session.receipts + 1, ids=ids, ended_at=ends)
        self._offline_id = self._offline_id or receipt.offline_id
        self._last_at = receipt.at

    def running(self) -> list[str]:
        """Return the registrars whose last session has no end, after the last receipt."""
        self._close()
        return list(self._running)

    def finish(self, online_at: Mapping[str, datetime]) -> list[OfflineSession]:
        """Return the sessions, after the last receipt.

        Args:
            online_at: When the registrars that are `running` made their last receipt online.
        """
        self._close()
        for registrar, (session, last_at) in self._running.items():
            is_over = registrar in online_at and online_at[registrar] > last_at
            self._done.append(replace(session, ended_at=last_at) if is_over else session)
        return sorted(self._done, key=lambda session: (session.registrar, session.began_at))

    def _is_of_session(self, receipt: OfflineReceipt) -> bool:
        session = self._session
        if session is None or receipt.registrar != session.registrar:
            return False
        if receipt.offline_id and self._offline_id:
            return receipt.offline_id == self._offline_id
        return session.ended_at is None

    def _close(self) -> None:
        """Note the session; one without an end was ended by the next session of its registrar, if there is one."""
        session, last_at = self._session, self._last_at
        if session is None or last_at is None:
            return
        before = self._running.pop(session.registrar, None)
        if before:
            self._done.append(replace(before[0], ended_at=before[1]))
        if session.ended_at:
            self._done.append(session)
        else:
            self._running[session.registrar] = session, last_at
        self._session = None


def is_waiting(facts: FiscalFacts, registrar: str | None, since: datetime, now: datetime) -> bool:
    """Return whether what a registrar made offline since then can still be sent in time."""
    return any(
        session.registrar == registrar
        and session.began_at <= since
        and _length(session, _known_until(facts, session, now)) <= MOST_ON_END
        for session in facts.offline
        if session.ended_at is None
    )


def check_offline(facts: FiscalFacts, now: datetime) -> Iterator[Finding]:
    """Find sessions and months that use too much of the budget, or soon will, by time elapsed.

    One that is still running ran as long as the receipts that were read show.
    """
    months: defaultdict[tuple[str, date], list[OfflineSession]] = defaultdict(list)
    for session in facts.offline:
        known_until = _known_until(facts, session, now)
        yield from _on_end(facts, session, known_until)
        for month, part in _by_month(session, known_until):
            months[session.registrar, month].append(part)
    for (_, month), parts in months.items():
        yield from _in_month(facts, month, parts, now)


def _on_end(facts: FiscalFacts, session: OfflineSession, now: datetime) -> Iterator[Finding]:
    used = _length(session, now)
    urgency = _urgency(used, MOST_ON_END, goes_on=session.ended_at is None)
    if urgency:
        yield Finding(
            kind=FindingKind.OFFLINE_TOO_LONG,
            urgency=urgency,
            shop_id=session.shop_id,
            shop_title=facts.title(session.shop_id),
            registrar=session.registrar,
            shift_id=None,
            since=session.began_at,
            until=session.began_at + used,
            measured=hours(used),
            by_clock=hours_by_clock(session.began_at, session.began_at + used),
            limit=hours(MOST_ON_END),
            unit=FindingUnit.HOURS,
            receipts=session.ids,
            receipts_count=session.receipts,
        )


def _in_month(facts: FiscalFacts, month: date, parts: list[OfflineSession], now: datetime) -> Iterator[Finding]:
    used = sum((_length(part, now) for part in parts), _NO_TIME)
    urgency = _urgency(used, MOST_IN_MONTH, goes_on=month == business_day(now).replace(day=1))
    if urgency:
        ids = [id_ for part in parts for id_ in part.ids]
        yield Finding(
            kind=FindingKind.OFFLINE_MONTH,
            urgency=urgency,
            shop_id=parts[0].shop_id,
            shop_title=facts.title(parts[0].shop_id),
            registrar=parts[0].registrar,
            shift_id=None,
            since=parts[0].began_at,
            until=parts[-1].began_at + _length(parts[-1], now),
            measured=hours(used),
            limit=hours(MOST_IN_MONTH),
            unit=FindingUnit.HOURS,
            detail=f"{month:%Y-%m}",
            receipts=tuple(ids[:MOST_IDS]),
            receipts_count=sum(part.receipts for part in parts),
        )


def _urgency(used: timedelta, budget: timedelta, *, goes_on: bool) -> Urgency | None:
    if used > budget:
        return Urgency.NOW if goes_on else Urgency.PAST
    return Urgency.SOON if goes_on and used * 100 >= budget * _WARNING_PERCENT else None


def _known_until(facts: FiscalFacts, session: OfflineSession, now: datetime) -> datetime:
    return session.ended_at or facts.known_until(RecordKind.RECEIPTS, session.shop_id, session.began_at, now)


def _length(session: OfflineSession, now: datetime) -> timedelta:
    return max((session.ended_at or now) - session.began_at, _NO_TIME)


def _by_month(session: OfflineSession, now: datetime) -> Iterator[tuple[date, OfflineSession]]:
    """Cut a session at the ends of the months in Kyiv."""
    ended_at = max(session.ended_at or now, session.began_at)
    while True:
        month = business_day(session.began_at).replace(day=1)
        next_month = (month + timedelta(days=31)).replace(day=1)
        ends_at = datetime.combine(next_month, time(), KYIV).astimezone(session.began_at.tzinfo)
        yield month, replace(session, ended_at=min(ended_at, ends_at))
        if ended_at <= ends_at:
            return
        session = replace(session, began_at=ends_at)
