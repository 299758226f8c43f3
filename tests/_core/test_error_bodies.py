"""Whoever refuses a call, and in whatever form: the reason reaches the user, and secrets do not."""

from __future__ import annotations

import json
import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async._core.answers import Reply, gives_reason, read_error
from smartkasa_async._i18n.secrets import Secrets
from smartkasa_async.errors import FieldRefusal
from smartkasa_async.operations import find

if TYPE_CHECKING:
    from smartkasa_async import errors

_CREATE = find("POST", "/api/v1/inventory/products")
_TOKEN = "s3cret-token-of-a-client"


def _error(body: Any, status: int = 422, content_type: str = "", secrets: Secrets | None = None) -> errors.ApiError:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read_error(_CREATE, Reply(status, {"Content-Type": content_type}, content), (secrets or Secrets()).hide)


def _reason(body: Any, content_type: str = "") -> str:
    return str(_error(body, content_type=content_type)).removeprefix("createProduct: 422: ")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"error": "Validation failed"}, "Validation failed"),
        ({"status": 404, "error": "Not Found"}, "Not Found"),
        ({"status": 400, "error": "Bad Request", "exception": "param is missing"}, "Bad Request; param is missing"),
        ({"error": {"code": "forbidden", "message": "Not for you"}}, "Not for you"),
        ({"error": {"code": "forbidden"}}, '{"error": {"code": "forbidden"}}'),
        ({"error": "invalid_grant", "error_description": "Token expired"}, "invalid_grant; Token expired"),
        ({"data": None, "meta": {"error": "closed"}}, "closed"),
        ({"data": {"message": "closed"}}, "closed"),
        ({"message": ["one", "two"]}, "one; two"),
        ({"message": "same", "error": "same"}, "same"),
        ({"type": "about:blank", "title": "Out of credit", "status": 403}, "Out of credit"),
        ({"errors": [{"title": "Token expired"}]}, "base.title: Token expired"),
        ({"errors": [{"field": "title", "message": "is blank"}]}, "title: is blank"),
        ({"errors": [{"source": {"pointer": "/data/attributes/title"}, "detail": "Is x"}]}, "title: Is x"),
        ({"errors": [{"source": {"parameter": "page"}, "detail": "Is x"}]}, "page: Is x"),
        ({"errors": [{"source": 5, "detail": "Is x"}]}, "base: Is x"),
        ({"errors": {"title": [{"error": "blank"}]}, "message": "Look at it"}, "title: blank; Look at it"),
        ({"errors": {"title": [{"error": "blank", "message": "Is blank"}]}}, "title: Is blank"),
        ({"errors": {"title": {"error": {"code": "x", "message": "Is x"}}}}, "title: Is x"),
        ({"errors": {"title": [{"detail": "Is x"}]}}, "title: Is x"),
        ({"title": ["can't be blank"]}, '{"title": ["can\'t be blank"]}'),
        ({"fault": {"faultstring": "Quota"}}, '{"fault": {"faultstring": "Quota"}}'),
        ("No such thing", "No such thing"),
        (["one", "two"], "one; two"),
        (b'\xef\xbb\xbf{"error":"with a mark"}', "with a mark"),
        (b'{"error":"cut o', '{"error":"cut o'),
        (b"upstream connect error\r\n  or reset\n", "upstream connect error or reset"),
        (b"<html><title>502 Bad Gateway</title><h1>502 Bad Gateway</h1></html>", "502 Bad Gateway"),
        (b"<HTML><TITLE lang=en>x</TITLE><H1><b>Out</b> of&nbsp;order</H1>", "x: Out of order"),
        (b"<p>Blocked &amp; logged</p><script>let x = '<p>no</p>'</script><!-- no -->", "Blocked & logged"),
        (b"<?xml version='1.0'?><Error><Code>Denied</Code><Message>No access</Message></Error>", "Denied No access"),
        (b"<title>never ends", "never ends"),
    ],
)
def test_reason_of_any_shape(body: Any, reason: str) -> None:
    assert _reason(body) == reason


