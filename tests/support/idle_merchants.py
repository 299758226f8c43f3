"""A sandbox with many merchants, each of them used once: prints how many megabytes the process takes."""

from __future__ import annotations

import asyncio
import resource
import sys

from smartkasa_async.sandbox import Sandbox


async def _use_all(merchants: int) -> None:
    async with Sandbox() as box:
        for _ in range(merchants):
            assert box.add_merchant().rows("shops") == []


if __name__ == "__main__":
    asyncio.run(_use_all(int(sys.argv[1])))
    highest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # kilobytes, on macOS bytes
    print(highest // (1_000_000 if sys.platform == "darwin" else 1000))  # noqa: T201
