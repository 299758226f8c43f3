"""What spreadsheets do to cells, and what keeps them from it."""

from __future__ import annotations

import re

__all__ = ["guard_cell", "is_scientific", "seen_cell", "unguard_cell"]

_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?[eEеЕ]\+?\d+", re.ASCII)
_LONG_OR_ZERO_FIRST = re.compile(r"\d{12,}|0\d+", re.ASCII)
_FORMULA = re.compile(
    "[\\s\x00-\x1f\u200b-\u200f\u2060\ufeff]*[=+\\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b]"
)
"""What a cell begins with that some spreadsheet runs: a sign, a full-width or a small one, behind anything unseen."""
_CUT = ("\t", "\r", "\n")
_NUMBER = re.compile(r"[-+]?\d[\d., \u00a0]*%?", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""Control characters but for tabs and line breaks; programs cut cells at some, and refuse files for others."""
_TEXT_MARK = "'"
_TEXT_FORMULA = re.compile(r'="([^"]*)"')


def is_scientific(text: str) -> bool:
    """Tell whether a spreadsheet has shortened a long number, as in `4,82E+12`."""
    return _SCIENTIFIC.fullmatch(text) is not None


def guard_cell(text: str) -> str:
    """Mark a cell as text, by an apostrophe in front, where a spreadsheet would not leave it as it is.

    Args:
        text: The cell.

    Returns:
        The cell; marked if it would be run as a formula, shortened as in `4,82E+12`, or lose zeros in front.
    """
    return _TEXT_MARK + text if _needs_mark(text) else text


def seen_cell(text: str) -> str:
    r"""Do the same for a table that people read and nothing reads back: control characters are written as `\x1b`.

    Args:
        text: The cell.
    """
    if not text.isprintable():  # most are
        text = _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)
    return guard_cell(text)


def unguard_cell(text: str) -> str:
    """Take the mark of `guard_cell` off, or that of other programs, `="0123"`; any other apostrophe in front stays."""
    if formula := _TEXT_FORMULA.fullmatch(text):
        return formula[1]
    bare = text.removeprefix(_TEXT_MARK)
    return bare if _needs_mark(bare) else text


def _needs_mark(text: str) -> bool:
    text = text.lstrip(_TEXT_MARK)  # one that stands there already would be taken for the mark
    if _FORMULA.match(text) is not None or text.startswith(_CUT):
        return not text.isspace() and _NUMBER.fullmatch(text.strip()) is None
    return _LONG_OR_ZERO_FIRST.fullmatch(text) is not None
