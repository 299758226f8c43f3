from __future__ import annotations

import json
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from smartkasa_async import RetryPolicy, SmartKasa
from smartkasa_async._i18n.translate import in_ukrainian
from smartkasa_async._support.clock import ServiceClock
from smartkasa_async.records import RecordKind, Window, days
from smartkasa_async.sandbox import Fault, Sandbox, Simulation, simulate
from smartkasa_async.stores.schema import PRODUCT_SALES, SHIFTS, Z_REPORTS
from smartkasa_async.sync import sync_product_sales, sync_z_reports

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy import Table

    from smartkasa_async.sandbox import Business
    from smartkasa_async.stores import Store
    from smartkasa_async.sync import ZReportsReport

START, END = date(2026, 10, 1), date(2026, 11, 14)
LATER = date(2026, 12, 1)
SALES = "/api/v1/stats/product_daily_sales/alter"


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ServiceClock, "hear", lambda *_: None)  # the sandbox tells the machine's own time
    monkeypatch.setattr(days, "today", lambda: LATER)


@pytest.fixture(scope="module")
def business() -> Business:
    return simulate(Simulation(seed=3, shops=3, start=START, days=45, receipts_per_day=5, products=60))


@pytest.fixture
async def box(business: Business) -> AsyncIterator[Sandbox]:
    async with Sandbox() as box:
        box.load(business)
        yield box


@pytest.fixture
async def kasa(box: Sandbox) -> AsyncIterator[SmartKasa]:
    async with SmartKasa(**box.credentials, retry=RetryPolicy(retries=0)) as kasa:
        yield kasa


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    """What stores remember is tested with each database elsewhere."""
    return sqlite_store


async def contents(store: Store, table: Table, *names: str) -> list[tuple[Any, ...]]:
    async with store.reading() as connection:
        return [tuple(row) for row in await connection.execute(select(*(table.c[name] for name in names)))]


async def test_every_z_report_and_its_shift_is_stored(
    business: Business, box: Sandbox, kasa: SmartKasa, store: Store
) -> None:
    report = await sync_z_reports(kasa, store, start=START, end=END)

    assert report.complete
    assert set(await contents(store, Z_REPORTS, "id")) == {(row["id"],) for row in box.rows("z_reports")}
    assert set(await contents(store, SHIFTS, "id")) == {(row["shift_id"],) for row in box.rows("z_reports")}
    for shop in report.shops:
        summary = business.summary[shop.shop_id]
        assert (shop.z_reports, shop.sales, shop.refunds) == (
            summary.z_reports,
            summary.sales_total,
            summary.refunds_total,
        )
    assert report.z_reports == len(box.rows("z_reports"))
    # A month and a half is two windows for each shop, each on one page.
    assert box.calls["GET /api/v1/reports/z-reports"] == 6


async def test_z_reports_of_chosen_shops_only(box: Sandbox, kasa: SmartKasa, store: Store) -> None:
    report: ZReportsReport = await sync_z_reports(kasa, store, shops=[37902], start=START, end=END)
    assert [shop.shop_id for shop in report.shops] == [37902]
    assert set(await contents(store, Z_REPORTS, "shop_id")) == {(37902,)}


async def test_a_month_that_is_settled_is_not_read_again(box: Sandbox, kasa: SmartKasa, store: Store) -> None:
    await sync_z_reports(kasa, store, start=START, end=END)
    box.calls.clear()
    await sync_z_reports(kasa, store, start=START, end=END)
    # Each window is looked at a second time, by one request.
    assert box.calls == {"GET /api/v1/rsn/shops": 1, "GET /api/v1/reports/z-reports": 6}
    box.calls.clear()
    report = await sync_z_reports(kasa, store, start=START - timedelta(days=1), end=END)
    assert report.complete
    assert box.calls == {"GET /api/v1/rsn/shops": 1, "GET /api/v1/reports/z-reports": 3}


async def test_a_z_report_that_is_no_longer_listed_is_marked_as_gone(
    box: Sandbox, kasa: SmartKasa, store: Store
) -> None:
    await sync_z_reports(kasa, store, start=START, end=END)
    box._running.storage.execute("DELETE FROM z_reports WHERE id = ?", (box.rows("z_reports")[5]["id"],))
    assert (await sync_z_reports(kasa, store, start=START, end=END, refetch=True)).deleted == 1


def sold(box: Sandbox, shop_id: int, day: date) -> dict[str, tuple[Decimal, Decimal]]:
    """Sum up what the sandbox's receipts of a day sold, by product."""
    amounts: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    items = box.rows("receipt_items")
    for receipt in box.rows("receipts", shop_id=shop_id):
        if receipt["created_at"] in Window(day, day) and receipt["type"] in {0, 3} and receipt["state"] != 1:
            sign = 1 if receipt["type"] == 0 else -1
            for item in items:
                if item["receipt_id"] == receipt["id"] and item["product_id"]:
                    amounts[item["product_id"]] += sign * item["amount"]
                    counts[item["product_id"]] += sign * item["quantity"]
    return {product: (Decimal(amounts[product]), Decimal(counts[product])) for product in amounts}


