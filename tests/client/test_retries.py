"""What is sent again and what is not, counted at the service."""

from __future__ import annotations

import socket
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async import (
    ApiError,
    CallTimeoutError,
    ConnectionLostError,
    NotConnectedError,
    OutcomeUnknownError,
    RateLimitedError,
    RetryPolicy,
    ServerError,
    SmartKasa,
)
from smartkasa_async.events import Event, RequestEvent, RetryEvent
from smartkasa_async.models import ProductUpdate, ShopCreate, ShopUpdate, StockCardUpdate
from smartkasa_async.sandbox import Fault, Sandbox
from tests.support.calling import two_of_each, uuid
from tests.support.clients import SHOPS, client
from tests.support.service import make_session, serve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_SHOPS = "/api/v1/rsn/shops"
_LOST = [
    Fault("drop_before", path=_SHOPS),
    Fault("drop_after", path=_SHOPS),
    Fault("status", path=_SHOPS, status=502),
    Fault("status", path=_SHOPS, status=503),
    Fault("status", path=_SHOPS, status=504, retry_after=0),
    Fault("status", path=_SHOPS, status=500),
    Fault("status", path=_SHOPS, status=503, retry_after=0),
]
_REFUSED = [
    Fault("status", path=_SHOPS, status=429),
    Fault("status", path=_SHOPS, status=429, retry_after=0),
]


def _name(fault: Fault) -> str:
    wait = "" if fault.retry_after is None else " with Retry-After"
    return f"{fault.status}{wait}" if fault.kind == "status" else fault.kind


@pytest.mark.parametrize("fault", [*_LOST, *_REFUSED], ids=_name)
async def test_reading_is_repeated(box: Sandbox, fault: Fault) -> None:
    box.faults.add(fault)
    async with client(box) as kasa:
        await kasa.shops.list()
    assert box.calls[SHOPS] == 2


@pytest.mark.parametrize("fault", _LOST, ids=_name)
async def test_create_whose_answer_was_lost_is_not_sent_again(box: Sandbox, fault: Fault) -> None:
    box.faults.add(fault)
    async with client(box) as kasa:
        with pytest.raises(OutcomeUnknownError, match="read back before doing it again") as caught:
            await kasa.shops.create(ShopCreate(title="Т"))
    assert box.calls[f"POST {_SHOPS}"] == 1
    assert len(box.rows("shops")) == (1 if fault.kind == "drop_after" else 0)
    assert caught.value.operation == "createShop"
    assert caught.value.status == (fault.status if fault.kind == "status" else None)
    assert isinstance(caught.value.__cause__, (ConnectionLostError, ServerError))


@pytest.mark.parametrize("fault", _REFUSED, ids=_name)
async def test_create_that_was_refused_before_the_work_is_sent_again(box: Sandbox, fault: Fault) -> None:
    box.faults.add(fault)
    async with client(box) as kasa:
        await kasa.shops.create(ShopCreate(title="Т"))
    assert box.calls[f"POST {_SHOPS}"] == 2
    assert len(box.rows("shops")) == 1


@pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
async def test_writes_by_id_are_repeated_where_they_may_be(box: Sandbox, kind: Any) -> None:
    box.load(two_of_each())
    async with client(box) as kasa:
        await kasa.login()
        box.faults.add(Fault(kind, method="PUT", path=f"{_SHOPS}/{{id}}"))
        await kasa.shops.update(1, ShopUpdate(title="Т"))
        box.faults.add(Fault(kind, method="PATCH"))
        await kasa.products.update(uuid(1), ProductUpdate(price=Decimal("1.5")))
        for call in (
            lambda: kasa.cards.update(1, StockCardUpdate(count=Decimal(5))),
            lambda: kasa.shops.delete(2),
            lambda: kasa.products.delete_batch([uuid(1)]),
        ):
            box.faults.add(Fault(kind))
            with pytest.raises(OutcomeUnknownError):
                await call()
    assert box.calls["PUT /api/v1/rsn/shops/{id}"] == 2
    assert box.calls["PATCH /api/v1/inventory/products/{id}"] == 2
    assert box.calls["PUT /api/v1/inventory/cards/{id}"] == 1
    assert box.calls["DELETE /api/v1/rsn/shops/{id}"] == 1
    assert box.calls["DELETE /api/v1/inventory/products/batch"] == 1


