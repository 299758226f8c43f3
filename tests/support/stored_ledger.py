"""A simulated business in a store, without a service between: what a sync and the harvests would have brought."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from smartkasa_async.models import ProductSalesLine, Receipt, Shift, Shop, ZReport
from smartkasa_async.records import business_day
from smartkasa_async.records.batch import Batch, RecordKind
from smartkasa_async.records.days import Window
from smartkasa_async.stores import open_store
from smartkasa_async.sync import ProductSale
from tests.support.simulated_store import receipts_with_parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date
    from pathlib import Path

    from smartkasa_async.sandbox import Business
    from smartkasa_async.stores import Store

__all__ = ["note_all_read", "write_business", "write_file"]

SALE, REFUND, PAID = 0, 3, 2
_AT_ONCE = 2_000


async def write_file(path: Path, business: Business) -> None:
    """Write a business into a new SQLite file."""
    async with open_store(path, keep_raw=False) as store:
        await write_business(store, business)


async def write_business(store: Store, business: Business) -> None:
    """Write shops, shifts, receipts, Z-reports and the product sales of every day."""
    rows = business.rows
    receipts = receipts_with_parts(business)
    reports = [row | {"id": id_} for id_, row in enumerate(rows["z_reports"], 1)]
    await _write(store, RecordKind.SHOPS, Shop, rows["shops"])
    await _write(store, RecordKind.SHIFTS, Shift, rows["shifts"])
    await _write(store, RecordKind.RECEIPTS, Receipt, receipts)
    await _write(store, RecordKind.Z_REPORTS, ZReport, reports)
    sales = _product_sales(receipts)
    for start in range(0, len(sales), _AT_ONCE):
        part = sales[start : start + _AT_ONCE]
        await store.write(Batch(RecordKind.PRODUCT_SALES, part, [b"{}"] * len(part)))
    days = [business_day(row["created_at"]) for row in rows["receipts"]]
    window = Window(min(days) - timedelta(days=1), max(days) + timedelta(days=1))
    await note_all_read(store, window, [shop["id"] for shop in rows["shops"]])


async def note_all_read(store: Store, window: Window, shops: Iterable[int]) -> None:
    """Note that receipts, Z-reports and product sales were read after the days were over."""
    for shop_id in shops:
        for kind in (RecordKind.RECEIPTS, RecordKind.Z_REPORTS, RecordKind.PRODUCT_SALES):
            await store.note_read(kind, window.ends_at, shop_id=shop_id, window=window)
    await store.note_read(RecordKind.SHIFTS, window.ends_at)


async def _write(store: Store, kind: RecordKind, record: type[Any], rows: Sequence[dict[str, Any]]) -> None:
    for start in range(0, len(rows), _AT_ONCE):
        records = [msgspec.convert(row, record) for row in rows[start : start + _AT_ONCE]]
        await store.write(Batch(kind, records, [b"{}"] * len(records)))


def _product_sales(receipts: Iterable[dict[str, Any]]) -> list[ProductSale]:
    """Sum up what was sold, refunds taken off, by shop, day and product."""
    sums: defaultdict[tuple[int, date, str], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for receipt in receipts:
        if receipt["type"] == REFUND or (receipt["type"], receipt["state"]) == (SALE, PAID):
            sign = -1 if receipt["type"] == REFUND else 1
            for item in receipt["items"]:
                sold = sums[receipt["shop_id"], business_day(receipt["created_at"]), item["product_id"]]
                sold[0] += sign * item["amount"]
                sold[1] += sign * item["quantity"]
    return [
        ProductSale(shop, day, ProductSalesLine(id=product, title="", total_amount=amount, total_count=count))
        for (shop, day, product), (amount, count) in sums.items()
    ]
