"""Which business days were read whole, of which kind of record and which shop: pure rules.

What is not in a store may never have been read, or may not be there. Only of days that were read whole a report can say
that something is missing. A day that was not over when it was read was read until that moment.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from smartkasa_async.records.days import Window, business_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from smartkasa_async.records.batch import RecordKind

_ONE_DAY = timedelta(days=1)


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
