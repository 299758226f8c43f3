"""The operations of each area: `ENDPOINTS` lists all 56; where two paths match, the first one is meant."""

from __future__ import annotations

from smartkasa_async.sandbox.areas import (
    auth,
    categories,
    employees,
    import_jobs,
    payments,
    products,
    receipts,
    reports,
    shifts,
    shops,
    stock,
    subgroups,
    terminals,
    unit_types,
)

__all__ = ["ENDPOINTS"]

ENDPOINTS = (
    *auth.ENDPOINTS,
    *shops.ENDPOINTS,
    *terminals.ENDPOINTS,
    *employees.ENDPOINTS,
    *unit_types.ENDPOINTS,
    *categories.ENDPOINTS,
    *products.ENDPOINTS,
    *subgroups.ENDPOINTS,
    *import_jobs.ENDPOINTS,
    *stock.ENDPOINTS,
    *shifts.ENDPOINTS,
    *receipts.ENDPOINTS,
    *payments.ENDPOINTS,
    *reports.ENDPOINTS,
)
