"""The command `python -m benchmarks [--quick] [TABLE]`."""

from __future__ import annotations

import argparse
import asyncio
import sys
from statistics import median

from benchmarks.calls import compare_calls
from benchmarks.catalogue import measure_catalogue, measure_stages, missed_goals
from benchmarks.imports import import_ratio, start_seconds
from benchmarks.receipts import LATENCY, measure_far, measure_receipts, missed_receipt_goals
from benchmarks.server import canned_server

IMPORT_GOAL = 1.25
START_GOAL = 0.150


def main() -> int:
    """Print tables of what was measured; exit status 1 when something misses its goal."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="The client beside the same work by hand; imports, syncs and report pages of growing size.",
    )
    parser.add_argument("table", nargs="?", choices=_TABLES, help="the only table to print")
    parser.add_argument("--quick", action="store_true", help="fewer rounds and rows, for a first impression")
    options = parser.parse_args()
    missed: list[str] = []
    for name, print_table in _TABLES.items():
        if options.table in {None, name}:
            missed += print_table(quick=options.quick)
    for what in missed:
        print(f"missed its goal: {what}", file=sys.stderr)
    return 1 if missed else 0


def _print_calls(*, quick: bool) -> list[str]:
    rounds = 9 if quick else 51
    with canned_server() as address:
        comparisons = asyncio.run(compare_calls(address, rounds=rounds))
    ours, theirs = import_ratio(min(rounds, 21))
    print("| what | client, a second | by hand, a second | ratio | ratio of CPU | goal |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for one in comparisons:
        rates = f"{median(one.client_rates):,.0f} | {median(one.by_hand_rates):,.0f}"
        print(f"| {one.name} | {rates} | {one.ratio:.2f} | {one.cpu_ratio:.2f} | ≥ {one.goal:.2f} |")
    times = f"{ours * 1000:.0f} ms | {theirs * 1000:.0f} ms"
    print(f"| import, beside aiohttp and msgspec | {times} | {ours / theirs:.2f} | | ≤ {IMPORT_GOAL} |")
    missed = [one.name for one in comparisons if one.ratio < one.goal]
    return [*missed, "import"] if ours / theirs > IMPORT_GOAL else missed


def _print_catalogue(*, quick: bool) -> list[str]:
    sizes = _SIZES[:2] if quick else _SIZES
    runs = measure_catalogue(sizes)
    print()
    print("| rows of CSV, journal on | seconds | rows a second | µs a row | peak memory |")
    print("| ---: | ---: | ---: | ---: | ---: |")
    for run in runs:
        each = f"{run.rate:,.0f} | {run.seconds / run.created * 1e6:.1f}"
        print(f"| {run.created:,} | {run.seconds:.2f} | {each} | {run.peak_bytes / 1024**2:.0f} MiB |")
    print()
    print("| stage | share of processor time |")
    print("| --- | ---: |")
    for stage, share in measure_stages(sizes[1]).items():
        print(f"| {stage} | {share:.0%} |")
    return missed_goals(runs)


def _print_receipts(*, quick: bool) -> list[str]:
    runs = measure_receipts(_SIZES[:2] if quick else _SIZES)
    print()
    print("| receipts into SQLite | seconds | receipts a second | peak memory |")
    print("| ---: | ---: | ---: | ---: |")
    for run in runs:
        print(f"| {run.receipts:,} | {run.seconds:.2f} | {run.rate:,.0f} | {run.peak_bytes / 1024**2:.0f} MiB |")
    far = measure_far()
    print()
    print(f"| ten shops, {LATENCY * 1000:.0f} ms until each answer | seconds | times as fast |")
    print("| --- | ---: | ---: |")
    for name, run in (
        ("one page after another, kept nowhere", far.by_hand),
        ("side by side, kept nowhere", far.not_kept),
        ("side by side, into SQLite", far.kept),
    ):
        print(f"| {name} | {run.seconds:.2f} | {far.by_hand.seconds / run.seconds:.1f} |")
    return missed_receipt_goals(runs, far)


def _print_start(*, quick: bool) -> list[str]:
    ours, theirs = start_seconds(9 if quick else 51)
    print()
    print("| `smartkasa --help` | `python -c pass` | more | goal |")
    print("| ---: | ---: | ---: | ---: |")
    times = f"{ours * 1000:.0f} ms | {theirs * 1000:.0f} ms | {(ours - theirs) * 1000:.0f} ms"
    print(f"| {times} | < {START_GOAL * 1000:.0f} ms |")
    return ["start of the command"] if ours - theirs >= START_GOAL else []


def _print_page(*, quick: bool) -> list[str]:
    # A process that is begun by a large one counts the latter's memory as its own.
    from benchmarks.page import measure_pages, missed_page_goals  # noqa: PLC0415

    runs = measure_pages(_TIMES[:2] if quick else _TIMES)
    print()
    print("| receipts behind the page | seconds | peak memory | size | opens in |")
    print("| ---: | ---: | ---: | ---: | ---: |")
    for run in runs:
        memory = f"{run.peak_bytes / 1024**2:.0f} MiB"
        print(f"| {run.receipts:,} | {run.seconds:.0f} | {memory} | {run.size / 1e6:.1f} MB | {run.opening:.1f} s |")
    return missed_page_goals(runs)


_SIZES = (10_000, 100_000, 1_000_000)
_TIMES = (1, 3, 28)
"""How many times ten shops, which have 36,794 receipts."""
_TABLES = {
    "calls": _print_calls,
    "catalogue": _print_catalogue,
    "receipts": _print_receipts,
    "start": _print_start,
    "page": _print_page,
}


if __name__ == "__main__":
    sys.exit(main())
