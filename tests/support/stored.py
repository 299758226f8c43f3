"""Batches of records as the service sends them, and what a store made of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import select

from smartkasa_async import models
from smartkasa_async.records.batch import Batch, ProductSale, RecordKind, Undecodable
from smartkasa_async.stores.accounts import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractAsyncContextManager
    from datetime import date

    from sqlalchemy import Table
    from sqlalchemy.ext.asyncio import AsyncConnection

    from smartkasa_async.stores import Store

__all__ = ["RECEIPT", "SHIFT", "SHOP", "TERMINAL", "Z_REPORT", "batch", "changing", "line", "receipts", "rows", "sales"]

_DOCUMENTATION = json.loads((Path(__file__).parents[1] / "fixtures" / "documentation.json").read_bytes())

_STRUCTS: dict[RecordKind, type] = {
    RecordKind.SHOPS: models.Shop,
    RecordKind.TERMINALS: models.Terminal,
    RecordKind.EMPLOYEES: models.Employee,
    RecordKind.SHIFTS: models.Shift,
    RecordKind.CATEGORIES: models.Category,
    RecordKind.PRODUCTS: models.Product,
    RecordKind.CARDS: models.StockCard,
    RecordKind.RECEIPTS: models.Receipt,
    RecordKind.Z_REPORTS: models.ZReport,
}


def _documented(method: str, path: str) -> Any:
    """The data of the success answer that the documentation shows."""
    for exchange in _DOCUMENTATION:
        request = exchange["request"]
        if request["method"] == method and request["url"].partition("/api/v1/")[2].startswith(path):
            return exchange["answers"][0]["body"]["data"]
    raise LookupError(path)


RECEIPT = _documented("GET", "pos/receipts?")[0]
SHIFT = _documented("GET", "pos/shifts")[0]
SHOP = _documented("POST", "rsn/shops")
TERMINAL = _documented("GET", "pos/terminals?")[0]
Z_REPORT = _documented("GET", "reports/z-reports")[0]


def batch(kind: RecordKind, *records: dict[str, Any], undecodable: Iterable[Undecodable] = ()) -> Batch[Any]:
    raw = [json.dumps(record, ensure_ascii=False).encode() for record in records]
    return Batch(kind, [msgspec.json.decode(one, type=_STRUCTS[kind]) for one in raw], raw, list(undecodable))


def receipts(*changes: dict[str, Any]) -> Batch[Any]:
    """The documented receipt, once for each set of changed fields; UNSET leaves a field out."""
    changed = ((RECEIPT | change).items() for change in changes)
    kept = [{name: value for name, value in fields if value is not msgspec.UNSET} for fields in changed]
    return batch(RecordKind.RECEIPTS, *kept)


def line(**changes: Any) -> dict[str, Any]:
    item: dict[str, Any] = RECEIPT["items"][0]
    return item | changes


def sales(day: date, **totals: str) -> Batch[Any]:
    """What the products, by their ids, turned over in shop 13 on a day."""
    raw = [
        json.dumps({"id": id_, "title": "Кава", "total_amount": total, "total_count": "2.5"}).encode()
        for id_, total in totals.items()
    ]
    lines = [msgspec.json.decode(one, type=models.ProductSalesLine) for one in raw]
    return Batch(RecordKind.PRODUCT_SALES, [ProductSale(13, day, line) for line in lines], raw)


def changing(store: Store) -> AbstractAsyncContextManager[AsyncConnection]:
    """Open a transaction for statements of the store's account that no store would execute."""
    return store.engine.execution_options(**{ACCOUNT: store.account_id}).begin()


async def rows(store: Store, table: Table) -> list[dict[str, Any]]:
    async with store.reading() as connection:
        found = await connection.execute(select(table).order_by(*table.primary_key))
        return [dict(row) for row in found.mappings()]
