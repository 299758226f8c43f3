"""What the contenders ask for and send; apart from the answers, since making those changes how malloc works."""

from __future__ import annotations

import uuid
from typing import Any

__all__ = ["BATCH_PATH", "PAGE_PATH", "PRODUCTS", "SHOP_PATH", "make_id"]

SHOP_PATH = "/api/v1/rsn/shops/37971"
PAGE_PATH = "/api/v1/pos/receipts"
BATCH_PATH = "/api/v1/inventory/products/batch"


def make_id(*parts: object) -> str:
    """Make an id as the service's look, the same one for the same parts."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, "/".join(map(str, parts))))


PRODUCTS: list[dict[str, Any]] = [
    {
        "title": f"Кава в зернах {number}, 1 кг",
        "remote_id": f"{number:08d}",
        "number": f"48200000{number:05d}",
        "price": "70.5",
        "procurement_price": "50.25",
        "sold_by_weight": False,
        "unit_type_id": 2009,
        "tax_group_id": 2,
        "category_id": make_id("category"),
    }
    for number in range(100)
]
"""The products of a batch, as JSON has them."""
