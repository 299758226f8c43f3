"""Closing, event loops, threads, events and hooks."""

from __future__ import annotations

import asyncio
import gc
import logging
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from smartkasa_async import ClientClosedError, ConnectionLostError, OutcomeUnknownError, SmartKasa
from smartkasa_async.events import (
    Event,
    RefreshEvent,
    RequestEvent,
    ResponseEvent,
    RetryEvent,
)
from smartkasa_async.models import ShopCreate
from smartkasa_async.sandbox import Fault, Sandbox
from tests.support.clients import LOGIN, SHOPS, client
from tests.support.service import make_session, serve

if TYPE_CHECKING:
    from collections.abc import Iterator

_NEVER_ENDS = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"


@pytest.fixture
def thread_box() -> Iterator[Sandbox]:
    """Serve from a thread, for tests that bring loops of their own."""
    with Sandbox().in_thread() as box:
        yield box


# --- closing ---


async def test_closing_ends_all_calls_cleanly() -> None:
    """Two are on their way, the others wait for a place; none is left hanging."""
    async with serve(_NEVER_ENDS) as service:
        kasa = SmartKasa(api_key="key", base_url=service.url, session=make_session(), concurrency=2)
        calls: list[Any] = [asyncio.ensure_future(kasa.shops.create(ShopCreate(title="Т")))]
        calls += [asyncio.ensure_future(kasa.shops.get(number)) for number in range(5)]
        while len(service.arrived) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0)
        await kasa.aclose()
        ends = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(end) for end in ends] == [OutcomeUnknownError] + [ClientClosedError] * 5
    assert len(service.arrived) == 2


async def test_closing_ends_calls_that_wait_to_be_repeated(box: Sandbox) -> None:
    box.faults.add(Fault("status", path="/api/v1/rsn/shops", status=429, retry_after=30))
    heard = asyncio.Event()
    kasa = client(box, on_event=lambda event: heard.set() if isinstance(event, RetryEvent) else None)
    call = asyncio.ensure_future(kasa.shops.list()._first())
    await heard.wait()
    await kasa.aclose()
    with pytest.raises(ClientClosedError):
        await call


async def test_closed_client_says_so_and_can_be_opened_again(box: Sandbox) -> None:
    kasa = client(box)
    async with kasa:
        await kasa.shops.list()
    await kasa.aclose()
    for call in (kasa.login, kasa.logout, kasa.auth.refresh, kasa.auth.logout, kasa.shops.list()._first):
        with pytest.raises(ClientClosedError):
            await call()
    async with kasa:
        await kasa.shops.list()
    assert box.calls == {LOGIN: 1, SHOPS: 2}


async def test_closing_a_client_that_was_never_used(box: Sandbox) -> None:
    async with client(box):
        pass
    kasa = client(box)
    await kasa.aclose()
    await kasa.aclose()
    assert box.calls == {}


async def test_call_without_with_works_until_it_is_closed(box: Sandbox) -> None:
    kasa = client(box)
    await kasa.shops.list()
    await kasa.aclose()
    assert box.calls[SHOPS] == 1


# --- loops and instances ---


async def test_instances_do_not_share_anything(box: Sandbox) -> None:
    async with client(box) as one, client(box) as other:
        await asyncio.gather(one.shops.list(), other.shops.list())
        await one.logout()
        await other.shops.list()
    assert box.calls[LOGIN] == 2


def test_one_client_serves_loops_one_after_another(thread_box: Sandbox) -> None:
    kasa = client(thread_box)

    async def use() -> None:
        async with kasa:
            await asyncio.gather(*(kasa.shops.list() for _ in range(5)))

    for _ in range(3):
        asyncio.run(use())
    assert thread_box.calls == {LOGIN: 1, SHOPS: 15}


def test_one_client_serves_threads_side_by_side(thread_box: Sandbox) -> None:
    kasa = client(thread_box)

    async def use() -> None:
        async with kasa:
            for _ in range(5):
                await asyncio.gather(*(kasa.shops.list() for _ in range(4)))

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(asyncio.run, use()) for _ in range(4)]:
            done.result()
    assert thread_box.calls[SHOPS] == 4 * 20
    assert 1 <= thread_box.calls[LOGIN] <= 4


