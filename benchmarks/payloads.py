"""Canned answers: a shop, a page of 100 receipts with 5 items and 2 payments each, and the ids of 100 products."""

from __future__ import annotations

import json
from typing import Any

from benchmarks.peers.calls.requests import BATCH_PATH, PAGE_PATH, PRODUCTS, SHOP_PATH, make_id

__all__ = ["ANSWERS", "EMPTY_LIST", "RECEIPT", "SHOP", "UNIT_TYPES", "encoded"]

_RECEIPTS, _ITEMS, _PAYMENTS = 100, 5, 2
_TIME = "2026-10-05T17:26:14.730+00:00"


def _shop() -> dict[str, Any]:
    return {
        "id": 37971,
        "business_category_id": 1,
        "created_at": _TIME,
        "email": "shop@example.com",
        "employees_count": 4,
        "fiscal_numbers": [],
        "fiscalization_enabled": True,
        "is_excise_taxation": False,
        "is_vat_taxation": True,
        "owner_id": 1,
        "phone_number": "380971234567",
        "state": 0,
        "terminals_count": 2,
        "title": "Крамниця на Подолі",
        "updated_at": _TIME,
        "website_url": None,
    }


def _item(receipt: int, position: int) -> dict[str, Any]:
    return {
        "id": make_id(receipt, "item", position),
        "amount": "246.75",
        "classifier_code": None,
        "classifier_type_id": 0,
        "created_at": _TIME,
        "description": "",
        "discount_amount": None,
        "is_free_price": False,
        "is_product": True,
        "name": "Кава в зернах, 1 кг",
        "price": "70.5",
        "product_id": make_id("product", position),
        "quantity": "3.5",
        "receipt_id": make_id(receipt),
        "sku": None,
        "sold_by_weight": False,
        "stock_item_id": 1,
        "tax_group_id": 1,
        "unit_type_id": 2009,
        "unit_type_name": "шт",
        "updated_at": _TIME,
    }


def _payment(receipt: int, position: int) -> dict[str, Any]:
    return {
        "id": make_id(receipt, "payment", position),
        "amount": "616.88",
        "approval_code": None,
        "batch": None,
        "change_amount": "0.0",
        "created_at": _TIME,
        "deposit_amount": "616.88",
        "description": None,
        "pan": None,
        "pan_hash": None,
        "payload": None,
        "payment_type_id": 0,
        "receipt_id": make_id(receipt),
        "result_code": None,
        "rrn": "162Q560ZQ3I174JY431",
        "signature": False,
        "stan": None,
        "state": 1,
        "timestamp": _TIME,
        "transaction_type_id": position,
        "updated_at": _TIME,
    }


def _receipt(number: int) -> dict[str, Any]:
    return {
        "id": make_id(number),
        "cashier_name": "Касир 1",
        "created_at": _TIME,
        "description": None,
        "discount_amount": "0.0",
        "discount_percentage": "0.0",
        "discount_type_id": 0,
        "fiscal_number": str(16773376 + number),
        "is_hidden": False,
        "items": [_item(number, position) for position in range(_ITEMS)],
        "offline_id": 0,
        "offline_local_number": None,
        "offline_seed": "",
        "payment_transactions": [_payment(number, position) for position in range(_PAYMENTS)],
        "previous_receipt_hash": None,
        "registrar_fiscal_number": "4000026885",
        "registrar_local_number": None,
        "related_fiscal_number": None,
        "rounding_amount": "0.0",
        "seller_id": 0,
        "shift_id": make_id("shift"),
        "shop_id": 13,
        "state": 2,
        "tax_amount": {"А": 20563},
        "terminal_id": None,
        "terminal_shift_id": None,
        "title": "",
        "total_amount": "1233.75",
        "type": 0,
        "updated_at": _TIME,
    }


def encoded(data: object, meta: object) -> bytes:
    """Write an answer."""
    return json.dumps({"data": data, "meta": meta}, ensure_ascii=False, separators=(",", ":")).encode()


_META = {
    "current_page": 1,
    "next_page": None,
    "prev_page": None,
    "total_pages": 1,
    "total_count": _RECEIPTS,
    "limit_value": _RECEIPTS,
    "offset_value": 0,
}

SHOP = _shop()
"""A shop as the service answers it."""

RECEIPT = _receipt(0)
"""A receipt of 13, with 5 items and 2 payments."""

ANSWERS: dict[str, bytes] = {
    SHOP_PATH: encoded(SHOP, {}),
    PAGE_PATH: encoded([_receipt(number) for number in range(_RECEIPTS)], _META),
    BATCH_PATH: encoded([{"id": make_id("product", number)} for number in range(len(PRODUCTS))], {}),
}
"""Bodies by path, without the query."""

EMPTY_LIST = encoded([], _META | {"total_pages": 0, "total_count": 0})
"""A numbered list that has nothing."""

_UNITS = ((2009, "Штука", "шт", False), (301, "Кілограм", "кг", True))
UNIT_TYPES = encoded(
    [
        {"id": code, "code": code, "is_visible": True, "is_weighted": weighted, "name": name, "short_name": short}
        for code, name, short, weighted in _UNITS
    ],
    {"total_count": len(_UNITS)},
)
"""The units of measure that price lists use most."""
