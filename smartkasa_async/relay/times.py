"""When messages are sent, retried and given up, and when the morning's work is due: pure rules."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Self

from smartkasa_async._i18n.message import argument, msg
from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.records.days import KYIV, business_day

if TYPE_CHECKING:
    from collections.abc import Callable

_ONE_DAY = timedelta(days=1)
_CLOCK = re.compile(r"([01]?\d|2[0-3])(?::([0-5]\d))?")

GIVE_UP_AFTER = timedelta(days=3)
"""How long after its first attempt a message is given up."""
NIGHT_ENDS = time(6)
"""When the days before are compared: by then late receipts and Z-reports have come."""

_FIRST_RETRY = 5.0
_LONGEST_RETRY = 3600.0
_JITTER = 0.2
_MOST_DOUBLINGS = 16
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 60.0


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Hours of each day, by the clock in Kyiv, in which nothing is sent; what comes waits for their end.

    Attributes:
        start: When they begin.
        end: When they end, on the next day where that is not later.

    Raises:
        InvalidRequestError: Both are the same.
    """

    start: time
    end: time

    def __post_init__(self) -> None:
        if self.start == self.end:
            raise InvalidRequestError(
                msg(
                    "{field} begin and end at {start}; give two different times",
                    field=argument("quiet_hours"),
                    start=f"{self.start:%H:%M}",
                ),
                field="quiet_hours",
            )

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read hours such as `22:00-08:00` or `22-8`.

        Raises:
            InvalidRequestError: These are no hours.
        """
        start, _, end = text.replace("–", "-").partition("-")
        times = read_time(start), read_time(end)
        if times[0] is None or times[1] is None:
            raise InvalidRequestError(
                msg(
                    "{field} are {text}; give two times of the day such as 22:00-08:00",
                    field=argument("quiet_hours"),
                    text=repr(text),
                ),
                field="quiet_hours",
            )
        return cls(times[0], times[1])

    def end_at(self, now: datetime) -> datetime | None:
        """Return when the quiet hours end that a moment lies in, in UTC; None where it lies in none.

        They are the time that elapses between two readings of the clock, so where a clock that is put back shows an
        hour twice, they end when it shows the end first.
        """
        today = business_day(now)
        for day in (today - _ONE_DAY, today):
            begins_at = in_kyiv(day, self.start)
            ends_at = in_kyiv(day if self.start < self.end else day + _ONE_DAY, self.end)
            if begins_at <= now < ends_at:
                return ends_at
        return None


def read_time(text: str) -> time | None:
    """Read a time of the day such as `08:30` or `8`; None where it is none."""
    found = _CLOCK.fullmatch(text.strip())
    return time(int(found[1]), int(found[2] or 0)) if found else None


def in_kyiv(day: date, clock: time) -> datetime:
    """Return when the clock in Kyiv shows a time of a day first, in UTC; one that it skips counts as an hour later."""
    return datetime.combine(day, clock, KYIV).astimezone(UTC)


def wait_before_retry(attempts: int, draw: Callable[[float, float], float]) -> float:
    """Return how many seconds a message waits after its attempts so far, doubling up to an hour.

    Args:
        attempts: How often it was sent in vain, at least 1.
        draw: Draws a number between two bounds, as `random.uniform` does.
    """
    wait: float = _FIRST_RETRY * 2 ** min(attempts - 1, _MOST_DOUBLINGS)
    return min(_LONGEST_RETRY, wait) * draw(1 - _JITTER, 1 + _JITTER)


def pause_after(failures: int) -> float:
    """Return how many seconds a receiver is left alone after so many failures in a row, at least 1 of them."""
    pause: float = _FIRST_PAUSE * 2 ** min(failures - 1, _MOST_DOUBLINGS)
    return min(_LONGEST_PAUSE, pause)


def is_given_up(first_tried_at: datetime, now: datetime) -> bool:
    """Return whether a message that failed once more is given up."""
    return now - first_tried_at >= GIVE_UP_AFTER


def day_due(now: datetime, clock: time, last: date | None) -> date | None:
    """Return the business day whose evaluation is due: yesterday, once a time of today has come.

    Args:
        now: The present moment, aware.
        clock: The time of the day.
        last: The last day that was evaluated; None for none.
    """
    today = business_day(now)
    yesterday = today - _ONE_DAY
    is_due = now >= in_kyiv(today, clock) and (last is None or last < yesterday)
    return yesterday if is_due else None


def until_due(now: datetime, clock: time) -> float:
    """Return how many seconds pass until the clock in Kyiv next shows a time."""
    today = business_day(now)
    moments = (in_kyiv(day, clock) for day in (today, today + _ONE_DAY, today + 2 * _ONE_DAY))
    return next((moment - now).total_seconds() for moment in moments if moment > now)
