"""Answers become errors that say what the service said, and nothing that is secret."""

from __future__ import annotations

import json
from typing import Any

import pytest

from smartkasa_async import errors
from smartkasa_async._core.answers import Reply, gives_reason, read_error, read_reply
from smartkasa_async._i18n.secrets import hide_secrets
from smartkasa_async.errors import FieldRefusal
from smartkasa_async.models import EmployeeCreate, SessionCreate
from smartkasa_async.operations import find
from tests.support.service import SAMPLES, make_session

_UPDATE_TERMINAL = find("PUT", "/api/v1/pos/terminals/{id}")
_GET_SHOP = find("GET", "/api/v1/rsn/shops/{id}")
_LOGIN = find("POST", "/api/v1/auth/sessions")
_JWT = "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE2MTY0MTc0OTd9.Y87pAVTWIGE7-EWMdSgOSt4_L"


def _reply(status: int, body: Any, **headers: str) -> Reply:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(status, {name.replace("_", "-"): value for name, value in headers.items()}, content)


def _error(status: int, body: Any, **headers: str) -> errors.ApiError:
    return read_error(_UPDATE_TERMINAL, _reply(status, body, **headers))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.ApiError),
        (401, errors.UnauthorizedError),
        (403, errors.ForbiddenError),
        (404, errors.NotFoundError),
        (409, errors.ConflictError),
        (418, errors.ApiError),
        (422, errors.ValidationError),
        (429, errors.RateLimitedError),
        (500, errors.ServerError),
        (503, errors.ServerError),
        (599, errors.ServerError),
    ],
)
def test_status_chooses_the_class(status: int, kind: type[errors.ApiError]) -> None:
    error = _error(status, {"message": "Nope"}, X_Request_Id="r-1")
    assert type(error) is kind
    assert (error.status, error.operation, error.request_id) == (status, "updateTerminal", "r-1")
    assert str(error) == f"updateTerminal: {status}: Nope [request r-1]"


_RECORDED = (
    '[Pos::TerminalForm.new] "wrong" (String) has invalid type for :shop_id violates constraints (invalid value)'
)


@pytest.mark.parametrize(
    ("body", "refusals"),
    [
        ({"errors": {"title": [{"error": "blank"}]}}, [FieldRefusal("title", "blank")]),
        ({"errors": _RECORDED}, [FieldRefusal("shop_id", None, _RECORDED)]),
        (
            {"errors": {"products": [{"error": "invalid", "messages": "title: Не може бути пустим"}]}},
            [FieldRefusal("products", "invalid", "title: Не може бути пустим")],
        ),
        ({"message": "Unauthorized"}, []),
        (
            {"errors": {"a": [{"error": "x"}, {"error": "y", "messages": ["one", "two"]}], "b": "z"}},
            [FieldRefusal("a", "x"), FieldRefusal("a", "y", "one; two"), FieldRefusal("b", None, "z")],
        ),
        ({"errors": "no field named"}, [FieldRefusal("base", None, "no field named")]),
        ({"errors": [{"error": "x"}]}, [FieldRefusal("base", "x")]),
        (
            {"errors": {"address": [{"zip_code": [{"error": "blank"}], "city": "x"}]}},
            [FieldRefusal("address.zip_code", "blank"), FieldRefusal("address.city", None, "x")],
        ),
        ({"errors": None}, []),
        ([1], []),
        (b"", []),
        (b"<html>", []),
        (b'{"message":"\xcf\xee"}', []),
        (b'{"message":' + b"[" * 100_000, []),
    ],
)
def test_all_shapes_are_read(body: Any, refusals: list[FieldRefusal]) -> None:
    error = _error(422, body)
    assert list(error.refusals) == refusals
    for refusal in refusals:
        assert str(refusal) in str(error)


def test_a_refusal_that_says_nothing_names_its_field_alone() -> None:
    error = _error(422, {"errors": {"title": [{"error": None}], "price": [{"error": "", "messages": ""}]}})
    assert str(error) == "updateTerminal: 422: title; price"


@pytest.mark.parametrize("status", [199, 300, 304])
def test_only_statuses_of_success_are_read(status: int) -> None:
    with pytest.raises(errors.ApiError) as caught:
        read_reply(_UPDATE_TERMINAL, _reply(status, b"{}"))
    assert caught.value.status == status


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"errors": {"title": [{"error": "blank"}]}}, True),
        ({"message": "Nope"}, True),
        ({"errors": {}, "message": 5}, False),
        (b"<html>Bad Gateway</html>", False),
    ],
)
def test_a_reason_is_one_in_the_form_of_the_service(body: Any, reason: bool) -> None:
    assert gives_reason(_reply(500, body)) == reason


