"""Reconciliations and report pages of growing stores, beside the same sums by plain SQL."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from benchmarks.processes import cores
from benchmarks.turns import CLIENT, Cost, in_turns, run_module

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["compare_reports", "missed_growth"]

_BY_SQL = "plain SQL"
_GOALS = {"reconcile": 1.6, "page": 1.3}
_NAMES = {"reconcile": "reconciliation", "page": "report page"}
_LARGE, _GOAL_OF_LARGE = 1_000_000, 1.4
GROWTH_GOAL = 1.2
"""How many times as much a receipt may cost in the largest store as in the smallest."""


def compare_reports(times: Sequence[int], *, rounds: int) -> list[dict[str, Any]]:
    """Measure the processor time of both reports of a month of shops.

    Args:
        times: How many times ten shops, which have 36,794 receipts.
        rounds: How many turns; a third of it, but two at least, with a million receipts.

    Returns:
        Ratios as `in_turns` makes them, each with its number of `receipts` and the `report`.
    """
    core, _ = cores()
    found: list[dict[str, Any]] = []
    for number in times:
        with TemporaryDirectory() as folder:
            store = Path(folder, "shops.sqlite")
            receipts = run_module("page_store", store, number)

            def run(module: str, what: str, store: Path = store) -> Cost:
                ran = run_module(module, store, what, core=core)
                return Cost(ran["cpu_seconds"], ran["peak_bytes"])

            is_large = receipts >= _LARGE
            for what, name in _NAMES.items():
                ratios = in_turns(
                    f"{name}, {receipts:,}",
                    {CLIENT: partial(run, "report_run", what), _BY_SQL: partial(run, "peers.sums_by_sql", what)},
                    beside=_BY_SQL,
                    rounds=max(2, rounds // 3) if is_large else rounds,
                    goal=_GOAL_OF_LARGE if is_large and what == "reconcile" else _GOALS[what],
                    is_cost=True,
                )
                found += [{**ratio, "report": what, "receipts": receipts} for ratio in ratios]
    return found


def missed_growth(ratios: Sequence[Mapping[str, Any]]) -> list[str]:
    """Name the reports that take more than in proportion to the receipts."""
    missed = []
    for what, name in _NAMES.items():
        own = [one for one in ratios if one["contender"] == CLIENT and one["report"] == what]
        first, last = own[0], own[-1]
        growth = (last["seconds"][0] / last["receipts"]) / (first["seconds"][0] / first["receipts"])
        if growth > GROWTH_GOAL:
            missed.append(f"{name}: {growth:.2f} times as much for a receipt with {last['receipts']:,} of them")
    return missed
