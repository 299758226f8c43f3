"""Receipts of many shops, pulled concurrently into a store.

Nothing partial in silence: each window of business days is checked against what the service counts.
"""

from __future__ import annotations

from smartkasa_async.receipts.days import KYIV, Window, business_day
from smartkasa_async.receipts.report import IncompleteWindow, ShopSync, SyncProgress, SyncReport
from smartkasa_async.receipts.sinks import ReceiptSink, ShopSink
from smartkasa_async.receipts.sync import sync_receipts

__all__ = [
    "KYIV",
    "IncompleteWindow",
    "ReceiptSink",
    "ShopSink",
    "ShopSync",
    "SyncProgress",
    "SyncReport",
    "Window",
    "business_day",
    "sync_receipts",
]
