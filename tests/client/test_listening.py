"""What all calls of one client share: the wait that the service asks for, and further listeners."""

from __future__ import annotations

import asyncio

from smartkasa_async import SmartKasa
from smartkasa_async.events import Event, ResponseEvent, RetryEvent, WaitEvent
from smartkasa_async.sandbox import Fault, Sandbox


async def test_a_wait_that_is_asked_of_one_call_is_heeded_by_all() -> None:
    async with Sandbox() as box, SmartKasa(**box.credentials) as kasa:
        await kasa.login()
        box.faults.add(Fault(kind="status", path="/api/v1/rsn/shops", status=429, retry_after=0.1, times=1))
        refused = asyncio.Event()
        waits: list[WaitEvent] = []

        def listen(event: Event) -> None:
            if isinstance(event, RetryEvent):
                refused.set()
            if isinstance(event, WaitEvent):
                waits.append(event)

        with kasa.listening(listen):
            shops = asyncio.ensure_future(kasa.shops.list())
            await refused.wait()
            await kasa.unit_types.list()
            await shops

    assert [(wait.operation, wait.cause) for wait in waits] == [("listUnitTypes", "retry-after")]
    assert 0 < waits[0].seconds <= 0.1


async def test_a_listener_hears_only_while_its_block_runs() -> None:
    heard: list[str] = []
    async with Sandbox() as box, SmartKasa(**box.credentials) as kasa:
        await kasa.unit_types.list()
        with kasa.listening(lambda event: heard.append(event.operation) if isinstance(event, ResponseEvent) else None):
            await kasa.shops.list()
        await kasa.unit_types.list()
    assert heard == ["listShops"]
