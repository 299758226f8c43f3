"""The fiscal rules together: pure functions over the facts, the most urgent finding first."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import chain
from typing import TYPE_CHECKING

from smartkasa_async.records.batch import RecordKind
from smartkasa_async.reports.compliance.facts import MOST_IDS
from smartkasa_async.reports.compliance.findings import Finding, FindingKind, Unit, Urgency, counted
from smartkasa_async.reports.compliance.offline import check_offline, is_waiting
from smartkasa_async.reports.compliance.shifts import check_shifts, check_z_reports
from smartkasa_async.reports.unreadable import listed_keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from smartkasa_async.reports.compliance.facts import FiscalFacts, NumberingIssue
    from smartkasa_async.reports.unreadable import Unreadable

_URGENCIES = list(Urgency)
_NONE = timedelta(0)


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
    """Find numbers that are missing or occur again."""
    yield from _odd(facts, FindingKind.FISCAL_NUMBER_REPEATED, facts.repeated_fiscal_numbers)
    yield from _odd(facts, FindingKind.LOCAL_NUMBER_MISSING, facts.missing_local_numbers)
    yield from _odd(facts, FindingKind.LOCAL_NUMBER_REPEATED, facts.repeated_local_numbers)


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
            unit=Unit.RECEIPTS if is_receipt else Unit.Z_REPORTS,
            detail=listed_keys(records),
            receipts=tuple(one.key for one in records[:MOST_IDS]) if is_receipt else (),
            receipts_count=len(records) if is_receipt else 0,
        )


def _odd(facts: FiscalFacts, kind: FindingKind, groups: Iterable[NumberingIssue]) -> Iterator[Finding]:
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
