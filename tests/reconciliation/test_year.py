"""A clean year of seven shops agrees; what is planted into it is found, and nothing else."""

from __future__ import annotations

import asyncio
import shutil
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, insert, select, update

from smartkasa_async.records import Window
from smartkasa_async.reports import DifferenceKind, reconcile
from smartkasa_async.sandbox import Simulation, simulate
from smartkasa_async.stores import open_store
from smartkasa_async.stores.schema import (
    PAYMENTS,
    RECEIPTS,
    SHOPS,
    Z_REPORTS,
)
from tests.support.edited_ledger import KOPECK, MARCH, EditedLedger, cover_both, is_sale, payments_of
from tests.support.stored_ledger import note_all_read, write_business, write_file

if TYPE_CHECKING:
    from pathlib import Path

    from smartkasa_async.stores import Store

START, END = date(2026, 1, 1), date(2026, 12, 31)
NEW_YEAR = datetime(2027, 1, 2, tzinfo=UTC)
REFUND = 3

YEAR = Simulation(shops=7, terminals_per_shop=1, products=40, start=START, days=365, receipts_per_day=2)


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("year") / "year.sqlite"
    asyncio.run(write_file(path, simulate(YEAR)))
    return path


async def test_a_clean_year_of_seven_shops_agrees(year: Path) -> None:
    async with open_store(year) as store:
        result = await reconcile(store, start=START, end=END, now=NEW_YEAR)
        receipts, z_reports = [
            (await EditedLedger(store).all(select(func.count()).select_from(table)))[0][0]
            for table in (RECEIPTS, Z_REPORTS)
        ]

    assert (result.differences, result.notices) == ((), ())
    assert result.ok
    assert len(result.shops) == 7
    assert (result.totals.receipts, result.totals.z_reports) == (receipts, z_reports)
    assert result.totals.sales == result.totals.z_sales != 0
    assert result.totals.refunds == result.totals.z_refunds != 0


async def test_six_issues_in_a_year_are_six_differences(year: Path, tmp_path: Path) -> None:
    async with open_store(shutil.copy(year, tmp_path / "year.sqlite")) as store:
        ledger = EditedLedger(store)
        removed = await ledger.middle(*is_sale(RECEIPTS.c.shop_id == 37901))
        await ledger.remove(removed.id)
        paid = await ledger.middle(*is_sale(RECEIPTS.c.shop_id == 37902, payments_of(1)))
        await ledger.run(update(PAYMENTS).where(PAYMENTS.c.receipt_id == paid.id).values(amount=PAYMENTS.c.amount - 10))
        (report,) = (await ledger.all(select(Z_REPORTS).where(Z_REPORTS.c.shop_id == 37903)))[100:101]
        await ledger.run(
            update(Z_REPORTS).where(Z_REPORTS.c.id == report.id).values(sale_total=report.sale_total + KOPECK)
        )
        refund = await ledger.middle(RECEIPTS.c.shop_id == 37904, RECEIPTS.c.type == REFUND)
        await ledger.copy(refund, "copy")
        rounded = await ledger.middle(*is_sale(RECEIPTS.c.shop_id == 37905, RECEIPTS.c.rounding_amount != 0))
        await ledger.run(update(RECEIPTS).where(RECEIPTS.c.id == rounded.id).values(rounding_amount=Decimal(0)))
        first, second = (await ledger.all(select(Z_REPORTS).where(Z_REPORTS.c.shop_id == 37906)))[50:52]
        await ledger.run(*cover_both(first, second))
        result = await reconcile(store, start=START, end=END, now=NEW_YEAR)

    kinds = DifferenceKind
    assert [(one.shop_id, one.kind, one.is_explained) for one in result.differences] == [
        (37901, kinds.RECEIPT_MISSING, True),
        (37902, kinds.PAYMENTS, True),
        (37903, kinds.Z_REPORT, True),
        (37904, kinds.RECEIPT_TWICE, True),
        (37905, kinds.ROUNDING, True),
    ]
    missing, payment, z_report, twice, rounding = result.differences
    assert missing.details["numbers"] == removed.registrar_local_number
    assert missing.amount == -removed.total_amount
    assert (payment.receipt_ids, payment.amount) == ((paid.id,), Decimal(-10))
    assert (z_report.z_report_ids, z_report.amount) == ((report.id,), -KOPECK)
    assert (twice.receipt_ids, twice.amount) == ((refund.id, "copy"), refund.total_amount)
    assert (rounding.receipt_ids, rounding.amount) == ((rounded.id,), -rounded.rounding_amount)
    (notice,) = result.notices
    assert (notice.kind, notice.z_report_ids) == (kinds.Z_REPORT_OF_SEVERAL_DAYS, (second.id,))
    assert notice.days == (first.business_date, second.business_date)


async def test_a_shop_without_sales_agrees(ledger: EditedLedger) -> None:
    row = (await ledger.all(select(SHOPS)))[0]._mapping
    await ledger.run(insert(SHOPS).values({**row, "id": 1, "title": "Порожня"}))
    await note_all_read(ledger.store, Window(*MARCH), [1])

    result = await reconcile(ledger.store, start=MARCH[0], end=MARCH[1], shops=[1])

    (shop,) = result.shops
    assert (shop.title, shop.shifts, shop.agrees) == ("Порожня", (), True)


@pytest.mark.parametrize("days", [(date(2026, 3, 29), date(2026, 3, 29)), (date(2026, 3, 31), date(2026, 3, 31))])
async def test_single_days_agree_at_daylight_saving_and_month_end(
    ledger: EditedLedger, days: tuple[date, date]
) -> None:
    result = await reconcile(ledger.store, start=days[0], end=days[1])

    assert result.ok
    assert {day for shift in result.shifts for day in shift.days} == {days[0]}
    assert result.totals.sales == result.totals.z_sales != 0


async def test_on_every_database(store: Store) -> None:
    await write_business(store, simulate(Simulation(shops=2, products=40, start=MARCH[0], days=6, receipts_per_day=8)))
    ledger = EditedLedger(store)
    assert await ledger.differences() == []
    deleted = await ledger.middle(*is_sale())
    await ledger.remove(deleted.id)

    result = await reconcile(store, start=MARCH[0], end=MARCH[1])

    (one,) = result.differences
    assert (one.kind, one.details["numbers"]) == (DifferenceKind.RECEIPT_MISSING, deleted.registrar_local_number)
