"""The command `python -m benchmarks [--quick | --save] [TABLE]`."""

from __future__ import annotations

import argparse
import os
import sys
from typing import Any, TypeAlias

from msgspec import to_builtins

from benchmarks.calls import compare_calls, missed_call_goals
from benchmarks.catalogue import (
    BY_HAND_GOAL,
    measure_catalogue,
    measure_share_of_by_hand,
    measure_stages,
    missed_goals,
)
from benchmarks.exports import compare_exports
from benchmarks.imports import import_ratio, start_seconds
from benchmarks.receipts import measure_far, measure_receipts, missed_receipt_goals
from benchmarks.reports import compare_reports, missed_growth
from benchmarks.results import save
from benchmarks.tables import render
from benchmarks.turns import missed_ratios

IMPORT_GOAL = 1.25
START_GOAL = 0.150
_Measured: TypeAlias = tuple[dict[str, Any], list[str]]
"""What was measured, and the goals that were missed."""


def main() -> int:
    """Print tables of what was measured; exit status 1 when something misses its goal."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="The client beside the same work by hand; imports, syncs, exports and reports of growing size.",
    )
    parser.add_argument("table", nargs="?", choices=_TABLES, help="the only table to print")
    parser.add_argument("--quick", action="store_true", help="fewer rounds and rows, for a first impression")
    parser.add_argument("--save", action="store_true", help="write what was measured into benchmarks/results")
    options = parser.parse_args()
    if options.quick and options.save:
        parser.error("--quick measures too little to be saved")
    missed: list[str] = []
    for name, measure in _TABLES.items():
        if options.table in {None, name}:
            load_before = os.getloadavg()[0]
            result, missed_here = measure(quick=options.quick)
            missed += missed_here
            print(render(name, result), end="\n\n", flush=True)
            if options.save:
                save(name, result, load_before)
    for what in missed:
        print(f"missed its goal: {what}", file=sys.stderr)
    return 1 if missed else 0


def _measure_calls(*, quick: bool) -> _Measured:
    ratios = compare_calls(rounds=6 if quick else 60)
    missed = missed_call_goals(ratios)
    ours, theirs = import_ratio(9 if quick else 21)
    if ours / theirs > IMPORT_GOAL:
        missed.append("import")
    return {"ratios": ratios, "import": {"client": ours, "by_hand": theirs, "goal": IMPORT_GOAL}}, missed


def _measure_catalogue(*, quick: bool) -> _Measured:
    sizes = _SIZES[:2] if quick else _SIZES
    runs = measure_catalogue(sizes)
    rows = [{"rows": run.created, "seconds": run.seconds, "peak_bytes": run.peak_bytes} for run in runs]
    ratio = measure_share_of_by_hand(sizes[1], 1 if quick else 5)
    missed = missed_goals(runs)
    if ratio < BY_HAND_GOAL:
        missed.append(f"catalogue: {ratio:.2f} of the rows a second by hand, goal {BY_HAND_GOAL}")
    by_hand = {"ratio": ratio, "goal": BY_HAND_GOAL}
    return {"runs": rows, "by_hand": by_hand, "stages": measure_stages(sizes[1])}, missed


def _measure_receipts(*, quick: bool) -> _Measured:
    runs = measure_receipts(_SIZES[:2] if quick else _SIZES)
    far = measure_far()
    seconds = {
        "one page after another, kept nowhere": far.by_hand.seconds,
        "concurrently, kept nowhere": far.not_kept.seconds,
        "concurrently, into SQLite": far.kept.seconds,
    }
    return {"runs": [to_builtins(run) for run in runs], "far": seconds}, missed_receipt_goals(runs, far)


def _measure_start(*, quick: bool) -> _Measured:
    ours, theirs = start_seconds(9 if quick else 51)
    missed = ["start of the command"] if ours - theirs >= START_GOAL else []
    return {"command": ours, "interpreter": theirs, "goal": START_GOAL}, missed


def _measure_page(*, quick: bool) -> _Measured:
    # A process that is begun by a large one counts the latter's memory as its own.
    from benchmarks.page import measure_pages, missed_page_goals  # noqa: PLC0415

    runs = measure_pages(_TIMES[:2] if quick else _TIMES)
    return {"runs": [to_builtins(run) for run in runs]}, missed_page_goals(runs)


def _measure_month(*, quick: bool) -> _Measured:
    from benchmarks.month import MEMORY_GOAL, SECONDS_GOAL, measure_months, missed_month_goals  # noqa: PLC0415  as above

    runs = measure_months(_TIMES[:2] if quick else _TIMES)
    goals = {"seconds": SECONDS_GOAL, "peak_bytes": MEMORY_GOAL}
    return {"runs": [to_builtins(run) for run in runs], "goals": goals}, missed_month_goals(runs)


def _measure_stores(*, quick: bool) -> _Measured:
    from benchmarks.stores import compare_stores  # noqa: PLC0415  as above

    ratios = compare_stores(days=5 if quick else 20, rounds=2 if quick else 5)
    return {"ratios": ratios}, missed_ratios(ratios)


def _measure_exports(*, quick: bool) -> _Measured:
    ratios = compare_exports(times=1 if quick else 3, rounds=2 if quick else 5)
    return {"ratios": ratios}, missed_ratios(ratios)


def _measure_reports(*, quick: bool) -> _Measured:
    ratios = compare_reports(_TIMES[:2] if quick else _TIMES, rounds=2 if quick else 6)
    return {"ratios": ratios}, [*missed_ratios(ratios), *missed_growth(ratios)]


def _measure_fleet(*, quick: bool) -> _Measured:
    from benchmarks.fleet import measure_fleet  # noqa: PLC0415  as above

    return measure_fleet(rounds=2 if quick else 8, accounts=10_000, backlog=100_000), []


_SIZES = (10_000, 100_000, 1_000_000)
_TIMES = (1, 3, 28)
"""How many times ten shops, which have 36,794 receipts."""
_TABLES = {
    "calls": _measure_calls,
    "catalogue": _measure_catalogue,
    "receipts": _measure_receipts,
    "stores": _measure_stores,
    "exports": _measure_exports,
    "reports": _measure_reports,
    "start": _measure_start,
    "page": _measure_page,
    "month": _measure_month,
    "fleet": _measure_fleet,
}


if __name__ == "__main__":
    sys.exit(main())
