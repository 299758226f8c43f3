"""Issues of Z-reports, shifts and product sales in a month that agrees: each is found, and nothing else."""

from __future__ import annotations

import re
from datetime import date

import pytest
from sqlalchemy import delete, insert, select, update

from smartkasa_async.reports import DifferenceKind
from smartkasa_async.stores.schema import (
    PRODUCT_SALES,
    RECEIPTS,
    SHIFTS,
    SYNCED_DAYS,
    Z_REPORTS,
)
from tests.support.edited_ledger import KOPECK, EditedLedger, cover_both, is_sale, names


async def test_a_shift_of_two_days_is_a_notice(ledger: EditedLedger) -> None:
    first, second = (await ledger.all(select(Z_REPORTS).where(Z_REPORTS.c.shop_id == 37901)))[5:7]
    await ledger.run(
        *cover_both(first, second),
        update(RECEIPTS).where(RECEIPTS.c.shift_id == first.shift_id).values(shift_id=second.shift_id),
    )

    result = await ledger.reconciled()

    assert result.ok
    (notice,) = result.notices
    assert (notice.cause, notice.days) == ("several_days", (first.business_date, second.business_date))


async def test_a_receipt_without_a_shift_is_placed_by_its_registrar(ledger: EditedLedger) -> None:
    receipt = await ledger.middle(*is_sale())
    await ledger.run(update(RECEIPTS).where(RECEIPTS.c.id == receipt.id).values(shift_id=None))

    result = await ledger.reconciled()

    assert result.ok
    (notice,) = result.notices
    assert (notice.kind, notice.receipt_ids) == (DifferenceKind.RECEIPT_WITHOUT_SHIFT, (receipt.id,))
    assert notice.shift_id == receipt.shift_id


async def test_a_z_report_and_receipts_without_a_shift_meet_by_their_registrar(ledger: EditedLedger) -> None:
    report = await ledger.z_report()
    await ledger.run(
        *(
            update(table).where(table.c.shift_id == report.shift_id).values(shift_id=None)
            for table in (RECEIPTS, Z_REPORTS)
        )
    )

    result = await ledger.reconciled()

    assert (result.ok, result.notices) == (True, ())
    (shift,) = [one for one in result.shifts if one.shift_id is None]
    assert (shift.registrar, shift.totals.z_reports) == (report.registrar_fiscal_number, 1)
    assert shift.totals.sales == report.sale_total


async def test_fiscal_receipts_after_the_last_z_report_and_without_a_shift_are_unexplained(
    ledger: EditedLedger,
) -> None:
    (last,) = (await ledger.all(select(Z_REPORTS).order_by(Z_REPORTS.c.created_at.desc())))[:1]
    await ledger.run(
        delete(Z_REPORTS).where(Z_REPORTS.c.id == last.id),
        update(RECEIPTS).where(RECEIPTS.c.shift_id == last.shift_id).values(shift_id=None),
    )

    one = await ledger.only()

    assert (one.kind, one.is_explained) == (DifferenceKind.RECEIPT_WITHOUT_SHIFT, False)
    assert one.amount == last.sale_total - last.refund_total


async def test_a_missing_z_report_is_found(ledger: EditedLedger) -> None:
    deleted = await ledger.z_report()
    await ledger.run(delete(Z_REPORTS).where(Z_REPORTS.c.id == deleted.id))

    one = await ledger.only()

    assert (one.kind, one.shift_id) == (DifferenceKind.Z_REPORT_MISSING, deleted.shift_id)
    assert one.amount == deleted.sale_total - deleted.refund_total


async def test_an_open_shift_owes_no_z_report(ledger: EditedLedger) -> None:
    (last,) = (await ledger.all(select(Z_REPORTS).order_by(Z_REPORTS.c.created_at.desc())))[:1]
    await ledger.run(
        delete(Z_REPORTS).where(Z_REPORTS.c.id == last.id),
        update(SHIFTS).where(SHIFTS.c.id == last.shift_id).values(closed_at=None, state=0),
    )

    assert await ledger.differences() == []


async def test_a_z_report_under_two_ids_is_found(ledger: EditedLedger) -> None:
    report = await ledger.z_report()
    await ledger.run(insert(Z_REPORTS).values({**report._mapping, "id": 99_999}))

    one = await ledger.only()

    assert (one.kind, one.z_report_ids) == (DifferenceKind.Z_REPORT_TWICE, (report.id, 99_999))


@pytest.mark.parametrize(
    ("columns", "cause"),
    [
        (["sale_total"], "z_report_contradicts_itself"),
        (["sale_tax_a_total"], "z_report_wrong"),
        (["refund_cash_total"], "z_report_contradicts_itself"),
        (["service_input"], "z_report_layouts"),
        (["service_input", "payload_service_input"], "z_report_wrong"),
        (["cash_amount"], "z_report_layouts"),
        (["cash_amount", "payload_cash_amount"], "drawer"),
    ],
)
async def test_a_z_report_that_is_off_by_a_kopeck_is_found(
    ledger: EditedLedger, columns: list[str], cause: str
) -> None:
    report = await ledger.z_report()
    changed = {name: getattr(report, name) + KOPECK for name in columns}
    await ledger.run(update(Z_REPORTS).where(Z_REPORTS.c.id == report.id).values(changed))

    one = await ledger.only()

    assert (one.cause, one.z_report_ids, one.amount) == (cause, (report.id,), -KOPECK)
    assert not re.search(r"\.\d{3}", one.explanation)


async def test_figures_that_z_reports_leave_out_are_not_compared(ledger: EditedLedger) -> None:
    report = await ledger.z_report()
    await ledger.run(
        update(Z_REPORTS)
        .where(Z_REPORTS.c.id == report.id)
        .values(service_input=None, payload_service_input=None, sale_tax_a_total=None, sale_cash_total=None)
    )

    assert await ledger.differences() == []


async def test_wrong_product_sales_are_found(ledger: EditedLedger) -> None:
    sold = (await ledger.all(select(PRODUCT_SALES)))[40]
    await ledger.run(
        update(PRODUCT_SALES)
        .where(*(PRODUCT_SALES.c[name] == sold._mapping[name] for name in ("shop_id", "business_date", "product_id")))
        .values(total_amount=sold.total_amount + KOPECK)
    )

    one = await ledger.only()

    assert (one.kind, one.shop_id, one.days) == (DifferenceKind.PRODUCT_SALES, sold.shop_id, (sold.business_date,))
    assert names(one) == {"product_sales", f"product_sales {sold.product_id}"}


async def test_days_whose_product_sales_were_not_harvested_are_not_compared(ledger: EditedLedger) -> None:
    await ledger.run(delete(PRODUCT_SALES), delete(SYNCED_DAYS).where(SYNCED_DAYS.c.kind == "product_sales"))
    assert await ledger.differences() == []


async def test_harvested_days_without_product_sales_are_compared(ledger: EditedLedger) -> None:
    day = date(2026, 3, 18)
    await ledger.run(delete(PRODUCT_SALES).where(PRODUCT_SALES.c.business_date == day))

    assert {(one.kind, one.days) for one in await ledger.differences()} == {(DifferenceKind.PRODUCT_SALES, (day,))}
