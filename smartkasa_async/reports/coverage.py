"""Until when a store is complete for what is asked, and which days it was not given."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import select

from smartkasa_async.records.days import Window, business_day
from smartkasa_async.reports.not_read import NotRead, find_not_read
from smartkasa_async.reports.quarantine import read_unreadable
from smartkasa_async.stores.schema import SHOPS
from smartkasa_async.stores.sync_state import read_days_read

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import date, datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from smartkasa_async.records.batch import RecordKind
    from smartkasa_async.records.synced_days import DaysRead

_LETTERS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDay:
    """The present business day, of which a kind of record was read while it went on.

    Attributes:
        kind: The kind of records.
        day: The day, in Europe/Kyiv.
        shops: Ids of the shops of which it was read.
        read_until: Until when it was read in all of them, in UTC.
    """

    kind: RecordKind
    shops: tuple[int, ...]
    day: date
    read_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What a store has of what is asked.

    Attributes:
        complete_until: Until when all was read from the first day on, in UTC, never after the last day's end; None
            where the first day was not read.
        not_read: What was not read.
        open_days: What was read of the present day, which is not over; in `not_read` it is not.
        unreadable: Number of receipts and Z-reports in quarantine, which no sum has.
        state: A digest of what was read when; it changes with each sync.
    """

    complete_until: datetime | None
    not_read: tuple[NotRead, ...] = ()
    open_days: tuple[OpenDay, ...] = ()
    unreadable: int = 0
    state: str = ""

    @property
    def is_complete(self) -> bool:
        """Whether all was read that is asked for, and could be; the present day counts as read once any of it was."""
        return self.complete_until is not None and not self.not_read and not self.unreadable

    @property
    def is_final(self) -> bool:
        """Whether all was read that is asked for, and nothing of it goes on."""
        return self.is_complete and not self.open_days


async def coverage_of_days(
    connection: AsyncConnection,
    kinds: Collection[RecordKind],
    windows: Sequence[Window],
    shops: Collection[int] | None,
    now: datetime,
) -> Coverage:
    """Return what was read of some business days.

    Args:
        connection: A transaction of the store.
        kinds: Kinds of records that are needed, all of them listed by days.
        windows: The days, those that are asked for first; those that they are compared with after them.
        shops: Ids of the shops; None for all.
        now: The present moment, aware.
    """
    read = await read_days_read(connection)
    asked = await shops_to_read(connection, read, shops)
    first, *_ = windows
    found = [one for window in windows for one in find_not_read(read, kinds, asked, window, now)]
    ends = [read.until(kind, shop_id, first.begins_at) for kind in kinds for shop_id in asked]
    known = [end for end in ends if end is not None]
    return Coverage(
        complete_until=min(*known, first.ends_at) if known and len(known) == len(ends) else None,
        not_read=tuple(found),
        open_days=tuple(_open_days(read, kinds, asked, windows, now)),
        unreadable=len(await read_unreadable(connection, shops)),
        state=_digest(read),
    )


async def coverage_of_lists(connection: AsyncConnection, kinds: Collection[RecordKind], now: datetime) -> Coverage:
    """Return when lists of the whole account were read last, of which the store has what they held then.

    Args:
        connection: A transaction of the store.
        kinds: Kinds of records that are needed, all of them lists of the account.
        now: The present moment, aware.
    """
    read = await read_days_read(connection)
    today = business_day(now)
    ends = [read.lists.get(kind) for kind in kinds]
    known = [end for end in ends if end is not None]
    missing = (kind for kind, end in zip(kinds, ends, strict=True) if end is None)
    return Coverage(
        complete_until=min(known) if known and len(known) == len(ends) else None,
        not_read=tuple(NotRead(kind=kind, shop_id=None, start=today, end=today) for kind in missing),
        state=_digest(read),
    )


def _open_days(
    read: DaysRead, kinds: Collection[RecordKind], shops: Sequence[int | None], windows: Sequence[Window], now: datetime
) -> Iterator[OpenDay]:
    today = business_day(now)
    if not any(window.start <= today <= window.end for window in windows):
        return
    began = Window(today, today).begins_at
    for kind in kinds:
        ends = {id_: end for id_ in shops if id_ is not None and (end := read.until(kind, id_, began)) is not None}
        if ends:
            yield OpenDay(kind=kind, day=today, shops=tuple(ends), read_until=min(ends.values()))


async def shops_to_read(
    connection: AsyncConnection, read: DaysRead, shops: Collection[int] | None
) -> Sequence[int | None]:
    """Return the shops, None alone where none is known.

    One that was deleted, and of which nothing was read, can be read no more.
    """
    if shops is not None:
        return sorted(shops)
    listed = set(await connection.scalars(select(SHOPS.c.id).where(SHOPS.c.deleted_at.is_(None))))
    return sorted(listed | {shop_id for _, shop_id in read.spans or ()}) or [None]


def _digest(read: DaysRead) -> str:
    spans = sorted((f"{key}", f"{value}") for key, value in (read.spans or {}).items())
    lists = sorted((f"{key}", f"{value}") for key, value in read.lists.items())
    return sha256(f"{spans}{lists}".encode()).hexdigest()[:_LETTERS]
