"""Price lists into the sandbox, over a real socket."""

from __future__ import annotations

import runpy
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async.catalog import ImportStoppedError, OutcomeKind, SourceError, import_products
from smartkasa_async.errors import ForbiddenError
from smartkasa_async.models import CategoryCreate
from smartkasa_async.sandbox import Fault, Sandbox
from tests.support.catalogue import PRODUCTS, barcode, goods

if TYPE_CHECKING:
    from smartkasa_async import SmartKasa

EXAMPLES = Path(__file__).parents[2] / "examples"
CATEGORIES = "/api/v1/inventory/categories/batch"


def price_list(folder: Path, rows: list[str]) -> Path:
    path = folder / "list.csv"
    numbered = [f"{barcode(number)};{row}" for number, row in enumerate(rows, start=1)]
    path.write_bytes("\r\n".join(["Штрихкод;Назва;Ціна;Категорія;Од.", *numbered]).encode("cp1251"))
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
    assert {outcome.row: (outcome.field, outcome.problems[0].code) for outcome in summary.failed} == bad
    assert (summary.created, summary.rejected, summary.total) == (script["ROWS"] - len(bad), len(bad), script["ROWS"])

    stored = {row["alter_number"]: row for row in box.rows("products")}
    categories = {row["id"]: row for row in box.rows("categories")}
    assert len(stored) == summary.created
    for number, (number_of_goods, article, title, path, price, _, _, _, code, _) in enumerate(
        script["make_rows"]()[:60], start=1
    ):
        assert number not in bad
        row = stored[article]
        assert (row["number"], row["title"], row["classifier_code"]) == (number_of_goods, title, code)
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
        assert by_id[str(outcome.product_id)]["title"] == f"Товар {outcome.row}"
        assert outcome.key == barcode(outcome.row)
        assert by_id[str(outcome.product_id)]["price"] == Decimal(outcome.row) + Decimal("0.5")
        assert by_id[str(outcome.product_id)]["unit_type_id"] == 2009


async def test_rows_that_only_the_service_refuses_stand_alone(box: Sandbox, kasa: SmartKasa) -> None:
    bad = {3, 64, 65, 99}
    items = goods(100)
    for row in bad:
        items[row - 1].category_id = f"5f0c7a52-0000-4000-8000-{row:012}"

    summary = await import_products(kasa, items)

    assert {outcome.row for outcome in summary.failed} == bad
    assert {outcome.field for outcome in summary.failed} == {"category_id"}
    assert titles(box) == sorted(item.title for row, item in enumerate(items, start=1) if row not in bad)
    assert box.calls[f"POST {PRODUCTS}"] <= 1 + 2 * len(bad) * 7 + 1


async def test_too_many_requests_are_waited_out(box: Sandbox, kasa: SmartKasa) -> None:
    box.faults.add(Fault("status", path=PRODUCTS, times=3, status=429, retry_after=0))

    summary = await import_products(kasa, goods(30), batch_size=10, late_write_window=0.05)

    assert (summary.created, len(titles(box))) == (30, 30)


async def test_a_refusal_of_all_stops_the_import(box: Sandbox, kasa: SmartKasa) -> None:
    box.faults.add(Fault("status", path=PRODUCTS, times=None, status=403))

    with pytest.raises(ImportStoppedError) as caught:
        await import_products(kasa, goods(1000), batch_size=10)

    assert isinstance(caught.value.__cause__, ForbiddenError)
    assert caught.value.summary.created == 0
    assert {outcome.problems[0].code for outcome in caught.value.summary.failed} == {"not_sent"}
    assert box.calls[f"POST {PRODUCTS}"] <= 8


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
    second = await import_products(kasa, price_list(tmp_path, rows), late_write_window=0)

    assert (first.created, first.categories_created) == (5, 4)
    assert (second.unchanged, second.categories_created) == (5, 0)
    assert paths(box) == ["Напої", "Напої / Кава", "Напої / Чай", "Напої / Чай / Зелений", "Хліб"]
    coffee = next(row["id"] for row in box.rows("categories") if row["title"] == "Кава")
    assert len(box.rows("products", category_id=coffee)) == 2


