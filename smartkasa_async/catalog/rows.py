"""Rows of a source as they stand in it, before any check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

import msgspec

from smartkasa_async.catalog.columns import Columns, Field, field_of
from smartkasa_async.models import ProductCreate

__all__ = ["MAPPING_COLUMNS", "Row", "UnreadableRow", "row_from_item"]


class UnreadableRow(msgspec.Struct, frozen=True):
    """Stands for a row whose fields cannot be told apart.

    Attributes:
        reason: What the reader stumbled on.
    """

    reason: str


class Row(NamedTuple):
    """One row of a source.

    Attributes:
        number: Number of the row, from 1, headers and blank lines not counted.
        line: Line of the file on which the row begins; the row's number where the source is not a file.
        content: Cells in the order of the source's columns, or a product that the caller has made.
    """

    number: int
    line: int
    content: Sequence[str] | ProductCreate | UnreadableRow


MAPPING_COLUMNS = Columns(tuple(Field), {field: position for position, field in enumerate(Field)}, ())
"""Columns of rows that are made from mappings: all fields in their own order."""


def row_from_item(number: int, item: object) -> Row:
    """Make a row of what a caller's iterable gives.

    Args:
        number: Number of the item, from 1.
        item: A product, or a mapping from headers or names of fields to values. Other keys are left alone.

    Raises:
        TypeError: The item is neither.
        ValueError: Two keys of the mapping mean one field.
    """
    if isinstance(item, ProductCreate):
        return Row(number, number, item)
    if not isinstance(item, Mapping):
        raise TypeError(f"Item {number} of the source is {type(item).__name__}; give ProductCreate or a mapping")
    cells = [""] * len(MAPPING_COLUMNS.headers)
    keys: dict[Field, object] = {}
    for key, value in item.items():
        field = field_of(str(key))
        if field is None:
            continue
        if field in keys:
            raise ValueError(
                f"Item {number} of the source: keys «{keys[field]}» and «{key}» both mean {field}; leave one of them"
            )
        keys[field] = key
        cells[MAPPING_COLUMNS.positions[field]] = _text(value)
    return Row(number, number, cells)


def _text(value: object) -> str:
    """Write a value as a file would; numbers without trailing zeros, since they are exact already."""
    if value is None:
        return ""
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, int):
        return str(int(value))
    return str(value)
