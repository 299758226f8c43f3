"""A sandbox with many merchants, each of them used once: prints how many megabytes the process takes."""

from __future__ import annotations

import asyncio
import resource
import sys
from pathlib import Path

from smartkasa_async.sandbox import Sandbox


async def _use_all(merchants: int) -> None:
    async with Sandbox() as box:
        for _ in range(merchants):
            assert box.add_merchant().rows("shops") == []


def _megabytes() -> int:
    """Return the memory that the process takes now; its highest may be that of the process that started it."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().partition("VmRSS:")[2].split()[0]) // 1000
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1_000_000  # bytes on macOS


if __name__ == "__main__":
    asyncio.run(_use_all(int(sys.argv[1])))
    print(_megabytes())  # noqa: T201
