"""One export, measured in a process of its own: `python -m benchmarks.export_run STORE FORMAT WAY`."""

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
from typing import TYPE_CHECKING

from benchmarks.peers.exports import TABLES, csv_by_hand, parquet_by_hand
from smartkasa_async.export import export_tables
from smartkasa_async.stores import open_store

if TYPE_CHECKING:
    from smartkasa_async.export.tables import ExportFormat

_KIBIBYTE = 1024


async def _export(store_path: Path, folder: Path, form: ExportFormat) -> tuple[int, float]:
    async with open_store(store_path) as store:
        started = process_time()
        files = await export_tables(store, folder, tables=TABLES, format=form)
        return sum(file.rows for file in files), process_time() - started


def _main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.export_run")
    parser.add_argument("store", type=Path)
    parser.add_argument("format", choices=("parquet", "csv"))
    parser.add_argument("way", choices=("client", "by-hand"))
    parser.add_argument("--core", type=int, help="the only core to use")
    options = parser.parse_args()
    if options.core is not None:
        os.sched_setaffinity(0, {options.core})
    with TemporaryDirectory() as name:
        if options.way == "client":
            rows, seconds = asyncio.run(_export(options.store, Path(name), options.format))
        else:
            started = process_time()
            by_hand = parquet_by_hand if options.format == "parquet" else csv_by_hand
            rows = by_hand(options.store, Path(name))
            seconds = process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KIBIBYTE
    json.dump({"rows": rows, "cpu_seconds": seconds, "peak_bytes": peak}, sys.stdout)


if __name__ == "__main__":
    _main()
