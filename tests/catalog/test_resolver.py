"""What became of what was lost: adopted, sent again, or left in doubt; never sent twice."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from smartkasa_async import errors
from smartkasa_async.catalog import ImportStoppedError, OutcomeKind, import_products
from smartkasa_async.catalog.outcomes import RawRow
from smartkasa_async.catalog.sending.catalogue import keep_product
from smartkasa_async.catalog.sending.plan import PlannedRow, pack, sent_outcome, unpack
from smartkasa_async.catalog.sending.resolver import adopt
from smartkasa_async.jobs.journal import Result, RowState
from smartkasa_async.jobs.send import SendFailure, Verdict
from smartkasa_async.models import ProductCreate, ProductUpdate
from tests.support.catalogue_service import (
    ORIGIN,
    FakeKasa,
    draft,
    lose_after,
    lose_before,
    make_product,
    products,
)

if TYPE_CHECKING:
    from smartkasa_async.catalog.outcomes import Outcome

CREATE = PlannedRow(draft(), OutcomeKind.CREATED, 7)
UPDATE = PlannedRow(draft(), OutcomeKind.UPDATED, 7, True, "p-1", ProductUpdate(price=Decimal(5)))
REFUSED = errors.ValidationError(
    "422", status=422, refusals=(errors.FieldRefusal("products", "invalid", "title: Не може бути пустим"),)
)


@pytest.fixture
def kasa() -> Any:
    return FakeKasa()


def codes(outcomes: list[Outcome] | tuple[Outcome, ...]) -> set[str]:
    return {problem.code for outcome in outcomes for problem in outcome.problems}


# --- one row ---


@pytest.mark.parametrize(
    ("found", "shown", "expected"),
    [
        ([{"number": "4820"}], True, (OutcomeKind.CREATED, RowState.CREATED, "p-0", None)),
        (
            [{"number": "4820", "price": Decimal(6)}],
            True,
            (OutcomeKind.IN_DOUBT, RowState.IN_DOUBT, None, "in_doubt_differs"),
        ),
        ([{"number": "4820"}] * 2, True, (OutcomeKind.IN_DOUBT, RowState.IN_DOUBT, None, "in_doubt_several")),
        ([{"number": "4820"}], False, (OutcomeKind.IN_DOUBT, RowState.IN_DOUBT, None, "in_doubt_not_shown")),
    ],
)
def test_what_is_there_decides(found: list[dict[str, Any]], shown: bool, expected: Any) -> None:
    kept = [keep_product(make_product(f"p-{n}", **fields), "number") for n, fields in enumerate(found)]

    ended = adopt(CREATE, kept, ORIGIN, key_is_shown=shown)

    assert ended is not None
    result, outcome = ended
    code = outcome.problems[0].code if outcome.problems else None
    assert (outcome.kind, result.state, outcome.product_id, code) == expected
    assert result.row_id == 7


def test_what_is_not_there_decides_nothing() -> None:
    assert adopt(CREATE, [], ORIGIN) is None


def test_an_answer_ends_its_row() -> None:
    assert sent_outcome(CREATE, "p-9", ORIGIN)[0] == Result(7, RowState.CREATED, "p-9")
    assert sent_outcome(UPDATE, "p-1", ORIGIN)[0] == Result(7, RowState.UPDATED, "p-1")
    assert sent_outcome(UPDATE, "p-1", ORIGIN)[1].kind is OutcomeKind.UPDATED


def test_a_refusal_names_the_field_that_the_service_named() -> None:
    result, outcome = sent_outcome(CREATE, SendFailure(Verdict.REFUSED, REFUSED), ORIGIN)

    assert (result.state, outcome.kind, outcome.field, outcome.value) == (
        RowState.REJECTED,
        OutcomeKind.REJECTED,
        "title",
        "Кава",
    )
    assert outcome.problems[0].column == "Назва"
    assert "Не може бути пустим" in str(outcome.reason_en)


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (SendFailure(Verdict.STOPPED, errors.NotConnectedError("nobody there")), "not_sent"),
        (SendFailure(Verdict.REFUSED, errors.NotFoundError("404", status=404)), "product_deleted"),
        (SendFailure(Verdict.REFUSED, errors.InvalidRequestError("price is float", field="$.price")), "refused"),
    ],
)
def test_what_was_not_carried_out_is_rejected_with_the_cause(failure: SendFailure, code: str) -> None:
    result, outcome = sent_outcome(UPDATE, failure, ORIGIN)

    assert (result.state, outcome.kind, outcome.problems[0].code) == (RowState.REJECTED, OutcomeKind.REJECTED, code)


@pytest.mark.parametrize("content", [["4820", "Кава", "5"], ProductCreate(title="Кава"), None])
def test_a_row_that_was_deferred_comes_back_as_it_was(content: Any) -> None:
    raw = None if content is None else RawRow(ORIGIN, content)
    full = draft(tax_group_id=2, bookmark_ids=[1, "2"], procurement_price=Decimal("0.10"))
    with_raw = msgspec.structs.replace(full, raw=raw)

    for row in (
        PlannedRow(with_raw, OutcomeKind.CREATED, 7, True),
        PlannedRow(
            with_raw, OutcomeKind.UPDATED, 7, True, "p-1", ProductUpdate(price=Decimal("5.10"), alter_number=None)
        ),
    ):
        assert unpack(pack(row), ORIGIN) == row


# --- whole imports ---


async def test_work_that_was_done_is_adopted_without_waiting(kasa: Any) -> None:
    kasa.losing = [lose_after]

    outcomes = [outcome async for outcome in import_products(kasa, products(30), batch_size=10, late_write_window=3600)]

    assert {outcome.kind for outcome in outcomes} == {OutcomeKind.CREATED}
    assert {outcome.key: outcome.product_id for outcome in outcomes} == {
        product.number: product.id for product in kasa.kept.values()
    }
    assert len(kasa.batches) == 3


async def test_what_is_not_there_is_sent_again_in_smaller_batches(kasa: Any) -> None:
    kasa.losing = [lose_before]

    summary = await import_products(kasa, products(30), batch_size=10, late_write_window=0.01)

    assert summary.created == len(kasa.kept) == 30
    assert sorted(map(len, kasa.batches)) == [1] * 10 + [10] * 3


async def test_a_request_that_is_carried_out_late_is_not_sent_again(kasa: Any) -> None:
    late = products(10)

    kasa.losing = [lose_before]
    list_now = kasa.list

    def list_later(**options: object) -> object:
        # The second look, after the wait, is the first that sees it.
        if kasa.lists == 2:
            for product in late:
                kasa.keep(**fields(product))
        return list_now(**options)

    def fields(product: ProductCreate) -> dict[str, Any]:
        return {"title": product.title, "number": product.number, "price": product.price}

    kasa.list = list_later
    summary = await import_products(kasa, late, batch_size=10, late_write_window=0.01)

    assert summary.created == len(kasa.kept) == 10
    assert len(kasa.batches) == 1


@pytest.mark.parametrize("key", ["number", "alter_number", "remote_id"])
async def test_losses_of_both_kinds_end_with_each_row_once(kasa: Any, key: Any) -> None:
    items = [
        ProductCreate(title=f"Товар {n}", number=f"{n:04}", alter_number=f"A-{n}", remote_id=f"r{n}", price=Decimal(n))
        for n in range(1, 201)
    ]
    kasa.losing = [lose_after, lose_before, lose_before, lose_after, lose_before] * 4

    summary = await import_products(kasa, items, key=key, batch_size=10, late_write_window=0.01)

    assert summary.created == 200
    assert sorted(kasa.created) == sorted(item.title for item in items)


async def test_a_row_that_breaks_the_service_stands_alone_and_the_others_arrive(kasa: Any) -> None:
    async def break_on_seven(titles: list[str]) -> None:
        if "Товар 7" in titles:
            raise errors.OutcomeUnknownError("500", status=500)

    kasa.gate = break_on_seven
    summary = await import_products(kasa, products(30), batch_size=30, late_write_window=0)

    assert (summary.created, summary.rejected) == (29, 1)
    assert [outcome.row for outcome in summary.failed] == [7]
    assert codes(summary.failed) == {"failed_each_time"}


async def test_a_product_that_cannot_be_ours_leaves_the_row_in_doubt(kasa: Any) -> None:
    async def create_another_meanwhile(titles: list[str]) -> None:
        kasa.keep(title="Інша кава", number="0001", price=Decimal(1))
        raise errors.OutcomeUnknownError("lost")

    kasa.gate = create_another_meanwhile
    summary = await import_products(kasa, products(1), late_write_window=0)

    assert (summary.in_doubt, codes(summary.failed), kasa.created) == (1, {"in_doubt_differs"}, ["Інша кава"])


async def test_a_key_that_is_not_shown_leaves_rows_in_doubt_rather_than_twice_there(kasa: Any) -> None:
    keep = kasa.keep
    kasa.keep = lambda **fields: keep(**{name: value for name, value in fields.items() if name != "remote_id"})
    items = [ProductCreate(title=f"Товар {n}", remote_id=f"r{n}", price=Decimal(n)) for n in range(10)]
    kasa.losing = [lose_after]

    summary = await import_products(kasa, items, key="remote_id", late_write_window=0)

    assert (summary.in_doubt, codes(summary.failed), len(kasa.kept)) == (10, {"in_doubt_not_shown"}, 10)


async def test_a_stop_while_settling_leaves_the_rest_in_doubt(kasa: Any) -> None:
    listing = kasa.list

    def forbid(**options: object) -> object:
        if kasa.lists:
            raise errors.ForbiddenError("not any more", status=403)
        return listing(**options)

    kasa.list = forbid
    kasa.losing = [lose_after]

    with pytest.raises(ImportStoppedError, match="not any more") as caught:
        await import_products(kasa, products(30), batch_size=10, late_write_window=0)

    assert (caught.value.summary.created, caught.value.summary.in_doubt) == (20, 10)
    assert codes(caught.value.summary.failed) == {"in_doubt"}


async def test_a_read_back_that_fails_for_once_is_done_again(kasa: Any) -> None:
    listing = kasa.list
    fails = [errors.ConnectionLostError("lost"), errors.ServerError("500", status=500)]

    def stumble(**options: object) -> object:
        if kasa.lists and fails:
            raise fails.pop()
        return listing(**options)

    kasa.list = stumble
    kasa.losing = [lose_after]

    assert (await import_products(kasa, products(10), late_write_window=0)).created == 10
    assert (len(kasa.kept), fails) == (10, [])


async def test_a_lost_change_is_made_again(kasa: Any) -> None:
    kasa.keep(title="Стара назва", number="0001", price=Decimal(1))
    update, lost = kasa.update, [True, True]

    async def lose(id: str, changes: ProductUpdate) -> object:
        if lost:
            lost.pop()
            raise errors.OutcomeUnknownError("500", status=500)
        return await update(id, changes)

    kasa.update = lose
    summary = await import_products(kasa, products(1), late_write_window=0)

    assert (summary.updated, kasa.created) == (1, ["Товар 1"])


async def test_a_change_that_fails_each_time_is_in_doubt(kasa: Any) -> None:
    kasa.keep(title="Стара назва", number="0001", price=Decimal(1))

    async def fail(id: str, changes: ProductUpdate) -> object:
        raise errors.OutcomeUnknownError("500", status=500)

    kasa.update = fail
    summary = await import_products(kasa, products(1), late_write_window=0)

    assert (summary.in_doubt, codes(summary.failed)) == (1, {"change_in_doubt"})


@pytest.mark.parametrize(
    "then", [errors.ForbiddenError("not any more", status=403), errors.ValidationError("422", status=422)]
)
async def test_a_change_that_was_lost_stays_in_doubt_whatever_follows(kasa: Any, then: errors.ApiError) -> None:
    kasa.keep(title="Стара назва", number="0001", price=Decimal(1))
    ends: list[errors.SmartKasaError] = [errors.OutcomeUnknownError("lost")]

    async def fail(id: str, changes: ProductUpdate) -> object:
        raise ends.pop() if ends else then

    kasa.update = fail
    sync = import_products(kasa, products(1), late_write_window=0)
    with suppress(ImportStoppedError):
        await sync

    assert (sync.summary.in_doubt, codes(sync.summary.failed)) == (1, {"change_in_doubt"})
