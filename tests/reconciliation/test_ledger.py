"""Which shift a Z-report or a receipt belongs to that names none."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from smartkasa_async.reports.reconciliation.ledger import ShiftHead, ZReportRecord, assign_records

REGISTRAR = "4000000001"


def at(hour: int) -> datetime:
    return datetime(2026, 10, 5, hour, tzinfo=UTC)


def head(shift_id: str | None, begins: int, ends: int, *, is_open: bool = False, reported: bool = False) -> ShiftHead:
    found = ShiftHead(
        shop_id=13,
        registrar=REGISTRAR,
        shift_id=shift_id,
        begins_at=at(begins),
        ends_at=at(ends),
        is_open=is_open,
    )
    if reported:
        found.z_reports.append(z_report(ends))
    return found


def z_report(hour: int) -> ZReportRecord:
    return ZReportRecord(
        id=hour,
        shop_id=13,
        registrar=REGISTRAR,
        shift_id=None,
        fiscal_number=str(hour),
        closed_at=at(hour),
        day=date(2026, 10, 5),
        figures={"sale_total": Decimal(hour)},
    )


def placed(
    heads: list[ShiftHead], z_reports: tuple[int, ...] = (), receipts: dict[str, int] | None = None
) -> list[tuple[str | None, list[int], set[str]]]:
    found = assign_records(
        heads,
        map(z_report, z_reports),
        [(id_, at(hour)) for id_, hour in (receipts or {}).items()],
        shop_id=13,
        registrar=REGISTRAR,
    )
    return [(one.shift_id, [report.id for report in one.z_reports], one.unassigned_receipts) for one in found]


def test_a_z_report_closes_the_shift_before_it() -> None:
    assert placed([head("s2", 14, 19), head("s1", 8, 13)], (20, 13)) == [("s1", [13], set()), ("s2", [20], set())]


def test_a_z_report_after_a_closed_shift_stands_alone() -> None:
    assert placed([head("s1", 8, 13, reported=True)], (20,)) == [("s1", [13], set()), (None, [20], set())]


def test_a_receipt_belongs_to_the_shift_that_is_going_on() -> None:
    heads = [head("s1", 8, 13, reported=True), head("s2", 14, 19, reported=True)]
    assert placed(heads, receipts={"r1": 9, "r2": 15}) == [("s1", [13], {"r1"}), ("s2", [19], {"r2"})]


def test_a_receipt_between_shifts_belongs_to_the_next_z_report() -> None:
    heads = [head("s1", 8, 11, reported=True), head("s2", 14, 19, reported=True)]
    assert placed(heads, receipts={"r1": 12}) == [("s1", [11], set()), ("s2", [19], {"r1"})]


def test_receipts_without_any_shift_belong_to_the_z_report_after_them() -> None:
    assert placed([], (13, 20), {"r1": 9, "r2": 12, "r3": 15}) == [
        (None, [13], {"r1", "r2"}),
        (None, [20], {"r3"}),
    ]


def test_a_receipt_after_the_last_z_report_stays_alone_unless_a_shift_is_open() -> None:
    closed = [head("s1", 8, 13, reported=True)]
    assert placed(closed, receipts={"r1": 15}) == [("s1", [13], set()), (None, [], {"r1"})]
    assert placed([head("s2", 8, 13, is_open=True)], receipts={"r1": 15}) == [("s2", [], {"r1"})]
