"""A simulated retail business, deterministic by its seed: the rows that a sandbox starts with.

Pure: nothing is read or written. How receipts add up stands in `money`, what each type of receipt does in `receipts`,
what the Z-reports add up in `z_reports`, how a business arrives while clients read in `arrivals`.
"""

from __future__ import annotations

from .arrivals import Course, Event, plan_course
from .model import TABLES, Business, Row, ShopSummary, Simulation
from .simulation import simulate

__all__ = ["TABLES", "Business", "Course", "Event", "Row", "ShopSummary", "Simulation", "plan_course", "simulate"]
