from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from smartkasa_async import InvalidRequestError, RetryPolicy, SmartKasa
from smartkasa_async._i18n.translate import in_ukrainian
from smartkasa_async._support import clock as _clock
from smartkasa_async.jobs import Progress, Stage
from smartkasa_async.models import ShopCreate
from smartkasa_async.records import RecordKind
from smartkasa_async.sandbox import Fault, Sandbox, Simulation, simulate
from smartkasa_async.stores.schema import HISTORY_DAYS, METADATA, PRICE_HISTORY, PRODUCTS, STOCK_HISTORY
from smartkasa_async.sync import sync_reference_data

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from smartkasa_async.records import Batch
    from smartkasa_async.sandbox import Business
    from smartkasa_async.stores import Store

LISTED = ("shops", "terminals", "employees", "shifts", "categories", "products", "cards")


@pytest.fixture(scope="module")
def business() -> Business:
    return simulate(Simulation(seed=11, shops=3, days=5, receipts_per_day=5, products=230))


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


async def ids(store: Store, table: str) -> set[Any]:
    """Give the ids of what is not gone."""
    columns = METADATA.tables[table].c
    async with store.reading() as connection:
        return set(await connection.scalars(select(columns.id).where(columns.deleted_at.is_(None))))


async def test_all_that_receipts_hang_in_is_stored(box: Sandbox, kasa: SmartKasa, store: Store) -> None:
    seen: list[Progress] = []

    report = await sync_reference_data(kasa, store, on_progress=seen.append)

    assert report.complete
    for one, table in zip(report.lists, LISTED, strict=True):
        assert one.kind == table
        assert await ids(store, table) == {row["id"] for row in box.rows(table)}
        assert one.read == len(box.rows(table)) > 0
    assert seen[-1] == Progress(Stage.SYNCING, 7, 7, "lists", {"records": sum(one.read for one in report.lists)})


async def test_what_disappeared_is_marked_and_comes_back(box: Sandbox, kasa: SmartKasa, store: Store) -> None:
    await sync_reference_data(kasa, store)
    product = box.rows("products")[3]
    box._running.storage.execute("DELETE FROM products WHERE id = ?", (product["id"],))

    report = await sync_reference_data(kasa, store)

    assert {one.kind: one.deleted for one in report.lists if one.deleted} == {RecordKind.PRODUCTS: 1}
    assert product["id"] not in await ids(store, "products")
    async with store.reading() as connection:
        assert await connection.scalar(select(func.count()).select_from(PRODUCTS)) == 230

    box._running.storage.insert_rows("products", [product])
    assert (await sync_reference_data(kasa, store)).complete
    assert product["id"] in await ids(store, "products")


async def test_nothing_is_gone_from_a_list_that_cannot_be_read_whole(
    box: Sandbox, kasa: SmartKasa, store: Store
) -> None:
    await sync_reference_data(kasa, store)
    box.faults.add(Fault("status", path="/api/v1/inventory/products", status=404))
    box._running.storage.execute("DELETE FROM products")

    report = await sync_reference_data(kasa, store)

    assert not report.complete
    assert {one.kind for one in report.lists if one.reason} == {RecordKind.PRODUCTS}
    assert "products: listProducts: 404" in str(report)
    assert len(await ids(store, "products")) == 230


async def test_a_record_that_cannot_be_decoded_is_counted(box: Sandbox, kasa: SmartKasa, store: Store) -> None:
    broken = box.rows("employees")[0]["id"]
    await sync_reference_data(kasa, store)
    box._running.storage.execute("UPDATE employees SET state = 'on leave' WHERE id = ?", (broken,))

    report = await sync_reference_data(kasa, store)

    assert report.complete
    assert report.undecodable == 1
    assert "1 record does not have the documented form" in str(report)
    ((kind, kept),) = await store.quarantined()
    assert (kind, kept.key) == (RecordKind.EMPLOYEES, str(broken))
    assert in_ukrainian(kept.translatable) != kept.error
    assert broken in await ids(store, "employees")


