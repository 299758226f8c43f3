"""What the tests of imports share: goods with valid barcodes, and what the sandbox holds of them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from smartkasa_async.catalog.sources.header_matcher import HeaderMatcher
from smartkasa_async.catalog.sources.records import RecordReader
from smartkasa_async.models import ProductCreate

if TYPE_CHECKING:
    from smartkasa_async.sandbox import Sandbox

__all__ = ["MAPPINGS", "PRODUCTS", "barcode", "goods", "stored"]

PRODUCTS = "/api/v1/inventory/products/batch"
MAPPINGS = RecordReader(HeaderMatcher(recognises=False))
"""What turns mappings into cells whose keys are names of fields: all fields in their own order."""


def barcode(number: int) -> str:
    """Make an EAN-8 of a number."""
    digits = f"{number:07}"
    return digits + str(-sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(digits)) % 10)


def goods(count: int) -> list[ProductCreate]:
    """Make products 1 to count, whose price is their number."""
    return [ProductCreate(title=f"Товар {n}", number=barcode(n), price=Decimal(n)) for n in range(1, count + 1)]


def stored(box: Sandbox) -> dict[str, dict[str, Any]]:
    """Return the sandbox's products by their barcodes, each of which must be there once."""
    rows = box.rows("products")
    found = {row["number"]: row for row in rows}
    assert len(found) == len(rows)
    return found
