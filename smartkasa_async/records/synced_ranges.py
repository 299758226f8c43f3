"""Which days a run has to read, and which it need not read any more: pure rules.

A day is settled once it was read at least so many days after its end as the overlap has: by then late and offline
receipts have come, and receipts have changed that were going to. Only settled days are covered.

One answer may be wrong, and one clock may be ahead. So what a run has read counts as synced for later ones only as far
as it is settled by their clocks too, and one of them looks at it a second time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from smartkasa_async._support.clock import SKEW_STOPS
from smartkasa_async.records.days import Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

_ONE_DAY = timedelta(days=1)
_CLOCKS_MAY_DIFFER = timedelta(seconds=SKEW_STOPS)


@dataclass(frozen=True, slots=True)
class SyncedRange:
    """Business days of a shop that were read whole, and late enough to be settled.

    Attributes:
        window: The days.
        read_at: When any of them was last read, aware, by the clock of the run that read it.
        is_confirmed: Whether a later run has looked at them a second time, and found them as they were.
    """

    window: Window
    read_at: datetime
    is_confirmed: bool = False


def put(ranges: Iterable[SyncedRange], new: SyncedRange) -> list[SyncedRange]:
    """Put a range among others, in order: of its days it replaces what they say, and it joins those of its like."""
    others = [part for one in ranges for part in _without(one, new.window)]
    before, after = new.window.start - _ONE_DAY, new.window.end + _ONE_DAY
    like = [
        one
        for one in others
        if one.is_confirmed == new.is_confirmed and (one.window.end == before or one.window.start == after)
    ]
    start = min([new.window.start, *(one.window.start for one in like)])
    end = max([new.window.end, *(one.window.end for one in like)])
    read_at = max([new.read_at, *(one.read_at for one in like)])
    join_messages = SyncedRange(Window(start, end), read_at, new.is_confirmed)
    return sorted([join_messages, *(one for one in others if one not in like)], key=lambda one: one.window.start)


def trimmed(ranges: Iterable[SyncedRange], last: date) -> list[SyncedRange]:
    """Leave out the days after the last one that can be settled; a run whose clock was ahead may have added such."""
    return [
        replace(one, window=Window(one.window.start, min(one.window.end, last)))
        for one in ranges
        if one.window.start <= last
    ]


def second_looks(
    ranges: Sequence[SyncedRange], asked: Window, *, now: datetime, days: int, most: int
) -> Iterator[Window]:
    """Choose what to look at a second time, the newest days first.

    Args:
        ranges: What earlier runs have read, in order.
        asked: The days that are asked for.
        now: The present moment, aware.
        days: Most days to look at in one go.
        most: Most windows that a run looks at. Ranges that were read at a moment yet to come, by a clock that was
            ahead, are looked at whole and beyond that number: nothing they say can be relied on before.
    """
    parts = [(one, part) for one in reversed(ranges) if (part := _within(one.window, asked))]
    doubtful = [part for one, part in parts if one.read_at > now + _CLOCKS_MAY_DIFFER]
    unconfirmed = [part for one, part in parts if not one.is_confirmed and part not in doubtful]
    yield from _newest_first(doubtful, days)
    yield from islice(_newest_first(unconfirmed, days), most)


def _newest_first(windows: Sequence[Window], days: int) -> Iterator[Window]:
    for window in windows:
        yield from reversed(list(window.split(days)))


def _within(window: Window, asked: Window) -> Window | None:
    start, end = max(window.start, asked.start), min(window.end, asked.end)
    return Window(start, end) if start <= end else None


def _without(one: SyncedRange, window: Window) -> Iterator[SyncedRange]:
    return (replace(one, window=part) for part in uncovered(one.window, (window,)))


def uncovered(asked: Window, covered: Sequence[Window]) -> Iterator[Window]:
    """Give the spans of a window that are not covered, in order.

    Args:
        asked: The days that are asked for.
        covered: Spans that need not be read again, in order, none overlapping another.
    """
    start = asked.start
    for span in covered:
        if span.start > start:
            last = min(span.start - _ONE_DAY, asked.end)
            if start <= last:
                yield Window(start, last)
        start = max(start, span.end + _ONE_DAY)
    if start <= asked.end:
        yield Window(start, asked.end)


def settled_part(window: Window, *, today: date, lookback_days: int) -> Window | None:
    """Give the days of a window that are settled when they are read today; None where there are none.

    Args:
        window: The days that are read.
        today: The business day on which reading begins.
        lookback_days: Days that have to pass after a day's end; with none, every day before today is settled.
    """
    last = min(window.end, today - (1 + lookback_days) * _ONE_DAY)
    return Window(window.start, last) if window.start <= last else None


def halves(window: Window) -> tuple[Window, ...]:
    """Cut a window in two; empty for a single day."""
    return tuple(window.split((window.days + 1) // 2)) if window.days > 1 else ()
