"""Price lists into the sandbox, over a real socket."""

from __future__ import annotations

import runpy
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async import SmartKasa
from smartkasa_async.catalog import ImportStoppedError, OutcomeKind, SourceError, import_products
from smartkasa_async.errors import ForbiddenError
from smartkasa_async.models import CategoryCreate, ProductCreate
from smartkasa_async.sandbox import Fault, Sandbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

EXAMPLES = Path(__file__).parents[2] / "examples"
PRODUCTS = "/api/v1/inventory/products/batch"
CATEGORIES = "/api/v1/inventory/categories/batch"


@pytest.fixture
async def kasa(box: Sandbox) -> AsyncIterator[SmartKasa]:
    async with SmartKasa(
        base_url=box.url, api_key=box.api_key, phone_number=box.phone_number, password=box.password
    ) as client:
        yield client


def price_list(folder: Path, rows: list[str]) -> Path:
    path = folder / "list.csv"
    path.write_bytes("\r\n".join(["Назва;Ціна;Категорія;Од.", *rows]).encode("cp1251"))
    return path


def titles(box: Sandbox) -> list[str]:
    return sorted(row["title"] for row in box.rows("products"))


def paths(box: Sandbox) -> list[str]:
    by_id = {row["id"]: row for row in box.rows("categories")}

    def path(row: dict[str, Any]) -> str:
        return (path(by_id[row["parent_id"]]) + " / " if row["parent_id"] else "") + str(row["title"])

    return sorted(path(row) for row in by_id.values())


async def test_the_example_price_list_arrives(box: Sandbox, kasa: SmartKasa) -> None:
    script = runpy.run_path(str(EXAMPLES / "make_catalogue.py"))

    summary = await import_products(kasa, EXAMPLES / "catalogue.csv")

    bad = {fault.row: (fault.field, fault.code) for fault in script["FAULTS"]}
    assert {outcome.row: (outcome.field, outcome.problems[0].code) for outcome in summary.not_created} == bad
    assert (summary.created, summary.rejected, summary.unknown) == (script["ROWS"] - len(bad), len(bad), 0)

    stored = {row["alter_number"]: row for row in box.rows("products")}
    categories = {row["id"]: row for row in box.rows("categories")}
    assert len(stored) == summary.created
    for number, (barcode, article, title, path, price, _, _, _, code, _) in enumerate(
        script["make_rows"]()[:60], start=1
    ):
        assert number not in bad
        row = stored[article]
        assert (row["number"], row["title"], row["classifier_code"]) == (barcode, title, code)
        assert row["price"] == Decimal(price.replace("\u00a0", "").replace(" ", "").replace(",", "."))
        category = categories[row["category_id"]]
        assert f"{categories[category['parent_id']]['title']} / {category['title']}" == path
    assert {group.category for group in script["GROUPS"]} <= set(paths(box))
    assert len(paths(box)) == len(set(paths(box)))
    assert box.calls[f"POST {PRODUCTS}"] == 24


async def test_each_outcome_carries_the_id_of_its_product(box: Sandbox, kasa: SmartKasa, tmp_path: Path) -> None:
    path = price_list(tmp_path, [f"Товар {number};{number},50;Різне;шт" for number in range(1, 31)])

    outcomes = [outcome async for outcome in import_products(kasa, path, batch_size=4)]

    by_id = {row["id"]: row for row in box.rows("products")}
    assert len(by_id) == len(outcomes) == 30
    for outcome in outcomes:
        assert (outcome.kind, outcome.line) == (OutcomeKind.CREATED, outcome.row + 1)
        assert by_id[str(outcome.product_id)]["title"] == f"Товар {outcome.row}" == outcome.key
        assert by_id[str(outcome.product_id)]["price"] == Decimal(outcome.row) + Decimal("0.5")
        assert by_id[str(outcome.product_id)]["unit_type_id"] == 2009


async def test_rows_that_only_the_service_refuses_stand_alone(box: Sandbox, kasa: SmartKasa) -> None:
    bad = {3, 64, 65, 99}
    items = [
        ProductCreate(title=f"Товар {number}", category_id="5f0c7a52-0000-4000-8000-000000000000")
        if number in bad
        else ProductCreate(title=f"Товар {number}")
        for number in range(1, 101)
    ]

    summary = await import_products(kasa, items)

    assert {outcome.row for outcome in summary.not_created} == bad
    assert {outcome.field for outcome in summary.not_created} == {"category_id"}
    assert titles(box) == sorted(item.title for number, item in enumerate(items, start=1) if number not in bad)
    assert box.calls[f"POST {PRODUCTS}"] <= 1 + 2 * len(bad) * 7


@pytest.mark.parametrize(("kind", "arrived"), [("drop_after", 10), ("drop_before", 0)])
async def test_a_batch_without_an_answer_is_unknown_and_not_sent_again(
    box: Sandbox, kasa: SmartKasa, kind: Any, arrived: int
) -> None:
    box.faults.add(Fault(kind, path=PRODUCTS))

    summary = await import_products(
        kasa, [ProductCreate(title=f"Товар {number}") for number in range(30)], batch_size=10
    )

    assert (summary.created, summary.rejected, summary.unknown) == (20, 0, 10)
    assert {outcome.kind for outcome in summary.not_created} == {OutcomeKind.UNKNOWN}
    assert len(titles(box)) == len(set(titles(box))) == 20 + arrived
    assert box.calls[f"POST {PRODUCTS}"] == 3


