"""Z-reports and product sales of many shops, harvested into a store and held against the receipts.

Reconciled shift by shift, to the kopeck, never by date alone, watched for what the tax law asks, and shown as a page.
"""

from __future__ import annotations

from smartkasa_async.reports.compliance import ComplianceReport, Finding, FindingKind, Unit, Urgency, check_compliance
from smartkasa_async.reports.not_read import NotRead, ReadingStep
from smartkasa_async.reports.page import PageProgress, PageStage, ReportPage, write_report_page
from smartkasa_async.reports.reconciliation import (
    Difference,
    DifferenceKind,
    Figure,
    Reconciliation,
    ShiftReconciliation,
    ShopReconciliation,
    Totals,
    reconcile,
)

__all__ = [
    "ComplianceReport",
    "Difference",
    "DifferenceKind",
    "Figure",
    "Finding",
    "FindingKind",
    "NotRead",
    "PageProgress",
    "PageStage",
    "ReadingStep",
    "Reconciliation",
    "ReportPage",
    "ShiftReconciliation",
    "ShopReconciliation",
    "Totals",
    "Unit",
    "Urgency",
    "check_compliance",
    "reconcile",
    "write_report_page",
]
