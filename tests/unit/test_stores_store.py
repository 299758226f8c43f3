from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel
import msgspec
import pytest
from msgspec import UNSET
from sqlalchemy import select

from smartkasa_async.models import Receipt, Shop, ZReport
from smartkasa_async.stores import Store, StoreError, open_store
from smartkasa_async.stores.schema import PAYMENTS, RECEIPT_ITEMS, RECEIPTS, SHIFTS, SHOPS, Z_REPORTS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy import Table

DOCUMENTATION = json.loads((Path(__file__).parents[1] / "fixtures" / "documentation.json").read_bytes())


def documented(method: str, path: str) -> Any:
    """The data of the success answer that the documentation shows."""
    for exchange in DOCUMENTATION:
        request = exchange["request"]
        if request["method"] == method and request["url"].partition("/api/v1/")[2].startswith(path):
            return exchange["answers"][0]["body"]["data"]
    raise LookupError(path)


RECEIPT = documented("GET", "pos/receipts")[0]
Z_REPORT = documented("GET", "reports/z-reports")[0]
SHOP = documented("POST", "rsn/shops")


def receipt(**changes: Any) -> Receipt:
    return msgspec.convert(RECEIPT | changes, Receipt)


def line(**changes: Any) -> dict[str, Any]:
    item: dict[str, Any] = RECEIPT["items"][0]
    return item | changes


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(f"sqlite+aiosqlite:///{tmp_path / 'kasa.sqlite'}") as store:
        yield store


async def rows(store: Store, table: Table) -> list[dict[str, Any]]:
    async with store.engine.connect() as connection:
        found = await connection.execute(select(table).order_by(*table.primary_key))
        return [dict(row) for row in found.mappings()]


async def test_a_receipt_is_stored_with_its_items_and_payments(store: Store) -> None:
    await store.write_receipts([receipt()])

    (stored,) = await rows(store, RECEIPTS)
    assert stored["total_amount"] == Decimal("1438.0")
    assert stored["created_at"] == datetime(2021, 7, 6, 20, 26, 14, 730000, tzinfo=UTC)
    assert stored["business_date"] == date(2021, 7, 6)
    assert (stored["shop_id"], stored["type"], stored["state"]) == (13, 0, 2)
    assert stored["title"] == ""
    assert stored["description"] is None
    assert stored["is_hidden"] is False

    (item,) = await rows(store, RECEIPT_ITEMS)
    assert (item["receipt_id"], item["position"], item["name"]) == (RECEIPT["id"], 0, "Алкоголь")
    assert (item["price"], item["quantity"], item["amount"]) == (Decimal(1438), Decimal(1), Decimal(1438))
    assert item["discount_amount"] is None

    (payment,) = await rows(store, PAYMENTS)
    assert (payment["receipt_id"], payment["amount"], payment["change_amount"]) == (RECEIPT["id"], 1438, 0)
    assert payment["timestamp"] == datetime(2021, 7, 6, 20, 26, 14, 433000, tzinfo=UTC)


async def test_the_record_s_json_is_kept(store: Store) -> None:
    await store.write_receipts([receipt()])
    (stored,) = await rows(store, RECEIPTS)
    assert msgspec.json.decode(stored["raw"], type=Receipt) == receipt()
    assert json.loads(stored["raw"])["payment_transactions"][0]["rrn"] == "162Q560ZQ3I174JY431"


async def test_the_business_day_is_kyiv_s(store: Store) -> None:
    await store.write_receipts([receipt(created_at="2021-07-06T21:00:00.000+00:00")])
    (stored,) = await rows(store, RECEIPTS)
    assert stored["business_date"] == date(2021, 7, 7)


async def test_writing_again_replaces_the_receipt_and_what_belongs_to_it(store: Store) -> None:
    await store.write_receipts([receipt(items=[line(id="i1"), line(id="i2"), line(id="i3")])])
    await store.write_receipts([receipt(id="other"), receipt(total_amount="1000.01", items=[line(id="i4")])])

    stored = {row["id"]: row["total_amount"] for row in await rows(store, RECEIPTS)}
    assert stored == {RECEIPT["id"]: Decimal("1000.01"), "other": Decimal(1438)}
    items = [row["id"] for row in await rows(store, RECEIPT_ITEMS) if row["receipt_id"] == RECEIPT["id"]]
    assert items == ["i4"]
    assert len(await rows(store, PAYMENTS)) == 2


async def test_the_last_of_several_in_one_page_counts(store: Store) -> None:
    await store.write_receipts([receipt(total_amount="1.00"), receipt(total_amount="2.00")])
    assert [row["total_amount"] for row in await rows(store, RECEIPTS)] == [Decimal(2)]
    assert len(await rows(store, RECEIPT_ITEMS)) == 1


