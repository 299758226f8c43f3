"""What travels between the service, syncs and stores: records of a kind, in batches, by business days.

Times are UTC; business days are days in Europe/Kyiv.
"""

from __future__ import annotations

from smartkasa_async.records.batch import (
    Batch,
    KeptReceipt,
    KeptReceipts,
    KeptRecords,
    RecordKind,
    Sink,
    Undecodable,
)
from smartkasa_async.records.days import KYIV, Window, business_day
from smartkasa_async.records.kinds import CashRounding
from smartkasa_async.records.synced_days import SyncedRange, SyncState

__all__ = [
    "KYIV",
    "Batch",
    "CashRounding",
    "KeptReceipt",
    "KeptReceipts",
    "KeptRecords",
    "RecordKind",
    "Sink",
    "SyncState",
    "SyncedRange",
    "Undecodable",
    "Window",
    "business_day",
]
