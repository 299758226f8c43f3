from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from sqlalchemy import select

from smartkasa_async import RetryPolicy, SmartKasa
from smartkasa_async._support.clock import ServiceClock
from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.events import Event, RequestEvent, ResponseEvent
from smartkasa_async.jobs import Progress, Stage
from smartkasa_async.records import RecordKind, Window, days
from smartkasa_async.sandbox import Sandbox, Simulation, simulate
from smartkasa_async.sandbox.faults import Fault
from smartkasa_async.stores import Store, open_store
from smartkasa_async.stores.schema import PAYMENTS, RECEIPT_ITEMS, RECEIPTS
from smartkasa_async.sync import sync_receipts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sqlalchemy import Table

    from smartkasa_async.models import Receipt
    from smartkasa_async.records import Batch
    from smartkasa_async.sandbox.business.model import Business

# The clocks go back on 25 October.
START, END = date(2026, 10, 19), date(2026, 10, 28)
LIST = "/api/v1/pos/receipts"
LATER = date(2026, 12, 1)

COLUMNS = {
    RECEIPTS: ("id", "shop_id", "shift_id", "type", "state", "total_amount", "rounding_amount", "created_at"),
    RECEIPT_ITEMS: ("receipt_id", "position", "name", "quantity", "price", "amount", "tax_group_id"),
    PAYMENTS: ("receipt_id", "position", "transaction_type_id", "amount", "change_amount", "timestamp"),
}


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ServiceClock, "hear", lambda *_: None)  # the sandbox tells the machine's own time
    monkeypatch.setattr(days, "today", lambda: LATER)


@pytest.fixture(scope="module")
def business() -> Business:
    return simulate(Simulation(seed=7, shops=3, start=START, days=10, receipts_per_day=15, products=60))


@pytest.fixture
async def box(business: Business) -> AsyncIterator[Sandbox]:
    async with Sandbox() as box:
        box.load(business)
        yield box


def client(box: Sandbox, **settings: Any) -> SmartKasa:
    return SmartKasa(**box.credentials, **settings)


@pytest.fixture
async def kasa(box: Sandbox) -> AsyncIterator[SmartKasa]:
    async with client(box, retry=RetryPolicy(retries=0)) as kasa:
        yield kasa


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(f"sqlite+aiosqlite:///{tmp_path / 'kasa.sqlite'}") as store:
        yield store


async def contents(store: Store, table: Table, *names: str) -> set[tuple[Any, ...]]:
    async with store.engine.connect() as connection:
        return {tuple(row) for row in await connection.execute(select(*(table.c[name] for name in names)))}


def served(box: Sandbox, table: str, *names: str) -> set[tuple[Any, ...]]:
    return {tuple(row[name] for name in names) for row in box.rows(table)}


async def test_the_store_holds_what_the_service_holds(box: Sandbox, kasa: SmartKasa, store: Store) -> None:
    report = await sync_receipts(kasa, store, start=START, end=END, per_page=30)

    assert report.complete
    for table, columns in COLUMNS.items():
        assert await contents(store, table, *columns) == served(box, table.name, *columns) != set()


async def test_the_report_has_the_shops_figures(business: Business, kasa: SmartKasa, store: Store) -> None:
    report = await sync_receipts(kasa, store, start=START, end=END)

    assert [shop.shop_id for shop in report.shops] == sorted(business.summary)
    for shop in report.shops:
        summary = business.summary[shop.shop_id]
        assert shop.receipts == summary.receipts
        assert (shop.sale_receipts, shop.sales) == (summary.sales, summary.sales_total)
        assert (shop.refund_receipts, shop.refunds) == (summary.refunds, summary.refunds_total)
    assert report.receipts == sum(summary.receipts for summary in business.summary.values())
    assert report.sales == sum(summary.sales_total for summary in business.summary.values())
    assert report.refunds == sum(summary.refunds_total for summary in business.summary.values()) > Decimal(0)
    assert await store.shop_titles() == {shop.shop_id: shop.title for shop in report.shops}


