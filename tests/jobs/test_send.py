"""Batches: halves after a refusal, nothing sent twice after a lost answer, patience with what passes."""

from __future__ import annotations

from math import ceil, log2
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartkasa_async import errors
from smartkasa_async.jobs.send import SendFailure, Verdict, create_each, judge, named_field, send_one
from smartkasa_async.models import ProductCreate

if TYPE_CHECKING:
    from collections.abc import Sequence

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

    assert [isinstance(result, SendFailure) for result in results] == [number in bad for number in range(count)]
    assert sorted(service.created) == [number for number in range(count) if number not in bad]
    assert [result for result in results if not isinstance(result, SendFailure)] == [f"id-{n}" for n in service.created]
    assert len(service.calls) <= 1 + 2 * len(bad) * ceil(log2(max(count, 2)))


@given(st.integers(min_value=1, max_value=60), st.data())
async def test_in_order_nothing_follows_the_first_that_fails(count: int, data: st.DataObject) -> None:
    bad = data.draw(st.integers(min_value=0, max_value=count))
    lost = data.draw(st.integers(min_value=0, max_value=count))
    service = Service({bad})
    service.ends_with[lost] = errors.OutcomeUnknownError("the answer was lost")

    results = await create_each(service.create, range(count), in_order=True)

    good = [result for result in results if not isinstance(result, SendFailure)]
    assert results[: len(good)] == good == [f"id-{number}" for number in service.created]
    assert service.created == list(range(len(good)))
    assert len(good) <= min(bad, lost)
    assert len(results) > min(bad, lost) or len(results) == count


async def test_nothing_is_sent_for_no_items() -> None:
    service = Service(set())

    assert await create_each(service.create, []) == []
    assert service.calls == []


async def test_a_lost_answer_ends_its_items_and_the_rest_goes_on() -> None:
    service = Service(bad={0})
    service.ends_with[3] = errors.OutcomeUnknownError("the answer was lost")

    results = await create_each(service.create, range(8))

    verdicts = [result.verdict if isinstance(result, SendFailure) else result for result in results]
    assert verdicts == [Verdict.REFUSED, "id-1", Verdict.UNKNOWN, Verdict.UNKNOWN, "id-4", "id-5", "id-6", "id-7"]
    assert service.calls.count([2, 3]) == 1


async def test_a_stop_leaves_the_rest_unsent() -> None:
    service = Service(bad={0})
    service.ends_with[2] = errors.ForbiddenError("not allowed", status=403)

    results = await create_each(service.create, range(8))

    verdicts = [result.verdict if isinstance(result, SendFailure) else result for result in results]
    assert verdicts == [Verdict.REFUSED, "id-1", *[Verdict.STOPPED] * 6]
    assert service.calls[-1] == [2, 3]


async def test_an_answer_with_too_few_records_is_attributed_to_nobody() -> None:
    async def create(items: Sequence[int]) -> list[str]:
        return [f"id-{item}" for item in items][1:]

    results = await create_each(create, range(3))

    assert all(isinstance(result, SendFailure) and result.verdict is Verdict.UNKNOWN for result in results)


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (REFUSED, Verdict.REFUSED),
        (errors.InvalidRequestError("price is float", field="$.products[0].price"), Verdict.REFUSED),
        (errors.OutcomeUnknownError("lost"), Verdict.UNKNOWN),
        (errors.ServerError("no login", status=500), Verdict.LATER),
        (errors.UnreadableAnswerError("no JSON from the login", path="$", excerpt="<html>"), Verdict.STOPPED),
        (errors.RedirectRefusedError("a login elsewhere"), Verdict.STOPPED),
        (errors.ConflictError("409", status=409), Verdict.REFUSED),
        (errors.ApiError("413", status=413), Verdict.REFUSED),
        (errors.NotConnectedError("refused"), Verdict.LATER),
        (errors.RateLimitedError("429", status=429), Verdict.LATER),
        (errors.ServerError("come again", status=503), Verdict.LATER),
        (errors.ConnectionLostError("the login was lost"), Verdict.LATER),
        (errors.CallTimeoutError("no session in time"), Verdict.LATER),
        (errors.UnauthorizedError("401", status=401), Verdict.STOPPED),
        (errors.ForbiddenError("403", status=403), Verdict.STOPPED),
        (errors.NotFoundError("404", status=404), Verdict.STOPPED),
        (errors.SessionError("no credentials"), Verdict.STOPPED),
    ],
)
def test_an_error_is_judged(error: errors.SmartKasaError, verdict: Verdict) -> None:
    assert judge(error) is verdict


