"""Which shift a Z-report or a receipt belongs to that names none: by its registrar and its place among the shifts."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from smartkasa_async.reports.reconciliation.ledger import ShiftHead

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from smartkasa_async.reports.reconciliation.ledger import ZReportRecord


def place(
    heads: Iterable[ShiftHead],
    z_reports: Iterable[ZReportRecord],
    receipts: Iterable[tuple[str, datetime]],
    *,
    shop_id: int | None,
    registrar: str | None,
) -> list[ShiftHead]:
    """Give the shifts of one registrar what names no shift.

    A Z-report closes the latest shift before it that has none; otherwise it stands for a shift of its own, of all that
    came since the Z-report before. A receipt belongs to the shift that was going on, else to the first that ends after
    it, since the next Z-report of its registrar counts it.

    Args:
        heads: The registrar's shifts; they are changed.
        z_reports: Its Z-reports that name no shift.
        receipts: Ids and times of its receipts that name no shift.
        shop_id: The registrar's shop.
        registrar: Its fiscal number; None for what names none.

    Returns:
        The shifts in the order of time, those without an id included.
    """

    def add(begins_at: datetime, ends_at: datetime) -> ShiftHead:
        head = ShiftHead(shop_id=shop_id, registrar=registrar, shift_id=None, begins_at=begins_at, ends_at=ends_at)
        ordered.append(head)
        ordered.sort(key=_beginning)
        return head

    ordered = sorted(heads, key=_beginning)
    for report in sorted(z_reports, key=lambda report: (report.closed_at, report.id)):
        head = _closed_by(ordered, report.closed_at) or add(report.closed_at, report.closed_at)
        head.z_reports.append(report)
    for id_, made_at in sorted(receipts, key=lambda receipt: (receipt[1], receipt[0])):
        head = _going_on(ordered, made_at) or add(made_at, made_at)
        head.unassigned_receipts.add(id_)
        if head.shift_id is None:
            head.begins_at, head.ends_at = min(head.begins_at, made_at), max(head.ends_at, made_at)
    return sorted(ordered, key=_beginning)


def _beginning(head: ShiftHead) -> tuple[datetime, datetime, str]:
    return head.begins_at, head.ends_at, head.shift_id or ""


def _closed_by(heads: Sequence[ShiftHead], closed_at: datetime) -> ShiftHead | None:
    """Find the shift before a Z-report, if that has none of its own."""
    index = bisect_right(heads, closed_at, key=lambda head: head.begins_at)
    return heads[index - 1] if index and not heads[index - 1].z_reports else None


def _going_on(heads: Sequence[ShiftHead], made_at: datetime) -> ShiftHead | None:
    """Find the shift of a receipt: the latest that began before it and did not end, else the next, else an open one."""
    index = bisect_right(heads, made_at, key=lambda head: head.begins_at)
    if index and (heads[index - 1].ends_at >= made_at or heads[index - 1].is_open):
        return heads[index - 1]
    if index < len(heads):
        return heads[index]
    return heads[-1] if heads and not heads[-1].z_reports else None
