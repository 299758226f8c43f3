"""What spreadsheets do to cells, and what keeps them from it."""

from __future__ import annotations

import csv
import re
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from _csv import Writer as CsvWriter
    from collections.abc import Collection
    from decimal import Decimal

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

_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_CLOCK = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_MONTH = (
    "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|січ|лют|бер|кві?т?|тра?в?|чер?в?|лип|сер|вер|жов?т?|лис?т?|гру?д?"
    "|янв|фев|мар|апр|май|мая|июн|июл|авг|сент?|окт|ноя?б?|дек)"
)
_BOOLEANS = frozenset({"TRUE", "FALSE", "True", "False", "ІСТИНА", "ХИБНІСТЬ", "ХИБА", "ПРАВДА", "ИСТИНА", "ЛОЖЬ"})
_FORMS = rf"""
    (?=[-\d\#а-яЗ]|[A-Z][a-z])(?!\d+-\d+$)  # nearly every title begins with something else, and articles look so
    (?:
    (?P<date>
        {_DAY}[./](?:0?[1-9]|1[0-2])[./](?:19|20)\d\d{_CLOCK}
        |(?:0?[1-9]|1[0-2])/{_DAY}/(?:19|20)\d\d{_CLOCK}
        |(?:19|20)\d\d([-/])(?:0[1-9]|1[0-2])\2[0-3]\d{_CLOCK}
        |{_DAY}[-.]{_MONTH}\.?(?:[-.](?:\d\d){{1,2}})?
        |{_MONTH}\.?[-.](?:\d\d){{1,2}}
    )
    |(?P<time>(?:\d+\ days?,?\ )?\d{{1,3}}:[0-5]\d:[0-5]\d(?:[.,]\d+)?(?:\ [AP]M)?)
    |(?P<exponent>-?\d(?:[.,]\d+)?[EЕ][+-]\d{{2,3}}|-?\d[.,]\d{{2,}}[eEеЕ][+-]?\d{{1,3}})
    |(?P<digits>\d{{15}}0{{3,}})
    |(?P<error>
        \#(?:N/A|NAME\?|REF!|VALUE!|DIV/0!|NUM!|NULL!|SPILL!|CALC!|FIELD!|BLOCKED!|CONNECT!|UNKNOWN!|BUSY!|ERROR!
        |GETTING_DATA|Н/Д|НД|ИМЯ\?|ІМ['’ʼ]?Я\?|ССЫЛКА!|ПОСИЛАННЯ!|ЗНАЧ!|ДЕЛ/0!|ДІЛ/0!|ЧИСЛО!|ПУСТО!|ПЕРЕНОС!|ВЫЧИСЛ!
        |ОБЧИСЛ!|ПОМИЛКА!|ОШИБКА!)
        |Err:\d{{3}}|(?:Loading|Завантаження|Загрузка)(?:\.\.\.|…)
    )
    |(?P<narrow>\#{{2,}})
    )
    """
_CONVERTED = re.compile(_FORMS, re.VERBOSE | re.ASCII)
"""What a value looks like that a spreadsheet has turned into something else, and into what. A time
without seconds and a date without a year are left out, since they read as articles do: `1:18`, `10-11`."""
_CONVERTED_LINE = re.compile(rf"^(?:{_FORMS})$", re.VERBOSE | re.ASCII | re.MULTILINE)
_LONGEST_CONVERTED = 40
_SHORTEST_LOST = 18


EXCEL_ENCODING = "utf-8-sig"
"""Encoding of the CSV that a Ukrainian Excel opens: UTF-8 with a byte order mark."""
EXCEL_DELIMITER = ";"


def excel_writer(file: IO[str]) -> CsvWriter:
    """Return what writes rows as the CSV that a Ukrainian Excel opens, with semicolons.

    Args:
        file: A text file in `EXCEL_ENCODING` that was opened with `newline=""`.
    """
    return csv.writer(file, delimiter=EXCEL_DELIMITER)


def decimal_comma(number: Decimal) -> str:
    """Write a number as a Ukrainian Excel reads it: 10.05 would be the tenth of May."""
    return f"{number:f}".replace(".", ",")


def is_scientific(text: str) -> bool:
    """Return whether a spreadsheet has shortened a long number, as in `4,82E+12`."""
    return _SCIENTIFIC.fullmatch(text) is not None


def find_conversion(text: str) -> str | None:
    """Detect by a value's form what a spreadsheet has converted it into.

    Args:
        text: The value, without spaces around it.

    Returns:
        `date`, `time`, `boolean`, `exponent` for a shortened number, `digits` for one whose last digits became zeros,
        `error` for the error of a formula, `narrow` for the signs of a column that was too narrow; None for what may be
        meant as it stands.
    """
    if len(text) > _LONGEST_CONVERTED:
        return None
    if len(text) < _SHORTEST_LOST and text.isalnum():
        return "boolean" if text in _BOOLEANS else None
    found = _CONVERTED.fullmatch(text)
    return found.lastgroup if found else None


def may_be_converted(texts: Collection[str]) -> bool:
    """Return whether `find_conversion` may find something in any of some texts; all are looked at together.

    Args:
        texts: Values of one line each, without spaces around them.
    """
    return not _BOOLEANS.isdisjoint(texts) or _CONVERTED_LINE.search("\n".join(texts)) is not None


def guard_cell(text: str) -> str:
    """Mark a cell as text, by an apostrophe in front, where a spreadsheet would not leave it as it is.

    Args:
        text: The cell.

    Returns:
        The cell; marked if it would be run as a formula, shortened as in `4,82E+12`, or lose zeros in front.
    """
    return _TEXT_MARK + text if _needs_mark(text) else text


def seen_cell(text: str) -> str:
    r"""Mark a cell as `guard_cell` does, and write control characters as `\x1b`: for tables that only people read.

    Args:
        text: The cell.
    """
    if text[:1].isalnum() and not text.isdecimal() and text.isprintable():
        return text  # no formula and no long number, as nearly every cell
    if not text.isprintable():
        text = _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)
    return guard_cell(text)


def unguard_cell(text: str) -> str:
    """Remove the mark of `guard_cell`, or that of other programs, `="0123"`; any other apostrophe in front stays."""
    if formula := _TEXT_FORMULA.fullmatch(text):
        return formula[1]
    bare = text.removeprefix(_TEXT_MARK)
    return bare if _needs_mark(bare) else text


def _needs_mark(text: str) -> bool:
    text = text.lstrip(_TEXT_MARK)  # one that stands there already would be taken for the mark
    if _FORMULA.match(text) is not None or text.startswith(_CUT):
        return not text.isspace() and _NUMBER.fullmatch(text.strip()) is None
    return _LONG_OR_ZERO_FIRST.fullmatch(text) is not None
