"""Every recorded answer decodes and encodes back with no key lost and no value changed.

Two spellings may change, since they name the same value: money has two JSON forms, of which an encoder writes one
throughout, and a moment comes back with microseconds and with Z for +00:00.
"""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartkasa_async import models
from smartkasa_async._base.model import OpenIntEnum
from smartkasa_async.operations import ALL, find
from tests.support.reference import reference_file
from tests.support.spec import DOCUMENT, SAMPLES

ENUMS = sorted(
    (
        found
        for name in models.__all__
        if isinstance(found := getattr(models, name), type) and issubclass(found, OpenIntEnum)
    ),
    key=lambda enum: enum.__name__,
)
EXCHANGES = reference_file("exchanges.json")


def recorded_answers() -> list[Any]:
    documented = [
        (sample["request"]["method"], urlsplit(sample["request"]["url"]).path, answer["status"], answer["body"])
        for sample in SAMPLES
        for answer in sample["answers"]
    ]
    exchanged = [(e["method"], e["path"], e["response"]["status"], e["response"]["body"]) for e in EXCHANGES]
    return [
        pytest.param(method, path, body, id=f"{source}-{find(method, path).id}-{number}")
        for source, answers in (("documentation", documented), ("exchange", exchanged))
        for number, (method, path, status, body) in enumerate(answers)
        if status < 300
    ]


def recorded_requests() -> list[Any]:
    documented = [
        (sample["request"]["method"], urlsplit(sample["request"]["url"]).path, sample["request"]["body"])
        for sample in SAMPLES
    ]
    exchanged = [
        (e["method"], e["path"], e["request"]["body"][find(e["method"], e["path"]).envelope])
        for e in EXCHANGES
        if "body" in e["request"] and e["response"]["status"] < 300
    ]
    return [
        pytest.param(method, path, body, id=f"{source}-{find(method, path).id}-{number}")
        for source, requests in (("documentation", documented), ("exchange", exchanged))
        for number, (method, path, body) in enumerate(requests)
        if find(method, path).request is not None
    ]


def text_of(value: Any) -> bytes:
    """Write JSON with each Decimal as a number of the same digits."""
    return msgspec.json.Encoder(decimal_format="number").encode(value)


def changed_by(struct: Any, sent: Any) -> list[str]:
    """List what differs between recorded JSON and a struct, in whichever of money's two forms the struct is written."""
    as_text = differences(sent, read(msgspec.json.encode(struct)))
    as_numbers = differences(sent, read(text_of(struct)))
    return [f"{place}: {how}" for place, how in as_text.items() if place in as_numbers]


def differences(sent: Any, back: Any, place: str = "$") -> dict[str, str]:
    """Tell where two JSON values differ, but for the spelling of moments."""
    if isinstance(sent, dict) and isinstance(back, dict):
        found = {f"{place}.{key}": "only on one side" for key in sent.keys() ^ back.keys()}
        for key in sent.keys() & back.keys():
            found |= differences(sent[key], back[key], f"{place}.{key}")
        return found
    if isinstance(sent, list) and isinstance(back, list) and len(sent) == len(back):
        found = {}
        for number, (one, other) in enumerate(zip(sent, back, strict=True)):
            found |= differences(one, other, f"{place}[{number}]")
        return found
    same = type(sent) is type(back) and repr(sent) == repr(back)
    return {} if same or same_moment(sent, back) else {place: f"{sent!r} became {back!r}"}


def same_moment(sent: Any, back: Any) -> bool:
    """Tell whether two texts name the same instant with the same offset."""
    try:
        first, second = datetime.fromisoformat(sent), datetime.fromisoformat(back)
    except (TypeError, ValueError):
        return False
    return first == second and first.tzinfo is not None and first.utcoffset() == second.utcoffset()


def read(body: bytes) -> Any:
    return json.loads(body, parse_float=Decimal)


@pytest.mark.parametrize(("method", "path", "body"), recorded_answers())
def test_answer_comes_back_whole(method: str, path: str, body: Any) -> None:
    answer = find(method, path).decode(text_of(body))

    assert changed_by(answer, body) == []


@pytest.mark.parametrize(("method", "path", "body"), recorded_requests())
def test_request_comes_back_whole(method: str, path: str, body: Any) -> None:
    request = msgspec.json.decode(text_of(body), type=find(method, path).request)

    assert changed_by(request, body) == []


def test_each_documented_answer_is_tried() -> None:
    tried = {case.id for case in recorded_answers() if str(case.id).startswith("documentation")}

    assert len(tried) == len(SAMPLES) == 13


@pytest.mark.parametrize(
    ("sent", "back"),
    [
        ({"a": 1}, {}),
        ({}, {"a": None}),
        ([1], [1, 1]),
        (1, True),
        ("7829.0", Decimal("7829.0")),
        (Decimal("7829.0"), Decimal("7829.00")),
        (1, "one"),
        ("2021-03-22T13:52:06.216+02:00", "2021-03-22T11:52:06.216Z"),
        ("2021-03-22T13:52:06.216+02:00", "2021-03-22T13:52:06.217+02:00"),
        (None, ""),
    ],
)
def test_comparison_notices_a_change(sent: Any, back: Any) -> None:
    assert differences(sent, back) != {}


