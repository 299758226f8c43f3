"""The command `python -m benchmarks [--quick]`."""

from __future__ import annotations

import argparse
import asyncio
import sys
from statistics import median

from benchmarks.calls import compare_calls
from benchmarks.imports import import_ratio
from benchmarks.server import canned_server

IMPORT_GOAL = 1.25


def main() -> int:
    """Print a table of ratios; exit status 1 when one misses its goal."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="The client beside the same work by hand."
    )
    parser.add_argument("--quick", action="store_true", help="fewer rounds, for a first impression")
    rounds = 9 if parser.parse_args().quick else 51
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
    if ours / theirs > IMPORT_GOAL:
        missed.append("import")
    for name in missed:
        print(f"missed its goal: {name}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
