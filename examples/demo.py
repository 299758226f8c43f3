"""The main job on real input, against the embedded sandbox: import a price list, sync a month, check it.

Run as `make demo` or `python -m examples.demo`. Exit status 0 only if every number is what the sandbox itself counts.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from rich.box import SIMPLE
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from examples.make_catalogue import FAULTS, ROWS
from smartkasa_async import SmartKasa
from smartkasa_async.catalog import import_products
from smartkasa_async.reports import reconcile
from smartkasa_async.sandbox import Sandbox, Simulation, simulate
from smartkasa_async.stores import open_store
from smartkasa_async.sync import sync_receipts, sync_z_reports

if TYPE_CHECKING:
    from smartkasa_async.catalog import ImportSummary
    from smartkasa_async.reports import Reconciliation
    from smartkasa_async.sandbox import Business
    from smartkasa_async.sync import ReceiptsReport, ZReportsReport

CATALOGUE = Path(__file__).with_name("catalogue.csv")
FOLDER = Path("build/demo")
MONTH = (date(2026, 10, 1), date(2026, 10, 31))


class Results(NamedTuple):
    """What the three jobs brought."""

    imported: ImportSummary
    synced: ReceiptsReport
    z_reports: ZReportsReport
    reconciled: Reconciliation


async def run(kasa: SmartKasa, store_url: str, bars: Progress) -> Results:
    """Do the jobs one after another, each concurrent in itself."""
    start, end = MONTH
    rows = bars.add_task("import the price list", total=ROWS)
    receipts = bars.add_task("sync receipts of 3 shops", total=None)
    reports = bars.add_task("sync Z-reports", total=None)
    imported = await import_products(
        kasa, CATALOGUE, on_progress=lambda progress: bars.update(rows, completed=progress.done)
    )
    async with open_store(store_url) as store:
        synced = await sync_receipts(
            kasa,
            store,
            start=start,
            end=end,
            on_progress=lambda progress: bars.update(receipts, total=progress.total, completed=progress.done),
        )
        z_reports = await sync_z_reports(
            kasa,
            store,
            start=start,
            end=end,
            on_progress=lambda progress: bars.update(reports, total=progress.total, completed=progress.done),
        )
        reconciled = await reconcile(store, start=start, end=end)
    return Results(imported, synced, z_reports, reconciled)


def mistakes(results: Results, box: Sandbox, business: Business) -> list[str]:
    """Compare every number with the sandbox's own database and simulation."""
    known = {product["id"] for product in business.rows["products"]}
    created = [product for product in box.rows("products") if product["id"] not in known]
    rejected = [(outcome.row, outcome.field) for outcome in results.imported.failed]
    found = []
    if not results.imported.created == len(created) == ROWS - len(FAULTS):
        found.append(f"{results.imported.created} rows created, {len(created)} new products in the service")
    if rejected != [(fault.row, fault.field) for fault in FAULTS]:
        found.append(f"rejected rows and fields: {rejected}")
    for shop, z_reports, agreement in zip(
        results.synced.shops, results.z_reports.shops, results.reconciled.shops, strict=True
    ):
        wanted = business.summary[shop.shop_id]
        ours = (shop.receipts, shop.sale_receipts, shop.sales, shop.refund_receipts, shop.refunds, z_reports.z_reports)
        theirs = (
            wanted.receipts,
            wanted.sales,
            wanted.sales_total,
            wanted.refunds,
            wanted.refunds_total,
            wanted.z_reports,
        )
        if ours != theirs:
            found.append(f"{shop.title}: {ours} here, {theirs} in the service")
        if not (shop.complete and z_reports.complete and agreement.agrees):
            found.append(f"{shop.title}: incomplete, or receipts and Z-reports disagree: {agreement.differences}")
    if len(results.synced.shops) != len(business.summary):
        found.append(f"{len(results.synced.shops)} shops synced of {len(business.summary)}")
    return found


def show(results: Results, console: Console) -> None:
    """Print the tables."""
    title = f"Price list: {results.imported.created} rows created, {results.imported.rejected} rejected"
    rejected = Table(title=title, box=SIMPLE)
    for column in ("row", "field", "value", "reason"):
        rejected.add_column(column, overflow="fold")
    for outcome in results.imported.failed:
        rejected.add_row(str(outcome.row), outcome.field or "", outcome.value or "", outcome.reason_en or "")
    month = Table(title=f"{MONTH[0]} to {MONTH[1]}, hryvnias", box=SIMPLE, collapse_padding=True)
    for column in ("shop", "receipts", "sales", "refunds", "Z-reports", "Z sales", "agree"):
        month.add_column(column, justify="left" if column == "shop" else "right", no_wrap=True)
    for shop, z_reports, agreement in zip(
        results.synced.shops, results.z_reports.shops, results.reconciled.shops, strict=True
    ):
        month.add_row(
            shop.title,
            f"{shop.receipts:,}",
            f"{shop.sales:,.2f}",
            f"{shop.refunds:,.2f}",
            str(z_reports.z_reports),
            f"{z_reports.sales:,.2f}",
            "yes" if agreement.agrees else "no",
        )
    console.print(rejected, month)


async def main() -> int:
    """Run the demo.

    Returns:
        Exit status: 0 if every number is right.
    """
    console = Console()
    business = simulate(Simulation(seed=2026, shops=3, start=MONTH[0], days=(MONTH[1] - MONTH[0]).days + 1))
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    async with Sandbox(database=FOLDER / "sandbox.sqlite") as box:
        box.load(business)
        console.print(f"sandbox at {box.url}, its database in {FOLDER / 'sandbox.sqlite'}")
        async with SmartKasa(**box.credentials) as kasa:
            await kasa.login()
            with Progress(*columns, console=console) as bars:
                results = await run(kasa, f"sqlite+aiosqlite:///{FOLDER / 'receipts.sqlite'}", bars)
        wrong = mistakes(results, box, business)
    show(results, console)
    for mistake in wrong:
        console.print(f"wrong: {mistake}", style="red")
    console.print(f"receipts and Z-reports are in {FOLDER / 'receipts.sqlite'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    sys.exit(asyncio.run(main()))
