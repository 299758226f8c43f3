"""The SQL behind the fiscal facts: sums, and few rows, in one form for all databases."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Function, Text, and_, case, cast, exists, func, literal, null, or_, select, union_all

from smartkasa_async.models import ReceiptState, ReceiptType, ShiftState
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
from smartkasa_async.reports.quarantine import read_unreadable
from smartkasa_async.stores.schema import RECEIPTS, SHIFTS, SHOPS, TERMINALS, Z_REPORTS, UtcDateTime
from smartkasa_async.stores.sync_state import read_days_read

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sqlalchemy import ColumnElement, Label, Row, Select
    from sqlalchemy.ext.asyncio import AsyncConnection

    from smartkasa_async.records.days import Window
    from smartkasa_async.stores.store import Store

_R = RECEIPTS.c
_MARKS = (int(ReceiptType.OFFLINE_START), int(ReceiptType.OFFLINE_END))
_FISCALIZED = tuple(
    int(kind)
    for kind in (
        ReceiptType.SALE,
        ReceiptType.SERVICE_CASH_IN,
        ReceiptType.SERVICE_CASH_OUT,
        ReceiptType.REFUND,
        ReceiptType.CANCELLATION,
        ReceiptType.CASH_WITHDRAWAL,
    )
)
_BACK_OR_OUT = (int(ReceiptType.REFUND), int(ReceiptType.CASH_WITHDRAWAL))

_IS_KEPT = _R.state != int(ReceiptState.DEFERRED)
_IS_SALE = and_(_R.type == int(ReceiptType.SALE), _R.state == int(ReceiptState.PAID))
_IS_OWING = or_(_IS_SALE, and_(_R.type.in_(_BACK_OR_OUT), _IS_KEPT))
_IS_OFFLINE = func.coalesce(_R.offline_id, 0) > 0
_HAS_NUMBER = func.coalesce(_R.fiscal_number, "") != ""
_HAS_REGISTRAR = func.coalesce(_R.registrar_fiscal_number, "") != ""

# Digits alone, and no more than a 64-bit integer holds.
_IS_NUMERIC = and_(
    _R.registrar_local_number != "",
    func.length(_R.registrar_local_number) <= 18,  # noqa: PLR2004
    func.ltrim(_R.registrar_local_number, "0123456789") == "",
)
_LOCAL_NUMBER = case((_IS_NUMERIC, cast(_R.registrar_local_number, BigInteger)))

# A group of receipts is a shift, or a registrar's day where they name none.
_WITHOUT_SHIFT = _R.shift_id.is_(None)
_GROUP: tuple[Label[Any], ...] = (
    _R.shop_id.label("shop_id"),
    _R.shift_id.label("shift_id"),
    case((_WITHOUT_SHIFT, _R.business_date)).label("day"),
    case((_WITHOUT_SHIFT, _R.registrar_fiscal_number)).label("registrar_of_day"),
)

_AFTER_ALL = datetime(9999, 12, 31, tzinfo=UTC)
"""A moment after that of all receipts."""

_STREAMED = {"yield_per": 1_000}

_SHIFTS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class ComplianceQueries:
    """Which records are looked at; those that the service no longer lists never are.

    Attributes:
        shops: Ids of the shops; None for all records.
        window: Business days of receipts; None for all.
    """

    shops: Collection[int] | None
    window: Window | None

    def shifts(self) -> Select[Any]:
        """Select the shifts; a shift's own shop may be known by its terminal alone."""
        shop_id = func.coalesce(SHIFTS.c.shop_id, TERMINALS.c.shop_id).label("shop_id")
        return (
            select(
                shop_id,
                SHIFTS.c.id,
                SHIFTS.c.registrar_fiscal_number,
                SHIFTS.c.opened_at,
                SHIFTS.c.closed_at,
                SHIFTS.c.state,
            )
            .outerjoin_from(SHIFTS, TERMINALS, TERMINALS.c.id == SHIFTS.c.terminal_id)
            .where(SHIFTS.c.deleted_at.is_(None))
        )

    def z_reports(self) -> Select[Any]:
        """Select the Z-reports of all time: one can be made long after its shift."""
        z = Z_REPORTS.c
        made_at = func.coalesce(z.payload_timestamp, z.created_at, type_=UtcDateTime()).label("made_at")
        query = select(
            z.shop_id, z.registrar_fiscal_number, z.shift_id, made_at, z.sale_receipts_count, z.sale_total
        ).where(z.deleted_at.is_(None))
        return query if self.shops is None else query.where(z.shop_id.in_(self.shops))

    def turnovers(self) -> Select[Any]:
        """Sum up the receipts of each group."""
        return (
            select(
                *_GROUP,
                func.max(_R.registrar_fiscal_number).label("registrar"),
                func.min(_R.created_at).label("first_at"),
                func.max(_R.created_at).label("last_at"),
                func.count().label("receipts"),
                func.count(case((_IS_OWING, 1))).label("owing"),
                func.min(case((_IS_OWING, _R.created_at))).label("owing_since"),
                func.max(case((_IS_OWING, _R.created_at))).label("owing_until"),
                func.count(case((_IS_SALE, 1))).label("sales"),
                func.sum(case((_IS_SALE, _R.total_amount))).label("sale_total"),
            )
            .where(*self._receipts())
            .group_by(*(column.element for column in _GROUP))
        )

    def owing(self, shifts: Collection[str | None]) -> Select[Any]:
        """Select the first receipts that owe a Z-report in each group of shifts that no Z-report names.

        Args:
            shifts: Ids of the shifts; None for the receipts that name none.
        """
        has_report = exists().where(Z_REPORTS.c.shift_id == _R.shift_id, Z_REPORTS.c.deleted_at.is_(None))
        of_shifts = [_R.shift_id.in_([id_ for id_ in shifts if id_ is not None])]
        if None in shifts:
            of_shifts.append(_WITHOUT_SHIFT)
        return _first_of(_GROUP, _R.id, where=(*self._receipts(), or_(*of_shifts), _IS_OWING, ~has_report))

    def unnumbered(self) -> Select[Any]:
        """Select the first receipts without a fiscal number of each registrar and shift, with the figures of all."""
        group = (
            _R.shop_id.label("shop_id"),
            _R.registrar_fiscal_number.label("registrar"),
            _R.shift_id.label("shift_id"),
            case((_IS_OFFLINE, 1), else_=0).label("offline"),
        )
        where = (*self._receipts(), _IS_KEPT, _R.type.in_(_FISCALIZED), ~_HAS_NUMBER)
        return _first_of(group, _R.id, where=where)

    def offline(self) -> Select[Any]:
        """Select what was made offline, registrar after registrar, in the order of time."""
        return (
            select(_R.shop_id, _R.registrar_fiscal_number, _R.type, _R.offline_id, _R.created_at, _R.id)
            .where(*self._receipts(), _HAS_REGISTRAR, or_(_R.type.in_(_MARKS), _IS_OFFLINE))
            .order_by(_R.registrar_fiscal_number, _R.created_at, func.coalesce(_R.offline_local_number, 0), _R.id)
        )

    def last_online(self, registrars: Collection[str]) -> Select[Any]:
        """Select when each of some registrars made its last receipt online."""
        registrar = _R.registrar_fiscal_number
        return (
            select(registrar.label("registrar"), func.max(_R.created_at).label("made_at"))
            .where(*self._receipts(), registrar.in_(registrars), _HAS_NUMBER, ~_IS_OFFLINE, _R.type.not_in(_MARKS))
            .group_by(registrar)
        )

    def repeated(self) -> Select[Any]:
        """Select the receipts whose fiscal number another one of their registrar has as well, number by number."""
        number = (_R.registrar_fiscal_number.label("registrar"), _R.fiscal_number.label("number"))
        has_both = (_HAS_REGISTRAR, _HAS_NUMBER)
        # Of all receipts, so that an index answers it alone; few numbers or none are left to be looked up.
        several = (
            select(*number)
            .where(*has_both)
            .group_by(_R.registrar_fiscal_number, _R.fiscal_number)
            .having(func.count() > 1)
            .subquery()
        )
        is_same = and_(several.c.registrar == _R.registrar_fiscal_number, several.c.number == _R.fiscal_number)
        receipts = func.count().over(partition_by=(_R.registrar_fiscal_number, _R.fiscal_number)).label("receipts")
        found = (
            select(*number, _R.shop_id, _R.shift_id, _R.created_at, _R.id, receipts)
            .join(several, is_same)
            .where(*self._receipts(), *has_both)
            .subquery()
        ).c
        return (
            select(found.registrar, found.number, found.shop_id, found.shift_id, found.created_at, found.id)
            .where(found.receipts > 1)
            .order_by(found.registrar, found.number, found.created_at, found.id)
        )

    def number_breaks(self) -> Select[Any]:
        """Select the receipts whose local number does not follow the one before, each with that one.

        After the last receipt of each registrar comes a row without a number.
        """
        registrar = _R.registrar_fiscal_number.label("registrar")
        numbered = select(registrar, _R.id, _R.created_at, _LOCAL_NUMBER.label("number")).where(
            *self._receipts(), _HAS_REGISTRAR, _IS_NUMERIC
        )
        ends = (
            select(registrar, cast(null(), Text), literal(_AFTER_ALL, UtcDateTime()), cast(null(), BigInteger))
            .where(_HAS_REGISTRAR)
            .distinct()
        )
        row = union_all(numbered, ends).subquery().c

        def before(column: ColumnElement[Any]) -> Label[Any]:
            order = (row.created_at, row.number, row.id)
            lag = Function("lag", column, type_=column.type).over(partition_by=row.registrar, order_by=order)
            return lag.label(f"{column.key}_before")

        # What is sorted has few columns; the others are looked up for the few rows that are left.
        found = select(row.registrar, row.id, row.created_at, row.number, before(row.number), before(row.id)).subquery()
        at, last = found.c, RECEIPTS.alias("last")
        return (
            select(
                *(at.registrar, at.number, at.number_before, at.id, at.id_before, at.created_at),
                *(_R.shop_id, _R.shift_id),
                *(last.c.created_at.label("created_before"), last.c.shift_id.label("shift_before")),
            )
            .select_from(found)
            .join(RECEIPTS, _R.id == at.id, isouter=True)
            .join(last, last.c.id == at.id_before, isouter=True)
            .where(or_(at.number.is_(None), at.number_before.is_(None), at.number != at.number_before + 1))
            .order_by(at.registrar, at.created_at, at.number, at.id)
        )

    def _receipts(self) -> list[ColumnElement[bool]]:
        conditions: list[ColumnElement[bool]] = [_R.deleted_at.is_(None)]
        if self.shops is not None:
            conditions.append(_R.shop_id.in_(self.shops))
        if self.window is not None:
            conditions.append(_R.business_date.between(self.window.start, self.window.end))
        return conditions


