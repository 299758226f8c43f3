"""Formats of cells by which a number is shown as a text: with zeros in front, as a code, per cent or an exponent."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from smartkasa_async.catalog.sources.cells import ConvertedCell
from smartkasa_async.catalog.sources.columns import foreign_currency

BUILT_IN = {9: "0%", 10: "0.00%", 11: "0.00E+00", 48: "##0.0E+0"}
"""Formats that workbooks name by their numbers only, as far as they count here."""

FIRST_OWN = 164
"""Number of the first format of a workbook's own; those below it show the currency of the computer that opens it."""

_PATTERN = re.compile(r'(?:0|"[^"]*"|\\.|[-/ ().:]|_.)+')
_TOKEN = re.compile(r'0|"([^"]*)"|\\(.)|([-/ ().:])|_.')
_OPTIONS = re.compile(r"\[[^\]]*\]")
_EXPONENT = re.compile(r"[eE][+-]0+")
_SIGN = re.compile(r'\[\$([^\]-]*)[^\]]*\]|"([^"]*)"|\\(.)|([$€£¥])')
_FEWEST_ZEROS = 2
_MOST_TYPED = 7
"""Digits of a number that was typed with an exponent, as `4,82301E+12`; one that has more got it by its format."""


def is_shown_otherwise(pattern: str) -> bool:
    """Tell whether a format shows a number as another text than its digits."""
    bare = _bare(pattern)
    return "%" in bare or _EXPONENT.search(bare) is not None or _is_pattern(bare)


@lru_cache(maxsize=256)
def in_foreign_currency(pattern: str) -> str | None:
    """Give the text that a format shows beside a number, if it names another currency than the hryvnia."""
    signs = ("".join(filter(None, sign.groups())) for sign in _SIGN.finditer(pattern.partition(";")[0]))
    text = " ".join(" ".join(signs).split())
    return text if foreign_currency(text) else None


def shown(number: str, pattern: str) -> str | None:
    """Write a number as its format shows it.

    Args:
        number: The number as the workbook holds it.
        pattern: The format.

    Returns:
        The text; with the rule `cell_exponent` for a text such as `1E5` that was taken for a number; None where the
        format changes nothing that counts.
    """
    bare = _bare(pattern)
    if number.isdigit() and bare == "0" * len(bare):
        return number.zfill(len(bare)) if len(number) < len(bare) else None
    try:
        value = Decimal(number.strip())
    except InvalidOperation:
        return None
    return _shown(value, bare) if value.is_finite() else None


def _shown(value: Decimal, bare: str) -> str | None:
    if "%" in bare:
        return f"{(value * 100).normalize():f}%"
    if _EXPONENT.search(bare):
        digits = len(value.normalize().as_tuple().digits)
        return ConvertedCell(f"{value.normalize():E}", "cell_exponent") if digits <= _MOST_TYPED else None
    if not _is_pattern(bare) or value < 0 or value != value.to_integral_value():
        return None
    return _in_pattern(f"{value:.0f}", bare)


@lru_cache(maxsize=256)
def _bare(pattern: str) -> str:
    """Take the part for positive numbers, without colours and languages."""
    return _OPTIONS.sub("", pattern.partition(";")[0])


@lru_cache(maxsize=256)
def _is_pattern(bare: str) -> bool:
    return _PATTERN.fullmatch(bare) is not None and bare.count("0") >= _FEWEST_ZEROS and "0.0" not in bare


def _in_pattern(digits: str, bare: str) -> str:
    tokens = list(_TOKEN.finditer(bare))
    zeros = sum(token[0] == "0" for token in tokens)
    digits = digits.zfill(zeros)
    front, rest = digits[: len(digits) - zeros], iter(digits[len(digits) - zeros :])
    written = ""
    for token in tokens:
        if token[0] == "0":
            written += front + next(rest)
            front = ""
        else:
            written += token[1] or token[2] or token[3] or ""
    return written.strip()
