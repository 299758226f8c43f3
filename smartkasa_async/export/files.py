"""Files of an export in each format."""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from contextlib import suppress
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec
from sqlalchemy import Boolean, Date, Integer, Text

from smartkasa_async._support.files import close_to_disk
from smartkasa_async._support.spreadsheets import EXCEL_ENCODING, excel_writer, seen_cell
from smartkasa_async.export.columns import arrow_form, csv_form
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

    @staticmethod
    def form(column: ColumnElement[Any], dialect: str) -> ColumnElement[Any]:  # noqa: ARG004
        """Return a column in the form in which the file is given its values.

        Args:
            column: The column.
            dialect: Name of the database's kind.
        """
        return column

    @abstractmethod
    def _write(self, rows: Sequence[Sequence[Any]]) -> None: ...

    @abstractmethod
    def _end(self) -> None:
        """Write what is still to come after the last row."""


_REMEMBERED = 16_384
"""Numbers whose text is remembered: prices and quantities of a shop come again and again."""


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
        self._cells = [_cells(column.type) for column in columns.values()]

    form = staticmethod(csv_form)

    def _write(self, rows: Sequence[Sequence[Any]]) -> None:
        columns = (
            column if write is None else [None if value is None else write(value) for value in column]
            for column, write in zip(zip(*rows, strict=True), self._cells, strict=True)
        )
        self._writer.writerows(zip(*columns, strict=True))

    def _end(self) -> None:
        self._text.flush()


def _cells(type_: TypeEngine[Any]) -> Callable[[Any], str] | None:
    """Choose what writes a value into a cell; None where `csv_form` leaves nothing to do."""
    if isinstance(type_, ExactDecimal):
        return _decimal_comma(type_.scale)
    return None if isinstance(type_, Integer | Boolean | Date | UtcDateTime) else seen_cell


@cache
def _decimal_comma(scale: int) -> Callable[[int], str]:
    """Make the function that writes a whole number of the smallest unit with a comma, without zeros at its end."""
    unit = 10**scale

    @lru_cache(_REMEMBERED)
    def write(number: int) -> str:
        whole, part = divmod(abs(number), unit)
        sign = "-" if number < 0 else ""
        return f"{sign}{whole},{part:0{scale}}".rstrip("0").rstrip(",")

    return write


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

    form = staticmethod(arrow_form)

    def _write(self, rows: Sequence[Sequence[Any]]) -> None:
        values = zip(*rows, strict=True)
        arrays = [self._array(column, field.type) for column, field in zip(values, self._schema, strict=True)]
        self._writer.write_table(self._arrow.Table.from_arrays(arrays, schema=self._schema))

    def _array(self, column: Sequence[Any], type_: Any) -> Any:
        arrow = self._arrow
        if not arrow.types.is_decimal(type_):
            return arrow.array(column).cast(type_)
        # Whole numbers of the smallest unit are what stands in memory: no more than the point is put in.
        whole = arrow.array(column, arrow.int64()).cast(arrow.decimal128(_INT64_DIGITS, 0))
        return arrow.Array.from_buffers(type_, len(whole), whole.buffers(), whole.null_count)

    def _end(self) -> None:
        self._writer.close()


_DECIMAL_DIGITS = 18
_INT64_DIGITS = 19


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
