"""CSV files: delimiter, headers and encoding are detected, rows are read one by one.

Python's reader divides the rows. It is not asked where a row has several lines or no end: a quote that is never closed,
or closed in the middle of a field, may be a stray one, which must not hide the rows behind it; and the lines of a field
that is too long must not be taken for rows.
"""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from itertools import chain, islice
from operator import length_hint, methodcaller
from typing import TYPE_CHECKING, NamedTuple

from smartkasa_async._i18n.external import external_message
from smartkasa_async._i18n.message import msg
from smartkasa_async.catalog.errors import SourceError
from smartkasa_async.catalog.sources.cells import trimmed
from smartkasa_async.catalog.sources.ending import COMPARED_ROWS, DOUBTFUL, WHOLE, End, Ending, judge_last_row
from smartkasa_async.catalog.sources.header_matcher import (
    HEADER_ROWS,
    HeaderMatcher,
    find_header,
    header_missing,
    read_headers,
    row_missing,
)
from smartkasa_async.catalog.sources.layout import UNKNOWN_LAYOUT, Layout
from smartkasa_async.catalog.sources.rows import Row, UnreadableRow
from smartkasa_async.catalog.sources.sampling import look_at
from smartkasa_async.catalog.sources.source_file import file_empty
from smartkasa_async.catalog.sources.source_info import SourceInfo
from smartkasa_async.catalog.sources.text_file import TextFile, TextRowFile, doubting

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from smartkasa_async.catalog.sources.columns import Columns
    from smartkasa_async.catalog.sources.fields import Field

_END = "\n"
_ENDS = ("\n", "\r")
_END_OF_FILE = "\x1a"
"""What programs of DOS put behind the last row."""
_OPEN_QUOTE = msg("unexpected end of data")
_LINE_BREAK = msg("a carriage return within the row")
_QUOTE_WITHIN = msg("quotation marks within a quoted field that are not doubled")
_QUOTE_INSIDE = r'"(?![{0}"\r\n]|\Z)(?:(?<![{0}"]")(?<!\A")|(?<=[{0}]"")|(?<=\A""))'
"""A quote that neither begins nor ends a field; whether its field is quoted at all is to be looked at then."""
_MOST_KEPT = 1 << 20
"""Characters that are kept while the end of a quote is looked for; where it is farther away the file is read again."""
_without_nul = methodcaller("replace", "\0", "\ufffd")
"""Marks what a damaged file has instead of a letter, so that the check of the row names it."""

_SAMPLE_SIZE = 64 * 1024
_DELIMITERS = ";\t,|"
_CONTROLS = "".join(map(chr, range(32))).translate(dict.fromkeys(map(ord, "\t\n\v\f\r\x1a")))
_FORMAT = "CSV"


def newline_of(text: str) -> str:
    """Return what ends the lines of a text, as for `open`: a carriage return by itself only where it does so mostly."""
    alone = text.count("\r") - text.count("\r\n")
    return "" if alone > text.count("\n") else "\n"


class _Scanned(NamedTuple):
    """What was found in a line.

    Attributes:
        is_open: Whether a quote is open at its end.
        improper: Numbers of the fields, from 0, that do not end where their quote is closed.
        opened: Number of the field, from 0, in which the quote was opened that is open at its end.
    """

    is_open: bool
    improper: tuple[int, ...]
    opened: int

    @property
    def is_proper(self) -> bool:
        """Whether each quote that was closed in the line ends its field."""
        return not self.improper


def _scan(line: str, delimiter: str, *, is_open: bool = False) -> _Scanned:
    """Determine whether a line leaves a quote open."""
    improper: tuple[int, ...] = ()
    position = field = 0
    while True:
        if not is_open and line.startswith('"', position):
            is_open, position = True, position + 1
        while is_open:
            quote = line.find('"', position)
            if quote < 0:
                return _Scanned(is_open, improper, field)
            is_open = line.startswith('"', quote + 1)
            position = quote + 1 + is_open
            if not is_open and line[position : position + 1] not in {"", delimiter, "\r", "\n"}:
                improper = (*improper, field)
        position = line.find(delimiter, position) + 1
        if not position:
            return _Scanned(is_open, improper, field)
        field += 1


