"""Files of an export in each format."""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec
from sqlalchemy import Boolean, Date, Integer, Text

from smartkasa_async._support.files import close_to_disk
from smartkasa_async._support.spreadsheets import EXCEL_ENCODING, excel_writer, seen_cell
from smartkasa_async.stores.schema import ExactDecimal, UtcDateTime

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from sqlalchemy import ColumnElement
    from sqlalchemy.types import TypeEngine


class ExportFile(ABC):
    """A file that rows are written into.

    Attributes:
        suffix: How the names of such files end.
        rows: Number of rows written.
    """

    suffix: ClassVar[str]

    def __init__(self, path: Path, columns: Mapping[str, ColumnElement[Any]]) -> None:
        """Begin the file.

        Args:
            path: Where it will be; its folder is made.
            columns: Columns by their names.

        Raises:
            OSError: The file cannot be written.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        self.rows: int = 0
        self._columns = columns
        self._file = path.open("wb")

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        """Write rows, each with a value for each column."""
        self._write(rows)
        self.rows += len(rows)

    def finish(self) -> None:
        """End the file and make sure that the disk has it."""
        self._end()
        close_to_disk(self._file)

    def abandon(self) -> None:
        """Close the file however far it is; it is of no use."""
        with suppress(OSError):
            self._end()
        with suppress(OSError):
            self._file.close()

    @abstractmethod
    def _write(self, rows: Sequence[Sequence[Any]]) -> None: ...

    @abstractmethod
    def _end(self) -> None:
        """Write what is still to come after the last row."""


class CsvFile(ExportFile):
    r"""A table that a Ukrainian Excel opens: UTF-8 with a byte order mark, semicolons, decimal commas.

    Cells that Excel would run as formulas, or shorten as in `4,82E+12`, are marked as text by an apostrophe; control
    characters are written as `\x1b`. Times are ISO 8601 in UTC, true and false are 1 and 0, what is absent is empty.
    """

    suffix = "csv"

    def __init__(self, path: Path, columns: Mapping[str, ColumnElement[Any]]) -> None:
        super().__init__(path, columns)
        self._text = io.TextIOWrapper(self._file, encoding=EXCEL_ENCODING, newline="")
        self._writer = excel_writer(self._text)
        self._writer.writerow(columns)

    def _write(self, rows: Sequence[Sequence[Any]]) -> None:
        self._writer.writerows([_cell(value) for value in row] for row in rows)

    def _end(self) -> None:
        self._text.flush()


def _cell(value: object) -> object:
    write = _CELLS.get(type(value))
    return write(value) if write else value


def _decimal_comma(value: Decimal) -> str:
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", ",")


def _iso(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


_CELLS: dict[type, Callable[[Any], object]] = {
    str: seen_cell,
    Decimal: _decimal_comma,
    datetime: _iso,
    date: date.isoformat,
    bool: int,
}


class JsonlFile(ExportFile):
    """One JSON object in each line; decimals are strings, as the service writes them, and times ISO 8601 in UTC.

    The JSON of a record stands in `raw`, on the same line; one that is in parts no text stands there as a string.
    """

    suffix = "jsonl"

    def __init__(self, path: Path, columns: Mapping[str, ColumnElement[Any]]) -> None:
        super().__init__(path, columns)
        self._encoder = msgspec.json.Encoder()

    def _write(self, rows: Sequence[Sequence[Any]]) -> None:
        records = [dict(zip(self._columns, row, strict=True)) for row in rows]
        if "raw" in self._columns:
            for record in records:
                if record["raw"] is not None:
                    record["raw"] = _on_one_line(record["raw"])
        self._file.write(self._encoder.encode_lines(records))

    def _end(self) -> None:
        """Write nothing: each line is whole."""


def _on_one_line(raw: str) -> object:
    try:
        return msgspec.Raw(msgspec.json.format(raw, indent=-1).encode())
    except msgspec.DecodeError:  # bytes that were no UTF-8 stand in it as \\xd0
        return raw


class ParquetFile(ExportFile):
    """Columns with their types: decimal128 for money and quantities, timestamps in UTC to the microsecond, date32.

    It is written by pyarrow, which the extra `parquet` brings.
    """

    suffix = "parquet"

    def __init__(self, path: Path, columns: Mapping[str, ColumnElement[Any]]) -> None:
        import pyarrow as pa  # type: ignore[import-untyped]  # noqa: PLC0415
        import pyarrow.parquet as pq  # type: ignore[import-untyped]  # noqa: PLC0415

        super().__init__(path, columns)
        self._arrow = pa
        self._schema = pa.schema([(name, _arrow_type(pa, column.type)) for name, column in columns.items()])
        self._writer = pq.ParquetWriter(self._file, self._schema)

    def _write(self, rows: Sequence[Sequence[Any]]) -> None:
        values = zip(*rows, strict=True)
        arrays = [self._arrow.array(column, field.type) for column, field in zip(values, self._schema, strict=True)]
        self._writer.write_table(self._arrow.Table.from_arrays(arrays, schema=self._schema))

    def _end(self) -> None:
        self._writer.close()


_DECIMAL_DIGITS = 18


def _arrow_type(arrow: Any, type_: TypeEngine[Any]) -> Any:
    if isinstance(type_, ExactDecimal):
        return arrow.decimal128(_DECIMAL_DIGITS, type_.scale)
    types: dict[type[TypeEngine[Any]], Any] = {
        UtcDateTime: arrow.timestamp("us", "UTC"),
        Date: arrow.date32(),
        Boolean: arrow.bool_(),
        Integer: arrow.int64(),
        Text: arrow.string(),
    }
    return next(chosen for sql, chosen in types.items() if isinstance(type_, sql))
