"""How many calls are on their way at once, and how fast they follow each other."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from smartkasa_async import CallTimeoutError, NotFoundError, Page, RetryPolicy, SmartKasa
from smartkasa_async.events import Event, WaitEvent
from smartkasa_async.sandbox import Fault, Sandbox
from tests.support.calling import two_of_each
from tests.support.clients import SHOPS, Gate, client
from tests.support.service import answer, make_session, serve


@pytest.mark.parametrize("concurrency", [1, 3])
async def test_no_more_calls_are_on_their_way_than_allowed(box: Sandbox, concurrency: int) -> None:
    gate = Gate("GET", "/api/v1/rsn/shops")
    heard: list[Event] = []
    async with client(box, concurrency=concurrency, trace_configs=[gate.trace], on_event=heard.append) as kasa:
        await kasa.login()
        calls = [asyncio.ensure_future(kasa.shops.list()._first()) for _ in range(20)]
        await gate.reached.wait()
        for _ in range(100):
            await asyncio.sleep(0)
        assert gate.waiting == concurrency
        gate.open()
        await asyncio.gather(*calls)
    assert gate.most_waiting == concurrency
    assert box.calls[SHOPS] == 20
    waits = [event for event in heard if isinstance(event, WaitEvent)]
    assert {event.cause for event in waits} == {"concurrency"}
    assert len(waits) == 20 - concurrency


async def test_waiting_for_a_place_does_not_use_up_the_deadline() -> None:
    """The first call takes all of its time; the second, which waits so long, has time for two attempts still."""
    whole = answer({"data": [], "meta": {"total_count": 0}})
    replies = {"shops": iter([b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"]), "unit_types": iter([b"", whole])}
    async with serve(lambda request: next(replies[request.target.rpartition("/")[2]])) as service:
        kasa = SmartKasa(
            api_key="key",
            base_url=service.url,
            session=make_session(),
            concurrency=1,
            timeout=1,
            retry=RetryPolicy(first_wait=0),
        )
        async with kasa:
            first, second = await asyncio.gather(
                kasa.shops.list()._first(), kasa.unit_types.list()._first(), return_exceptions=True
            )
    assert isinstance(first, CallTimeoutError)
    assert isinstance(second, Page)


async def test_failed_and_cancelled_calls_give_their_places_back(box: Sandbox) -> None:
    gate = Gate("GET", "/api/v1/rsn/shops")
    async with client(box, concurrency=1, trace_configs=[gate.trace]) as kasa:
        await kasa.login()
        running, queued = (asyncio.ensure_future(kasa.shops.list()._first()) for _ in range(2))
        await gate.reached.wait()
        await asyncio.sleep(0)
        for call in (queued, running):
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
        gate.open()
        box.faults.add(Fault("status", path="/api/v1/rsn/shops", status=404))
        with pytest.raises(NotFoundError):
            await kasa.shops.list()
        await kasa.shops.list()


async def test_one_place_is_enough_for_a_renewal(box: Sandbox) -> None:
    async with client(box, concurrency=1) as kasa:
        await asyncio.gather(*(kasa.shops.list() for _ in range(5)))
        box.expire_access_tokens()
        await asyncio.gather(*(kasa.shops.list() for _ in range(5)))
        box.expire_tokens()
        await kasa.logout()


async def test_calls_follow_each_other_at_their_rate(box: Sandbox) -> None:
    heard: list[Event] = []
    async with client(box, calls_per_second=400, on_event=heard.append) as kasa:
        await kasa.login()
        await asyncio.gather(*(kasa.shops.list() for _ in range(40)))
    waits = [event.seconds for event in heard if isinstance(event, WaitEvent) and event.cause == "rate"]
    assert 1 <= len(waits) <= 41
    assert max(waits) <= 41 / 400


@pytest.mark.parametrize("concurrency", [1, 3, 20])
async def test_pages_are_fetched_side_by_side_in_order(box: Sandbox, concurrency: int) -> None:
    world: Any = two_of_each()
    shop = world.rows["shops"][0]
    world.rows["shops"] = [shop | {"id": number} for number in range(1, 96)]
    box.load(world)
    async with client(box) as kasa:
        shops = kasa.shops.list(per_page=10)
        found = [shop.id async for page in shops.pages(concurrency=concurrency) for shop in page]
        assert sorted(found) == list(range(1, 96))
        assert found == [shop.id async for shop in shops]
        assert [shop.id async for shop in kasa.shops.list(limit=12, per_page=5)] == found[:12]
    assert box.calls[SHOPS] == 23


async def test_each_attempt_asks_the_shared_pace_and_waits_as_long_as_it_tells(box: Sandbox) -> None:
    class Pace:
        asked = 0

        async def reserve(self) -> float:
            self.asked += 1
            return 0.001 * self.asked

    pace, heard = Pace(), list[Event]()
    box.faults.add(Fault("status", path="/api/v1/rsn/shops"))
    async with client(box, pace=pace, on_event=heard.append, retry=RetryPolicy(first_wait=0)) as kasa:
        await kasa.login()
        await kasa.shops.list()
    assert pace.asked == 3  # the login, and two attempts
    waits = [event.seconds for event in heard if isinstance(event, WaitEvent) and event.cause == "rate"]
    assert waits == [0.001, 0.002, 0.003]
