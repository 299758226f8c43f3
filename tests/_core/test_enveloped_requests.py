"""The enveloped form: requests equal the vendor's recorded exchanges, and the facts known of its keys and headers."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from smartkasa_async import NotFoundError, SmartKasa
from smartkasa_async.models import (
    CategoryCreate,
    EmployeeCreate,
    ImportJobCreate,
    ProductCreate,
    ReceiptCreate,
    ReceiptState,
    ReceiptType,
    SessionCreate,
    ShopCreate,
    StockCardCreate,
    SubgroupCreate,
    TerminalUpdate,
)
from smartkasa_async.operations import ALL, find
from tests.support.reference import reference_file
from tests.support.service import SAMPLES, Arrived, answer, make_session, serve

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_EXCHANGES = reference_file("exchanges.json")
_ENCODE = msgspec.json.Encoder(decimal_format="number").encode
_ID = "7f527f59-bcdb-4bbd-a187-00b6ee7b68f5"
_PRODUCT = ProductCreate(title="Кава")
_RECEIPT = ReceiptCreate(total_amount=Decimal("145.00"), state=ReceiptState.PAID, type=ReceiptType.SALE)

_BODIES: list[tuple[Callable[[SmartKasa], Awaitable[Any]], str]] = [
    (
        lambda kasa: kasa.auth.login(SessionCreate(phone_number="380960000006", password="p")),
        '{"session": {"phone_number": "380960000006", "password": "p"}}',
    ),
    (lambda kasa: kasa.terminals.update(1, TerminalUpdate(name="Т")), '{"terminal": {"name": "Т"}}'),
    (lambda kasa: kasa.shops.create(ShopCreate(title="Т")), '{"shop": {"title": "Т"}}'),
    (lambda kasa: kasa.employees.create(EmployeeCreate(first_name="Т")), '{"employee": {"first_name": "Т"}}'),
    (lambda kasa: kasa.categories.create(CategoryCreate(title="Т")), '{"category": {"title": "Т"}}'),
    (lambda kasa: kasa.products.create(_PRODUCT), '{"product": {"title": "Кава"}}'),
    (lambda kasa: kasa.cards.create(StockCardCreate(product_id=_ID)), f'{{"card": {{"product_id": "{_ID}"}}}}'),
    (lambda kasa: kasa.subgroups.create(SubgroupCreate(title="Т")), '{"subgroup": {"title": "Т"}}'),
    (
        lambda kasa: kasa.imports.create(ImportJobCreate(url="https://x", category_id=_ID)),
        f'{{"import": {{"url": "https://x", "category_id": "{_ID}"}}}}',
    ),
    (
        lambda kasa: kasa.receipts.create(_RECEIPT),
        '{"receipt": {"total_amount": 145.00, "state": 2, "type": 0}}',
    ),
    (lambda kasa: kasa.products.create_batch([_PRODUCT]), '{"batch": {"products": [{"title": "Кава"}]}}'),
    (
        lambda kasa: kasa.categories.create_batch([CategoryCreate(title="Т")]),
        '{"batch": {"categories": [{"title": "Т"}]}}',
    ),
    (
        lambda kasa: kasa.receipts.create_batch([_RECEIPT]),
        '{"batch": {"receipts": [{"total_amount": 145.00, "state": 2, "type": 0}]}}',
    ),
    (lambda kasa: kasa.products.delete_batch([_ID]), f'{{"batch": {{"ids": ["{_ID}"]}}}}'),
    (lambda kasa: kasa.categories.delete_batch([_ID]), f'{{"batch": {{"ids": ["{_ID}"]}}}}'),
    (lambda kasa: kasa.receipts.delete_batch([_ID]), f'{{"batch": {{"ids": ["{_ID}"]}}}}'),
]


async def _arrived(call: Callable[[SmartKasa], Awaitable[Any]]) -> Arrived:
    """Call in the enveloped form; what the answer is matters not."""
    async with (
        serve(answer({"message": "Not Found"}, 404)) as service,
        SmartKasa(
            api_key="key", base_url=service.url, wire="enveloped", token_form="bare", session=make_session()
        ) as kasa,
    ):
        with pytest.raises(NotFoundError):
            await call(kasa)
    (request,) = service.arrived
    return request


@pytest.mark.parametrize(("call", "body"), _BODIES, ids=[body[:25] for _, body in _BODIES])
async def test_body_stands_below_its_key(call: Callable[[SmartKasa], Awaitable[Any]], body: str) -> None:
    request = await _arrived(call)
    assert request.body.decode() == body.replace('": ', '":').replace(', "', ',"')


def test_every_operation_with_a_body_has_a_key() -> None:
    keys = {operation.id: operation.envelope for operation in ALL if operation.request is not None}
    assert set(keys.values()) == {body.split('"')[1] for _, body in _BODIES}
    assert all(operation.envelope is None for operation in ALL if operation.request is None)


async def test_token_comes_without_bearer() -> None:
    request = await _arrived(lambda kasa: kasa.shops.get(1))
    assert request.headers["Authorization"] == "your_access_token_here"
    assert request.headers["X-API-KEY"] == "key"
    assert request.body == b""
    assert "Content-Type" not in request.headers


async def test_refresh_token_is_in_both_headers_and_has_no_body() -> None:
    request = await _arrived(lambda kasa: kasa.auth.refresh())
    assert (request.method, request.target) == ("POST", "/api/v1/auth/refresh")
    assert request.headers["X-Refresh-Token"] == "your_refresh_token_here"
    assert request.headers["Authorization"] == "your_refresh_token_here"
    assert request.body == b""


async def test_login_sends_no_token() -> None:
    request = await _arrived(lambda kasa: kasa.auth.login(SessionCreate(phone_number="380", password="p")))
    assert not {"Authorization", "X-Refresh-Token"} & set(request.headers)
    assert request.headers["Content-Type"] == "application/json"


async def test_flat_refresh_sends_an_empty_object() -> None:
    body, status = SAMPLES[1]["answers"][0]["body"], SAMPLES[1]["answers"][0]["status"]
    async with (
        serve(answer(body, status)) as service,
        SmartKasa(api_key="key", base_url=service.url, session=make_session()) as kasa,
    ):
        await kasa.auth.refresh()
    assert service.arrived[0].body == b"{}"
    assert service.arrived[0].headers["X-Refresh-Token"] == "your_refresh_token_here"
    assert service.arrived[0].headers["Authorization"] == "Bearer your_refresh_token_here"


@pytest.mark.skipif(not _EXCHANGES, reason="no exchanges.json; set SMARTKASA_REFERENCE to the folder with it")
@pytest.mark.parametrize("number", range(len(_EXCHANGES)))
async def test_request_equals_the_recorded_exchange(number: int) -> None:
    exchange = _EXCHANGES[number]
    operation = find(exchange["method"], exchange["path"])
    recorded = exchange["request"].get("body")
    body = None
    if recorded is not None and operation.request is not None:
        body = msgspec.json.decode(_ENCODE(recorded[operation.envelope]), type=operation.request)
    id = _ID if "{id}" in operation.path else None  # noqa: A001

    request = await _arrived(lambda kasa: kasa.call(operation, id=id, body=body))

    assert request.method == exchange["method"]
    assert request.target == exchange["path"].replace("{id}", _ID)
    assert request.json == recorded
    # The Blueprint leaves the token out of most exchanges, though the calls need it.
    named = {name.lower() for name in exchange["request"]["headers"]}
    assert named <= {name.lower() for name in request.headers}
