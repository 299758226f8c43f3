"""What accounting does each morning: bring yesterday's records, compare them, and hand over what does not agree.

Run as `python -m examples.accounting`; it works on an embedded sandbox, and on a real account with its credentials in
place of the sandbox's. Exit status 0 only if everything agrees.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import date, timedelta
from pathlib import Path

from smartkasa_async import SmartKasa
from smartkasa_async.receipts import sync_receipts
from smartkasa_async.reports import harvest_product_sales, harvest_z_reports, reconcile
from smartkasa_async.sandbox import Sandbox, Simulation, simulate
from smartkasa_async.stores import open_store

STORE, DIFFERENCES = Path("accounting.sqlite"), Path("differences.csv")
YESTERDAY = date(2026, 10, 7)
START = YESTERDAY - timedelta(days=6)


async def compare(kasa: SmartKasa) -> bool:
    """Bring the last seven days, since late and offline receipts still come in, and compare them."""
    async with open_store(STORE) as store:
        pulled = [
            await sync_receipts(kasa, store, start=START, end=YESTERDAY),
            await harvest_z_reports(kasa, store, start=START, end=YESTERDAY),
            await harvest_product_sales(kasa, store, start=START, end=YESTERDAY),
        ]
        result = await reconcile(store, start=START, end=YESTERDAY)
    print(result)
    result.write_csv(DIFFERENCES, language="uk")
    return result.agrees and all(report.complete for report in pulled)


async def main() -> int:
    """Run the example on a week of three shops."""
    async with Sandbox() as box:
        box.load(simulate(Simulation(shops=3, start=START, days=7)))
        async with SmartKasa(**box.credentials) as kasa:
            await kasa.login()
            return 0 if await compare(kasa) else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
