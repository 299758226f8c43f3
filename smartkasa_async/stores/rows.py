"""Records of the API as rows of the tables: pure functions, columns looked up once.

Columns have the names of the records' fields; what is no field is computed here. Absent fields stay UNSET.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import msgspec

from smartkasa_async._i18n.kept_message import encode_message
from smartkasa_async._i18n.message import msg
from smartkasa_async.records.batch import RecordKind, quarantine_key
from smartkasa_async.records.days import business_day
from smartkasa_async.stores import schema
from smartkasa_async.stores.errors import UnfitValueError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sqlalchemy import Table

    from smartkasa_async.models import PaymentTransaction, Product, Receipt, ReceiptItem, ZReport
    from smartkasa_async.records.batch import ProductSale, Undecodable

    Reader = Callable[[Any], dict[str, Any]]

Row = dict[str, Any]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TAX_COLUMNS = {letter: f"tax_{name}" for name, letter in schema.TAX_LETTERS.items()}
_NO_TAXES: Row = dict.fromkeys(_TAX_COLUMNS.values())
_KOPECKS = -2
_MONEY_UNIT = Decimal("0.0001")
_ID_BITS = 64


def _names(table: Table) -> list[str]:
    return [column.name for column in table.columns]


def _reader(table: Table, *computed: str) -> Reader:
    """Make the function that reads a record's fields into a row, without the computed columns."""
    columns = [name for name in _names(table) if name not in {*computed, "deleted_at", "raw"}]
    values = attrgetter(*columns)

    def read(record: object) -> Row:
        return dict(zip(columns, values(record), strict=True))

    return read


_item = _reader(schema.RECEIPT_ITEMS, "receipt_id", "position")
_payment = _reader(schema.PAYMENTS, "receipt_id", "position")
_product = _reader(schema.PRODUCTS)
_receipt = _reader(schema.RECEIPTS, "business_date", *_TAX_COLUMNS.values())
_shift = _reader(schema.SHIFTS, "shop_id")
_z_report = _reader(
    schema.Z_REPORTS,
    "business_date",
    *(name for name in _names(schema.Z_REPORTS) if name.startswith("payload_")),
)
_sales_line = _reader(schema.PRODUCT_SALES, "shop_id", "business_date", "product_id")


def _receipt_row(receipt: Receipt) -> Row:
    row = _receipt(receipt)
    row["business_date"] = business_day(receipt.created_at)
    row |= _NO_TAXES
    for letter, kopecks in (receipt.tax_amount or {}).items():
        if column := _TAX_COLUMNS.get(letter):
            row[column] = _hryvnias(kopecks)
    return row


def _hryvnias(kopecks: Decimal) -> Decimal:
    try:
        return kopecks.scaleb(_KOPECKS).quantize(_MONEY_UNIT)
    except InvalidOperation as error:
        message = msg("{kopecks} kopecks of tax cannot be stored: that is no sum of money", kopecks=kopecks)
        raise UnfitValueError(message) from error


def _product_row(product: Product) -> Row:
    row = _product(product)
    if isinstance(row["remote_id"], int):
        row["remote_id"] = str(row["remote_id"])
    return row


def _z_report_row(report: ZReport) -> Row:
    return _z_report(report) | {"business_date": business_day(report.created_at)} | _payload(report.payload)


def _payload(payload: object) -> Row:
    """Read what is used of the registrar's own report, as far as it has the recorded form; the raw JSON has all."""
    report = payload if isinstance(payload, dict) else {}
    cash = report.get("cash")
    cash = cash if isinstance(cash, dict) else {}
    local_number, count = report.get("registrarLocalNumber"), cash.get("receipts_count")
    money = ("cash_amount", "service_input", "service_output", "turnover_amount")
    values = {
        "timestamp": _moment(report.get("timestamp")),
        "registrar_local_number": str(local_number) if isinstance(local_number, str | int) else None,
        "cash_total": _number(cash.get("total")),
        "cash_commission": _number(cash.get("commission")),
        "cash_receipts_count": count if type(count) is int else None,
        **{name: _number(report.get(name)) for name in money},
    }
    return {f"payload_{name}": value for name, value in values.items()}


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _moment(milliseconds: object) -> datetime | None:
    """Read milliseconds since 1970 UTC; what is none of them is left to the raw JSON."""
    try:
        return _EPOCH + timedelta(milliseconds=int(milliseconds))  # type: ignore[call-overload, no-any-return]
    except (TypeError, ValueError, OverflowError):
        return None


