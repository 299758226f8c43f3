"""What a write ends with, by all that can come of it: the service is a bare socket that answers as it is told."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async import RetryPolicy, SmartKasa, errors
from smartkasa_async.models import ProductCreate, ProductUpdate
from tests.support.service import answer, make_session, renewing, serve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from tests.support.service import Arrived, Service

    Call = Callable[[SmartKasa], Awaitable[object]]

PAGE = b"<html><h1>The gateway has something to say</h1></html>"
REASON: dict[str, Any] = {"errors": {"products": [{"error": "invalid"}]}}
NEW = ProductCreate(title="Чай", price=Decimal(5))

CALLS: dict[str, Call] = {
    "create": lambda kasa: kasa.products.create(NEW),
    "delete": lambda kasa: kasa.products.delete("p-1"),
    "create_batch": lambda kasa: kasa.products.create_batch([NEW]),
    "delete_batch": lambda kasa: kasa.products.delete_batch(["p-1"]),
    "update": lambda kasa: kasa.products.update("p-1", ProductUpdate(title="Чай")),
}
ALL = tuple(CALLS)
SINGLE = ("create", "delete")
BATCH = ("create_batch", "delete_batch")
UPDATE = ("update",)


@asynccontextmanager
async def told(reply: bytes | Callable[[Arrived], bytes], **options: Any) -> AsyncIterator[tuple[SmartKasa, Service]]:
    options = {"session": make_session(), "retry": RetryPolicy(retries=2, first_wait=0), **options}
    async with serve(reply) as service, SmartKasa(api_key="key", base_url=service.url, **options) as kasa:
        yield kasa, service


async def end_of(call: Call, reply: bytes | Callable[[Arrived], bytes]) -> tuple[type[BaseException] | None, int]:
    """Make a call; returns the type of the error that it ended with, and how often it was sent."""
    async with told(reply) as (kasa, service):
        try:
            await call(kasa)
        except errors.SmartKasaError as error:
            return type(error), len(service.arrived)
        return None, len(service.arrived)


UNKNOWN = errors.OutcomeUnknownError


@pytest.mark.parametrize(
    ("statuses", "body", "names", "error", "times"),
    [
        ((301, 302, 303, 304, 307, 308), REASON, ALL, UNKNOWN, 1),
        ((408, 425, 500, 502, 503, 504, 520, 524, 529, 599), REASON, SINGLE + BATCH, UNKNOWN, 1),
        ((408, 425, 500, 502, 503, 504, 520, 524, 529, 599), PAGE, UPDATE, UNKNOWN, 3),
        ((460, 499, 501, 505, 509), REASON, ALL, UNKNOWN, 1),
        ((429,), REASON, SINGLE + UPDATE, errors.RateLimitedError, 3),
        ((429,), REASON, BATCH, UNKNOWN, 1),
        ((429,), PAGE, BATCH, UNKNOWN, 1),
        ((400, 413, 415), REASON, ALL, errors.ApiError, 1),
        ((403,), REASON, ALL, errors.ForbiddenError, 1),
        ((404,), REASON, ALL, errors.NotFoundError, 1),
        ((422,), REASON, ALL, errors.ValidationError, 1),
        ((422,), PAGE, SINGLE + UPDATE, errors.ValidationError, 1),
        ((400, 403, 404, 413, 415, 422), PAGE, BATCH, UNKNOWN, 1),
        ((400, 422), {"error": "Bad Request", "status": 400}, BATCH, UNKNOWN, 1),
        ((400, 422), {"errors": [{"message": "Blocked"}]}, BATCH, UNKNOWN, 1),
        ((400, 422), b"Blocked", BATCH, UNKNOWN, 1),
        ((405, 409, 410, 424), REASON, BATCH, UNKNOWN, 1),
        ((409,), REASON, SINGLE + UPDATE, errors.ConflictError, 1),
        ((200, 201, 202, 204, 207, 299), b"", ALL, UNKNOWN, 1),
        ((200, 201, 202, 207), PAGE, ALL, UNKNOWN, 1),
        ((200, 201), {"data": "yes"}, ALL, UNKNOWN, 1),
    ],
)
async def test_a_write_ends_by_what_its_answer_proves(
    statuses: tuple[int, ...], body: Any, names: tuple[str, ...], error: type[Exception], times: int
) -> None:
    for status in statuses:
        content = b"" if status in {204, 304} else body
        for name in names:
            assert await end_of(CALLS[name], answer(content, status)) == (error, times), (status, name)


@pytest.mark.parametrize("name", ALL)
async def test_a_write_that_the_service_has_done_ends_well(name: str) -> None:
    record = {"id": "p-1"}
    for status in (200, 201, 202):
        reply = answer({"data": [record] if name in BATCH else record, "meta": {}}, status)
        assert await end_of(CALLS[name], reply) == (None, 1), status


@pytest.mark.parametrize("name", ALL)
async def test_an_answer_that_is_too_large_hides_the_outcome(name: str) -> None:
    async with told(answer(b"x" * 2000), max_answer_bytes=1000) as (kasa, service):
        with pytest.raises(errors.OutcomeUnknownError) as caught:
            await CALLS[name](kasa)
    assert isinstance(caught.value.__cause__, errors.AnswerTooLargeError)
    assert len(service.arrived) == 1


async def test_reads_end_as_before() -> None:
    async def read(kasa: SmartKasa) -> object:
        return await kasa.products.get("p-1")

    assert await end_of(read, answer(PAGE, 302)) == (errors.RedirectRefusedError, 1)
    assert await end_of(read, answer(PAGE, 500)) == (errors.ServerError, 3)
    assert await end_of(read, answer(PAGE, 200)) == (errors.UnreadableAnswerError, 1)
    assert await end_of(read, answer(PAGE, 499)) == (errors.ApiError, 1)


class Sequence:
    """Gives one answer after the other, and the last one for ever."""

    def __init__(self, *replies: bytes) -> None:
        self.replies = list(replies)

    def __call__(self, _: Arrived) -> bytes:
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


@pytest.mark.parametrize("last", [answer(REASON, 422), answer(REASON, 403), answer(REASON, 404), answer(REASON, 429)])
async def test_a_refusal_proves_nothing_of_the_attempt_before_it(last: bytes) -> None:
    error, _ = await end_of(CALLS["update"], Sequence(answer(PAGE, 502), last))
    assert error is UNKNOWN


async def test_an_update_that_succeeds_in_the_end_is_done() -> None:
    done = answer({"data": {"id": "p-1"}, "meta": {}})
    assert await end_of(CALLS["update"], Sequence(answer(PAGE, 502), b"", done)) == (None, 3)


@pytest.mark.parametrize("name", ["create", "create_batch"])
async def test_a_write_that_is_refused_for_its_session_goes_on_with_another(name: str) -> None:
    record = {"id": "p-1"}
    done = answer({"data": [record] if name == "create_batch" else record, "meta": {}}, 201)
    replies = Sequence(answer({"message": "Unauthorized"}, 401), done)
    assert await end_of(CALLS[name], renewing(replies)) == (None, 3)


async def test_a_batch_is_not_sent_again_for_a_gateways_401_and_the_session_is_renewed_all_the_same() -> None:
    reply = renewing(lambda request: answer(PAGE, 401))
    async with told(reply) as (kasa, service):
        for _ in range(2):
            with pytest.raises(errors.OutcomeUnknownError):
                await kasa.products.create_batch([NEW])
    paths = [request.target.rpartition("/api/v1/")[2] for request in service.arrived]
    assert paths == ["inventory/products/batch", "auth/refresh", "inventory/products/batch"]


async def test_a_wait_that_a_batch_is_told_is_kept_by_the_calls_after_it() -> None:
    reply = Sequence(answer(REASON, 429, "Retry-After-Ms: 30"), answer({"data": {"id": "p-1"}, "meta": {}}, 201))
    async with told(reply) as (kasa, _):
        with pytest.raises(errors.OutcomeUnknownError):
            await kasa.products.create_batch([NEW])
        begun = asyncio.get_running_loop().time()
        await kasa.products.create(NEW)
        assert asyncio.get_running_loop().time() - begun > 0.02