async def test_running_again_changes_nothing(box: Sandbox, kasa: SmartKasa, store: Store) -> None:
    first = await sync_receipts(kasa, store, start=START, end=END)
    assert await sync_receipts(kasa, store, start=START, end=END, refetch=True) == first
    assert len(await contents(store, RECEIPTS, "id")) == len(box.rows("receipts"))
    assert len(await contents(store, RECEIPT_ITEMS, "id")) == len(box.rows("receipt_items"))


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 10, 24), 24), (date(2026, 10, 25), 25)])
async def test_a_day_is_kyiv_s(box: Sandbox, kasa: SmartKasa, store: Store, day: date, hours: int) -> None:
    begins = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=3)

    report = await sync_receipts(kasa, store, start=day, end=day)

    expected = {
        row["id"] for row in box.rows("receipts") if begins <= row["created_at"] < begins + timedelta(hours=hours)
    }
    assert report.complete
    assert {id_ for (id_,) in await contents(store, RECEIPTS, "id")} == expected != set()


async def test_chosen_shops_only(business: Business, kasa: SmartKasa, store: Store) -> None:
    chosen = sorted(business.summary)[1]
    report = await sync_receipts(kasa, store, shops=[chosen], start=START, end=END)
    assert [shop.shop_id for shop in report.shops] == [chosen]
    assert {shop_id for (shop_id,) in await contents(store, RECEIPTS, "shop_id")} == {chosen}


async def test_a_shop_that_is_not_there_is_named(kasa: SmartKasa, store: Store) -> None:
    with pytest.raises(InvalidRequestError, match="No shop of the account has the id 999; there are 379"):
        await sync_receipts(kasa, store, shops=[999], start=START, end=END)


async def test_a_time_without_sales(kasa: SmartKasa, store: Store) -> None:
    report = await sync_receipts(kasa, store, start=date(2025, 1, 1), end=date(2025, 1, 31))
    assert report.complete
    assert (report.receipts, report.sales) == (0, Decimal(0))


async def test_progress_ends_when_all_is_done(box: Sandbox, kasa: SmartKasa, store: Store) -> None:
    seen: list[Progress] = []
    await sync_receipts(kasa, store, start=START, end=END, on_progress=seen.append)
    assert seen[-1] == Progress(Stage.SYNCING, 6, 6, "windows", {"records": len(box.rows("receipts"))})
    assert [progress.counts["records"] for progress in seen] == sorted(progress.counts["records"] for progress in seen)


async def test_a_window_that_cannot_be_read_is_named(box: Sandbox, kasa: SmartKasa, store: Store) -> None:
    box.faults.add(Fault("status", path=LIST, times=3, status=500))

    report = await sync_receipts(kasa, store, start=START, end=END, concurrency=1)

    assert not report.complete
    (failed,) = [shop for shop in report.shops if not shop.complete]
    (window,) = failed.incomplete
    assert "500" in window.reason
    assert START <= window.window.start <= window.window.end <= END
    assert (await sync_receipts(kasa, store, start=START, end=END)).complete
    assert len(await contents(store, RECEIPTS, "id")) == len(box.rows("receipts"))


async def test_lost_connections_are_ridden_out(box: Sandbox, store: Store) -> None:
    patient = RetryPolicy(retries=8, first_wait=0.001, longest_wait=0.01)
    box.faults.add(Fault("drop_before", path=LIST, times=None, probability=0.2))
    box.faults.add(Fault("drop_after", path=LIST, times=None, probability=0.2))
    async with client(box, retry=patient) as kasa:
        report = await sync_receipts(kasa, store, start=START, end=END, per_page=20)

    assert report.complete
    assert report.receipts == len(box.rows("receipts"))


async def test_a_cancelled_run_can_be_run_again(box: Sandbox, kasa: SmartKasa, store: Store) -> None:
    async with anyio.create_task_group() as group:

        def stop(progress: Progress) -> None:
            if progress.counts["records"] > 100:
                group.cancel_scope.cancel()

        async def run() -> None:
            await sync_receipts(kasa, store, start=START, end=END, per_page=20, on_progress=stop)

        group.start_soon(run)

    assert 100 < len(await contents(store, RECEIPTS, "id")) < len(box.rows("receipts"))
    assert (await sync_receipts(kasa, store, start=START, end=END)).complete
    assert len(await contents(store, RECEIPTS, "id")) == len(box.rows("receipts"))


