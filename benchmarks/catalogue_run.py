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

from benchmarks.stages import timed_stages
from smartkasa_async import SmartKasa
from smartkasa_async.catalog import import_products
from smartkasa_async.models import ProductCreate, Session

_KIBIBYTE = 1024


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
    return {
        "created": summary.created,
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KIBIBYTE,
        "stages": dict(stages),
    }


def _main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.catalogue_run")
    parser.add_argument("address")
    parser.add_argument("source", type=Path)
    parser.add_argument("--core", type=int, help="the only core to use")
    parser.add_argument("--stages", action="store_true", help="also tell in which stage the time goes")
    options = parser.parse_args()
    if options.core is not None:
        os.sched_setaffinity(0, {options.core})
    json.dump(asyncio.run(_run(options.address, options.source, timed=options.stages)), sys.stdout)


if __name__ == "__main__":
    _main()