@pytest.mark.parametrize("number", [0, 4, 6, 12])
def test_documented_refusals_are_read(number: int) -> None:
    refused = SAMPLES[number]["answers"][1]
    error = _error(refused["status"], json.dumps(refused["body"]).encode())
    assert isinstance(error, errors.ValidationError)
    assert len(error.refusals) == 1
    assert error.refusals[0].field in {"base", "shop_id", "title", "products"}


def test_rate_limit_carries_the_wait() -> None:
    error = _error(429, {}, **{"Retry-After": "7"})
    assert isinstance(error, errors.RateLimitedError)
    assert error.retry_after == 7
    assert "wait 7 s" in str(error)


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b"", "$"),
        (b"<html>", "$"),
        (b"{}", "$"),
        (b'{"data":{"id":"x"},"meta":{}}', "$.data.id"),
        (b'{"data":{"id":1,"title":"\xcf"},"meta":{}}', "$"),
        (b'{"data":{"x":' + b"[" * 100_000, "$"),
    ],
)
def test_unreadable_answer_names_the_place(body: bytes, path: str) -> None:
    with pytest.raises(errors.UnreadableAnswerError) as caught:
        read_reply(_GET_SHOP, _reply(200, body, X_Request_Id="r-2"))
    assert (caught.value.path, caught.value.operation, caught.value.status) == (path, "getShop", 200)
    assert caught.value.request_id == "r-2"
    assert len(caught.value.excerpt) <= 201


def test_unreadable_money_names_its_row() -> None:
    body = b'{"data":[{"id":1,"count":"x"}],"meta":{"total_count":1}}'
    with pytest.raises(errors.UnreadableAnswerError, match=r"at \$\.data\[0\]\.count"):
        read_reply(find("GET", "/api/v1/inventory/cards"), _reply(200, body))


# --- secrets ---


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ('{"access":"s3cret"', '{"access":"***"'),
        ('{"refresh" : "s3cret cut off', '{"refresh" : "***"'),
        ('{"password":"a\\"s3cret","x":1}', '{"password":"***","x":1}'),
        ('{"pin_code":1234}', '{"pin_code":"***"}'),
        (f"Bad token {_JWT}!", "Bad token ***!"),
        (f'{{"title":"{_JWT}"}}', '{"title":"***"}'),
        (
            '[F.new] "s3cret" (String) has invalid type for :pin_code …',
            '[F.new] "***" (String) has invalid type for :pin_code …',
        ),
        (_RECORDED, _RECORDED),
        ('{"title":"Refresh"}', '{"title":"Refresh"}'),
    ],
)
def test_secrets_are_hidden_in_texts(text: str, hidden: str) -> None:
    assert hide_secrets(text) == hidden


def _everything(error: BaseException) -> str:
    """Print all that a log or a crash report could show of an error and of those behind it."""
    texts = []
    seen: list[BaseException | None] = [None]
    queue: list[BaseException | None] = [error]
    while queue:
        current = queue.pop()
        if current not in seen and current is not None:
            seen.append(current)
            texts += [str(current), repr(current), repr(current.args), repr(vars(current))]
            queue += [current.__cause__, current.__context__]
    return "\n".join(texts)


def test_answer_with_tokens_is_not_quoted() -> None:
    body = json.dumps({"data": {"access": _JWT, "refresh": 5, "csrf": "s3cret"}, "meta": {}}).encode()
    for content in (body, body[:60], body.replace(b"s3cret", b"s3cret\xff")):
        with pytest.raises(errors.UnreadableAnswerError) as caught:
            read_reply(_LOGIN, _reply(201, content))
        shown = _everything(caught.value)
        assert "s3cret" not in shown
        assert _JWT[:30] not in shown


@pytest.mark.parametrize(
    "body",
    [
        {"message": f"Token {_JWT} is spent"},
        {"errors": {"base": [{"error": f"bad {_JWT}", "messages": _JWT}], "x": _JWT}},
        {"errors": f'[F.new] "{_JWT}" (String) has invalid type for :password'},
    ],
)
def test_error_that_echoes_a_token_is_not_quoted(body: Any) -> None:
    assert _JWT[:30] not in _everything(_error(422, body))


def test_secret_fields_are_hidden_in_structs() -> None:
    session = make_session("s3cret-a", "s3cret-r")
    shown = f"{session!r} {SessionCreate(phone_number='380', password='s3cret')!r}"
    shown += repr(EmployeeCreate(first_name="Т", pin_code="s3cret"))
    assert "s3cret" not in shown
    assert "380" in shown


# --- the tree ---


def test_timeout_is_a_timeout_error_too() -> None:
    assert issubclass(errors.CallTimeoutError, TimeoutError)
    assert issubclass(errors.InvalidRequestError, ValueError)
    assert issubclass(errors.ConfigurationError, ValueError)
