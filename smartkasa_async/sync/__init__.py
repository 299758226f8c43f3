"""Receipts, Z-reports, product sales and reference data of many shops, read concurrently into a store.

Nothing partial in silence: each window of business days is checked against what the service counts.
"""

from __future__ import annotations

from smartkasa_async.sync.product_sales import ProductSale, ProductSalesReport, ShopProductSales, harvest_product_sales
from smartkasa_async.sync.receipts import sync_receipts
from smartkasa_async.sync.reference_data import FrameProgress, FrameReport, ListSync, sync_all
from smartkasa_async.sync.report import IncompleteWindow, PullReport, ShopPull, ShopSync, SyncProgress, SyncReport
from smartkasa_async.sync.verify import (
    DayDifference,
    ReceiptSource,
    VerifyReport,
    verify_receipts,
)
from smartkasa_async.sync.watch import (
    ChangeKind,
    FilePositionKeeper,
    PositionError,
    PositionKeeper,
    ReceiptChange,
    WatchTrouble,
    watch_receipts,
)
from smartkasa_async.sync.z_reports import HarvestReport, ShopHarvest, harvest_z_reports

__all__ = [
    "ChangeKind",
    "DayDifference",
    "FilePositionKeeper",
    "FrameProgress",
    "FrameReport",
    "HarvestReport",
    "IncompleteWindow",
    "ListSync",
    "PositionError",
    "PositionKeeper",
    "ProductSale",
    "ProductSalesReport",
    "PullReport",
    "ReceiptChange",
    "ReceiptSource",
    "ShopHarvest",
    "ShopProductSales",
    "ShopPull",
    "ShopSync",
    "SyncProgress",
    "SyncReport",
    "VerifyReport",
    "WatchTrouble",
    "harvest_product_sales",
    "harvest_z_reports",
    "sync_all",
    "sync_receipts",
    "verify_receipts",
    "watch_receipts",
]
