"""Records of the API as columns of the tables: pure functions, fields looked up once.

Columns have the names of the records' fields; what is no field is computed here. Absent fields are None.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from itertools import chain
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET

from smartkasa_async._i18n.kept_message import encode_message
from smartkasa_async._i18n.message import msg
from smartkasa_async.records.batch import RecordKind, quarantine_key
from smartkasa_async.records.days import business_day
from smartkasa_async.stores import schema
from smartkasa_async.stores.errors import UnfitValueError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sqlalchemy import Table

    from smartkasa_async.models import Product, Receipt, ZReport
    from smartkasa_async.records.batch import ProductSale, Undecodable

    Columns = dict[str, Sequence[Any]]
    """Values by the names of columns, as many in each."""
    Reader = Callable[[Sequence[Any]], Columns]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TAX_COLUMNS = {letter: f"tax_{name}" for name, letter in schema.TAX_LETTERS.items()}
_KOPECKS = -2
_MONEY_UNIT = Decimal("0.0001")
_ID_BITS = 64


def _reader(table: Table, *computed: str) -> Reader:
    """Make the function that reads records' fields into columns, without the computed ones.

    It is compiled, as a dataclass's are: `attrgetter` takes four times as long.
    """
    names = [name for name in _names(table) if name not in {*computed, "account_id", "deleted_at", "raw"}]
    columns = (f"{name!r}: [None if (value := one.{name}) is UNSET else value for one in records]" for name in names)
    return eval(f"lambda records: {{{', '.join(columns)}}}", {"UNSET": UNSET})  # type: ignore[no-any-return]  # noqa: S307  (names of our own tables)


def _names(table: Table) -> list[str]:
    return [column.name for column in table.columns]


_item = _reader(schema.RECEIPT_ITEMS, "receipt_id", "position")
_payment = _reader(schema.PAYMENTS, "receipt_id", "position")
_product = _reader(schema.PRODUCTS)
_receipt = _reader(schema.RECEIPTS, "business_date", *_TAX_COLUMNS.values())
_shift = _reader(schema.SHIFTS, "shop_id")
_PAYLOAD = [name for name in _names(schema.Z_REPORTS) if name.startswith("payload_")]
_z_report = _reader(schema.Z_REPORTS, "business_date", *_PAYLOAD)
_sales_line = _reader(schema.PRODUCT_SALES, "shop_id", "business_date", "product_id")


def _receipts(receipts: Sequence[Receipt]) -> Columns:
    taxes = [receipt.tax_amount or {} for receipt in receipts]
    return (
        _receipt(receipts)
        | {"business_date": [business_day(receipt.created_at) for receipt in receipts]}
        | {
            column: [_hryvnias(one[letter]) if letter in one else None for one in taxes]
            for letter, column in _TAX_COLUMNS.items()
        }
    )


def _hryvnias(kopecks: Decimal) -> Decimal:
    try:
        return kopecks.scaleb(_KOPECKS).quantize(_MONEY_UNIT)
    except InvalidOperation as error:
        message = msg("{kopecks} kopecks of tax cannot be stored: that is no sum of money", kopecks=kopecks)
        raise UnfitValueError(message) from error


def _products(products: Sequence[Product]) -> Columns:
    columns = _product(products)
    return columns | {"remote_id": [str(id_) if isinstance(id_, int) else id_ for id_ in columns["remote_id"]]}


def _z_reports(reports: Sequence[ZReport]) -> Columns:
    payloads = [_payload(report.payload) for report in reports]
    days = [business_day(report.created_at) for report in reports]
    return _z_report(reports) | {"business_date": days} | {name: [one[name] for one in payloads] for name in _PAYLOAD}


def _payload(payload: object) -> dict[str, Any]:
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


def _product_sales(sales: Sequence[ProductSale]) -> Columns:
    return _sales_line([sale.line for sale in sales]) | {
        "shop_id": [sale.shop_id for sale in sales],
        "business_date": [sale.business_date for sale in sales],
        "product_id": [sale.line.id for sale in sales],
    }


_COLUMNS: dict[RecordKind, Reader] = {
    RecordKind.SHOPS: _reader(schema.SHOPS),
    RecordKind.TERMINALS: _reader(schema.TERMINALS),
    RecordKind.EMPLOYEES: _reader(schema.EMPLOYEES),
    RecordKind.SHIFTS: _shift,
    RecordKind.CATEGORIES: _reader(schema.CATEGORIES),
    RecordKind.PRODUCTS: _products,
    RecordKind.CARDS: _reader(schema.CARDS),
    RecordKind.RECEIPTS: _receipts,
    RecordKind.Z_REPORTS: _z_reports,
    RecordKind.PRODUCT_SALES: _product_sales,
}


def record_columns(kind: RecordKind, records: Sequence[Any], raws: Iterable[bytes | None]) -> Columns:
    """Read records into columns.

    Args:
        kind: What they are.
        records: The records, one or more.
        raws: The JSON of each as the service sent it; None to leave it out.
    """
    return _COLUMNS[kind](records) | {"raw": [None if raw is None else _text(raw) for raw in raws]}


def key_of(kind: RecordKind, record: Any) -> str:
    """Return the key by which a record would stand in quarantine."""
    if kind is RecordKind.PRODUCT_SALES:
        return f"{record.shop_id}/{record.business_date}/{quarantine_key(record.line.id)}"
    return quarantine_key(record.id)


def item_columns(receipts: Iterable[Receipt]) -> Columns:
    """Read the receipts' items into columns."""
    return _parts({receipt.id: receipt.items or () for receipt in receipts}, _item)