@pytest.mark.parametrize("kind", ["drop_after", "drop_before"])
async def test_a_category_whose_answer_is_lost_is_created_once(
    box: Sandbox, kasa: SmartKasa, tmp_path: Path, kind: Any
) -> None:
    box.faults.add(Fault(kind, path=CATEGORIES, times=2))

    rows = ["Еспресо;5;Напої / Кава;шт", "Матча;8;Напої / Чай;шт", "Хліб;7;;шт"]
    summary = await import_products(kasa, price_list(tmp_path, rows), late_write_window=0.05)

    assert (summary.created, summary.categories_created) == (3, 3)
    assert paths(box) == ["Напої", "Напої / Кава", "Напої / Чай"]


async def test_a_category_that_is_lost_each_time_keeps_its_rows_back(
    box: Sandbox, kasa: SmartKasa, tmp_path: Path
) -> None:
    box.faults.add(Fault("drop_before", path=CATEGORIES, times=None))

    rows = ["Еспресо;5;Напої / Кава;шт", "Матча;8;Напої / Чай;шт", "Хліб;7;;шт"]
    summary = await import_products(kasa, price_list(tmp_path, rows), late_write_window=0)

    assert [(outcome.row, outcome.field, outcome.problems[0].code) for outcome in summary.failed] == [
        (1, "category", "category_unknown"),
        (2, "category", "category_unknown"),
    ]
    assert (titles(box), paths(box)) == (["Хліб"], [])


async def test_a_category_that_the_service_refuses_rejects_its_rows_only(
    box: Sandbox, kasa: SmartKasa, tmp_path: Path
) -> None:
    refusal = {"errors": {"categories": [{"error": "invalid"}]}}
    box.faults.add(Fault("status", path=CATEGORIES, status=422, body=refusal))

    summary = await import_products(kasa, price_list(tmp_path, ["Еспресо;5;Кава;шт", "Хліб;7;;шт"]))

    assert [(outcome.row, outcome.problems[0].code) for outcome in summary.failed] == [(1, "category_not_created")]
    assert titles(box) == ["Хліб"]


async def test_a_stop_among_categories_stops_the_import(box: Sandbox, kasa: SmartKasa, tmp_path: Path) -> None:
    box.faults.add(Fault("status", path=CATEGORIES, status=403))

    with pytest.raises(ImportStoppedError) as caught:
        await import_products(kasa, price_list(tmp_path, ["Хліб;7;;шт", "Еспресо;5;Кава;шт"]))

    assert {outcome.problems[0].code for outcome in caught.value.summary.failed} == {"not_sent"}
    assert (caught.value.summary.total, titles(box)) == (2, [])


async def test_an_ambiguous_category_is_not_guessed(box: Sandbox, kasa: SmartKasa, tmp_path: Path) -> None:
    await kasa.categories.create_batch([CategoryCreate(title="Кава"), CategoryCreate(title="Кава")])

    summary = await import_products(kasa, price_list(tmp_path, ["Еспресо;5;Кава;шт", "Хліб;7;;шт"]))

    assert [(outcome.row, outcome.problems[0].code) for outcome in summary.failed] == [(1, "category_ambiguous")]


@pytest.mark.parametrize("name", ["no-header.csv", "missing.csv"])
async def test_a_file_that_is_no_price_list_sends_nothing(
    box: Sandbox, kasa: SmartKasa, tmp_path: Path, name: str
) -> None:
    (tmp_path / "no-header.csv").write_text("1;2;3\n")

    with pytest.raises((SourceError, FileNotFoundError)):
        await import_products(kasa, str(tmp_path / name))
    assert not box.calls
