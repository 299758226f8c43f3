"""Files of an export in each format."""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from contextlib import suppress
from datetime import UTC, datetime
from traceback import walk_tb
from typing import TYPE_CHECKING, Any, ClassVar
from zipfile import ZipFile

import msgspec
from sqlalchemy import Boolean, Date, Integer, Text

from smartkasa_async._i18n.message import msg
from smartkasa_async._support.files import close_to_disk
from smartkasa_async._support.spreadsheets import EXCEL_ENCODING, excel_writer, seen_cell
from smartkasa_async.records.days import KYIV
from smartkasa_async.stores.errors import StoreError
from smartkasa_async.stores.forms import arrow_form, csv_form
from smartkasa_async.stores.schema import MONEY_SCALE, ExactDecimal, UtcDateTime

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from sqlalchemy import ColumnElement
    from sqlalchemy.types import TypeEngine


class ExportFile(ABC):
    """A file that rows are written into.

    Attributes:
        suffix: How the names of such files end.
        rows_at_once: How many rows are best written at once.
        rows: Number of rows written.
    """

    suffix: ClassVar[str]
    rows_at_once: ClassVar[int] = 2_000

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
        self._cells = _cell_writer([column.type for column in columns.values()])

    form = staticmethod(csv_form)

    def _write(self, rows: Sequence[Sequence[Any]]) -> None:
        self._writer.writerows(self._cells(rows))

    def _end(self) -> None:
        self._text.flush()


def _cell_writer(types: Sequence[TypeEngine[Any]]) -> Callable[[Sequence[Sequence[Any]]], list[tuple[Any, ...]]]:
    """Make the function that turns rows, as `csv_form` gives their columns, into rows of cells.

    It is compiled, as the readers of records are: going through columns takes twice as long.
    """
    names = [f"value_{index}" for index in range(len(types))]
    cells = (_cell(name, type_) for name, type_ in zip(names, types, strict=True))
    decimals = {
        f"decimal_{scale}": _DecimalCommas(scale) for scale in {t.scale for t in types if isinstance(t, ExactDecimal)}
    }
    code = f"lambda rows: [({', '.join(cells)},) for {', '.join(names)}, in rows]"
    return eval(code, {"seen_cell": seen_cell, **decimals})  # type: ignore[no-any-return]  # noqa: S307  (names of this function)


def _cell(name: str, type_: TypeEngine[Any]) -> str:
    """Write the code of a cell; an absent text is None, and no empty one is marked."""
    if isinstance(type_, ExactDecimal):
        return f"decimal_{type_.scale}[{name}]"
    return name if isinstance(type_, Integer | Boolean | Date | UtcDateTime) else f"{name} and seen_cell({name})"


class _DecimalCommas(dict[int | None, str | None]):
    """Whole numbers of the smallest unit, written with a comma and without zeros at their end; None stays None."""

    def __init__(self, scale: int) -> None:
        super().__init__()
        self._scale, self._unit = scale, 10**scale

    def __missing__(self, number: int | None) -> str | None:
        if number is None:
            return None
        if len(self) >= _REMEMBERED:
            self.clear()
        whole, part = divmod(abs(number), self._unit)
        sign = "-" if number < 0 else ""
        text = self[number] = f"{sign}{whole},{part:0{self._scale}}".rstrip("0").rstrip(",")
        return text


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
    rows_at_once = 10_000  # of a row group

    def __init__(self, path: Path, columns: Mapping[str, ColumnElement[Any]]) -> None:
        import pyarrow.parquet as pq  # type: ignore[import-untyped]  # noqa: PLC0415  (of an extra, as below)

        from smartkasa_async.stores.arrow import ArrowColumns  # noqa: PLC0415

        super().__init__(path, columns)
        self._arrow = ArrowColumns(columns)
        self._writer = pq.ParquetWriter(self._file, self._arrow.schema)

    form = staticmethod(arrow_form)

    def _write(self, rows: Sequence[Sequence[Any]]) -> None:
        self._writer.write_table(self._arrow.table(rows))

    def _end(self) -> None:
        self._writer.close()


_MOST_ROWS = 1_048_576
"""Of a sheet, with its header."""


