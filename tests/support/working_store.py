"""Faults put into the store of the working folder."""

from __future__ import annotations

import sqlite3

from smartkasa_async.models import ReceiptState, ReceiptType

__all__ = ["change", "drop_receipt"]


def change(query: str, *values: object) -> None:
    """Carry out a statement, which must find what it changes."""
    with sqlite3.connect("smartkasa.sqlite") as connection:
        assert connection.execute(query, values).rowcount > 0


def drop_receipt() -> str:
    """Take the largest sale out of the store, and return its id."""
    with sqlite3.connect("smartkasa.sqlite") as connection:
        (found,) = connection.execute(
            "SELECT id FROM receipts WHERE type = ? AND state = ? ORDER BY total_amount DESC",
            (ReceiptType.SALE, ReceiptState.PAID),
        ).fetchone()
    for table, column in (("receipt_items", "receipt_id"), ("payments", "receipt_id"), ("receipts", "id")):
        change(f"DELETE FROM {table} WHERE {column} = ?", found)  # noqa: S608  (names of this module)
    return str(found)
