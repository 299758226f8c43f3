"""Which business days were read whole, and which a run still has to read: pure rules, and who keeps the notes.

A day is final when it is read `lookback_days` days after its end or later: by then late and offline receipts have come,
and receipts no longer change. Later runs skip final days alone (`SyncedRange`).

One answer may be wrong, and one clock may be ahead. So a day that one run has read is skipped only where it is final by
the clock of the later run too, and a later run checks it once more.

What a store lacks may be absent at the service, or never have been read. So reports ask which days were read whole at
all (`DaysRead`), final or not; a day that was not over when it was read was read until that moment.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import groupby, islice
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

from smartkasa_async._support.clock import SKEW_STOPS
from smartkasa_async.records.days import Window, business_day

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from smartkasa_async.records.batch import KeptRecords, RecordKind

_ONE_DAY = timedelta(days=1)
_CLOCKS_MAY_DIFFER = timedelta(seconds=SKEW_STOPS)


@dataclass(frozen=True, slots=True)
class SyncedRange:
    """Business days of a shop that were read whole when they were final.

    Attributes:
        window: The days.
        read_at: When any of them was last read, aware, by the clock of the run that read it.
        is_confirmed: Whether a later run has checked them, and found them unchanged.
    """

    window: Window
    read_at: datetime
    is_confirmed: bool = False


def add_range(ranges: Iterable[SyncedRange], new: SyncedRange) -> list[SyncedRange]:
    """Add a range to others, in order: it replaces theirs for its days, and is joined with adjacent equal ones."""
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
    joined = SyncedRange(Window(start, end), read_at, new.is_confirmed)
    return sorted([joined, *(one for one in others if one not in like)], key=lambda one: one.window.start)


def trimmed(ranges: Iterable[SyncedRange], last: date) -> list[SyncedRange]:
    """Leave out the days after the last one that can be final; a run whose clock was ahead may have added such."""
    return [
        replace(one, window=Window(one.window.start, min(one.window.end, last)))
        for one in ranges
        if one.window.start <= last
    ]


def recheck_windows(
    ranges: Sequence[SyncedRange], asked: Window, *, now: datetime, days: int, limit: int
) -> Iterator[Window]:
    """Choose which windows to check once more, the newest first.

    Args:
        ranges: What earlier runs have read, in order.
        asked: The days that are asked for.
        now: The present moment, aware.
        days: Maximum number of days in a window.
        limit: Maximum number of windows. Ranges that were read at a moment yet to come, by a clock that was ahead, are
            checked whole and beyond that number: they cannot be relied on before.
    """
    parts = [(one, part) for one in reversed(ranges) if (part := _within(one.window, asked))]
    doubtful = [part for one, part in parts if one.read_at > now + _CLOCKS_MAY_DIFFER]
    unconfirmed = [part for one, part in parts if not one.is_confirmed and part not in doubtful]
    yield from _newest_first(doubtful, days)
    yield from islice(_newest_first(unconfirmed, days), limit)


def _newest_first(windows: Sequence[Window], days: int) -> Iterator[Window]:
    for window in windows:
        yield from reversed(list(window.split(days)))


def _within(window: Window, asked: Window) -> Window | None:
    start, end = max(window.start, asked.start), min(window.end, asked.end)
    return Window(start, end) if start <= end else None


def _without(one: SyncedRange, window: Window) -> Iterator[SyncedRange]:
    return (replace(one, window=part) for part in missing_ranges(one.window, (window,)))


def missing_ranges(asked: Window, known: Sequence[Window]) -> Iterator[Window]:
    """Yield the parts of a window that are not known, in order.

    Args:
        asked: The days that are asked for.
        known: Spans that need not be read, in order, none overlapping another.
    """
    start = asked.start
    for span in known:
        if span.start > start:
            last = min(span.start - _ONE_DAY, asked.end)
            if start <= last:
                yield Window(start, last)
        start = max(start, span.end + _ONE_DAY)
    if start <= asked.end:
        yield Window(start, asked.end)


def final_part(window: Window, *, today: date, lookback_days: int) -> Window | None:
    """Return the days of a window that are final when they are read today; None where there are none.

    Args:
        window: The days that are read.
        today: The business day on which reading begins.
        lookback_days: Days that have to pass after a day's end; with 0, every day before today is final.
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
    joined = _joined(over)
    joined += [
        ReadDays(Window(day, day), read_at)
        for day, read_at in begun.items()
        if not any(window.start <= day <= window.end for window, _ in joined)
    ]
    return sorted(joined, key=lambda one: one.window.start)


