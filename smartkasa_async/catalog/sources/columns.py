"""Where a table has which field, and which marks its numbers use for decimals and thousands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from smartkasa_async.catalog.sources.cells import without_invisible
from smartkasa_async.catalog.sources.fields import NUMBERS, Field

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from smartkasa_async.catalog.sources.layout import Layout

SPACES = " \u00a0\u2009\u202f'’"
"""Characters that stand between thousands without ever being a decimal mark."""

_NUMBER = re.compile(
    rf"(?:₴\s*)?-?(\d{{1,3}}([{SPACES}.,])\d{{3}}(?:\2\d{{3}})*|\d+)(?:([.,])(\d+))?\s*(?:₴|грн\.?|uah)?",
    re.ASCII | re.IGNORECASE,
)
_GROUP = 3

_LOOKED_UP_BY = {Field.CATEGORY_ID.value: Field.CATEGORY, Field.TAX_GROUP_ID.value: Field.TAX}


class NumberFormat(msgspec.Struct, frozen=True):
    """What the marks in a column's numbers mean.

    Attributes:
        decimal: Mark before the fraction, `,` or `.`; None where it is unknown.
        thousands: Mark between thousands, `,`, `.` or a space for any kind of space; None where it is unknown.
        thousandths: Whether a fraction may have three digits, which prices hardly ever have.
    """

    decimal: str | None = None
    thousands: str | None = None
    thousandths: bool = True

    def is_fraction(self, mark: str) -> bool | None:
        """Return what a single mark before exactly three digits means, as in `12,345`.

        Returns:
            True for a decimal mark, False for a thousands mark, None where it is unknown.
        """
        if mark == self.thousands or (self.decimal is not None and mark != self.decimal):
            return False
        if self.decimal is None and self.thousands is None:
            return None
        return True if self.thousandths else None


UNKNOWN_FORMAT = NumberFormat()
"""The form of a column of which nothing is known."""


def find_number_format(cells: Iterable[str]) -> NumberFormat:
    """Find the marks that the numbers of a column use.

    Args:
        cells: The column's cells, numbers or not.

    Returns:
        The form; a mark that some cells use in one way and some in another is left out, so that cells which may be read
        both ways stay errors of their own.
    """
    decimals: set[str] = set()
    thousands: set[str] = set()
    thousandths = False
    for cell in cells:
        found = _NUMBER.fullmatch(cell.strip())
        if found is None:
            continue
        whole, group, mark, fraction = found.groups()
        # A mark that may stand between thousands, as in 12,345, was found as that of a group.
        if mark is not None:
            decimals.add(mark)
            thousandths = thousandths or len(fraction) == _GROUP
        if group is None:
            continue
        if whole.startswith("0"):
            decimals.add(group)
            thousandths = True
        elif mark is not None or group in SPACES or whole.count(group) > 1:
            thousands.add(" " if group in SPACES else group)
    only_decimal, only_thousands = _only(decimals), _only(thousands)
    if decimals & thousands:
        return UNKNOWN_FORMAT
    if only_decimal is only_thousands is None:
        return UNKNOWN_FORMAT
    return NumberFormat(only_decimal, only_thousands, thousandths)


def _only(marks: set[str]) -> str | None:
    return next(iter(marks)) if len(marks) == 1 else None


class Columns(msgspec.Struct, frozen=True):
    """Where a table has which field.

    Attributes:
        headers: The headers as the file has them.
        positions: Number of the column, from 0, by field.
        unused: Headers that stand for no field; their columns are left alone.
        numbers: What the marks in the numbers of a field mean; fields of which nothing is known are left out.
        rivals: Numbers of the columns that may all be a field, where it is unknown which is; the first of them stands
            in `positions` meanwhile.
        cleaned: How many headers had something invisible in them, which was removed.
    """

    headers: tuple[str, ...]
    positions: dict[Field, int]
    unused: tuple[str, ...]
    numbers: dict[Field, NumberFormat] = {}
    rivals: dict[Field, tuple[int, ...]] = {}
    cleaned: int = 0

    def header_of(self, field: str) -> str | None:
        """Find the header above a field, or above what a product's field was looked up by; None where there is none."""
        found = [
            self.headers[self.positions[Field(candidate)]]
            for candidate in (field, _LOOKED_UP_BY.get(field))
            if candidate in self.positions
        ]
        # A header that the source has itself goes before a field's name, which stands in for one.
        return next((header for header in found if header != field), found[0] if found else None)


def find_numbers(columns: Columns, rows: Sequence[Sequence[str]], layout: Layout) -> dict[Field, NumberFormat]:
    """Find the form of each column of numbers.

    Args:
        columns: Where the table has which field.
        rows: Its first rows.
        layout: What the caller knows; its marks hold for all columns.

    Returns:
        The forms; a column that shows nothing is taken to be like the others, where these agree.
    """
    positions = {field: columns.positions[field] for field in NUMBERS if field in columns.positions}
    if layout.decimal is not None or layout.thousands is not None:
        return dict.fromkeys(positions, NumberFormat(layout.decimal, layout.thousands))
    cells = {
        field: [without_invisible(row[position]) for row in rows if position < len(row)]
        for field, position in positions.items()
    }
    shared = find_number_format(cell for column in cells.values() for cell in column)
    number_formats = {field: find_number_format(column) for field, column in cells.items()}
    found: dict[Field, NumberFormat] = {}
    for field, number_format in number_formats.items():
        known = shared if number_format == UNKNOWN_FORMAT else number_format
        if known != UNKNOWN_FORMAT:
            # Counts have thousandths (grams), prices only where they show some.
            thousandths = field is Field.COUNT or (number_format.thousandths and number_format != UNKNOWN_FORMAT)
            found[field] = msgspec.structs.replace(known, thousandths=thousandths)
    return found


def main_number_format(formats: dict[Field, NumberFormat]) -> NumberFormat:
    """Choose the form that is shown for the whole table: that of the first column of prices."""
    return next((formats[field] for field in NUMBERS if field in formats), UNKNOWN_FORMAT)
