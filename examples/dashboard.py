"""A dashboard over the views: sync what is new, then sales by day, by means of payment, and the best-selling products.

`python -m examples.dashboard` with SMARTKASA_… set shows the last seven days of the account, else a week of a sandbox;
each panel is a CSV file in build/dashboard too.
"""

from __future__ import annotations

import asyncio
import csv
import os
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from smartkasa_async import SmartKasa
from smartkasa_async.records import KYIV
from smartkasa_async.sandbox import Sandbox, Simulation, simulate
from smartkasa_async.stores import open_store
from smartkasa_async.sync import sync_receipts

FOLDER = Path("build/dashboard")
PANELS = {
    "by_day": "business_date, shop, sale_receipts, net, average_sale FROM sales_by_day {} ORDER BY 1, 2",
    "by_means": "sum(net) AS net, payment_means FROM sales_by_payment_means {} GROUP BY 2 ORDER BY 1 DESC",
    "best": "sum(net_quantity) AS sold, sum(net) net, name FROM sales_by_product {} GROUP BY 3 ORDER BY 2 DESC LIMIT 5",
}


async def show(kasa: SmartKasa, name: str, start: date) -> None:
    async with open_store(FOLDER / name) as store:
        synced = await sync_receipts(kasa, store, start=start, end=start + timedelta(days=6))
        print(f"{synced.window}, {len(synced.shops)} shops: {'complete' if synced.ok else 'INCOMPLETE'}")
        for panel, query in PANELS.items():
            sql = text(f"SELECT {query}".format("WHERE business_date >= :start")).bindparams(start=start)
            async with store.reading() as connection:
                found = await connection.execute(sql)
            write(panel, [[*found.keys()], *found])


def write(panel: str, rows: list[Any]) -> None:
    cells = [[f"{cell:.2f}" if isinstance(cell, float) else str(cell) for cell in row] for row in rows]
    with (FOLDER / f"{panel}.csv").open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=";").writerows(cells)
    print("", panel, *("  ".join(f"{cell:<13}" for cell in row).rstrip() for row in cells), sep="\n")


async def main() -> None:
    if os.environ.get("SMARTKASA_API_KEY"):
        async with SmartKasa() as kasa:
            await show(kasa, "dashboard.sqlite", datetime.now(KYIV).date() - timedelta(days=6))
        return
    async with Sandbox() as box, SmartKasa(**box.credentials) as kasa:
        box.load(simulate(Simulation(shops=2, start=date(2026, 10, 1), days=7)))
        await show(kasa, "sandbox.sqlite", date(2026, 10, 1))


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    asyncio.run(main())