async def test_what_each_product_sold_is_stored_day_by_day(box: Sandbox, kasa: SmartKasa, store: Store) -> None:
    first, last = date(2026, 10, 24), date(2026, 10, 26)  # the clocks go back in between

    report = await sync_product_sales(kasa, store, start=first, end=last)

    stored = await contents(
        store, PRODUCT_SALES, "shop_id", "business_date", "product_id", "total_amount", "total_count"
    )
    expected = {
        (shop.shop_id, day, product, *figures)
        for shop in report.shops
        for day in (first, date(2026, 10, 25), last)
        for product, figures in sold(box, shop.shop_id, day).items()
    }
    assert report.complete
    assert set(stored) == expected != set()
    assert report.lines == len(expected)
    assert report.total_amount == sum(amount for *_, amount, _ in stored)
    assert box.calls[f"GET {SALES}"] == 9


async def test_a_product_that_a_day_no_longer_names_is_deleted_from_it(
    box: Sandbox, kasa: SmartKasa, store: Store
) -> None:
    span: dict[str, Any] = {"shops": [37901], "start": START, "end": START}
    for _ in range(2):  # a settled day is read a second time
        await sync_product_sales(kasa, store, **span)
    before = await contents(store, PRODUCT_SALES, "product_id")
    box._running.storage.execute("DELETE FROM receipts")

    assert (await sync_product_sales(kasa, store, **span)).complete  # the day is settled: it is not read
    report = await sync_product_sales(kasa, store, **span, refetch=True)

    assert (report.complete, report.lines, report.deleted) == (True, 0, len(before))
    assert await contents(store, PRODUCT_SALES, "product_id") == []


def answered(*lines: Any, amount: Any, count: Any) -> Fault:
    body = {"data": {"products": list(lines), "total_amount": amount, "total_count": count, "id": 37901}, "meta": {}}
    return Fault("status", path=SALES, status=200, times=3, body=json.dumps(body).encode())


def line(product: str, amount: str = "10.5", count: str = "2.0") -> dict[str, Any]:
    return {"id": product, "title": "Хліб", "total_amount": amount, "total_count": count}


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (answered(line("a"), amount=10.51, count=2), "the lines sum up to 10.5 hryvnias and 2.0 units"),
        (answered(line("a"), amount=10.5, count=3), "where the service states 10.5 and 3"),
        (answered(line("a"), line("a"), amount=21, count=4), "a product stands there more than once"),
        (answered(line("a", amount="NaN"), amount=10.5, count=2), "the lines sum up to NaN hryvnias"),
        (answered(line("a", count="sNaN"), amount=10.5, count=2), "and NaN units"),
        (answered(line("a", amount="1e9999999999"), amount=10.5, count=2), "the lines sum up to Infinity"),
        (answered(line("a"), amount="NaN", count=2), "where the service states NaN and 2"),
        (answered(line("a"), {"id": "b"}, amount=10.5, count=2), "1 line cannot be decoded"),
        (Fault("status", path=SALES, status=500, times=3), "500"),
    ],
)
async def test_a_day_that_does_not_add_up_is_named(
    box: Sandbox, kasa: SmartKasa, store: Store, fault: Fault, reason: str
) -> None:
    box.faults.add(fault)

    report = await sync_product_sales(kasa, store, shops=[37901], start=START, end=START)

    (incomplete,) = report.shops[0].incomplete
    assert incomplete.window == Window(START, START)
    assert reason in incomplete.reason
    assert await store.synced_ranges(RecordKind.PRODUCT_SALES, 37901) == []
    assert (await sync_product_sales(kasa, store, shops=[37901], start=START, end=START)).complete


async def test_a_line_that_cannot_be_decoded_is_kept_apart_by_shop_and_day(
    box: Sandbox, kasa: SmartKasa, store: Store
) -> None:
    box.faults.add(answered(line("a"), line("b", amount="ten"), amount=20, count=4))
    report = await sync_product_sales(kasa, store, shops=[37901], start=START, end=START)
    assert report.undecodable == 1
    ((kind, kept),) = await store.quarantined()
    assert (kind, kept.key, kept.shop_id) == (RecordKind.PRODUCT_SALES, "37901/2026-10-01/b", 37901)
    assert in_ukrainian(kept.translatable) != kept.error


async def test_binary_fractions_in_the_totals_do_no_harm(box: Sandbox, kasa: SmartKasa, store: Store) -> None:
    box.faults.add(answered(line("a", "0.1"), line("b", "0.2"), amount=0.1 + 0.2, count=4))
    assert (await sync_product_sales(kasa, store, shops=[37901], start=START, end=START)).complete
