"""The tables of a store as Parquet and CSV, beside the same by hand."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.processes import cores
from benchmarks.turns import CLIENT, Cost, in_turns, run_module

__all__ = ["compare_exports"]

_BY_HAND = {"parquet": "sqlite3 and pyarrow by hand", "csv": "sqlite3 and csv by hand"}
_NAMES = {"parquet": "Parquet", "csv": "CSV"}
_GOAL = 1.4


def compare_exports(*, times: int, rounds: int) -> list[dict[str, Any]]:
    """Measure the processor time of exports of a month of shops.

    Args:
        times: How many times ten shops, which have 192,502 rows.
        rounds: How many turns.
    """
    core, _ = cores()
    with TemporaryDirectory() as folder:
        store = Path(folder, "shops.sqlite")
        run_module("page_store", store, times)

        def run(form: str, way: str) -> Cost:
            ran = run_module("export_run", store, form, way, core=core)
            return Cost(ran["cpu_seconds"], ran["peak_bytes"])

        return [
            ratio
            for form, by_hand in _BY_HAND.items()
            for ratio in in_turns(
                _NAMES[form],
                {CLIENT: partial(run, form, "client"), by_hand: partial(run, form, "by-hand")},
                beside=by_hand,
                rounds=rounds,
                goal=_GOAL,
                is_cost=True,
            )
        ]