def payment_columns(receipts: Iterable[Receipt]) -> Columns:
    """Read the receipts' payments into columns."""
    return _parts({receipt.id: receipt.payment_transactions or () for receipt in receipts}, _payment)


def _parts(parts: Mapping[str, Sequence[Any]], read: Reader) -> Columns:
    return read([*chain.from_iterable(parts.values())]) | {
        "receipt_id": [id_ for id_, own in parts.items() for _ in own],
        "position": [position for own in parts.values() for position in range(len(own))],
    }


class _Nested(msgspec.Struct):
    shift: msgspec.Raw


_decode_nested = msgspec.json.Decoder(_Nested).decode


def nested_shift_columns(reports: Iterable[ZReport], raws: Iterable[bytes | None]) -> Columns:
    """Read the shifts in Z-reports into columns, in the order of their ids; shop and terminal are the report's."""
    pairs = [(report.shift, report, raw) for report, raw in zip(reports, raws, strict=True) if report.shift]
    pairs.sort(key=lambda pair: pair[0].id)
    return _shift([shift for shift, _, _ in pairs]) | {
        "shop_id": [report.shop_id or None for _, report, _ in pairs],
        "terminal_id": [shift.terminal_id or report.terminal_id or None for shift, report, _ in pairs],
        "raw": [None if raw is None else bytes(_decode_nested(raw).shift).decode() for _, _, raw in pairs],
    }


def quarantine_columns(kind: RecordKind, undecodable: Sequence[Undecodable], seen_at: datetime) -> Columns:
    """Read records that could not be decoded, or not be kept, into columns; every value fits."""
    return {
        "kind": [kind] * len(undecodable),
        "key": [one.key.replace("\0", "\\0") for one in undecodable],  # PostgreSQL keeps no NUL
        "shop_id": [_fitting(one.shop_id) for one in undecodable],
        "error": [one.error for one in undecodable],
        "message": [encode_message(one.translatable or "") for one in undecodable],
        "raw": [_text(one.raw) for one in undecodable],
        "seen_at": [seen_at] * len(undecodable),
    }


def _fitting(id_: int | None) -> int | None:
    return id_ if id_ is not None and id_.bit_length() < _ID_BITS else None


def _text(raw: bytes) -> str:
    return raw.decode(errors="backslashreplace")
