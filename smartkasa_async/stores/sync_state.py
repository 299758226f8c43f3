"""What a store knows of earlier syncs: the days that were read whole, and records that the service no longer lists."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, bindparam, cast, delete, func, insert, null, or_, select, union, update

from smartkasa_async._i18n.message import msg
from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.records.batch import KeptReceipt, KeptReceipts, KeptRecords, RecordKind
from smartkasa_async.records.days import Window
from smartkasa_async.records.synced_days import DaysRead, ReadDays, SyncedRange, spans_of, with_read
from smartkasa_async.stores.accounts import ACCOUNT
from smartkasa_async.stores.schema import PRODUCT_SALES, QUARANTINE, RECEIPTS, SYNCED_DAYS, SYNCED_LISTS, WATERMARKS
from smartkasa_async.stores.writing import TABLES, chunks

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from sqlalchemy import ColumnElement, Connection, Select, Table
    from sqlalchemy.ext.asyncio import AsyncConnection


def read_ranges(connection: Connection, kind: RecordKind, shop_id: int) -> list[SyncedRange]:
    """Return the ranges of days of a shop that were read, in order."""
    found = connection.execute(select(WATERMARKS).where(*_of(kind, shop_id)).order_by(WATERMARKS.c.first_day))
    return [SyncedRange(Window(row.first_day, row.last_day), row.read_at, row.is_confirmed) for row in found]


def change_ranges(
    connection: Connection,
    kind: RecordKind,
    shop_id: int,
    rule: Callable[[list[SyncedRange]], list[SyncedRange]],
) -> None:
    """Replace the ranges of days that are noted of a shop by those that a rule makes of them."""
    lock(connection, WATERMARKS)
    ranges = rule(read_ranges(connection, kind, shop_id))
    connection.execute(delete(WATERMARKS).where(*_of(kind, shop_id)))
    rows = [
        {
            "kind": kind,
            "shop_id": shop_id,
            "first_day": one.window.start,
            "last_day": one.window.end,
            "read_at": one.read_at,
            "is_confirmed": one.is_confirmed,
        }
        for one in ranges
    ]
    if rows:
        connection.execute(insert(WATERMARKS), rows)


def note_read(connection: Connection, kind: RecordKind, shop_id: int, new: ReadDays) -> None:
    """Note that days of a shop were read whole, beside those that are noted."""
    lock(connection, SYNCED_DAYS)
    columns = SYNCED_DAYS.c
    own = (columns.kind == kind, columns.shop_id == shop_id)
    found = connection.execute(select(columns.first_day, columns.last_day, columns.read_at).where(*own))
    known = [ReadDays(Window(first, last), read_at) for first, last, read_at in found]
    rows = [
        {"kind": kind, "shop_id": shop_id, "first_day": window.start, "last_day": window.end, "read_at": read_at}
        for window, read_at in with_read(known, new)
    ]
    connection.execute(delete(SYNCED_DAYS).where(*own))
    if rows:
        connection.execute(insert(SYNCED_DAYS), rows)


def note_list(connection: Connection, kind: RecordKind, read_at: datetime) -> None:
    """Note that a list of the whole account was read whole."""
    lock(connection, SYNCED_LISTS)
    connection.execute(delete(SYNCED_LISTS).where(SYNCED_LISTS.c.kind == kind))
    connection.execute(insert(SYNCED_LISTS), [{"kind": kind, "read_at": read_at}])


async def read_days_read(connection: AsyncConnection) -> DaysRead:
    """Return what was read whole, of all kinds and shops."""
    known: defaultdict[tuple[RecordKind, int], list[ReadDays]] = defaultdict(list)
    for row in await connection.execute(select(SYNCED_DAYS).order_by(SYNCED_DAYS.c.first_day)):
        known[RecordKind(row.kind), row.shop_id].append(ReadDays(Window(row.first_day, row.last_day), row.read_at))
    lists = await connection.execute(select(SYNCED_LISTS.c.kind, SYNCED_LISTS.c.read_at))
    return DaysRead(
        {key: spans_of(read) for key, read in known.items()},
        {RecordKind(kind): read_at for kind, read_at in lists},
    )


def lock(connection: Connection, table: Table) -> None:
    """Let one process at a time read and replace what a table has of the account; SQLite has one writer in any case."""
    if connection.dialect.name == "postgresql":
        account_id = connection.get_execution_options()[ACCOUNT]
        connection.scalar(select(func.pg_advisory_xact_lock(func.hashtextextended(table.name, account_id))))


def read_kept(connection: Connection, kind: RecordKind, shop_id: int, window: Window) -> KeptRecords:
    """Return which records are kept; the arguments are those of `SyncState`."""
    table = TABLES[kind]
    version = table.c.get("updated_at", null())
    there = (table.c.deleted_at.is_(None), table.c.business_date.between(window.start, window.end))
    own = connection.execute(select(table.c.id, version).where(table.c.shop_id == shop_id, *there))
    quarantined = _quarantined(kind, shop_id)
    shopless = select(cast(table.c.id, Text)).where(table.c.shop_id.is_(None), *there)
    others = connection.scalars(union(quarantined, shopless))
    return KeptRecords({str(row[0]): row[1] for row in own}, frozenset(others))


def read_kept_receipts(connection: Connection, shop_id: int, window: Window) -> KeptReceipts:
    """Return what is compared of the receipts of a shop and a span of days."""
    table = RECEIPTS
    found = connection.execute(
        select(table.c.id, table.c.shop_id, table.c.business_date, table.c.updated_at, table.c.total_amount).where(
            or_(table.c.shop_id == shop_id, table.c.shop_id.is_(None)),
            table.c.deleted_at.is_(None),
            table.c.business_date.between(window.start, window.end),
        )
    )
    kept: dict[bool, dict[str, KeptReceipt]] = {True: {}, False: {}}
    for row in found:
        kept[row.shop_id is not None][row.id] = KeptReceipt(row.business_date, row.updated_at, row.total_amount)
    quarantined = connection.scalars(_quarantined(RecordKind.RECEIPTS, shop_id))
    return KeptReceipts(kept[True], kept[False], frozenset(quarantined))


def _quarantined(kind: RecordKind, shop_id: int) -> Select[Any]:
    return select(QUARANTINE.c.key).where(
        QUARANTINE.c.kind == kind, or_(QUARANTINE.c.shop_id == shop_id, QUARANTINE.c.shop_id.is_(None))
    )


def mark_deleted(
    connection: Connection,
    kind: RecordKind,
    present: Collection[str | int],
    shop_id: int | None,
    window: Window | None,
) -> int:
    """Mark the kept records that are not among the present ones; the arguments are those of `SyncState`.

    Returns:
        How many were marked that were not before; product sales are deleted instead, since they are sums of a day.
    """
    table = TABLES[kind]
    id_ = PRODUCT_SALES.c.product_id if kind is RecordKind.PRODUCT_SALES else table.c.id
    within = _within(table, kind, shop_id, window)
    kept = connection.scalars(select(id_).where(*within))
    # A service that begins to write ids as text, or as numbers, has deleted nothing.
    there = set(map(str, present))
    deleted = [key for key in kept if str(key) not in there]
    one = id_.in_(bindparam("ids", expanding=True))
    statement = (
        delete(table).where(*within, one)
        if kind is RecordKind.PRODUCT_SALES
        else update(table).where(one).values(deleted_at=datetime.now(UTC))
    )
    for ids in chunks(deleted):
        connection.execute(statement, {"ids": ids})
    return len(deleted)


def _within(table: Table, kind: RecordKind, shop_id: int | None, window: Window | None) -> list[ColumnElement[bool]]:
    """Select the rows that were listed: those not deleted before, of the shop and the days where these are given."""
    for column, given in (("shop_id", shop_id), ("business_date", window)):
        if given is not None and column not in table.c:
            raise InvalidRequestError(
                msg("{kind} have no {field}: they are listed for the whole account", kind=kind, field=column),
                field=column,
            )
    within: list[ColumnElement[bool]] = []
    if "deleted_at" in table.c:
        within.append(table.c.deleted_at.is_(None))
    if shop_id is not None:
        within.append(table.c.shop_id == shop_id)
    if window is not None:
        within.append(table.c.business_date.between(window.start, window.end))
    return within


def _of(kind: RecordKind, shop_id: int) -> tuple[Any, Any]:
    return WATERMARKS.c.kind == kind, WATERMARKS.c.shop_id == shop_id
