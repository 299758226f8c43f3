"""Answers of a batch in another order than it was sent: no row gets the id of another."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async.catalog import Outcome, import_products
from smartkasa_async.catalog.sending.categories import pair_categories
from smartkasa_async.errors import ForbiddenError, OutcomeUnknownError
from smartkasa_async.models import Category, CategoryCreate, ProductCreate
from tests.support.catalogue_service import NOW, FakeKasa, products
from tests.support.lagging_service import Clock, LaggingKasa

if TYPE_CHECKING:
    from collections.abc import Callable


def turned(made: list[Any]) -> list[Any]:
    return made[::-1]


def by_one(made: list[Any]) -> list[Any]:
    return made[1:] + made[:1]


async def carry(kasa: Any, items: Any, **options: Any) -> tuple[list[Outcome], Any]:
    job = import_products(kasa, items, **{"late_write_window": 0, **options})
    return [outcome async for outcome in job], job.summary


def wrong(kasa: FakeKasa, outcomes: list[Outcome]) -> list[int]:
    return [one.row for one in outcomes if kasa.kept[str(one.product_id)].title != f"Товар {one.row}"]


@pytest.mark.parametrize("shuffle", [turned, by_one])
@pytest.mark.parametrize("keep_number", [True, False])
async def test_another_order_is_found_out_and_rows_get_their_own_ids(
    shuffle: Callable[[list[Any]], list[Any]], *, keep_number: bool
) -> None:
    kasa = FakeKasa()
    kasa.shuffle = shuffle
    items, key = products(250), "number"
    if not keep_number:
        key = "alter_number"
        items = [ProductCreate(title=item.title, alter_number=item.number, price=item.price) for item in items]

    outcomes, summary = await carry(kasa, items, batch_size=20, key=key)

    assert (summary.created, len(kasa.kept)) == (250, 250)
    assert wrong(kasa, outcomes) == []
    assert [note.code for note in summary.notes] == ["order_differs"]


async def test_an_order_that_changes_later_is_found_out_too() -> None:
    kasa = FakeKasa()
    kasa.shuffle = lambda made: made if len(kasa.kept) <= 200 else turned(made)

    outcomes, summary = await carry(kasa, products(1000), batch_size=20, concurrency=1)

    assert summary.created == len(kasa.kept) == 1000
    assert [note.code for note in summary.notes] == ["order_differs"]
    assert 0 < len(wrong(kasa, outcomes)) <= 100  # those of the batches before the next sample


async def test_the_order_sent_costs_a_few_calls() -> None:
    kasa = FakeKasa()

    _, summary = await carry(kasa, products(2000), batch_size=20, concurrency=1)

    assert summary.notes == ()
    assert len(kasa.batches) == 100
    assert kasa.gets == 7  # batches 1, 2, 4, 8, 16, 32, 64


@pytest.mark.parametrize("count", [1, 2])
async def test_single_products_need_no_check(count: int) -> None:
    kasa = FakeKasa()

    _, summary = await carry(kasa, products(count), batch_size=1)

    assert (summary.notes, kasa.gets) == ((), 0)


async def test_an_order_that_cannot_be_checked_is_told() -> None:
    kasa: Any = FakeKasa()

    async def forbid(_: str) -> object:
        raise ForbiddenError("not for you", status=403)

    kasa.get = forbid
    _, summary = await carry(kasa, products(250), batch_size=20)

    assert (summary.created, [note.code for note in summary.notes]) == (250, ["order_unchecked"])


async def test_a_title_that_the_service_writes_otherwise_is_no_other_order() -> None:
    kasa: Any = FakeKasa()
    keep = kasa.keep
    kasa.keep = lambda **fields: keep(**{**fields, "title": fields["title"].upper()})
    items = [ProductCreate(title=f"Товар {n}", alter_number=f"A-{n}", price=Decimal(n)) for n in range(1, 41)]

    _, summary = await carry(kasa, items, batch_size=20, key="alter_number")

    assert (summary.created, [note.code for note in summary.notes]) == (40, ["order_unchecked"])


# --- categories, whose answer shows their titles ---


def category(id: str, title: str, parent: str | None = None) -> Category:
    return Category(id=id, title=title, parent_id=parent, created_at=NOW, updated_at=NOW)


SENT = [
    CategoryCreate(title="Кава"),
    CategoryCreate(title="Чай  зелений", parent_id="c-0"),
    CategoryCreate(title="Чай зелений"),
]
ANSWERED = [category("1", "кава"), category("2", "Чай зелений", "c-0"), category("3", "Чай зелений")]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_categories_are_paired_by_title_and_parent(order: tuple[int, ...]) -> None:
    assert [one.id for one in pair_categories(SENT, [ANSWERED[number] for number in order])] == ["1", "2", "3"]


@pytest.mark.parametrize("answered", [ANSWERED[:2], [*ANSWERED[:2], category("3", "Мед")], []])
def test_categories_that_were_not_sent_are_attributed_to_nobody(answered: list[Category]) -> None:
    with pytest.raises(OutcomeUnknownError):
        pair_categories(SENT, answered)


async def test_products_get_into_their_categories_whatever_the_order_of_the_answer() -> None:
    kasa = LaggingKasa(Clock(), 0.0)
    kasa.categories.reverses = True
    rows = [
        {"Артикул": f"А-{n}", "Назва": f"Товар {n}", "Ціна": n, "Категорія": f"Вид {n % 7} / Сорт {n % 14}"}
        for n in range(1, 60)
    ]

    outcomes, _ = await carry(kasa, rows, key="alter_number")

    for outcome in outcomes:
        found = kasa.categories.kept[str(kasa.kept[str(outcome.product_id)].category_id)]
        assert found.title == f"Сорт {outcome.row % 14}"
        assert kasa.categories.kept[found.parent_id].title == f"Вид {outcome.row % 7}"
