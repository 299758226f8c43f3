"""The text of a cell: values of workbooks, tables and records as text, and the removal of invisible characters."""

from __future__ import annotations

import datetime as dt
import math
import re
import struct
from decimal import Decimal
from fractions import Fraction
from numbers import Integral, Real
from types import NoneType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable

# Controls but line breaks and tabs, soft hyphens, joiners, fillers, marks of direction and of order, invisible signs.
# Selectors of variants and tags are left out, since they are parts of emojis.
_UNPRINTABLE = (
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U0001d173-\U0001d17a\U000e0001"
)
_FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
"""Signs without a shape that count as letters and the like."""
_SPACES = "\xa0\u1680\u2000-\u200a\u202f\u205f\u3000"
_INVISIBLE = re.compile(f"[{_UNPRINTABLE}{_FILLERS}]+")
_SPACE = re.compile(f"[{_SPACES}]")
_ENDS = re.compile(rf"\A[\s{_UNPRINTABLE}{_FILLERS}]+|[\s{_UNPRINTABLE}{_FILLERS}]+\Z")

_AMBIGUOUS_DIGITS = 3
_CERTAIN_DIGITS = 15
"""Significant digits of a float that are certain; spreadsheet programs keep and show as many."""
_CERTAIN = 10**_CERTAIN_DIGITS
_WHOLE_LIMIT = 1 << 53
"""Whole numbers above it have no float of their own."""
_PRICE_DECIMALS = 2

_SINGLE, _HALF = 24, 11
_NARROW = {
    "float32": _SINGLE,
    "float": _SINGLE,
    "float[pyarrow]": _SINGLE,
    "float16": _HALF,
    "halffloat": _HALF,
    "halffloat[pyarrow]": _HALF,
}
"""Names of the types of short floats in pandas, polars and Arrow, to the bits of their digits."""
_PACKED = {_SINGLE: "f", _HALF: "e"}

_NUMPY: dict[str | None, Callable[[Any], object]] = {
    "b": bool,
    "M": lambda value: value.astype("datetime64[us]").item(),
    "m": lambda value: value.astype("timedelta64[us]").item(),
}
"""Kinds of values of NumPy, and what makes values of Python of them."""


def is_plain(text: str) -> bool:
    """Check quickly that a text has nothing invisible in it, nor any space but the plain one.

    Args:
        text: Any text; one with line breaks or tabs is not plain.
    """
    return text.isprintable() and not any(filler in text for filler in _FILLERS)


def without_invisible(text: str) -> str:
    """Take what is invisible out of a header, a number or a code, and make plain spaces of all others."""
    return text if text.isascii() else _SPACE.sub(" ", _INVISIBLE.sub("", text))


def trimmed(text: str) -> str:
    """Take spaces and what is invisible off the ends of a text; inside, it may join two emojis to one."""
    return _ENDS.sub("", text)


class ConvertedCell(str):
    """The text of a value that is no text, and that was one before a program turned it into something else.

    Attributes:
        rule: Name of the rule that it breaks where text is owed, for example `cell_date`.
    """

    __slots__ = ("rule",)

    rule: str

    def __new__(cls, text: str, rule: str) -> Self:
        """Write a value, and return what it is."""
        cell = super().__new__(cls, text)
        cell.rule = rule
        return cell


def cell_text(value: object) -> str:
    """Write a value as a sheet shows it; numbers without trailing zeros, since they are exact already."""
    if type(value) is str:
        return value
    for kind, write in _WRITERS:
        if isinstance(value, kind):
            return write(value)
    return _text_of_other(value)


def number_text(value: object) -> str:
    """Write a value for a column of numbers: one with three decimals gets a fourth, so that they are no thousands."""
    if type(value) is float:
        return _without_thousands(_float_text(value))
    bits = narrow_bits(getattr(value, "dtype", None))
    if bits is not None:
        return narrow_text(value, bits, _PRICE_DECIMALS)
    if isinstance(value, list | tuple | set):
        return str(value)  # several values are no number, also where there is one of them
    text = cell_text(value)
    return _without_thousands(text) if isinstance(value, Real | Decimal) else text


def narrow_bits(dtype: Any) -> int | None:
    """Return how many binary digits a type of short floats keeps.

    Args:
        dtype: Type of a column or of a number, as pandas, NumPy, polars or Arrow have it; None for none.

    Returns:
        24 or 11; None for a type that is no short float.
    """
    if dtype is None:
        return None
    categories = getattr(dtype, "categories", None)
    inner = getattr(dtype, "subtype", dtype) if categories is None else getattr(categories, "dtype", None)
    return _NARROW.get(str(inner).lower())


