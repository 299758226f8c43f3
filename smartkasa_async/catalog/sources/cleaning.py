"""Rows without what nobody sees: it is removed from numbers and codes, and from the ends of titles and categories."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.catalog.sources.columns import NUMBERS, Field
from smartkasa_async.catalog.sources.invisible import is_plain, trimmed, without_invisible
from smartkasa_async.catalog.sources.letters import is_plain_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartkasa_async.catalog.problems import Problem
    from smartkasa_async.catalog.source_location import SourceLocation
    from smartkasa_async.catalog.sources.rows import RecordReader, Row

_TEXTS = frozenset({Field.TITLE, Field.ALTER_TITLE, Field.CATEGORY})
_BLANKS = " \t\r\n\v\f"


class Cleaner:
    """Cleans the rows of one source, and counts what it changes.

    Args:
        location: The source.
        records: What turns items into its rows; None for a file or a table.
    """

    def __init__(self, location: SourceLocation, records: RecordReader | None = None) -> None:
        positions = location.columns.positions
        self._location = location
        self._records = records
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
        """Say once what was removed from all rows and headers."""
        count = self._count + (self._records.keys_cleaned if self._records else 0)
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
        return row._replace(content=cells)

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
