"""A CSV file as shops have it: its form is found out, its rows come one by one."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, NamedTuple

from smartkasa_async._i18n.message import msg
from smartkasa_async._i18n.safe_text import visible
from smartkasa_async.catalog.errors import SourceError
from smartkasa_async.catalog.sources.columns import REQUIRED, Columns
from smartkasa_async.catalog.sources.csv_rows import CsvRows, newline_of
from smartkasa_async.catalog.sources.header_matcher import (
    HEADER_ROWS,
    HeaderMatcher,
    find_header,
    header_missing,
    row_missing,
)
from smartkasa_async.catalog.sources.header_rows import read_headers
from smartkasa_async.catalog.sources.invisible import trimmed
from smartkasa_async.catalog.sources.layout import FOUND_OUT, Layout
from smartkasa_async.catalog.sources.rows import Row, RowFile, file_empty
from smartkasa_async.catalog.sources.sampling import look_at
from smartkasa_async.catalog.sources.source_info import SourceInfo
from smartkasa_async.catalog.sources.text_file import TextFile, doubting

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from smartkasa_async.catalog.sources.columns import Field
    from smartkasa_async.catalog.sources.source_file import SourceFile

_SAMPLE_SIZE = 64 * 1024
_DELIMITERS = ";\t,|"
_CONTROLS = "".join(map(chr, range(32))).translate(dict.fromkeys(map(ord, "\t\n\v\f\r\x1a")))
_FORMAT = "CSV"


class Header(NamedTuple):
    """Where the rows of a CSV file begin.

    Attributes:
        delimiter: Character between fields.
        row: Number of the header row, from 0; what stands above it is a letterhead. -1 where there is no header.
    """

    delimiter: str
    row: int


class _Sample(NamedTuple):
    """The first rows of a file by one delimiter, and the line on which each begins."""

    rows: list[list[str]]
    lines: list[int]


def find_csv_header(text: str, naming: HeaderMatcher, layout: Layout = FOUND_OUT) -> Header | None:
    """Find the delimiter and the header row: those that make the most headers known.

    Args:
        text: The file's beginning.
        naming: The rules for headers.
        layout: What the caller knows.

    Returns:
        The header; None where no delimiter makes a row with the required fields out of the first ones.
    """
    samples = {delimiter: _sample(text, delimiter) for delimiter in layout.delimiter or _DELIMITERS}
    if layout.header_row is not None:
        return _given_header(samples, naming, layout.header_row - 1)
    best: Header | None = None
    most_known = 0
    for delimiter, sample in samples.items():
        found = find_header(sample.rows[:HEADER_ROWS], naming, _FORMAT)
        if found is not None and found[1] > most_known:
            best, most_known = Header(delimiter, found[0]), found[1]
    return best


def _given_header(samples: dict[str, _Sample], naming: HeaderMatcher, row: int) -> Header | None:
    """Find the delimiter by which a given row has the most known headers, or else the most fields."""
    long_enough = {delimiter: sample.rows for delimiter, sample in samples.items() if len(sample.rows) > row}
    if not long_enough:
        return None

    def known_and_wide(delimiter: str) -> tuple[int, int]:
        headers = long_enough[delimiter][max(row, 0)]
        fields = naming.recognised(headers, _FORMAT).fields_among(headers) if row >= 0 else ()
        return len(fields), len(headers)

    return Header(max(long_enough, key=known_and_wide), row)


def _sample(text: str, delimiter: str) -> _Sample:
    """Divide a file's beginning into rows, as far as that goes."""
    reader = csv.reader(io.StringIO(text, newline=newline_of(text)), delimiter=delimiter)
    sample = _Sample([], [])
    line = 1
    try:
        for cells in reader:
            sample.rows.append(cells)
            sample.lines.append(line)
            line = reader.line_num + 1
    except csv.Error:
        pass
    return sample


