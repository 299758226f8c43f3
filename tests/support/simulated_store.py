"""A simulated business as the batches that a sync writes into a store."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import msgspec

from smartkasa_async.models import Product, Receipt, Shop, ZReport
from smartkasa_async.records.batch import Batch, RecordKind

if TYPE_CHECKING:
    from smartkasa_async.sandbox.business import Business
    from smartkasa_async.stores import Store

__all__ = ["batch", "receipts_with_parts", "write_business"]

_STRUCTS: dict[RecordKind, type[Any]] = {
    RecordKind.SHOPS: Shop,
    RecordKind.PRODUCTS: Product,
    RecordKind.RECEIPTS: Receipt,
    RecordKind.Z_REPORTS: ZReport,
}


def batch(kind: RecordKind, rows: list[dict[str, Any]]) -> Batch[Any]:
    records = [msgspec.convert(row, _STRUCTS[kind]) for row in rows]
    return Batch(kind, records, [msgspec.json.encode(row) for row in rows])


def receipts_with_parts(business: Business) -> list[dict[str, Any]]:
    """The receipts of a business with their items and payments inside, as a list answers them."""
    parts: dict[str, dict[str, list[Any]]] = defaultdict(lambda: {"items": [], "payment_transactions": []})
    for table, field in (("receipt_items", "items"), ("payments", "payment_transactions")):
        for row in business.rows[table]:
            parts[row["receipt_id"]][field].append(row)
    return [row | parts[row["id"]] for row in business.rows["receipts"]]


async def write_business(store: Store, business: Business) -> None:
    await store.write(batch(RecordKind.SHOPS, business.rows["shops"]))
    await store.write(batch(RecordKind.RECEIPTS, receipts_with_parts(business)))
    await store.write(batch(RecordKind.Z_REPORTS, business.rows["z_reports"]))