@pytest.mark.parametrize(
    ("sent", "back"),
    [
        ("2021-08-06T13:23:09.020+00:00", "2021-08-06T13:23:09.020000Z"),
        ("2021-03-22T13:52:06.216+02:00", "2021-03-22T13:52:06.216000+02:00"),
    ],
)
def test_comparison_allows_another_spelling_of_a_moment(sent: Any, back: Any) -> None:
    assert differences(sent, back) == {}


TERMINAL = SAMPLES[4]["answers"][0]["body"]["data"]
GET_TERMINAL = find("GET", "/api/v1/pos/terminals/{id}")


def terminal(**changes: Any) -> models.Terminal:
    """Decode the documented terminal with other values; an ellipsis leaves a key out."""
    data = {key: value for key, value in {**TERMINAL, **changes}.items() if value is not ...}
    answer: models.TerminalAnswer = GET_TERMINAL.decode(text_of({"data": data, "meta": {}}))
    return answer.data


def load_receipt() -> models.Receipt:
    page: models.ReceiptPage = find("GET", "/api/v1/pos/receipts").decode(text_of(SAMPLES[9]["answers"][0]["body"]))
    return page.data[0]


def test_unknown_keys_are_ignored() -> None:
    assert terminal(firmware={"version": [1, 2]}) == terminal()


def test_null_is_none_and_absent_is_unset() -> None:
    assert terminal(shop_id=None).shop_id is None
    assert terminal(shop_id=...).shop_id is msgspec.UNSET
    assert "shop_id" not in msgspec.to_builtins(terminal(shop_id=...))
    assert msgspec.to_builtins(terminal(shop_id=None))["shop_id"] is None


def test_numeric_and_text_ids_stay_as_they_were() -> None:
    receipt = load_receipt()

    assert (receipt.id, receipt.shop_id) == ("4683e036-598e-44a5-9d89-00a92c9728c9", 13)


def test_unknown_code_is_kept() -> None:
    body = {**SAMPLES[9]["answers"][0]["body"]}
    body["data"] = [{**body["data"][0], "type": 909, "state": -3}]

    page: models.ReceiptPage = find("GET", "/api/v1/pos/receipts").decode(text_of(body))

    assert (page.data[0].type, page.data[0].state) == (909, -3)
    assert isinstance(page.data[0].type, models.ReceiptType)
    assert changed_by(page, body) == []


def test_money_is_decimal_in_both_json_forms() -> None:
    receipt = load_receipt()
    report: models.ZReportPage = find("GET", "/api/v1/reports/z-reports").decode(
        text_of(SAMPLES[11]["answers"][0]["body"])
    )

    assert str(receipt.total_amount) == "1438.0"
    assert receipt.tax_amount == {"А": Decimal(22825), "З": Decimal(6848)}
    assert str(report.data[0].cash_total) == "12276.25"


@pytest.mark.parametrize(
    ("body", "struct"),
    [
        ({"errors": {"base": [{"error": "phone_number_or_password_invalid"}]}}, models.FieldErrors),
        ({"errors": {"url": [{"error": "blank"}], "category_id": [{"error": "blank"}]}}, models.FieldErrors),
        (
            {"errors": {"products": [{"error": "invalid", "messages": "title: Не може бути пустим"}]}},
            models.FieldErrors,
        ),
        ({"errors": '[Pos::TerminalForm.new] "wrong" (String) has invalid type for :shop_id'}, models.MessageErrors),
        ({"message": "Unauthorized"}, models.UnauthorizedBody),
    ],
)
def test_error_bodies_come_back_whole(body: Any, struct: type[msgspec.Struct]) -> None:
    assert read(msgspec.json.encode(msgspec.json.decode(text_of(body), type=struct))) == body


@given(code=st.integers(-(2**63), 2**63 - 1))
@pytest.mark.parametrize("enum", ENUMS, ids=lambda enum: enum.__name__)
def test_every_code_decodes_and_keeps_its_number(enum: type[OpenIntEnum], code: int) -> None:
    member: OpenIntEnum = msgspec.json.decode(b"%d" % code, type=enum)

    assert isinstance(member, enum)
    assert member == code
    assert member.is_known == (code in list(enum))
    assert msgspec.json.encode(member) == b"%d" % code


@given(amount=st.decimals(allow_nan=False, allow_infinity=False).filter(lambda d: not d.is_zero() or not d.is_signed()))
@pytest.mark.parametrize("quote", ["", '"'], ids=["number", "text"])
def test_every_amount_keeps_its_digits(quote: str, amount: Decimal) -> None:
    answer = msgspec.json.decode(f"[{quote}{amount}{quote}]".encode(), type=list[Decimal])

    assert answer[0].as_tuple() == amount.as_tuple()
    assert read(msgspec.json.encode(answer)) == [str(amount)]


def test_all_operations_decode_their_own_examples() -> None:
    for operation in ALL:
        response = DOCUMENT["paths"][operation.path][operation.method.lower()]["responses"][str(operation.status)]
        for example in response["content"]["application/json"].get("examples", {}).values():
            answer = operation.decode(text_of(example["value"]))
            assert changed_by(answer, example["value"]) == [], operation.id
