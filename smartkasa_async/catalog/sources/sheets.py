"""Workbooks: XLSX, XLS and ODS, by the package python-calamine, which the extra `sheets` brings."""

from __future__ import annotations

import io
import zipfile
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import msgspec

from smartkasa_async._i18n.message import msg
from smartkasa_async._i18n.safe_text import visible
from smartkasa_async._support.extras import naming_extras
from smartkasa_async.catalog.errors import SourceError
from smartkasa_async.catalog.source_location import SourceLocation
from smartkasa_async.catalog.sources.cells import cell_text, number_text
from smartkasa_async.catalog.sources.fields import NUMBERS, REQUIRED, Field
from smartkasa_async.catalog.sources.header_matcher import (
    HEADER_ROWS,
    HeaderMatcher,
    find_header,
    header_missing,
    read_headers,
    row_missing,
)
from smartkasa_async.catalog.sources.layout import UNKNOWN_LAYOUT, Layout
from smartkasa_async.catalog.sources.package import check_package, require_size
from smartkasa_async.catalog.sources.rows import Row, RowFile
from smartkasa_async.catalog.sources.sampling import look_at
from smartkasa_async.catalog.sources.sheet_marks import (
    NO_MARKS,
    marks_of_ods,
    notes_of_hidden,
    read_formats,
    read_marks,
)
from smartkasa_async.catalog.sources.source_file import SourceFile
from smartkasa_async.catalog.sources.source_info import SourceInfo
from smartkasa_async.catalog.sources.text_file import doubting
from smartkasa_async.catalog.sources.workbook_parts import rebuild
from smartkasa_async.catalog.sources.xls import (
    Letters,
    decoded,
    decoded_text,
    find_letters,
    marks_of_xls,
    with_plain_code_page,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from pathlib import Path
    from types import ModuleType

    from smartkasa_async.catalog.sources.package import Package
    from smartkasa_async.catalog.sources.sheet_marks import SheetMarks

_SAMPLE_ROWS = 200
_NO_TEXTS = (*NUMBERS, Field.TAX, Field.SOLD_BY_WEIGHT, Field.IS_FREE_PRICE)
"""Fields whose cells are taken as values, whatever their format shows."""
_PACKAGE = b"PK"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")

_Cells = list[Any]


class SheetFile(RowFile):
    """One sheet of an open workbook; iterating it gives its rows once.

    The sheet is held in memory by the package that reads it; its rows are made as they are taken.
    """

    def __init__(self, path: Path, layout: Layout = UNKNOWN_LAYOUT, required: Collection[Field] = REQUIRED) -> None:
        """Open a workbook and find the sheet with the price list.

        Raises:
            OSError: The file cannot be opened.
            SourceError: The workbook is damaged, protected or far too large, or has no header with the required fields.
            ConfigurationError: python-calamine is not installed.
        """
        self.name: str = visible(path.name)
        self._matcher = HeaderMatcher.of(layout, required)
        self._layout = layout
        self.source: SourceFile = SourceFile(path)
        # Read once, so that what is checked is what is opened.
        with self.source.buffer as binary:
            require_size(self.name, self.source.size)
            self._content = io.BytesIO(binary.read())
        self._package = _check(self.name, self._content)
        self._format = "XLS" if self._package is None else self._package.format
        calamine = _import_calamine()
        self._letters = Letters()
        try:
            self._open(calamine, path)
        except (calamine.CalamineError, OSError) as error:
            raise self._unreadable(calamine, error) from error
        except BaseException as error:
            # Its reader stops in this way on some damaged files.
            if type(error).__name__ == "PanicException":
                raise self._unreadable(calamine, error) from None
            raise

    def _open(self, calamine: ModuleType, path: Path) -> None:
        """Open the workbook and find its sheet; parts of an XLSX at unusual paths are moved to the usual ones."""
        parts = None if self._package is None else self._package.parts
        if parts is None:
            self._open_old(calamine, path)
            return
        if parts.is_usual or not parts.sheets:
            try:
                self._workbook = _open(calamine, path, self._content)
                self._find_sheet(calamine)
            except calamine.CalamineError:
                if not parts.sheets:
                    raise
            else:
                return
        with zipfile.ZipFile(self._content) as package:
            usual = rebuild(package, parts)
        self._workbook = calamine.CalamineWorkbook.from_filelike(usual)
        self._find_sheet(calamine)

    def _open_old(self, calamine: ModuleType, path: Path) -> None:
        """Open an XLS, whose letters may have one byte each, or an ODS."""
        declared: Letters | None = None
        if self._package is None:
            plain, declared = with_plain_code_page(self._content.getvalue())
            self._content = io.BytesIO(plain)
        self._workbook = _open(calamine, path, self._content)
        if declared is not None:
            self._letters = find_letters(self._workbook, declared, self._layout.encoding)
        with doubting(self.name, self._letters.doubts):
            self._find_sheet(calamine)

    def _unreadable(self, calamine: ModuleType, error: BaseException) -> SourceError:
        if isinstance(error, calamine.PasswordError):
            return _protected(self.name)
        return SourceError(
            msg(
                "{file} is a damaged workbook ({reason}); open it in a spreadsheet program and save it anew",
                file=self.name,
                reason=error,
            )
        )

    def _find_sheet(self, calamine: ModuleType) -> None:
        """Take the sheet that the caller names, or else the first visible one that has a header."""
        layout = self._layout
        own_names = {decoded_text(name, self._letters.encoding): name for name in self._workbook.sheet_names}
        names = list(own_names)
        if layout.sheet is not None and layout.sheet not in names:
            listed = ", ".join(f"«{name}»" for name in names)
            raise SourceError(
                msg("{file} has no sheet «{sheet}»; it has {sheets}", file=self.name, sheet=layout.sheet, sheets=listed)
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
                    self.source_info = msgspec.structs.replace(
                        self.source_info,
                        other_sheets=tuple(other for other in shown if other != name),
                        hidden_sheets=tuple(other for other in names if other not in shown),
                    )
                self._find_hidden(name)
                self._rows = chain(sample[below:], rows)
                return
            beginning = beginning or texts
        if layout.header_row is not None:
            raise row_missing(self.name, layout.header_row)
        checked = ", ".join(f"«{name}»" for name in names)
        detail = msg("sheets: {sheets}", sheets=checked)
        raise header_missing(self.name, beginning[:HEADER_ROWS], self._matcher, detail)

    def _header_row(self, rows: list[list[str]], layout: Layout) -> int | None:
        """Number of the header row, from 0; -1 for a sheet without, None where there is none to be found."""
        if layout.header_row is not None:
            return layout.header_row - 1 if layout.header_row <= len(rows) and rows else None
        found = find_header(rows[:HEADER_ROWS], self._matcher, self._format)
        return None if found is None else found[0]

    def _describe(self, sheet: str, rows: list[list[str]], header: int, layout: Layout) -> int:
        """Keep what the first rows show, and give the number of the row below the headers, from 0."""
        headers, height = read_headers(rows, header, self._matcher, self._format)
        matcher = self._matcher.recognised(headers, self._format)
        columns = matcher.match(headers, file=self.name)
        first = header + height
        below = rows[first:]
        self.columns, facts = look_at(columns, below, layout, matcher, file=self.name)
        self._first_line = first + 1
        self._line = 0
        self.source_info: SourceInfo = SourceInfo(
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

    def _find_hidden(self, sheet: str) -> None:
        """Read what stands in the sheet beside values, and note what nobody sees there."""
        self._marks = marks = self._read_marks(sheet)
        hidden = tuple(sorted(line for line in marks.hidden_rows if line >= self._first_line))
        is_skipped = self._layout.hidden == "skip"
        self._skipped = frozenset(hidden if is_skipped else ())
        headers = self.columns.headers
        columns = tuple(headers[position].strip() for position in sorted(marks.hidden_columns))
        notes = notes_of_hidden(SourceLocation(self.name, self.columns), hidden, columns, skipped=is_skipped)
        self.source_info = msgspec.structs.replace(
            self.source_info,
            hidden_rows=hidden,
            hidden_rows_skipped=is_skipped,
            hidden_columns=columns,
            notes=(*self.source_info.notes, *notes),
        )

    def _read_marks(self, sheet: str) -> SheetMarks:
        positions = self.columns.positions
        used = set(positions.values())
        texts = used - {position for field, position in positions.items() if field in _NO_TEXTS}
        if self._package is None:
            names = [decoded_text(name, self._letters.encoding) for name in self._workbook.sheet_names]
            return marks_of_xls(self._content.getvalue(), names.index(sheet), used)
        if self._package.parts is None:
            with zipfile.ZipFile(self._content) as package:
                return marks_of_ods(package, sheet)
        parts, member = self._package.parts, self._package.parts.sheet(sheet)
        if member is None:
            return NO_MARKS
        with zipfile.ZipFile(self._content) as package:
            formats = read_formats(package, parts)
            if not formats and member in self._package.plain:
                return NO_MARKS
            with package.open(member) as file:
                return read_marks(file, used=used, texts=texts, formats=formats, is_recalculated=parts.is_recalculated)

    def __iter__(self) -> Iterator[Row]:
        positions = self.columns.positions
        numbers = tuple(positions[field] for field in NUMBERS if field in positions)
        tax = positions.get(Field.TAX)
        marks = None if self._marks is NO_MARKS else self._marks
        merged = MergedCells(self._marks.merged, positions.get(Field.COUNT))
        number = 0
        for line, values in enumerate(self._rows, self._first_line):
            self._line = line
            cells = [value if type(value) is str else cell_text(value) for value in values]
            if not any(map(str.strip, cells)) and (marks is None or line not in marks.cells):
                continue
            if marks is not None and line in self._skipped:
                continue
            for position in numbers:
                if type(values[position]) is float:
                    cells[position] = number_text(values[position])
            if tax is not None and type(values[tax]) is float:
                cells[tax] = _rate(values[tax])
            if marks is not None:
                if line in marks.cells:
                    _put(cells, marks.cells[line])
                merged.fill(line, cells)
            number += 1
            yield Row(number, line, cells)

    @property
    def fraction(self) -> float:
        """Share of the sheet's rows that have been read, 0 to 1."""
        return min(1.0, self._line / self._height)

    def close(self) -> None:
        """Close the workbook."""
        self._workbook.close()


class MergedCells:
    """Gives rows what cells above them show for them, too, being merged with theirs.

    A count is not repeated, as it is that of all these rows together.
    """

    def __init__(self, merged: Mapping[int, list[tuple[int, int]]], count: int | None) -> None:
        self._starts = merged
        self._count = count
        self._open: dict[int, tuple[int, str]] = {}

    def fill(self, line: int, cells: list[str]) -> None:
        """Fill the empty cells of the next row."""
        for position, (last, text) in list(self._open.items()):
            if line > last:
                del self._open[position]
            elif position < len(cells) and not cells[position].strip():
                cells[position] = text
        for position, last in self._starts.get(line, ()):
            if position < len(cells) and position != self._count:
                self._open[position] = last, cells[position]


def _put(cells: list[str], shown: Mapping[int, str]) -> None:
    """Put what cells show into a row, which may be wider for it."""
    cells += [""] * (max(shown) + 1 - len(cells))
    for position, text in shown.items():
        cells[position] = text


def _check(name: str, content: io.BytesIO) -> Package | None:
    """Return what was detected about a package; None for an XLS, which is none."""
    if content.getbuffer()[: len(_PACKAGE)] == _PACKAGE:
        return check_package(name, content)
    # The list of streams stands anywhere in the file; a protected workbook has a stream of this name.
    if _ENCRYPTED in content.getvalue():
        raise _protected(name)
    return None


def _protected(name: str) -> SourceError:
    return SourceError(msg("{file} is protected by a password; save it without one", file=name))


def _import_calamine() -> ModuleType:
    with naming_extras():
        import python_calamine  # noqa: PLC0415  (an optional package)
    return python_calamine


def _open(calamine: ModuleType, path: Path, content: io.BytesIO) -> Any:
    content.seek(0)
    try:
        return calamine.CalamineWorkbook.from_filelike(content)
    except calamine.CalamineError as error:
        # By the path it gives the reason: that a password protects it, for one.
        try:
            calamine.CalamineWorkbook.from_path(path).close()
        except calamine.PasswordError:
            raise
        except calamine.CalamineError:
            raise error from None
        raise


def _padded(rows: Iterable[_Cells], left: int) -> Iterator[_Cells]:
    """Add the empty columns before the table, so that the sheet's own numbers of columns hold."""
    if not left:
        return iter(rows)
    return ([""] * left + row for row in rows)


def _rate(value: float) -> str:
    """Write a rate of tax: a cell that shows 20 % holds 0.2."""
    return f"{cell_text(value * 100)}%" if 0 < value < 1 else cell_text(value)
