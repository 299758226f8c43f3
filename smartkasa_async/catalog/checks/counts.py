"""From a row of a price list or a stock report to a key and a count, or to what is wrong with it."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from smartkasa_async._support.spreadsheets import unguard_cell
from smartkasa_async.catalog.checks.codes import remove_spaces
from smartkasa_async.catalog.checks.decimals import parse_decimal
from smartkasa_async.catalog.checks.values import explain, require_unconverted
from smartkasa_async.catalog.problems import Problem, RuleViolationError
from smartkasa_async.catalog.source_location import key_value_of, normalise_key
from smartkasa_async.catalog.sources.columns import SPACES, UNKNOWN_FORMAT, NumberFormat
from smartkasa_async.catalog.sources.fields import Field
from smartkasa_async.catalog.sources.rows import Row, UnreadableRow
from smartkasa_async.models import ProductCreate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartkasa_async.catalog.source_location import KeyField, SourceLocation

_BARE_NUMBER = re.compile(rf"[-−]?[\d.,{SPACES}]+", re.ASCII)
_FINEST_DIGITS = 3
_TOO_LARGE = Decimal(10) ** 9


class CountRow(msgspec.Struct, frozen=True, gc=False):
    """A row with a key and a count.

    Attributes:
        row: Number of the row in the source.
        line: Line of the file on which it begins.
        key: The key as the source has it.
        key_value: The key, normalised.
        count: What the product's card is to have, in the product's unit of measure.
    """

    row: int
    line: int
    key: str
    key_value: str
    count: Decimal


class RejectedCount(msgspec.Struct, frozen=True, gc=False):
    """A row whose key or count cannot be used.

    Attributes:
        row: Number of the row in the source.
        line: Line of the file on which it begins.
        key: The key as the source has it; the title where there is no key.
        key_value: The key, normalised; None where it could not be read.
        problems: What is wrong with the row.
    """

    row: int
    line: int
    key: str
    key_value: str | None
    problems: tuple[Problem, ...]


def parse_count(text: str, format: NumberFormat = UNKNOWN_FORMAT) -> Decimal:
    """Read a quantity in stock.

    Args:
        text: Digits with a decimal comma or point; there may be spaces between thousands.
        format: What the marks of the column mean; it decides forms such as 1,250 only.

    Raises:
        RuleViolationError: `count_missing`; `count_unreadable`, also for a number with a unit, which need not be the
            product's; `count_ambiguous` for a form such as 1,250; `count_negative`; `count_too_large` from a thousand
            million on; or `count_fine` with more than three decimals.
    """
    if not text:
        raise RuleViolationError("count_missing")
    if _BARE_NUMBER.fullmatch(text) is None:
        raise RuleViolationError("count_unreadable")
    try:
        count = parse_decimal(text, format)
    except RuleViolationError as error:
        ambiguous = error.code == "number_ambiguous"
        raise RuleViolationError("count_ambiguous" if ambiguous else "count_unreadable") from error
    if count < 0:
        raise RuleViolationError("count_negative")
    if count >= _TOO_LARGE:
        raise RuleViolationError("count_too_large")
    if count != round(count, _FINEST_DIGITS):
        raise RuleViolationError("count_fine")
    return abs(count)


def read_key(cell: str, key: KeyField) -> tuple[str, str]:
    """Read the cell with the key of a row.

    Args:
        cell: The cell, without blanks around it.
        key: Which key it is.

    Returns:
        The key as the source has it, and normalised.
    """
    text = unguard_cell(cell)
    return text, normalise_key(key, remove_spaces(text) if key == "number" else text)


class CountReader:
    """Reads the rows of one source."""

    def __init__(self, location: SourceLocation, key: KeyField) -> None:
        columns = location.columns
        self._location = location
        self._key: KeyField = key
        self._positions = columns.positions
        self._width = len(columns.headers)
        self._format = columns.numbers.get(Field.COUNT, UNKNOWN_FORMAT)

    def read(self, row: Row) -> CountRow | RejectedCount:
        """Read one row.

        Returns:
            The key and the count, or the rejection with all problems of the row.
        """
        content = row.content
        if isinstance(content, UnreadableRow):
            return self._reject(row, "", "", [RuleViolationError(content.code, detail=content.reason)])
        if isinstance(content, ProductCreate):
            value = key_value_of(content, self._key)
            return self._reject(row, value or content.title, value, [RuleViolationError("count_missing")], Field.COUNT)
        if len(content) > self._width and any(map(str.strip, content[self._width :])):
            broken = RuleViolationError("too_many_fields", found=len(content), expected=self._width)
            return self._reject(row, self._cell(content, Field.TITLE), "", [broken])
        return self._read_cells(row, content)

    def _read_cells(self, row: Row, cells: Sequence[str]) -> CountRow | RejectedCount:
        field = Field(self._key)
        key_text, key_value = read_key(self._cell(cells, field), self._key)
        problems: list[Problem] = []
        if not key_value:
            problems.append(self._problem(row, self._location.key_missing(self._key), field))
        try:
            require_unconverted(self._raw(cells, field), field)
        except RuleViolationError as error:
            problems.append(self._problem(row, error, field, key_text))
        count_text = self._cell(cells, Field.COUNT)
        try:
            require_unconverted(self._raw(cells, Field.COUNT), Field.COUNT)
            count = parse_count(count_text, self._format)
        except RuleViolationError as error:
            problems.append(self._problem(row, explain(error, count_text), Field.COUNT, count_text))
        else:
            if not problems:
                return CountRow(row.number, row.line, key_text, key_value, count)
        return self._rejection(row, key_text or self._cell(cells, Field.TITLE), key_value, problems)

    def _raw(self, cells: Sequence[str], field: Field) -> str:
        position = self._positions.get(field)
        return cells[position] if position is not None and position < len(cells) else ""

    def _cell(self, cells: Sequence[str], field: Field) -> str:
        return self._raw(cells, field).strip()

    def _reject(
        self, row: Row, key: str, key_value: str, errors: Sequence[RuleViolationError], field: Field | None = None
    ) -> RejectedCount:
        return self._rejection(row, key, key_value, [self._problem(row, error, field) for error in errors])

    def _rejection(self, row: Row, key: str, key_value: str, problems: Sequence[Problem]) -> RejectedCount:
        return RejectedCount(
            row=row.number,
            line=row.line,
            key=key,
            key_value=key_value or None,
            problems=tuple(problems),
        )

    def _problem(self, row: Row, error: RuleViolationError, field: Field | None, value: str | None = None) -> Problem:
        return self._location.problem(error, row.line, field, value)
