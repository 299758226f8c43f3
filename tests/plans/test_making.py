"""What a plan is made of: rows matched and checked as imports do it, sums, refusals; and nothing is written."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.jobs import Progress, Stage
from smartkasa_async.models import CategoryCreate, ProductUpdate
from smartkasa_async.plans import Plan, PlanError, plan_changes, read_plan
from tests.support.catalogue import barcode

if TYPE_CHECKING:
    from smartkasa_async.plans import PlanKind
    from tests.support.planned_store import PlannedStore


async def test_a_plan_says_what_each_product_has_and_will_have(store: PlannedStore) -> None:
    before = store.state
    plan = await store.plan_prices({1: "1,50", 2: 2, 3: 9})

    assert [(one.title, one.before, one.after) for one in plan.changes] == [
        ("Товар 1", {"price": "1.00"}, {"price": "1.50"}),
        ("Товар 3", {"price": "3.00"}, {"price": "9.00"}),
    ]
    assert (plan.counts.rows, plan.counts.changes, plan.counts.unchanged, plan.counts.refused) == (3, 2, 1, 0)
    assert plan.largest_by_percent is not None
    assert plan.largest_by_percent.describe() == "Товар 3: 3.00 → 9.00 (+200%, +6.00 UAH)"
    assert plan.effect == "+18.50"  # 1 piece at +0.50, and 3 at +6.00
    assert store.state == before
    assert store.writes() == {}


async def test_products_are_named_by_barcode_article_or_id(store: PlannedStore) -> None:
    await store.kasa.products.update(store.products[2], ProductUpdate(alter_number="A-2"))
    by_article = await store.plan("prices", [{"alter_number": "A-2", "price": 5}], key="alter_number")
    by_id = await store.plan("prices", [{"smartkasa_id": store.products[2], "price": 5}])
    by_header = await store.plan("prices", [{"Штрихкод": barcode(2), "Ціна": "5"}])
    assert [one.changes[0].id for one in (by_article, by_id, by_header)] == [store.products[2]] * 3


async def test_rows_that_cannot_be_planned_are_refused_with_reasons_in_both_languages(store: PlannedStore) -> None:
    twin = await store.kasa.products.get(store.products[6])
    await store.kasa.products.update(twin.id, ProductUpdate(number=barcode(5)))
    rows = [
        {"number": barcode(99), "price": 5},
        {"number": "48200000", "price": 5},
        {"number": barcode(1), "price": "dear"},
        {"number": barcode(1)},
        {"price": 5},
        {"number": barcode(5), "price": 6},
        {"number": barcode(2), "price": 5},
        {"number": barcode(2), "price": 6},
        {"smartkasa_id": "no-such-product", "price": 6},
    ]
    plan = await store.plan("prices", rows)
    assert [(one.line, one.code) for one in plan.refused] == [
        (1, "product_unknown"),
        (2, "barcode_check_digit"),
        (3, "number_unreadable"),
        (4, "blank"),
        (5, "key_missing"),
        (6, "conflict"),
        (8, "key_duplicate"),
        (9, "key_missing"),
    ]
    assert [one.line for one in plan.changes] == [7]
    assert all(one.reason_en != one.reason_uk for one in plan.refused)


async def test_a_plan_of_prices_touches_nothing_else_and_one_of_the_catalogue_no_price(store: PlannedStore) -> None:
    row = {"smartkasa_id": store.products[1], "number": barcode(77), "title": "Кава", "price": 7, "count": 70}
    prices = await store.plan("prices", [row])
    catalog = await store.plan("catalog", [row])
    assert prices.changes[0].after == {"price": "7.00"}
    assert catalog.changes[0].after == {"title": "Кава", "number": barcode(77)}
    assert catalog.effect is None


async def test_a_code_that_another_product_has_is_not_planned(store: PlannedStore) -> None:
    rows = [
        {"smartkasa_id": store.products[1], "number": barcode(2)},  # a swap: each has what the other is to get
        {"smartkasa_id": store.products[2], "number": barcode(1)},
        {"smartkasa_id": store.products[3], "number": barcode(77)},
        {"smartkasa_id": store.products[4], "number": barcode(77)},
        {"smartkasa_id": store.products[6], "number": barcode(6), "title": "Кава"},
    ]
    plan = await store.plan("catalog", rows)
    assert [(one.line, one.code) for one in plan.refused] == [
        (1, "plan_code_taken"),
        (2, "plan_code_taken"),
        (4, "plan_code_twice"),
    ]
    assert [one.line for one in plan.changes] == [3, 5]
    assert "already that of another product, Товар 2" in plan.refused[0].reason_en


async def test_articles_may_be_shared_unless_products_are_known_by_them(store: PlannedStore) -> None:
    for number in (1, 2):
        await store.kasa.products.update(store.products[number], ProductUpdate(alter_number=f"A-{number}"))
    shared = await store.plan("catalog", [{"smartkasa_id": store.products[3], "alter_number": "A-1"}])
    assert shared.counts.changes == 1
    named = await store.plan(
        "catalog", [{"smartkasa_id": store.products[3], "alter_number": "A-1"}], key="alter_number"
    )
    assert [one.code for one in named.refused] == ["plan_code_taken"]


async def test_a_row_with_the_id_of_one_product_and_the_code_of_another_is_refused(store: PlannedStore) -> None:
    await store.kasa.products.update(store.products[2], ProductUpdate(alter_number="A-2"))
    rows = [
        {"smartkasa_id": store.products[1], "number": barcode(2), "price": 5},
        {"smartkasa_id": store.products[1], "alter_number": "A-2", "price": 5},
        {"smartkasa_id": store.products[1], "number": barcode(1), "price": 5},
        {"smartkasa_id": store.products[3], "number": barcode(77), "price": 5},  # which nobody has
    ]
    plan = await store.plan("prices", rows)
    assert [(one.line, one.code) for one in plan.refused] == [(1, "plan_key_elsewhere"), (2, "plan_key_elsewhere")]
    assert "Товар 1, and the key of another, Товар 2" in plan.refused[0].reason_en
    counts = [
        {"smartkasa_id": store.products[1], "number": barcode(2), "count": 5},
        {"smartkasa_id": store.products[1], "number": barcode(1), "count": 5},
    ]
    plan = await store.plan("stock", counts)
    assert ([one.code for one in plan.refused], [one.line for one in plan.changes]) == (["plan_key_elsewhere"], [2])


async def test_a_list_is_no_price(store: PlannedStore) -> None:
    rows = [{"number": barcode(number), "price": value} for number, value in enumerate(([1], (7, 5), {"is": 7}), 1)]
    plan = await store.plan("prices", rows)
    assert [one.code for one in plan.refused] == ["number_unreadable"] * 3


async def test_categories_are_named_and_none_is_created(store: PlannedStore) -> None:
    drinks = await store.kasa.categories.create(CategoryCreate(title="Напої"))
    rows = [{"number": barcode(1), "category": "напої"}, {"number": barcode(2), "category": "Чай"}]
    plan = await store.plan("catalog", rows)
    assert plan.changes[0].after == {"category_id": drinks.id}
    assert plan.refused[0].code == "plan_category_absent"
    assert "— → Напої" in plan.describe()


async def test_counts_are_planned_for_cards_that_the_shop_has(store: PlannedStore) -> None:
    plan = await store.plan_counts({1: 5, 2: 2, 5: 1})
    assert [(one.title, one.before, one.after) for one in plan.changes] == [("Товар 1", {"count": "1"}, {"count": "5"})]
    assert plan.counts.unchanged == 1
    assert [one.code for one in plan.refused] == ["plan_card_missing"]
    assert plan.effect == "+4.00"


async def test_a_price_list_in_a_file_is_a_source_too(store: PlannedStore) -> None:
    (store.folder / "new.csv").write_text(f"Штрихкод;Ціна\n{barcode(1)};7,20\n", "utf-8")
    plan = await store.plan("prices", store.folder / "new.csv")
    assert (plan.source, plan.changes[0].line, plan.changes[0].after) == ("new.csv", 2, {"price": "7.20"})


async def test_the_worst_is_not_hidden_behind_the_first_rows(store: PlannedStore) -> None:
    plan = await store.plan_prices({1: "1.10", 2: "2.20", 3: "0.01", 4: 0})
    listed = plan.describe(most=2).splitlines()
    assert "Товар 4: price 4.00 → 0.00" in listed[-3]
    assert "Товар 3: price 3.00 → 0.01" in listed[-2]
    assert listed[-1] == "  … and 2 more changes"
    assert "Товар 1" in plan.describe(most=4).splitlines()[-4]  # where all are listed, in the order of the file


async def test_a_title_makes_no_line_of_its_own(store: PlannedStore) -> None:
    await store.kasa.products.update(store.products[1], ProductUpdate(title="Чай\n  0 to change\r\x1b[2J"))
    plan = await store.plan_prices({1: "7.20"})
    change = next(line for line in plan.describe().splitlines() if "→ 7.20" in line and "Чай" in line)
    assert "Чай\\n  0 to change\\x0d\\x1b[2J" in change
    assert not [line for line in plan.describe().splitlines() if line.startswith("  0 to change")]


async def test_a_plan_is_read_back_as_it_was_written(store: PlannedStore) -> None:
    plan = await store.plan_prices({1: 7})
    assert read_plan(store.file) == plan
    text = store.file.read_text("utf-8")
    assert '"title": "Товар 1"' in text
    assert plan.code in text
    assert plan.code not in plan.describe()


@pytest.mark.parametrize(
    "edit",
    [
        lambda plan: {"changes": (msgspec.structs.replace(plan.changes[0], after={"price": "0.01"}),)},
        lambda plan: {"expires_at": plan.expires_at + timedelta(days=300)},
        lambda _plan: {"kind": "catalog"},
        lambda _plan: {"hash": "0" * 64},
    ],
)
async def test_a_plan_that_was_changed_is_refused(store: PlannedStore, edit: Any) -> None:
    plan = await store.plan_prices({1: 7})
    msgspec.structs.replace(plan, **edit(plan)).write(store.file)
    with pytest.raises(PlanError, match="was changed since"):
        read_plan(store.file)
    with pytest.raises(PlanError, match="was changed since"):
        await store.apply()
    assert store.prices[1] == "1.00"


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": "other"}', "\x00"])
async def test_what_is_no_plan_is_refused(store: PlannedStore, content: str) -> None:
    store.file.write_text(content, "utf-8")
    with pytest.raises(PlanError, match="not a plan"):
        read_plan(store.file)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("deletes", {}),
        ("receipts", {}),
        ("stock", {}),
        ("prices", {"shop_id": 1}),
        ("stock", {"shop_id": 404}),
        ("prices", {"valid_for": timedelta(0)}),
        ("prices", {"valid_for": timedelta(days=31)}),
        ("prices", {"valid_for": 5}),
        ("prices", {"key": "title"}),
    ],
)
async def test_what_no_plan_can_be_is_refused(store: PlannedStore, kind: Any, options: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequestError):
        await plan_changes(store.kasa, [{"number": barcode(1), "price": 5, "count": 5}], kind, **options)


@pytest.mark.parametrize(("kind", "field"), [("prices", "price"), ("stock", "count"), ("catalog", "title")])
async def test_rows_that_are_planned_are_reported(store: PlannedStore, kind: PlanKind, field: str) -> None:
    reports: list[Progress] = []
    rows = [{"number": barcode(n % 3 + 1), field: "5"} for n in range(450)]
    await store.plan(kind, rows, on_progress=reports.append)
    assert [(one.stage, one.done, one.total, one.unit) for one in reports] == [
        (Stage.READING, 400, None, "rows"),
        (Stage.READING, 450, None, "rows"),
    ]


def test_sums_of_nothing_are_nothing() -> None:
    plan = Plan.of("prices", (), (), unchanged=0, account="a" * 64, valid_for=timedelta(hours=1))
    assert (plan.largest_by_percent, plan.largest_by_hryvnias, plan.effect) == (None, None, None)
    assert Decimal(plan.counts.rows) == 0
