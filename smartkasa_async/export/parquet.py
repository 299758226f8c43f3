"""Parquet files, by the package pyarrow, which the extra `parquet` brings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
from sqlalchemy import Boolean, Date, Integer, Text

from smartkasa_async.export.files import ExportFile
from smartkasa_async.stores.types import ExactDecimal, UtcDateTime

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sqlalchemy import ColumnElement
    from sqlalchemy.types import TypeEngine

_DIGITS = 18


class ParquetFile(ExportFile):
    """Columns with their types: decimal128 for money and quantities, timestamps in UTC to the microsecond, date32."""

    suffix = "parquet"

    def __init__(self, path: Path, columns: Mapping[str, ColumnElement[Any]]) -> None:
        super().__init__(path, columns)
        self._schema = pa.schema([(name, _arrow_type(column.type)) for name, column in columns.items()])
        self._writer = pq.ParquetWriter(self._file, self._schema)

    def _write(self, rows: Sequence[Sequence[Any]]) -> None:
        values = zip(*rows, strict=True)
        arrays = [pa.array(column, field.type) for column, field in zip(values, self._schema, strict=True)]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))

    def _end(self) -> None:
        self._writer.close()


def _arrow_type(type_: TypeEngine[Any]) -> pa.DataType:
    if isinstance(type_, ExactDecimal):
        return pa.decimal128(_DIGITS, type_.scale)
    return next(arrow for sql, arrow in _TYPES.items() if isinstance(type_, sql))


_TYPES: dict[type[TypeEngine[Any]], pa.DataType] = {
    UtcDateTime: pa.timestamp("us", "UTC"),
    Date: pa.date32(),
    Boolean: pa.bool_(),
    Integer: pa.int64(),
    Text: pa.string(),
}
