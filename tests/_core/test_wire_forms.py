"""Services that take bodies and tokens in one form alone: how a client finds it, and that nothing is done twice."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from smartkasa_async import ApiError, FileTokenStore, OutcomeUnknownError, RetryPolicy, SmartKasa, UnauthorizedError
from smartkasa_async._core.answers import Reply
from smartkasa_async._core.wire_forms import lacks_envelope
from smartkasa_async._generated.operations import CREATE_PRODUCT, CREATE_PRODUCT_BATCH, CREATE_SHOP, LIST_SHOPS
from smartkasa_async.events import Event, WireFormEvent
from smartkasa_async.models import ProductCreate, SessionCreate, ShopCreate, ShopUpdate
from smartkasa_async.operations import ALL
from tests.support.forms_service import FormsService, serving_forms

if TYPE_CHECKING:
    from pathlib import Path

_PRODUCTS = [ProductCreate(title="Кава"), ProductCreate(title="Чай")]


def _client(service: FormsService, **settings: Any) -> SmartKasa:
    common: dict[str, Any] = {"api_key": "key", "phone_number": "380", "password": "p", "base_url": service.url}
    return SmartKasa(**(common | {"retry": RetryPolicy(retries=0)} | settings))


async def _writes(kasa: SmartKasa) -> None:
    await kasa.shops.create(ShopCreate(title="А"))
    await kasa.shops.update(1, ShopUpdate(title="Б"))
    assert len(await kasa.products.create_batch(_PRODUCTS)) == 2


_MISSING: list[tuple[int, Any]] = [
    (400, {"message": "param is missing or the value is empty: {key}"}),
    (400, {"message": "param is missing or the value is empty or invalid: {key}\nDid you mean?  sessions"}),
    (400, {"status": 400, "error": "param is missing or the value is empty: {key}"}),
    (400, {"errors": "param is missing or the value is empty: {key}"}),
    (422, {"errors": {"{key}": [{"error": "blank"}]}}),
    (422, {"errors": {"{key}": [{"error": "required"}]}}),
    (422, {"errors": {"{key}": ["can't be blank"]}}),
    (422, {"errors": {"{key}": ["is missing"]}}),
    (422, {"errors": {"base": [{"message": "Missing required parameter: '{key}'"}]}}),
    (422, {"message": "The parameter '{key}' is required."}),
    (422, {"message": "{key} is missing"}),
]
_MISSING_IN_OTHER_WORDS: list[tuple[int, Any]] = [
    (400, {"status": 400, "error": "Bad Request", "exception": "param is missing: {key}"}),
    (400, {"exception": "#<ActionController::ParameterMissing: param is missing or the value is empty: {key}>"}),
    (400, {"error": {"code": "param_missing", "message": "{key} is missing"}}),
    (400, {"title": "Bad Request", "status": 400, "detail": "Missing parameter {key}"}),
    (400, {"error": "key not found: :{key}"}),
    (422, {"message": 'instance requires property "{key}"'}),
    (422, {"errors": "[Inventory::Form.new] :{key} is missing in Hash input"}),
    (422, {"errors": "[Inventory::Form.new] nil (NilClass) has invalid type for :{key} violates constraints"}),
    (422, {"errors": {"{key}": [{"error": "key?"}]}}),
    (422, {"errors": {"base": [{"error": "{key} is missing"}]}}),
    (422, {"errors": {"base": [{"error": "param_missing", "messages": "{key}"}]}}),
    (422, {"errors": {"{key}": ["обов’язкове поле"]}}),
    (422, {"errors": {"{key}": ["не может быть пустым"]}}),
    (400, {"message": "Відсутній параметр: {key}"}),
    (400, {"message": "Параметр «{key}» обов'язковий"}),
    (400, {"message": "Не вказано {key}"}),
    (400, {"message": "Отсутствует параметр {key}"}),
]


@pytest.mark.parametrize("refusal", _MISSING + _MISSING_IN_OTHER_WORDS, ids=str)
@pytest.mark.parametrize("operation", [CREATE_PRODUCT, CREATE_PRODUCT_BATCH], ids=lambda each: each.id)
def test_refusals_that_name_the_missing_envelope(operation: Any, refusal: tuple[int, Any]) -> None:
    status, body = refusal
    reply = Reply(status, {}, msgspec.json.encode(body).replace(b"{key}", operation.envelope.encode()))
    assert lacks_envelope(operation, reply)


@pytest.mark.parametrize("missing", _MISSING, ids=str)
async def test_enveloped_service_works_out_of_the_box(missing: tuple[int, Any]) -> None:
    told: list[Event] = []
    async with (
        serving_forms(FormsService(bodies="enveloped", missing=missing)) as service,
        _client(service, on_event=told.append) as kasa,
    ):
        await _writes(kasa)
        assert kasa.wire_form == "enveloped"
    assert [operation for operation, _ in service.done] == [
        "createSession",
        "createShop",
        "updateShop",
        "createProductBatch",
    ]
    assert service.done[3][1] == {"products": [{"title": "Кава"}, {"title": "Чай"}]}
    forms = ["session" in body or "shop" in body or "batch" in body for _, body in service.sent]
    assert forms == [False, True, True, True, True], "the login alone is sent twice"
    assert [event for event in told if isinstance(event, WireFormEvent)] == [
        WireFormEvent("createSession", 2, 2, wire="enveloped")
    ]


async def test_flat_service_is_sent_each_body_once() -> None:
    async with serving_forms(FormsService()) as service, _client(service) as kasa:
        await _writes(kasa)
        assert kasa.wire_form == "flat"
    assert service.sent == service.done


@pytest.mark.parametrize(("bodies", "missing"), [("enveloped", _MISSING[0]), ("enveloped", _MISSING[4])])
async def test_first_batch_finds_the_form_where_tokens_are_stored(bodies: str, missing: tuple[int, Any]) -> None:
    async with serving_forms(FormsService(bodies=bodies, missing=missing)) as service:
        async with _client(service) as first:
            session = await first.login()
        service.sent.clear()
        async with _client(service, session=session, phone_number=None, password=None) as kasa:
            assert len(await kasa.products.create_batch(_PRODUCTS)) == 2
    assert [operation for operation, _ in service.done] == ["createSession", "createProductBatch"]
    assert [list(body) for _, body in service.sent] == [["products"], ["batch"]]


async def test_calls_at_once_are_each_done_once() -> None:
    async with serving_forms(FormsService(bodies="enveloped")) as service:
        async with _client(service) as first:
            session = await first.login()
        service.done.clear()
        service.together = asyncio.Barrier(8)
        told: list[Event] = []
        async with _client(service, session=session, on_event=told.append) as kasa:
            names = [f"Крамниця {number}" for number in range(8)]
            shops = await asyncio.gather(*(kasa.shops.create(ShopCreate(title=name)) for name in names))
    assert sorted(shop.title for shop in shops) == names
    assert sorted(fields["title"] for _, fields in service.done) == names
    assert sum(isinstance(event, WireFormEvent) for event in told) == 1


_NO_REASON_TO_SEND_AGAIN: list[tuple[int, Any]] = [
    (400, {"status": 400, "error": "Bad Request"}),
    (400, {"message": "Bad Request"}),
    (400, "<html><title>param is missing or the value is empty: {key}</title></html>"),
    (401, {"message": "param is missing or the value is empty: {key}"}),
    (404, {"message": "{key} is missing"}),
    (409, {"errors": {"{key}": [{"error": "blank"}]}}),
    (413, {"message": "param is missing or the value is empty: {key}"}),
    (500, {"message": "param is missing or the value is empty: {key}"}),
    (502, {"message": "{key} is missing"}),
    (422, {"errors": {"title": [{"error": "blank"}]}}),
    (422, {"errors": {"{key}": [{"error": "taken"}]}}),
    (422, {"errors": {"{key}": [{"error": "invalid"}]}}),
    (422, {"errors": {"{key}": ["is missing a title"]}}),
    (422, {"errors": {"{key}": [{"error": "blank"}], "title": [{"error": "blank"}]}}),
    (422, {"errors": {"{key}.title": [{"error": "blank"}]}}),
    (422, {"errors": {"{key}": {"title": [{"error": "blank"}]}}}),
    (422, {"message": "title is required for {key}"}),
    (422, {"message": "{key} title is missing"}),
    (422, {"message": "{key} is missing a title"}),
    (422, {"message": "param is missing or the value is empty: title"}),
    (422, {"exception": "#<ActionController::ParameterMissing: param is missing or the value is empty: title>"}),
    (422, {"message": "Назва для {key} відсутня"}),
    (422, {"errors": "[Inventory::Form.new] nil (NilClass) has invalid type for :{key}_id"}),
    (422, {"errors": {"base": [{"error": "taken", "messages": "{key}"}]}}),
    (422, {"message": "param is missing or the value is empty: {key}_id"}),
    (200, {"message": "param is missing or the value is empty: {key}"}),
]


@pytest.mark.parametrize("refusal", _NO_REASON_TO_SEND_AGAIN, ids=str)
@pytest.mark.parametrize("operation", [CREATE_PRODUCT, CREATE_PRODUCT_BATCH], ids=lambda each: each.id)
def test_other_refusals_do_not_say_that_the_envelope_is_missing(operation: Any, refusal: tuple[int, Any]) -> None:
    status, body = refusal
    content = body.encode() if isinstance(body, str) else msgspec.json.encode(body)
    reply = Reply(status, {}, content.replace(b"{key}", operation.envelope.encode()))
    assert not lacks_envelope(operation, reply)


@pytest.mark.parametrize("refusal", _NO_REASON_TO_SEND_AGAIN[:-1], ids=str)
async def test_other_refusals_are_not_followed_by_a_second_sending(refusal: tuple[int, Any]) -> None:
    status, body = refusal
    text = body.replace("{key}", "batch") if isinstance(body, str) else None
    named = msgspec.json.decode(msgspec.json.encode(body).replace(b"{key}", b"batch"))
    async with serving_forms(FormsService()) as service, _client(service, retry=RetryPolicy(retries=0)) as kasa:
        await kasa.login()
        service.sent.clear()
        service.refusals = [(status, text or named)] * 2
        with pytest.raises((ApiError, OutcomeUnknownError)):
            await kasa.products.create_batch(_PRODUCTS)
        assert kasa.wire_form == "flat"
    assert not any("batch" in body for _, body in service.sent)


async def test_second_sending_that_fails_is_told_and_keeps_nothing() -> None:
    """What the service says of the enveloped body is the reason; only one that is carried out proves the form."""
    async with serving_forms(FormsService()) as service, _client(service) as kasa:
        await kasa.login()
        service.refusals = [
            (422, {"errors": {"shop": [{"error": "blank"}]}}),
            (422, {"errors": {"title": [{"error": "taken"}]}}),
        ]
        with pytest.raises(ApiError, match="taken"):
            await kasa.shops.create(ShopCreate(title="А"))
        assert kasa.wire_form == "flat"
        assert (await kasa.shops.create(ShopCreate(title="А"))).title == "А"


async def test_refusal_of_both_sendings_of_a_batch_is_no_doubt() -> None:
    async with serving_forms(FormsService()) as service, _client(service) as kasa:
        await kasa.login()
        service.refusals = [
            (400, {"error": "param is missing or the value is empty: batch"}),
            (422, {"errors": {"title": [{"error": "taken"}]}}),
        ]
        with pytest.raises(ApiError, match="taken"):
            await kasa.products.create_batch(_PRODUCTS)


async def test_envelope_that_is_missing_from_an_envelope_is_no_loop() -> None:
    refusal = (422, {"errors": {"shop": [{"error": "blank"}]}})
    async with serving_forms(FormsService()) as service, _client(service) as kasa:
        await kasa.login()
        service.sent.clear()
        service.refusals = [refusal] * 5
        with pytest.raises(ApiError):
            await kasa.shops.create(ShopCreate(title="А"))
    assert len(service.sent) == 2


async def test_second_sending_that_is_lost_is_of_unknown_outcome() -> None:
    async with serving_forms(FormsService()) as service, _client(service) as kasa:
        await kasa.login()
        service.refusals = [(422, {"errors": {"batch": [{"error": "blank"}]}}), (502, "<html>Bad Gateway</html>")]
        with pytest.raises(OutcomeUnknownError):
            await kasa.products.create_batch(_PRODUCTS)


@pytest.mark.parametrize("wire", ["flat", "enveloped"])
async def test_form_that_is_set_is_the_only_one_that_is_sent(wire: Any) -> None:
    other = "enveloped" if wire == "flat" else "flat"
    missing = (422, {"errors": {"{key}": [{"error": "blank"}]}})
    async with (
        serving_forms(FormsService(bodies=other, missing=missing)) as service,
        _client(service, wire=wire) as kasa,
    ):
        with pytest.raises(ApiError) as caught:
            await kasa.auth.login(SessionCreate(phone_number="380", password="p"))
        assert caught.value.status == 422
        assert kasa.wire_form == wire
    assert len(service.sent) == 1


@pytest.mark.parametrize("bodies", ["flat", "enveloped"])
@pytest.mark.parametrize("tokens", ["bearer", "bare"])
async def test_bodies_and_tokens_are_set_apart(bodies: Any, tokens: Any) -> None:
    async with serving_forms(FormsService(bodies=bodies, tokens=tokens)) as service:
        async with _client(service, wire=bodies, token_form=tokens) as kasa:
            await kasa.shops.create(ShopCreate(title="А"))
        async with _client(service, wire=bodies, token_form="bare" if tokens == "bearer" else "bearer") as kasa:
            with pytest.raises(UnauthorizedError):
                await kasa.shops.create(ShopCreate(title="А"))
    assert [operation for operation, _ in service.done if operation == "createShop"] == ["createShop"]


@pytest.mark.parametrize("header", ["Authorization", "X-Refresh-Token"])
@pytest.mark.parametrize("tokens", ["bearer", "bare"])
@pytest.mark.parametrize("wire", ["auto", "flat", "enveloped"])
async def test_stored_tokens_live_past_the_first_access_token(
    header: str, tokens: Any, wire: Any, tmp_path: Path
) -> None:
    bodies = "enveloped" if wire == "enveloped" else "flat"
    store = FileTokenStore(tmp_path / "tokens.json")
    forms: dict[str, Any] = {"wire": wire, "token_form": tokens}
    async with serving_forms(FormsService(bodies=bodies, tokens=tokens, refresh_header=header)) as service:
        async with _client(service, **forms) as kasa:
            await store.save(await kasa.login())
        for _program in range(2):
            async with _client(service, **forms, phone_number=None, password=None, token_store=store) as kasa:
                for _time in range(2):
                    service.expire_access()
                    assert (await kasa.shops.get(1)).id == 1
    assert len(service.refreshed) == 4
    word = "Bearer " if tokens == "bearer" else ""
    assert all(sent["Authorization"] == word + sent["X-Refresh-Token"] for sent in service.refreshed)


def test_reads_have_no_envelope() -> None:
    reply = Reply(400, {}, b'{"message": "param is missing or the value is empty: shop"}')
    assert not lacks_envelope(LIST_SHOPS, reply)
    assert lacks_envelope(CREATE_SHOP, reply)


def test_no_field_of_a_body_is_named_like_its_envelope() -> None:
    """Else a refusal of that field would be taken for one of a missing envelope."""
    for operation in ALL:
        if operation.request is not None:
            names = {field.encode_name for field in msgspec.structs.fields(operation.request)}
            assert operation.envelope not in names, operation.id
