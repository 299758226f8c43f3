"""The sums behind a reconciliation, made by the database: exact, and no more rows than there are shifts."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, func, or_, select, union

from smartkasa_async.models import PaymentType, ReceiptState, ReceiptType, TransactionType
from smartkasa_async.reports.takings import NOTHING, ShiftTakings, Takings
from smartkasa_async.stores.schema import PAYMENTS, RECEIPTS, Z_REPORTS

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Label, Select, Table
    from sqlalchemy.ext.asyncio import AsyncConnection

    from smartkasa_async.receipts.days import Window

    Shift = tuple[int | None, str | None]

__all__ = ["read_takings"]

# The rules of `receipts.kinds`.
_IS_SALE = and_(RECEIPTS.c.type == int(ReceiptType.SALE), RECEIPTS.c.state == int(ReceiptState.PAID))
_IS_REFUND = RECEIPTS.c.type == int(ReceiptType.REFUND)
_IS_CASH = PAYMENTS.c.transaction_type_id == int(TransactionType.CASH)
_PAID = case((PAYMENTS.c.payment_type_id == int(PaymentType.CANCELLATION), -PAYMENTS.c.amount), else_=PAYMENTS.c.amount)

_RECEIPT_SUMS = (
    func.count(case((_IS_SALE, 1))).label("sale_receipts_count"),
    func.count(case((_IS_REFUND, 1))).label("refund_receipts_count"),
    func.sum(case((_IS_SALE, RECEIPTS.c.total_amount))).label("sale_total"),
    func.sum(case((_IS_REFUND, RECEIPTS.c.total_amount))).label("refund_total"),
)
_PAYMENT_SUMS = (
    func.sum(case((and_(_IS_SALE, _IS_CASH), _PAID))).label("sale_cash_total"),
    func.sum(case((and_(_IS_SALE, ~_IS_CASH), _PAID))).label("sale_cashless_total"),
    func.sum(case((and_(_IS_REFUND, _IS_CASH), _PAID))).label("refund_cash_total"),
    func.sum(case((and_(_IS_REFUND, ~_IS_CASH), _PAID))).label("refund_cashless_total"),
)
_Z_REPORT_SUMS = tuple(func.sum(Z_REPORTS.c[field.name]).label(field.name) for field in fields(Takings))


async def read_takings(connection: AsyncConnection, window: Window) -> list[ShiftTakings]:
    """Sum up each shift that has receipts or Z-reports in the window, with all that the store has of it."""
    receipts = await _sums(connection, _of_shifts(RECEIPTS, window, *_RECEIPT_SUMS))
    payments = await _sums(
        connection,
        _of_shifts(RECEIPTS, window, *_PAYMENT_SUMS).join(PAYMENTS, PAYMENTS.c.receipt_id == RECEIPTS.c.id),
    )
    z_reports = await _sums(connection, _of_shifts(Z_REPORTS, window, func.count().label("z_reports"), *_Z_REPORT_SUMS))
    return [
        ShiftTakings(
            shop_id=shop_id,
            shift_id=shift_id,
            receipts=replace(NOTHING, **receipts.get((shop_id, shift_id), {}), **payments.get((shop_id, shift_id), {})),
            **_stated(z_reports.get((shop_id, shift_id))),
        )
        for shop_id, shift_id in receipts.keys() | z_reports.keys()
    ]


def _of_shifts(table: Table, window: Window, *sums: Label[Any]) -> Select[Any]:
    """Sum up the rows of every shift that the window touches; rows without a shift count by their own day."""
    touched = union(*(select(one.c.shift_id).where(_in(one, window)) for one in (RECEIPTS, Z_REPORTS)))
    return (
        select(table.c.shop_id, table.c.shift_id, *sums)
        .where(or_(table.c.shift_id.in_(touched), and_(table.c.shift_id.is_(None), _in(table, window))))
        .group_by(table.c.shop_id, table.c.shift_id)
    )


def _in(table: Table, window: Window) -> ColumnElement[bool]:
    return table.c.business_date.between(window.start, window.end)


async def _sums(connection: AsyncConnection, query: Select[Any]) -> dict[Shift, dict[str, Any]]:
    """Read sums by shop and shift; those of nothing are left out."""
    found = (await connection.execute(query)).mappings()
    return {
        (row["shop_id"], row["shift_id"]): {
            name: value for name, value in row.items() if value is not None and name not in {"shop_id", "shift_id"}
        }
        for row in found
    }


def _stated(sums: dict[str, Any] | None) -> dict[str, Any]:
    if sums is None:
        return {}
    z_reports = sums.pop("z_reports")
    return {"z_reports": z_reports, "z_report": Takings(**sums)}
