"""What an export lacks: days that were not read into the store, and records that are in quarantine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from smartkasa_async.records.days import Window, business_day
from smartkasa_async.reports.coverage import shops_to_read
from smartkasa_async.reports.not_read import find_not_read
from smartkasa_async.reports.quarantine import read_unreadable
from smartkasa_async.stores.contents import first_day
from smartkasa_async.stores.sources import ViewSource
from smartkasa_async.stores.sync_state import read_days_read

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from smartkasa_async.records.batch import RecordKind
    from smartkasa_async.records.synced_days import DaysRead
    from smartkasa_async.reports.not_read import NotRead
    from smartkasa_async.stores.sources import AnySource

_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """What the files of an export lack.

    Attributes:
        not_read: Days that were not read whole.
        in_quarantine: Number of receipts and Z-reports that could not be read.
        shops: Ids of the shops that were looked at.
    """

    not_read: tuple[NotRead, ...]
    in_quarantine: int
    shops: tuple[int, ...]


async def find_lacking(
    connection: AsyncConnection,
    sources: Iterable[AnySource],
    window: Window,
    shops: Collection[int] | None,
    now: datetime,
    *,
    are_named: bool,
) -> Lacking:
    """Find what the rows of some tables and views lack.

    Args:
        connection: The transaction in which they are read.
        sources: The tables and views.
        window: The days that are asked for; from `date.min` on for all that the store has, to `date.max` likewise.
        shops: Ids of the shops; None for all.
        now: The present moment, aware.
        are_named: Whether the user has named the tables and views. Of those that are exported by default, a kind of
            which nothing was ever read is not asked for.
    """
    read = await read_days_read(connection)
    kinds = dict.fromkeys(source.kind for source in sources if _is_of_days(source))
    asked_kinds = [kind for kind in kinds if are_named or _last_moment(read, kind) is not None]
    asked_shops = await shops_to_read(connection, read, shops)
    days = await _days(connection, read, window, shops, business_day(now))
    unreadable = await read_unreadable(connection, shops)
    return Lacking(
        not_read=() if days is None else tuple(find_not_read(read, asked_kinds, asked_shops, days, now)),
        in_quarantine=sum(
            one.kind in kinds and (one.day is None or window.start <= one.day <= window.end) for one in unreadable
        ),
        shops=tuple(id_ for id_ in asked_shops if id_ is not None),
    )


def _is_of_days(source: AnySource) -> bool:
    """Return whether rows are of days that are read one by one, as those of lists and of history are not."""
    return source.days is not None and not (isinstance(source, ViewSource) and source.is_history)


async def _days(
    connection: AsyncConnection, read: DaysRead, window: Window, shops: Collection[int] | None, today: date
) -> Window | None:
    """Return the days to look at, of which none is to come; those that the store has where no others are asked for."""
    start: date | None = window.start
    if window.start == date.min:
        start = await first_day(connection, shops)
    end = min(window.end, today)
    if window.end == date.max and (last := _last_moment(read)) is not None:
        end = min(business_day(last - _MOMENT), today)
    if start is None:
        start = end
    return Window(start, end) if start <= end else None


def _last_moment(read: DaysRead, kind: RecordKind | None = None) -> datetime | None:
    """Return the moment until when records of a kind, or of any, were read last, of any shop; None where none were."""
    spans = read.spans or {}
    return max((found[-1].until for (of, _), found in spans.items() if found and kind in {None, of}), default=None)
