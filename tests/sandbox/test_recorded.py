"""The sandbox against the recorded facts: every operation's keys and types, and every refusal, to the letter.

The facts stand outside the project; the environment variable SMARTKASA_REFERENCE names their folder.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any

import aiohttp
import pytest

from smartkasa_async.sandbox import Sandbox
from tests.support.calling import Caller, two_of_each, uuid
from tests.support.reference import NEEDS_REFERENCE, reference_file

pytestmark = NEEDS_REFERENCE

OPERATIONS = reference_file("operations.json")

_PRODUCT = {
    "number": "6930426566",
    "title": "Кава в зернах 1 кг",
    "unit_type_id": 0,
    "portion_amount": 1000,
    "portion_type_id": 0,
    "price": 299.99,
    "procurement_price": 150.0,
    "classifier_type_id": 2,
    "classifier_code": "543210123456789",
    "tax_group_id": 1,
    "category_id": uuid(1),
    "category_type_id": 2201372,
    "sold_by_weight": False,
    "bookmark_ids": [],
    "user_id": 103930,
    "owner_id": 103929,
}
_SHOP = {
    "title": "Крамниця",
    "email": "shop@example.com",
    "phone_number": "0971234567",
    "state": 0,
    "website_url": "https://example.com",
    "business_category_id": 1,
    "fiscal_numbers": [],
    "fiscalization_enabled": False,
    "is_vat_taxation": True,
    "is_excise_taxation": False,
    "address": {"zip_code": "01001", "city_name": "Київ", "content": "вул. Хрещатик, 1"},
}
_FILE = {"id": "uploads/cache/ed9c", "filename": "test.png", "mime_type": "image/png", "size": 8132}
_EMPLOYEE = {
    "avatar": _FILE,
    "email": "bo@example.com",
    "first_name": "Віктор",
    "middle_name": "Іванович",
    "last_name": "Лагойда",
    "phone_number": "0971234567",
    "inn": "1234567891",
    "pin_code": "1123",
    "passport_serial": "SN",
    "passport_number": "123456",
    "role_id": 1,
    "address_actual": {"zip_code": "08800", "content": "пров. Вічева, 5"},
    "address_legal": {"zip_code": "08132", "content": "пр. Нижанківського, 196"},
    "birthday": "1980-01-01",
    "joined_at": "2012-01-01",
    "gender_type_id": 1,
    "notes": "Касирка вихідного дня",
    "additional_phone_number": "0971234568",
}
_RECEIPT = {
    "title": "Покупка",
    "total_amount": 145,
    "state": 2,
    "type": 0,
    "discount_amount": 15,
    "seller_id": 1,
    "shift_id": None,
    "fiscal_number": "123456789012345",
    "registrar_fiscal_number": "123456789054321",
    "cashier_name": "Олена",
    "description": "Звичайний продаж",
    "tax_amount": {"А": 23.5},
    "is_hidden": False,
    "items": [
        {
            "name": "Кава",
            "price": 70.5,
            "amount": 246.75,
            "quantity": 3.5,
            "sku": "COFFEE-001",
            "tax_group_id": 1,
            "is_product": True,
            "product_id": uuid(1),
            "stock_item_id": 1,
            "unit_type_id": 0,
            "description": "250 г",
        }
    ],
}
_CATEGORY = {"title": "Напої", "color": 2}
_BATCH_PRODUCT = {name: value for name, value in _PRODUCT.items() if name not in {"user_id", "owner_id"}}

BODIES: dict[str, Any] = {
    "PUT /pos/terminals/{id}": {"id": 1, "name": "Каса 1", "shop_id": 1},
    "POST /rsn/shops": _SHOP,
    "PUT /rsn/shops/{id}": _SHOP,
    "POST /rsn/employees": _EMPLOYEE,
    "PUT /rsn/employees/{id}": _EMPLOYEE,
    "POST /inventory/categories": _CATEGORY,
    "PUT /inventory/categories/{id}": _CATEGORY,
    "POST /inventory/products": _PRODUCT,
    "PATCH /inventory/products/{id}": _PRODUCT,
    "POST /inventory/cards": {"product_id": uuid(1), "shop_id": 1, "counting_enabled": True, "count": 5.0},
    "PUT /inventory/cards/{id}": {"id": 1, "shop_id": 1, "counting_enabled": True, "count": 9.99},
    "POST /inventory/product_subgroups": {"title": "Безалкогольні"},
    "PUT /inventory/product_subgroups/{id}": {"id": 1, "title": "Алкогольні"},
    "POST /inventory/categories/batch": {"categories": [_CATEGORY] * 3},
    "DELETE /inventory/categories/batch": {"ids": [uuid(1), uuid(2)]},
    "POST /inventory/products/batch": {"products": [_BATCH_PRODUCT] * 3},
    "DELETE /inventory/products/batch": {"ids": [uuid(1), uuid(2)]},
    "POST /inventory/import_products": {"url": "https://s3.example.com/products.json", "category_id": uuid(1)},
    "POST /pos/receipts": _RECEIPT,
    "PUT /pos/receipts/{id}": _RECEIPT,
    "POST /pos/receipts/batch": {"receipts": [_RECEIPT] * 3},
    "DELETE /pos/receipts/batch": {"ids": [uuid(1)]},
}

BAD_BODIES: dict[str, Any] = {
    "POST /auth/sessions": {"phone_number": "380000000000", "password": "wrong"},
    "PUT /pos/terminals/{id}": {"shop_id": "wrong"},
    "POST /rsn/shops": _SHOP | {"title": ""},
    "PUT /rsn/shops/{id}": {"title": ""},
    "POST /rsn/employees": _EMPLOYEE | {"first_name": ""},
    "PUT /rsn/employees/{id}": {"first_name": ""},
    "POST /inventory/categories": _CATEGORY | {"title": ""},
    "POST /inventory/products": _PRODUCT | {"title": ""},
    "POST /inventory/cards": {"product_id": uuid(9), "shop_id": 1},
    "PUT /inventory/cards/{id}": {"product_id": uuid(9)},
    "POST /inventory/product_subgroups": {"title": ""},
    "POST /inventory/categories/batch": {"categories": [_CATEGORY, {"title": ""}]},
    "POST /inventory/products/batch": {"products": [_BATCH_PRODUCT, _BATCH_PRODUCT | {"title": ""}]},
    "POST /inventory/import_products": {"url": "", "category_id": ""},
    "POST /pos/receipts": _RECEIPT | {"total_amount": "wrong"},
    "PUT /pos/receipts/{id}": {"total_amount": "wrong"},
    "POST /pos/receipts/batch": {"receipts": [_RECEIPT | {"total_amount": "wrong"}]},
}


def _name(operation: dict[str, Any]) -> str:
    return f"{operation['method']} {operation['path'].removeprefix('/api/v1')}"


def _address(operation: dict[str, Any]) -> str:
    path = str(operation["path"]).removeprefix("/api/v1")
    numbered = any(area in path for area in ("terminals", "rsn", "cards", "subgroups", "import_products"))
    return path.replace("{id}", "1" if numbered else uuid(1))


async def _answers(operation: dict[str, Any]) -> tuple[Any, Any]:
    """Call an operation on a fresh sandbox: with a good request, and with one that it refuses."""
    async with Sandbox() as box, aiohttp.ClientSession() as session:
        world = two_of_each()
        box.load(world)
        caller = Caller(box, session)
        pair = await caller.login()
        name, address = _name(operation), _address(operation)
        spent = caller.headers | {"Authorization": "Bearer spent"}
        if name == "POST /auth/refresh":
            refused = await caller("POST", address, status=None, headers=spent)
            good = {"X-API-KEY": box.api_key, "X-Refresh-Token": pair["refresh"]}
            return await caller("POST", address, status=201, headers=good), refused
        if name == "POST /auth/sessions":
            refused = await caller("POST", address, BAD_BODIES[name], status=None)
            return {"data": await caller.login(), "meta": {}}, refused
        if 401 in operation["statuses"]:
            refused = await caller(operation["method"], address, status=None, headers=spent)
        elif name == "DELETE /pos/terminals/{id}":
            world.rows["shifts"][0]["state"] = 0
            box.load(world)
            refused = await caller("DELETE", address, status=None)
            world.rows["shifts"][0]["state"] = 1
            box.load(world)
        else:
            refused = await caller(operation["method"], address, BAD_BODIES.get(name), status=None)
            box.load(world)
        return await caller(operation["method"], address, BODIES.get(name), status=operation["statuses"][0]), refused


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    kinds = {bool: "boolean", int: "number", float: "number", str: "string", list: "array", dict: "object"}
    return kinds[type(value)]


def _walk(value: Any, path: str, found: dict[str, list[Any]]) -> None:
    found.setdefault(path, []).append(value)
    if isinstance(value, list):
        for element in value:
            _walk(element, f"{path}[]", found)
    elif isinstance(value, dict):
        below = "<letter>" if path.endswith("tax_amount") else ""
        for key, inner in value.items():
            _walk(inner, f"{path}.{below or key}", found)


def _fits(value: Any, recorded: str) -> bool:
    """Tell whether a value is of the recorded type; where only null was recorded, anything may come."""
    if value is None or recorded == "null":
        return True
    for kind in recorded.split("|"):
        base, _, shape = kind.partition("(")
        if _kind(value) != base.replace("integer", "number"):
            continue
        if shape == "decimal)" and not re.fullmatch(r"-?\d+\.(0|\d*[1-9])", value):
            continue
        if shape == "date-time)" and not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d", value):
            continue
        return True
    return False


@pytest.fixture(scope="module")
def answers() -> dict[str, tuple[Any, Any]]:
    async def gather() -> dict[str, tuple[Any, Any]]:
        return {_name(operation): await _answers(operation) for operation in OPERATIONS}

    return asyncio.run(gather())


def test_all_operations_are_recorded() -> None:
    assert len(OPERATIONS) == 56


@pytest.mark.parametrize("operation", OPERATIONS, ids=_name)
def test_answer_has_the_recorded_keys_and_types(operation: dict[str, Any], answers: dict[str, tuple[Any, Any]]) -> None:
    found: dict[str, list[Any]] = {}
    body, _ = answers[_name(operation)]
    for key in ("data", "meta"):
        _walk(body[key], key, found)
    recorded = {entry["path"].replace("?", ""): entry["type"] for entry in operation["response_fields"]}
    opaque = tuple(f"{path}." for path, kind in recorded.items() if kind == "null")
    assert {path for path in found if not path.startswith(opaque)} == set(recorded)
    assert not [path for path, kind in recorded.items() if not all(_fits(value, kind) for value in found[path])]


@pytest.mark.parametrize("operation", [one for one in OPERATIONS if one["errors"]], ids=_name)
def test_refusal_is_recorded_to_the_letter(operation: dict[str, Any], answers: dict[str, tuple[Any, Any]]) -> None:
    _, refused = answers[_name(operation)]
    assert refused == operation["errors"][0]["body"]


def test_money_is_checked_by_shape() -> None:
    assert _fits("7829.0", "string(decimal)")
    assert not _fits("7829.00", "string(decimal)")
    assert not _fits(7829.0, "string(decimal)")
