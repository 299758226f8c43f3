"""Rows of a store as columns of Arrow, which pyarrow holds; the extra `parquet` brings it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, Date, Integer, String

from smartkasa_async._support.extras import naming_extras
from smartkasa_async.stores.schema import MONEY_SCALE, ExactDecimal, UtcDateTime

with naming_extras():
    import pyarrow as pa  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.types import TypeEngine

_DECIMAL_DIGITS = 18
_INT64_DIGITS = 19


class ArrowColumns:
    """Makes tables of Arrow of rows whose columns were selected in the form of `arrow_form`.

    Attributes:
        schema: Names and types: decimal128 for money and quantities, timestamps in UTC to the microsecond, date32.
            The metadata of a column say that it is in hryvnias, or of days in Kyiv.
    """

    def __init__(self, columns: Mapping[str, ColumnElement[Any]]) -> None:
        """Name the columns.

        Args:
            columns: Columns by their names.
        """
        self.schema: Any = pa.schema([_field(name, column.type) for name, column in columns.items()])

    def table(self, rows: Sequence[Sequence[Any]]) -> Any:
        """Return a table of rows, each with a value for each column."""
        if not rows:
            return self.schema.empty_table()
        values = zip(*rows, strict=True)
        arrays = [_array(column, field.type) for column, field in zip(values, self.schema, strict=True)]
        return pa.Table.from_arrays(arrays, schema=self.schema)


def _array(column: Sequence[Any], type_: Any) -> Any:
    if not pa.types.is_decimal(type_):
        return pa.array(column).cast(type_)
    # Whole numbers of the smallest unit are what stands in memory: no more than the point is put in.
    whole = pa.array(column, pa.int64()).cast(pa.decimal128(_INT64_DIGITS, 0))
    return pa.Array.from_buffers(type_, len(whole), whole.buffers(), whole.null_count)


def _field(name: str, type_: TypeEngine[Any]) -> Any:
    if isinstance(type_, ExactDecimal):
        unit = {"unit": "hryvnias"} if type_.scale == MONEY_SCALE else None
        return pa.field(name, pa.decimal128(_DECIMAL_DIGITS, type_.scale), metadata=unit)
    types: dict[type[TypeEngine[Any]], Any] = {
        UtcDateTime: pa.timestamp("us", "UTC"),
        Date: pa.date32(),
        Boolean: pa.bool_(),
        Integer: pa.int64(),
        String: pa.string(),
    }
    arrow_type = next(chosen for sql, chosen in types.items() if isinstance(type_, sql))
    zone = {"time_zone": "Europe/Kyiv"} if isinstance(type_, Date) else None
    return pa.field(name, arrow_type, metadata=zone)
