"""Runs a fleet with everything that can go wrong, seed after seed, and prints what each survived.

python -m tests.fleet.chaos --seeds 20 --merchants 200
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from pathlib import Path
from tempfile import mkdtemp

from tests.fleet.chaos.faults import FaultKind
from tests.fleet.chaos.scenario import Report, Size, run_chaos


def _main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fleet.chaos", description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=20, help="how many runs (default: %(default)s)")
    parser.add_argument("--first", type=int, default=1, help="the first seed (default: %(default)s)")
    parser.add_argument("--merchants", type=int, default=Size.merchants, help="how many (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=Size.workers, help="worker processes (default: %(default)s)")
    parser.add_argument("--faults", type=int, default=Size.faults, help="faults of a run (default: %(default)s)")
    given = parser.parse_args()
    logging.getLogger("psycopg").setLevel(logging.CRITICAL)  # which tells of each connection that is broken
    size = Size(merchants=given.merchants, workers=given.workers, faults=given.faults)
    print("| seed | " + " | ".join(FaultKind) + " | runs | workers started anew | seconds | wrong |")  # noqa: T201
    print("| ---: " * (len(FaultKind) + 5) + "|", flush=True)  # noqa: T201
    failed = False
    for seed in range(given.first, given.first + given.seeds):
        folder = Path(mkdtemp(prefix="smartkasa-chaos-"))
        report = asyncio.run(run_chaos(size, seed, folder))
        print(_row(report), flush=True)  # noqa: T201
        if report.wrong:
            failed = True
            print(*report.wrong, f"logs of the workers: {folder}", sep="\n", file=sys.stderr, flush=True)  # noqa: T201
    return int(failed)


def _row(report: Report) -> str:
    counts = [str(report.faults[kind]) for kind in FaultKind]
    runs = ", ".join(f"{count} {outcome}" for outcome, count in sorted(report.runs.items()))
    cells = [report.seed, *counts, runs, report.ends.total(), round(report.seconds), len(report.wrong)]
    return "| " + " | ".join(map(str, cells)) + " |"


if __name__ == "__main__":
    sys.exit(_main())
