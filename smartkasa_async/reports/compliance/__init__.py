"""The rules that the tax law sets for registrars, held against what was synced.

The facts are gathered by the store; each rule is a pure function over them.
"""

from __future__ import annotations

from smartkasa_async.reports.compliance.check import ComplianceReport, check_compliance
from smartkasa_async.reports.compliance.findings import Finding, FindingKind, Unit, Urgency

__all__ = ["ComplianceReport", "Finding", "FindingKind", "Unit", "Urgency", "check_compliance"]