class CsvRows:
    """The rows of an open CSV file; iterating them gives them once.

    Args:
        file: The file.
        text: Its text, at the beginning.
        delimiter: Character between fields.
        first: Number of rows above the first product.
        width: Number of columns.
        used: Numbers of the columns, from 0, that are fields.

    Attributes:
        ending: Whether the file ends as a whole one does; known when all rows have been read.
    """

    def __init__(
        self,
        file: TextFile,
        text: io.TextIOWrapper,
        delimiter: str,
        *,
        first: int,
        width: int,
        used: Collection[int],
    ) -> None:
        self.ending: Ending = WHOLE
        self._file = file
        self._text = text
        self._delimiter = delimiter
        self._first = first
        self._width = width
        self._used = frozenset(used)
        self._quote_inside = re.compile(_QUOTE_INSIDE.format(re.escape(delimiter)))
        self._source = self._begin_source()
        self._seen: list[str] = []
        self._back: deque[str] = deque()
        self._passed = 0
        self._is_torn = False
        self._end: Iterator[str] = iter(())

    def __iter__(self) -> Iterator[Row]:
        seen = self._seen
        reader = self._reader()
        for _ in islice(reader, self._first):
            pass
        recent: deque[list[str]] = deque(maxlen=COMPARED_ROWS)
        number, line = 1, len(seen) + 1
        seen.clear()
        while True:
            for cells in self._unquoted():
                if any(map(str.strip, cells)):
                    yield Row(number, line, cells)
                    number += 1
                    recent.append(cells)
                line += 1
            try:
                cells = next(reader)
                reason: str | None = _OPEN_QUOTE if len(seen) > 1 and self._leave_stray_line(line) else None
            except StopIteration:
                return
            except csv.Error as error:
                reason = _OPEN_QUOTE if self._leave_stray_line(line) else _reason_of(error)
                self._judge_unread()
            if reason is None:
                if any(map(str.strip, cells)):
                    is_open = not length_hint(self._end)
                    is_ended = not is_open and seen[-1].endswith(_ENDS)
                    content = cells if is_ended else self._last(cells, recent, line, is_open=is_open)
                    if '"' in seen[0] and self._is_quoted_wrongly():
                        content = UnreadableRow.of_text(_QUOTE_WITHIN, "".join(seen))
                    yield Row(number, line, content)
                    number += 1
                    recent.append(cells)
                else:
                    self._judge_unread()
                line += len(seen)
            else:
                yield Row(number, line, UnreadableRow.of_text(reason, "".join(seen)))
                number, line = number + 1, line + len(seen) + self._passed
                self._passed = 0
                reader = self._reader()
            seen.clear()

    def _unquoted(self) -> Iterator[list[str]]:
        """Yield the cells of the next lines without quotes: such a line is a row, whatever stands around it."""
        longest = csv.field_size_limit()
        for line in () if self._back else self._source:
            if '"' in line or line[-1] != "\n" or "\r" in line[:-2] or len(line) > longest:
                self._back.append(line)
                return
            yield line.rstrip("\r\n").split(self._delimiter)

    def _reader(self) -> Iterator[list[str]]:
        # The blank line at the end is part of a row only where a quote is open, behind which all rows are hidden.
        self._end = iter([_END])
        return csv.reader(chain(self._lines(), self._end), delimiter=self._delimiter)

    def _lines(self) -> Iterator[str]:
        """Note the lines of a row on their way, since the reader does not give back what it stumbles on."""
        while (line := self._next_line()) is not None:
            self._seen.append(line)
            yield line

    def _begin_source(self) -> Iterator[str]:
        lines = map(_without_nul, self._text) if self._file.has_nul else iter(self._text)
        return _without_end_of_file(lines) if self._file.has_end_mark else lines

    def _leave_stray_line(self, line: int) -> bool:
        """Leave only the first line in a row, if the quote that is open at its end is one that closes no field.

        A row with a field that is too long is read to its end.

        Args:
            line: Number of the first line.

        Returns:
            Whether the quote is such a one; the lines behind it are read as rows then.
        """
        seen = self._seen
        first = scanned = _scan(seen[0], self._delimiter)
        is_proper = first.is_proper
        may_be_stray = self._is_whole(seen[0], first)
        for text in seen[1:]:
            scanned = _scan(text, self._delimiter, is_open=scanned.is_open)
            is_proper = is_proper and scanned.is_proper
        behind: list[str] = []
        size = 0
        while scanned.is_open and (is_proper or not may_be_stray) and (line_behind := self._next_line()) is not None:
            scanned = _scan(line_behind, self._delimiter, is_open=True)
            is_proper = is_proper and scanned.is_proper
            self._passed += 1
            size += len(line_behind)
            if size <= _MOST_KEPT:
                behind.append(line_behind)
        if not may_be_stray or (is_proper and not scanned.is_open):
            if scanned.is_open:
                self.ending = DOUBTFUL
            self._is_torn = not is_proper
            return False
        if size <= _MOST_KEPT:
            self._back.extendleft(reversed([*seen[1:], *behind]))
        else:
            self._back.clear()
            self._file.rewind(self._text)
            self._source = self._begin_source()
            for _ in islice(self._source, line):
                pass
        del seen[1:]
        self._passed = 0
        return True

    def _is_quoted_wrongly(self) -> bool:
        """Return whether a field was not read as it was meant: `"Кафе "Ранок""` gives `Кафе Ранок""`.

        On a line by itself, columns that are left alone do not count. Of several lines, nobody knows which are a field.
        """
        seen = self._seen
        if len(seen) > 1:
            return self._is_torn
        if self._quote_inside.search(seen[0]) is None:
            return False
        return not self._used.isdisjoint(_scan(seen[0], self._delimiter).improper)

    def _next_line(self) -> str | None:
        return self._back.popleft() if self._back else next(self._source, None)

    def _is_whole(self, line: str, scanned: _Scanned) -> bool:
        """Recognise a line with an open quote that is a row with all fields if the quote means nothing."""
        has_all = line.count(self._delimiter) + 1 == self._width
        return scanned.is_open and has_all and scanned.opened < self._width - 1

    def _last(
        self, cells: list[str], others: Sequence[Sequence[str]], line: int, *, is_open: bool
    ) -> list[str] | UnreadableRow:
        """Return the last row, whose line has no end or whose quote is open, if it is whole as far as is known."""
        seen = self._seen
        text, is_one_line = seen[-1], len(seen) == 1
        # What was cut is a single line; a row of several has a quote that was left open, most likely.
        code = "row_cut" if is_one_line else "row_unreadable"
        if is_open and text.endswith(_ENDS):
            return UnreadableRow.of_text(_OPEN_QUOTE, "".join(seen))
        if is_open:
            self.ending = Ending(End.CUT) if is_one_line else DOUBTFUL
            return UnreadableRow.of_text(_OPEN_QUOTE, "".join(seen), code)
        is_closed = text.endswith('"') and not cells[-1].endswith('"')
        ending = judge_last_row(cells, others, self._width, line, is_closed=is_closed)
        self.ending = ending if is_one_line or ending.end is End.WHOLE else DOUBTFUL
        return UnreadableRow(ending.reason, code, cells) if ending.end is End.CUT else cells

    def _judge_unread(self) -> None:
        """Doubt the end of a file that ends within a row of which nothing is read."""
        seen = self._seen
        if seen and not (seen[-1].endswith(_ENDS) or seen[-1].isspace()):
            self.ending = DOUBTFUL


