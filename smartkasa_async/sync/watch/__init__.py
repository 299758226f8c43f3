"""Receipts told as they are created, changed or gone, at least once each.

The service is asked again and again, and what was told is kept in a position.
"""

from __future__ import annotations

from smartkasa_async.sync.watch.changes import ChangeKind, ReceiptChange, WatchTrouble
from smartkasa_async.sync.watch.keeper import FilePositionKeeper, PositionError, PositionKeeper
from smartkasa_async.sync.watch.watching import watch_receipts

__all__ = [
    "ChangeKind",
    "FilePositionKeeper",
    "PositionError",
    "PositionKeeper",
    "ReceiptChange",
    "WatchTrouble",
    "watch_receipts",
]
