"""The days that a tool is asked for, as people name them."""

from __future__ import annotations

import re
from datetime import date, timedelta

from smartkasa_async._i18n.message import msg
from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.records.days import Window, month_of
from smartkasa_async.records.written_days import read_day, read_month

MOST_DAYS = 3_660
_ONE_DAY = timedelta(days=1)
_DECEMBER = 12
_RANGE = re.compile(r"\s*(.+?)\s*(?:\.\.+|…)\s*(.+?)\s*")
_LAST_DAYS = re.compile(r"-([0-9]{1,4})d")
_YEAR = re.compile(r"20[0-9]{2}")
_MONTH_WORDS = re.compile(r"\s*(?:month|місяць|місяця)$")
_WEEKS = {
    "this week": 0,
    "цей тиждень": 0,
    "last week": 1,
    "previous week": 1,
    "минулий тиждень": 1,
    "попередній тиждень": 1,
}
_YEARS = {"this year": 0, "цей рік": 0, "last year": 1, "минулий рік": 1}


def read_days(text: str, today: date) -> Window:
    """Read business days, in English or Ukrainian; what is yet to come is left out where a period goes on.

    Args:
        text: `2026-10-31`, `2026-10-01..2026-10-07`, `2026-10`, `2026`, `today`, `yesterday`, `-7d` for the last 7 days
            with today, `this week`, `last month` and so on.
        today: The present business day.

    Raises:
        InvalidRequestError: These are no days, or too many.
    """
    window = _read(" ".join(text.split()).casefold(), today)
    if window is None:
        raise InvalidRequestError(
            msg(
                "days is {text!r}; give a day (2026-10-31, today, yesterday), a span (2026-10-01..2026-10-07, -7d),"
                " a week (last week), a month (2026-10, last month) or a year (2026)",
                text=text[:100],
            ),
            field="days",
        )
    if window.days > MOST_DAYS:
        message = msg("days are {count}; give {most} at most", count=window.days, most=MOST_DAYS)
        raise InvalidRequestError(message, field="days")
    return window


def _read(text: str, today: date) -> Window | None:
    if found := _RANGE.fullmatch(text):
        first, last = _read(found[1], today), _read(found[2], today)
        return None if first is None or last is None else Window(first.start, last.end)
    if (back := _LAST_DAYS.fullmatch(text)) and int(back[1]):
        return Window(today - (int(back[1]) - 1) * _ONE_DAY, today)
    if text in _WEEKS:
        monday = today - (today.weekday() + 7 * _WEEKS[text]) * _ONE_DAY
        return _begun(monday, monday + 6 * _ONE_DAY, today)
    if text in _YEARS or _YEAR.fullmatch(text):
        year = today.year - _YEARS[text] if text in _YEARS else int(text)
        return _begun(date(year, 1, 1), date(year, _DECEMBER, 31), today)
    day = read_day(text, today)
    return _month(text, today) if day is None else Window(day, day)


def _month(text: str, today: date) -> Window | None:
    month = read_month(_MONTH_WORDS.sub("", text), today)
    if month is None:
        return None
    return _begun(month, month_of(month).end, today)


def _begun(first: date, last: date, today: date) -> Window:
    return Window(first, max(first, min(last, today)))
