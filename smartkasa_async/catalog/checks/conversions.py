"""What a spreadsheet or another program has made of a value before the file came here."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from smartkasa_async._support.spreadsheets import find_conversion
from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.catalog.sources.cells import ConvertedCell
from smartkasa_async.catalog.sources.columns import Field

if TYPE_CHECKING:
    from collections.abc import Callable

ParsedT = TypeVar("ParsedT")

_TEXT_MARK = "'"
_RULES = {
    "date": "cell_date",
    "time": "cell_time",
    "boolean": "cell_boolean",
    "exponent": "cell_exponent",
    "digits": "digits_lost",
    "error": "cell_error",
    "narrow": "cell_narrow",
}
_OWN_WORDS = ("_spreadsheet", "_zeros", "_zero")
"""Ends of the names of rules that say of themselves what a spreadsheet has done."""
_FLAGS = frozenset({Field.SOLD_BY_WEIGHT, Field.IS_FREE_PRICE})


def require_unconverted(cell: str, field: Field) -> None:
    """Refuse a cell that holds something else than the text that was meant.

    Args:
        cell: The cell as it was read.
        field: What its column holds.

    Raises:
        RuleViolationError: `cell_date`, `cell_time`, `cell_boolean`, `cell_error`, `cell_formula` or `digits_lost`.
    """
    if isinstance(cell, ConvertedCell) and not (cell.rule == "cell_boolean" and field in _FLAGS):
        raise RuleViolationError(cell.rule)


def unconverted(parse: Callable[[str], ParsedT]) -> Callable[[str], ParsedT]:
    """Let a rule for texts, which takes any, refuse what a spreadsheet has made of them.

    An apostrophe in front says that the text is meant as it stands.

    Args:
        parse: The rule.

    Returns:
        The rule; it raises as `parse` does, and `RuleViolationError` with what `find_conversion` found.
    """

    def check(text: str) -> ParsedT:
        found = find_conversion(text)
        if found is not None:
            raise RuleViolationError(_RULES[found])
        if text[0] == _TEXT_MARK and find_conversion(text[1:]):
            return parse(text[1:])
        return parse(text)

    return check


def explain(error: RuleViolationError, text: str) -> RuleViolationError:
    """Say why a value breaks a rule, where a spreadsheet is the reason.

    Args:
        error: The broken rule.
        text: The value.

    Returns:
        What the spreadsheet has done; the error itself where nothing shows that.
    """
    if error.code.endswith(_OWN_WORDS):
        return error
    found = find_conversion(text)
    return error if found is None else RuleViolationError(_RULES[found])
