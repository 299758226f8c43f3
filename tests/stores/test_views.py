"""The views add up to what the business did, to the kopeck, on each kind of database."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from smartkasa_async.records.batch import RecordKind
from smartkasa_async.records.days import business_day
from smartkasa_async.sandbox.business import Business, Simulation, simulate
from smartkasa_async.sandbox.business.money import hryvnias, spread
from smartkasa_async.stores.sources import VIEW_SOURCES
from smartkasa_async.stores.views import VIEWS, create_views
from tests.support.simulated_store import batch, receipts_with_parts, write_business

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smartkasa_async.stores import Store

Row = dict[str, Any]
FIGURES = ("sales", "refunds", "net")
LETTERS = dict(zip("АБВГДЗ", "abvgdz", strict=True))
OF_SALES = [name for name, source in VIEW_SOURCES.items() if not source.is_history]
NOON = "2026-10-05T09:00:00+00:00"


@cache
def business() -> Business:
    return simulate(Simulation(shops=2, days=5, receipts_per_day=60))


async def read(store: Store, view: str) -> list[Row]:
    async with store.reading() as connection:
        found = await connection.execute(text(f"SELECT * FROM {view}"))  # noqa: S608
        return [dict(row) for row in found.mappings()]


def exact(value: Any) -> Decimal:
    """What a BI tool shows of a figure: in SQLite the shortest decimal of a real number."""
    return Decimal(str(value))


def summed(rows: Iterable[Row], *keys: str) -> dict[Any, tuple[Decimal, ...]]:
    """Figures by key, those that come to nothing left out."""
    sums: dict[Any, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * len(FIGURES))
    for row in rows:
        place = sums[tuple(str(row[key]) for key in keys)]
        place[:] = [before + exact(row[figure]) for before, figure in zip(place, FIGURES, strict=True)]
    return {key: tuple(figures) for key, figures in sums.items() if any(figures)}


def counted(receipts: Iterable[Row]) -> list[Row]:
    return [row for row in receipts if row["type"] == 3 or (row["type"] == 0 and row["state"] == 2)]


def figures(receipt: Row, amount: Decimal, **keys: Any) -> Row:
    sale, refund = (Decimal(0), amount) if receipt["type"] == 3 else (amount, Decimal(0))
    place = {"business_date": business_day(receipt["created_at"]), "shop_id": receipt["shop_id"]}
    return place | {"sales": sale, "refunds": refund, "net": sale - refund} | keys


def sale(id_: str = "r1", *, total: str, **changes: Any) -> Row:
    row = {
        "id": id_,
        "type": 0,
        "state": 2,
        "total_amount": total,
        "shop_id": 7,
        "created_at": NOON,
        "updated_at": NOON,
    }
    return row | {"items": [], "payment_transactions": []} | changes


def line(amount: str, group: int | None, **changes: Any) -> Row:
    row = {"id": "i", "name": "Чай", "price": amount, "quantity": "1", "amount": amount, "tax_group_id": group}
    return row | {"created_at": NOON, "updated_at": NOON} | changes


def payment(amount: str, means: int, type_: int = 0) -> Row:
    row = {"id": "p", "amount": amount, "transaction_type_id": means, "payment_type_id": type_}
    return row | {"created_at": NOON, "updated_at": NOON}


async def write(store: Store, *receipts: Row) -> None:
    await store.write(batch(RecordKind.RECEIPTS, list(receipts)))


async def test_each_view_adds_up_to_the_receipts_of_each_day_and_shop(store: Store) -> None:
    await write_business(store, business())
    expected = summed(
        (figures(receipt, receipt["total_amount"]) for receipt in counted(business().rows["receipts"])),
        "business_date",
        "shop_id",
    )
    of_shops = {
        (str(shop_id),): (shop.sales_total, shop.refunds_total, shop.sales_total - shop.refunds_total)
        for shop_id, shop in business().summary.items()
    }
    for view in OF_SALES:
        rows = await read(store, view)
        assert (view, summed(rows, "business_date", "shop_id")) == (view, expected)
        assert (view, summed(rows, "shop_id")) == (view, of_shops)
        assert {row["shop"] for row in rows} == {shop["title"] for shop in business().rows["shops"]}


async def test_sales_by_day_count_receipts_and_sum_up_taxes_and_rounding(store: Store) -> None:
    await write_business(store, business())
    rows = await read(store, "sales_by_day")
    receipts = counted(business().rows["receipts"])

    for shop_id, shop in business().summary.items():
        assert sum(row["sale_receipts"] for row in rows if row["shop_id"] == shop_id) == shop.sales
        assert sum(row["refund_receipts"] for row in rows if row["shop_id"] == shop_id) == shop.refunds
    signs = {0: 1, 3: -1}
    for letter, name in LETTERS.items():
        kopecks = sum(signs[row["type"]] * row["tax_amount"].get(letter, 0) for row in receipts)
        assert sum(exact(row[f"tax_{name}"]) for row in rows) == hryvnias(kopecks)
    rounding = sum(signs[row["type"]] * row["rounding_amount"] for row in receipts)
    assert rounding != 0
    assert sum(exact(row["rounding_amount"]) for row in rows) == rounding


async def test_means_of_payment_are_those_of_the_payments(store: Store) -> None:
    await write_business(store, business())
    expected = summed(
        (
            figures(receipt, payment["amount"], payment_means_id=payment["transaction_type_id"])
            for receipt in counted(receipts_with_parts(business()))
            for payment in receipt["payment_transactions"]
        ),
        "business_date",
        "shop_id",
        "payment_means_id",
    )
    rows = await read(store, "sales_by_payment_means")
    assert summed(rows, "business_date", "shop_id", "payment_means_id") == expected
    assert {row["payment_means_id"]: (row["payment_means"], row["payment_means_en"]) for row in rows}[0] == (
        "Готівка",
        "Cash",
    )


def discounted_lines() -> Iterable[tuple[Row, Row, Decimal]]:
    """Receipts, their lines, and what each line counts after both discounts."""
    for receipt in counted(receipts_with_parts(business())):
        lines = receipt["items"]
        sums = [int(100 * (line["amount"] - (line["discount_amount"] or 0))) for line in lines]
        shares = spread(int(100 * receipt["discount_amount"]), sums)
        for line, kopecks, share in zip(lines, sums, shares, strict=True):
            yield receipt, line, hryvnias(kopecks - share)


async def test_tax_groups_are_those_of_the_lines_after_both_discounts(store: Store) -> None:
    await write_business(store, business())
    keys = ("business_date", "shop_id", "tax_group_id")
    expected = summed(
        (figures(receipt, amount, tax_group_id=line["tax_group_id"]) for receipt, line, amount in discounted_lines()),
        *keys,
    )
    rows = await read(store, "sales_by_tax_group")
    assert summed((row for row in rows if row["tax_group_id"] is not None), *keys) == expected

    rounding = summed(figures(row, row["rounding_amount"]) for row in counted(business().rows["receipts"]))
    outside = [row for row in rows if row["tax_group_id"] is None]
    assert summed(outside) == rounding
    assert {row["tax_group"] for row in outside} == {"Заокруглення та інше"}


async def test_products_are_those_of_the_lines_after_both_discounts(store: Store) -> None:
    await write_business(store, business())
    keys = ("business_date", "shop_id", "product_id", "name")
    expected = summed(
        (
            figures(receipt, amount, product_id=line["product_id"], name=line["name"])
            for receipt, line, amount in discounted_lines()
        ),
        *keys,
    )
    rows = await read(store, "sales_by_product")
    assert summed((row for row in rows if row["product_id"] is not None), *keys) == expected
    sold = sum(line["quantity"] for receipt, line, _ in discounted_lines() if receipt["type"] == 0)
    assert sum(exact(row["sold_quantity"]) for row in rows) == sold


async def test_the_cross_keeps_both_sums(store: Store) -> None:
    await write_business(store, business())
    cross = await read(store, "sales")
    for view, code in (("sales_by_payment_means", "payment_means_id"), ("sales_by_tax_group", "tax_group_id")):
        keys = ("business_date", "shop_id", code)
        assert summed(cross, *keys) == summed(await read(store, view), *keys)


async def test_the_cross_is_in_proportion(store: Store) -> None:
    await write(
        store,
        sale(
            total="99.99",
            items=[line("60.00", 1), line("39.99", 4)],
            payment_transactions=[payment("33.33", 0), payment("66.66", 2)],
        ),
    )
    cells = {(row["payment_means_id"], row["tax_group_id"]): exact(row["sales"]) for row in await read(store, "sales")}
    assert cells == {
        (0, 1): Decimal("20.00"),
        (2, 1): Decimal("40.00"),
        (0, 4): Decimal("13.33"),
        (2, 4): Decimal("26.66"),
    }


async def test_the_cross_keeps_both_sums_of_receipts_that_come_to_nothing_or_contradict_themselves(
    store: Store,
) -> None:
    await write(
        store,
        sale("free", total="0", discount_amount="10", items=[line("10", 1)], payment_transactions=[]),
        sale("even", total="0", items=[line("7", 6), line("-7", 3)], payment_transactions=[]),
        sale("odd", total="0", items=[line("7", 1), line("-5", 4)], payment_transactions=[payment("3", 0)]),
        sale("off", total="0.01", items=[line("70", 1), line("30", 2)], payment_transactions=[payment("50", 0)]),
        sale("bare", total="5.55", items=None, payment_transactions=None),
    )
    cross = await read(store, "sales")
    for view, code in (("sales_by_payment_means", "payment_means_id"), ("sales_by_tax_group", "tax_group_id")):
        assert summed(cross, code) == summed(await read(store, view), code)
    assert summed(cross) == {(): (Decimal("5.56"), Decimal(0), Decimal("5.56"))}


async def test_what_is_neither_a_paid_sale_nor_a_refund_does_not_count(store: Store) -> None:
    parts: Row = {"items": [line("5", 1)], "payment_transactions": [payment("5", 0)]}
    other = [
        sale(f"{type_}-{state}", total="5", type=type_, state=state, **parts)
        for type_, state in product((0, 1, 2, 4, 5, 102, 103, 77), (1, 2, 3))
        if (type_, state) != (0, 2)
    ]
    await write(store, *other, sale("gone", total="5", **parts), sale("gone-refund", total="5", type=3, **parts))
    await store.mark_deleted(RecordKind.RECEIPTS, [row["id"] for row in other], shop_id=7)
    assert [(view, await read(store, view)) for view in VIEWS] == [(view, []) for view in VIEWS]


async def test_what_no_payment_or_line_accounts_for_has_a_row_of_its_own(store: Store) -> None:
    await write(store, sale(total="12.50", discount_amount="3", items=None, payment_transactions=None))
    (means,) = await read(store, "sales_by_payment_means")
    assert (means["payment_means_id"], means["payment_means"], means["payment_means_en"]) == (
        None,
        "Не вказано",
        "Not stated",
    )
    assert exact(means["net"]) == Decimal("12.5")
    (group,) = await read(store, "sales_by_tax_group")
    assert (group["tax_group_id"], group["tax_group_en"], exact(group["sales"])) == (
        None,
        "Rounding and other",
        Decimal("12.5"),
    )


async def test_a_cancelled_payment_takes_its_sum_off(store: Store) -> None:
    payments = [payment("9", 1), payment("9", 1, type_=1), payment("9", 0)]
    await write(store, sale(total="9", items=[line("9", 1)], payment_transactions=payments))
    rows = await read(store, "sales_by_payment_means")
    assert {row["payment_means_id"]: exact(row["sales"]) for row in rows} == {0: Decimal(9), 1: Decimal(0)}


async def test_codes_that_nobody_knows_are_called_by_their_numbers(store: Store) -> None:
    await write(store, sale(total="1", items=[line("1", 42)], payment_transactions=[payment("1", 9)]))
    (row,) = await read(store, "sales")
    assert (row["payment_means"], row["payment_means_en"]) == ("Код 9", "Code 9")
    assert (row["tax_group"], row["tax_group_en"]) == ("Код 42", "Code 42")


async def test_a_line_without_a_tax_group_is_in_no_group(store: Store) -> None:
    await write(store, sale(total="1", items=[line("1", None)]))
    (row,) = await read(store, "sales_by_tax_group")
    assert (row["tax_group_id"], row["tax_group"], row["tax_group_en"]) == (0, "Без групи", "No group")


async def test_the_average_is_of_sales_and_rounded_to_the_kopeck(store: Store) -> None:
    await write(store, sale("a", total="10.00"), sale("b", total="10.01"), sale("c", total="3", type=3, state=3))
    (day,) = await read(store, "sales_by_day")
    assert exact(day["average_sale"]) == Decimal("10.01")
    await write(store, sale("a", total="10.00", state=1), sale("b", total="10.01", state=1))
    (day,) = await read(store, "sales_by_day")
    assert day["average_sale"] is None


async def test_very_large_and_negative_sums_are_exact(store: Store) -> None:
    for day, total in enumerate(("98765432109.87", "-98765432109.87", "0.01"), 10):
        rest = str(Decimal(total) - 1)
        lines, payments = [line(rest, 1), line("1", 2)], [payment("1", 0), payment(rest, 2)]
        made = f"2026-10-{day}T09:00:00+00:00"
        await write(store, sale(total, total=total, items=lines, payment_transactions=payments, created_at=made))
    for view in OF_SALES:
        sums = summed(await read(store, view), "business_date")
        assert [sales for _, (sales, *_) in sorted(sums.items())] == [
            Decimal("98765432109.87"),
            Decimal("-98765432109.87"),
            Decimal("0.01"),
        ]


async def test_figures_are_decimals_in_postgresql_and_reals_in_sqlite(store: Store) -> None:
    await write(store, sale(total="1438.05", items=[line("1438.05", 1)]))
    kind = float if store.engine.dialect.name == "sqlite" else Decimal
    for view in OF_SALES:
        (row,) = [row for row in await read(store, view) if row["sales"]]
        assert [type(row[figure]) for figure in FIGURES] == [kind] * 3


async def test_views_of_an_earlier_release_are_replaced(store: Store) -> None:
    async with store.engine.begin() as connection:
        await connection.execute(text("DROP VIEW sales_by_day"))
        await connection.execute(text("CREATE VIEW sales_by_day AS SELECT 1 AS old"))
        await connection.run_sync(create_views)
    await write(store, sale(total="2"))
    (row,) = await read(store, "sales_by_day")
    assert exact(row["net"]) == 2
