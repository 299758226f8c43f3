"""Counts of goods into a shop's stock cards: read, planned, guarded against sales, and undone if need be."""

from __future__ import annotations

from smartkasa_async.stock.outcomes import StockOutcome, StockOutcomeKind, StockStoppedError, StockSummary
from smartkasa_async.stock.syncing import StockSync, sync_stock, undo_stock

__all__ = [
    "StockOutcome",
    "StockOutcomeKind",
    "StockStoppedError",
    "StockSummary",
    "StockSync",
    "sync_stock",
    "undo_stock",
]
