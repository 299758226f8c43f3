"""What is made of a store: reconciliation, fiscal compliance, the report page, and the month for accountants.

Receipts are compared with Z-reports shift by shift, to the kopeck, never by date alone. Needs the extra
`smartkasa-async[stores]`, which is imported when something is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartkasa_async._support.extras import import_name

if TYPE_CHECKING:
    from smartkasa_async.reports.compliance.check import ComplianceReport, check_compliance
    from smartkasa_async.reports.compliance.findings import Finding, FindingKind, FindingUnit, Urgency
    from smartkasa_async.reports.month.writing import MonthReport, export_month, write_month_workbook
    from smartkasa_async.reports.not_read import NotRead, ReadingStep
    from smartkasa_async.reports.page.writing import ReportPage, write_report_page
    from smartkasa_async.reports.reconciliation.comparing import reconcile
    from smartkasa_async.reports.reconciliation.differences import ComparedFigure, Difference, DifferenceKind
    from smartkasa_async.reports.reconciliation.result import (
        Reconciliation,
        ShiftReconciliation,
        ShopReconciliation,
        Totals,
    )
    from smartkasa_async.reports.z_archive.archiving import ZArchive, archive_z_reports

__all__ = [
    "ComparedFigure",
    "ComplianceReport",
    "Difference",
    "DifferenceKind",
    "Finding",
    "FindingKind",
    "FindingUnit",
    "MonthReport",
    "NotRead",
    "ReadingStep",
    "Reconciliation",
    "ReportPage",
    "ShiftReconciliation",
    "ShopReconciliation",
    "Totals",
    "Urgency",
    "ZArchive",
    "archive_z_reports",
    "check_compliance",
    "export_month",
    "reconcile",
    "write_month_workbook",
    "write_report_page",
]

_MODULES = {
    "ComparedFigure": "reconciliation.differences",
    "ComplianceReport": "compliance.check",
    "Difference": "reconciliation.differences",
    "DifferenceKind": "reconciliation.differences",
    "Finding": "compliance.findings",
    "FindingKind": "compliance.findings",
    "FindingUnit": "compliance.findings",
    "MonthReport": "month.writing",
    "NotRead": "not_read",
    "ReadingStep": "not_read",
    "Reconciliation": "reconciliation.result",
    "ReportPage": "page.writing",
    "ShiftReconciliation": "reconciliation.result",
    "ShopReconciliation": "reconciliation.result",
    "Totals": "reconciliation.result",
    "Urgency": "compliance.findings",
    "ZArchive": "z_archive.archiving",
    "archive_z_reports": "z_archive.archiving",
    "check_compliance": "compliance.check",
    "export_month": "month.writing",
    "reconcile": "reconciliation.comparing",
    "write_month_workbook": "month.writing",
    "write_report_page": "page.writing",
}


def __getattr__(name: str) -> object:
    return import_name(__name__, _MODULES, name)
