"""Receipts of many shops into SQLite or PostgreSQL by hand: aiohttp, msgspec, and the database's own driver.

It writes what a sync writes into the tables of a store, and no more: no quarantine, no deleted receipts, no items that
a changed receipt no longer has, no notes of what was read.
"""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import UTC, date, datetime
from decimal import Decimal  # noqa: TC003  (msgspec reads the fields' types)
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import aiohttp
import asyncpg  # type: ignore[import-untyped]
import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

__all__ = ["receipts_into_postgresql", "receipts_into_sqlite"]

_KYIV = ZoneInfo("Europe/Kyiv")
_CONCURRENCY = 16
_ACCOUNT = 0


class _Item(msgspec.Struct):
    id: str
    quantity: Decimal
    price: Decimal
    amount: Decimal
    product_id: str | None = None
    name: str | None = None
    sku: str | None = None
    discount_amount: Decimal | None = None
    tax_group_id: int | None = None
    classifier_type_id: int | None = None
    classifier_code: str | None = None
    unit_type_id: int | None = None
    unit_type_name: str | None = None
    is_product: bool | None = None


class _Payment(msgspec.Struct):
    id: str
    transaction_type_id: int
    payment_type_id: int
    amount: Decimal
    deposit_amount: Decimal | None = None
    change_amount: Decimal | None = None
    state: int | None = None
    timestamp: datetime | None = None
    rrn: str | None = None
    approval_code: str | None = None


class _Receipt(msgspec.Struct):
    id: str
    type: int
    state: int
    created_at: datetime
    updated_at: datetime
    total_amount: Decimal
    items: list[_Item]
    payment_transactions: list[_Payment]
    shop_id: int | None = None
    terminal_id: int | None = None
    shift_id: str | None = None
    rounding_amount: Decimal | None = None
    discount_type_id: int | None = None
    discount_amount: Decimal | None = None
    discount_percentage: Decimal | None = None
    fiscal_number: str | None = None
    registrar_fiscal_number: str | None = None
    registrar_local_number: str | None = None
    related_fiscal_number: str | None = None
    offline_id: int | None = None
    offline_local_number: int | None = None
    offline_seed: str | None = None
    previous_receipt_hash: str | None = None
    tax_amount: dict[str, Decimal] | None = None
    seller_id: int | None = None
    cashier_name: str | None = None
    title: str | None = None
    description: str | None = None
    is_hidden: bool | None = None


class _Meta(msgspec.Struct):
    total_pages: int


class _Page(msgspec.Struct):
    data: list[msgspec.Raw]
    meta: _Meta


class _Shop(msgspec.Struct):
    id: int


class _Shops(msgspec.Struct):
    data: list[_Shop]


_decode_page = msgspec.json.Decoder(_Page).decode
_decode_receipt = msgspec.json.Decoder(_Receipt).decode

_RECEIPT_COLUMNS = [
    "account_id",
    "id",
    "shop_id",
    "terminal_id",
    "shift_id",
    "type",
    "state",
    "business_date",
    "created_at",
    "updated_at",
    "total_amount",
    "rounding_amount",
    "discount_type_id",
    "discount_amount",
    "discount_percentage",
    "fiscal_number",
    "registrar_fiscal_number",
    "registrar_local_number",
    "related_fiscal_number",
    "offline_id",
    "offline_local_number",
    "offline_seed",
    "previous_receipt_hash",
    "tax_a",
    "tax_b",
    "tax_v",
    "tax_g",
    "tax_d",
    "tax_z",
    "seller_id",
    "cashier_name",
    "title",
    "description",
    "is_hidden",
    "raw",
]
_ITEM_COLUMNS = [
    "account_id",
    "receipt_id",
    "position",
    "id",
    "product_id",
    "name",
    "sku",
    "quantity",
    "price",
    "amount",
    "discount_amount",
    "tax_group_id",
    "classifier_type_id",
    "classifier_code",
    "unit_type_id",
    "unit_type_name",
    "is_product",
]
_PAYMENT_COLUMNS = [
    "account_id",
    "receipt_id",
    "position",
    "id",
    "transaction_type_id",
    "payment_type_id",
    "amount",
    "deposit_amount",
    "change_amount",
    "state",
    "timestamp",
    "rrn",
    "approval_code",
]


def _whole(value: Decimal | None, scale: int = 4) -> int | None:
    return None if value is None else int(value.scaleb(scale))


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


Row = tuple[Any, ...]


def _receipt_row(
    one: _Receipt,
    raw: str,
    money: Callable[..., Any],
    time: Callable[[datetime | None], Any],
    day: Callable[[date], Any],
) -> Row:
    taxes = one.tax_amount or {}
    return (
        *(_ACCOUNT, one.id, one.shop_id, one.terminal_id, one.shift_id, one.type, one.state),
        day(one.created_at.astimezone(_KYIV).date()),
        *(time(one.created_at), time(one.updated_at), money(one.total_amount), money(one.rounding_amount)),
        *(one.discount_type_id, money(one.discount_amount), money(one.discount_percentage, 6), one.fiscal_number),
        *(one.registrar_fiscal_number, one.registrar_local_number, one.related_fiscal_number, one.offline_id),
        *(one.offline_local_number, one.offline_seed, one.previous_receipt_hash),
        *(money(taxes[letter] / 100) if letter in taxes else None for letter in "АБВГДЗ"),
        *(one.seller_id, one.cashier_name, one.title, one.description, one.is_hidden, raw),
    )


