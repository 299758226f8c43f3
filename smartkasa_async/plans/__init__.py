"""Changes of prices, counts and catalogue in three steps: planned into a readable file, applied once, and undone.

plan = await plan_changes(kasa, "new-prices.csv", "prices")
plan.write("plan.json")  # to be read by whoever approves it
await apply_plan(kasa, "plan.json")
await undo_plan(kasa, "plan.json")
"""

from __future__ import annotations

from smartkasa_async.plans.applying import PlanJob, apply_plan, undo_plan
from smartkasa_async.plans.effects import LargestChange
from smartkasa_async.plans.making import plan_changes
from smartkasa_async.plans.outcomes import PlanOutcome, PlanOutcomeKind, PlanStoppedError, PlanSummary
from smartkasa_async.plans.plan import (
    Plan,
    PlanCounts,
    PlanError,
    PlanKind,
    PlannedChange,
    PlanOutdatedError,
    RefusedRow,
)
from smartkasa_async.plans.reading import read_plan
from smartkasa_async.plans.undoing import read_undo

__all__ = [
    "LargestChange",
    "Plan",
    "PlanCounts",
    "PlanError",
    "PlanJob",
    "PlanKind",
    "PlanOutcome",
    "PlanOutcomeKind",
    "PlanOutdatedError",
    "PlanStoppedError",
    "PlanSummary",
    "PlannedChange",
    "RefusedRow",
    "apply_plan",
    "plan_changes",
    "read_plan",
    "read_undo",
    "undo_plan",
]
