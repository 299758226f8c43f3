"""Batches: halves after a refusal, nothing sent twice after a lost answer, and what each row is told."""

from __future__ import annotations

from decimal import Decimal
from math import ceil, log2
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartkasa_async import errors
from smartkasa_async.catalog.check import Origin, ProductDraft
from smartkasa_async.catalog.columns import match_columns
from smartkasa_async.catalog.outcomes import OutcomeKind
from smartkasa_async.catalog.send import Failure, Verdict, create_each, judge, settle
from smartkasa_async.models import ProductCreate, UuidId

if TYPE_CHECKING:
    from collections.abc import Sequence

ORIGIN = Origin("list.csv", match_columns(["Штрихкод", "Назва", "Ціна"], file="list.csv"))
DRAFT = ProductDraft(5, 6, "4006381333931", None, ProductCreate(title="Кава", price=Decimal(5)))
REFUSED = errors.ValidationError(
    "products: title: Не може бути пустим",
    status=422,
    refusals=(errors.FieldRefusal("products", "invalid", "title: Не може бути пустим"),),
)


class Service:
    """Creates numbers, all or nothing, but refuses the bad ones."""

    def __init__(self, bad: set[int]) -> None:
        self.bad = bad
        self.created: list[int] = []
        self.calls: list[list[int]] = []
        self.ends_with: dict[int, errors.SmartKasaError] = {}

    async def create(self, items: Sequence[int]) -> list[str]:
        self.calls.append(list(items))
        if self.bad.intersection(items):
            raise REFUSED
        for item, error in self.ends_with.items():
            if item in items:
                raise error
        self.created += items
        return [f"id-{item}" for item in items]


@given(st.integers(min_value=0, max_value=200), st.data())
async def test_good_items_are_created_once_and_bad_ones_stand_alone(count: int, data: st.DataObject) -> None:
    bad = data.draw(st.sets(st.integers(min_value=0, max_value=max(0, count - 1)), max_size=6)) if count else set()
    service = Service(bad)

    results = await create_each(service.create, range(count))

    assert [isinstance(result, Failure) for result in results] == [number in bad for number in range(count)]
    assert sorted(service.created) == [number for number in range(count) if number not in bad]
    assert [result for result in results if not isinstance(result, Failure)] == [f"id-{n}" for n in service.created]
    assert len(service.calls) <= 1 + 2 * len(bad) * ceil(log2(max(count, 2)))


async def test_nothing_is_sent_for_no_items() -> None:
    service = Service(set())

    assert await create_each(service.create, []) == []
    assert service.calls == []


async def test_a_lost_answer_ends_its_items_and_the_rest_goes_on() -> None:
    service = Service(bad={0})
    service.ends_with[3] = errors.OutcomeUnknownError("the answer was lost")

    results = await create_each(service.create, range(8))

    verdicts = [result.verdict if isinstance(result, Failure) else result for result in results]
    assert verdicts == [Verdict.REFUSED, "id-1", Verdict.UNKNOWN, Verdict.UNKNOWN, "id-4", "id-5", "id-6", "id-7"]
    assert service.calls.count([2, 3]) == 1


async def test_a_stop_leaves_the_rest_unsent() -> None:
    service = Service(bad={0})
    service.ends_with[2] = errors.ForbiddenError("not allowed", status=403)

    results = await create_each(service.create, range(8))

    verdicts = [result.verdict if isinstance(result, Failure) else result for result in results]
    assert verdicts == [Verdict.REFUSED, "id-1", *[Verdict.STOPPED] * 6]
    assert service.calls[-1] == [2, 3]


async def test_an_answer_with_too_few_records_is_attributed_to_nobody() -> None:
    async def create(items: Sequence[int]) -> list[str]:
        return [f"id-{item}" for item in items][1:]

    results = await create_each(create, range(3))

    assert all(isinstance(result, Failure) and result.verdict is Verdict.UNKNOWN for result in results)


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (REFUSED, Verdict.REFUSED),
        (errors.InvalidRequestError("price is float", field="$.products[0].price"), Verdict.REFUSED),
        (errors.OutcomeUnknownError("lost"), Verdict.UNKNOWN),
        (errors.ServerError("broken", status=500), Verdict.UNKNOWN),
        (errors.UnreadableAnswerError("no JSON", path="$", excerpt="<html>"), Verdict.UNKNOWN),
        (errors.AnswerTooLargeError("too large"), Verdict.UNKNOWN),
        (errors.NotConnectedError("refused"), Verdict.STOPPED),
        (errors.UnauthorizedError("401", status=401), Verdict.STOPPED),
        (errors.RateLimitedError("429", status=429), Verdict.STOPPED),
        (errors.SessionError("no credentials"), Verdict.STOPPED),
    ],
)
def test_an_error_is_judged(error: errors.SmartKasaError, verdict: Verdict) -> None:
    assert judge(error) is verdict


def test_a_new_product_settles_its_row() -> None:
    outcome = settle(DRAFT, UuidId(id="p-1"), ORIGIN)

    assert (outcome.row, outcome.line, outcome.key) == (5, 6, "4006381333931")
    assert (outcome.kind, outcome.product_id, outcome.problems) == (OutcomeKind.CREATED, "p-1", ())


def test_a_refusal_names_the_field_that_the_service_named() -> None:
    outcome = settle(DRAFT, Failure(Verdict.REFUSED, REFUSED), ORIGIN)

    assert (outcome.kind, outcome.field, outcome.value) == (OutcomeKind.REJECTED, "title", "Кава")
    assert outcome.problems[0].column == "Назва"
    assert "Не може бути пустим" in str(outcome.reason_en)


@pytest.mark.parametrize(
    "error",
    [
        errors.ValidationError("422", status=422),
        errors.ValidationError("422", status=422, refusals=(errors.FieldRefusal("products", "invalid"),)),
        errors.InvalidRequestError("price is float", field="$.products[0].price"),
    ],
)
def test_a_refusal_that_names_no_field_is_told_as_it_is(error: errors.SmartKasaError) -> None:
    outcome = settle(DRAFT, Failure(Verdict.REFUSED, error), ORIGIN)

    assert (outcome.kind, outcome.field) == (OutcomeKind.REJECTED, None)
    assert outcome.problems[0].code == "refused"


def test_a_lost_answer_settles_as_unknown() -> None:
    outcome = settle(DRAFT, Failure(Verdict.UNKNOWN, errors.OutcomeUnknownError("the answer was lost")), ORIGIN)

    assert (outcome.kind, outcome.product_id) == (OutcomeKind.UNKNOWN, None)
    assert "the answer was lost" in str(outcome.reason_uk)


def test_what_was_not_sent_is_rejected_with_the_cause() -> None:
    outcome = settle(DRAFT, Failure(Verdict.STOPPED, errors.NotConnectedError("nobody there")), ORIGIN)

    assert (outcome.kind, outcome.problems[0].code) == (OutcomeKind.REJECTED, "not_sent")
    assert "nobody there" in str(outcome.reason_en)
