"""Receipts, Z-reports, product sales and reference data of many shops, read concurrently into a store.

Nothing partial in silence: each window of business days is checked against what the service counts.
"""

from __future__ import annotations

from smartkasa_async.records.batch import ProductSale
from smartkasa_async.sync.checkpoint import ChangeKind, CheckpointError, CheckpointStore, FileCheckpointStore
from smartkasa_async.sync.product_sales import ProductSalesReport, ShopProductSales, sync_product_sales
from smartkasa_async.sync.receipts import ReceiptsReport, ShopReceipts, sync_receipts
from smartkasa_async.sync.reference_data import (
    ListSync,
    ReferenceDataReport,
    sync_reference_data,
)
from smartkasa_async.sync.report import IncompleteWindow, ShopSync, SyncReport
from smartkasa_async.sync.verify import (
    DayDifference,
    ReceiptSource,
    VerifyReport,
    verify_receipts,
)
from smartkasa_async.sync.watch import ReceiptChange, WatchError, watch_receipts
from smartkasa_async.sync.z_reports import ShopZReports, ZReportsReport, sync_z_reports

__all__ = [
    "ChangeKind",
    "CheckpointError",
    "CheckpointStore",
    "DayDifference",
    "FileCheckpointStore",
    "IncompleteWindow",
    "ListSync",
    "ProductSale",
    "ProductSalesReport",
    "ReceiptChange",
    "ReceiptSource",
    "ReceiptsReport",
    "ReferenceDataReport",
    "ShopProductSales",
    "ShopReceipts",
    "ShopSync",
    "ShopZReports",
    "SyncReport",
    "VerifyReport",
    "WatchError",
    "ZReportsReport",
    "sync_product_sales",
    "sync_receipts",
    "sync_reference_data",
    "sync_z_reports",
    "verify_receipts",
    "watch_receipts",
]
