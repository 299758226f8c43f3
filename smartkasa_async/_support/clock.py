"""Two clocks: this machine's, and the service's by its answers."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from smartkasa_async._i18n.message import msg

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smartkasa_async._i18n.message import Message

SKEW_NOTED = 300.0
"""Seconds between the clocks above which reports mention it."""

SKEW_STOPS = 3600.0
"""Seconds between the clocks above which nothing that decides by business days goes on unconfirmed."""

_MOST_AGE_DIGITS = 9
_LEAST_MINUTES, _LEAST_HOURS, _LEAST_DAYS = 2, 2, 2
"""From how many of a unit on a length is written in it."""


def now() -> datetime:
    """Return the time by this machine's clock, UTC."""
    return datetime.now(UTC)


def http_date(text: str | None) -> datetime | None:
    """Read a date of HTTP; None where it is none."""
    if text is None:
        return None
    try:
        moment = parsedate_to_datetime(text)
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None


def answered_at(headers: Mapping[str, str]) -> datetime | None:
    """Return when an answer was handed out by the clock of who made it; None where it does not state it.

    Args:
        headers: The answer's headers, case-insensitive: `Date`, and `Age` where a cache kept the answer for a while.
    """
    made_at = http_date(headers.get("Date"))
    age = headers.get("Age", "")
    if made_at is None or not (age.isascii() and age.isdigit() and len(age) <= _MOST_AGE_DIGITS):
        return made_at
    try:
        return made_at + timedelta(seconds=int(age))
    except OverflowError:
        return None


def in_words(seconds: float) -> Message:
    """Write a length of time in units of its size: `40 s`, `12 min`, `2 h 5 min`, `3 d 4 h`.

    Args:
        seconds: The length, of either sign.
    """
    seconds = abs(seconds)
    if seconds < _LEAST_MINUTES * 60:
        return msg("{seconds} s", seconds=round(seconds))
    minutes = round(seconds / 60)
    if minutes < _LEAST_HOURS * 60:
        return msg("{minutes} min", minutes=minutes)
    hours, minutes = divmod(minutes, 60)
    if hours < _LEAST_DAYS * 24:
        return msg("{hours} h {minutes} min", hours=hours, minutes=minutes)
    days, hours = divmod(hours, 24)
    return msg("{days} d {hours} h", days=days, hours=hours)


class ServiceClock:
    """The service's clock: the time of its last answer, continued by this machine's monotonic clock."""

    def __init__(self) -> None:
        self._heard_at = 0.0
        self._moment: datetime | None = None
        self._slack = 0.0

    def hear(self, headers: Mapping[str, str], seconds: float) -> None:
        """Read the time from an answer, where it has one.

        Args:
            headers: The answer's headers.
            seconds: How long the answer took since the request was sent; it was made somewhen in between.
        """
        moment = answered_at(headers)
        if moment is not None:
            self._moment, self._heard_at, self._slack = moment, time.monotonic(), seconds + 1  # whole seconds are given

    @property
    def skew(self) -> float | None:
        """Seconds that this machine's clock is ahead of the service's, negative behind; None where it is unknown."""
        if self._moment is None:
            return None
        skew = (now() - self._moment).total_seconds() - (time.monotonic() - self._heard_at)
        return skew if skew < 0 else max(0.0, skew - self._slack)
