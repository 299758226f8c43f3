"""Answers in another form than the documented one: read where the meaning is plain, refused where it is not."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartkasa_async._base.decoding import UnreadableJsonError, decode, id_of
from smartkasa_async.models import Product, Receipt, ReceiptBatchDeletion, ReceiptType, Shop, ZReport
from tests.support.service import SAMPLES

PRODUCT = {"id": "a-1", "title": "Кава", "price": "189.90"}
SHOP = {"id": 7, "title": "Магазин"}
TIMES = ("created_at", "updated_at")
MOMENTS = (
    "2026-10-01 12:00:00 +0300",
    "2026-10-01 09:00:00 UTC",
    "2026-10-01T12:00+03:00",
    "2026-10-01T12:00:00+03",
    "2026-10-01T09:00:00,000Z",
    " 2026-10-01T09:00:00Z ",
)
"""One moment, as programs write it."""


def read(form: Any, record: dict[str, Any]) -> Any:
    return decode(json.dumps(record).encode(), form)


@pytest.mark.parametrize(
    ("field", "written", "meant"),
    [
        ("title", 5, "5"),
        ("title", 12.50, "12.5"),
        ("price", 189.9, Decimal("189.9")),
        ("price", " 189.90 ", Decimal("189.90")),
        ("procurement_price", "", None),
        ("unit_type_id", "2009", 2009),
        ("unit_type_id", 2009.0, 2009),
        ("tax_group_id", "1", 1),
        ("tax_group_id", "77", 77),
        ("sold_by_weight", 1, True),
        ("sold_by_weight", 0, False),
        ("sold_by_weight", "true", True),
        ("sold_by_weight", "0", False),
        ("sold_by_weight", "", None),
        ("bookmark_ids", "", None),
        ("bookmark_ids", [1, "2", {"id": 3}], [1, "2", {"id": 3}]),
        ("alter_title", "", ""),
        ("category", "", None),
        ("created_at", "", None),
        ("partner", dict.fromkeys(("id", "title", "name"), None), None),
        ("picture", dict.fromkeys(("id", "filename", "url"), None), None),
        ("picture", {}, None),
        ("unit_type_id", "2009.0", 2009),
        ("tax_amount", {"А": "20", "Б": None, "В": ""}, {"А": Decimal(20)}),
        *(("created_at", written, datetime(2026, 10, 1, 9, tzinfo=UTC)) for written in MOMENTS),
    ],
)
def test_a_value_of_plain_meaning_is_read_in_any_form(field: str, written: object, meant: object) -> None:
    product = read(Product, PRODUCT | {field: written})

    value = getattr(product, field)
    assert (value.id, value.title) == (None, None) if field == "partner" else value == meant
    assert type(value) is not bool or isinstance(meant, bool)


@pytest.mark.parametrize(
    ("field", "written", "path"),
    [
        ("title", True, "$.title"),
        ("title", None, "$.title"),
        ("title", {}, "$.title"),
        ("price", "12,5", "$.price"),
        ("price", "", "$.price"),
        ("price", True, "$.price"),
        ("sold_by_weight", 2, "$.sold_by_weight"),
        ("sold_by_weight", "так", "$.sold_by_weight"),
        ("unit_type_id", "5.5", "$.unit_type_id"),
        ("unit_type_id", 5.5, "$.unit_type_id"),
        ("created_at", 1618495142, "$.created_at"),
        ("created_at", "2021-03-22T13:51:49", "$.created_at"),
        ("created_at", "2021-03-22", "$.created_at"),
        ("created_at", "учора", "$.created_at"),
        ("picture", {"id": None, "url": "x"}, "$.picture.id"),
        ("category", [], "$.category"),
    ],
)
def test_a_value_that_could_mean_two_things_is_refused_by_its_path(field: str, written: object, path: str) -> None:
    with pytest.raises(UnreadableJsonError) as caught:
        read(Product, PRODUCT | {field: written})

    assert caught.value.path == path
    assert caught.value.reason


@pytest.mark.parametrize("field", ["unit_type_id", "title"])
def test_a_number_that_would_take_minutes_to_write_out_is_refused_at_once(field: str) -> None:
    body = json.dumps(PRODUCT | {field: "number"}).replace('"number"', "1e99999999").encode()

    with pytest.raises(UnreadableJsonError) as caught:
        decode(body, Product)

    assert caught.value.path == f"$.{field}"


def test_one_record_or_a_list_of_them_is_read_in_any_form() -> None:
    receipt = {"id": "r", "type": "0", "state": "2", "total_amount": "5", **dict.fromkeys(TIMES, MOMENTS[0])}

    one = decode(json.dumps({"data": receipt, "meta": {}}).encode(), ReceiptBatchDeletion)
    many = decode(json.dumps({"data": [receipt], "meta": {}}).encode(), ReceiptBatchDeletion)

    assert many.data == [one.data]
    assert isinstance(one.data, Receipt)
    assert one.data.type is ReceiptType.SALE


def test_what_stands_before_the_json_is_not_in_the_way() -> None:
    assert decode(b"\xef\xbb\xbf\r\n " + json.dumps(SHOP).encode(), Shop).id == 7


@pytest.mark.parametrize("numbers", [["4000026885"], [4000026885], [{"id": 1, "fiscal_number": "4000026885"}]])
def test_what_no_sample_shows_takes_any_form(numbers: list[object]) -> None:
    assert read(Shop, SHOP | {"fiscal_numbers": numbers}).fiscal_numbers == numbers


def test_payloads_stay_what_they_are_and_their_numbers_exact() -> None:
    payload = b'{"timestamp": 1618495142092, "cash": [], "taxes": {"A": 0.1000000000000000055}, "note": "x"}'

    report = decode(
        b'{"id": 1, "fiscal_number": 7, "created_at": "2026-10-01T20:00:00Z", "payload": %b}' % payload, ZReport
    )

    assert report.payload == {
        "timestamp": 1618495142092,
        "cash": [],
        "taxes": {"A": Decimal("0.1000000000000000055")},
        "note": "x",
    }
    assert report.fiscal_number == "7"


def test_codes_that_are_not_known_are_read_from_texts_too() -> None:
    times = dict.fromkeys(TIMES, "2026-10-01T20:00:00Z")

    receipt = read(Receipt, {"id": "r", "type": "3", "state": "99", "total_amount": 5, **times})

    assert receipt.type is ReceiptType.REFUND
    assert (receipt.state.value, receipt.state.is_known) == (99, False)
    assert receipt.created_at == datetime(2026, 10, 1, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("record", "found"), [(b'{"id": 7, "x": {}}', 7), (b'{"id": "a"}', "a"), (b'{"id": null}', None), (b"[]", None)]
)
def test_the_id_of_a_record_is_read_whatever_else_it_holds(record: bytes, found: object) -> None:
    assert id_of(msgspec.Raw(record)) == found


DOCUMENTED = [
    (form, record)
    for path, form in (("products", Product), ("receipts", Receipt), ("z-reports", ZReport))
    for sample in SAMPLES
    if f"/{path}" in sample["request"]["url"]
    for answer in sample["answers"]
    for record in (answer["body"].get("data") if isinstance(answer["body"].get("data"), list) else [])
    if len(record) > 1
]


@given(st.data())
def test_any_values_in_place_of_a_samples_are_read_or_refused_in_one_way(data: st.DataObject) -> None:
    form, record = data.draw(st.sampled_from(DOCUMENTED))
    field = data.draw(st.sampled_from(sorted(record)))
    value: object = data.draw(st.none() | st.booleans() | st.integers() | st.text() | st.just([]) | st.just({}))

    try:
        read_record = decode(json.dumps({**record, field: value}, default=float).encode(), form)
    except UnreadableJsonError as error:
        assert error.path.startswith(f"$.{field}")  # noqa: PT017
    else:
        assert str(read_record.id) == str(value if field == "id" else record["id"])
