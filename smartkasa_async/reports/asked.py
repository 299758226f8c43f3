"""The business days that a report is asked for."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from smartkasa_async.records.days import Window
from smartkasa_async.stores.contents import first_day, require_known_shops

if TYPE_CHECKING:
    from collections.abc import Collection

    from smartkasa_async.stores.store import Store


def check_days(start: date | None, end: date | None) -> None:
    """Check the days of a report before the store is read.

    Raises:
        InvalidRequestError: One is no date, or the end comes before the start.
    """
    Window(date.min if start is None else start, date.max if end is None else end)


async def asked_window(
    store: Store, shops: Collection[int] | None, start: date | None, end: date | None, today: date
) -> Window:
    """Return the days of a report, after a look at whether the store knows its shops.

    Args:
        store: What was synced.
        shops: Ids of the shops; None for all.
        start: First day; None for the first that the store has.
        end: Last day; None for today.
        today: The present business day.

    Raises:
        InvalidRequestError: The store knows nothing of a shop, or the days are none.
    """
    async with store.reading() as connection:
        await require_known_shops(connection, shops)
        if start is None:
            first = await first_day(connection, shops) or today
            start = first if end is None else min(first, end)
    return Window(start, max(today, start) if end is None else end)
