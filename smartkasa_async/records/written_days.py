"""Days and months as people write them, in English and Ukrainian; what could be read in two ways is not read."""

from __future__ import annotations

import re
from datetime import date, timedelta

_FIRST, _LAST = date(2000, 1, 1), date(9998, 12, 31)
"""Days that can be meant; the last year of the calendar has days whose end is no time in Kyiv."""

_DAYS_BACK = {
    "today": 0,
    "сьогодні": 0,
    "yesterday": 1,
    "вчора": 1,
    "учора": 1,
    "позавчора": 2,
}
_MONTHS_BACK = {
    "this": 0,
    "current": 0,
    "цей": 0,
    "поточний": 0,
    "last": 1,
    "previous": 1,
    "минулий": 1,
    "попередній": 1,
}
_MONTH_NAMES = (
    ("january", "jan", "січень", "січня"),
    ("february", "feb", "лютий", "лютого"),
    ("march", "mar", "березень", "березня"),
    ("april", "apr", "квітень", "квітня"),
    ("may", "травень", "травня"),
    ("june", "jun", "червень", "червня"),
    ("july", "jul", "липень", "липня"),
    ("august", "aug", "серпень", "серпня"),
    ("september", "sep", "sept", "вересень", "вересня"),
    ("october", "oct", "жовтень", "жовтня"),
    ("november", "nov", "листопад", "листопада"),
    ("december", "dec", "грудень", "грудня"),
)
_MONTH_OF = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names}

_YEAR, _NUMBER = r"(?P<year>[0-9]{4})", r"[0-9]{1,2}"
_YEAR_FIRST = re.compile(rf"{_YEAR}([-./])(?P<month>{_NUMBER})\2(?P<day>{_NUMBER})")
_DAY_FIRST = re.compile(rf"(?P<day>{_NUMBER})([-./])(?P<month>{_NUMBER})\2{_YEAR}")
_COMPACT = re.compile(rf"{_YEAR}(?P<month>[0-9]{{2}})(?P<day>[0-9]{{2}})")
_DAY_AND_NAME = re.compile(rf"(?P<day>{_NUMBER})[ -](?P<name>[^\W\d_]+)[ -]{_YEAR}")
_AGO = re.compile(r"-(?P<count>[0-9]{1,5})(?P<unit>[dwдт])")
_MONTH_OF_YEAR = re.compile(rf"{_YEAR}[-./](?P<month>{_NUMBER})")
_MONTH_FIRST = re.compile(rf"(?P<month>{_NUMBER})[-./]{_YEAR}")
_NAME = re.compile(rf"(?P<name>[^\W\d_]+)([ .,-]+{_YEAR})?")
_MOST_MONTHS = 12


def read_day(text: str, today: date) -> date | None:
    """Read a day: `2026-10-31`, `31.10.2026`, `31 October 2026`, `today`, `yesterday`, `-7d`, `-2w`, and in Ukrainian.

    Returns:
        The day; None where it is none, or could be two, such as `03/04/2026`.
    """
    word = _plain(text)
    if word in _DAYS_BACK:
        return today - timedelta(days=_DAYS_BACK[word])
    if ago := _AGO.fullmatch(word):
        days = int(ago["count"]) * (7 if ago["unit"] in "wт" else 1)
        return _day_before(today, days)
    if named := _DAY_AND_NAME.fullmatch(word):
        month = _MONTH_OF.get(named["name"])
        return None if month is None else _day(int(named["year"]), month, int(named["day"]))
    found = _YEAR_FIRST.fullmatch(word) or _COMPACT.fullmatch(word) or _DAY_FIRST.fullmatch(word)
    if found is None:
        return None
    year, month, day = (int(found[part]) for part in ("year", "month", "day"))
    is_american_too = "/" in word and found.re is _DAY_FIRST and day <= _MOST_MONTHS and day != month
    return None if is_american_too else _day(year, month, day)


def read_month(text: str, today: date) -> date | None:
    """Read a month: `2026-10`, `10.2026`, `10/2026`, `october`, `this`, `last`, and in Ukrainian.

    A name without a year is the last such month that has begun.

    Returns:
        Its first day; None where it is none.
    """
    word = _plain(text)
    if word in _MONTHS_BACK:
        first = today.replace(day=1)
        return first if not _MONTHS_BACK[word] else (first - timedelta(days=1)).replace(day=1)
    if named := _NAME.fullmatch(word):
        month = _MONTH_OF.get(named["name"])
        if month is None:
            return None
        return _day(int(named["year"]) if named["year"] else today.year - (month > today.month), month, 1)
    found = _MONTH_OF_YEAR.fullmatch(word) or _MONTH_FIRST.fullmatch(word)
    return None if found is None else _day(int(found["year"]), int(found["month"]), 1)


def _plain(text: str) -> str:
    """Leave out what does not matter: case, spaces around, odd spaces and hyphens."""
    plain = re.sub(r"[\u2010-\u2015\u2212]", "-", " ".join(text.split()).casefold())
    return plain.removesuffix(" р.").removesuffix(" року")


def _day(year: int, month: int, day: int) -> date | None:
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return found if _FIRST <= found <= _LAST else None


def _day_before(today: date, days: int) -> date | None:
    found = today - timedelta(days=days)
    return found if found >= _FIRST else None
