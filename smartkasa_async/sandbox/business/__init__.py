"""A simulated retail business, deterministic by its seed: the rows that a sandbox starts with.

Pure: nothing is read or written. How receipts add up stands in `money`, what each type of receipt does in `receipts`,
what the Z-reports add up in `z_reports`, how a business arrives while clients read in `arrivals`.
"""

from __future__ import annotations

from smartkasa_async.sandbox.business.arrivals import Event, Timeline, plan_timeline
from smartkasa_async.sandbox.business.model import TABLES, Business, ShopSummary, Simulation
from smartkasa_async.sandbox.business.simulation import simulate

__all__ = ["TABLES", "Business", "Event", "ShopSummary", "Simulation", "Timeline", "plan_timeline", "simulate"]