def _first_of(
    group: tuple[Label[Any], ...], id_: ColumnElement[str], *, where: tuple[ColumnElement[bool], ...]
) -> Select[Any]:
    """Select the first receipts of each group, with the number, the first and the last time of all of it."""
    by = [column.element for column in group]
    found = (
        select(
            *group,
            id_,
            func.row_number().over(partition_by=by, order_by=(_R.created_at, _R.id)).label("rank"),
            func.count().over(partition_by=by).label("receipts"),
            func.min(_R.created_at).over(partition_by=by).label("first_at"),
            func.max(_R.created_at).over(partition_by=by).label("last_at"),
        )
        .where(*where)
        .subquery()
    )
    return select(found).where(found.c.rank <= MOST_IDS).order_by(found.c.first_at, found.c.rank)


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
        return await _read(connection, ComplianceQueries(shops, window))


async def _read(connection: AsyncConnection, queries: ComplianceQueries) -> FiscalFacts:
    read = await read_days_read(connection)
    z_reports = await _z_reports(connection, queries)
    turnovers = await _turnovers(
        connection, queries, {report.shift_id for report in z_reports if report.shift_id is not None}
    )
    unreadable = await read_unreadable(connection, queries.shops)
    missing, repeated = await _local_numbers(connection, queries, LocalNumbers(read, unreadable))
    return FiscalFacts(
        shops={
            shop.id: ShopFact(shop.title, shop.fiscalization_enabled, is_deleted=shop.deleted_at is not None)
            for shop in await connection.execute(
                select(SHOPS.c.id, SHOPS.c.title, SHOPS.c.fiscalization_enabled, SHOPS.c.deleted_at)
            )
        },
        read=read,
        shifts=await _shifts(connection, queries, turnovers),
        turnovers=turnovers,
        z_reports=z_reports,
        offline=await _offline(connection, queries),
        unnumbered=await _unnumbered(connection, queries),
        repeated_fiscal_numbers=await _repeated(connection, queries),
        missing_local_numbers=missing,
        repeated_local_numbers=repeated,
        unreadable=unreadable,
    )