async def test_a_sink_of_one_method_is_given_all_kinds(kasa: SmartKasa) -> None:
    class Kinds:
        def __init__(self) -> None:
            self.kinds: set[RecordKind] = set()

        async def write(self, batch: Batch[Any]) -> None:
            self.kinds.add(batch.kind)

    sink = Kinds()
    assert (await sync_reference_data(kasa, sink)).complete
    assert sink.kinds == set(LISTED)


async def test_the_store_of_another_account_is_refused_before_anything_is_written(
    kasa: SmartKasa, store: Store
) -> None:
    await sync_reference_data(kasa, store)
    before = {table: await ids(store, table) for table in LISTED}
    async with Sandbox() as other, SmartKasa(**other.credentials) as stranger:
        await stranger.shops.create(ShopCreate(title="Чужа"))
        other._running.storage.execute("UPDATE shops SET id = 5")
        with pytest.raises(InvalidRequestError, match="a store of its own") as refused:
            await sync_reference_data(stranger, store)
    assert refused.value.field == "store"
    assert {table: await ids(store, table) for table in LISTED} == before


@pytest.mark.parametrize(("minutes", "note"), [(0, None), (4, None), (10, "10 min ahead"), (-200, "3 h 20 min behind")])
async def test_a_clock_that_is_off_is_told(
    kasa: SmartKasa, store: Store, minutes: int, note: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = _clock.now
    monkeypatch.setattr(_clock, "now", lambda: now() + timedelta(minutes=minutes))
    report = await sync_reference_data(kasa, store)
    assert report.clock_skew == pytest.approx(minutes * 60, abs=25)
    assert (note in str(report)) if note else ("clock" not in str(report))


async def counts(store: Store) -> list[int]:
    """How many rows history has: of stock, of prices, of days."""
    async with store.reading() as connection:
        tables = (STOCK_HISTORY, PRICE_HISTORY, HISTORY_DAYS)
        return [await connection.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


async def test_history_is_kept_where_it_is_asked_for(box: Sandbox, kasa: SmartKasa, store: Store) -> None:
    await sync_reference_data(kasa, store)
    assert await counts(store) == [0, 0, 0]
    cards, product = box.rows("cards"), box.rows("products")[3]
    box._running.storage.execute("UPDATE products SET price = ? WHERE id = ?", ("77.7", product["id"]))

    for _ in range(2):
        assert (await sync_reference_data(kasa, store, history=True)).complete
        assert await counts(store) == [len(cards), 230 + 1, 1]
    async with store.reading() as connection:
        kept = await connection.execute(select(STOCK_HISTORY.c.card_id, STOCK_HISTORY.c.count))
        assert {tuple(row) for row in kept} == {(card["id"], card["count"]) for card in cards}
        changed = select(PRICE_HISTORY.c.product_id, PRICE_HISTORY.c.before, PRICE_HISTORY.c.after)
        found = await connection.execute(changed.where(PRICE_HISTORY.c.before.is_not(None)))
        assert [tuple(row) for row in found] == [(product["id"], product["price"], Decimal("77.7"))]


@pytest.mark.parametrize("path", ["products", "cards"])
async def test_no_stock_is_kept_of_a_list_that_cannot_be_read_whole(
    box: Sandbox, kasa: SmartKasa, store: Store, path: str
) -> None:
    box.faults.add(Fault("status", path=f"/api/v1/inventory/{path}", status=404))
    assert not (await sync_reference_data(kasa, store, history=True)).complete
    assert await counts(store) == [0, 0, 0]


async def test_history_is_of_products_and_cards_in_a_store(kasa: SmartKasa, store: Store) -> None:
    with pytest.raises(InvalidRequestError, match="kinds must have both"):
        await sync_reference_data(kasa, store, kinds=[RecordKind.CARDS], history=True)

    class Sink:
        async def write(self, batch: Batch[Any]) -> None: ...

    with pytest.raises(InvalidRequestError, match="history needs a store"):
        await sync_reference_data(kasa, Sink(), history=True)
