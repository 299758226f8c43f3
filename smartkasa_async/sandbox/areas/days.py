"""Business days: whole days in Kyiv, both ends included."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from smartkasa_async.sandbox.validation import refuse_fields
from smartkasa_async.sandbox.wire import kyiv_day_start

if TYPE_CHECKING:
    from smartkasa_async.sandbox.storage import Where

__all__ = ["narrow_by_days"]


def narrow_by_days(where: Where, name: str, text: str, *, column: str = "created_at") -> None:
    """Keep what happened from a Kyiv day on (`date_start`) or until one (`date_end`).

    Args:
        where: The conditions to add to.
        name: `date_start` or `date_end`.
        text: An ISO date.
        column: The column that says when it happened.
    """
    try:
        day = date.fromisoformat(text)
        if name == "date_start":
            where.add(f"{column} >= ?", kyiv_day_start(day))
        else:
            where.add(f"{column} < ?", kyiv_day_start(day, days_later=1))
    except (ValueError, OverflowError):
        raise refuse_fields(**{name: "invalid"}) from None