def narrow_text(value: Any, bits: int, decimals: int | None = None) -> str:
    """Write a short float with the digits that it was made of.

    Args:
        value: The number; what is no number is written as by `cell_text`.
        bits: Binary digits that its type keeps.
        decimals: Most decimals of the numbers in its column, None for a column of texts and whole numbers.

    Returns:
        The number; with the rule `digits_lost` where it may stand for several numbers of so many decimals.
    """
    if not isinstance(value, Real):
        return cell_text(value)
    number = float(value)
    if not math.isfinite(number):
        return _float_text(number)
    packed = _PACKED[bits]
    shortest = next(text for digits in range(1, 18) if _is_same(text := f"{number:.{digits}g}", number, packed))
    text = _written(Decimal(shortest))
    unit = 10 ** (decimals or 0)
    half = Fraction(2) ** (math.frexp(number)[1] - bits - 1)
    lowest, highest = (Fraction(number) - half) * unit, (Fraction(number) + half) * unit
    if math.floor(highest) > math.ceil(lowest):
        return ConvertedCell(text, "digits_lost")
    return text if decimals is None else _without_thousands(text)


def _is_same(text: str, number: float, packed: str) -> bool:
    """Return whether a number is kept as this short float."""
    try:
        kept: float = struct.unpack(packed, struct.pack(packed, float(text)))[0]
    except OverflowError:
        return False
    return kept == number


def _without_thousands(text: str) -> str:
    return f"{text}0" if len(text.partition(".")[2]) == _AMBIGUOUS_DIGITS else text


def _decimal_text(value: Decimal) -> str:
    """Write a number with its digits; NaN, a missing value, is nothing."""
    return "" if value.is_nan() else _written(value)


def _float_text(value: float) -> str:
    """Write the digits of a float that are certain; one that may have lost digits is marked."""
    if value != value:  # noqa: PLR0124  (only NaN differs from itself)
        return ""
    if -_CERTAIN < value < _CERTAIN or math.isinf(value):
        return _written(Decimal(f"{float(value):.{_CERTAIN_DIGITS}g}"))
    text = str(int(value))
    return text if abs(value) <= _WHOLE_LIMIT and text[-1] != "0" else ConvertedCell(text, "digits_lost")


def _written(exact: Decimal) -> str:
    return f"{exact.normalize():f}" if exact.is_finite() else str(exact)


def _real_text(value: Real) -> str:
    """Write a number of another package, which shows the digits that are its own."""
    bits = narrow_bits(getattr(value, "dtype", None))
    if bits is not None:
        return narrow_text(value, bits)
    try:
        return _decimal_text(Decimal(str(value)))
    except ArithmeticError:
        return _float_text(float(value))


def _date_text(value: dt.date) -> str:
    # A missing date of pandas is a date, too, and differs from itself.
    return ConvertedCell(value.strftime("%d.%m.%Y"), "cell_date") if value == value else ""  # noqa: PLR0124


def _time_text(value: dt.datetime) -> str:
    if value != value:  # noqa: PLR0124  (likewise)
        return ""
    return ConvertedCell(value.strftime("%d.%m.%Y %H:%M:%S").removesuffix(" 00:00:00"), "cell_date")


def _text_of_other(value: Any) -> str:
    """Write a value of another package."""
    if hasattr(value, "as_py"):
        return cell_text(value.as_py())
    convert = _NUMPY.get(getattr(getattr(value, "dtype", None), "kind", None))
    if convert is not None:
        return cell_text(convert(value))
    if isinstance(value, Integral):
        return str(int(value))
    if isinstance(value, Real):
        return _real_text(value)
    # What stands for a missing value in pandas equals nothing, and not even this is known.
    return "" if type(value).__name__ == "NAType" else str(value)


_WRITERS: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (float, _float_text),
    (bool, lambda value: ConvertedCell("true" if value else "false", "cell_boolean")),
    (int, lambda value: str(int(value))),
    (Decimal, _decimal_text),
    (NoneType, lambda _: ""),
    (str, lambda value: value if isinstance(value, ConvertedCell) else str(value)),
    (dt.datetime, _time_text),
    (dt.date, _date_text),
    (dt.time, lambda value: ConvertedCell(str(value), "cell_time")),
    (dt.timedelta, lambda value: ConvertedCell(str(value), "cell_time")),
    (list, lambda values: ", ".join(map(cell_text, values))),
    (tuple, lambda values: ", ".join(map(cell_text, values))),
    (bytes, lambda value: value.decode("utf-8", "replace")),
)
