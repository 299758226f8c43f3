"""Receipts told as they are created, changed or gone, at least once each.

The service is asked again and again, and what was told is kept in a position.
"""

from __future__ import annotations

from smartkasa_async.sync.watch.changes import ChangeKind, ReceiptChange, WatchError
from smartkasa_async.sync.watch.checkpoint_store import CheckpointError, CheckpointStore, FileCheckpointStore
from smartkasa_async.sync.watch.watching import watch_receipts

__all__ = [
    "ChangeKind",
    "CheckpointError",
    "CheckpointStore",
    "FileCheckpointStore",
    "ReceiptChange",
    "WatchError",
    "watch_receipts",
]
