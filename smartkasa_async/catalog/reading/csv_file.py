"""A CSV file as shops have it: its form is found out, its rows come one by one."""

from __future__ import annotations

import csv
import io
from collections import deque
from functools import partial
from itertools import chain, islice
from operator import length_hint, methodcaller
from typing import TYPE_CHECKING, NamedTuple

from smartkasa_async._foreign import foreign
from smartkasa_async._phrases import phrase
from smartkasa_async._safe_text import visible
from smartkasa_async.catalog.errors import SourceError
from smartkasa_async.catalog.reading.columns import REQUIRED, Columns
from smartkasa_async.catalog.reading.encodings import detect_encoding
from smartkasa_async.catalog.reading.ending import COMPARED_ROWS, DOUBTFUL, End, Ending, judge_last_row
from smartkasa_async.catalog.reading.findings import Findings
from smartkasa_async.catalog.reading.header_rows import read_headers
from smartkasa_async.catalog.reading.layout import FOUND_OUT, Layout
from smartkasa_async.catalog.reading.naming import HEADER_ROWS, Naming, find_header, header_missing, row_missing
from smartkasa_async.catalog.reading.rows import Row, RowFile, UnreadableRow, file_empty
from smartkasa_async.catalog.reading.sampling import look_at
from smartkasa_async.catalog.reading.source_file import SourceFile

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from smartkasa_async.catalog.reading.columns import Field

__all__ = ["CsvFile", "Header", "find_csv_header"]

_SAMPLE_SIZE = 64 * 1024
_DELIMITERS = ";\t,|"
_CONTROLS = "".join(map(chr, range(32))).translate(dict.fromkeys(map(ord, "\t\n\v\f\r\x1a")))
_FORMAT = "CSV"
_END = "\n"
_ENDS = ("\n", "\r")
_END_OF_FILE = "\x1a"
"""What programs of DOS put behind the last row."""
_OPEN_QUOTE = phrase("unexpected end of data")
_without_nul = methodcaller("replace", "\0", "\ufffd")
"""Marks what a damaged file has in place of a letter, so that the check of the row names it."""


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


def find_csv_header(text: str, naming: Naming, layout: Layout = FOUND_OUT) -> Header | None:
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


def _given_header(samples: dict[str, _Sample], naming: Naming, row: int) -> Header | None:
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
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
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


def _noted(lines: Iterable[str], seen: list[str]) -> Iterator[str]:
    """Note the lines of a row on their way, since the CSV reader does not give back what it stumbles on."""
    for line in lines:
        if line.endswith(_END_OF_FILE):
            line = f"{line.rstrip(_END_OF_FILE)}\n"  # noqa: PLW2901  (it is the last one, and this is its end)
        seen.append(line)
        yield line


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
        self.name = visible(path.name)
        self.source = opened = SourceFile(path)
        self._binary, self._size = opened.buffer, opened.size
        try:
            self.encoding = layout.encoding or detect_encoding(iter(partial(self._binary.read, _SAMPLE_SIZE), b""))
            self._binary.seek(0)
            self._text = io.TextIOWrapper(self._binary, encoding=self.encoding, errors="replace", newline="")
            sample = self._read_sample()
            self._text.seek(0)
            self._find_form(sample, layout, Naming.of(layout, required))
        except BaseException:
            self._binary.close()
            raise

    def _read_sample(self) -> str:
        try:
            text = self._text.read(_SAMPLE_SIZE)
        except UnicodeError as error:
            raise SourceError(
                phrase(
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
                phrase(
                    "{file} is not a text file (read as {encoding}); save the price list as CSV or XLSX",
                    file=self.name,
                    encoding=self.encoding,
                )
            )
        if len(text) == _SAMPLE_SIZE:
            # The last line may be cut.
            text = text[: text.rfind("\n") + 1] or text
        return text

    def _find_form(self, text: str, layout: Layout, naming: Naming) -> None:
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
        self.findings = Findings(
            file=self.name,
            format=_FORMAT,
            encoding=self.encoding,
            delimiter=header.delimiter,
            header_row=header.row + 1,
            first_row=next((line for line, row in zip(lines, rows, strict=True) if any(map(str.strip, row))), None),
            **facts,
        )

    def _no_header(self, text: str, layout: Layout, naming: Naming) -> SourceError:
        if layout.header_row is not None:
            return row_missing(self.name, layout.header_row)
        detail = phrase("read as {encoding}", encoding=self.encoding)
        if layout.encoding is not None and "\ufffd" in text:
            detail = phrase(
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
        # The blank line at the end is part of a row only where a quote is open, behind which all rows are hidden.
        end = iter([_END])
        seen: list[str] = []
        lines = _noted(map(_without_nul, self._text), seen)
        reader = csv.reader(chain(lines, end), delimiter=self.header.delimiter)
        for _ in islice(reader, self._first):
            pass
        seen.clear()
        recent: deque[list[str]] = deque(maxlen=COMPARED_ROWS)
        number, line = 1, reader.line_num + 1
        while True:
            try:
                for cells in reader:
                    if any(map(str.strip, cells)):
                        is_open = not length_hint(end)
                        is_ended = not is_open and seen[-1].endswith(_ENDS)
                        yield Row(
                            number, line, cells if is_ended else self._last(cells, seen, recent, line, is_open=is_open)
                        )
                        number += 1
                        recent.append(cells)
                    else:
                        self._judge_unread(seen)
                    seen.clear()
                    line = reader.line_num + 1
            except csv.Error as error:
                self._judge_unread(seen)
                yield Row(number, line, UnreadableRow.of_text(foreign(error), "".join(seen)))
                seen.clear()
                number, line = number + 1, reader.line_num + 1
            else:
                return

    def _last(
        self, cells: list[str], seen: Sequence[str], others: Sequence[Sequence[str]], line: int, *, is_open: bool
    ) -> list[str] | UnreadableRow:
        """Give the last row, whose line has no end or whose quote is open, if it is whole as far as can be told."""
        text, is_one_line = seen[-1], len(seen) == 1
        # What was cut is a single line; a row of several has a quote that was left open, most likely.
        code = "row_cut" if is_one_line else "row_unreadable"
        if is_open and text.endswith(_ENDS):
            return UnreadableRow.of_text(_OPEN_QUOTE, "".join(seen))
        if is_open:
            self.ending = Ending(End.CUT) if is_one_line else DOUBTFUL
            return UnreadableRow.of_text(_OPEN_QUOTE, "".join(seen), code)
        is_closed = text.endswith('"') and not cells[-1].endswith('"')
        ending = judge_last_row(cells, others, len(self.columns.headers), line, is_closed=is_closed)
        self.ending = ending if is_one_line or ending.end is End.WHOLE else DOUBTFUL
        return UnreadableRow(ending.reason, code, cells) if ending.end is End.CUT else cells

    def _judge_unread(self, seen: Sequence[str]) -> None:
        """Doubt the end of a file that ends within a row of which nothing is read."""
        if seen and not (seen[-1].endswith(_ENDS) or seen[-1].isspace()):
            self.ending = DOUBTFUL

    @property
    def fraction(self) -> float:
        """Share of the file that has been read, 0 to 1."""
        return self._binary.tell() / self._size

    def close(self) -> None:
        """Close the file."""
        self._text.close()