def _joined(over: list[ReadDays]) -> list[ReadDays]:
    joined: list[ReadDays] = []
    for window, read_at in sorted(over, key=lambda one: one.window.start):
        if joined and window.start <= joined[-1].window.end + _ONE_DAY:
            before = joined[-1]
            end = max(before.window.end, window.end)
            joined[-1] = ReadDays(Window(before.window.start, end), max(before.read_at, read_at))
        else:
            joined.append(ReadDays(window, read_at))
    return joined


def spans_of(known: Iterable[ReadDays]) -> list[ReadSpan]:
    """Return the spans of time that days which were read make up, in order."""
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
        """Return until when everything was read from a moment on; None where nothing was, or no end is known.

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

    def has_read(self, kind: RecordKind, shop_id: int | None, since: datetime, until: datetime) -> bool:
        """Return whether everything from one moment to another was read."""
        if self.spans is None:
            return True
        end = self.until(kind, shop_id, since)
        return end is not None and end >= until

    def has_read_day(self, kind: RecordKind, shop_id: int | None, day: date) -> bool:
        """Return whether a business day was read whole, after it was over."""
        window = Window(day, day)
        return self.has_read(kind, shop_id, window.begins_at, window.ends_at)

    def not_read(self, kind: RecordKind, shop_id: int | None, window: Window, now: datetime) -> Iterator[Window]:
        """Yield the days of a window that were not read, in order.

        The present day counts as read when it was read since it began; days yet to come do not.

        Args:
            kind: The kind of records.
            shop_id: Their shop; None for records that name none, which may be of any.
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

    def _is_read(self, kind: RecordKind, shop_id: int | None, day: date, today: date) -> bool:
        if day == today:
            return self.until(kind, shop_id, Window(day, day).begins_at) is not None
        return day < today and self.has_read_day(kind, shop_id, day)


def _until(spans: Sequence[ReadSpan], moment: datetime) -> datetime | None:
    begun = bisect_right(spans, moment, key=lambda span: span.since)
    if not begun or spans[begun - 1].until <= moment:
        return None
    return spans[begun - 1].until


@runtime_checkable
class SyncState(Protocol):
    """Notes what was read whole, and marks what is no longer listed; used where a sink has these methods."""

    async def synced_ranges(self, kind: RecordKind, shop_id: int) -> Sequence[SyncedRange]:
        """Return the ranges of days that earlier runs have read, in order, none overlapping another."""

    async def mark_synced(self, kind: RecordKind, shop_id: int, synced: SyncedRange) -> None:
        """Note that final days were read whole, replacing what is noted of them."""

    async def trim(self, kind: RecordKind, shop_id: int, last: date) -> None:
        """Forget that days after the last one that can be final were read."""

    async def note_read(
        self, kind: RecordKind, read_at: datetime, *, shop_id: int | None = None, window: Window | None = None
    ) -> None:
        """Note what was read whole, final or not, so that reports know missing records from unread days.

        Args:
            kind: What was read.
            read_at: When reading began, aware; a day that was not over by then was read until then.
            shop_id: The shop whose records were read; None for a list of the whole account.
            window: The business days that were read; None for a list of the whole account.
        """

    async def kept(self, kind: RecordKind, shop_id: int, window: Window) -> KeptRecords:
        """Return which receipts or Z-reports of a shop and a span of days are kept."""

    async def shop_titles(self) -> Mapping[int, str]:
        """Return the title of each shop that is kept by its id."""

    async def mark_deleted(
        self,
        kind: RecordKind,
        present: Collection[str | int],
        *,
        shop_id: int | None = None,
        window: Window | None = None,
    ) -> int:
        """Mark the kept records that the service no longer lists.

        Args:
            kind: What was listed.
            present: Ids of all that was listed.
            shop_id: The shop whose records were listed; None for those of the whole account.
            window: The business days that were listed; None for all.

        Returns:
            How many were marked that were not before.
        """