async def test_what_a_receipt_does_not_carry_stays(store: Store) -> None:
    await store.write_receipts([receipt()])
    read_alone = receipt(state=3)
    read_alone.payment_transactions = UNSET
    await store.write_receipts([read_alone])

    assert [row["state"] for row in await rows(store, RECEIPTS)] == [3]
    assert len(await rows(store, PAYMENTS)) == 1


@pytest.mark.parametrize("nothing", [[], None])
async def test_a_receipt_without_items_and_payments(store: Store, nothing: Any) -> None:
    await store.write_receipts([receipt()])
    await store.write_receipts([receipt(items=nothing, payment_transactions=nothing)])
    assert len(await rows(store, RECEIPTS)) == 1
    assert await rows(store, RECEIPT_ITEMS) == []
    assert await rows(store, PAYMENTS) == []


async def test_an_empty_page_writes_nothing(store: Store) -> None:
    await store.write_receipts([])
    await store.write_shops([])
    await store.write_z_reports([])
    assert await rows(store, RECEIPTS) == []


async def test_codes_that_nobody_knows_are_kept(store: Store) -> None:
    await store.write_receipts([receipt(type=77, state=9)])
    (stored,) = await rows(store, RECEIPTS)
    assert (stored["type"], stored["state"]) == (77, 9)


async def test_very_large_and_negative_sums_are_exact(store: Store) -> None:
    await store.write_receipts([receipt(total_amount="-98765432109876.54"), receipt(id="b", total_amount="0.01")])
    stored = {row["id"]: row["total_amount"] for row in await rows(store, RECEIPTS)}
    assert stored == {RECEIPT["id"]: Decimal("-98765432109876.54"), "b": Decimal("0.01")}


async def test_a_page_that_cannot_be_stored_leaves_nothing_behind(store: Store) -> None:
    with pytest.raises(StoreError, match=r"1\.00001 cannot be stored exactly"):
        await store.write_receipts([receipt(), receipt(id="b", items=[line(amount="1.00001")])])
    assert await rows(store, RECEIPTS) == []
    assert await rows(store, RECEIPT_ITEMS) == []


async def test_a_z_report_is_stored_with_its_shift(store: Store) -> None:
    await store.write_z_reports([msgspec.convert(Z_REPORT | {"sale_total": 12276.25}, ZReport, strict=False)])

    (stored,) = await rows(store, Z_REPORTS)
    assert (stored["id"], stored["shop_id"], stored["business_date"]) == (51, 155, date(2021, 8, 6))
    assert (stored["sale_total"], stored["cash_total"]) == (Decimal("12276.25"), Decimal("12276.25"))
    assert stored["cash_receipts_count"] == 4
    assert json.loads(stored["raw"])["payload"]["cash"]["receipts_count"] == 4

    (shift,) = await rows(store, SHIFTS)
    assert (shift["id"], shift["shop_id"], shift["terminal_id"]) == (Z_REPORT["shift_id"], 155, 297)
    assert shift["cash_balance"] == Decimal("0.99")


async def test_a_z_report_without_its_shift(store: Store) -> None:
    await store.write_z_reports([msgspec.convert(Z_REPORT | {"shift": None}, ZReport)])
    assert len(await rows(store, Z_REPORTS)) == 1
    assert await rows(store, SHIFTS) == []


async def test_shops_are_replaced_by_id(store: Store) -> None:
    await store.write_shops([msgspec.convert(SHOP, Shop)])
    await store.write_shops([msgspec.convert(SHOP | {"title": "Крамниця"}, Shop)])

    assert await store.shop_titles() == {37968: "Крамниця"}
    (stored,) = await rows(store, SHOPS)
    assert stored["is_vat_taxation"] is True
    assert json.loads(stored["raw"])["address"]["city_name"] == "Київ"


async def test_writers_take_turns(store: Store) -> None:
    async with anyio.create_task_group() as group:
        for n in range(20):
            group.start_soon(store.write_receipts, [receipt(id=f"r{n}")])
    assert len(await rows(store, RECEIPTS)) == 20


async def test_a_cancelled_writer_leaves_a_page_whole_and_the_store_usable(store: Store) -> None:
    page = [receipt(id=f"r{n}") for n in range(200)]
    async with anyio.create_task_group() as group:
        group.start_soon(store.write_receipts, page)
        await anyio.lowlevel.checkpoint()
        group.cancel_scope.cancel()

    assert len(await rows(store, RECEIPTS)) in {0, 200}
    await store.write_receipts(page)
    assert len(await rows(store, RECEIPTS)) == 200
    assert len(await rows(store, PAYMENTS)) == 200
