"""Z-reports of many shops, harvested into a store and compared with the receipts.

Compared shift by shift, to the kopeck, never by date alone.
"""

from __future__ import annotations

from smartkasa_async.reports.agreement import Difference, DifferenceKind, ShopAgreement
from smartkasa_async.reports.harvest import HarvestReport, ShopHarvest, ZReportSink, harvest_z_reports
from smartkasa_async.reports.reconcile import reconcile
from smartkasa_async.reports.takings import ShiftTakings, Takings, TakingsSource

__all__ = [
    "Difference",
    "DifferenceKind",
    "HarvestReport",
    "ShiftTakings",
    "ShopAgreement",
    "ShopHarvest",
    "Takings",
    "TakingsSource",
    "ZReportSink",
    "harvest_z_reports",
    "reconcile",
]