def test_threads_share_renewed_tokens(thread_box: Sandbox) -> None:
    """A loop that hears of a refusal finds the tokens that another loop has got meanwhile."""
    kasa = client(thread_box)

    async def use() -> None:
        async with kasa:
            await kasa.shops.list()

    asyncio.run(use())
    thread_box.expire_access_tokens()
    for _ in range(3):
        asyncio.run(use())
    assert thread_box.calls["POST /api/v1/auth/refresh"] == 1
    assert thread_box.calls[LOGIN] == 1


def test_a_client_of_a_module_leaves_nothing_open_behind_loops(thread_box: Sandbox) -> None:
    connectors: list[aiohttp.BaseConnector] = []

    def connector() -> aiohttp.BaseConnector:
        connectors.append(aiohttp.TCPConnector())
        return connectors[-1]

    kasa = client(thread_box, connector_factory=connector)

    async def use(*, blocks: int) -> None:
        await kasa.shops.list()
        for _ in range(blocks):
            async with kasa:
                await kasa.shops.list()

    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always", ResourceWarning)
        for blocks in (0, 2, 0):
            asyncio.run(use(blocks=blocks))
        gc.collect()
    assert warned == []
    assert [each.closed for each in connectors] == [True] * 4
    assert thread_box.calls == {LOGIN: 1, SHOPS: 5}


def test_a_client_that_nobody_holds_any_more_is_closed(thread_box: Sandbox) -> None:
    async def use() -> None:
        await client(thread_box).shops.list()

    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always", ResourceWarning)
        asyncio.run(use())
        gc.collect()
    assert warned == []


# --- events and hooks ---


async def test_events_tell_what_happens(box: Sandbox) -> None:
    heard: list[Event] = []
    box.faults.add(Fault("drop_before", path="/api/v1/rsn/shops"))
    async with client(box, on_event=heard.append) as kasa:
        await kasa.shops.list(title="Т")
    told = [(type(event).__name__, event.operation, event.attempt) for event in heard]
    assert told == [
        ("CallStartEvent", "listShops", 0),
        ("CallStartEvent", "createSession", 0),
        ("RequestEvent", "createSession", 1),
        ("ResponseEvent", "createSession", 1),
        ("RefreshEvent", "createSession", 1),
        ("CallEndEvent", "createSession", 1),
        ("RequestEvent", "listShops", 1),
        ("RetryEvent", "listShops", 1),
        ("RequestEvent", "listShops", 2),
        ("ResponseEvent", "listShops", 2),
        ("CallEndEvent", "listShops", 2),
    ]
    request, response = heard[-3:-1]
    assert isinstance(request, RequestEvent)
    assert (request.method, request.path) == ("GET", "/api/v1/rsn/shops")
    assert isinstance(response, ResponseEvent)
    assert (response.status, response.seconds > 0, response.size > 10) == (200, True, True)
    assert response.request_id
    (renewal,) = (event for event in heard if isinstance(event, RefreshEvent))
    assert renewal.how == "login"


async def test_neither_events_nor_logs_nor_errors_hold_secrets(box: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    heard: list[Event] = []
    caplog.set_level(logging.DEBUG, "smartkasa_async")
    box.faults.add(Fault("drop_before", path="/api/v1/rsn/shops", times=None))

    def hear(event: Event) -> None:
        heard.append(event)
        raise RuntimeError("hook")

    async with client(box, on_event=hear) as kasa:
        session = await kasa.login()
        with pytest.raises(ConnectionLostError) as caught:
            await kasa.shops.list()
    shown = f"{heard!r} {caplog.text} {caught.value!r} {caught.value.__cause__!r} {kasa!r} {session!r}"
    for secret in (box.api_key, box.password, session.access, session.refresh, str(session.csrf)):
        assert secret not in shown


async def test_hook_that_fails_breaks_no_call(box: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    def fail(_event: Event) -> None:
        raise RuntimeError("hook")

    async with client(box, on_event=fail) as kasa:
        await kasa.shops.list()
    assert "RequestEvent" in caplog.text
    assert "RuntimeError: hook" in caplog.text


async def test_aiohttp_traces_pass_through(box: Sandbox) -> None:
    traced: list[tuple[str, int]] = []

    async def end(_session: Any, _context: Any, params: aiohttp.TraceRequestEndParams) -> None:
        traced.append((params.url.path, params.response.status))

    config = aiohttp.TraceConfig()
    config.on_request_end.append(end)
    async with client(box, trace_configs=[config]) as kasa:
        await kasa.shops.list()
    assert traced == [("/api/v1/auth/sessions", 201), ("/api/v1/rsn/shops", 200)]
