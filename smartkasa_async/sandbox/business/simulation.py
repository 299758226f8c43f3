"""The simulation as a whole: open the shops, work through the days, gather rows and figures."""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING, Final

from smartkasa_async.sandbox.business.catalogue import make_catalogue
from smartkasa_async.sandbox.business.codes import PAID, REFUND, SALE
from smartkasa_async.sandbox.business.hours import at_kyiv, days
from smartkasa_async.sandbox.business.identity import generator
from smartkasa_async.sandbox.business.model import TABLES, Business, ShopSummary
from smartkasa_async.sandbox.business.money import hryvnias
from smartkasa_async.sandbox.business.people import role_rows
from smartkasa_async.sandbox.business.register import Ledger
from smartkasa_async.sandbox.business.shifts import work_day
from smartkasa_async.sandbox.business.shops import open_shop

if TYPE_CHECKING:
    from smartkasa_async.sandbox.business.model import Simulation
    from smartkasa_async.sandbox.schema import Row

_OPEN_BEFORE: Final = timedelta(days=200)
_FIRST_Z_REPORT_ID: Final = 51


def simulate(simulation: Simulation) -> Business:
    """Make a retail business: shops, staff, catalogue, stock, shifts, receipts and Z-reports.

    The work is done at once, in memory; time and memory grow with the number of receipts.

    Args:
        simulation: What to simulate; equal values give equal rows.
    """
    created = at_kyiv(simulation.start - _OPEN_BEFORE, time(10))
    catalogue = make_catalogue(simulation.products, created, generator(simulation.seed, "catalogue"))
    rows: dict[str, list[Row]] = {table: [] for table in TABLES}
    rows |= catalogue.rows
    rows["roles"] = role_rows(created)
    summary: dict[int, ShopSummary] = {}
    for number in range(simulation.shops):
        shop, reference_data = open_shop(number, simulation.seed, simulation.terminals_per_shop, catalogue, created)
        ledger = Ledger()
        for day in days(simulation.start, simulation.days):
            work_day(shop, day, simulation.receipts_per_day, ledger)
        summary[shop.id] = _summarize(ledger)
        for table, made in (reference_data | ledger.tables()).items():
            rows[table].extend(made)
    rows["z_reports"] = _number(rows["z_reports"])
    return Business(simulation, rows, summary)


def _number(z_reports: list[Row]) -> list[Row]:
    """Put Z-reports into the order of time and give them their ids."""
    in_order = sorted(z_reports, key=lambda row: (row["created_at"], row["terminal_id"]))
    return [{"id": id_, **row} for id_, row in enumerate(in_order, _FIRST_Z_REPORT_ID)]


def _summarize(ledger: Ledger) -> ShopSummary:
    sales = [row["total_amount"] for row in ledger.receipts if row["type"] == SALE and row["state"] == PAID]
    refunds = [row["total_amount"] for row in ledger.receipts if row["type"] == REFUND]
    return ShopSummary(
        receipts=len(ledger.receipts),
        sales=len(sales),
        sales_total=sum(sales, start=hryvnias(0)),
        refunds=len(refunds),
        refunds_total=sum(refunds, start=hryvnias(0)),
        z_reports=len(ledger.z_reports),
    )
