"""One import, measured in a process of its own: `python -m benchmarks.catalogue_run ADDRESS FILE`."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import sys
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

from benchmarks.peers.catalogue import send_by_hand
from benchmarks.stages import timed_stages
from smartkasa_async import SmartKasa
from smartkasa_async._support import event_loops
from smartkasa_async.catalog import import_products
from smartkasa_async.models import ProductCreate, Session

_KIBIBYTE = 1024


async def _run_by_hand(address: str, source: Path) -> dict[str, object]:
    started, cpu = perf_counter(), process_time()
    created = await send_by_hand(address, source)
    return _measured(created, perf_counter() - started, process_time() - cpu)


async def _run(address: str, source: Path, *, timed: bool) -> dict[str, object]:
    far = datetime.now(UTC) + timedelta(days=1)
    session = Session(access="token", access_expires_at=far, refresh="token", refresh_expires_at=far)
    with TemporaryDirectory() as folder:
        async with SmartKasa(api_key="key", base_url=address, session=session) as kasa:
            await import_products(kasa, [ProductCreate(title="Перший", number="4820000000000")])
            stages: dict[str, float] = {}
            with timed_stages() if timed else nullcontext(stages) as stages:
                started, cpu = perf_counter(), process_time()
                summary = await import_products(
                    kasa, source, journal=Path(folder, "journal.sqlite"), late_write_window=0
                )
                seconds, cpu_seconds = perf_counter() - started, process_time() - cpu
    return _measured(summary.created, seconds, cpu_seconds) | {"stages": dict(stages)}


def _measured(created: int, seconds: float, cpu_seconds: float) -> dict[str, object]:
    peak_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KIBIBYTE
    return {"created": created, "seconds": seconds, "cpu_seconds": cpu_seconds, "peak_bytes": peak_bytes}


def _main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.catalogue_run")
    parser.add_argument("address")
    parser.add_argument("source", type=Path)
    parser.add_argument("--core", type=int, help="the only core to use")
    parser.add_argument("--stages", action="store_true", help="also tell in which stage the time goes")
    parser.add_argument("--by-hand", action="store_true", help="send the rows by hand, unchecked, instead")
    options = parser.parse_args()
    if options.core is not None:
        os.sched_setaffinity(0, {options.core})
    if options.by_hand:
        run = _run_by_hand(options.address, options.source)
    else:
        run = _run(options.address, options.source, timed=options.stages)
    run_to_end = asyncio.run if options.stages else event_loops.run  # frames of waiting are seen in asyncio's alone
    json.dump(run_to_end(run), sys.stdout)


if __name__ == "__main__":
    _main()
