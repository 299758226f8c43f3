"""Local numbers of a registrar: which are missing, and which were given twice.

The runs come in the order of time and the numbers of a series may not, since a late receipt can have an earlier
number: a gap counts only if nothing of its series ever fills it. A registrar that begins anew begins another series.

Some registrars number the opening and the closing of a shift and the Z-report along with the receipts. Where no numbers
run on from one shift into the next, gaps as wide as most between shifts are those documents, and are not reported.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from smartkasa_async.records.batch import RecordKind
from smartkasa_async.records.days import business_day
from smartkasa_async.reports.compliance.facts import MOST_IDS, MOST_NUMBERS, NumberingIssue, NumberRun

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date, datetime

    from smartkasa_async.records.synced_days import DaysRead
    from smartkasa_async.reports.quarantine import Unreadable

_FIRST = 1
_MOST_DOCUMENTS = 3
"""Maximum number of documents between the receipts of two shifts: a Z-report, a closing and an opening."""

_LEAST_SHIFTS = 3
"""Fewest gaps of one width between shifts that show how a registrar numbers."""


class _Gap(NamedTuple):
    """Numbers that no receipt has, the receipt before them, and the run after them."""

    first: int
    last: int
    before_id: str
    before_at: datetime
    before_shift: str | None
    after: NumberRun

    @property
    def width(self) -> int:
        return self.last - self.first + 1

    @property
    def is_between_shifts(self) -> bool:
        return None not in {self.before_shift, self.after.shift_id} and self.before_shift != self.after.shift_id


@dataclass(slots=True)
class _NumberingGroup:
    """Numbers of one shift or day, while they are gathered."""

    run: NumberRun
    first_at: datetime
    last_at: datetime
    count: int = 0
    receipts: int = 0
    ranges: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    has_more: bool = False

    def add(self, first: int, last: int, since: datetime, until: datetime, receipts: int, *ids: str) -> None:
        """Add a range of numbers, and the receipts that have them or stand beside them."""
        self.first_at, self.last_at = min(self.first_at, since), max(self.last_at, until)
        self.count += last - first + 1
        self.receipts += receipts
        if len(self.ranges) < MOST_NUMBERS:
            self.ranges.append(str(first) if first == last else f"{first}–{last}")
        else:
            self.has_more = True
        self.ids.extend(ids[: MOST_IDS - len(self.ids)])

    def done(self) -> NumberingIssue:
        return NumberingIssue(
            shop_id=self.run.shop_id,
            registrar=self.run.registrar,
            shift_id=self.run.shift_id,
            first_at=self.first_at,
            last_at=self.last_at,
            numbers=tuple(self.ranges),
            count=self.count,
            receipts=self.receipts,
            ids=tuple(self.ids),
            has_more=self.has_more,
        )


_Groups = dict[tuple[str, str | None, "date"], _NumberingGroup]


class LocalNumbers:
    """Looks through the runs of local numbers, registrar after registrar, each in the order of time.

    Args:
        read: A gap over days that were not read is none.
        unreadable: Receipts in quarantine, whose numbers are not missing.
    """

    def __init__(self, read: DaysRead, unreadable: Iterable[Unreadable] = ()) -> None:
        self._read = read
        self._unreadable = [one for one in unreadable if one.local_number is not None]
        self._missing: _Groups = {}
        self._repeated: _Groups = {}
        self._series: _Series | None = None

    def add(self, run: NumberRun) -> None:
        """Take the next run."""
        if self._series is None or self._series.is_other(run):
            self._close()
            self._series = _Series(run)
            return
        series = self._series
        ids = (series.top_id, run.first_id) if run.first == series.highest else (run.first_id,)
        for first, last in series.add(run):
            _group(self._repeated, run).add(first, last, run.first_at, run.first_at, last - first + 1, *ids)

    def finish(self) -> tuple[list[NumberingIssue], list[NumberingIssue]]:
        """Return what is missing and what is repeated, after the last run."""
        self._close()
        return _done(self._missing), _done(self._repeated)

    def _close(self) -> None:
        documents = self._series.documents if self._series else 0
        for gap in self._series.gaps if self._series else ():
            if self._was_read(gap) and not (gap.is_between_shifts and gap.width == documents):
                after = gap.after
                since, until = sorted((gap.before_at, after.first_at))
                ids = (gap.before_id, after.first_id)
                for first, last in self._left(gap):
                    _group(self._missing, after).add(first, last, since, until, len(ids), *ids)
        self._series = None

    def _left(self, gap: _Gap) -> Iterator[tuple[int, int]]:
        """Yield the ranges of a gap that are no numbers of receipts in quarantine."""
        first = gap.first
        registrars = {None, gap.after.registrar}
        known = {one.local_number or 0 for one in self._unreadable if one.registrar in registrars}
        for number in sorted(number for number in known if gap.first <= number <= gap.last):
            if first < number:
                yield first, number - 1
            first = number + 1
        if first <= gap.last:
            yield first, gap.last

    def _was_read(self, gap: _Gap) -> bool:
        """Return whether all was read from the receipt on one side to that on the other."""
        since, until = sorted((gap.before_at, gap.after.first_at))
        return self._read.has_read(RecordKind.RECEIPTS, gap.after.shop_id, since, until)


class _Series:
    """Numbers of one registrar from one beginning; `gaps` are in order."""

    def __init__(self, run: NumberRun) -> None:
        self.registrar = run.registrar
        self.lowest, self.highest = run.first, run.last
        self.top_id, self.top_at, self.top_shift = run.last_id, run.last_at, run.last_shift_id
        self.gaps: list[_Gap] = []
        self._runs_on = run.last_shift_id not in {None, run.shift_id}

    @property
    def documents(self) -> int:
        """How many numbers between two shifts are those of documents that are no receipts."""
        widths = Counter(gap.width for gap in self.gaps if gap.is_between_shifts)
        width, count = widths.most_common(1)[0] if widths else (0, 0)
        is_usual = count >= _LEAST_SHIFTS and count * 2 > widths.total() and width <= _MOST_DOCUMENTS
        return width if is_usual and not self._runs_on else 0

    def is_other(self, run: NumberRun) -> bool:
        """Return whether a run belongs to another registrar, or to a numbering that began anew."""
        if run.registrar != self.registrar:
            return True
        began_anew = run.first == self.lowest == _FIRST and self.highest > _FIRST
        return began_anew or (run.first < self.lowest and run.last + 1 != self.lowest)

    def add(self, run: NumberRun) -> list[tuple[int, int]]:
        """Take a run in, and give the ranges of it that were there before."""
        self._runs_on = self._runs_on or run.last_shift_id not in {None, run.shift_id}
        if run.last + 1 == self.lowest:
            self.lowest = run.first
            return []
        if run.first > self.highest + 1:
            self.gaps.append(_Gap(self.highest + 1, run.first - 1, self.top_id, self.top_at, self.top_shift, run))
        repeated = list(self._fill(run))
        if run.last > self.highest:
            self.highest = run.last
            self.top_id, self.top_at, self.top_shift = run.last_id, run.last_at, run.last_shift_id
        return repeated

    def _fill(self, run: NumberRun) -> Iterator[tuple[int, int]]:
        """Take the run out of the gaps; yield what of it lies in none and not above all numbers either."""
        number, end = run.first, min(run.last, self.highest)
        index = max(0, bisect_right(self.gaps, number, key=lambda gap: gap.first) - 1)
        while number <= end:
            gap = self.gaps[index] if index < len(self.gaps) else None
            if gap is None or end < gap.first:
                yield number, end
                return
            if gap.last < number:
                index += 1
                continue
            if number < gap.first:
                yield number, gap.first - 1
                number = gap.first
            filled = min(gap.last, end)
            rest = []
            if gap.first < number:
                rest.append(gap._replace(last=number - 1, after=run))
            if filled < gap.last:
                rest.append(
                    gap._replace(
                        first=filled + 1, before_id=run.last_id, before_at=run.last_at, before_shift=run.last_shift_id
                    )
                )
            self.gaps[index : index + 1] = rest
            index += len(rest)
            number = filled + 1


def _group(groups: _Groups, run: NumberRun) -> _NumberingGroup:
    key = (run.registrar, run.shift_id, business_day(run.first_at))
    return groups.setdefault(key, _NumberingGroup(run, run.first_at, run.first_at))


def _done(groups: _Groups) -> list[NumberingIssue]:
    return [group.done() for group in groups.values()]
