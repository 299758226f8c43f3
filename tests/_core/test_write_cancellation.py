"""A write that is cancelled, or cut off by a timeout of the caller's, is told as one whose outcome is unknown."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async import RetryPolicy, SmartKasa, errors
from smartkasa_async.events import Event, OutcomeUnknownEvent
from smartkasa_async.models import ProductCreate, ProductUpdate
from tests.support.service import answer, make_session, serve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from tests.support.service import Arrived

    Call = Callable[[SmartKasa], Awaitable[object]]

UNENDING = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"
NEW = ProductCreate(title="Чай", price=Decimal(5))
WRITES: dict[str, Call] = {
    "createProduct": lambda kasa: kasa.products.create(NEW),
    "createProductBatch": lambda kasa: kasa.products.create_batch([NEW]),
    "updateProduct": lambda kasa: kasa.products.update("p-1", ProductUpdate(title="Чай")),
    "deleteProduct": lambda kasa: kasa.products.delete("p-1"),
}


class Told:
    """A client whose service begins an answer and never ends it, and what the client told."""

    def __init__(self) -> None:
        self.arrived = asyncio.Event()
        self.events: list[Event] = []
        self.kasa: SmartKasa

    def reply(self, _: Arrived) -> bytes:
        self.arrived.set()
        return UNENDING

    @property
    def unknown(self) -> list[tuple[str, int, str]]:
        found = [event for event in self.events if isinstance(event, OutcomeUnknownEvent)]
        return [(event.operation, event.attempt, event.reason) for event in found]


@asynccontextmanager
async def told(reply: bytes | Callable[[Arrived], bytes] | None = None, **options: Any) -> AsyncIterator[Told]:
    it = Told()
    options = {"session": make_session(), "retry": RetryPolicy(first_wait=0), "on_event": it.events.append, **options}
    async with (
        serve(it.reply if reply is None else reply) as service,
        SmartKasa(api_key="key", base_url=service.url, **options) as it.kasa,
    ):
        yield it


async def cancel(task: asyncio.Task[Any]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("name", WRITES)
async def test_a_write_that_is_cancelled_on_its_way_is_unknown(name: str) -> None:
    async with told() as it:
        task = asyncio.ensure_future(WRITES[name](it.kasa))
        await it.arrived.wait()
        await cancel(task)
    assert it.unknown == [(name, 1, "the call was cancelled")]


async def test_a_timeout_of_the_caller_is_a_cancellation() -> None:
    async def create_in_time(it: Told) -> None:
        async with asyncio.timeout(None) as limit:
            arrived = asyncio.ensure_future(it.arrived.wait())
            arrived.add_done_callback(lambda _: limit.reschedule(asyncio.get_running_loop().time()))
            await it.kasa.products.create(NEW)

    async with told() as it:
        with pytest.raises(TimeoutError):
            await create_in_time(it)
    assert it.unknown == [("createProduct", 1, "the call was cancelled")]


async def test_a_read_that_is_cancelled_tells_nothing() -> None:
    async with told() as it:
        task = asyncio.ensure_future(it.kasa.products.get("p-1"))
        await it.arrived.wait()
        await cancel(task)
    assert it.unknown == []


async def test_a_write_that_waits_for_its_turn_was_not_sent() -> None:
    async with told(concurrency=1) as it:
        first = asyncio.ensure_future(it.kasa.products.get("p-1"))
        await it.arrived.wait()
        second = asyncio.ensure_future(it.kasa.products.create(NEW))
        await asyncio.sleep(0)
        await cancel(second)
        await cancel(first)
    assert it.unknown == []


async def test_an_update_that_waits_for_its_next_attempt_may_have_been_carried_out() -> None:
    waits = asyncio.Event()

    def hear(event: Event) -> None:
        it.events.append(event)
        if type(event).__name__ == "RetryEvent":
            waits.set()

    async with told(answer(b"", 502, "Retry-After: 30"), on_event=hear) as it:
        task = asyncio.ensure_future(WRITES["updateProduct"](it.kasa))
        await waits.wait()
        await cancel(task)
    assert it.unknown == [("updateProduct", 1, "the call was cancelled")]


async def test_a_create_that_waits_after_its_refusal_was_not_carried_out() -> None:
    waits = asyncio.Event()

    def hear(event: Event) -> None:
        it.events.append(event)
        if type(event).__name__ == "RetryEvent":
            waits.set()

    async with told(answer(b"", 429, "Retry-After: 30"), on_event=hear) as it:
        task = asyncio.ensure_future(WRITES["createProduct"](it.kasa))
        await waits.wait()
        await cancel(task)
    assert it.unknown == []


async def test_a_write_that_ends_unknown_by_its_answer_is_told_too() -> None:
    async with told(answer(b"", 502)) as it:
        with pytest.raises(errors.OutcomeUnknownError):
            await it.kasa.products.create_batch([NEW])
    assert it.unknown == [("createProductBatch", 1, "502: no reason given")]


async def test_a_write_whose_client_is_closed_meanwhile_is_unknown() -> None:
    async with told() as it:
        task = asyncio.ensure_future(it.kasa.products.create(NEW))
        await it.arrived.wait()
        await it.kasa.aclose()
        with pytest.raises(errors.OutcomeUnknownError):
            await task
    assert [operation for operation, _, _ in it.unknown] == ["createProduct"]
