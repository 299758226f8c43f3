from __future__ import annotations

from copy import deepcopy
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from smartkasa_async import SmartKasa
from smartkasa_async.receipts import sync_receipts
from smartkasa_async.reports import harvest_z_reports, reconcile
from smartkasa_async.sandbox import Sandbox, Simulation, simulate
from smartkasa_async.stores import open_store
from smartkasa_async.stores.schema import SHIFTS, Z_REPORTS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from smartkasa_async.reports import Difference, HarvestReport, ShopAgreement
    from smartkasa_async.sandbox.business.model import Business

START, END = date(2026, 10, 1), date(2026, 11, 14)
SALE, REFUND, PAID = 0, 3, 2
KOPECK = Decimal("0.01")


@pytest.fixture(scope="module")
def clean() -> Business:
    return simulate(Simulation(seed=3, shops=3, start=START, days=45, receipts_per_day=5, products=60))


@pytest.fixture
def business(clean: Business) -> Business:
    """A business of one's own to spoil."""
    return deepcopy(clean)


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    async with Sandbox() as box:
        yield box


def client(box: Sandbox, **settings: Any) -> SmartKasa:
    return SmartKasa(**box.credentials, **settings)


async def agreements(box: Sandbox, business: Business) -> list[ShopAgreement]:
    """Bring all of the business into a store and compare."""
    box.load(business)
    async with client(box) as kasa, open_store("sqlite+aiosqlite://") as store:
        assert (await sync_receipts(kasa, store, start=START, end=END)).complete
        assert (await harvest_z_reports(kasa, store, start=START, end=END)).complete
        return await reconcile(store, start=START, end=END)


async def differences(box: Sandbox, business: Business) -> list[Difference]:
    return [difference for shop in await agreements(box, business) for difference in shop.differences]


def a_sale(business: Business) -> dict[str, Any]:
    """A sale that was paid in one way, amid the others."""
    payments = [row["receipt_id"] for row in business.rows["payments"]]
    sales = [
        row
        for row in business.rows["receipts"]
        if row["type"] == SALE and row["state"] == PAID and payments.count(row["id"]) == 1
    ]
    return sales[len(sales) // 2]


async def test_a_clean_business_agrees(box: Sandbox, business: Business) -> None:
    shops = await agreements(box, business)

    assert [shop.shop_id for shop in shops] == sorted(business.summary)
    for shop in shops:
        summary = business.summary[shop.shop_id or 0]
        assert shop.agrees
        assert (shop.sales, shop.refunds) == (summary.sales_total, summary.refunds_total)
        assert (shop.z_sales, shop.z_refunds) == (summary.sales_total, summary.refunds_total)
        assert shop.z_reports == summary.z_reports
        assert shop.shifts == sum(row["shop_id"] == shop.shop_id for row in business.rows["shifts"])


async def test_a_receipt_that_is_missing_is_found(box: Sandbox, business: Business) -> None:
    gone = a_sale(business)
    for table, column in (("receipts", "id"), ("receipt_items", "receipt_id"), ("payments", "receipt_id")):
        business.rows[table] = [row for row in business.rows[table] if row[column] != gone["id"]]

    found = await differences(box, business)

    assert {(one.shop_id, one.shift_id) for one in found} == {(gone["shop_id"], gone["shift_id"])}
    amounts = {one.kind.value: one.amount for one in found}
    assert amounts.pop("sale_receipts_count") == -1
    assert amounts.pop("sale_total") == -gone["total_amount"]
    assert list(amounts.values()) == [-gone["total_amount"]]
    assert amounts.keys() <= {"sale_cash_total", "sale_cashless_total"}


async def test_a_z_report_that_is_off_by_a_kopeck_is_found(box: Sandbox, business: Business) -> None:
    spoilt = business.rows["z_reports"][20]
    spoilt["sale_total"] += KOPECK

    (found,) = await differences(box, business)

    assert (found.shop_id, found.shift_id, found.kind) == (spoilt["shop_id"], spoilt["shift_id"], "sale_total")
    assert found.amount == -KOPECK


async def test_a_payment_that_was_changed_is_found(box: Sandbox, business: Business) -> None:
    sale = a_sale(business)
    (payment,) = [row for row in business.rows["payments"] if row["receipt_id"] == sale["id"]]
    payment["amount"] -= KOPECK

    (found,) = await differences(box, business)

    assert found.shift_id == sale["shift_id"]
    assert found.kind in {"sale_cash_total", "sale_cashless_total"}
    assert found.amount == -KOPECK


async def test_a_z_report_that_is_missing_is_found(box: Sandbox, business: Business) -> None:
    gone = business.rows["z_reports"].pop(20)

    (found,) = await differences(box, business)

    assert (found.shift_id, found.kind) == (gone["shift_id"], "z_report_missing")
    assert found.amount == gone["sale_total"] - gone["refund_total"]


async def test_a_refund_that_is_taken_for_a_sale_is_found(box: Sandbox, business: Business) -> None:
    refund = next(row for row in business.rows["receipts"] if row["type"] == REFUND)
    refund.update(type=SALE, state=PAID)

    found = {one.kind.value: one.amount for one in await differences(box, business)}

    assert found["sale_receipts_count"] == 1
    assert found["refund_receipts_count"] == -1
    assert found["sale_total"] == -found["refund_total"] == refund["total_amount"]


async def harvested(
    box: Sandbox, clean: Business, *, shops: list[int] | None
) -> tuple[HarvestReport, set[Any], set[Any]]:
    """Harvest alone; give the report and the ids of the Z-reports and shifts that are stored."""
    box.load(clean)
    async with client(box) as kasa, open_store("sqlite+aiosqlite://") as store:
        report = await harvest_z_reports(kasa, store, shops=shops, start=START, end=END)
        async with store.engine.connect() as connection:
            reports = {row.id for row in await connection.execute(select(Z_REPORTS.c.id))}
            shifts = {row.id for row in await connection.execute(select(SHIFTS.c.id))}
    return report, reports, shifts


async def test_every_z_report_and_its_shift_is_stored(box: Sandbox, clean: Business) -> None:
    report, reports, shifts = await harvested(box, clean, shops=None)

    assert report.complete
    assert reports == {row["id"] for row in clean.rows["z_reports"]}
    assert shifts == {row["shift_id"] for row in clean.rows["z_reports"]}
    for shop in report.shops:
        summary = clean.summary[shop.shop_id]
        assert (shop.z_reports, shop.sales, shop.refunds) == (
            summary.z_reports,
            summary.sales_total,
            summary.refunds_total,
        )
    assert report.z_reports == len(reports)


async def test_chosen_shops_only(box: Sandbox, clean: Business) -> None:
    chosen = min(clean.summary)
    report, reports, _ = await harvested(box, clean, shops=[chosen])
    assert [shop.shop_id for shop in report.shops] == [chosen]
    assert reports == {row["id"] for row in clean.rows["z_reports"] if row["shop_id"] == chosen}