async def test_a_sink_of_one_s_own_is_one_method(box: Sandbox, kasa: SmartKasa) -> None:
    class Ids:
        def __init__(self) -> None:
            self.ids: list[str] = []

        async def write(self, batch: Batch[Receipt]) -> None:
            self.ids += [receipt.id for receipt in batch.records]

    sink = Ids()
    report = await sync_receipts(kasa, sink, start=START, end=END)
    assert report.complete
    assert sorted(sink.ids) == sorted(row["id"] for row in box.rows("receipts"))


async def test_shops_and_pages_are_read_side_by_side(box: Sandbox, store: Store) -> None:
    under_way = most = 0

    def follow(event: Event) -> None:
        nonlocal under_way, most
        if event.operation == "listReceipts":
            under_way += isinstance(event, RequestEvent) - isinstance(event, ResponseEvent)
            most = max(most, under_way)

    box.faults.add(Fault("delay", path=LIST, times=None, seconds=0.05))
    async with client(box, on_event=follow, concurrency=5) as kasa:
        report = await sync_receipts(kasa, store, start=START, end=END, per_page=20, concurrency=4)

    assert report.complete
    assert most == 5


async def test_a_second_run_asks_for_the_overlap_only(
    box: Sandbox, kasa: SmartKasa, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(days, "today", lambda: END)
    await sync_receipts(kasa, store, start=START, per_page=100)
    (synced,) = await store.synced_ranges(RecordKind.RECEIPTS, 37901)
    assert (synced.window, synced.is_confirmed) == (Window(START, date(2026, 10, 24)), False)
    await sync_receipts(kasa, store, start=START, per_page=100)
    (synced,) = await store.synced_ranges(RecordKind.RECEIPTS, 37901)
    assert synced.is_confirmed
    box.calls.clear()

    report = await sync_receipts(kasa, store, start=START, per_page=100)

    reread = Window(date(2026, 10, 25), END)
    assert report.receipts == sum(row["created_at"] in reread for row in box.rows("receipts")) > 0
    assert box.calls == {"GET /api/v1/rsn/shops": 1, f"GET {LIST}": 3}

    monkeypatch.setattr(days, "today", lambda: LATER)
    for _ in range(2):
        await sync_receipts(kasa, store, start=START, end=END)
    box.calls.clear()
    await sync_receipts(kasa, store, start=START, end=END)
    assert box.calls == {"GET /api/v1/rsn/shops": 1}


def a_receipt_of(box: Sandbox, day: date) -> dict[str, Any]:
    return next(row for row in box.rows("receipts") if row["created_at"] in Window(day, day) and row["type"] == 0)


async def test_late_changed_and_deleted_receipts_are_caught_within_the_overlap(
    box: Sandbox, kasa: SmartKasa, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(days, "today", lambda: END)
    day = END - timedelta(days=2)
    sale = a_receipt_of(box, day)
    storage = box._running.storage
    late = sale | {"id": "00000000-0000-4000-8000-00000000abcd", "total_amount": Decimal("7.77")}
    await sync_receipts(kasa, store, start=START)

    storage.insert_rows("receipts", [late])
    changed = a_receipt_of(box, day - timedelta(days=1)) | {"state": 3, "fiscal_number": "555"}
    changed["updated_at"] += timedelta(hours=5)
    storage.insert_rows("receipts", [changed])
    (payment, *_) = box.rows("payments", receipt_id=changed["id"])
    storage.insert_rows("payments", [payment | {"amount": Decimal("0.01")}])
    deleted = next(row for row in box.rows("receipts") if row["created_at"] in Window(END, END))
    storage.execute("DELETE FROM receipts WHERE id = ?", (deleted["id"],))
    report = await sync_receipts(kasa, store, start=START)

    assert report.complete
    assert report.deleted == 1
    assert {id_ for id_, at in await contents(store, RECEIPTS, "id", "deleted_at") if at is not None} == {deleted["id"]}
    assert (late["id"], Decimal("7.77")) in await contents(store, RECEIPTS, "id", "total_amount")
    assert (changed["id"], 3, "555") in await contents(store, RECEIPTS, "id", "state", "fiscal_number")
    assert (changed["id"], Decimal("0.01")) in await contents(store, PAYMENTS, "receipt_id", "amount")


async def test_a_receipt_that_cannot_be_decoded_is_kept_apart_until_it_can(
    box: Sandbox, kasa: SmartKasa, store: Store
) -> None:
    receipts = box.rows("receipts")
    broken = receipts[40]
    box._running.storage.execute("UPDATE receipts SET total_amount = 'ten' WHERE id = ?", (broken["id"],))

    report = await sync_receipts(kasa, store, start=START, end=END)

    assert report.complete
    assert report.undecodable == 1
    assert "1 record does not have the documented form; it is in quarantine." in str(report)
    ((kind, kept),) = await store.quarantined()
    assert (kind, kept.key, kept.shop_id) == (RecordKind.RECEIPTS, broken["id"], broken["shop_id"])
    assert "$.total_amount" in kept.error
    assert b'"total_amount":"ten"' in kept.raw
    assert len(await contents(store, RECEIPTS, "id")) == len(receipts) - 1

    box._running.storage.insert_rows("receipts", [broken])
    await sync_receipts(kasa, store, start=START, end=END, refetch=True)
    assert await store.quarantined() == []
    assert len(await contents(store, RECEIPTS, "id")) == len(receipts)


async def test_odd_sums_and_days_come_to_the_kopeck(box: Sandbox, kasa: SmartKasa, store: Store) -> None:
    sale = a_receipt_of(box, START)
    moments = {
        "last moment of September": (datetime(2026, 9, 30, 20, 59, 59, tzinfo=UTC), Decimal("0.01")),
        "first moment of October": (datetime(2026, 9, 30, 21, tzinfo=UTC), Decimal("-1438.50")),
        "last moment of October, winter time": (
            datetime(2026, 10, 31, 21, 59, 59, tzinfo=UTC),
            Decimal("9999999999.99"),
        ),
        "first moment of November": (datetime(2026, 10, 31, 22, tzinfo=UTC), Decimal(3)),
    }
    box._running.storage.insert_rows(
        "receipts",
        [
            sale | {"id": name, "shop_id": 37902, "created_at": moment, "total_amount": amount}
            for name, (moment, amount) in moments.items()
        ],
    )
    before = sum(row["total_amount"] for row in box.rows("receipts", shop_id=37902, type=0, state=2))
    outside = Decimal("3.01")

    report = await sync_receipts(kasa, store, shops=[37902], start=date(2026, 10, 1), end=date(2026, 10, 31))

    assert report.complete
    assert report.sales == before - outside
    stored = {
        id_: (day, amount)
        for id_, day, amount in await contents(store, RECEIPTS, "id", "business_date", "total_amount")
    }
    assert stored["first moment of October"] == (date(2026, 10, 1), Decimal("-1438.50"))
    assert stored["last moment of October, winter time"] == (date(2026, 10, 31), Decimal("9999999999.99"))
    assert "last moment of September" not in stored
    assert "first moment of November" not in stored


@pytest.mark.parametrize("every", [1, 3])
async def test_receipts_that_arrive_while_pages_are_read(business: Business, store: Store, every: int) -> None:
    async with Sandbox() as box, client(box) as kasa:
        drift = box.drift(business, since=START + timedelta(days=1), every=every, seed=3)

        report = await sync_receipts(kasa, store, start=START, end=END, per_page=5)

        assert report.complete
        assert drift.left > 0
        drift.finish()
        report = await sync_receipts(kasa, store, start=START, end=END, per_page=5, refetch=True)
        assert report.receipts == len(box.rows("receipts"))
        for table, columns in COLUMNS.items():
            assert await contents(store, table, *columns) == served(box, table.name, *columns)
