"""Business days: whole days in Kyiv, both ends included."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from smartkasa_async.sandbox.validation import refuse_fields
from smartkasa_async.sandbox.wire import kyiv_day_start, stored_time

if TYPE_CHECKING:
    from smartkasa_async.sandbox.storage import Where


def narrow_by_days(where: Where, name: str, text: str, *, column: str = "created_at") -> None:
    """Keep what happened from a Kyiv day or a moment on (`date_start`) or until one (`date_end`).

    Args:
        where: The conditions to add to.
        name: `date_start` or `date_end`.
        text: An ISO date, or an ISO time with its offset.
        column: The column that says when it happened.
    """
    try:
        if "T" in text:
            where.add(f"{column} {'>=' if name == 'date_start' else '<='} ?", _stored(text))
            return
        day = date.fromisoformat(text)
        if name == "date_start":
            where.add(f"{column} >= ?", kyiv_day_start(day))
        else:
            where.add(f"{column} < ?", kyiv_day_start(day, days_later=1))
    except (ValueError, OverflowError):
        raise refuse_fields(**{name: "invalid"}) from None


def _stored(text: str) -> str:
    moment = datetime.fromisoformat(text)
    if moment.utcoffset() is None:
        raise ValueError(text)
    return stored_time(moment)
