"""Which takings no Z-report closes: matched by shift, else by registrar, never by date alone."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from smartkasa_async.reports.compliance.facts import FiscalFacts, Turnover, ZReportRecord

    Key = tuple[int | None, str | None]

_SHIFT = timedelta(hours=24)


def uncovered(facts: FiscalFacts) -> Iterator[Turnover]:
    """Find takings that owe a Z-report and have none.

    A Z-report closes the shift that it names, whenever it is made. It closes shifts before it as well, back to the
    last Z-report of its registrar, where its number and sum of sales are those of all of them: after a power cut one
    may cover several days. Takings and Z-reports that name no shift are matched by registrar.
    """
    by_shift: defaultdict[Key, list[ZReportRecord]] = defaultdict(list)
    for report in facts.z_reports:
        by_shift[report.shop_id, report.shift_id].append(report)
    free = _without_shift(facts)
    for registrar, turnovers in _by_registrar(facts).items():
        closings = free.get(registrar, [])
        pending: list[Turnover] = []
        for place, turnover in enumerate(turnovers):
            reports = by_shift.get((turnover.shop_id, turnover.shift_id)) if turnover.shift_id else None
            if reports:
                if not _state(reports, [*pending, turnover]):
                    yield from pending
                pending = []
            elif not _is_closed(turnover, turnovers[place + 1 : place + 2], closings):
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
    """Give the times of the Z-reports that name no shift, or one that no receipt names, by registrar."""
    named = {(turnover.shop_id, turnover.shift_id) for turnover in facts.turnovers if turnover.shift_id}
    found: defaultdict[Key, list[datetime]] = defaultdict(list)
    for report in facts.z_reports:
        if (report.shop_id, report.shift_id) not in named:
            found[report.shop_id, report.registrar].append(report.made_at)
    return {registrar: sorted(times) for registrar, times in found.items()}


def _state(reports: Sequence[ZReportRecord], turnovers: Sequence[Turnover]) -> bool:
    """Tell whether Z-reports state the sales of all these takings."""
    return sum(report.sales or 0 for report in reports) == sum(turnover.sales for turnover in turnovers) and sum(
        report.sale_total or 0 for report in reports
    ) == sum(turnover.sale_total for turnover in turnovers)


def _is_closed(turnover: Turnover, following: Sequence[Turnover], closings: Sequence[datetime]) -> bool:
    """Tell whether a Z-report without a shift closes takings: the first one after them, if it comes in time.

    It does if it comes within the 24 hours of a shift, or before the end of the takings that follow.
    """
    place = bisect_left(closings, turnover.owing_until)
    if place == len(closings):
        return False
    closing = closings[place]
    return closing - turnover.owing_since <= _SHIFT or all(other.owing_until > closing for other in following)
