"""Which days a run has to read, and which it need not read any more: pure rules.

A day is settled once it was read at least so many days after its end as the overlap has: by then late and offline
receipts have come, and receipts have changed that were going to. Only settled days are covered.

One answer may be wrong, and one clock may be ahead. So what a run has read counts as synced for later ones only as far
as it is settled by their clocks too, and one of them looks at it a second time.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import groupby, islice
from typing import TYPE_CHECKING, NamedTuple

from smartkasa_async._support.clock import SKEW_STOPS
from smartkasa_async.records.days import Window, business_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from smartkasa_async.records.batch import RecordKind

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


class ReadDays(NamedTuple):
    """Business days that were read whole; the last of them until `read_at` where it was not over by then."""

    window: Window
    read_at: datetime


class ReadSpan(NamedTuple):
    """A span of time of which all was read, in UTC; `until` is not included."""

    since: datetime
    until: datetime


def with_read(known: Iterable[ReadDays], new: ReadDays) -> list[ReadDays]:
    """Add days that were read to those that are known, in order, none overlapping another.

    What was known stays known: a later reading that ended earlier takes nothing away. Of a day that was not over when
    it was read, the latest reading counts.

    Args:
        known: What earlier runs have read.
        new: What was read now; its days that had not begun are left out.
    """
    over: list[ReadDays] = []
    begun: dict[date, datetime] = {}
    for window, read_at in (*known, new):
        today = business_day(read_at)
        if window.start < today:
            over.append(ReadDays(Window(window.start, min(window.end, today - _ONE_DAY)), read_at))
        if window.start <= today <= window.end:
            begun[today] = max(read_at, begun.get(today, read_at))
    join_messages = _joined(over)
    join_messages += [
        ReadDays(Window(day, day), read_at)
        for day, read_at in begun.items()
        if not any(window.start <= day <= window.end for window, _ in join_messages)
    ]
    return sorted(join_messages, key=lambda one: one.window.start)


def _joined(over: list[ReadDays]) -> list[ReadDays]:
    join_messages: list[ReadDays] = []
    for window, read_at in sorted(over, key=lambda one: one.window.start):
        if join_messages and window.start <= join_messages[-1].window.end + _ONE_DAY:
            before = join_messages[-1]
            end = max(before.window.end, window.end)
            join_messages[-1] = ReadDays(Window(before.window.start, end), max(before.read_at, read_at))
        else:
            join_messages.append(ReadDays(window, read_at))
    return join_messages


def spans_of(known: Iterable[ReadDays]) -> list[ReadSpan]:
    """Give the spans of time that days which were read make up, in order."""
    spans: list[ReadSpan] = []
    for window, read_at in known:
        since, until = window.begins_at, min(window.ends_at, read_at)
        if spans and spans[-1].until == since:
            spans[-1] = ReadSpan(spans[-1].since, until)
        else:
            spans.append(ReadSpan(since, until))
    return spans


@dataclass(frozen=True, slots=True)
class DaysRead:
    """What a store knows to have been read whole.

    Attributes:
        spans: Spans of time in order, by kind of record and shop; None where all was read.
        lists: When the lists of the whole account were read whole last, by kind, aware.
    """

    spans: Mapping[tuple[RecordKind, int], Sequence[ReadSpan]] | None = None
    lists: Mapping[RecordKind, datetime] = field(default_factory=dict)

    def until(self, kind: RecordKind, shop_id: int | None, since: datetime) -> datetime | None:
        """Tell until when all was read from a moment on; None where nothing was, or no end is known.

        Args:
            kind: The kind of records.
            shop_id: Their shop; None for records that name none, which may be of any.
            since: The moment, aware.
        """
        if self.spans is None:
            return None
        if shop_id is None:
            ends = [_until(spans, since) for (of, _), spans in self.spans.items() if of is kind]
            return None if None in ends else min((end for end in ends if end), default=None)
        return _until(self.spans.get((kind, shop_id), ()), since)

    def covers(self, kind: RecordKind, shop_id: int | None, since: datetime, until: datetime) -> bool:
        """Tell whether all from one moment to another was read."""
        if self.spans is None:
            return True
        end = self.until(kind, shop_id, since)
        return end is not None and end >= until

    def includes(self, kind: RecordKind, shop_id: int | None, day: date) -> bool:
        """Tell whether a business day was read whole, after it was over."""
        window = Window(day, day)
        return self.covers(kind, shop_id, window.begins_at, window.ends_at)

    def not_read(self, kind: RecordKind, shop_id: int, window: Window, now: datetime) -> Iterator[Window]:
        """Give the days of a window that were not read, in order.

        The present day counts as read when it was read since it began; days yet to come do not.

        Args:
            kind: The kind of records.
            shop_id: Their shop.
            window: The days that are asked for.
            now: The present moment, aware.
        """
        if self.spans is None:
            return
        today = business_day(now)
        days = (window.start + number * _ONE_DAY for number in range(window.days))
        for is_read, group in groupby(days, lambda day: self._is_read(kind, shop_id, day, today)):
            if not is_read:
                found = list(group)
                yield Window(found[0], found[-1])

    def _is_read(self, kind: RecordKind, shop_id: int, day: date, today: date) -> bool:
        if day == today:
            return self.until(kind, shop_id, Window(day, day).begins_at) is not None
        return day < today and self.includes(kind, shop_id, day)


def _until(spans: Sequence[ReadSpan], moment: datetime) -> datetime | None:
    place = bisect_right(spans, moment, key=lambda span: span.since)
    if not place or spans[place - 1].until <= moment:
        return None
    return spans[place - 1].until
