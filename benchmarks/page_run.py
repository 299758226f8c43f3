"""One report page, measured in a process of its own: `python -m benchmarks.page_run STORE PAGE`."""

from __future__ import annotations

import asyncio
import json
import resource
import sys
from time import perf_counter

from benchmarks.page_store import END, START
from smartkasa_async.reports import write_report_page
from smartkasa_async.stores import open_store

_KIBIBYTE = 1024


async def _run(store_path: str, page_path: str) -> dict[str, float]:
    async with open_store(store_path) as store:
        started = perf_counter()
        page = await write_report_page(store, page_path, start=START, end=END)
        seconds = perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KIBIBYTE
    return {"seconds": seconds, "peak_bytes": peak, "size": page.size}


if __name__ == "__main__":
    json.dump(asyncio.run(_run(*sys.argv[1:])), sys.stdout)
