"""Receipts of many shops, pulled concurrently into a store.

Nothing partial in silence: each window of business days is checked against what the service counts.
"""

from __future__ import annotations

from smartkasa_async.receipts.batch import Batch, RecordKind, Undecodable
from smartkasa_async.receipts.coverage import SyncedRange
from smartkasa_async.receipts.days import KYIV, Window, business_day
from smartkasa_async.receipts.frame import FrameProgress, FrameReport, ListSync, sync_all
from smartkasa_async.receipts.push import (
    PushKind,
    PushOutcome,
    PushProblem,
    PushProgress,
    PushStoppedError,
    PushSummary,
    ReceiptKey,
    ReceiptPush,
    check_totals,
    push_receipts,
)
from smartkasa_async.receipts.report import IncompleteWindow, PullReport, ShopPull, ShopSync, SyncProgress, SyncReport
from smartkasa_async.receipts.rounding import CashRounding
from smartkasa_async.receipts.sinks import KeptRecords, Sink, SyncMemory
from smartkasa_async.receipts.sync import sync_receipts
from smartkasa_async.receipts.verify import (
    DayDifference,
    KeptReceipt,
    KeptReceipts,
    ReceiptSource,
    VerifyReport,
    verify_receipts,
)
from smartkasa_async.receipts.watch import (
    ChangeKind,
    FilePositionKeeper,
    PositionError,
    PositionKeeper,
    ReceiptChange,
    WatchTrouble,
    watch_receipts,
)

__all__ = [
    "KYIV",
    "Batch",
    "CashRounding",
    "ChangeKind",
    "DayDifference",
    "FilePositionKeeper",
    "FrameProgress",
    "FrameReport",
    "IncompleteWindow",
    "KeptReceipt",
    "KeptReceipts",
    "KeptRecords",
    "ListSync",
    "PositionError",
    "PositionKeeper",
    "PullReport",
    "PushKind",
    "PushOutcome",
    "PushProblem",
    "PushProgress",
    "PushStoppedError",
    "PushSummary",
    "ReceiptChange",
    "ReceiptKey",
    "ReceiptPush",
    "ReceiptSource",
    "RecordKind",
    "ShopPull",
    "ShopSync",
    "Sink",
    "SyncMemory",
    "SyncProgress",
    "SyncReport",
    "SyncedRange",
    "Undecodable",
    "VerifyReport",
    "WatchTrouble",
    "Window",
    "business_day",
    "check_totals",
    "push_receipts",
    "sync_all",
    "sync_receipts",
    "verify_receipts",
    "watch_receipts",
]
