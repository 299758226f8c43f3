"""Workbooks: XLSX, XLS and ODS, by the package python-calamine, which the extra `sheets` brings."""

from __future__ import annotations

import io
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import msgspec

from smartkasa_async._extras import naming_extras
from smartkasa_async._phrases import phrase
from smartkasa_async._safe_text import visible
from smartkasa_async.catalog.errors import SourceError
from smartkasa_async.catalog.reading.columns import NUMBERS, REQUIRED, Field
from smartkasa_async.catalog.reading.findings import Findings
from smartkasa_async.catalog.reading.header_rows import read_headers
from smartkasa_async.catalog.reading.layout import FOUND_OUT, Layout
from smartkasa_async.catalog.reading.naming import HEADER_ROWS, Naming, find_header, header_missing, row_missing
from smartkasa_async.catalog.reading.package import check_package, require_size
from smartkasa_async.catalog.reading.rows import Row, RowFile, cell_text, number_text
from smartkasa_async.catalog.reading.sampling import look_at
from smartkasa_async.catalog.reading.source_file import SourceFile
from smartkasa_async.catalog.reading.text_file import doubting
from smartkasa_async.catalog.reading.xls_letters import (
    Letters,
    decoded,
    decoded_text,
    find_letters,
    with_plain_code_page,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path
    from types import ModuleType

__all__ = ["SheetFile"]

_SAMPLE_ROWS = 200
_PACKAGE = b"PK"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")

_Cells = list[Any]


class SheetFile(RowFile):
    """One sheet of an open workbook; iterating it gives its rows once.

    The sheet is held in memory by the package that reads it; its rows are made as they are taken.
    """

    def __init__(self, path: Path, layout: Layout = FOUND_OUT, required: Collection[Field] = REQUIRED) -> None:
        """Open a workbook and find the sheet with the price list.

        Args:
            path: The file.
            layout: What the caller knows.
            required: Fields without which the sheet is of no use.

        Raises:
            OSError: The file cannot be opened.
            SourceError: The workbook is damaged, protected or far too large, or has no header with the required fields.
            ConfigurationError: python-calamine is not installed.
        """
        self.name = visible(path.name)
        self._naming = Naming.of(layout, required)
        self.source = opened = SourceFile(path)
        # Read once, so that what is checked is what is opened.
        with opened.buffer as binary:
            require_size(self.name, opened.size)
            content = io.BytesIO(binary.read())
        self._format = _check(self.name, content)
        calamine = _import_calamine()
        self._letters = Letters()
        said: Letters | None = None
        if self._format == "XLS":
            plain, said = with_plain_code_page(content.getvalue())
            content = io.BytesIO(plain)
        content.seek(0)
        try:
            self._workbook = _open(calamine, path, content)
            if said is not None:
                self._letters = find_letters(self._workbook, said, layout.encoding)
            with doubting(self.name, self._letters.doubts):
                self._find_sheet(calamine, layout)
        except (calamine.CalamineError, OSError) as error:
            raise self._unreadable(calamine, error) from error
        except BaseException as error:
            # Its reader stops in this way on some damaged files.
            if type(error).__name__ == "PanicException":
                raise self._unreadable(calamine, error) from None
            raise

    def _unreadable(self, calamine: ModuleType, error: BaseException) -> SourceError:
        if isinstance(error, calamine.PasswordError):
            return _protected(self.name)
        return SourceError(
            phrase(
                "{file} is a damaged workbook ({reason}); open it in a spreadsheet program and save it anew",
                file=self.name,
                reason=error,
            )
        )

    def _find_sheet(self, calamine: ModuleType, layout: Layout) -> None:
        """Take the sheet that the caller names, or else the first visible one that has a header."""
        own_names = {decoded_text(name, self._letters.encoding): name for name in self._workbook.sheet_names}
        names = list(own_names)
        if layout.sheet is not None and layout.sheet not in names:
            listed = ", ".join(f"«{name}»" for name in names)
            raise SourceError(
                phrase(
                    "{file} has no sheet «{sheet}»; it has {sheets}", file=self.name, sheet=layout.sheet, sheets=listed
                )
            )
        visible = calamine.SheetVisibleEnum.Visible
        hidden = {sheet.name for sheet in self._workbook.sheets_metadata if sheet.visible != visible}
        shown = [name for name, own in own_names.items() if own not in hidden]
        beginning: list[list[str]] = []
        for name in [layout.sheet] if layout.sheet is not None else shown or names:
            sheet = self._workbook.get_sheet_by_name(own_names[name])
            rows = decoded(_padded(sheet.iter_rows(), sheet.start[1] if sheet.start else 0), self._letters)
            sample = list(islice(rows, max(_SAMPLE_ROWS, layout.header_row or 0)))
            texts = [list(map(cell_text, row)) for row in sample]
            header = self._header_row(texts, layout)
            if header is not None:
                self._height: int = sheet.end[0] + 1 if sheet.end else 1
                below = self._describe(name, texts, header, layout)
                if layout.sheet is None:
                    others = tuple(other for other in shown if other != name)
                    self.findings = msgspec.structs.replace(self.findings, other_sheets=others)
                self._rows = chain(sample[below:], rows)
                return
            beginning = beginning or texts
        if layout.header_row is not None:
            raise row_missing(self.name, layout.header_row)
        checked = ", ".join(f"«{name}»" for name in names)
        detail = phrase("sheets: {sheets}", sheets=checked)
        raise header_missing(self.name, beginning[:HEADER_ROWS], self._naming, detail)

    def _header_row(self, rows: list[list[str]], layout: Layout) -> int | None:
        """Number of the header row, from 0; -1 for a sheet without, None where there is none to be found."""
        if layout.header_row is not None:
            return layout.header_row - 1 if layout.header_row <= len(rows) and rows else None
        found = find_header(rows[:HEADER_ROWS], self._naming, self._format)
        return None if found is None else found[0]

    def _describe(self, sheet: str, rows: list[list[str]], header: int, layout: Layout) -> int:
        """Keep what the first rows show, and give the number of the row below the headers, from 0."""
        headers, height = read_headers(rows, header, self._naming, self._format)
        naming = self._naming.recognised(headers, self._format)
        columns = naming.match(headers, file=self.name)
        first = header + height
        below = rows[first:]
        self.columns, facts = look_at(columns, below, layout, naming, file=self.name)
        self._first_line = first + 1
        self._line = 0
        self.findings = Findings(
            file=self.name,
            format=self._format,
            header_row=header + 1,
            first_row=next(
                (line for line, row in enumerate(below, self._first_line) if any(map(str.strip, row))), None
            ),
            last_row=self._height,
            sheet=sheet,
            encoding=self._letters.encoding,
            **facts | {"doubts": self._letters.doubts + facts["doubts"]},
        )
        return first

    def __iter__(self) -> Iterator[Row]:
        positions = self.columns.positions
        numbers = tuple(positions[field] for field in NUMBERS if field in positions)
        tax = positions.get(Field.TAX)
        number = 0
        for line, values in enumerate(self._rows, self._first_line):
            self._line = line
            cells = [value if type(value) is str else cell_text(value) for value in values]
            if not any(map(str.strip, cells)):
                continue
            for position in numbers:
                if type(values[position]) is float:
                    cells[position] = number_text(values[position])
            if tax is not None and type(values[tax]) is float:
                cells[tax] = _rate(values[tax])
            number += 1
            yield Row(number, line, cells)

    @property
    def fraction(self) -> float:
        """Share of the sheet's rows that have been read, 0 to 1."""
        return min(1.0, self._line / self._height)

    def close(self) -> None:
        """Close the workbook."""
        self._workbook.close()


def _check(name: str, content: io.BytesIO) -> str:
    if content.getbuffer()[: len(_PACKAGE)] == _PACKAGE:
        return check_package(name, content)
    # The list of streams stands anywhere in the file; a protected workbook has a stream of this name.
    if _ENCRYPTED in content.getvalue():
        raise _protected(name)
    return "XLS"


def _protected(name: str) -> SourceError:
    return SourceError(phrase("{file} is protected by a password; save it without one", file=name))


def _import_calamine() -> ModuleType:
    with naming_extras():
        import python_calamine  # noqa: PLC0415  (an optional package)
    return python_calamine


def _open(calamine: ModuleType, path: Path, content: io.BytesIO) -> Any:
    try:
        return calamine.CalamineWorkbook.from_filelike(content)
    except calamine.CalamineError:
        # By the path it says why: that a password protects it, for one.
        calamine.CalamineWorkbook.from_path(path).close()
        raise


def _padded(rows: Iterable[_Cells], left: int) -> Iterator[_Cells]:
    """Give back the empty columns before the table, so that the sheet's own numbers of columns hold."""
    if not left:
        return iter(rows)
    return ([""] * left + row for row in rows)


def _rate(value: float) -> str:
    """Write a rate of tax: a cell that shows 20 % holds 0.2."""
    return f"{cell_text(value * 100)}%" if 0 < value < 1 else cell_text(value)
