"""What stock and prices were, by days, and the views of it, on each kind of database."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import cycle
from typing import TYPE_CHECKING, Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.dataset as ds  # type: ignore[import-untyped]
import pytest
from sqlalchemy import delete, text

from smartkasa_async._support import clock as _clock
from smartkasa_async.export import export_tables
from smartkasa_async.records.batch import RecordKind
from smartkasa_async.records.days import Window, business_day
from smartkasa_async.reports.margins import MarginKind, PriceSource, read_margins
from smartkasa_async.reports.month.writing import export_month
from smartkasa_async.sandbox.business import Business, Simulation, simulate
from smartkasa_async.sandbox.business.money import hryvnias, spread
from smartkasa_async.stores import coverage_of, open_store
from smartkasa_async.stores.reading import MissingDays
from smartkasa_async.stores.schema import HISTORY_DAYS, PRICE_HISTORY, SCHEMA_VERSIONS, STOCK_HISTORY
from smartkasa_async.stores.versions import SCHEMA_VERSION
from smartkasa_async.stores.views import VIEWS
from tests.support import simulated_store
from tests.support.simulated_store import receipts_with_parts
from tests.support.stored import SHOP, batch, rows

if TYPE_CHECKING:
    from pathlib import Path

    from smartkasa_async.stores import Store

MONDAY, TUESDAY = date(2026, 10, 5), date(2026, 10, 6)
MORNING, EVENING = datetime(2026, 10, 5, 6, tzinfo=UTC), datetime(2026, 10, 5, 20, 59, tzinfo=UTC)
NEXT_MONTH = datetime(2026, 11, 3, tzinfo=UTC)
NEXT = datetime(2026, 10, 5, 21, tzinfo=UTC)  # midnight in Kyiv
TIMES = {"created_at": "2026-10-01T06:00:00Z", "updated_at": "2026-10-01T06:00:00Z"}


def product(id_: str = "tea", price: str = "10.00", cost: str | None = "6.5") -> dict[str, Any]:
    return {"id": id_, "title": "Чай", "number": "17", "price": price, "procurement_price": cost, **TIMES}


def card(id_: int = 1, count: str = "3.5", product_id: str = "tea") -> dict[str, Any]:
    return {"id": id_, "shop_id": SHOP["id"], "product_id": product_id, "count": count, **TIMES}


async def sync(store: Store, at: datetime, products: list[dict[str, Any]], cards: list[dict[str, Any]]) -> None:
    """Do to a store what a sync does that keeps history."""
    await store.keep_prices(at)
    for kind, records in ((RecordKind.PRODUCTS, products), (RecordKind.CARDS, cards)):
        await store.write(batch(kind, *records))
        await store.mark_deleted(kind, [record["id"] for record in records])
    await store.keep_prices(at)
    await store.keep_stock(at)


async def stock(store: Store) -> list[tuple[Any, ...]]:
    found = await store.read("stock_by_day")
    names = ("business_date", "card_id", "count", "price", "procurement_price")
    return [tuple(row[name] for name in names) for row in found.to_pylist()]


async def changes(store: Store) -> list[tuple[Any, ...]]:
    found = await store.read("price_changes")
    names = ("business_date", "noticed_at", "product_id", "before", "after", "change")
    return [tuple(row[name] for name in names) for row in found.to_pylist()]


def decimals(*texts: str) -> tuple[Decimal, ...]:
    return tuple(map(Decimal, texts))


async def test_a_card_has_a_row_for_each_day_and_the_last_sync_of_a_day_wins(store: Store) -> None:
    await sync(store, MORNING, [product()], [card(), card(2, "1")])
    await sync(store, EVENING, [product(price="12", cost="7")], [card(count="2.25"), card(2, "1")])
    await sync(store, NEXT, [product(price="12", cost=None)], [card(count="-1"), card(2, "1")])
    assert await stock(store) == [
        (MONDAY, 1, *decimals("2.25", "12", "7")),
        (MONDAY, 2, *decimals("1", "12", "7")),
        (TUESDAY, 1, *decimals("-1", "12"), None),
        (TUESDAY, 2, *decimals("1", "12"), None),
    ]
    days = [(row["business_date"], row["kept_at"]) for row in await rows(store, HISTORY_DAYS)]
    assert sorted(days) == [(MONDAY, EVENING), (TUESDAY, NEXT)]


async def test_a_view_has_names_and_what_stock_is_worth_to_the_kopeck(store: Store) -> None:
    await store.write(batch(RecordKind.SHOPS, SHOP))
    await sync(store, MORNING, [product(price="10.01", cost="6.55")], [card(count="0.125"), card(2, "3", "unknown")])
    first, other = (await store.read("stock_by_day")).to_pylist()
    assert (first["shop"], first["title"], first["number"]) == (SHOP["title"], "Чай", "17")
    assert (first["worth"], first["cost"]) == decimals("1.25", "0.82")
    assert (other["title"], other["price"], other["worth"], other["cost"]) == (None, None, None, None)


async def test_a_deleted_card_has_no_row_from_the_day_on_that_it_is_deleted(store: Store) -> None:
    await sync(store, MORNING - timedelta(days=1), [product()], [card(), card(2)])
    await sync(store, MORNING, [product()], [card(), card(2)])
    await sync(store, EVENING, [product()], [card()])
    await sync(store, NEXT, [product()], [card()])
    assert [row[:2] for row in await stock(store)] == [
        (date(2026, 10, 4), 1),
        (date(2026, 10, 4), 2),
        (MONDAY, 1),
        (TUESDAY, 1),
    ]


async def test_each_price_that_differs_from_the_last_one_is_a_change(store: Store) -> None:
    later = NEXT + timedelta(hours=9)
    await sync(store, MORNING, [product(), product("rice", "5")], [])
    await sync(store, EVENING, [product(price="12.50"), product("rice", "5")], [])
    await sync(store, NEXT, [product(price="12.50"), product("rice", "5"), product("salt", "1")], [])
    await sync(store, later, [product(price="10"), product("rice", "5"), product("salt", "1")], [])
    assert await changes(store) == [
        (MONDAY, EVENING, "tea", *decimals("10", "12.5", "2.5")),
        (TUESDAY, later, "tea", *decimals("12.5", "10", "-2.5")),
    ]
    assert {row["product_id"] for row in await rows(store, PRICE_HISTORY) if row["before"] is None} == {
        *("tea", "rice", "salt")
    }


async def test_a_price_that_the_store_knew_before_history_was_asked_for_is_the_last_one(store: Store) -> None:
    await store.write(batch(RecordKind.PRODUCTS, product(price="9")))
    await sync(store, MORNING, [product()], [])
    assert [row[2:5] for row in await changes(store)] == [("tea", *decimals("9", "10"))]


async def test_a_clock_that_is_behind_changes_neither_the_order_nor_the_number_of_changes(store: Store) -> None:
    await sync(store, EVENING, [product()], [])
    for minutes in (10, 20):
        await sync(store, EVENING - timedelta(minutes=minutes), [product(price="11")], [])
    assert [row[3:5] for row in await changes(store)] == [decimals("10", "11")]


async def test_history_is_of_its_account(new_store_address: str) -> None:
    async with open_store(new_store_address, account_id=1) as one, open_store(new_store_address, account_id=2) as two:
        await sync(one, MORNING, [product()], [card()])
        await sync(two, MORNING, [product(price="20")], [card(count="7"), card(2)])
        await sync(one, EVENING, [product(price="11")], [card(count="4")])
        assert await stock(one) == [(MONDAY, 1, *decimals("4", "11", "6.5"))]
        assert [row[:4] for row in await stock(two)] == [
            (MONDAY, 1, *decimals("7", "20")),
            (MONDAY, 2, *decimals("3.5", "20")),
        ]
        assert ([row[3:5] for row in await changes(one)], await changes(two)) == ([decimals("10", "11")], [])
        await two.write(batch(RecordKind.PRODUCTS, product(price="30")))
        await sync(one, NEXT, [product(price="11")], [card(count="4")])
        assert ({row[0] for row in await stock(two)}, await changes(two)) == ({MONDAY}, [])
        assert await one.purge() == 1 + 1 + 2 + 2 + 2
        assert (await stock(one), len(await stock(two))) == ([], 2)


async def test_days_of_which_no_history_was_kept_are_told(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_clock, "now", lambda: NEXT + timedelta(days=2))
    nothing = coverage_of(await store.read("stock_by_day"))
    assert (nothing.complete_until, nothing.not_read) == (None, ())
    await sync(store, MORNING, [product()], [card()])
    await sync(store, MORNING + timedelta(days=2), [product()], [card()])
    for name, kind in (("stock_by_day", RecordKind.CARDS), ("price_changes", RecordKind.PRODUCTS)):

        def missing(*days: int, kind: RecordKind = kind) -> tuple[MissingDays, ...]:
            return tuple(MissingDays(kind=kind, start=date(2026, 10, day), end=date(2026, 10, day)) for day in days)

        found = coverage_of(await store.read(name))
        assert (found.complete_until, found.not_read) == (NEXT, missing(6, 8))
        found = coverage_of(await store.read(name, start=date(2026, 10, 4), end=MONDAY))
        assert (found.complete_until, found.not_read) == (None, missing(4))
        assert coverage_of(await store.read(name, start=MONDAY, end=MONDAY)).is_complete


@pytest.mark.parametrize("format", ["parquet", "csv", "duckdb"])
async def test_history_is_exported_by_months(store: Store, tmp_path: Path, format: Any) -> None:
    await store.write(batch(RecordKind.SHOPS, SHOP))
    for month in (9, 10):
        at = datetime(2026, month, 30, 9, tzinfo=UTC)
        await sync(store, at, [product(price=str(month))], [card()])
        await sync(store, at + timedelta(hours=1), [product(price=f"{month}.5")], [card()])
    names = ["stock_by_day", "price_changes"]
    files = await export_tables(store, tmp_path, views=names, format=format, shops=[SHOP["id"]])
    counts: defaultdict[str, int] = defaultdict(int)
    for file in files:
        counts[file.table] += file.rows
    assert counts == {"stock_by_day": 2, "price_changes": 3}
    if format == "parquet":
        read = ds.dataset(tmp_path / "price_changes", partitioning="hive").to_table()
        assert read["change"].type == pa.decimal128(18, 4)
        assert sorted(read["change"].to_pylist()) == sorted(decimals("0.5", "0.5", "0.5"))


@cache
def business() -> Business:
    return simulate(Simulation(shops=2, days=5, receipts_per_day=60))


async def write_business(store: Store) -> None:
    await simulated_store.write_business(store, business())
    await write_products(store, business().rows["products"])


async def write_products(store: Store, products: list[dict[str, Any]]) -> None:
    await store.write(simulated_store.batch(RecordKind.PRODUCTS, products))


def to_the_kopeck(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), "ROUND_HALF_UP")


def expected_margins(costs: dict[tuple[date, str], Decimal]) -> dict[tuple[Any, ...], tuple[Decimal, Decimal]]:
    """What lines of the business came to and had cost, by day, shop and product; a cost for each product is known."""
    sums: dict[tuple[Any, ...], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for receipt in receipts_with_parts(business()):
        if not (receipt["type"] == 3 or (receipt["type"] == 0 and receipt["state"] == 2)):
            continue
        sign, day = (-1 if receipt["type"] == 3 else 1), business_day(receipt["created_at"])
        lines = receipt["items"]
        kopecks = [int(100 * (line["amount"] - (line["discount_amount"] or 0))) for line in lines]
        shares = spread(int(100 * receipt["discount_amount"]), kopecks)
        for line, amount, share in zip(lines, kopecks, shares, strict=True):
            of_product = sums[day, receipt["shop_id"], line["product_id"]]
            of_product[0] += sign * hryvnias(amount - share)
            of_product[1] += sign * to_the_kopeck(line["quantity"] * costs[day, line["product_id"]])
    return {key: (net, cost) for key, (net, cost) in sums.items()}


def margins_of(found: list[dict[str, Any]]) -> dict[tuple[Any, ...], tuple[Decimal, Decimal]]:
    return {
        (row["business_date"], row["shop_id"], row["product_id"]): (row["net"], row["cost"])
        for row in found
        if row["product_id"] is not None
    }


def days() -> list[date]:
    return sorted({business_day(receipt["created_at"]) for receipt in business().rows["receipts"]})


async def test_margins_are_those_of_the_business_and_of_the_report(store: Store) -> None:
    await write_business(store)
    prices = {row["id"]: row["procurement_price"] for row in business().rows["products"]}
    expected = expected_margins({(day, id_): price for day in days() for id_, price in prices.items()})
    found = (await store.read("margins")).to_pylist()
    assert margins_of(found) == expected
    assert sum(cost for _, cost in expected.values()) > 0
    known = [row for row in found if row["product_id"] is not None]
    assert all(row["profit"] == row["net"] - row["cost"] for row in known)
    share = [row for row in known if row["net"]]
    assert all(row["margin"] == to_the_kopeck(row["profit"] / row["net"] * 100) for row in share if row["net"] > 0)
    outside = [row for row in found if row["product_id"] is None]
    assert outside
    assert {(row["cost"], row["profit"], row["margin"]) for row in outside} == {(None, None, None)}
    async with store.reading() as connection:
        report = await read_margins(connection, Window(days()[0], days()[-1]), None, MarginKind.ALL)
        shown = (await connection.execute(text("SELECT sum(cost), sum(profit) FROM margins"))).one()
    totals = [sum((row[name] for row in known), Decimal(0)) for name in ("net", "cost", "profit")]
    assert totals == [report.amount, report.cost, report.profit]
    assert [round(Decimal(str(total)), 2) for total in shown] == totals[1:]


async def test_view_report_and_month_take_the_purchase_price_of_the_day_where_history_has_it(
    store: Store, tmp_path: Path
) -> None:
    await write_business(store)
    catalogue = business().rows["products"]
    kept = catalogue[: len(catalogue) // 2]
    cards = [card(number, product_id=record["id"]) for number, record in enumerate(kept, 1)]
    dear = [record | {"procurement_price": Decimal("9.99")} for record in kept] + catalogue[len(kept) :]
    since = days()[2]
    await write_products(store, dear)
    await store.write(batch(RecordKind.CARDS, *cards))
    await store.keep_stock(datetime(since.year, since.month, since.day, 9, tzinfo=UTC))
    await write_products(store, catalogue)

    present = {row["id"]: row["procurement_price"] for row in business().rows["products"]}
    then = present | {record["id"]: Decimal("9.99") for record in kept}
    costs = {(day, id_): (then if day >= since else present)[id_] for day in days() for id_ in present}
    expected = expected_margins(costs)
    assert margins_of((await store.read("margins")).to_pylist()) == expected

    of_products: defaultdict[str, Decimal] = defaultdict(Decimal)
    for (_, _, id_), (_, cost) in expected.items():
        of_products[id_] += cost
    async with store.reading() as connection:
        report = await read_margins(connection, Window(days()[0], days()[-1]), None, MarginKind.ALL)
    assert {one.id: one.cost for one in report.products} == of_products
    sold_before = {id_ for day, _, id_ in expected if day < since}
    sold_since = {id_ for day, _, id_ in expected if day >= since}
    sources = dict.fromkeys(of_products, PriceSource.CATALOGUE)
    for id_ in {record["id"] for record in kept} & sold_since:
        sources[id_] = PriceSource.BOTH if id_ in sold_before else PriceSource.HISTORY
    assert {one.id: one.price_source for one in report.products} == sources
    assert {PriceSource.CATALOGUE, PriceSource.BOTH} <= set(sources.values())

    await export_month(store, tmp_path / "month.json", month=days()[0], format="json", now=NEXT_MONTH)
    sheet = json.loads((tmp_path / "month.json").read_text("utf-8"))["tables"]["products"]
    shown = [(Decimal(row["cost"]), row["price_source"]) for row in sheet if row["cost"] is not None]
    words = {"history": "history", "catalogue": "the catalogue", "both": "history and the catalogue"}
    assert sorted(shown) == sorted((cost, words[sources[id_]]) for id_, cost in of_products.items())


async def test_what_has_no_purchase_price_has_no_cost(store: Store) -> None:
    await write_business(store)
    prices = cycle((None, Decimal(0)))
    free = [record | {"procurement_price": next(prices)} for record in business().rows["products"]]
    await write_products(store, free)
    found = (await store.read("margins")).to_pylist()
    assert found
    assert {(row["cost"], row["profit"], row["margin"]) for row in found} == {(None, None, None)}


async def test_a_store_of_version_7_gets_tables_and_views_of_history(store_address: str) -> None:
    async with open_store(store_address) as store:
        await store.write(batch(RecordKind.PRODUCTS, product()))
        async with store.engine.begin() as connection:
            for view in ("margins", "stock_by_day", "price_changes"):
                await connection.execute(text(f"DROP VIEW {view}"))
            for table in (STOCK_HISTORY, HISTORY_DAYS, PRICE_HISTORY):
                await connection.execute(text(f"DROP TABLE {table.name}"))
            await connection.execute(delete(SCHEMA_VERSIONS))
            await connection.execute(SCHEMA_VERSIONS.insert(), [{"version": 7, "applied_at": MORNING}])
    async with open_store(store_address) as store:
        assert [row["version"] for row in await rows(store, SCHEMA_VERSIONS)] == [7, SCHEMA_VERSION]
        assert [row["price"] for row in (await store.read("products")).to_pylist()] == [Decimal(10)]
        await sync(store, MORNING, [product(price="11")], [card()])
        assert (len(await stock(store)), len(await changes(store))) == (1, 1)
        for view in VIEWS:
            await store.read(view)
