"""Counts of goods into a shop's stock cards: read, planned, guarded against sales, and undone if need be.

One module for each stage; the rules in them are pure functions.
"""

from __future__ import annotations

from smartkasa_async.stock.errors import StockStoppedError
from smartkasa_async.stock.outcomes import StockCounts, StockOutcome, StockOutcomeKind, StockProgress, StockSummary
from smartkasa_async.stock.syncing import StockSync, sync_stock, undo_stock

__all__ = [
    "StockCounts",
    "StockOutcome",
    "StockOutcomeKind",
    "StockProgress",
    "StockStoppedError",
    "StockSummary",
    "StockSync",
    "sync_stock",
    "undo_stock",
]
