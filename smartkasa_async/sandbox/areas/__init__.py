"""The operations of each area: `ENDPOINTS` lists all 56; where two paths match, the first one is meant."""

from __future__ import annotations

from smartkasa_async.sandbox.areas import auth, catalogue, receipts, reports, shops, stock

__all__ = ["ENDPOINTS"]

ENDPOINTS = (
    *auth.ENDPOINTS,
    *shops.ENDPOINTS,
    *catalogue.ENDPOINTS,
    *stock.ENDPOINTS,
    *receipts.ENDPOINTS,
    *reports.ENDPOINTS,
)