async def test_a_half_is_not_asked_for_when_the_other_half_was_good() -> None:
    service = Service({7})

    await create_each(service.create, range(8))

    assert service.calls == [[*range(8)], [0, 1, 2, 3], [4, 5], [6], [7]]


async def test_bad_items_with_the_same_value_cost_less_than_scattered_ones() -> None:
    calls = 0
    items = [ProductCreate(title=f"{number}", category_id="gone" if number % 16 == 3 else "c") for number in range(128)]

    async def create(part: Sequence[ProductCreate]) -> list[str]:
        nonlocal calls
        calls += 1
        if any(item.category_id == "gone" for item in part):
            refusal = errors.FieldRefusal("products", "invalid", "category_id: Невірне значення")
            raise errors.ValidationError("422", status=422, refusals=(refusal,))
        return [item.title for item in part]

    results = await create_each(create, items)

    assert [isinstance(result, SendFailure) for result in results] == [number % 16 == 3 for number in range(128)]
    assert [result for result in results if isinstance(result, str)] == [
        str(number) for number in range(128) if number % 16 != 3
    ]
    assert calls <= 1 + 2 * 8 + 2 * 7


async def test_what_passes_is_waited_out() -> None:
    ends: list[Exception | None] = [
        errors.RateLimitedError("429", status=429),
        errors.NotConnectedError("nobody there"),
        errors.ServerError("503", status=503),
        None,
    ]

    async def call() -> str:
        end = ends.pop(0)
        if end is not None:
            raise end
        return "done"

    assert await send_one(call) == "done"


async def test_what_does_not_pass_stops_after_five_attempts() -> None:
    calls = 0

    async def call() -> str:
        nonlocal calls
        calls += 1
        raise errors.NotConnectedError("nobody there")

    result = await send_one(call)

    assert isinstance(result, SendFailure)
    assert (result.verdict, calls) == (Verdict.STOPPED, 5)


async def test_what_may_have_been_carried_out_is_not_sent_again() -> None:
    calls = 0

    async def call() -> str:
        nonlocal calls
        calls += 1
        raise errors.OutcomeUnknownError("lost")

    result = await send_one(call)

    assert isinstance(result, SendFailure)
    assert (result.verdict, calls) == (Verdict.UNKNOWN, 1)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (REFUSED, ("title", "Не може бути пустим")),
        (
            errors.ValidationError("422", status=422, refusals=(errors.FieldRefusal("products", "invalid"),)),
            (None, "products: invalid"),
        ),
        (errors.ValidationError("no sense", status=422), (None, "no sense")),
        (errors.InvalidRequestError("price is float", field="$.products[0].price"), (None, "price is float")),
    ],
)
def test_the_field_of_a_refusal_is_found(error: Exception, expected: tuple[str | None, str]) -> None:
    assert named_field(error) == expected


@pytest.mark.parametrize(
    ("refusal", "expected"),
    [
        (errors.FieldRefusal("title", "blank", "не може бути пустим"), ("title", "не може бути пустим")),
        (errors.FieldRefusal("title", "blank"), ("title", "blank")),
        (errors.FieldRefusal("title"), ("title", "title")),
        (errors.FieldRefusal("number", "taken"), (None, "number: taken")),
    ],
)
def test_a_single_record_is_refused_by_the_name_of_its_field(
    refusal: errors.FieldRefusal, expected: tuple[str | None, str]
) -> None:
    error = errors.ValidationError("422", status=422, refusals=(refusal,))
    assert named_field(error, {"title"}) == expected
