"""Rows of a source, and the removal of characters that nobody sees, before any check."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, Self

import msgspec

from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.catalog.sources.cells import is_plain, trimmed, without_invisible
from smartkasa_async.catalog.sources.ending import WHOLE, Ending
from smartkasa_async.catalog.sources.fields import NUMBERS, Field
from smartkasa_async.catalog.sources.letters import is_plain_text
from smartkasa_async.models import ProductCreate  # noqa: TC001  (msgspec resolves annotations)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import TracebackType

    from smartkasa_async.catalog.problems import Problem
    from smartkasa_async.catalog.source_location import SourceLocation
    from smartkasa_async.catalog.sources.columns import Columns
    from smartkasa_async.catalog.sources.source_file import SourceFile
    from smartkasa_async.catalog.sources.source_info import SourceInfo

_LONGEST_CELL = 32_767

_TEXTS = frozenset({Field.TITLE, Field.ALTER_TITLE, Field.CATEGORY})
_BLANKS = " \t\r\n\v\f"


class UnreadableRow(msgspec.Struct, frozen=True):
    """Stands for a row that cannot be checked field by field.

    Attributes:
        reason: What the reader stumbled on.
        code: Code of the problem.
        content: Its cells as far as they are known; one with its text where they could not be separated.
    """

    reason: str
    code: str = "row_unreadable"
    content: Sequence[str] = ()

    @classmethod
    def of_text(cls, reason: str, text: str, code: str = "row_unreadable") -> Self:
        """Keep the text of a row; of a very long one, as much as a cell of a spreadsheet holds."""
        return cls(reason, code, (text.rstrip("\r\n")[:_LONGEST_CELL],))


class Row(msgspec.Struct, frozen=True, gc=False):
    """One row of a source.

    Attributes:
        number: Number of the row, from 1, headers and blank lines not counted.
        line: Line of the file on which the row begins; the row's number where the source is not a file.
        content: Cells in the order of the source's columns, or a product that the caller has made.
    """

    number: int
    line: int
    content: Sequence[str] | ProductCreate | UnreadableRow


class RowFile(ABC):
    """An open file or table; iterating it gives its rows once.

    Attributes:
        name: Name of the file without its folder; empty where there is no file.
        columns: Where it has which field.
        source_info: What was detected about it.
        source: The file that it is read from; None where there is no file.
        ending: Whether it ends as a whole file does; known when all rows have been read.
    """

    name: str
    columns: Columns
    source_info: SourceInfo
    source: SourceFile | None = None
    ending: Ending = WHOLE

    @abstractmethod
    def __iter__(self) -> Iterator[Row]: ...

    @property
    @abstractmethod
    def fraction(self) -> float | None:
        """Share that has been read, 0 to 1; None where the size is not known."""

    @abstractmethod
    def close(self) -> None:
        """Close the file."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class Cleaner:
    """Cleans the rows of one source, and counts what it changes.

    Args:
        location: The source.
        keys_cleaned: Counts the keys of items that something was removed from.
    """

    def __init__(self, location: SourceLocation, keys_cleaned: Callable[[], int] = int) -> None:
        positions = location.columns.positions
        self._location = location
        self._keys_cleaned = keys_cleaned
        self._count = location.columns.cleaned
        self._line = 0
        self._texts = frozenset(positions[field] for field in _TEXTS if field in positions)
        self._numbers = frozenset(positions[field] for field in NUMBERS if field in positions)
        self._codes = frozenset(positions.values()) - self._texts

    def clean(self, rows: list[Row]) -> list[Row]:
        """Clean rows; products that the caller has made, and rows that could not be read, stay as they are."""
        if is_plain_text("".join(chain.from_iterable(map(_cells_of, rows)))):
            return rows
        return [row if is_plain("".join(_cells_of(row))) else self._cleaned(row) for row in rows]

    def notes(self) -> list[Problem]:
        """Describe once what was removed from all rows and headers."""
        count = self._count + self._keys_cleaned()
        if not count:
            return []
        return [self._location.problem(RuleViolationError("invisible_removed", count=count), self._line)]

    def _cleaned(self, row: Row) -> Row:
        cells = list(_cells_of(row))
        for position, cell in enumerate(cells):
            cleaned = cell
            if position in self._texts:
                cleaned = trimmed(cell)
            elif position in self._codes:
                cleaned = without_invisible(cell).strip()
            # A cell that needs nothing stays what it is, which may be more than its text.
            if cleaned != cell:
                self._note(position, cell, cleaned, row.line)
                cells[position] = cleaned
        return msgspec.structs.replace(row, content=cells)

    def _note(self, position: int, before: str, after: str, line: int) -> None:
        """Count what is not to be seen; the spaces between thousands are no more than that."""
        shown = without_invisible(before) if position in self._numbers and _has_only_spaces(before) else before
        if shown.strip(_BLANKS) != after:
            self._count += 1
            self._line = self._line or line


def _cells_of(row: Row) -> Sequence[str]:
    return row.content if type(row.content) is list else ()


def _has_only_spaces(text: str) -> bool:
    return is_plain(" ".join(text.split()))