def _item_rows(receipts: Iterable[_Receipt], money: Callable[..., Any]) -> list[Row]:
    return [
        (
            *(_ACCOUNT, receipt.id, position, one.id, one.product_id, one.name, one.sku),
            *(money(one.quantity, 6), money(one.price), money(one.amount), money(one.discount_amount)),
            *(one.tax_group_id, one.classifier_type_id, one.classifier_code, one.unit_type_id, one.unit_type_name),
            one.is_product,
        )
        for receipt in receipts
        for position, one in enumerate(receipt.items)
    ]


def _payment_rows(
    receipts: Iterable[_Receipt], money: Callable[..., Any], time: Callable[[datetime | None], Any]
) -> list[Row]:
    return [
        (
            *(_ACCOUNT, receipt.id, position, one.id, one.transaction_type_id, one.payment_type_id),
            *(money(one.amount), money(one.deposit_amount), money(one.change_amount), one.state),
            *(time(one.timestamp), one.rrn, one.approval_code),
        )
        for receipt in receipts
        for position, one in enumerate(receipt.payment_transactions)
    ]


async def _read(
    address: str, start: date, end: date, per_page: int, write: Callable[[list[_Receipt], list[str]], Any]
) -> int:
    """Read all pages of all shops, sixteen at once, and write each as it comes."""
    permits = asyncio.Semaphore(_CONCURRENCY)
    read = 0

    async with aiohttp.ClientSession(address, headers={"Authorization": "Bearer token"}) as session:

        async def page(shop: int, number: int) -> int:
            nonlocal read
            query = {
                "shop_id": str(shop),
                "date_start": start.isoformat(),
                "date_end": end.isoformat(),
                "per_page": str(per_page),
                "page": str(number),
            }
            async with permits, session.get("/api/v1/pos/receipts", params=query) as answer:
                found = _decode_page(await answer.read())
                written = write(
                    [_decode_receipt(raw) for raw in found.data], [bytes(raw).decode() for raw in found.data]
                )
                if written is not None:
                    await written
                read += len(found.data)
                return found.meta.total_pages

        async def shop(id_: int) -> None:
            pages = await page(id_, 1)
            await asyncio.gather(*(page(id_, number) for number in range(2, pages + 1)))

        async with session.get("/api/v1/rsn/shops") as answer:
            shops = msgspec.json.decode(await answer.read(), type=_Shops).data
        await asyncio.gather(*(shop(one.id) for one in shops))
    return read


async def receipts_into_sqlite(address: str, path: Path, start: date, end: date, per_page: int) -> int:
    """Read the receipts of all shops into the tables of a store, one transaction a page, and count them."""

    def insert(table: str, columns: Sequence[str]) -> str:
        return f"INSERT OR REPLACE INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608  (names of this module)

    receipt = insert("receipts", _RECEIPT_COLUMNS)
    item, payment = insert("receipt_items", _ITEM_COLUMNS), insert("payments", _PAYMENT_COLUMNS)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")

    def write(receipts: list[_Receipt], raws: list[str]) -> None:
        with connection:
            made = [
                _receipt_row(one, raw, _whole, _text, date.isoformat) for one, raw in zip(receipts, raws, strict=True)
            ]
            connection.executemany(receipt, made)
            connection.executemany(item, _item_rows(receipts, _whole))
            connection.executemany(payment, _payment_rows(receipts, _whole, _text))

    try:
        return await _read(address, start, end, per_page, write)
    finally:
        connection.close()


async def receipts_into_postgresql(address: str, database: str, start: date, end: date, per_page: int) -> int:
    """Do the same into PostgreSQL, by COPY into a temporary table and one INSERT a page."""
    changed = ", ".join(f"{name} = excluded.{name}" for name in _RECEIPT_COLUMNS[2:])
    upsert = (
        "INSERT INTO receipts SELECT * FROM incoming ON CONFLICT (account_id, id) DO UPDATE"  # noqa: S608  (names of this module)
        f" SET {changed} WHERE excluded.updated_at >= receipts.updated_at"
    )
    connection = await asyncpg.connect(database)
    await connection.execute("CREATE TEMPORARY TABLE incoming (LIKE receipts) ON COMMIT DELETE ROWS")
    turn = asyncio.Lock()

    async def write(receipts: list[_Receipt], raws: list[str]) -> None:
        made = [_receipt_row(one, raw, _as_is, _as_is, _as_is) for one, raw in zip(receipts, raws, strict=True)]
        items, payments = _item_rows(receipts, _as_is), _payment_rows(receipts, _as_is, _as_is)
        async with turn, connection.transaction():
            await connection.copy_records_to_table("incoming", records=made, columns=_RECEIPT_COLUMNS)
            await connection.execute(upsert)
            await connection.copy_records_to_table("receipt_items", records=items, columns=_ITEM_COLUMNS)
            await connection.copy_records_to_table("payments", records=payments, columns=_PAYMENT_COLUMNS)

    try:
        return await _read(address, start, end, per_page, write)
    finally:
        await connection.close()


def _as_is(value: Any, _scale: int = 0) -> Any:
    return value
