"""The fiscal rules together: pure functions over the facts, the most urgent finding first."""

from __future__ import annotations

from datetime import timedelta
from itertools import chain
from typing import TYPE_CHECKING

from smartkasa_async.reports.fiscal.findings import FindingKind, Urgency, counted
from smartkasa_async.reports.fiscal.offline import check_offline, is_waiting
from smartkasa_async.reports.fiscal.shifts import check_shifts, check_z_reports

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from smartkasa_async.reports.fiscal.facts import FiscalFacts, OddNumbers
    from smartkasa_async.reports.fiscal.findings import Finding

__all__ = ["check_all", "check_fiscal_numbers", "check_numbering"]

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


def _odd(facts: FiscalFacts, kind: FindingKind, groups: Iterable[OddNumbers]) -> Iterator[Finding]:
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