async def test_login_is_repeated(box: Sandbox) -> None:
    box.faults.add(Fault("drop_after", path="/api/v1/auth/sessions"))
    async with client(box) as kasa:
        await kasa.shops.list()
    assert box.calls["POST /api/v1/auth/sessions"] == 2


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422, 501])
async def test_other_refusals_are_final(box: Sandbox, status: int) -> None:
    box.faults.add(Fault("status", path=_SHOPS, status=status, times=None))
    async with client(box) as kasa:
        with pytest.raises(ApiError) as caught:
            await kasa.shops.list()
    assert (caught.value.status, box.calls[SHOPS]) == (status, 1)


@pytest.mark.parametrize("retries", [0, 1, 4])
async def test_patience_has_its_number(box: Sandbox, retries: int) -> None:
    heard: list[Event] = []
    box.faults.add(Fault("drop_before", path=_SHOPS, times=None))
    async with client(box, retry=RetryPolicy(retries=retries, first_wait=0), on_event=heard.append) as kasa:
        with pytest.raises(ConnectionLostError) as caught:
            await kasa.shops.list()
    assert box.calls[SHOPS] == retries + 1
    assert caught.value.operation == "listShops"
    assert [event.attempt for event in heard if isinstance(event, RetryEvent)] == list(range(1, retries + 1))


@pytest.mark.parametrize("method", ["list", "create"])
async def test_service_that_cannot_be_reached_is_tried_again(method: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    heard: list[Event] = []
    retry = RetryPolicy(retries=2, first_wait=0)
    kasa = SmartKasa(api_key="key", base_url=url, session=make_session(), retry=retry, on_event=heard.append)
    async with kasa:
        with pytest.raises(NotConnectedError):
            await (kasa.shops.list() if method == "list" else kasa.shops.create(ShopCreate(title="Т")))
    assert len([event for event in heard if isinstance(event, RequestEvent)]) == 3


# --- time ---


async def test_wait_that_the_service_asks_for_is_kept(box: Sandbox) -> None:
    heard: list[Event] = []
    box.faults.add(Fault("status", path=_SHOPS, status=429, retry_after=0.02))
    async with client(box, on_event=heard.append) as kasa:
        await kasa.shops.list()
    assert [event.seconds for event in heard if isinstance(event, RetryEvent)] == [0.02]


@pytest.mark.parametrize(
    ("options", "asked"),
    [({}, 3600), ({"timeout": 5.0}, 30), ({"retry": RetryPolicy(longest_retry_after=1)}, 2)],
)
async def test_wait_that_is_too_long_fails_at_once(box: Sandbox, options: dict[str, Any], asked: int) -> None:
    box.faults.add(Fault("status", path=_SHOPS, status=429, retry_after=asked))
    async with client(box, **options) as kasa:
        with pytest.raises(RateLimitedError) as caught:
            await kasa.shops.list()
    assert (caught.value.retry_after, box.calls[SHOPS]) == (asked, 1)


@asynccontextmanager
async def _begun_and_never_ended(**options: Any) -> AsyncIterator[SmartKasa]:
    """Give a client of a service that begins each answer and never ends it."""
    async with (
        serve(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{") as service,
        SmartKasa(api_key="key", base_url=service.url, **options) as kasa,
    ):
        yield kasa


async def test_one_deadline_holds_for_all_attempts() -> None:
    """The first attempt takes all of the call's time: without one deadline there would be four."""
    events: list[object] = []
    async with _begun_and_never_ended(
        session=make_session(), timeout=0.2, retry=RetryPolicy(first_wait=0), on_event=events.append
    ) as kasa:
        with pytest.raises(CallTimeoutError) as caught:
            await kasa.shops.list()
    assert isinstance(caught.value, TimeoutError)
    assert caught.value.operation == "listShops"
    assert len([event for event in events if isinstance(event, RequestEvent)]) == 1


async def test_deadline_of_a_create_leaves_its_outcome_open() -> None:
    async with _begun_and_never_ended(session=make_session(), timeout=0.1) as kasa:
        with pytest.raises(OutcomeUnknownError) as caught:
            await kasa.shops.create(ShopCreate(title="Т"))
    assert isinstance(caught.value.__cause__, CallTimeoutError)


async def test_session_that_cannot_be_had_in_time_is_a_timeout() -> None:
    """A create that waited for its session was not sent: it is no unknown outcome."""
    async with _begun_and_never_ended(phone_number="380", password="p", timeout=0.1) as kasa:
        with pytest.raises(CallTimeoutError, match="No session could be had"):
            await kasa.shops.create(ShopCreate(title="Т"))