def _reason_of(error: csv.Error) -> str:
    return _LINE_BREAK if "new-line" in str(error) else external_message(error)


def _without_end_of_file(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield f"{line.rstrip(_END_OF_FILE)}\n" if line.endswith(_END_OF_FILE) else line


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


def find_csv_header(text: str, matcher: HeaderMatcher, layout: Layout = UNKNOWN_LAYOUT) -> Header | None:
    """Find the delimiter and the header row: those that make the most headers known.

    Args:
        text: The file's beginning.
        matcher: The rules for headers.
        layout: What the caller knows.

    Returns:
        The header; None where no delimiter makes a row with the required fields out of the first ones.
    """
    samples = {delimiter: _sample(text, delimiter) for delimiter in layout.delimiter or _DELIMITERS}
    if layout.header_row is not None:
        return _given_header(samples, matcher, layout.header_row - 1)
    best: Header | None = None
    most_known = 0
    for delimiter, sample in samples.items():
        found = find_header(sample.rows[:HEADER_ROWS], matcher, _FORMAT)
        if found is not None and found[1] > most_known:
            best, most_known = Header(delimiter, found[0]), found[1]
    return best


def _given_header(samples: dict[str, _Sample], matcher: HeaderMatcher, row: int) -> Header | None:
    """Find the delimiter by which a given row has the most known headers, or else the most fields."""
    long_enough = {delimiter: sample.rows for delimiter, sample in samples.items() if len(sample.rows) > row}
    if not long_enough:
        return None

    def known_and_wide(delimiter: str) -> tuple[int, int]:
        headers = long_enough[delimiter][max(row, 0)]
        fields = matcher.recognised(headers, _FORMAT).fields_among(headers) if row >= 0 else ()
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


class CsvFile(TextRowFile):
    """An open CSV file; iterating it gives its rows once."""

    def _open(self, layout: Layout, required: Collection[Field]) -> None:
        self.encoding: str = self._file.encoding
        self._text = self._file.open("\n")
        sample = self._read_sample()
        self._text.detach()
        self._text = self._file.open(newline_of(sample))
        with doubting(self.name, self._file.doubts):
            self._find_form(sample, layout, HeaderMatcher.of(layout, required))

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

    def _find_form(self, text: str, layout: Layout, matcher: HeaderMatcher) -> None:
        header = find_csv_header(text, matcher, layout)
        if header is None:
            raise self._no_header(text, layout, matcher)
        self.header = header
        sample = _sample(text, header.delimiter)
        headers, height = read_headers(sample.rows, header.row, matcher, _FORMAT)
        self._first = header.row + height
        rows, lines = sample.rows[self._first :], sample.lines[self._first :]
        matcher = matcher.recognised(headers, _FORMAT)
        columns = matcher.match(headers, file=self.name)
        self.columns: Columns
        self.columns, facts = look_at(columns, rows, layout, matcher, file=self.name)
        self.source_info: SourceInfo = SourceInfo(
            file=self.name,
            format=_FORMAT,
            encoding=self.encoding,
            delimiter=header.delimiter,
            header_row=header.row + 1,
            first_row=next((line for line, row in zip(lines, rows, strict=True) if any(map(str.strip, row))), None),
            **facts | {"doubts": self._file.doubts + facts["doubts"]},
        )

    def _no_header(self, text: str, layout: Layout, matcher: HeaderMatcher) -> SourceError:
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
        return header_missing(self.name, lines + divided, matcher, detail)

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
