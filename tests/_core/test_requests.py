"""Requests are built strictly: a wrong type fails before anything is sent and names its field."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartkasa_async import InvalidRequestError, SmartKasa
from smartkasa_async._core.requests import Request, build_request
from smartkasa_async.models import (
    EmployeeAddressForm,
    EmployeeCreate,
    PaymentTransactionCreate,
    PaymentType,
    ProductBatch,
    ProductCreate,
    ProductUpdate,
    ReceiptCreate,
    ReceiptItemCreate,
    ReceiptState,
    ReceiptType,
    ShopCreate,
    TaxGroup,
    TransactionType,
)
from smartkasa_async.operations import ALL, Operation, find

_CREATE_PRODUCT = find("POST", "/api/v1/inventory/products")
_UPDATE_PRODUCT = find("PATCH", "/api/v1/inventory/products/{id}")
_CREATE_BATCH = find("POST", "/api/v1/inventory/products/batch")
_CREATE_SHOP = find("POST", "/api/v1/rsn/shops")
_CREATE_EMPLOYEE = find("POST", "/api/v1/rsn/employees")
_CREATE_RECEIPT = find("POST", "/api/v1/pos/receipts")
_GET_PRODUCT = find("GET", "/api/v1/inventory/products/{id}")
_LIST_CATEGORIES = find("GET", "/api/v1/inventory/categories")
_LIST_EMPLOYEES = find("GET", "/api/v1/rsn/employees")
_LIST_PRODUCTS = find("GET", "/api/v1/inventory/products")
_LIST_RECEIPTS = find("GET", "/api/v1/pos/receipts")
_LIST_SHOPS = find("GET", "/api/v1/rsn/shops")
_ADDRESS = "https://core.smartkasa.ua"


def _build(operation: Operation[Any], **arguments: Any) -> Request:
    return build_request(operation, base_url=_ADDRESS, wire="flat", **arguments)


def _product(**fields: Any) -> ProductCreate:
    return ProductCreate(**{"title": "Кава", **fields})


def _receipt(**fields: Any) -> ReceiptCreate:
    return ReceiptCreate(total_amount=Decimal(1), state=ReceiptState.PAID, type=ReceiptType.SALE, **fields)


def _payment(**fields: Any) -> PaymentTransactionCreate:
    return PaymentTransactionCreate(
        amount=Decimal(1), payment_type_id=PaymentType.PAYMENT, transaction_type_id=TransactionType.CASH, **fields
    )


def _item(**fields: Any) -> ReceiptItemCreate:
    return ReceiptItemCreate(**{"name": "Кава", "amount": Decimal(1), "quantity": Decimal(1), **fields})


_NAIVE = datetime(2026, 10, 25, 3, 30)  # noqa: DTZ001  (what is refused)
_WRONG = {
    "float money": (_CREATE_PRODUCT, _product(price=71.89), "$.price"),
    "float money that is exact": (_CREATE_PRODUCT, _product(price=71.5), "$.price"),
    "float NaN": (_CREATE_PRODUCT, _product(price=float("nan")), "$.price"),
    "NaN": (_CREATE_PRODUCT, _product(price=Decimal("NaN")), "$.price"),
    "signalling NaN": (_CREATE_PRODUCT, _product(price=Decimal("sNaN")), "$.price"),
    "infinity": (_CREATE_PRODUCT, _product(price=Decimal("-Infinity")), "$.price"),
    "money as text": (_CREATE_PRODUCT, _product(price="71.89"), "$.price"),
    "money as bool": (_CREATE_PRODUCT, _product(price=True), "$.price"),
    "text for int": (_CREATE_PRODUCT, _product(unit_type_id="0"), "$.unit_type_id"),
    "bool for int": (_CREATE_PRODUCT, _product(unit_type_id=True), "$.unit_type_id"),
    "int for bool": (_CREATE_PRODUCT, _product(sold_by_weight=1), "$.sold_by_weight"),
    "int for text": (_CREATE_PRODUCT, _product(number=6930426566), "$.number"),
    "bytes for text": (_CREATE_PRODUCT, _product(number=b"6930426566"), "$.number"),
    "UUID for text": (_CREATE_PRODUCT, _product(category_id=UUID(int=1)), "$.category_id"),
    "null that cannot be": (_CREATE_PRODUCT, _product(title=None), "$.title"),
    "tuple for list": (_CREATE_PRODUCT, _product(bookmark_ids=(1,)), "$.bookmark_ids"),
    "text for code": (_CREATE_PRODUCT, _product(tax_group_id="VAT_20"), "$.tax_group_id"),
    "missing field": (_CREATE_PRODUCT, _product(title=msgspec.UNSET), "$"),
    "no JSON": (_CREATE_PRODUCT, _product(title=object()), "$"),
    "half a letter": (_CREATE_PRODUCT, _product(title="\ud800"), "$"),
    "dict for struct": (_CREATE_SHOP, ShopCreate(title="Т", address={"content": "вул."}), "$.address"),  # type: ignore[arg-type]
    "another struct": (_CREATE_SHOP, ShopCreate(title="Т", address=EmployeeAddressForm()), "$.address"),  # type: ignore[arg-type]
    "text for date": (_CREATE_EMPLOYEE, EmployeeCreate(first_name="Т", birthday="2001-02-03"), "$.birthday"),  # type: ignore[arg-type]
    "time for date": (_CREATE_EMPLOYEE, EmployeeCreate(first_name="Т", birthday=_NAIVE), "$.birthday"),
    "naive time": (
        _CREATE_RECEIPT,
        _receipt(payment_transactions=[_payment(timestamp=_NAIVE)]),
        "$.payment_transactions[0].timestamp",
    ),
    "text for time": (
        _CREATE_RECEIPT,
        _receipt(payment_transactions=[_payment(), _payment(timestamp="2026-10-25T03:30:00Z")]),
        "$.payment_transactions[1].timestamp",
    ),
    "deep float": (
        _CREATE_RECEIPT,
        _receipt(items=[_item(price=Decimal(1)), _item(price=1.5)]),
        "$.items[1].price",
    ),
    "float in a map": (_CREATE_RECEIPT, _receipt(tax_amount={"А": 23.5}), "$.tax_amount.А"),
    "NaN in a map": (_CREATE_RECEIPT, _receipt(tax_amount={"А": Decimal("NaN")}), "$.tax_amount.А"),
    "dict among structs": (_CREATE_BATCH, ProductBatch(products=[_product(), {"title": "Чай"}]), "$.products[1]"),  # type: ignore[list-item]
    "float in a batch": (
        _CREATE_BATCH,
        ProductBatch(products=[_product(), _product(price=1.1)]),
        "$.products[1].price",
    ),
    "float in a tuple": (_CREATE_BATCH, ProductBatch(products=(_product(price=1.1),)), "$.products[0].price"),  # type: ignore[arg-type]
    "dict for the body": (_CREATE_PRODUCT, {"title": "Кава"}, "body"),
    "another body": (_CREATE_PRODUCT, ShopCreate(title="Т"), "body"),
    "no body": (_CREATE_PRODUCT, None, "body"),
}


@pytest.mark.parametrize("case", _WRONG)
def test_wrong_type_is_refused_by_field(case: str) -> None:
    operation, body, field = _WRONG[case]
    with pytest.raises(InvalidRequestError) as caught:
        _build(operation, body=body)
    assert caught.value.field == field
    assert caught.value.operation == operation.id
    assert str(caught.value).startswith(f"{operation.id}: ")


def test_right_types_pass() -> None:
    body = _receipt(
        title=None,
        tax_amount={"А": Decimal("23.5")},
        items=[_item(price=70, tax_group_id=TaxGroup(77))],
        payment_transactions=[_payment(timestamp=datetime(2026, 10, 25, 3, 30, tzinfo=UTC))],
    )
    assert msgspec.json.decode(_build(_CREATE_RECEIPT, body=body).body or b"") == {
        "total_amount": 1,
        "state": 2,
        "type": 0,
        "title": None,
        "tax_amount": {"А": 23.5},
        "items": [{"name": "Кава", "price": 70, "amount": 1, "quantity": 1, "tax_group_id": 77}],
        "payment_transactions": [
            {"amount": 1, "payment_type_id": 0, "transaction_type_id": 0, "timestamp": "2026-10-25T03:30:00Z"}
        ],
    }


def test_absent_and_null_differ() -> None:
    assert _build(_UPDATE_PRODUCT, id="1", body=ProductUpdate()).body == b"{}"
    assert _build(_UPDATE_PRODUCT, id="1", body=ProductUpdate(number=None)).body == b'{"number":null}'


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_money_is_sent_exactly(price: Decimal) -> None:
    body = _build(_CREATE_PRODUCT, body=_product(price=price)).body or b""
    sent = msgspec.json.decode(body, type=dict[str, msgspec.Raw])["price"]
    assert Decimal(bytes(sent).decode()).as_tuple() == price.as_tuple()


@given(st.floats())
def test_no_float_is_ever_sent(price: float) -> None:
    with pytest.raises(InvalidRequestError):
        _build(_CREATE_PRODUCT, body=_product(price=price))


# --- the address ---


@pytest.mark.parametrize(
    ("id", "path"),
    [
        (37958, "37958"),
        ("f747fbc5", "f747fbc5"),
        ("a/b", "a%2Fb"),
        ("../shops", "..%2Fshops"),
        ("a?b#c", "a%3Fb%23c"),
        ("a\r\nX: y", "a%0D%0AX%3A%20y"),
        ("їжак", "%D1%97%D0%B6%D0%B0%D0%BA"),
        ("{id}", "%7Bid%7D"),
    ],
)
def test_path_value_is_quoted(id: str | int, path: str) -> None:
    assert _build(_GET_PRODUCT, id=id).url == f"{_ADDRESS}/api/v1/inventory/products/{path}"


@pytest.mark.parametrize("id", [None, "", ".", "..", True, 1.5, b"1", UUID(int=1), "\ud800"])
def test_wrong_path_value_is_refused(id: Any) -> None:
    with pytest.raises(InvalidRequestError, match="give the record's id") as caught:
        _build(_GET_PRODUCT, id=id)
    assert caught.value.field == "id"


@given(st.text(st.characters(codec="utf-8"), min_size=1))
def test_any_text_comes_back_from_the_query(text: str) -> None:
    url = _build(_LIST_PRODUCTS, query={"q": text, "page": 2}).url
    assert url.isascii()
    assert url.isprintable()
    assert parse_qsl(urlsplit(url).query, keep_blank_values=True) == [("q", text), ("page", "2")]


def test_query_values_have_their_forms() -> None:
    query = {"is_vat_taxation": True, "fiscalization_enabled": False, "state": None, "per_page": 5}
    url = _build(_LIST_SHOPS, query=query).url
    assert urlsplit(url).query == "is_vat_taxation=true&fiscalization_enabled=false&per_page=5"
    url = _build(_LIST_RECEIPTS, query={"date_start": date(2026, 10, 1), "state": ReceiptState.PAID}).url
    assert urlsplit(url).query == "date_start=2026-10-01&state=2"
    moment = datetime(2026, 10, 1, 9, 30, tzinfo=timezone(timedelta(hours=3)))
    for operation in (_LIST_RECEIPTS, find("GET", "/api/v1/reports/z-reports")):
        url = _build(operation, query={"date_start": moment, "date_end": date(2026, 10, 2)}).url
        assert urlsplit(url).query == "date_start=2026-10-01T09%3A30%3A00%2B03%3A00&date_end=2026-10-02"
    url = _build(_LIST_CATEGORIES, query={"shop_ids": [1, 2]}).url
    assert urlsplit(url).query == "shop_ids%5B%5D=1&shop_ids%5B%5D=2"
    for amount, text in ((Decimal("1E+2"), "100"), (Decimal("0.50"), "0.50"), (7, "7")):
        assert urlsplit(_build(_LIST_RECEIPTS, query={"total_amount": amount}).url).query == f"total_amount={text}"


def test_lists_in_a_query_are_written_item_by_item() -> None:
    operation = replace(_LIST_RECEIPTS, parameters={"ids": "integers", "states": "strings"})
    url = _build(operation, query={"ids": [3, 5], "states": ("a", "b c"), "page": None}).url
    assert parse_qsl(urlsplit(url).query) == [("ids[]", "3"), ("ids[]", "5"), ("states[]", "a"), ("states[]", "b c")]
    assert urlsplit(_build(operation, query={"ids": 3}).url).query == "ids%5B%5D=3"
    for name, wrong in (("ids", [1, "2"]), ("states", ["a", 2])):
        with pytest.raises(InvalidRequestError, match=f"^listReceipts: {name} is ['\"]?2"):
            _build(operation, query={name: wrong})


@pytest.mark.parametrize(
    ("operation", "name", "value"),
    [
        (_LIST_RECEIPTS, "date_start", datetime(2026, 10, 1)),  # noqa: DTZ001  (that is what is wrong with it)
        (_LIST_EMPLOYEES, "birthday", datetime(2026, 10, 1, tzinfo=UTC)),
        (_LIST_RECEIPTS, "date_start", "2026-10-01"),
        (_LIST_RECEIPTS, "shop_id", "13"),
        (_LIST_RECEIPTS, "shop_id", True),
        (_LIST_RECEIPTS, "page", 1.0),
        (_LIST_SHOPS, "is_vat_taxation", 1),
        (_LIST_RECEIPTS, "total_amount", 1.5),
        (_LIST_RECEIPTS, "total_amount", True),
        (_LIST_RECEIPTS, "total_amount", "1"),
        (_LIST_RECEIPTS, "total_amount", Decimal("NaN")),
        (_LIST_RECEIPTS, "total_amount", Decimal("Infinity")),
        (_LIST_SHOPS, "title", 5),
        (_LIST_SHOPS, "title", "\ud800"),
        (_LIST_SHOPS, "titel", "Т"),
    ],
)
def test_wrong_query_is_refused_by_name(operation: Operation[Any], name: str, value: object) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        _build(operation, query={name: value})
    assert caught.value.field == name


@pytest.mark.parametrize("operation", ALL, ids=lambda operation: operation.id)
def test_no_address_keeps_a_placeholder(operation: Operation[Any]) -> None:
    if "{" in operation.path:
        with pytest.raises(InvalidRequestError):
            _build(operation, body=None)
        assert "{" not in operation.path.replace("{id}", "")


@pytest.mark.parametrize("ids", ["7f527f59-bdcb-4bbd-a187-00b6ee7b68f5", None, 5])
async def test_one_value_is_no_list_of_ids(ids: Any) -> None:
    async with SmartKasa(api_key="key") as kasa:
        with pytest.raises(InvalidRequestError, match="give a list"):
            await kasa.products.delete_batch(ids)
