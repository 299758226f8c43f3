"""Products that the source does not have: listed, deleted within a limit, and spared where anything is doubtful."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async.catalog import ImportStoppedError, OutcomeKind, import_products
from smartkasa_async.catalog.sending.mirror import refusal_to_delete
from smartkasa_async.errors import ConflictError, ForbiddenError, NotFoundError, OutcomeUnknownError
from smartkasa_async.models import UuidId
from tests.support.catalogue_service import FakeKasa, products

if TYPE_CHECKING:
    from pathlib import Path

DELETE: dict[str, Any] = {"mode": "mirror", "delete_missing": True, "delete_limit": 3}


@pytest.fixture
def kasa() -> Any:
    """A service with the products 1 to 8, of which the imports below have the first five."""
    service = FakeKasa()
    for product in products(8):
        service.keep(title=product.title, number=product.number, price=product.price)
    return service


def left(kasa: Any) -> list[str]:
    return sorted(product.number for product in kasa.kept.values())


ALL = [f"{number:04}" for number in range(1, 9)]


@pytest.mark.parametrize(
    ("missing", "limit", "unreadable", "code"),
    [
        (0, 0, 0, None),
        (3, 3, 0, None),
        (4, 3, 0, "missing_over_limit"),
        (1, 0, 0, "missing_over_limit"),
        (3, 3, 1, "missing_rows_unread"),
        (0, 3, 1, None),
    ],
)
def test_what_may_be_deleted(missing: int, limit: int, unreadable: int, code: str | None) -> None:
    refusal = refusal_to_delete(missing, limit, rows=10, unreadable=unreadable)

    assert (refusal and refusal.code) == code


async def test_missing_products_are_listed_and_left(kasa: Any) -> None:
    outcomes = [outcome async for outcome in import_products(kasa, products(5), mode="mirror")]

    missing = [outcome for outcome in outcomes if outcome.kind is OutcomeKind.MISSING]
    assert sorted(outcome.key for outcome in missing) == ["6", "7", "8"]
    assert {outcome.warnings[0].code for outcome in missing} == {"missing_not_deleted"}
    assert [kasa.kept[str(outcome.product_id)].number for outcome in missing] == ["0006", "0007", "0008"]
    assert left(kasa) == ALL


async def test_other_modes_do_not_look(kasa: Any) -> None:
    assert (await import_products(kasa, products(5))).missing == 0


async def test_missing_products_are_deleted_within_the_limit(kasa: Any) -> None:
    summary = await import_products(kasa, products(5), **DELETE)

    assert (summary.unchanged, summary.deleted, summary.missing, summary.notes) == (5, 3, 0, ())
    assert left(kasa) == ALL[:5]


async def test_more_than_the_limit_deletes_none_and_says_so(kasa: Any) -> None:
    summary = await import_products(kasa, products(5), **DELETE | {"delete_limit": 2})

    assert (summary.deleted, summary.missing) == (0, 3)
    assert [note.code for note in summary.notes] == ["missing_over_limit"]
    assert left(kasa) == ALL


async def test_an_empty_source_deletes_nothing_whatever_the_limit(kasa: Any) -> None:
    summary = await import_products(kasa, [], **DELETE | {"delete_limit": 99})

    assert (summary.deleted, summary.missing, left(kasa)) == (0, 8, ALL)
    assert [note.code for note in summary.notes] == ["missing_source_empty"]


async def test_a_rejected_row_keeps_its_product(kasa: Any) -> None:
    items = products(7)
    items[5].title = ""

    summary = await import_products(kasa, items, **DELETE)

    assert (summary.rejected, summary.deleted) == (1, 1)
    assert left(kasa) == ALL[:7]


async def test_a_rejected_row_without_a_readable_key_keeps_all(kasa: Any) -> None:
    items = products(6)
    items[5].number = ""

    summary = await import_products(kasa, items, **DELETE)

    assert (summary.rejected, summary.deleted, summary.missing) == (1, 0, 3)
    assert [note.code for note in summary.notes] == ["missing_rows_unread"]
    assert left(kasa) == ALL


@pytest.mark.parametrize("ending", ["", "\n", '\n0005;"Товар 5";1\n'])
@pytest.mark.parametrize("broken", ['0002;"Товар 2;1', '0002;Товар 2;"1'])
async def test_products_behind_an_open_quote_are_not_missing(tmp_path: Path, broken: str, ending: str) -> None:
    kasa: Any = FakeKasa()
    for number in range(1, 4):
        kasa.keep(title=f"Товар {number}", alter_number=f"000{number}", price=Decimal(1))
    path = tmp_path / "price-list.csv"
    path.write_text(f"Артикул;Назва;Ціна\n0001;Товар 1;1\n{broken}\n0003;Товар 3;1{ending}", encoding="utf-8")

    summary = await import_products(kasa, path, key="alter_number", **DELETE | {"delete_limit": 99})

    assert (summary.rejected, summary.deleted) == (1, 0)
    assert {"0001", "0002", "0003"} <= {product.alter_number for product in kasa.kept.values()}
    assert summary.notes[-1].code == "missing_rows_unread"


async def test_a_row_that_comes_after_a_rejected_one_with_its_key_is_carried_out(kasa: Any) -> None:
    items = products(1) + products(5)
    items[0].title = ""
    items[1].price = Decimal(99)

    summary = await import_products(kasa, items, mode="mirror")

    assert (summary.rejected, summary.updated, summary.unchanged) == (1, 1, 4)


async def test_products_without_a_key_are_left_alone(kasa: Any) -> None:
    kasa.keep(title="Пакет", price=Decimal(2))

    summary = await import_products(kasa, products(8), **DELETE | {"delete_limit": 99})

    assert (summary.deleted, summary.missing, len(kasa.kept)) == (0, 0, 9)


async def test_a_dry_run_says_what_would_be_deleted(kasa: Any) -> None:
    summary = await import_products(kasa, products(5), dry_run=True, **DELETE)

    assert (summary.deleted, summary.dry_run, left(kasa), kasa.calls) == (3, True, ALL, [])


@pytest.mark.parametrize("is_done", [True, False])
async def test_a_deletion_whose_answer_is_lost_is_made_sure_of(kasa: Any, is_done: bool) -> None:
    delete_batch = kasa.delete_batch

    async def lose(ids: list[str]) -> object:
        if is_done:
            await delete_batch(ids)
        raise OutcomeUnknownError("lost")

    kasa.delete_batch = lose
    summary = await import_products(kasa, products(5), **DELETE)

    assert (summary.deleted, left(kasa)) == (3, ALL[:5])


@pytest.mark.parametrize("answered", [[], ["p-6"], ["p-1", "p-2", "p-3"]])
async def test_what_the_answer_of_a_deletion_leaves_out_is_made_sure_of(kasa: Any, answered: list[str]) -> None:
    async def answer(ids: list[str]) -> list[UuidId]:
        for doomed in set(answered) & set(ids):
            del kasa.kept[doomed]
        return [UuidId(id=one) for one in answered]

    kasa.delete_batch = answer
    summary = await import_products(kasa, products(5), **DELETE)

    assert (summary.deleted, left(kasa)) == (3, ALL[:5])


async def test_a_product_that_was_deleted_meanwhile_does_not_stop_the_others(kasa: Any) -> None:
    async def refuse(ids: list[str]) -> object:
        kasa.kept.pop(ids[0], None)
        raise NotFoundError("no such product", status=404, excerpt='{"message":"Not Found"}')

    kasa.delete_batch = refuse
    summary = await import_products(kasa, products(5), **DELETE)

    assert (summary.deleted, left(kasa)) == (3, ALL[:5])


@pytest.mark.parametrize("page", ["<html>404 Not Found</html>", "404 page not found"])
async def test_a_page_that_says_404_is_no_deletion(kasa: Any, page: str) -> None:
    async def lose(_: object) -> object:
        raise OutcomeUnknownError("404 is no answer to a batch")

    async def refuse(_: object) -> object:
        raise NotFoundError("404", status=404, excerpt=page)

    kasa.delete_batch, kasa.delete = lose, refuse
    job = import_products(kasa, products(5), **DELETE)
    with pytest.raises(ImportStoppedError):
        await job

    assert (job.summary.deleted, job.summary.missing, left(kasa)) == (0, 3, ALL)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OutcomeUnknownError("lost"), "missing_in_doubt"),
        (ConflictError("it was sold", status=409), "missing_kept"),
    ],
)
async def test_a_product_that_cannot_be_deleted_is_told(kasa: Any, error: Exception, code: str) -> None:
    async def refuse(_: object) -> object:
        raise error

    kasa.delete_batch = kasa.delete = refuse
    outcomes = [outcome async for outcome in import_products(kasa, products(5), **DELETE)]

    kept = [outcome for outcome in outcomes if outcome.kind is OutcomeKind.MISSING]
    assert {outcome.warnings[0].code for outcome in kept} == {code}
    assert len(kept) == 3


async def test_nothing_is_deleted_when_the_import_stopped(kasa: Any) -> None:
    async def forbid(*_: object) -> object:
        raise ForbiddenError("not yours", status=403)

    kasa.create_batch = forbid
    items = products(5) + products(1, first=9)

    with pytest.raises(Exception, match="not yours"):
        await import_products(kasa, items, **DELETE)
    assert left(kasa) == ALL