async def _shifts(
    connection: AsyncConnection, queries: ComplianceQueries, turnovers: Iterable[Turnover]
) -> list[ShiftRecord]:
    """Read the shifts; the shop of one that names none is the shop of its receipts."""
    shop_of = {turnover.shift_id: turnover.shop_id for turnover in turnovers}
    shifts = []
    async with connection.stream(queries.shifts(), execution_options=_STREAMED) as rows:
        async for row in rows:
            shop_id = shop_of.get(row.id) if row.shop_id is None else row.shop_id
            if queries.shops is None or shop_id in queries.shops:
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


async def _z_reports(connection: AsyncConnection, queries: ComplianceQueries) -> list[ZReportRecord]:
    async with connection.stream(queries.z_reports(), execution_options=_STREAMED) as rows:
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


async def _turnovers(
    connection: AsyncConnection, queries: ComplianceQueries, reported: Collection[str]
) -> list[Turnover]:
    """Read the turnovers; of those that owe a Z-report, the first receipts.

    Args:
        connection: A transaction of the store.
        queries: Which records are looked at.
        reported: Ids of shifts that have a Z-report.
    """
    found: dict[tuple[Any, ...], Turnover] = {}
    async with connection.stream(queries.turnovers(), execution_options=_STREAMED) as rows:
        async for row in rows:
            found[_group(row)] = Turnover(
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
                ids=(),
            )
    shifts = dict.fromkeys(one.shift_id for one in found.values() if one.owing and one.shift_id not in reported)
    ids: defaultdict[tuple[Any, ...], list[str]] = defaultdict(list)
    in_order = list(shifts)
    for start in range(0, len(in_order), _SHIFTS_AT_ONCE):
        for row in await connection.execute(queries.owing(in_order[start : start + _SHIFTS_AT_ONCE])):
            ids[_group(row)].append(row.id)
    return [replace(one, ids=tuple(ids[group])) if group in ids else one for group, one in found.items()]


