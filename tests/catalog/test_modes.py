"""What an import does with products that the service has: by mode, by key, and in a dry run."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async.catalog import OutcomeKind, import_products
from smartkasa_async.models import ProductCreate
from smartkasa_async.sandbox import Fault, Sandbox
from tests.support.catalogue import PRODUCTS, barcode, goods, stored

if TYPE_CHECKING:
    from pathlib import Path

    from smartkasa_async import SmartKasa

PRODUCT = "/api/v1/inventory/products/{id}"


def snapshot(box: Sandbox) -> list[list[dict[str, Any]]]:
    return [box.rows(table) for table in ("products", "categories", "cards")]


async def test_only_what_differs_is_sent(box: Sandbox, kasa: SmartKasa) -> None:
    await kasa.products.create_batch(goods(250))
    items = goods(255)
    items[7].price = Decimal("0.50")
    items[200].title = "Інша назва"

    outcomes = {outcome.row: outcome async for outcome in import_products(kasa, items)}

    kinds = {row: outcome.kind for row, outcome in outcomes.items() if outcome.kind is not OutcomeKind.UNCHANGED}
    assert kinds == {8: OutcomeKind.UPDATED, 201: OutcomeKind.UPDATED} | dict.fromkeys(
        range(251, 256), OutcomeKind.CREATED
    )
    assert all(stored(box)[barcode(row)]["id"] == outcome.product_id for row, outcome in outcomes.items())
    assert stored(box)[barcode(8)]["price"] == Decimal("0.50")
    assert stored(box)[barcode(201)]["title"] == "Інша назва"
    assert (box.calls[f"PATCH {PRODUCT}"], box.calls[f"POST {PRODUCTS}"]) == (2, 2)


async def test_an_update_leaves_other_fields_alone(box: Sandbox, kasa: SmartKasa) -> None:
    await kasa.products.create(
        ProductCreate(
            title="Кава", number=barcode(1), price=Decimal(5), alter_number="A-1", procurement_price=Decimal(3)
        )
    )

    await import_products(kasa, [{"Штрихкод": barcode(1), "Назва": "Кава", "Ціна": "6"}])

    (row,) = box.rows("products")
    assert (row["price"], row["alter_number"], row["procurement_price"]) == (Decimal(6), "A-1", Decimal(3))


async def test_mode_create_leaves_products_alone(box: Sandbox, kasa: SmartKasa) -> None:
    await kasa.products.create_batch(goods(3))
    items = goods(5)
    items[0].price = Decimal(99)

    outcomes = [outcome async for outcome in import_products(kasa, items, mode="create")]

    assert sorted(outcome.kind for outcome in outcomes) == [OutcomeKind.CREATED] * 2 + [OutcomeKind.UNCHANGED] * 3
    assert {outcome.warnings[0].code for outcome in outcomes if outcome.kind is OutcomeKind.UNCHANGED} == {
        "exists_already"
    }
    assert stored(box)[barcode(1)]["price"] == Decimal(1)


async def test_a_key_that_stands_for_several_products_is_a_conflict(box: Sandbox, kasa: SmartKasa) -> None:
    await kasa.products.create_batch([*goods(2), *goods(1)])
    items = goods(3)
    items[0].price = Decimal(99)
    before = box.rows("products", number=barcode(1))

    summary = await import_products(kasa, items)

    assert (summary.conflict, summary.unchanged, summary.created) == (1, 1, 1)
    assert [(outcome.row, outcome.field, outcome.value) for outcome in summary.failed] == [(1, "number", barcode(1))]
    assert box.rows("products", number=barcode(1)) == before


async def test_duplicates_inside_the_source_name_the_first_line(box: Sandbox, kasa: SmartKasa) -> None:
    items = [*goods(150), *goods(150)]

    summary = await import_products(kasa, items, batch_size=10)

    assert (summary.created, summary.rejected, len(box.rows("products"))) == (150, 150, 150)
    assert {outcome.row: outcome.problems[0].code for outcome in summary.failed} == dict.fromkeys(
        range(151, 301), "key_duplicate"
    )
    assert "line 1;" in str(summary.failed[0].reason_en)


@pytest.mark.parametrize("kind", ["drop_after", "drop_before"])
async def test_products_are_found_by_article(box: Sandbox, kasa: SmartKasa, kind: Any) -> None:
    def items(price: int) -> list[ProductCreate]:
        return [ProductCreate(title="Кава", alter_number=f"A-{n}", price=Decimal(price)) for n in range(30)]

    box.faults.add(Fault(kind, path=PRODUCTS, times=2))
    first = await import_products(kasa, items(5), key="alter_number", batch_size=10, late_write_window=0.05)
    second = await import_products(kasa, items(6), key="alter_number", batch_size=10, late_write_window=0)

    assert (first.created, second.updated) == (30, 30)
    assert sorted(row["alter_number"] for row in box.rows("products")) == sorted(f"A-{n}" for n in range(30))
    assert {row["price"] for row in box.rows("products")} == {Decimal(6)}


async def test_a_key_that_the_service_does_not_show_makes_no_second_product(box: Sandbox, kasa: SmartKasa) -> None:
    items = [ProductCreate(title=f"Товар {n}", remote_id=f"r-{n}", price=Decimal(n)) for n in range(30)]
    box.faults.add(Fault("drop_after", path=PRODUCTS, times=1))

    first = await import_products(kasa, items, key="remote_id", batch_size=10, late_write_window=0.05)
    second = await import_products(kasa, items, key="remote_id", batch_size=10, late_write_window=0)

    assert (first.created, first.in_doubt, second.conflict) == (20, 10, 30)
    assert len(box.rows("products")) == 30


async def test_a_dry_run_writes_nothing_and_says_what_would_be(box: Sandbox, kasa: SmartKasa, tmp_path: Path) -> None:
    await kasa.products.create_batch([*goods(3), *goods(1)])
    before = snapshot(box)
    rows: list[dict[str, object]] = [
        {"Штрихкод": item.number, "Назва": item.title, "Ціна": item.price, "Категорія": "Напої / Кава" if n > 3 else ""}
        for n, item in enumerate(goods(6), start=1)
    ]
    rows[2]["Ціна"] = 99
    journal = tmp_path / "journal"

    summary = await import_products(kasa, rows, mode="mirror", dry_run=True, journal=journal)

    assert (summary.created, summary.updated, summary.unchanged, summary.conflict) == (3, 1, 1, 1)
    assert (summary.dry_run, summary.categories_created) == (True, 2)
    assert [(note.code, note.value) for note in summary.notes] == [
        ("category_absent", "Напої"),
        ("category_absent", "Напої / Кава"),
    ]
    assert snapshot(box) == before
    assert {call for call in box.calls if not call.startswith("GET")} <= {
        "POST /api/v1/auth/sessions",
        f"POST {PRODUCTS}",
    }
    assert not journal.exists()


async def test_a_mirror_deletes_within_its_limit(box: Sandbox, kasa: SmartKasa) -> None:
    await kasa.products.create_batch(goods(30))
    mirror: dict[str, Any] = {"mode": "mirror", "delete_missing": True}

    refused = await import_products(kasa, goods(20), **mirror, delete_limit=9)
    kept = len(box.rows("products"))
    box.faults.add(Fault("drop_after", method="DELETE"))
    done = await import_products(kasa, goods(20), **mirror, delete_limit=10)

    assert (refused.missing, refused.deleted, [note.code for note in refused.notes]) == (10, 0, ["missing_over_limit"])
    assert (kept, done.deleted) == (30, 10)
    assert set(stored(box)) == {barcode(n) for n in range(1, 21)}
