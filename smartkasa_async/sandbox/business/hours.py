"""Time: opening hours in Europe/Kyiv, how busy days and hours are, and the way to UTC across daylight saving."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from smartkasa_async.sandbox.business.profiles import Profile

KYIV: Final = ZoneInfo("Europe/Kyiv")

_WEEKDAYS: Final = (0.88, 0.9, 0.92, 0.98, 1.18, 1.3, 0.84)
"""Customers from Monday to Sunday against the average day."""

_DAYLIGHT: Final = (1, 1, 1, 1, 1, 2, 4, 8, 12, 10, 9, 10, 13, 13, 11, 10, 11, 15, 18, 16, 11, 7, 4, 2)
"""Customers by the hour of the Kyiv day, in relation to each other."""

_FIRST_VISIT: Final = timedelta(minutes=3)
_LAST_VISIT: Final = timedelta(minutes=10)
_HOUR: Final = timedelta(hours=1)
_LEAST_GAP: Final = timedelta(milliseconds=2)
_HANDOVER: Final = timedelta(minutes=5)
_DAY_SPLIT: Final = time(14)
_SPREAD: Final = (0.85, 1.15)


def at_kyiv(day: date, moment: time) -> datetime:
    """Return a moment of a Kyiv day in UTC."""
    return datetime.combine(day, moment, KYIV).astimezone(UTC)


def days(start: date, count: int) -> Iterator[date]:
    """Yield consecutive days."""
    return (start + timedelta(days=n) for n in range(count))


def demand(day: date, average: int, rng: Random) -> int:
    """Return how many customers come on a day."""
    return round(average * _WEEKDAYS[day.weekday()] * rng.uniform(*_SPREAD))


def working_hours(profile: Profile, day: date, rng: Random, *, split: bool) -> list[tuple[datetime, datetime]]:
    """Return the shifts that a terminal works on a day, as opening and closing times in UTC, within the Kyiv day.

    Args:
        profile: The shop's settings.
        day: The Kyiv day.
        rng: Shifts open and close some minutes late.
        split: Whether cashiers change in the middle of the day; around the clock they always do.
    """
    opens, closes = profile.opens, profile.closes
    if not (split or profile.around_the_clock):
        return [(_late(day, opens, rng), _late(day, closes, rng))]
    middle = time(12) if profile.around_the_clock else _DAY_SPLIT
    handover = _late(day, middle, rng)
    return [(_late(day, opens, rng), handover), (handover + _HANDOVER, _late(day, closes, rng))]


def _late(day: date, moment: time, rng: Random) -> datetime:
    return at_kyiv(day, moment) + timedelta(milliseconds=rng.randrange(300_000))


def visits(opens: datetime, closes: datetime, count: int, rng: Random) -> list[datetime]:
    """Return when the customers of a shift pay, following the hours of the Kyiv day.

    The times are in UTC and whole milliseconds; each is later than the one before.
    """
    first, last = opens + _FIRST_VISIT, closes - _LAST_VISIT
    hours = [first + n * _HOUR for n in range(-(-(last - first) // _HOUR))]
    weights = [_DAYLIGHT[hour.astimezone(KYIV).hour] for hour in hours]
    lengths = [min(_HOUR, last - hour) // timedelta(milliseconds=1) for hour in hours]
    picked = rng.choices(range(len(hours)), weights, k=count)
    times = sorted(hours[n] + timedelta(milliseconds=rng.randrange(lengths[n])) for n in picked)
    for index in range(1, count):
        times[index] = max(times[index], times[index - 1] + _LEAST_GAP)
    return times
