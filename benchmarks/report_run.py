"""One report of October, measured in a process of its own: `python -m benchmarks.report_run STORE WHAT`."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

from benchmarks.page_store import END, START
from smartkasa_async.reports import reconcile, write_report_page
from smartkasa_async.stores import open_store

_KIBIBYTE = 1024


async def _report(store_path: str, what: str) -> float:
    with TemporaryDirectory() as folder:
        async with open_store(store_path) as store:
            started = process_time()
            if what == "reconcile":
                await reconcile(store, start=START, end=END)
            else:
                await write_report_page(store, Path(folder, "page.html"), start=START, end=END)
            return process_time() - started


def _main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report_run")
    parser.add_argument("store")
    parser.add_argument("what", choices=("reconcile", "page"))
    parser.add_argument("--core", type=int, help="the only core to use")
    options = parser.parse_args()
    if options.core is not None:
        os.sched_setaffinity(0, {options.core})
    seconds = asyncio.run(_report(options.store, options.what))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KIBIBYTE
    json.dump({"cpu_seconds": seconds, "peak_bytes": peak}, sys.stdout)


if __name__ == "__main__":
    _main()