@pytest.mark.parametrize(
    "body", [b"", b" \n", b"null", b"{}", b"[]", b'""', b'{"data":null}', b"\x00\x01\x02", b"<p></p>"]
)
def test_what_says_nothing(body: bytes) -> None:
    assert _reason(body) == "no reason given"


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (
            "application/json; charset=windows-1251",
            json.dumps({"error": "Помилка"}, ensure_ascii=False).encode("cp1251"),
        ),
        ('text/html; charset="windows-1251"', "<title>Помилка</title>".encode("cp1251")),
        ("text/html", '<meta charset="windows-1251"><title>Помилка</title>'.encode("cp1251")),
        ("text/plain; charset=utf-16", "Помилка".encode("utf-16")),
        ("text/plain; charset=windows-1251", "Помилка".encode()),  # whatever is said of UTF-8
        ("text/plain; charset=nonsense", "Помилка".encode()),
    ],
)
def test_reason_in_another_charset(content_type: str, body: bytes) -> None:
    assert _reason(body, content_type) == "Помилка"


def test_figures_of_a_refusal_are_kept() -> None:
    body = {
        "errors": {"price": [{"error": "less_than", "value": -1.5, "count": 10}], "x": [{"error": "y", "value": [1]}]}
    }
    error = _error(body)
    assert error.refusals == (
        FieldRefusal("price", "less_than", None, count=10, value=Decimal("-1.5")),
        FieldRefusal("x", "y", None, value="1"),
    )
    assert "price: less_than (value -1.5, count 10); x: y (value 1)" in str(error)


def test_secrets_are_hidden_in_whatever_is_kept() -> None:
    secrets = Secrets(_TOKEN, "pass  word 1")
    bodies: list[Any] = [
        {"error": f"bad {_TOKEN}"},
        {"error": {"message": _TOKEN}},
        {"fault": _TOKEN},
        {
            "errors": {
                "x": [{"error": "y", "value": _TOKEN, "count": "pass  word 1"}],
                "pin_code": [{"error": "z", "value": "11"}],
            }
        },
        f"<title>{_TOKEN}</title><h1>pass  word 1</h1>".encode(),
        f"no  {_TOKEN} pass  word 1".encode(),
        (" " * 990 + _TOKEN).encode(),
        json.dumps({"error": "x" * 490 + _TOKEN}).encode(),
    ]
    for body in bodies:
        error = _error(body, secrets=secrets)
        shown = f"{error} {error.excerpt} {error.refusals!r} {vars(error)}"
        assert "s3cret" not in shown, body
        assert "word 1" not in shown, body
        assert "11" not in repr([refusal.value for refusal in error.refusals]), body


def test_excerpt_and_reason_are_bounded() -> None:
    for body in (
        b"x " * 500_000,
        b"<title>" + b"x" * 500_000,
        json.dumps({"errors": {str(n): "x" * 900 for n in range(999)}}),
    ):
        error = _error(body if isinstance(body, bytes) else body.encode())
        assert len(error.excerpt) <= 1001
        assert len(str(error)) < 1100


@pytest.mark.parametrize(
    "body",
    [
        b"<title" * 20_000,
        b"<title>" * 20_000,
        b"<script>" * 20_000,
        b"<!--" * 20_000,
        b"<" * 100_000,
        b'{"errors":' + b'{"a":' * 400 + b"1" + b"}" * 401,
        b'{"error":' + b"[" * 400 + b"1" + b"]" * 400 + b"}",
        b'{"x":' + b"[" * 100_000,
    ],
)
def test_odd_bodies_are_read_at_once(body: bytes) -> None:
    started = time.process_time()
    assert _error(body).status == 422
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    ("body", "is_own"),
    [
        ({"errors": {"title": [{"error": "blank"}]}}, True),
        ({"errors": "[Form] … for :title"}, True),
        ({"message": "Unauthorized"}, True),
        ({"errors": [{"message": "blocked"}]}, False),
        ({"errors": ""}, False),
        ({"errors": {"title": []}}, False),
        ({"message": ""}, False),
        ({"error": "Not Found", "status": 404}, False),
        ({"error": {"message": "blocked"}}, False),
        ({"detail": "blocked"}, False),
        ("blocked", False),
        (b"blocked", False),
        (b"<title>Blocked</title>", False),
        (b'<p>{"message":"blocked"}</p>', False),
    ],
)
def test_only_the_own_form_proves_a_refusal(body: Any, is_own: bool) -> None:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    assert gives_reason(Reply(422, {}, content)) == is_own
