"""Views whose calls differ, and answers as they came, with a service that shows what it was sent."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from aiohttp import web

from smartkasa_async import (
    CallTimeoutError,
    ConfigurationError,
    InvalidRequestError,
    OutcomeUnknownError,
    RetryPolicy,
    ServerError,
    SmartKasa,
)
from smartkasa_async._generated.operations import DELETE_SHOP, GET_SHOP, LIST_SHOPS
from smartkasa_async.catalog import import_products
from smartkasa_async.models import ProductCreate, SessionCreate, ShopCreate
from smartkasa_async.sandbox import Fault, Sandbox
from tests.support.clients import LOGIN, SHOPS, client
from tests.support.service import make_session, serve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_NEW_SHOP = {"data": {"id": 7, "title": "Т", "opened_by": "future", "area": 12.5}, "meta": None}
_DECODER = msgspec.json.Decoder(float_hook=Decimal)
_NEVER_ENDS = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"


class _Service:
    """Answers every call with a shop that has fields from the future, and keeps what it was sent."""

    def __init__(self) -> None:
        self.requests: list[tuple[web.BaseRequest, bytes]] = []
        self.refuses_with: web.Response | None = None
        self.reply: tuple[int, bytes] | None = None

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        self.requests.append((request, await request.read()))
        if self.refuses_with is not None:
            return self.refuses_with
        if self.reply is not None:
            return web.Response(status=self.reply[0], body=self.reply[1])
        status = 201 if request.method == "POST" else 200
        return web.Response(
            status=status, body=msgspec.json.encode(_NEW_SHOP), headers={"X-Rate-Left": "9", "X-Request-Id": "r-1"}
        )

    @property
    def body(self) -> Any:
        return _DECODER.decode(self.requests[-1][1])


@pytest.fixture
async def service() -> AsyncIterator[tuple[_Service, str]]:
    service = _Service()
    runner = web.ServerRunner(web.Server(service.answer))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0]
    yield service, f"http://{host}:{port}"
    await runner.cleanup()


def _client(address: str, **options: Any) -> SmartKasa:
    return SmartKasa(api_key="key", base_url=address, session=make_session(), **options)


# --- what is sent ---


@pytest.mark.parametrize("wire", ["flat", "enveloped"])
async def test_keys_from_the_future_go_into_the_body_in_either_form(service: tuple[_Service, str], wire: Any) -> None:
    shown, address = service
    async with _client(address, wire=wire) as kasa:
        view = kasa.with_options(extra_body={"opened_by": "me", "area": Decimal("12.50"), "tags": ["a"], "title": "Ї"})
        await view.shops.create(ShopCreate(title="Т", website_url="w"))
        sent = shown.body
        await kasa.shops.create(ShopCreate(title="Т"))
        plain = shown.body
    fields = sent if wire == "flat" else sent["shop"]
    assert fields == {"title": "Ї", "website_url": "w", "opened_by": "me", "area": Decimal("12.50"), "tags": ["a"]}
    assert (plain if wire == "flat" else plain["shop"]) == {"title": "Т"}
    assert len(sent) == (5 if wire == "flat" else 1)


async def test_money_beside_them_stays_as_it_was(service: tuple[_Service, str]) -> None:
    shown, address = service
    async with _client(address, wire="flat") as kasa:
        await kasa.with_options(extra_body={"new": 1}).products.create(
            ProductCreate(title="Кава", price=Decimal("299.90"))
        )
    assert b'"price":299.90' in shown.requests[-1][1]


async def test_parameters_from_the_future_go_into_the_query(service: tuple[_Service, str]) -> None:
    shown, address = service
    moment = datetime(2026, 10, 7, 12, tzinfo=UTC)
    async with _client(address) as kasa:
        view = kasa.with_options(
            extra_query={
                "include": "taxes & more",
                "ids": [1, 2],
                "deep": True,
                "day": date(2026, 10, 7),
                "since": moment,
                "least": Decimal("0.10"),
            }
        )
        await view.shops.get(7)
    assert list(shown.requests[0][0].query.items()) == [
        ("include", "taxes & more"),
        ("ids[]", "1"),
        ("ids[]", "2"),
        ("deep", "true"),
        ("day", "2026-10-07"),
        ("since", "2026-10-07T12:00:00+00:00"),
        ("least", "0.10"),
    ]


async def test_a_view_of_a_view_adds_to_its_parameters_and_keys(service: tuple[_Service, str]) -> None:
    shown, address = service
    async with _client(address, wire="flat") as kasa:
        view = kasa.with_options(extra_query={"a": 1, "b": 1}, extra_body={"c": 1, "d": 1})
        await view.with_options(extra_query={"b": 2}, extra_body={"d": 2}).shops.create(ShopCreate(title="Т"))
    assert list(shown.requests[0][0].query.items()) == [("a", "1"), ("b", "2")]
    assert shown.body == {"title": "Т", "c": 1, "d": 2}


async def test_headers_are_added_to_the_clients_own(service: tuple[_Service, str]) -> None:
    shown, address = service
    async with _client(address) as kasa:
        view = kasa.with_options(headers={"accept-language": "uk", "User-Agent": "till/1"})
        await view.with_options(headers={"Accept-Language": "en", "X-Trace": "t"}).shops.get(7)
        await kasa.shops.get(7)
    headers, plain = (request.headers for request, _ in shown.requests)
    assert headers["X-API-KEY"] == "key"
    assert headers["Authorization"].startswith("Bearer ")
    assert headers.getall("Accept-Language") == ["en"]
    assert headers.getall("User-Agent") == ["till/1"]
    assert headers["X-Trace"] == "t"
    assert "Accept-Language" not in plain
    assert plain["User-Agent"].startswith("smartkasa-async/")


async def test_headers_of_ones_own_do_not_appear_in_errors_and_reprs(service: tuple[_Service, str]) -> None:
    shown, address = service
    shown.refuses_with = web.json_response({"error": "no such tenant: s3cret-tenant"}, status=403)
    async with _client(address, retry=RetryPolicy(retries=0)) as kasa:
        view = kasa.with_options(headers={"X-Tenant": "s3cret-tenant"})
        with pytest.raises(Exception, match="no such tenant") as caught:
            await view.shops.get(7)
        assert "s3cret" not in f"{caught.value} {view!r} {view._options!r}"


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"headers": {"Authorization": "Bearer x"}}, "Authorization"),
        ({"headers": {"x-api-key": "x"}}, "x-api-key"),
        ({"headers": {"Content-Length": "1"}}, "Content-Length"),
        ({"headers": {"X-Note": "a\r\nX-Other: b"}}, "X-Note"),
        ({"headers": {"X Note": "a"}}, "X Note"),
        ({"headers": {"X:Note": "a"}}, "X:Note"),
        ({"headers": {"X-Ключ": "a"}}, "X-Ключ"),
        ({"headers": {"": "a"}}, ""),
        ({"headers": {"X-Note": "слово"}}, "X-Note"),
        ({"headers": {"X-Note": 1}}, "X-Note"),
        ({"headers": [("X-Note", "1")]}, "headers"),
        ({"extra_query": {"share": 0.5}}, "share"),
        ({"extra_query": {"since": datetime(2026, 10, 7)}}, "since"),  # noqa: DTZ001
        ({"extra_query": {"deep": {"a": 1}}}, "deep"),
        ({"extra_query": {1: "a"}}, "extra_query"),
        ({"extra_body": {"share": {"of": [0.5]}}}, "extra_body.share.of[0]"),
        ({"extra_body": {"what": object()}}, "extra_body.what"),
        ({"extra_body": "title=x"}, "extra_body"),
    ],
)
def test_what_cannot_be_sent_is_refused_at_once(options: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        _client("http://127.0.0.1:1").with_options(**options)
    assert caught.value.field == field


def test_a_header_is_named_with_what_is_wrong_with_it() -> None:
    kasa = _client("http://127.0.0.1:1")
    with pytest.raises(InvalidRequestError, match=r"^headers has 'X Note', which is no name of a header; give letters"):
        kasa.with_options(headers={"X Note": "s3cret"})
    with pytest.raises(InvalidRequestError, match=r"^headers has X-Note with a value that cannot be sent") as caught:
        kasa.with_options(headers={"X-Note": "s3cret\n"})
    assert "s3cret" not in str(caught.value)
    kasa.with_options(headers={"x.trace!#$%&'*+-.^_`|~9": "every sign of a token"})


@pytest.mark.parametrize("options", [{"timeout": 0}, {"timeout": "5"}, {"timeout": float("inf")}, {"retry": 3}])
def test_settings_of_a_view_are_checked_like_the_clients(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(options))):
        _client("http://127.0.0.1:1").with_options(**options)


async def test_what_the_operation_takes_itself_is_not_hidden_in_extras(service: tuple[_Service, str]) -> None:
    shown, address = service
    async with _client(address) as kasa:
        with pytest.raises(InvalidRequestError, match="extra_query has title"):
            await kasa.with_options(extra_query={"title": "Т"}).shops.list()
    assert shown.requests == []


@pytest.mark.parametrize("wire", ["flat", "enveloped"])
async def test_keys_from_the_future_go_into_each_record_of_a_batch(service: tuple[_Service, str], wire: Any) -> None:
    shown, address = service
    products = [ProductCreate(title=title, price=Decimal("299.90")) for title in ("Кава", "Чай")]
    async with _client(address, wire=wire, retry=RetryPolicy(retries=0)) as kasa:
        with pytest.raises(OutcomeUnknownError):  # the service's answer is not one to a batch
            await kasa.with_options(extra_body={"new": 1, "title": "Ї"}).products.create_batch(products)
    sent = shown.body if wire == "flat" else shown.body["batch"]
    assert sent == {"products": [{"title": "Ї", "price": Decimal("299.90"), "new": 1}] * 2}


async def test_calls_that_send_no_record_are_as_without_extra_keys(service: tuple[_Service, str]) -> None:
    shown, address = service
    async with _client(address, wire="flat", retry=RetryPolicy(retries=0)) as kasa:
        view = kasa.with_options(extra_body={"reason": "closed"})
        await view.shops.get(7)
        await view.shops.delete(7)
        with pytest.raises(OutcomeUnknownError):
            await view.products.delete_batch(["a", "b"])
    assert [body for _, body in shown.requests] == [b"", b"", b'{"ids":["a","b"]}']
    assert DELETE_SHOP.request is None


@pytest.mark.parametrize(("operation", "arguments"), [(LIST_SHOPS, {"id": 7}), (GET_SHOP, {"id": 7, "body": {"a": 1}})])
async def test_what_an_operation_does_not_take_is_refused_by_name(operation: Any, arguments: dict[str, Any]) -> None:
    async with _client("http://127.0.0.1:1") as kasa:
        for call in (kasa.call, kasa.call_raw):
            with pytest.raises(InvalidRequestError, match="is given, and the operation takes none; leave it out") as no:
                await call(operation, **arguments)
            assert no.value.field == list(arguments)[-1]


async def test_calls_of_the_session_send_nothing_of_a_view(service: tuple[_Service, str]) -> None:
    shown, address = service
    session = msgspec.json.encode({"data": make_session("access", "refresh"), "meta": {}})
    shown.reply = 201, session
    async with SmartKasa(api_key="key", base_url=address, phone_number="380971234567", password="p") as kasa:
        view = kasa.with_options(headers={"X-Job": "j"}, extra_query={"a": 1}, extra_body={"b": 1})
        await view.login()
        await view.auth.login(SessionCreate(phone_number="380971234567", password="p"))
        shown.reply = 200, b'{"data":{"id":"1"},"meta":{}}'
        await view.logout()
    assert len(shown.requests) == 3
    for request, body in shown.requests:
        assert ("X-Job" in request.headers, request.query_string, b'"b"' in body) == (False, "", False)


# --- time and patience ---


async def test_a_view_has_a_timeout_and_patience_of_its_own(box: Sandbox) -> None:
    async with client(box, retry=RetryPolicy(first_wait=0, retries=2)) as kasa:
        await kasa.login()
        box.faults.add(Fault("status", path="/api/v1/rsn/shops", status=503, times=None))
        with pytest.raises(ServerError):
            await kasa.with_options(retry=RetryPolicy(retries=0)).shops.list()
        assert box.calls[SHOPS] == 1
        with pytest.raises(ServerError):
            await kasa.shops.list()
        assert box.calls[SHOPS] == 4


async def test_a_view_may_be_less_patient_than_the_client() -> None:
    async with serve(_NEVER_ENDS) as service, _client(service.url, timeout=600) as kasa:
        with pytest.raises(CallTimeoutError):
            await kasa.with_options(timeout=0.05, retry=RetryPolicy(retries=0)).shops.get(7)


async def test_a_view_may_be_more_patient_than_the_client(box: Sandbox) -> None:
    async with client(box, timeout=0.01) as kasa:
        await kasa.with_options(timeout=60).login()
        box.faults.add(Fault("delay", path="/api/v1/rsn/shops", seconds=0.05))
        assert len(await kasa.with_options(timeout=60).shops.list()) == 0


# --- the same client ---


async def test_a_view_shares_session_connections_and_listeners(box: Sandbox) -> None:
    async with client(box) as kasa:
        view = kasa.with_options(timeout=5)
        events: list[str] = []
        with kasa.listening(lambda event: events.append(event.operation)):
            await view.shops.list()
            await kasa.shops.list()
        assert view.network is kasa.network
        assert await view.account_id() == await kasa.account_id()
        assert {"createSession", "listShops"} <= set(events)
    assert box.calls == {LOGIN: 1, SHOPS: 2}


async def test_jobs_take_a_view(box: Sandbox) -> None:
    async with client(box) as kasa:
        view = kasa.with_options(headers={"X-Job": "import"}, extra_body={"shown_in": "app"}, timeout=30)
        summary = await import_products(view, [ProductCreate(title="Кава", price=Decimal(30), number="4820000000017")])
    assert summary.created == 1


# --- answers as they came ---


async def test_an_answer_as_it_came_has_what_the_struct_does_not_know(service: tuple[_Service, str]) -> None:
    _, address = service
    async with _client(address) as kasa:
        raw = await kasa.call_raw(GET_SHOP, id=7)
    assert (raw.status, raw.headers["x-rate-left"], raw.answer.data.title) == (200, "9", "Т")
    assert raw.json()["data"] == {"id": 7, "title": "Т", "opened_by": "future", "area": Decimal("12.5")}
    assert msgspec.json.decode(raw.body) == _NEW_SHOP
    assert repr(raw) == f"RawAnswer(200, {len(raw.body)} bytes)"


async def test_a_raw_call_fails_like_any_other(box: Sandbox) -> None:
    async with client(box) as kasa:
        box.faults.add(Fault("status", path="/api/v1/rsn/shops", status=500, times=None))
        with pytest.raises(ServerError):
            await kasa.call_raw(LIST_SHOPS)
    assert box.calls[SHOPS] == 4
