"""A receipt or Z-report in quarantine is there and could not be read: it is not missing."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, insert, select

from smartkasa_async.records.batch import Batch, RecordKind, Undecodable, quarantine_key
from smartkasa_async.reports import DifferenceKind, FindingKind, Urgency, check_compliance
from smartkasa_async.reports.quarantine import listed_keys, unreadable_of
from smartkasa_async.stores.schema import PAYMENTS, QUARANTINE, RECEIPT_ITEMS, RECEIPTS, SHIFTS, Z_REPORTS
from tests.support.edited_ledger import MARCH, EditedLedger, is_sale
from tests.support.stored import RECEIPT, batch

if TYPE_CHECKING:
    from sqlalchemy import Row

    from smartkasa_async.reports import ComplianceReport, Difference
    from smartkasa_async.stores import Store

NOW = datetime(2026, 4, 10, tzinfo=UTC)
FIELDS = ("shop_id", "shift_id", "registrar_fiscal_number", "registrar_local_number", "created_at", "type")


async def quarantine(ledger: EditedLedger, table: Any, row: Row[Any], *, without: tuple[str, ...] = ()) -> None:
    """Let the store have a record in quarantine alone, some of its fields unreadable too."""
    record: dict[str, Any] = {name: getattr(row, name, None) for name in FIELDS}
    record["created_at"] = row.created_at.isoformat()
    record |= {"id": row.id, "updated_at": None} | {name: [] for name in without}
    error = "Expected `str`, got `null` - at `$.updated_at`"
    values = {"key": str(row.id), "shop_id": row.shop_id, "error": error, "raw": json.dumps(record), "seen_at": NOW}
    kind = RecordKind(table.name)
    if table is RECEIPTS:
        await ledger.remove(row.id)
    else:
        await ledger.run(delete(table).where(table.c.id == row.id))
    await ledger.run(insert(QUARANTINE).values(values | {"kind": kind}))


def says_quarantine(one: Difference) -> None:
    assert "quarantine" in one.explain("en")
    assert "карантин" in one.explain("uk")
    assert "missing" not in str(one)
    assert "бракує" not in one.explain("uk")


async def looked(ledger: EditedLedger) -> ComplianceReport:
    return await check_compliance(ledger.store, start=MARCH[0], end=MARCH[1], now=NOW)


@pytest.mark.parametrize(
    "without",
    [
        (),
        ("registrar_local_number",),
        ("shift_id",),
        ("registrar_fiscal_number", "shift_id"),
        ("shift_id", "registrar_local_number", "registrar_fiscal_number", "created_at"),
    ],
    ids=lambda names: " ".join(names) or "none",
)
async def test_a_receipt_in_quarantine_is_told_as_that(ledger: EditedLedger, without: tuple[str, ...]) -> None:
    receipt = await ledger.middle(*is_sale())
    await quarantine(ledger, RECEIPTS, receipt, without=without)

    one = await ledger.only()

    says_quarantine(one)
    assert (one.kind, one.shop_id, one.receipt_ids) == (
        DifferenceKind.RECEIPT_UNREADABLE,
        receipt.shop_id,
        (receipt.id,),
    )
    assert one.amount == -receipt.total_amount
    target = io.StringIO()
    (await ledger.reconciled()).write_csv(target)
    assert {row[1] for row in list(csv.reader(io.StringIO(target.getvalue()), delimiter=";"))[1:]} == {
        "receipt_unreadable"
    }


async def test_without_any_local_numbers_the_count_tells(ledger: EditedLedger) -> None:
    receipt = await ledger.middle(*is_sale())
    await quarantine(ledger, RECEIPTS, receipt, without=("registrar_local_number",))
    await ledger.run(RECEIPTS.update().values(registrar_local_number=None))
    one = await ledger.only()
    says_quarantine(one)
    assert (one.kind, one.receipt_ids) == (DifferenceKind.RECEIPT_UNREADABLE, (receipt.id,))


@pytest.mark.parametrize("type_", [1, 2, 3, 5])
async def test_operations_of_other_types_in_quarantine(ledger: EditedLedger, type_: int) -> None:
    await quarantine(ledger, RECEIPTS, await ledger.middle(RECEIPTS.c.type == type_))
    for one in (await ledger.reconciled()).differences:
        says_quarantine(one)


async def test_a_cancellation_in_quarantine_is_a_notice(ledger: EditedLedger) -> None:
    receipt = await ledger.middle(RECEIPTS.c.type == 4)
    await quarantine(ledger, RECEIPTS, receipt)

    result = await ledger.reconciled()

    assert result.ok
    (notice,) = result.notices
    says_quarantine(notice)
    assert notice.receipt_ids == (receipt.id,)


async def test_all_receipts_of_a_shift_in_quarantine(ledger: EditedLedger) -> None:
    report = await ledger.z_report()
    receipts = await ledger.all(select(RECEIPTS).where(RECEIPTS.c.shift_id == report.shift_id))
    for receipt in receipts:
        await quarantine(ledger, RECEIPTS, receipt)
    (one,) = (await ledger.reconciled()).differences
    says_quarantine(one)
    assert set(one.receipt_ids) == {receipt.id for receipt in receipts}


async def test_of_two_receipts_one_is_missing_and_one_in_quarantine(ledger: EditedLedger) -> None:
    report = await ledger.z_report()
    of_shift = is_sale(RECEIPTS.c.shift_id == report.shift_id)
    first, second = (await ledger.all(select(RECEIPTS).where(*of_shift).order_by(RECEIPTS.c.created_at)))[1:3]
    await quarantine(ledger, RECEIPTS, first)
    await ledger.remove(second.id)

    one = await ledger.only()

    assert one.kind is DifferenceKind.RECEIPT_MISSING
    assert "quarantine" in one.explain("en")
    assert one.receipt_ids == (first.id,)


async def test_a_z_report_is_not_blamed_for_what_is_in_quarantine(ledger: EditedLedger) -> None:
    report = await ledger.z_report()
    receipt = (await ledger.all(select(RECEIPTS).where(*is_sale(RECEIPTS.c.shift_id == report.shift_id))))[1]
    await quarantine(ledger, RECEIPTS, receipt)
    wrong = {"sale_total": report.sale_total - 1, "sale_tax_a_total": report.sale_total}
    await ledger.run(Z_REPORTS.update().where(Z_REPORTS.c.id == report.id).values(wrong))
    found = (await ledger.reconciled()).differences
    assert found
    assert not any("every receipt" in one.explanation for one in found)


@pytest.mark.parametrize("without", [(), ("shift_id",), ("shift_id", "created_at", "registrar_fiscal_number")])
async def test_a_z_report_in_quarantine_is_told_as_that(ledger: EditedLedger, without: tuple[str, ...]) -> None:
    report = await ledger.z_report()
    await quarantine(ledger, Z_REPORTS, report, without=without)

    one = await ledger.only()

    says_quarantine(one)
    assert (one.kind, one.shop_id, one.shift_id) == (
        DifferenceKind.Z_REPORT_UNREADABLE,
        report.shop_id,
        report.shift_id,
    )
    assert str(report.id) in one.explanation
    (finding,) = (await looked(ledger)).findings
    assert (finding.kind, finding.urgency, finding.detail) == (
        FindingKind.RECORD_UNREADABLE,
        Urgency.SOON,
        str(report.id),
    )


async def test_a_shift_of_which_all_is_in_quarantine_is_no_agreement(ledger: EditedLedger) -> None:
    report = await ledger.z_report()
    for receipt in await ledger.all(select(RECEIPTS).where(RECEIPTS.c.shift_id == report.shift_id)):
        await quarantine(ledger, RECEIPTS, receipt)
    await quarantine(ledger, Z_REPORTS, report)
    await ledger.run(delete(SHIFTS).where(SHIFTS.c.id == report.shift_id))
    result = await ledger.reconciled()
    assert not result.ok
    for one in result.differences:
        says_quarantine(one)


async def test_numbers_in_quarantine_are_no_gap(ledger: EditedLedger) -> None:
    receipt = await ledger.middle(*is_sale())
    await quarantine(ledger, RECEIPTS, receipt)

    (finding,) = (await looked(ledger)).findings

    assert (finding.kind, finding.receipts, finding.shift_id) == (
        FindingKind.RECORD_UNREADABLE,
        (receipt.id,),
        receipt.shift_id,
    )
    assert "карантин" in finding.describe("uk")


async def test_what_can_be_read_later_leaves_the_quarantine(store: Store) -> None:
    odd = Undecodable(RECEIPT["id"], b"{}", "Object missing required field `id`", RECEIPT["shop_id"])
    await store.write(Batch(RecordKind.RECEIPTS, (), (), (odd,)))
    assert [one.key for _, one in await store.quarantined()] == [RECEIPT["id"]]
    await store.write(batch(RecordKind.RECEIPTS, RECEIPT))
    assert await store.quarantined() == []


async def test_a_receipt_that_was_read_before_is_not_told_to_be_unreadable(ledger: EditedLedger) -> None:
    receipt = await ledger.middle(*is_sale())
    parts = [(RECEIPTS, RECEIPTS.c.id), (RECEIPT_ITEMS, RECEIPT_ITEMS.c.receipt_id), (PAYMENTS, PAYMENTS.c.receipt_id)]
    kept = [(table, await ledger.all(select(table).where(column == receipt.id))) for table, column in parts]
    await quarantine(ledger, RECEIPTS, receipt)
    for table, rows in kept:
        await ledger.run(*(insert(table).values(dict(row._mapping)) for row in rows))
    result = await ledger.reconciled()
    assert (result.differences, result.notices) == ((), ())


def test_ids_in_quarantine_are_bounded() -> None:
    assert quarantine_key("r-1") == "r-1"
    assert len(quarantine_key("x" * 10_000)) == 64
    assert quarantine_key("x" * 10_000) != quarantine_key("x" * 10_001)
    many = [unreadable_of(RecordKind.RECEIPTS, f"{number}" * 500, None, "", "{}") for number in range(40)]
    assert len(listed_keys(many)) < 1_200


@pytest.mark.parametrize("raw", ["", "[]", "null", "7", '{"created_at": "2026-13-45"}', '{"created_at": "2026-03-01"}'])
def test_nothing_is_read_of_what_is_no_record(raw: str) -> None:
    one = unreadable_of(RecordKind.RECEIPTS, "key", 13, "error", raw)
    assert (one.registrar, one.shift_id, one.local_number, one.made_at, one.day) == (None, None, None, None, None)
