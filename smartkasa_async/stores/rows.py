"""Records of the API as rows of the tables: pure functions, columns looked up once."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET

from smartkasa_async.receipts.days import business_day
from smartkasa_async.stores.schema import PAYMENTS, RECEIPT_ITEMS, RECEIPTS, SHIFTS, SHOPS, Z_REPORTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sqlalchemy import Table

    from smartkasa_async.models import PaymentTransaction, Receipt, ReceiptItem, Shop, ZReport

    Reader = Callable[[object], dict[str, Any]]

__all__ = ["Row", "item_rows", "keys", "payment_rows", "receipt_rows", "shift_rows", "shop_rows", "z_report_rows"]

Row = dict[str, Any]

_encode = msgspec.json.Encoder().encode


def _reader(table: Table, *, computed: Iterable[str]) -> Reader:
    """Make the function that reads a record's fields into a row; absent fields become NULL.

    Args:
        table: Where the rows go; its columns have the names of the record's fields.
        computed: Columns that are no fields of the record; the caller adds them.
    """
    columns = [column.name for column in table.columns if column.name not in set(computed)]
    values = attrgetter(*columns)

    def read(record: object) -> Row:
        return {name: None if value is UNSET else value for name, value in zip(columns, values(record), strict=True)}

    return read


_shop = _reader(SHOPS, computed=("raw",))
_shift = _reader(SHIFTS, computed=("shop_id", "terminal_id", "raw"))
_receipt = _reader(RECEIPTS, computed=("business_date", "raw"))
_item = _reader(RECEIPT_ITEMS, computed=("receipt_id", "position"))
_payment = _reader(PAYMENTS, computed=("receipt_id", "position"))
_z_report = _reader(Z_REPORTS, computed=("business_date", "raw"))


def shop_rows(shops: Iterable[Shop]) -> list[Row]:
    """Make the rows of shops."""
    return [_shop(shop) | {"raw": _raw(shop)} for shop in shops]


def receipt_rows(receipts: Iterable[Receipt]) -> list[Row]:
    """Make the rows of receipts, without their items and payments."""
    rows = []
    for receipt in receipts:
        row = _receipt(receipt)
        row["business_date"] = business_day(receipt.created_at)
        row["raw"] = _raw(receipt)
        rows.append(row)
    return rows


def keys(receipts: Iterable[Receipt]) -> list[Row]:
    """Make the parameters that name receipts."""
    return [{"id": receipt.id} for receipt in receipts]


def item_rows(receipts: Iterable[Receipt]) -> list[Row]:
    """Make the rows of the receipts' items."""
    return [row for receipt in receipts for row in _parts(receipt.id, receipt.items or (), _item)]


def payment_rows(receipts: Iterable[Receipt]) -> list[Row]:
    """Make the rows of the receipts' payments."""
    return [row for receipt in receipts for row in _parts(receipt.id, receipt.payment_transactions or (), _payment)]


def z_report_rows(reports: Iterable[ZReport]) -> list[Row]:
    """Make the rows of Z-reports."""
    return [
        _z_report(report) | {"business_date": business_day(report.created_at), "raw": _raw(report)}
        for report in reports
    ]


def shift_rows(reports: Iterable[ZReport]) -> list[Row]:
    """Make the rows of the shifts that Z-reports carry; shop and terminal are the report's."""
    rows = []
    for report in reports:
        if shift := report.shift or None:
            row = _shift(shift)
            row["shop_id"] = report.shop_id or None
            row["terminal_id"] = shift.terminal_id or report.terminal_id or None
            row["raw"] = _raw(shift)
            rows.append(row)
    return rows


def _parts(receipt_id: str, parts: Sequence[ReceiptItem] | Sequence[PaymentTransaction], read: Reader) -> Iterable[Row]:
    for position, part in enumerate(parts):
        row = read(part)
        row["receipt_id"] = receipt_id
        row["position"] = position
        yield row


def _raw(record: object) -> str:
    return _encode(record).decode()
