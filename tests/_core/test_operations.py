"""Finding operations, and the errors of answers that cannot be decoded."""

from __future__ import annotations

import json

import pytest

from smartkasa_async.errors import UnreadableAnswerError
from smartkasa_async.operations import ALL, Operation, find

TOKENS = b'"access": "eyJ-access", "refresh": "eyJ-refresh", "csrf": "csrf=="'
LOGIN = find("POST", "/api/v1/auth/sessions")
LIST_RECEIPTS = find("GET", "/api/v1/pos/receipts")


def unreadable(operation: Operation[object], body: bytes) -> UnreadableAnswerError:
    with pytest.raises(UnreadableAnswerError) as caught:
        operation.decode(body)
    return caught.value


@pytest.mark.parametrize("operation", ALL, ids=lambda operation: operation.id)
def test_each_operation_is_found_by_its_template(operation: Operation[object]) -> None:
    assert find(operation.method, operation.path) is operation
    assert find(operation.method.lower(), operation.path) is operation


@pytest.mark.parametrize("operation", [o for o in ALL if "{id}" in o.path], ids=lambda operation: operation.id)
@pytest.mark.parametrize("id_", ["37958", "f747fbc5-4782-4489-92b4-51691dea1f63"])
def test_each_operation_is_found_by_a_path_with_an_id(operation: Operation[object], id_: str) -> None:
    assert find(operation.method, operation.path.replace("{id}", id_)) is operation


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/api/v1/rsn/shops/employees", "listShopEmployees"),
        ("GET", "/api/v1/rsn/shops/37958", "getShop"),
        ("DELETE", "/api/v1/pos/receipts/batch", "deleteReceiptBatch"),
        ("DELETE", "/api/v1/pos/receipts/4683e036", "deleteReceipt"),
        ("POST", "/api/v1/inventory/products/batch", "createProductBatch"),
        ("DELETE", "/api/v1/auth/sessions/logout", "deleteSession"),
        ("GET", "api/v1/rsn/shops/", "listShops"),
    ],
)
def test_literal_path_goes_before_an_id(method: str, path: str, expected: str) -> None:
    assert find(method, path).id == expected


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PATCH", "/api/v1/rsn/shops/1"),
        ("POST", "/api/v1/pos/terminals"),
        ("GET", "/api/v2/rsn/shops"),
        ("GET", "/rsn/shops"),
        ("GET", "/api/v1/rsn/shops/1/terminals"),
        ("GET", "/api/v1/rsn"),
        ("GET", "/"),
        ("GET", ""),
    ],
)
def test_unknown_operation_names_method_and_path(method: str, path: str) -> None:
    with pytest.raises(LookupError) as caught:
        find(method, path)

    assert f"No operation of the API is {method} {path};" in str(caught.value)


def test_all_lists_each_operation_once() -> None:
    assert len(ALL) == len({operation.id for operation in ALL}) == 56
    assert len({(operation.area, operation.name) for operation in ALL}) == 56


def test_wrong_type_is_told_with_operation_path_and_excerpt() -> None:
    error = unreadable(LIST_RECEIPTS, b'{"data": [{"id": []}], "meta": {}}')

    assert (error.operation, error.path) == ("listReceipts", "$.data[0].id")
    assert error.excerpt == '{"data": [{"id": []}], "meta": {}}'
    assert str(error).startswith(
        "listReceipts: Unreadable answer at $.data[0].id: Expected `str`, got `array`; it begins"
    )


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "truncated"),
        (b"<html>Bad gateway</html>", "malformed"),
        (b"null", "Expected `object`, got `null`"),
        (b'{"data": [], "met', "truncated"),
        (b"{}", "missing required field `data`"),
        (b'{"data": [{"id": "\xff"}]}', "UTF-8"),
        (b'{"data": [], "x": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", "nested too deeply"),
    ],
    ids=["empty", "html", "null", "cut", "incomplete", "encoding", "nested"],
)
def test_what_is_no_answer_is_told(body: bytes, reason: str) -> None:
    error = unreadable(LIST_RECEIPTS, body)

    assert error.path == "$"
    assert reason in str(error)


def test_long_answer_is_cut() -> None:
    error = unreadable(LIST_RECEIPTS, b'{"data": "' + "крамниця".encode() * 10_000 + b'"}')

    assert len(error.excerpt) <= 201
    assert error.excerpt.endswith("…")


@pytest.mark.parametrize(
    "body",
    [
        b'{"data": {%b, "access_expires_at": 1}}' % TOKENS,
        b'{"data": {%b' % TOKENS,
        b'{"data": {"access": "eyJ-' + b"a" * 3_000 + b'"}}',
        b'{"data": {"access":\n"eyJ-access"}}',
    ],
    ids=["wrong field", "cut", "long token", "line break"],
)
def test_tokens_are_not_told(body: bytes) -> None:
    error = unreadable(LOGIN, body)

    assert error.excerpt == ""
    assert error.__context__ is None
    assert [text for text in (str(error), repr(error), error.excerpt, str(error.__cause__)) if "eyJ" in text] == []
    assert "csrf==" not in str(error)


@pytest.mark.parametrize("pin", [b'"7315"', b"7315", b'"73\\"7315"'], ids=["text", "number", "escaped quote"])
def test_pin_code_is_not_told(pin: bytes) -> None:
    error = unreadable(find("GET", "/api/v1/rsn/employees/{id}"), b'{"data": {"pin_code": %b, "id": "x"}}' % pin)

    assert "7315" not in str(error)


META = {"current_page": 1, "total_pages": 1, "total_count": 2, "limit_value": 25, "offset_value": 0}


@pytest.mark.parametrize(
    ("before", "title", "path"),
    [(b"\xef\xbb\xbf", b"null", "$.title"), (b"", b'"\xd0\x9a\xd0"', "$"), (b"", b"[null]", "$.title")],
)
def test_a_record_costs_itself_alone_whatever_is_wrong_with_its_bytes(before: bytes, title: bytes, path: str) -> None:
    records = b'{"id": 1, "title": "A"}, {"id": 2, "title": %b}' % title
    body = before + b'{"data": [%b], "meta": %b}' % (records, json.dumps(META).encode())

    answer, unreadable = find("GET", "/api/v1/rsn/shops").decode_page(body, page=1)

    assert [shop.id for shop in answer.data] == [1]
    assert [(record.id, record.number, record.path) for record in unreadable] == [(2, 2, path)]


def test_an_answer_in_another_encoding_is_one_fault_and_not_one_of_each_record() -> None:
    body = json.dumps({"data": [{"id": 1, "title": "Крамниця"}], "meta": META}, ensure_ascii=False)

    with pytest.raises(UnreadableAnswerError, match="not UTF-8"):
        find("GET", "/api/v1/rsn/shops").decode_page(body.encode("cp1251"), page=1)


@pytest.mark.parametrize("meta", [b"", b', "meta": null', b', "meta": []', b', "meta": {"request": 7}'])
def test_metadata_that_were_never_filled_take_any_form(meta: bytes) -> None:
    answer = find("DELETE", "/api/v1/rsn/employees/{id}").decode(b'{"data": {"id": 7}%b}' % meta)

    assert answer.data.id == 7
