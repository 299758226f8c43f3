"""What a page reads of a store is what the views say, on each kind of database."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from smartkasa_async.records.batch import RecordKind
from smartkasa_async.records.days import Window
from smartkasa_async.reports.page.facts import read_data
from smartkasa_async.reports.page.queries import PageQueries, read_page_facts
from smartkasa_async.reports.page.time_buckets import MONEY_UNIT, Table, TimeBuckets
from smartkasa_async.sandbox.business import Simulation, simulate
from tests.support.simulated_store import batch, receipts_with_parts, write_business

if TYPE_CHECKING:
    from smartkasa_async.reports.page.facts import PageFacts
    from smartkasa_async.stores import Store

WINDOW = Window(date(2026, 10, 2), date(2026, 10, 4))
BUSINESS = Simulation(shops=2, days=5, receipts_per_day=40, products=60)
WITHOUT_CODE = -1


async def read(store: Store, window: Window = WINDOW, shops: list[int] | None = None, **more: Any) -> PageFacts:
    return await read_page_facts(store, TimeBuckets(window), window=window, shops=shops, **{"receipts": [], **more})


async def views(store: Store, view: str, *columns: str) -> dict[tuple[Any, ...], tuple[Decimal, ...]]:
    """Figures of a view within the window, by its first columns; those that come to nothing left out."""
    query = f"SELECT {', '.join(columns)}, business_date, sales, refunds FROM {view}"  # noqa: S608
    found: defaultdict[Any, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    async with store.reading() as connection:
        for *keys, day, sales, refunds in await connection.execute(text(query)):
            if f"{WINDOW.start}" <= f"{day}" <= f"{WINDOW.end}":
                found[tuple(keys)][0] += Decimal(str(sales))
                found[tuple(keys)][1] += Decimal(str(refunds))
    return {keys: tuple(figures) for keys, figures in found.items() if any(figures)}


def figures(facts: PageFacts, table: Table, places: tuple[int, ...]) -> dict[Any, tuple[Decimal, ...]]:
    found: defaultdict[Any, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * len(places))
    for shop in facts.buckets.shops():
        for _, key, numbers in facts.buckets.rows(table, shop):
            for at, place in enumerate(places):
                found[shop, key][at] += Decimal(numbers[place]) / MONEY_UNIT
    return {key: tuple(sums) for key, sums in found.items() if any(sums)}


async def test_figures_are_those_of_the_views(store: Store) -> None:
    await write_business(store, simulate(BUSINESS))
    facts = await read(store)
    by_shop = await views(store, "sales_by_day", "shop_id")
    assert by_shop
    assert figures(facts, Table.TURNOVER, (0, 2)) == {(shop, 0): sums for (shop,), sums in by_shop.items()}
    for table, view, code in (
        (Table.MEANS, "sales_by_payment_means", "payment_means_id"),
        (Table.GROUPS, "sales_by_tax_group", "tax_group_id"),
    ):
        expected = await views(store, view, "shop_id", code)
        assert figures(facts, table, (0, 1)) == {
            (shop, WITHOUT_CODE if key is None else key): sums for (shop, key), sums in expected.items()
        }
    assert sum(facts.buckets.figures(Table.HOURS, 0)) == sum(facts.buckets.figures(Table.TURNOVER, 0))


async def test_products_are_those_of_the_views(store: Store) -> None:
    await write_business(store, simulate(BUSINESS))
    facts = await read(store)
    expected = {
        (shop, product): sales - refunds
        for (shop, product), (sales, refunds) in (
            await views(store, "sales_by_product", "shop_id", "product_id")
        ).items()
        if product is not None
    }
    found = figures(facts, Table.PRODUCTS, (0,))
    assert {(shop, facts.products[place].id): net for (shop, place), (net,) in found.items()} == {
        key: net for key, net in expected.items() if net
    }


async def test_what_sells_best_in_one_shop_is_given_for_all(store: Store) -> None:
    await write_business(store, simulate(BUSINESS))
    nets: defaultdict[int, dict[str, Decimal]] = defaultdict(dict)
    sold = await views(store, "sales_by_product", "shop_id", "product_id")
    for (shop, product), (sales, refunds) in sold.items():
        if product is not None:
            nets[shop][product] = sales - refunds
    best = {max(products, key=products.__getitem__) for products in nets.values()}
    async with store.reading() as connection:
        rows = [row for row in await connection.execute(PageQueries(WINDOW, None).lines(1)) if row.id is not None]
    assert {(row.shop_id, row.id) for row in rows} == {(shop, one) for shop in nets for one in best & nets[shop].keys()}


async def test_shops_can_be_chosen(store: Store) -> None:
    business = simulate(BUSINESS)
    await write_business(store, business)
    second = business.rows["shops"][1]["id"]
    assert (await read(store, shops=[second])).buckets.shops() == {second}
    assert (await read(store, shops=[])).buckets.shops() == set()


@pytest.mark.parametrize(
    ("made", "day", "hour"),
    [
        ("2026-10-24T20:59:59Z", date(2026, 10, 24), 23),
        ("2026-10-24T21:00:00Z", date(2026, 10, 25), 0),
        ("2026-10-25T00:30:00Z", date(2026, 10, 25), 3),
        ("2026-10-25T01:30:00Z", date(2026, 10, 25), 3),
        ("2026-10-25T21:30:00Z", date(2026, 10, 25), 23),
        ("2026-03-29T00:30:00Z", date(2026, 3, 29), 2),
        ("2026-03-29T01:30:00Z", date(2026, 3, 29), 4),
        ("2026-12-31T22:00:00Z", date(2027, 1, 1), 0),
    ],
)
async def test_hours_and_days_are_those_of_kyiv(store: Store, made: str, day: date, hour: int) -> None:
    await store.write(batch(RecordKind.RECEIPTS, [sale(created_at=made, updated_at=made)]))
    facts = await read(store, Window(day, day))
    assert facts.buckets.rows(Table.HOURS, 7) == [(0, hour, (105_000, 1))]
    assert facts.buckets.rows(Table.TURNOVER, 7) == [(0, 0, (105_000, 1, 0, 0))]


async def test_what_nothing_accounts_for_is_not_lost(store: Store) -> None:
    at = "2026-10-03T09:00:00Z"
    line = {"id": "i", "name": "Чай", "price": "7.25", "quantity": "1", "amount": "7.25", "tax_group_id": 1}
    times = {"created_at": at, "updated_at": at}
    await store.write(batch(RecordKind.RECEIPTS, [sale(**times, items=[line | times])]))
    facts = await read(store)
    assert figures(facts, Table.MEANS, (0,)) == {(7, WITHOUT_CODE): (Decimal("10.5"),)}
    assert figures(facts, Table.GROUPS, (0,)) == {(7, 1): (Decimal("7.25"),), (7, WITHOUT_CODE): (Decimal("3.25"),)}
    assert [product.title for product in facts.products] == ["Чай"]


async def test_receipts_that_are_named_are_read(store: Store) -> None:
    business = simulate(BUSINESS)
    await write_business(store, business)
    refunds = [row for row in receipts_with_parts(business) if row["type"] == 3]
    facts = await read(
        store, Window(date(2026, 10, 1), date(2026, 10, 5)), receipts=["absent", business.rows["receipts"][0]["id"]]
    )
    assert facts.refunds
    assert [facts.receipts[id_].total for id_ in facts.refunds] == sorted(
        (row["total_amount"] for row in refunds), reverse=True
    )
    assert set(facts.receipts) == {*facts.refunds, business.rows["receipts"][0]["id"]}


def sale(**changes: Any) -> dict[str, Any]:
    row = {
        "id": "r1",
        "type": 0,
        "state": 2,
        "total_amount": "10.50",
        "shop_id": 7,
        "items": [],
        "payment_transactions": [],
    }
    return row | changes


async def test_the_days_before_are_summed_up_as_well(store: Store) -> None:
    await write_business(store, simulate(BUSINESS))
    facts = await read(store, Window(date(2026, 10, 4), date(2026, 10, 5)))
    own = await read(store, Window(date(2026, 10, 2), date(2026, 10, 3)))
    assert facts.before is not None
    for table in (Table.TURNOVER, Table.HOURS):
        for shop in own.buckets.shops():
            assert facts.before.rows(table, shop) == own.buckets.rows(table, shop) != []


async def test_days_are_read_as_the_store_knows_them(store: Store) -> None:
    read_at = datetime(2026, 10, 4, 11, 30, tzinfo=UTC)
    await store.note_read(RecordKind.RECEIPTS, read_at, shop_id=7, window=WINDOW)
    await store.note_read(RecordKind.Z_REPORTS, read_at, shop_id=8, window=WINDOW)
    facts = await read(store)
    assert facts.read is not None
    assert {shop: read_data(spans, WINDOW, read_at) for shop, spans in facts.read.items()} == {
        7: {"whole": [["2026-10-02", "2026-10-03"]], "partly": {"2026-10-04": "14:30"}}
    }
