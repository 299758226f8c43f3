"""What products and cards have, as a plan writes it: amounts as text, all else as JSON has it."""

from __future__ import annotations

from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

import msgspec

from smartkasa_async._support.money import hryvnias, without_zeros
from smartkasa_async.catalog.sources.fields import PRICES, Field
from smartkasa_async.models import Product, ProductUpdate

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from smartkasa_async.models import StockCard
    from smartkasa_async.plans.plan import PlanKind

_NEVER_PLANNED = frozenset({*PRICES, "id", "picture", "user_id", "owner_id"})

PLANNED_FIELDS: dict[PlanKind, frozenset[str]] = {
    "prices": frozenset(PRICES),
    "stock": frozenset({Field.COUNT}),
    "catalog": frozenset({*ProductUpdate.__struct_fields__} & {*Product.__struct_fields__}) - _NEVER_PLANNED,
}
"""What each kind of plan can change."""


def plain(name: str, value: Any) -> Any:
    """Write the value of a field.

    Args:
        name: Name of the field.
        value: What a struct, or the kept catalogue, has there.
    """
    if value is None or value is msgspec.UNSET:
        return None
    if name in PRICES:
        return hryvnias(Decimal(value))
    if name == Field.COUNT:
        return without_zeros(Decimal(value))
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, list):
        return [f"{each}" for each in value]
    return value


def fields_of(record: Product | StockCard, names: Collection[str]) -> dict[str, Any]:
    """Read fields of a product or card."""
    return {name: plain(name, getattr(record, name)) for name in names}


def product_update(fields: Mapping[str, Any]) -> ProductUpdate:
    """Make the request that gives a product these fields.

    Raises:
        msgspec.ValidationError: The service takes no such value, such as none for a price.
    """
    return msgspec.convert(dict(fields), ProductUpdate, strict=False)
