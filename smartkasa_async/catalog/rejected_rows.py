"""Files of rows behind their reasons, as rejected rows are written: workbooks, JSON lines and CSV."""

from __future__ import annotations

import csv
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from smartkasa_async._i18n.message import msg
from smartkasa_async._support.extras import naming_extras
from smartkasa_async._support.files import FreshFile
from smartkasa_async._support.spreadsheets import guard_cell, unguard_cell
from smartkasa_async.catalog.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import ModuleType

    from smartkasa_async.catalog.source_location import SourceLocation


_LONGEST_CELL = 32_767
_MOST_ROWS = 1_048_576
_REASON_WIDTH = 60
_LOOKALIKES = str.maketrans("іІґҐ«»’", 'iIгГ""\'')
"""Letters and quotes that cp866 lacks, and what stands for them there."""


class RejectedRows(Protocol):
    """A file of rows that takes its name when it is closed."""

    def write(self, reason: str, cells: Sequence[str]) -> None:
        """Write a row behind its reason; the first one is that of the headers."""

    def close(self) -> None:
        """Finish the file and give it its name."""


def require_package(path: Path) -> None:
    """Make sure that a file of this name can be written.

    Raises:
        ConfigurationError: It is a workbook, and XlsxWriter is not installed.
    """
    if path.suffix.lower() == ".xlsx":
        _import_xlsxwriter()


def open_rejected_rows(path: Path, location: SourceLocation) -> RejectedRows:
    """Begin a file of rows: a workbook where its name ends in .xlsx, JSONL for .jsonl and .ndjson, else CSV.

    Args:
        path: Where it will be.
        location: The source; a CSV file gets its encoding and its delimiter.

    Raises:
        OSError: The file cannot be written.
    """
    match path.suffix.lower():
        case ".xlsx":
            return _Workbook(path)
        case ".jsonl" | ".ndjson":
            return _Lines(path)
    return _Csv(path, location)


class _Csv:
    def __init__(self, path: Path, location: SourceLocation) -> None:
        self._encoding = location.encoding
        self._fresh = FreshFile(path, encoding=location.encoding, errors="replace")
        self._writer = csv.writer(self._fresh.file, delimiter=location.delimiter)

    def write(self, reason: str, cells: Sequence[str]) -> None:
        self._writer.writerow(map(guard_cell, [self._writable(reason), *map(unguard_cell, cells)]))

    def close(self) -> None:
        self._fresh.keep()

    def _writable(self, text: str) -> str:
        try:
            text.encode(self._encoding)
        except UnicodeEncodeError:
            return text.translate(_LOOKALIKES)
        return text


class _Workbook:
    """One sheet, whose cells are all text: a spreadsheet program changes none of them."""

    def __init__(self, path: Path) -> None:
        self._fresh = FreshFile(path)
        # Rows go to the disk as they come. The file counts as unnamed for the package, which would write over it.
        self._book: Any = _import_xlsxwriter().Workbook(self._fresh.file, {"constant_memory": True})
        self._text = self._book.add_format({"num_format": "@"})
        self._sheet = self._book.add_worksheet()
        self._sheet.set_column(0, 0, _REASON_WIDTH)
        self._sheet.freeze_panes(1, 0)
        self._name = path.name
        self._row = 0

    def write(self, reason: str, cells: Sequence[str]) -> None:
        if self._row == _MOST_ROWS:
            raise SourceError(msg("{file} has no room for more rows; name a file that ends in .csv", file=self._name))
        for column, text in enumerate((reason, *cells)):
            if text:
                self._sheet.write_string(self._row, column, text[:_LONGEST_CELL], self._text)
        self._row += 1

    def close(self) -> None:
        self._book.close()
        self._fresh.keep()


class _Lines:
    """An object in each line, whose keys are those of the source."""

    def __init__(self, path: Path) -> None:
        self._fresh = FreshFile(path)
        self._headers: tuple[str, ...] | None = None

    def write(self, reason: str, cells: Sequence[str]) -> None:
        if self._headers is None:
            self._headers = (reason, *cells)
            return
        values = {key: cell for key, cell in zip(self._headers, (reason, *cells), strict=False) if cell}
        self._fresh.file.write(msgspec.json.encode(values) + b"\n")

    def close(self) -> None:
        self._fresh.keep()


def _import_xlsxwriter() -> ModuleType:
    with naming_extras():
        return import_module("xlsxwriter")  # an optional package