class XlsxFile(ExportFile):
    """A workbook with one sheet, which is an Excel table of numbers, dates and texts; nothing in it is a formula.

    Times are Kyiv's, since Excel knows no time zones. Excel keeps 15 digits of a number. It is written by XlsxWriter,
    which the extra `workbook` brings, row by row.
    """

    suffix = "xlsx"

    def __init__(self, path: Path, columns: Mapping[str, ColumnElement[Any]]) -> None:
        import xlsxwriter  # type: ignore[import-untyped]  # noqa: PLC0415  (of an extra)

        super().__init__(path, columns)
        self._path = path
        # Rows wait beside the file, in a folder that is removed whatever happens.
        self._book: Any = xlsxwriter.Workbook(self._file, {"constant_memory": True, "tmpdir": f"{path.parent}"})
        self._book.set_properties({"created": _NO_TIME})  # the same rows make the same file
        self._sheet = self._book.add_worksheet()
        self._sheet.freeze_panes(1, 0)
        bold = self._book.add_format({"bold": True})
        formats = {name: self._book.add_format({"num_format": text}) for name, text in _XLSX_FORMATS.items()}
        self._cells = [_xlsx_cell(self._sheet, column.type, formats) for column in columns.values()]
        for number, (name, column) in enumerate(columns.items()):
            width = max(len(name) + 2, _XLSX_WIDTHS.get(type(column.type), _XLSX_WIDTH))
            self._sheet.set_column(number, number, width)
            self._sheet.write_string(0, number, name, bold)

    def _write(self, rows: Sequence[Sequence[Any]]) -> None:
        first = self.rows + 1
        if first + len(rows) > _MOST_ROWS:
            raise StoreError(
                msg(
                    "{file} would have more than {most} rows, which a sheet has no room for: export fewer shops,"
                    " or as Parquet or CSV",
                    file=self._path.name,
                    most=f"{_MOST_ROWS - 1:,}",
                )
            )
        for number, row in enumerate(rows, start=first):
            for place, (write, value) in enumerate(zip(self._cells, row, strict=True)):
                if value is not None and write(number, place, value) < 0:
                    raise StoreError(
                        msg(
                            "{file}, row {row}, column {column}: the text is longer than the 32,767 characters of a"
                            " cell; export as Parquet or CSV",
                            file=self._path.name,
                            row=number + 1,
                            column=[*self._columns][place],
                        )
                    )

    def _end(self) -> None:
        self._sheet.autofilter(0, 0, self.rows, len(self._columns) - 1)
        close_workbook(self._book)

    def abandon(self) -> None:
        """Close the file however far it is; it is of no use."""
        drop_workbook(self._book)
        with suppress(OSError):
            self._file.close()


def close_workbook(book: Any) -> None:
    """End a workbook of XlsxWriter.

    Raises:
        OSError: It cannot be written.
    """
    from xlsxwriter.exceptions import FileCreateError  # type: ignore[import-untyped]  # noqa: PLC0415  (of an extra)

    try:
        book.close()
    except FileCreateError as error:
        cause: OSError = error.args[0]
        for frame, _ in walk_tb(cause.__traceback__):
            for archive in frame.f_locals.values():
                if isinstance(archive, ZipFile):
                    archive.fp = None  # it would be ended when it is collected, and complain on standard error
        raise cause from error


def drop_workbook(book: Any) -> None:
    """Close what a workbook of XlsxWriter writes its rows into; it would be ended when it is collected."""
    book.fileclosed = True
    for sheet in book.worksheets():
        with suppress(OSError):
            sheet.row_data_fh.close()


_NO_TIME = datetime(2000, 1, 1, tzinfo=UTC)
_XLSX_FORMATS = {"date": "dd.mm.yyyy", "time": "dd.mm.yyyy hh:mm:ss", "money": "#,##0.00##", "quantity": "#,##0.######"}
_XLSX_WIDTH = 12
_XLSX_WIDTHS: dict[type, int] = {UtcDateTime: 20, Text: 24}


def _xlsx_cell(sheet: Any, type_: TypeEngine[Any], formats: Mapping[str, Any]) -> Callable[[int, int, Any], int]:
    """Make the function that writes a value of a type into a cell, and returns a negative number where it cannot."""
    if isinstance(type_, ExactDecimal):
        format_ = formats["money" if type_.scale == MONEY_SCALE else "quantity"]
        return lambda row, column, value: sheet.write_number(row, column, value, format_)
    if isinstance(type_, UtcDateTime):
        time = formats["time"]
        return lambda row, column, value: sheet.write_datetime(
            row, column, value.astimezone(KYIV).replace(tzinfo=None), time
        )
    if isinstance(type_, Date):
        day = formats["date"]
        return lambda row, column, value: sheet.write_datetime(row, column, value, day)
    if isinstance(type_, Boolean):
        return sheet.write_boolean  # type: ignore[no-any-return]
    return sheet.write_number if isinstance(type_, Integer) else sheet.write_string  # type: ignore[no-any-return]