class CsvFile(RowFile):
    """An open CSV file; iterating it gives its rows once."""

    def __init__(self, path: Path, layout: Layout = FOUND_OUT, required: Collection[Field] = REQUIRED) -> None:
        """Open a file and find out its form.

        Args:
            path: The file.
            layout: What the caller knows.
            required: Fields without which the file is of no use.

        Raises:
            OSError: The file cannot be opened.
            SourceError: The file is empty or binary, or has no header row with the required fields.
        """
        self.name: str = visible(path.name)
        self._file = file = TextFile(path, layout.encoding)
        self.source: SourceFile = file.source
        self.encoding: str = file.encoding
        try:
            self._text = file.open("\n")
            sample = self._read_sample()
            self._text.detach()
            self._text = file.open(newline_of(sample))
            with doubting(self.name, file.doubts):
                self._find_form(sample, layout, HeaderMatcher.of(layout, required))
        except BaseException:
            file.close()
            raise

    def _read_sample(self) -> str:
        try:
            text = self._text.read(_SAMPLE_SIZE)
        except UnicodeError as error:
            raise SourceError(
                msg(
                    "{file} cannot be read as {encoding} ({reason}); leave the encoding out",
                    file=self.name,
                    encoding=self.encoding,
                    reason=error,
                )
            ) from error
        text = text.removeprefix("\ufeff")
        if not text.strip():
            raise file_empty(self.name)
        if sum(map(text.count, _CONTROLS)) * 100 > len(text):
            raise SourceError(
                msg(
                    "{file} is not a text file (read as {encoding}); save the price list as CSV or XLSX",
                    file=self.name,
                    encoding=self.encoding,
                )
            )
        if not trimmed(text):
            raise file_empty(self.name)
        if len(text) == _SAMPLE_SIZE:
            # The last line may be cut.
            text = text[: text.rfind("\n") + 1] or text
        return text

    def _find_form(self, text: str, layout: Layout, naming: HeaderMatcher) -> None:
        header = find_csv_header(text, naming, layout)
        if header is None:
            raise self._no_header(text, layout, naming)
        self.header = header
        sample = _sample(text, header.delimiter)
        headers, height = read_headers(sample.rows, header.row, naming, _FORMAT)
        self._first = header.row + height
        rows, lines = sample.rows[self._first :], sample.lines[self._first :]
        naming = naming.recognised(headers, _FORMAT)
        columns = naming.match(headers, file=self.name)
        self.columns: Columns
        self.columns, facts = look_at(columns, rows, layout, naming, file=self.name)
        self.findings: SourceInfo = SourceInfo(
            file=self.name,
            format=_FORMAT,
            encoding=self.encoding,
            delimiter=header.delimiter,
            header_row=header.row + 1,
            first_row=next((line for line, row in zip(lines, rows, strict=True) if any(map(str.strip, row))), None),
            **facts | {"doubts": self._file.doubts + facts["doubts"]},
        )

    def _no_header(self, text: str, layout: Layout, naming: HeaderMatcher) -> SourceError:
        if layout.header_row is not None:
            return row_missing(self.name, layout.header_row)
        detail = msg("read as {encoding}", encoding=self.encoding)
        if layout.encoding is not None and "\ufffd" in text:
            detail = msg(
                "read as {encoding}, in which some of its letters cannot be read: leave the encoding out, or give"
                " another",
                encoding=self.encoding,
            )
        lines = [[line.strip()] for line in text.splitlines()]
        divided = [
            row for delimiter in layout.delimiter or _DELIMITERS for row in _sample(text, delimiter).rows[:HEADER_ROWS]
        ]
        return header_missing(self.name, lines + divided, naming, detail)

    def __iter__(self) -> Iterator[Row]:
        columns = self.columns
        rows = CsvRows(
            self._file,
            self._text,
            self.header.delimiter,
            first=self._first,
            width=len(columns.headers),
            used=columns.positions.values(),
        )
        yield from rows
        self.ending = rows.ending

    @property
    def fraction(self) -> float:
        """Share of the file that has been read, 0 to 1."""
        return self._file.fraction

    def close(self) -> None:
        """Close the file."""
        self._file.close()
