"""The operations of each area.

`ENDPOINTS` lists all 56; where two paths match, the first one is meant.
"""

from __future__ import annotations

from smartkasa_async.sandbox.areas import (
    auth,
    cards,
    categories,
    employees,
    imports,
    payments,
    products,
    receipts,
    reports,
    shifts,
    shops,
    subgroups,
    terminals,
    unit_types,
)

__all__ = ["ENDPOINTS"]

ENDPOINTS = (
    *auth.ENDPOINTS,
    *terminals.ENDPOINTS,
    *shops.ENDPOINTS,
    *employees.ENDPOINTS,
    *unit_types.ENDPOINTS,
    *categories.ENDPOINTS,
    *products.ENDPOINTS,
    *cards.ENDPOINTS,
    *subgroups.ENDPOINTS,
    *imports.ENDPOINTS,
    *shifts.ENDPOINTS,
    *receipts.ENDPOINTS,
    *payments.ENDPOINTS,
    *reports.ENDPOINTS,
)
