"""What the fiscal rules look at, gathered from a store: no more in memory than there are shifts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from smartkasa_async.models import ShiftState
from smartkasa_async.reports.compliance.facts import (
    MOST_IDS,
    MOST_NUMBERS,
    FiscalFacts,
    NumberingIssue,
    NumberRun,
    OfflineReceipt,
    OfflineSession,
    ShiftRecord,
    ShopFact,
    Turnover,
    Unnumbered,
    ZReportRecord,
)
from smartkasa_async.reports.compliance.numbers import LocalNumbers
from smartkasa_async.reports.compliance.offline import OfflineSessions
from smartkasa_async.reports.compliance.queries import Scope
from smartkasa_async.reports.quarantine import read_unreadable
from smartkasa_async.stores.schema import SHOPS
from smartkasa_async.stores.sync_state import read_days_read

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from sqlalchemy import Row
    from sqlalchemy.ext.asyncio import AsyncConnection

    from smartkasa_async.records.days import Window
    from smartkasa_async.stores.store import Store

_STREAMED = {"yield_per": 1_000}


async def read_fiscal_facts(
    store: Store, *, shops: Collection[int] | None = None, window: Window | None = None
) -> FiscalFacts:
    """Gather what the fiscal rules look at, in one transaction.

    Args:
        store: What was synced.
        shops: Ids of the shops; None for all records, those without a shop included.
        window: Business days that receipts are read of; None for all.
    """
    async with store.reading() as connection:
        return await _read(connection, Scope(shops, window))


async def _read(connection: AsyncConnection, scope: Scope) -> FiscalFacts:
    read = await read_days_read(connection)
    turnovers = await _turnovers(connection, scope)
    unreadable = await read_unreadable(connection, scope.shops)
    missing, repeated = await _local_numbers(connection, scope, LocalNumbers(read, unreadable))
    return FiscalFacts(
        shops={
            shop.id: ShopFact(shop.title, shop.fiscalization_enabled, is_deleted=shop.deleted_at is not None)
            for shop in await connection.execute(
                select(SHOPS.c.id, SHOPS.c.title, SHOPS.c.fiscalization_enabled, SHOPS.c.deleted_at)
            )
        },
        read=read,
        shifts=await _shifts(connection, scope, turnovers),
        turnovers=turnovers,
        z_reports=await _z_reports(connection, scope),
        offline=await _offline(connection, scope),
        unnumbered=await _unnumbered(connection, scope),
        repeated_fiscal_numbers=await _repeated(connection, scope),
        missing_local_numbers=missing,
        repeated_local_numbers=repeated,
        unreadable=unreadable,
    )


async def _shifts(connection: AsyncConnection, scope: Scope, turnovers: Iterable[Turnover]) -> list[ShiftRecord]:
    """Read the shifts; the shop of one that names none is the shop of its receipts."""
    shop_of = {turnover.shift_id: turnover.shop_id for turnover in turnovers}
    shifts = []
    async with connection.stream(scope.shifts(), execution_options=_STREAMED) as rows:
        async for row in rows:
            shop_id = shop_of.get(row.id) if row.shop_id is None else row.shop_id
            if scope.shops is None or shop_id in scope.shops:
                shift = ShiftRecord(
                    shop_id=shop_id,
                    shift_id=row.id,
                    registrar=row.registrar_fiscal_number,
                    opened_at=row.opened_at,
                    closed_at=row.closed_at,
                    is_closed=row.state == ShiftState.CLOSED,
                )
                shifts.append(shift)
    return shifts


async def _z_reports(connection: AsyncConnection, scope: Scope) -> list[ZReportRecord]:
    async with connection.stream(scope.z_reports(), execution_options=_STREAMED) as rows:
        return [
            ZReportRecord(
                shop_id=row.shop_id,
                registrar=row.registrar_fiscal_number,
                shift_id=row.shift_id,
                made_at=row.made_at,
                sales=row.sale_receipts_count,
                sale_total=row.sale_total,
            )
            async for row in rows
        ]


async def _turnovers(connection: AsyncConnection, scope: Scope) -> list[Turnover]:
    ids: defaultdict[tuple[Any, ...], list[str]] = defaultdict(list)
    async with connection.stream(scope.owing(), execution_options=_STREAMED) as rows:
        async for row in rows:
            ids[_group(row)].append(row.id)
    async with connection.stream(scope.turnovers(), execution_options=_STREAMED) as rows:
        return [
            Turnover(
                shop_id=row.shop_id,
                registrar=row.registrar or None,
                shift_id=row.shift_id,
                first_at=row.first_at,
                last_at=row.last_at,
                receipts=row.receipts,
                owing=row.owing,
                owing_since=row.owing_since or row.first_at,
                owing_until=row.owing_until or row.last_at,
                sales=row.sales,
                sale_total=row.sale_total or Decimal(0),
                ids=tuple(ids.get(_group(row), ())),
            )
            async for row in rows
        ]


async def _unnumbered(connection: AsyncConnection, scope: Scope) -> list[Unnumbered]:
    found: dict[tuple[Any, ...], Unnumbered] = {}
    async with connection.stream(scope.unnumbered(), execution_options=_STREAMED) as rows:
        async for row in rows:
            key = (row.shop_id, row.registrar, row.shift_id, row.offline)
            known = found.get(key)
            found[key] = Unnumbered(
                shop_id=row.shop_id,
                registrar=row.registrar or None,
                shift_id=row.shift_id,
                offline=bool(row.offline),
                first_at=row.first_at,
                last_at=row.last_at,
                receipts=row.receipts,
                ids=(*(known.ids if known else ()), row.id),
            )
    return list(found.values())


async def _offline(connection: AsyncConnection, scope: Scope) -> list[OfflineSession]:
    sessions = OfflineSessions()
    async with connection.stream(scope.offline(), execution_options=_STREAMED) as rows:
        async for row in rows:
            sessions.add(OfflineReceipt(*row))
    online = await connection.execute(scope.last_online())
    return sessions.finish({row.registrar: row.made_at for row in online})


async def _local_numbers(
    connection: AsyncConnection, scope: Scope, numbers: LocalNumbers
) -> tuple[list[NumberingIssue], list[NumberingIssue]]:
    first: Row[Any] | None = None
    async with connection.stream(scope.number_breaks(), execution_options=_STREAMED) as rows:
        async for row in rows:
            begins = row.number_before is None or row.number != row.number_before + 1
            if begins:
                if first is not None and row.number_before is not None:
                    numbers.add(_run(first, row.number_before, row.created_before, row.id_before, row.shift_before))
                first = row
            if row.id_after is None and first is not None:
                numbers.add(_run(first, row.number, row.created_at, row.id, row.shift_id))
                first = None
    return numbers.finish()


def _run(first: Row[Any], last: int, last_at: datetime, last_id: str, last_shift_id: str | None) -> NumberRun:
    return NumberRun(
        shop_id=first.shop_id,
        registrar=first.registrar,
        shift_id=first.shift_id,
        first=first.number,
        last=last,
        first_at=first.created_at,
        last_at=last_at,
        first_id=first.id,
        last_id=last_id,
        last_shift_id=last_shift_id,
    )


async def _repeated(connection: AsyncConnection, scope: Scope) -> list[NumberingIssue]:
    """Read the fiscal numbers that occur again, together for the shift of the first receipt that has one of them."""
    found: dict[tuple[Any, ...], NumberingIssue] = {}
    number: tuple[str, str] | None = None
    key: tuple[Any, ...] = ()
    async with connection.stream(scope.repeated(), execution_options=_STREAMED) as rows:
        async for row in rows:
            is_new = (row.registrar, row.number) != number
            if is_new:
                number = (row.registrar, row.number)
                key = (row.registrar, row.shop_id, row.shift_id)
            found[key] = _with_receipt(found.get(key) or _nothing(row), row, is_new=is_new)
    return list(found.values())


def _nothing(row: Row[Any]) -> NumberingIssue:
    at = row.created_at
    return NumberingIssue(
        shop_id=row.shop_id,
        registrar=row.registrar,
        shift_id=row.shift_id,
        first_at=at,
        last_at=at,
        numbers=(),
        count=0,
        receipts=0,
    )


def _with_receipt(odd: NumberingIssue, row: Row[Any], *, is_new: bool) -> NumberingIssue:
    has_room = len(odd.numbers) < MOST_NUMBERS
    return replace(
        odd,
        first_at=min(odd.first_at, row.created_at),
        last_at=max(odd.last_at, row.created_at),
        numbers=(*odd.numbers, row.number) if is_new and has_room else odd.numbers,
        has_more=odd.has_more or (is_new and not has_room),
        count=odd.count + is_new,
        receipts=odd.receipts + 1,
        ids=(*odd.ids, row.id) if len(odd.ids) < MOST_IDS else odd.ids,
    )


def _group(row: Row[Any]) -> tuple[Any, ...]:
    return row.shop_id, row.shift_id, row.day, row.registrar_of_day
