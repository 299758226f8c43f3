"""Which days a run has to read, and which it need never read again: pure rules.

A day is settled once it was read at least so many days after its end as the overlap has: by then late and offline
receipts have come, and receipts have changed that were going to. Only settled days are covered.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from smartkasa_async.receipts.days import Window

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["halves", "settled_part", "uncovered"]

_ONE_DAY = timedelta(days=1)


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


def settled_part(window: Window, *, today: date, overlap: int) -> Window | None:
    """Give the days of a window that are settled when they are read today; None where there are none.

    Args:
        window: The days that are read.
        today: The business day on which reading begins.
        overlap: Days that have to pass after a day's end; with none, every day before today is settled.
    """
    last = min(window.end, today - (1 + overlap) * _ONE_DAY)
    return Window(window.start, last) if window.start <= last else None


def halves(window: Window) -> tuple[Window, ...]:
    """Cut a window in two; empty for a single day."""
    return tuple(window.split((window.days + 1) // 2)) if window.days > 1 else ()
