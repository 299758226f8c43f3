"""A CSV file as shops have it: its encoding, delimiter and header row are found out, its rows come one by one."""

from __future__ import annotations

import codecs
import csv
import io
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Self

import msgspec

from smartkasa_async.catalog.columns import REQUIRED, Columns, field_of, match_columns
from smartkasa_async.catalog.errors import SourceError
from smartkasa_async.catalog.rows import Row, UnreadableRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from types import TracebackType

__all__ = ["CsvFile", "Layout", "detect_encoding", "find_layout"]

_SAMPLE_SIZE = 64 * 1024
_HEADER_ROWS = 20
_DELIMITERS = ";\t,|"


class Layout(msgspec.Struct, frozen=True):
    """How the text of a file is divided.

    Attributes:
        delimiter: Character between fields.
        header_row: Number of the header row, from 0; what stands above it is a letterhead.
        headers: The header row.
    """

    delimiter: str
    header_row: int
    headers: tuple[str, ...]


def detect_encoding(chunks: Iterable[bytes]) -> str:
    """Find out how a file's letters are encoded: UTF-8 with or without a byte order mark, else Windows-1251.

    Args:
        chunks: The file from its beginning; taken until one holds something else than ASCII, which decides.
    """
    beginning = True
    for chunk in chunks:
        if beginning and chunk.startswith(codecs.BOM_UTF8):
            return "utf-8-sig"
        beginning = False
        if not chunk.isascii():
            try:
                codecs.getincrementaldecoder("utf-8")().decode(chunk)
            except UnicodeDecodeError:
                return "cp1251"
            return "utf-8"
    return "utf-8"


def find_layout(text: str) -> Layout | None:
    """Find the delimiter and the header row: those that make the most headers known.

    Args:
        text: The file's beginning.

    Returns:
        The layout; None where no delimiter makes a row with a title and a price out of the first twenty.
    """
    best: Layout | None = None
    most_known = 0
    for delimiter in _DELIMITERS:
        for number, headers in enumerate(_sample_rows(text, delimiter)):
            fields = {field_of(header) for header in headers} - {None}
            if fields.issuperset(REQUIRED) and len(fields) > most_known:
                best, most_known = Layout(delimiter, number, tuple(headers)), len(fields)
    return best


def _sample_rows(text: str, delimiter: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return list(islice(reader, _HEADER_ROWS))
    except csv.Error:
        return []


class CsvFile:
    """An open CSV file; iterating it gives its rows once.

    Attributes:
        name: Name of the file without its folder.
        encoding: Encoding that was found.
        layout: Delimiter and header row that were found.
        columns: Where it has which field.
    """

    def __init__(self, path: Path) -> None:
        """Open a file and find out its form.

        Raises:
            OSError: The file cannot be opened.
            SourceError: The file has no header row with a title and a price.
        """
        self.name = path.name
        self._size = path.stat().st_size
        self._binary = path.open("rb")
        try:
            self.encoding = detect_encoding(iter(partial(self._binary.read, _SAMPLE_SIZE), b""))
            self._binary.seek(0)
            self._text = io.TextIOWrapper(self._binary, encoding=self.encoding, errors="replace", newline="")
            self.layout, self.columns = self._find_columns(self._text.read(_SAMPLE_SIZE))
            self._text.seek(0)
        except BaseException:
            self._binary.close()
            raise

    def _find_columns(self, sample: str) -> tuple[Layout, Columns]:
        layout = find_layout(sample)
        if layout is None:
            first_line = sample.partition("\n")[0].strip()
            raise SourceError(
                f"{self.name}: none of its first {_HEADER_ROWS} rows is a header with a title and a price, "
                f"such as Назва and Ціна; it begins with «{first_line[:200]}» (read as {self.encoding})"
            )
        return layout, match_columns(layout.headers, file=self.name)

    def __iter__(self) -> Iterator[Row]:
        reader = csv.reader(self._text, delimiter=self.layout.delimiter)
        for _ in islice(reader, self.layout.header_row + 1):
            pass
        number, line = 1, reader.line_num + 1
        while True:
            try:
                for cells in reader:
                    if any(map(str.strip, cells)):
                        yield Row(number, line, cells)
                        number += 1
                    line = reader.line_num + 1
            except csv.Error as error:
                yield Row(number, line, UnreadableRow(str(error)))
                number, line = number + 1, reader.line_num + 1
            else:
                return

    @property
    def fraction(self) -> float:
        """Share of the file that has been read, 0 to 1."""
        return self._binary.tell() / self._size

    def close(self) -> None:
        """Close the file."""
        self._text.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
