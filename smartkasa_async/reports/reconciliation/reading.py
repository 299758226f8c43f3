"""Whether all of a shift was read: a pure rule. What was not read is not missing."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from smartkasa_async.records.batch import RecordKind
from smartkasa_async.records.days import Window, business_day

if TYPE_CHECKING:
    from datetime import datetime

    from smartkasa_async.records.synced_days import DaysRead
    from smartkasa_async.reports.reconciliation.ledger import ShiftHead

_LONGEST_SHIFT = timedelta(hours=24)


class ShiftReading(NamedTuple):
    """What was read of a shift.

    Attributes:
        receipts: Whether its receipts were read whole.
        z_reports: Whether its Z-reports were read whole, so that it has none where the store has none.
        wanted: Kinds and business days that are needed to compare it.
    """

    receipts: bool
    z_reports: bool
    wanted: tuple[tuple[RecordKind, Window], ...]

    @property
    def is_whole(self) -> bool:
        """Whether it can be compared."""
        return self.receipts and self.z_reports


def reading_of(head: ShiftHead, read: DaysRead, now: datetime) -> ShiftReading:
    """Tell what was read of a shift.

    Without a Z-report in the store it may have been closed until 24 hours after its beginning, on the next day, unless
    its closing is known. A Z-report whose shift the store does not know may have begun as long before.

    Args:
        head: The shift.
        read: What was read.
        now: The present moment, aware.
    """
    since, until = _receipts_of(head)
    receipts = read.has_read(RecordKind.RECEIPTS, head.shop_id, since, until)
    wanted = [(RecordKind.RECEIPTS, _days(since, until))]
    if head.z_reports:
        days = {report.day for report in head.z_reports}
        z_reports = all(_was_begun(read, head.shop_id, Window(day, day)) for day in days)
        wanted.append((RecordKind.Z_REPORTS, Window(min(days), max(days))))
    else:
        closed_by = head.closed_at or min(max(head.begins_at + _LONGEST_SHIFT, head.ends_at), now)
        z_reports = head.is_open or read.has_read(RecordKind.Z_REPORTS, head.shop_id, head.ends_at, closed_by)
        wanted.append((RecordKind.Z_REPORTS, _days(head.ends_at, closed_by)))
    return ShiftReading(receipts, z_reports, tuple(wanted))


def _receipts_of(head: ShiftHead) -> tuple[datetime, datetime]:
    if head.begins_at == head.ends_at and head.z_reports:
        return head.begins_at - _LONGEST_SHIFT, head.ends_at
    return head.begins_at, head.ends_at


def _was_begun(read: DaysRead, shop_id: int | None, day: Window) -> bool:
    """Tell whether a day was read at least until some moment of it."""
    return read.spans is None or read.until(RecordKind.Z_REPORTS, shop_id, day.begins_at) is not None


def _days(since: datetime, until: datetime) -> Window:
    first = business_day(since)
    return Window(first, max(first, business_day(until)))
