"""A table or view of a store as a table of Arrow, whose metadata names the days that were not read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta  # msgspec looks the names up
from typing import TYPE_CHECKING, Any

import msgspec
from anyio import to_thread
from sqlalchemy import select

from smartkasa_async._support import clock as _clock
from smartkasa_async.records.batch import RecordKind  # noqa: TC001 msgspec looks the name up
from smartkasa_async.records.days import Window, business_day
from smartkasa_async.stores.forms import arrow_form
from smartkasa_async.stores.schema import HISTORY_DAYS, SHOPS
from smartkasa_async.stores.sources import ViewSource
from smartkasa_async.stores.sync_state import read_days_read

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import pyarrow as pa  # type: ignore[import-untyped]
    from sqlalchemy.ext.asyncio import AsyncConnection

    from smartkasa_async.records.synced_days import DaysRead
    from smartkasa_async.stores.sources import AnySource

_ROWS_AT_ONCE = 20_000
_KEY = b"smartkasa"
_ONE_DAY = timedelta(days=1)


class MissingDays(msgspec.Struct, frozen=True, kw_only=True):
    """Business days that were not read whole, so that rows of them may be missing.

    Attributes:
        kind: The kind of records.
        shop_id: Id of the shop; None for lists and history, which are of the whole account.
        start: First day, in Europe/Kyiv; None for a list, which has no days.
        end: Last day, included; None likewise.
    """

    kind: RecordKind
    shop_id: int | None = None
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TableCoverage:
    """What a table that was read of a store has of what was asked for.

    Attributes:
        complete_until: Until when everything was read from the first day on, in UTC, never after the last day's end;
            of a list of the account when it was read last. None where the first day was not read.
        not_read: Days that were not read whole, those yet to come among them.
    """

    complete_until: datetime | None
    not_read: tuple[MissingDays, ...]

    @property
    def is_complete(self) -> bool:
        """Whether all was read that was asked for."""
        return self.complete_until is not None and not self.not_read


class _Noted(msgspec.Struct, frozen=True):
    complete_until: datetime | None
    not_read: tuple[MissingDays, ...]


def coverage_of(table: pa.Table) -> TableCoverage:
    """Read from the metadata of a table of `Store.read` how much it has of what was asked for.

    Args:
        table: The table, as it was read, or one made of it that keeps its metadata.

    Raises:
        ValueError: The table was not read of a store, or has lost its metadata.
    """
    noted = (table.schema.metadata or {}).get(_KEY)
    if noted is None:
        raise ValueError("The table has no metadata of a store: ask for its coverage before it is changed")
    found = msgspec.json.decode(noted, type=_Noted)
    return TableCoverage(complete_until=found.complete_until, not_read=found.not_read)


async def read_table(
    connection: AsyncConnection, source: AnySource, window: Window | None, shops: Collection[int] | None
) -> pa.Table:
    """Read the rows of a table or view, in the order of their days and keys.

    Args:
        connection: A transaction of the store.
        source: The table or view.
        window: The business days; None for all.
        shops: Ids of the shops; None for all.
    """
    import pyarrow as pa  # noqa: PLC0415  (of an extra, as below)

    from smartkasa_async.stores.arrow import ArrowColumns  # noqa: PLC0415

    arrow = ArrowColumns(source.columns(raw=False))
    asked = window if window or source.days is None else Window(date.min, date.max)
    query = source.select(lambda column: arrow_form(column, connection.dialect.name), asked, shops, raw=False)
    parts = [arrow.schema.empty_table()]
    async with connection.stream(query.execution_options(yield_per=_ROWS_AT_ONCE)) as rows:
        parts.extend([await to_thread.run_sync(arrow.table, some) async for some in rows.partitions()])
    coverage = await _coverage(connection, source, window, shops)
    return pa.concat_tables(parts).replace_schema_metadata({_KEY: msgspec.json.encode(coverage)})


async def _coverage(
    connection: AsyncConnection, source: AnySource, window: Window | None, shops: Collection[int] | None
) -> _Noted:
    if isinstance(source, ViewSource) and source.is_history:
        kept = select(HISTORY_DAYS.c.business_date).order_by(HISTORY_DAYS.c.business_date)
        return _of_history([*await connection.scalars(kept)], source.kind, window)
    read = await read_days_read(connection)
    if source.days is None:
        read_at = read.lists.get(source.kind)
        return _Noted(read_at, () if read_at else (MissingDays(kind=source.kind),))
    known = [one.shop_id for one in await connection.execute(select(SHOPS.c.id.label("shop_id")))]
    asked = sorted(shops if shops is not None else known)
    window = window or _days_read(read, source.kind, asked)
    return _Noted(None, ()) if window is None else _of_days(read, source.kind, asked, window)


def _days_read(read: DaysRead, kind: RecordKind, shops: Collection[int]) -> Window | None:
    """Return the days from the first one that was read to today; None where none was."""
    spans: Any = read.spans or {}
    first = [found[0].since for shop_id in shops if (found := spans.get((kind, shop_id)))]
    now = _clock.now()
    return Window(business_day(min(first)), business_day(now)) if first else None


def _of_history(kept: Sequence[date], kind: RecordKind, window: Window | None) -> _Noted:
    """Return which days no history was kept of; a day is whole once any sync has kept it.

    Args:
        kept: The business days of which history was kept, in order.
        kind: The kind of records.
        window: The days that were asked for; None for all from the first.
    """
    now = _clock.now()
    if window is None:
        if not kept:
            return _Noted(None, ())
        window = Window(kept[0], max(kept[-1], business_day(now)))
    missing: list[Window] = []
    start = window.start
    for day in (day for day in kept if window.start <= day <= window.end):
        if start < day:
            missing.append(Window(start, day - _ONE_DAY))
        start = day + _ONE_DAY  # kept days are never the last of the calendar
    if start <= window.end:
        missing.append(Window(start, window.end))
    parts = tuple(MissingDays(kind=kind, start=part.start, end=part.end) for part in missing)
    if missing and missing[0].start == window.start:
        return _Noted(None, parts)
    return _Noted(min(missing[0].begins_at if missing else window.ends_at, now), parts)


def _of_days(read: DaysRead, kind: RecordKind, shops: Collection[int], window: Window) -> _Noted:
    now = _clock.now()
    missing = tuple(
        MissingDays(kind=kind, shop_id=shop_id, start=part.start, end=part.end)
        for shop_id in shops
        for part in read.not_read(kind, shop_id, window, now)
    )
    ends = [read.until(kind, shop_id, window.begins_at) for shop_id in shops]
    known = [end for end in ends if end is not None]
    return _Noted(min(*known, window.ends_at) if known and len(known) == len(ends) else None, missing)
