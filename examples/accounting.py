"""What accounting does each morning: bring yesterday's records, compare them, and hand over what does not agree.

With SMARTKASA_… set, `python -m examples.accounting` compares the account's last seven days; else it shows a week of a
sandbox. Exit status 0 only if everything agrees.
"""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import date, datetime, timedelta
from pathlib import Path

from smartkasa_async import SmartKasa
from smartkasa_async.records import KYIV
from smartkasa_async.reports import reconcile
from smartkasa_async.sandbox import Sandbox, Simulation, simulate
from smartkasa_async.stores import open_store
from smartkasa_async.sync import sync_product_sales, sync_receipts, sync_z_reports

FOLDER = Path("build/accounting")


async def compare(kasa: SmartKasa, name: str, yesterday: date) -> bool:
    """Bring the last seven days, since late and offline receipts still come in, and compare them."""
    start = yesterday - timedelta(days=6)
    async with open_store(FOLDER / name) as store:
        reports = [
            await sync_receipts(kasa, store, start=start, end=yesterday),
            await sync_z_reports(kasa, store, start=start, end=yesterday),
            await sync_product_sales(kasa, store, start=start, end=yesterday),
        ]
        result = await reconcile(store, start=start, end=yesterday)
    print(result)
    result.write_csv(FOLDER / "differences.csv", language="uk")
    return result.ok and all(report.complete for report in reports)


async def main() -> int:
    if os.environ.get("SMARTKASA_API_KEY"):
        async with SmartKasa() as kasa:
            agrees = await compare(kasa, "accounting.sqlite", datetime.now(KYIV).date() - timedelta(days=1))
        return 0 if agrees else 1
    async with Sandbox() as box, SmartKasa(**box.credentials) as kasa:
        box.load(simulate(Simulation(shops=3, start=date(2026, 10, 1), days=7)))
        return 0 if await compare(kasa, "sandbox.sqlite", date(2026, 10, 7)) else 1


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    sys.exit(asyncio.run(main()))
