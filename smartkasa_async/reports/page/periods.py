"""Which days a page reads beside its own, and which of all these were read whole: pure rules."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

from smartkasa_async.records.days import KYIV, Window, business_day

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

Span: TypeAlias = "tuple[datetime, datetime]"
"""A span of time of which all was read, aware; the second moment is not included."""

_ONE_DAY = timedelta(days=1)
_MONTHS = 12


def window_before(window: Window) -> Window:
    """Give the days before a window that its days, or any of them, are compared with.

    These are as many days, and from the first of a month on as many months at least.
    """
    start = window.start - window.days * _ONE_DAY
    if window.start.day == 1:
        touched = _month(window.end) - _month(window.start) + 1
        year, month = divmod(_month(window.start) - touched, _MONTHS)
        start = min(start, date(year, month + 1, 1))
    return Window(start, window.start - _ONE_DAY)


def read_data(spans: Sequence[Span] | None, days: Window, now: datetime) -> dict[str, Any]:
    """Tell which days of a shop were read whole after they were over, and which partly.

    Args:
        spans: Spans of time that were read, in order; None where all was read.
        days: The days that are asked about.
        now: The present moment, aware.

    Returns:
        `whole` are spans of days, the first and the last; `partly` are days with the time in Kyiv until when each was
        read, None where its beginning was not read.
    """
    whole: list[list[str]] = []
    partly: dict[str, str | None] = {}
    for since, until in [(days.begins_at, now)] if spans is None else spans:
        begin, end = max(since, days.begins_at), min(until, days.ends_at, now)
        if begin >= end:
            continue
        first, last = business_day(begin), business_day(end)
        if begin > Window(first, first).begins_at:
            partly[f"{first}"] = None
            first += _ONE_DAY
        if first <= last and end > Window(last, last).begins_at:
            partly[f"{last}"] = f"{end.astimezone(KYIV):%H:%M}"
        if first <= last - _ONE_DAY:
            whole.append([f"{first}", f"{last - _ONE_DAY}"])
    return {"whole": whole, "partly": partly}


def _month(day: date) -> int:
    return _MONTHS * day.year + day.month - 1
