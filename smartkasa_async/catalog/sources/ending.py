"""Whether a file ends where whoever wrote it meant it to, by its last row: pure rules.

A file that was cut off at the end of a row cannot be distinguished from a whole one. Elsewhere its last line has no end
of line. Many a whole file has none either; then the last value is compared with the others of its column.
"""

from __future__ import annotations

import re
from collections.abc import Sequence  # noqa: TC003  (msgspec resolves annotations)
from enum import Enum
from typing import TYPE_CHECKING

import msgspec

from smartkasa_async._i18n.message import msg
from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.catalog.sources.columns import SPACES

if TYPE_CHECKING:
    from smartkasa_async.catalog.problems import Problem
    from smartkasa_async.catalog.source_location import SourceLocation

COMPARED_ROWS = 1000
"""How many rows before the last one are compared with it."""

_FEW = 3
"""Rows that show what they have in common."""
_MANY = 10
"""Rows of which the last is hardly the shortest by accident, although their lengths differ."""
_MARKS = (",", ".")
_UNREADABLE = "\ufffd"
_NUMBER = re.compile(rf"\D{{0,3}}(\d[\d.,{SPACES}]*)(\D{{0,8}})", re.ASCII)
_DIGIT = re.compile(r"\d", re.ASCII)


class End(Enum):
    """How a file ends."""

    WHOLE = "whole"
    """Nothing speaks against it, and the last line has an end or a form that no part of a longer one has."""
    DOUBTFUL = "doubtful"
    """The last line has no end, and its last value may be a part of a longer one."""
    CUT = "cut"
    """The last line has no end, and is shorter than it should be."""


class Ending(msgspec.Struct, frozen=True):
    """How a file ends, and what shows it.

    Attributes:
        end: How.
        reason: What shows that it was cut off.
        line: Line on which the last row begins, where it is doubtful; 0 where nothing is known of it.
        cells: The cells of that row.
    """

    end: End
    reason: str = ""
    line: int = 0
    cells: Sequence[str] = ()


WHOLE = Ending(End.WHOLE)
DOUBTFUL = Ending(End.DOUBTFUL)


def judge_last_row(
    last: Sequence[str], others: Sequence[Sequence[str]], width: int, line: int, *, is_closed: bool
) -> Ending:
    """Judge a last row whose line has no end.

    Args:
        last: Its cells.
        others: The rows before it, as many as are to be compared.
        width: Number of columns.
        line: Line on which it begins.
        is_closed: Whether its last cell is in quotes, and the last sign is the closing one.
    """
    count, expected = len(last), min(map(len, others), default=width)
    if count < expected:
        return _cut(msg("it has {found} of {expected} fields", found=count, expected=expected))
    value = last[-1].strip()
    if value.endswith(_UNREADABLE):
        return _cut(msg("its last letter is not whole"))
    column = [row[count - 1].strip() for row in others if len(row) >= count]
    if not value and len(column) >= _FEW and all(column):
        return _cut(msg("its last field is empty, and no other row's is"))
    if value and _is_cut(value, [other for other in column if other]):
        return _cut(msg("«{value}» is shorter than all other values of its column", value=value))
    is_longest = count >= max(map(len, others), default=width)
    if is_longest and ((is_closed and _is_closing(last[-1], column)) or _is_whole(value, column)):
        return WHOLE
    return Ending(End.DOUBTFUL, line=line, cells=tuple(last))


def _is_closing(text: str, others: Sequence[str]) -> bool:
    """Return whether a quote behind a cell ends it, and is not the first of two that stand for one within."""
    if _form(text.strip()) is not None:
        return True
    return text == text.rstrip() and not any('"' in cell for cell in (text, *others))


def _cut(reason: str) -> Ending:
    return Ending(End.CUT, reason)


def _is_cut(value: str, others: Sequence[str]) -> bool:
    """Return whether a number lacks what all others have: decimals, a unit, or a digit."""
    form = _form(value)
    forms = {other_form for other in others if (other_form := _form(other)) is not None}
    if form is None or not forms:
        return False
    if form == "" and forms == {""}:
        counts = {_count_digits(other) for other in others}
        return len(others) >= (_FEW if len(counts) == 1 else _MANY) and _count_digits(value) < min(counts)
    if form in forms:
        return False
    # 1,2 among 99.50 is a part of 1,250.00.
    has_other_mark = all(form[:1] in _MARKS and other[:1] in _MARKS and form[0] != other[0] for other in forms)
    return form[-1:] in _MARKS or has_other_mark or len(form) < min(map(len, forms))


def _is_whole(value: str, others: Sequence[str]) -> bool:
    """Return whether a value is one of the others, or of their form, and none of them goes on where it ends."""
    form = _form(value)
    shown = value if form is None else form
    known = set(others) if form is None else {_form(other) or "" for other in others}
    has_shape = form is None or form != ""
    return (
        len(others) >= _FEW
        and has_shape
        and shown in known
        and not any(other.startswith(shown) and other != shown for other in known)
    )


def _count_digits(text: str) -> int:
    return sum(map(str.isdecimal, text))


def _form(text: str) -> str | None:
    """Return what follows the whole part of a number, digits as 9: `,99 грн` for 1250,50 грн; None if it is none."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    number, unit = found.groups()
    mark = max(number.rfind(","), number.rfind("."))
    fraction = "" if mark < 0 else _DIGIT.sub("9", number[mark:].rstrip(SPACES))
    return f"{fraction}{unit.strip()}"


def doubts_about(ending: Ending, location: SourceLocation) -> list[Problem]:
    """Return the doubt that the last value of a file may be cut off, if it is a value that is imported."""
    if ending.end is not End.DOUBTFUL or not ending.cells:
        return []
    position = len(ending.cells) - 1
    field = next((field for field, own in location.columns.positions.items() if own == position), None)
    if field is None:
        return []
    return [location.problem(RuleViolationError("end_doubtful"), ending.line, field, ending.cells[-1].strip())]