async def _unnumbered(connection: AsyncConnection, queries: ComplianceQueries) -> list[Unnumbered]:
    found: dict[tuple[Any, ...], Unnumbered] = {}
    async with connection.stream(queries.unnumbered(), execution_options=_STREAMED) as rows:
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


async def _offline(connection: AsyncConnection, queries: ComplianceQueries) -> list[OfflineSession]:
    sessions = OfflineSessions()
    async with connection.stream(queries.offline(), execution_options=_STREAMED) as rows:
        async for row in rows:
            sessions.add(OfflineReceipt(*row))
    running = sessions.running()
    online = await connection.execute(queries.last_online(running)) if running else ()
    return sessions.finish({row.registrar: row.made_at for row in online})


async def _local_numbers(
    connection: AsyncConnection, queries: ComplianceQueries, numbers: LocalNumbers
) -> tuple[list[NumberingIssue], list[NumberingIssue]]:
    first: Row[Any] | None = None
    async with connection.stream(queries.number_breaks(), execution_options=_STREAMED) as rows:
        async for row in rows:
            if first is not None:
                numbers.add(_run(first, row))
            first = None if row.number is None else row
    return numbers.finish()


def _run(first: Row[Any], after: Row[Any]) -> NumberRun:
    """Make a run of its first receipt and the break after it."""
    return NumberRun(
        shop_id=first.shop_id,
        registrar=first.registrar,
        shift_id=first.shift_id,
        first=first.number,
        last=after.number_before,
        first_at=first.created_at,
        last_at=after.created_before,
        first_id=first.id,
        last_id=after.id_before,
        last_shift_id=after.shift_before,
    )


async def _repeated(connection: AsyncConnection, queries: ComplianceQueries) -> list[NumberingIssue]:
    """Read the repeated fiscal numbers, together for the shift of the first receipt that has one of them."""
    found: dict[tuple[Any, ...], NumberingIssue] = {}
    number: tuple[str, str] | None = None
    key: tuple[Any, ...] = ()
    async with connection.stream(queries.repeated(), execution_options=_STREAMED) as rows:
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


def _with_receipt(issue: NumberingIssue, row: Row[Any], *, is_new: bool) -> NumberingIssue:
    has_room = len(issue.numbers) < MOST_NUMBERS
    return replace(
        issue,
        first_at=min(issue.first_at, row.created_at),
        last_at=max(issue.last_at, row.created_at),
        numbers=(*issue.numbers, row.number) if is_new and has_room else issue.numbers,
        has_more=issue.has_more or (is_new and not has_room),
        count=issue.count + is_new,
        receipts=issue.receipts + 1,
        ids=(*issue.ids, row.id) if len(issue.ids) < MOST_IDS else issue.ids,
    )


def _group(row: Row[Any]) -> tuple[Any, ...]:
    return row.shop_id, row.shift_id, row.day, row.registrar_of_day
