"""Receipts, payments, Z-reports and product sales held against each other, shift by shift, to the kopeck.

Each cause becomes one finding with all that it entails; what no rule can prove stays unexplained.
"""

from __future__ import annotations

from smartkasa_async.reports.reconciliation.comparing import reconcile
from smartkasa_async.reports.reconciliation.differences import Difference, DifferenceKind, Figure
from smartkasa_async.reports.reconciliation.result import (
    Reconciliation,
    ShiftReconciliation,
    ShopReconciliation,
    Totals,
)

__all__ = [
    "Difference",
    "DifferenceKind",
    "Figure",
    "Reconciliation",
    "ShiftReconciliation",
    "ShopReconciliation",
    "Totals",
    "reconcile",
]