async def test_too_many_requests_are_waited_out(box: Sandbox, kasa: SmartKasa) -> None:
    box.faults.add(Fault("status", path=PRODUCTS, times=3, status=429, retry_after=0))

    summary = await import_products(
        kasa, [ProductCreate(title=f"Товар {number}") for number in range(30)], batch_size=10
    )

    assert (summary.created, len(titles(box))) == (30, 30)


async def test_a_refusal_of_all_stops_the_import(box: Sandbox, kasa: SmartKasa) -> None:
    box.faults.add(Fault("status", path=PRODUCTS, times=None, status=403))

    with pytest.raises(ImportStoppedError) as caught:
        await import_products(kasa, [ProductCreate(title=f"Товар {number}") for number in range(1000)], batch_size=10)

    assert isinstance(caught.value.__cause__, ForbiddenError)
    assert caught.value.summary.created == 0
    assert {outcome.problems[0].code for outcome in caught.value.summary.not_created} == {"not_sent"}
    assert box.calls[f"POST {PRODUCTS}"] <= 4


async def test_categories_are_created_once_and_found_again(box: Sandbox, kasa: SmartKasa, tmp_path: Path) -> None:
    await kasa.categories.create(CategoryCreate(title="Напої"))
    rows = [
        "Еспресо;5;Напої / Кава;шт",
        "Лате;6;напої / КАВА;шт",
        "Хліб;7;Хліб;шт",
        "Матча;8;Напої / Чай / Зелений;шт",
        "Лимон;9;;шт",
    ]

    first = await import_products(kasa, price_list(tmp_path, rows), batch_size=2)
    second = await import_products(kasa, price_list(tmp_path, rows))

    assert (first.created, second.created) == (5, 5)
    assert paths(box) == ["Напої", "Напої / Кава", "Напої / Чай", "Напої / Чай / Зелений", "Хліб"]
    coffee = next(row["id"] for row in box.rows("categories") if row["title"] == "Кава")
    assert len(box.rows("products", category_id=coffee)) == 4


async def test_a_category_that_may_exist_keeps_its_rows_back(box: Sandbox, kasa: SmartKasa, tmp_path: Path) -> None:
    box.faults.add(Fault("drop_after", path=CATEGORIES))

    summary = await import_products(
        kasa, price_list(tmp_path, ["Еспресо;5;Напої / Кава;шт", "Матча;8;Напої / Чай;шт", "Хліб;7;;шт"]), batch_size=1
    )

    assert [(outcome.row, outcome.field, outcome.problems[0].code) for outcome in summary.not_created] == [
        (1, "category", "category_unknown"),
        (2, "category", "category_unknown"),
    ]
    assert titles(box) == ["Хліб"]
    assert paths(box) == ["Напої"]


async def test_a_category_that_the_service_refuses_rejects_its_rows_only(
    box: Sandbox, kasa: SmartKasa, tmp_path: Path
) -> None:
    refusal = {"errors": {"categories": [{"error": "invalid"}]}}
    box.faults.add(Fault("status", path=CATEGORIES, status=422, body=refusal))

    summary = await import_products(kasa, price_list(tmp_path, ["Еспресо;5;Кава;шт", "Хліб;7;;шт"]))

    assert [(outcome.row, outcome.problems[0].code) for outcome in summary.not_created] == [(1, "category_not_created")]
    assert titles(box) == ["Хліб"]


async def test_a_stop_among_categories_stops_the_import(box: Sandbox, kasa: SmartKasa, tmp_path: Path) -> None:
    box.faults.add(Fault("status", path=CATEGORIES, status=403))

    with pytest.raises(ImportStoppedError) as caught:
        await import_products(kasa, price_list(tmp_path, ["Хліб;7;;шт", "Еспресо;5;Кава;шт"]))

    assert {outcome.problems[0].code for outcome in caught.value.summary.not_created} == {"not_sent"}
    assert (caught.value.summary.rows, titles(box)) == (2, [])


async def test_an_ambiguous_category_is_not_guessed(box: Sandbox, kasa: SmartKasa, tmp_path: Path) -> None:
    await kasa.categories.create_batch([CategoryCreate(title="Кава"), CategoryCreate(title="Кава")])

    summary = await import_products(kasa, price_list(tmp_path, ["Еспресо;5;Кава;шт", "Хліб;7;;шт"]))

    assert [(outcome.row, outcome.problems[0].code) for outcome in summary.not_created] == [(1, "category_ambiguous")]


@pytest.mark.parametrize("name", ["no-header.csv", "missing.csv"])
async def test_a_file_that_is_no_price_list_sends_nothing(
    box: Sandbox, kasa: SmartKasa, tmp_path: Path, name: str
) -> None:
    (tmp_path / "no-header.csv").write_text("1;2;3\n")

    with pytest.raises((SourceError, FileNotFoundError)):
        await import_products(kasa, str(tmp_path / name))
    assert not box.calls
