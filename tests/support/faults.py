"""Faults that spoil a store at random: all that the rules of the reconciliation know, and what only looks like one."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from hypothesis import strategies as st
from sqlalchemy import case, delete, func, insert, select, update
from sqlalchemy.exc import StatementError

from smartkasa_async.stores.schema import (
    PAYMENTS,
    PRODUCT_SALES,
    QUARANTINE,
    RECEIPT_ITEMS,
    RECEIPTS,
    SHIFTS,
    SYNCED_DAYS,
    Z_REPORTS,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlalchemy import ColumnElement, Row, Table
    from sqlalchemy.ext.asyncio import AsyncConnection

__all__ = ["FAULTS", "Fault", "faults", "plant"]

SALE, CASH_IN, REFUND, CANCELLATION, WITHDRAWAL, OFFLINE = 0, 1, 3, 4, 5, 102
PAYMENT, CANCELLED, BACK = 0, 1, 2
AMOUNTS = [Decimal(text) for text in ("0.01", "-0.01", "0.0001", "0.05", "-0.05", "0.10", "0.25", "-0.5", "1", "-7.77")]
AMOUNTS += [Decimal(2**31) / 100, Decimal(10) ** 7, Decimal("-30000000000.01"), Decimal(9) * 10**13]
_LARGE = 10**13
TAXES = [f"tax_{letter}" for letter in "abvgdz"]
STATED = [
    column.name
    for column in Z_REPORTS.c
    if column.name.endswith(("_total", "_count", "_input", "_output", "_amount", "_commission"))
]
NUMBERS = [None, "", "0", "007", "abc", "1,2", " 5", "12345678901234567890", "5"]


class Fault(NamedTuple):
    """What is done, to which record by its place among all, and how."""

    name: str
    place: int
    how: int


def faults() -> st.SearchStrategy[Fault]:
    """Draw any fault."""
    number = st.integers(0, 10_000)
    return st.builds(Fault, st.sampled_from(FAULTS), number, number)


async def plant(connection: AsyncConnection, fault: Fault) -> None:
    """Do what a fault says, unless nothing is left to do it to, or it would not fit into a store."""
    with suppress(StatementError):
        async with connection.begin_nested():
            await _FAULTS[fault.name](connection, fault.place, fault.how)


async def _at(connection: AsyncConnection, table: Table, place: int, *conditions: Any) -> Row[Any] | None:
    """Give the record at a place; the first two hundred of each kind are near each other."""
    number = (await connection.execute(select(func.count()).select_from(table).where(*conditions))).scalar_one()
    if not number:
        return None
    query = select(table).where(*conditions).order_by(*table.primary_key.columns).offset(place % number).limit(1)
    return (await connection.execute(query)).one()


def _same(table: Table, row: Row[Any]) -> list[ColumnElement[bool]]:
    return [column == row._mapping[column.name] for column in table.primary_key.columns]


async def _change(connection: AsyncConnection, table: Table, row: Row[Any] | None, **values: Any) -> None:
    if row is not None:
        await connection.execute(update(table).where(*_same(table, row)).values(values))


def _pick(options: Any, how: int) -> Any:
    return options[how % len(options)]


def _amount_of(table: Table, *names: str, nullable: bool = True) -> Callable[..., Awaitable[None]]:
    """Change an amount by a little or by much, or leave it out."""

    async def change(connection: AsyncConnection, place: int, how: int) -> None:
        row = await _at(connection, table, place)
        if row is None:
            return
        name, more = _pick(names, how), _pick([*AMOUNTS, None], how // 7)
        if more is None:
            values: dict[str, Any] = {name: None if nullable else Decimal(0)}
        elif "count" in name and table is Z_REPORTS:
            values = {name: (row._mapping[name] or 0) + (1 if more > 0 else -1)}
        else:
            values = {name: (row._mapping[name] or Decimal(0)) + more}
        await _change(connection, table, row, **values)

    return change


def _value_of(table: Table, **options: Any) -> Callable[..., Awaitable[None]]:
    """Put one of some values into one of some columns."""

    async def change(connection: AsyncConnection, place: int, how: int) -> None:
        name = _pick(sorted(options), how)
        await _change(
            connection, table, await _at(connection, table, place), **{name: _pick(options[name], how // len(options))}
        )

    return change


def _value_of_other(table: Table, *names: str) -> Callable[..., Awaitable[None]]:
    """Give a record what the next one has."""

    async def change(connection: AsyncConnection, place: int, how: int) -> None:
        row, other = await _at(connection, table, place), await _at(connection, table, place + 1 + how % 5)
        if row is not None and other is not None:
            name = _pick(names, how)
            await _change(connection, table, row, **{name: other._mapping[name]})

    return change


def _remove(*tables: Table) -> Callable[..., Awaitable[None]]:
    async def remove(connection: AsyncConnection, place: int, how: int) -> None:
        row = await _at(connection, tables[0], place)
        if row is not None:
            await connection.execute(delete(tables[0]).where(*_same(tables[0], row)))
            for table in tables[1:] if how % 3 else ():
                await connection.execute(delete(table).where(table.c.receipt_id == row.id))

    return remove


async def _delete_softly(connection: AsyncConnection, place: int, how: int) -> None:
    table = _pick((RECEIPTS, RECEIPTS, Z_REPORTS), how)
    row = await _at(connection, table, place)
    if row is not None:
        await _change(connection, table, row, deleted_at=row.created_at)


async def _copy_receipt(connection: AsyncConnection, place: int, how: int) -> None:
    row = await _at(connection, RECEIPTS, place)
    if row is None or await _at(connection, RECEIPTS, 0, RECEIPTS.c.id == f"copy-{row.id}") is not None:
        return
    other = await _at(connection, RECEIPTS, place + how)
    values: dict[str, Any] = {**row._mapping, "id": f"copy-{row.id}"}
    if how % 3 == 1 and other is not None:
        values |= {"shift_id": other.shift_id, "business_date": other.business_date, "created_at": other.created_at}
    if how % 5 == 1:
        values["fiscal_number"] = f"{row.fiscal_number}-{how}"
    await connection.execute(insert(RECEIPTS).values(values))
    for table in (RECEIPT_ITEMS, PAYMENTS):
        for part in (await connection.execute(select(table).where(table.c.receipt_id == row.id))).all():
            await connection.execute(insert(table).values({**part._mapping, "receipt_id": f"copy-{row.id}"}))


async def _copy_z_report(connection: AsyncConnection, place: int, how: int) -> None:
    row = await _at(connection, Z_REPORTS, place)
    if row is None or await _at(connection, Z_REPORTS, 0, Z_REPORTS.c.id == 100_000 + row.id) is not None:
        return
    values: dict[str, Any] = {**row._mapping, "id": 100_000 + row.id}
    if how % 2:
        values |= {"fiscal_number": f"{how}", "sale_total": row.sale_total + _pick(AMOUNTS, how)}
    await connection.execute(insert(Z_REPORTS).values(values))


async def _cover_both(connection: AsyncConnection, place: int, how: int) -> None:
    """Let the later of two Z-reports of a registrar state the figures of both shifts."""
    first = await _at(connection, Z_REPORTS, place)
    if first is None:
        return
    second = await _at(
        connection,
        Z_REPORTS,
        0,
        Z_REPORTS.c.registrar_fiscal_number == first.registrar_fiscal_number,
        Z_REPORTS.c.created_at > first.created_at,
    )
    if second is None:
        return
    names = [name for name in STATED if name not in {"cash_amount", "payload_cash_amount"}]
    both = {name: (first._mapping[name] or 0) + (second._mapping[name] or 0) for name in names}
    await connection.execute(delete(Z_REPORTS).where(Z_REPORTS.c.id == first.id))
    await _change(connection, Z_REPORTS, second, **both)


async def _divide_payment(connection: AsyncConnection, place: int, how: int) -> None:
    """Pay a part by other means, or cancel a part of what was paid and pay it again."""
    row = await _at(connection, PAYMENTS, place)
    if row is None or await _at(
        connection, PAYMENTS, 0, PAYMENTS.c.receipt_id == row.receipt_id, PAYMENTS.c.position > 90
    ):
        return
    part = _pick(AMOUNTS, how)
    values: dict[str, Any] = {**row._mapping, "amount": part, "position": 91}
    if how % 2:
        await _change(connection, PAYMENTS, row, amount=row.amount - part)
        await connection.execute(insert(PAYMENTS).values(values | {"transaction_type_id": how % 3}))
    else:
        await connection.execute(insert(PAYMENTS).values(values | {"payment_type_id": CANCELLED}))
        await connection.execute(insert(PAYMENTS).values(values | {"position": 92}))


async def _round(connection: AsyncConnection, place: int, how: int) -> None:
    """Round what was paid, sale or refund, in cash or not, so that the receipt still adds up."""
    row = await _at(connection, RECEIPTS, place, RECEIPTS.c.type.in_((SALE, REFUND)))
    if row is None:
        return
    more = _pick(AMOUNTS, how)
    await _change(
        connection,
        RECEIPTS,
        row,
        rounding_amount=(row.rounding_amount or 0) + more,
        total_amount=row.total_amount + more,
    )
    payment = await _at(connection, PAYMENTS, how, PAYMENTS.c.receipt_id == row.id)
    if payment is not None:
        await _change(connection, PAYMENTS, payment, amount=payment.amount + more)


async def _move_time(connection: AsyncConnection, place: int, how: int) -> None:
    """Move a receipt over the border of a day in Kyiv, or among those of other shifts."""
    row = await _at(connection, RECEIPTS, place)
    if row is not None:
        hours = timedelta(hours=_pick((-30, -24, -5, 5, 14, 24, 48), how))
        days = timedelta(days=_pick((-1, 0, 1), how // 7))
        await _change(
            connection, RECEIPTS, row, created_at=row.created_at + hours, business_date=row.business_date + days
        )


async def _restate(connection: AsyncConnection, place: int, how: int) -> None:
    """Let a Z-report, or every one, state what the receipts of its shift come to now, so that only they are wrong."""
    report = await _at(connection, Z_REPORTS, place)
    every = (await connection.execute(select(Z_REPORTS))).all() if how % 3 else [report]
    for one in every:
        if one is not None:
            await _restate_one(connection, one, how)


async def _restate_one(connection: AsyncConnection, report: Row[Any], how: int) -> None:
    columns, payments = RECEIPTS.c, PAYMENTS.c
    values: dict[str, Any] = {}
    of_shift = (columns.shift_id == report.shift_id, columns.deleted_at.is_(None))
    net = case((payments.payment_type_id == CANCELLED, -payments.amount), else_=payments.amount)
    for prefix, condition in (
        ("sale", (columns.type == SALE, columns.state == 2)),
        ("refund", (columns.type == REFUND,)),
    ):
        sums = [func.sum(columns[name], type_=columns.total_amount.type) for name in ("total_amount", *TAXES)]
        row = (await connection.execute(select(func.count(), *sums).where(*of_shift, *condition))).one()
        count, total, *taxes = row
        values |= {f"{prefix}_receipts_count": count, f"{prefix}_total": total or 0}
        letters = (f"{prefix}_{name}_total" for name in TAXES)
        values |= {name: tax or 0 for name, tax in zip(letters, taxes, strict=True) if name in Z_REPORTS.c}
        for means, is_cash in (
            ("cash", payments.transaction_type_id == 0),
            ("cashless", payments.transaction_type_id != 0),
        ):
            query = (
                select(func.sum(net, type_=columns.total_amount.type))
                .join(RECEIPTS, columns.id == payments.receipt_id)
                .where(*of_shift, *condition, is_cash)
            )
            values[f"{prefix}_{means}_total"] = (await connection.execute(query)).scalar_one() or 0
    if how % 4:
        values["turnover_amount"] = values["payload_turnover_amount"] = values["sale_total"] - values["refund_total"]
    await _change(connection, Z_REPORTS, report, **values)


async def _multiply(connection: AsyncConnection, place: int, how: int) -> None:
    """Make a receipt and its parts many times as large."""
    row, times = await _at(connection, RECEIPTS, place), _pick((0, 10, 10**6, 10**9), how)
    if row is None or abs(row.total_amount) * times > _LARGE:
        return
    money = ("total_amount", "rounding_amount", "discount_amount", *TAXES)
    await _change(
        connection, RECEIPTS, row, **{name: row._mapping[name] and row._mapping[name] * times for name in money}
    )
    for table, names in ((RECEIPT_ITEMS, ("amount", "discount_amount")), (PAYMENTS, ("amount",))):
        for part in (await connection.execute(select(table).where(table.c.receipt_id == row.id))).all():
            values = {name: part._mapping[name] and part._mapping[name] * times for name in names}
            await _change(connection, table, part, **values)


async def _quarantine(connection: AsyncConnection, place: int, how: int) -> None:
    """Put a receipt or Z-report into quarantine, and out of its table."""
    table, kind = _pick(((RECEIPTS, "receipts"), (Z_REPORTS, "z_reports")), how)
    row = await _at(connection, table, place)
    if row is None or await _at(connection, QUARANTINE, 0, QUARANTINE.c.key == f"{row.id}") is not None:
        return
    raw = f'{{"shift_id": "{row.shift_id}", "created_at": "{row.created_at.isoformat()}"}}' if how % 3 else "{}"
    values = {"kind": kind, "key": f"{row.id}", "shop_id": row.shop_id, "error": "broken", "raw": raw}
    await connection.execute(insert(QUARANTINE).values({**values, "seen_at": row.created_at}))
    await connection.execute(delete(table).where(*_same(table, row)))


async def _forget_days(connection: AsyncConnection, place: int, how: int) -> None:
    """Take from the days that were read the last ones, or all."""
    row = await _at(connection, SYNCED_DAYS, place)
    if row is None:
        return
    last = row.last_day - timedelta(days=1 + how % 4)
    if last < row.first_day or how % 3 == 0:
        await connection.execute(delete(SYNCED_DAYS).where(*_same(SYNCED_DAYS, row)))
    else:
        await _change(connection, SYNCED_DAYS, row, last_day=last)


async def _leave_open(connection: AsyncConnection, place: int, how: int) -> None:
    row = await _at(connection, SHIFTS, place)
    if row is not None:
        options = {"closed_at": None}, {"opened_at": row.opened_at + timedelta(days=1)}, {"shop_id": None}
        await _change(connection, SHIFTS, row, **_pick(options, how))


_FAULTS: dict[str, Callable[..., Awaitable[None]]] = {
    "receipt amount": _amount_of(RECEIPTS, "total_amount", nullable=False),
    "receipt part": _amount_of(RECEIPTS, "rounding_amount", "discount_amount", "discount_percentage", *TAXES),
    "item": _amount_of(RECEIPT_ITEMS, "amount", "price", "quantity", "discount_amount", nullable=False),
    "item discount": _amount_of(RECEIPT_ITEMS, "discount_amount"),
    "item group": _value_of(RECEIPT_ITEMS, tax_group_id=(None, 0, 1, 2, 5, 6, 7, 9, 77), product_id=(None, "other")),
    "item removed": _remove(RECEIPT_ITEMS),
    "payment": _amount_of(PAYMENTS, "amount", nullable=False),
    "payment kind": _value_of(PAYMENTS, payment_type_id=(0, 1, 2, 9), transaction_type_id=(0, 1, 2, 3, 9)),
    "payment removed": _remove(PAYMENTS),
    "payment divided": _divide_payment,
    "receipt removed": _remove(RECEIPTS, RECEIPT_ITEMS, PAYMENTS),
    "receipt kind": _value_of(RECEIPTS, type=(SALE, CASH_IN, 2, REFUND, CANCELLATION, WITHDRAWAL, OFFLINE, 77)),
    "receipt state": _value_of(RECEIPTS, state=(1, 2, 3, 77)),
    "receipt shift": _value_of(RECEIPTS, shift_id=(None, "", "new")),
    "receipt of other shift": _value_of_other(
        RECEIPTS, "shift_id", "shift_id", "fiscal_number", "registrar_local_number"
    ),
    "receipt of other shop": _value_of_other(RECEIPTS, "shop_id", "registrar_fiscal_number", "business_date"),
    "receipt names": _value_of(
        RECEIPTS, shop_id=(None, 1), registrar_fiscal_number=(None, "4000"), fiscal_number=(None, "", "77")
    ),
    "receipt number": _value_of(RECEIPTS, registrar_local_number=NUMBERS),
    "receipt id": _value_of(RECEIPTS, id=("a\nb",)),
    "deleted": _delete_softly,
    "receipt copied": _copy_receipt,
    "rounded": _round,
    "moved in time": _move_time,
    "multiplied": _multiply,
    "z figure": _amount_of(Z_REPORTS, *STATED),
    "z removed": _remove(Z_REPORTS),
    "z copied": _copy_z_report,
    "z covers both": _cover_both,
    "z names": _value_of(Z_REPORTS, shift_id=(None, "", "new"), shop_id=(None, 1), registrar_fiscal_number=(None, "4")),
    "z of other": _value_of_other(Z_REPORTS, "shift_id", "shop_id", "business_date", "fiscal_number"),
    "restated": _restate,
    "shift": _leave_open,
    "shift removed": _remove(SHIFTS),
    "product sales": _amount_of(PRODUCT_SALES, "total_amount", "total_count", nullable=False),
    "product sales removed": _remove(PRODUCT_SALES),
    "quarantine": _quarantine,
    "days": _forget_days,
}


FAULTS = sorted(_FAULTS)
