"""Which business day it is when two clocks may disagree, and when they disagree too much to go on."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from smartkasa_async._i18n.message import argument, msg
from smartkasa_async._support import clock as _clock
from smartkasa_async._support.clock import SKEW_NOTED, SKEW_STOPS
from smartkasa_async.errors import ClockSkewError
from smartkasa_async.records import days

if TYPE_CHECKING:
    from datetime import date, datetime

    from smartkasa_async._i18n.message import Message
    from smartkasa_async.client import SmartKasa


def earlier_now(kasa: SmartKasa) -> datetime:
    """Return the present moment, in UTC, by whichever clock is behind."""
    return _clock.now() - timedelta(seconds=max(0.0, kasa.clock_skew or 0.0))


def earlier_today(kasa: SmartKasa) -> date:
    """Return the present business day by whichever clock is behind: no day is over before it is over by both."""
    today = days.today()
    return min(today, days.business_day(earlier_now(kasa))) if kasa.clock_skew else today


def refuse_clock(kasa: SmartKasa, *, accept: bool) -> None:
    """Refuse to go on where the clocks are hours apart.

    Args:
        kasa: The client, which had an answer already.
        accept: Whether the caller knows, and goes on by the clock that is behind.

    Raises:
        ClockSkewError: They are, and it was not accepted.
    """
    skew = kasa.clock_skew
    if skew is None or abs(skew) <= SKEW_STOPS or accept:
        return
    here = _clock.now()
    message = msg(
        "By this machine's clock it is {here:%Y-%m-%d %H:%M} UTC, and by the service's {there:%Y-%m-%d %H:%M}:"
        " it is unknown which days are over; set the clock, or accept the difference ({option})",
        here=here,
        there=here - timedelta(seconds=skew),
        option=argument("accept_clock_skew"),
    )
    raise ClockSkewError(message, seconds=skew)


def skew_note(skew: float | None) -> Message | None:
    """Return a note where the clocks differ by minutes or more; None where they agree, or nothing is known."""
    if skew is None or abs(skew) <= SKEW_NOTED:
        return None
    if skew > 0:
        return msg("This machine's clock is {time} ahead of the service's; set it", time=_clock.in_words(skew))
    return msg("This machine's clock is {time} behind the service's; set it", time=_clock.in_words(skew))