def _product_sale_row(sale: ProductSale) -> Row:
    row = _sales_line(sale.line)
    row["shop_id"], row["business_date"], row["product_id"] = sale.shop_id, sale.business_date, sale.line.id
    return row


_ROW: dict[RecordKind, Callable[[Any], Row]] = {
    RecordKind.SHOPS: _reader(schema.SHOPS),
    RecordKind.TERMINALS: _reader(schema.TERMINALS),
    RecordKind.EMPLOYEES: _reader(schema.EMPLOYEES),
    RecordKind.SHIFTS: _shift,
    RecordKind.CATEGORIES: _reader(schema.CATEGORIES),
    RecordKind.PRODUCTS: _product_row,
    RecordKind.CARDS: _reader(schema.CARDS),
    RecordKind.RECEIPTS: _receipt_row,
    RecordKind.Z_REPORTS: _z_report_row,
    RecordKind.PRODUCT_SALES: _product_sale_row,
}


def record_row(kind: RecordKind, record: object, raw: bytes | None) -> Row:
    """Make the row of one record.

    Args:
        kind: What it is.
        record: The record.
        raw: Its JSON as the service sent it; None to leave it out.
    """
    row = _ROW[kind](record)
    row["raw"] = None if raw is None else _text(raw)
    return row


def key_of(kind: RecordKind, record: Any) -> str:
    """Return the key by which a record would stand in quarantine."""
    if kind is RecordKind.PRODUCT_SALES:
        return f"{record.shop_id}/{record.business_date}/{quarantine_key(record.line.id)}"
    return quarantine_key(record.id)


def item_rows(receipts: Iterable[Receipt]) -> list[Row]:
    """Make the rows of the receipts' items."""
    return [row for receipt in receipts for row in _parts(receipt.id, receipt.items or (), _item)]


def payment_rows(receipts: Iterable[Receipt]) -> list[Row]:
    """Make the rows of the receipts' payments."""
    return [row for receipt in receipts for row in _parts(receipt.id, receipt.payment_transactions or (), _payment)]


def _parts(receipt_id: str, parts: Sequence[ReceiptItem] | Sequence[PaymentTransaction], read: Reader) -> Iterator[Row]:
    for position, part in enumerate(parts):
        row = read(part)
        row["receipt_id"] = receipt_id
        row["position"] = position
        yield row


class _Nested(msgspec.Struct):
    shift: msgspec.Raw


_decode_nested = msgspec.json.Decoder(_Nested).decode


def nested_shift_rows(reports: Iterable[ZReport], raws: Iterable[bytes | None]) -> list[Row]:
    """Make the rows of the shifts in Z-reports; shop and terminal are the report's."""
    rows = []
    for report, raw in zip(reports, raws, strict=True):
        if shift := report.shift or None:
            row = _shift(shift)
            row["shop_id"] = report.shop_id or None
            row["terminal_id"] = shift.terminal_id or report.terminal_id or None
            row["raw"] = None if raw is None else bytes(_decode_nested(raw).shift).decode()
            rows.append(row)
    return rows


def quarantine_row(kind: RecordKind, undecodable: Undecodable, seen_at: datetime) -> Row:
    """Make the row of a record that could not be decoded, or not be kept; every value of it fits."""
    shop_id = undecodable.shop_id
    return {
        "kind": kind,
        "key": undecodable.key.replace("\0", "\\0"),  # PostgreSQL keeps no NUL
        "shop_id": shop_id if shop_id is not None and shop_id.bit_length() < _ID_BITS else None,
        "error": undecodable.error,
        "message": encode_message(undecodable.translatable or ""),
        "raw": _text(undecodable.raw),
        "seen_at": seen_at,
    }


def _text(raw: bytes) -> str:
    return raw.decode(errors="backslashreplace")
