"""A store of a month of many shops: ten that are simulated, and copies of them under ids of their own.

`python -m benchmarks.page_store STORE TIMES` writes one and prints the number of receipts.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from contextlib import closing
from datetime import date
from pathlib import Path

from smartkasa_async.sandbox.business import Simulation, simulate
from smartkasa_async.stores import open_store
from tests.support.stored_ledger import write_business

__all__ = ["END", "START"]

START, END = date(2026, 10, 1), date(2026, 10, 31)
_SHOPS = 10
_RECEIPTS_A_DAY = 120
_TABLES = (
    *("shops", "terminals", "shifts", "receipts", "receipt_items", "payments", "z_reports", "product_sales"),
    *("synced_days", "watermarks"),
)
_NUMBERS_APART = 1_000_000
_NUMBERS = {"shop_id", "terminal_id"}
_TEXTS = {"shift_id", "receipt_id", "registrar_fiscal_number"}
_NUMBERED = {"shops", "terminals", "z_reports"}
"""Tables whose own id is a number."""


async def _write_shops(path: Path) -> None:
    """Write a simulated month of ten shops into a new store."""
    business = simulate(Simulation(shops=_SHOPS, days=31, start=START, receipts_per_day=_RECEIPTS_A_DAY))
    async with open_store(path, keep_raw=False) as store:
        await write_business(store, business)


def _copy_shops(path: Path, times: int) -> int:
    """Add copies of the ten shops with all that belongs to them, and count the receipts.

    Args:
        path: The store.
        times: How many times there are to be as many shops.
    """
    with closing(sqlite3.connect(path)) as connection:
        for table in _TABLES:
            connection.execute(f"CREATE TEMP TABLE first_{table} AS SELECT * FROM {table}")  # noqa: S608
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            copied = ", ".join(_copied(table, column) for column in columns)
            for number in range(1, times):
                copies = f"INSERT INTO {table} SELECT {copied} FROM first_{table}"  # noqa: S608
                connection.execute(copies, {"number": number})
        connection.commit()
        return int(connection.execute("SELECT count(*) FROM receipts").fetchone()[0])


def _copied(table: str, column: str) -> str:
    if column in _NUMBERS or (column == "id" and table in _NUMBERED):
        return f"{column} + {_NUMBERS_APART} * :number"
    return f"{column} || '-' || :number" if column in _TEXTS | {"id"} else column


if __name__ == "__main__":
    asyncio.run(_write_shops(Path(sys.argv[1])))
    print(_copy_shops(Path(sys.argv[1]), int(sys.argv[2])))
