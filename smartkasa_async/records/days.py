"""Business days of Ukraine: calendar days in Europe/Kyiv, daylight saving time included."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from smartkasa_async._i18n.message import argument, msg
from smartkasa_async._support import clock as _clock
from smartkasa_async.errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Iterator

KYIV = ZoneInfo("Europe/Kyiv")
"""The time zone of business days."""

_ONE_DAY = timedelta(days=1)


def business_day(moment: datetime) -> date:
    """Return the business day in Kyiv of a point in time.

    Args:
        moment: An aware time of any offset.

    Raises:
        ValueError: The time has no offset, so the clock it was read from is unknown.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no offset: give an aware time, for example with tzinfo=UTC")
    return moment.astimezone(KYIV).date()


def today() -> date:
    """Return the present business day in Kyiv, by this machine's clock."""
    return business_day(_clock.now())


@dataclass(frozen=True, slots=True)
class Window:
    """A span of business days in Kyiv, both ends included.

    Attributes:
        start: First day.
        end: Last day.

    Raises:
        InvalidRequestError: One is no date, or the end comes before the start.
    """

    start: date
    end: date

    def __post_init__(self) -> None:
        for name, day in (("start", self.start), ("end", self.end)):
            if isinstance(day, datetime) or not isinstance(day, date):
                message = msg(
                    "{field} is {value!r}; give a datetime.date, the business day in Kyiv",
                    field=argument(name),
                    value=day,
                )
                raise InvalidRequestError(message, field=name)
        if self.end < self.start:
            raise InvalidRequestError(
                msg(
                    "{last} is {end}, before {first}, which is {start}",
                    last=argument("end"),
                    first=argument("start"),
                    end=self.end,
                    start=self.start,
                ),
                field="end",
            )

    def __str__(self) -> str:
        return f"{self.start}…{self.end}"

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= business_day(moment) <= self.end

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.end - self.start).days + 1

    @property
    def begins_at(self) -> datetime:
        """The first moment of the window, in UTC."""
        return _midnight(self.start)

    @property
    def ends_at(self) -> datetime:
        """The first moment after the window, in UTC."""
        return _midnight(self.end + _ONE_DAY)

    def split(self, days: int) -> Iterator[Window]:
        """Cut the window into consecutive ones of at most this many days."""
        first = self.start
        while first <= self.end:
            last = min(first + (days - 1) * _ONE_DAY, self.end)
            yield Window(first, last)
            first = last + _ONE_DAY


def month_of(day: date) -> Window:
    """Return the month of a day."""
    return Window(day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1]))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), KYIV).astimezone(UTC)
