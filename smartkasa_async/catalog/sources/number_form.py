"""Which mark a column of numbers uses for decimals and which for thousands, by what its cells show."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

SPACES = " \u00a0\u2009\u202f'’"
"""Characters that stand between thousands without ever being a decimal mark."""

_NUMBER = re.compile(
    rf"(?:₴\s*)?-?(\d{{1,3}}([{SPACES}.,])\d{{3}}(?:\2\d{{3}})*|\d+)(?:([.,])(\d+))?\s*(?:₴|грн\.?|uah)?",
    re.ASCII | re.IGNORECASE,
)
_GROUP = 3


class NumberForm(msgspec.Struct, frozen=True):
    """What the marks in a column's numbers mean.

    Attributes:
        decimal: Mark before the fraction, `,` or `.`; None where nothing tells.
        thousands: Mark between thousands, `,`, `.` or a space for any kind of space; None where nothing tells.
        thousandths: Whether a fraction may have three digits, which prices hardly ever have.
    """

    decimal: str | None = None
    thousands: str | None = None
    thousandths: bool = True

    def is_fraction(self, mark: str) -> bool | None:
        """Tell what a single mark before exactly three digits means, as in `12,345`.

        Args:
            mark: The comma or point.

        Returns:
            True for a decimal mark, False for a thousands mark, None where nothing tells.
        """
        if mark == self.thousands or (self.decimal is not None and mark != self.decimal):
            return False
        if self.decimal is None and self.thousands is None:
            return None
        return True if self.thousandths else None


UNKNOWN_FORM = NumberForm()
"""The form of a column of which nothing is known."""


def find_form(cells: Iterable[str]) -> NumberForm:
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
        return UNKNOWN_FORM
    if only_decimal is only_thousands is None:
        return UNKNOWN_FORM
    return NumberForm(only_decimal, only_thousands, thousandths)


def _only(marks: set[str]) -> str | None:
    return next(iter(marks)) if len(marks) == 1 else None
