"""A simulated business, seen through the API: what is listed adds up to what was simulated."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async.sandbox import Simulation, simulate

if TYPE_CHECKING:
    from smartkasa_async.sandbox import Business
    from tests.support.calling import Caller


@pytest.fixture(scope="module")
def business() -> Business:
    return simulate(Simulation(seed=3, shops=2, products=40, start=date(2026, 10, 23), days=4, receipts_per_day=12))


@pytest.fixture
def trading(caller: Caller, business: Business) -> Caller:
    caller.box.load(business)
    return caller


async def _all(caller: Caller, path: str, **filters: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    page: int | None = 1
    while page:
        answer = await caller("GET", path, page=page, per_page=100, **filters)
        rows += answer["data"]
        page = answer["meta"]["next_page"]
    return rows


async def test_receipts_add_up(trading: Caller, business: Business) -> None:
    for shop, summary in business.summary.items():
        receipts = await _all(trading, "/pos/receipts", shop_id=shop)
        assert len(receipts) == summary.receipts > 0
        sales = [
            Decimal(receipt["total_amount"]) for receipt in receipts if (receipt["type"], receipt["state"]) == (0, 2)
        ]
        assert (len(sales), sum(sales)) == (summary.sales, summary.sales_total)
        assert len(await _all(trading, "/reports/z-reports", shop_id=shop)) == summary.z_reports


async def test_items_and_payments_come_with_their_receipt(trading: Caller, business: Business) -> None:
    receipts = {receipt["id"]: receipt for receipt in await _all(trading, "/pos/receipts")}
    for table, field in (("receipt_items", "items"), ("payments", "payment_transactions")):
        stored: dict[str, list[str]] = {key: [] for key in receipts}
        for row in sorted(business.rows[table], key=lambda row: int(row["position"])):
            stored[row["receipt_id"]].append(row["id"])
        assert stored == {key: [row["id"] for row in receipt[field]] for key, receipt in receipts.items()}


async def test_days_part_the_receipts(trading: Caller, business: Business) -> None:
    days = [f"2026-10-{day}" for day in range(23, 28)]
    counts = [len(await _all(trading, "/pos/receipts", date_start=day, date_end=day)) for day in days]
    assert sum(counts) == len(business.rows["receipts"])


async def test_sales_by_product_add_up(trading: Caller, business: Business) -> None:
    totals = []
    for shop in (*business.summary, ""):
        sales = await trading.data("GET", "/stats/product_daily_sales/alter", shop_id=shop)
        lines = sum(Decimal(line["total_amount"]) for line in sales["products"])
        assert lines == Decimal(str(sales["total_amount"]))
        totals.append(lines)
    assert sum(totals[:-1]) == totals[-1] > 0
