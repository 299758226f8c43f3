"""A contender in a process of its own, so that what one does to its memory helps no other.

It is begun by its own command, since a process of multiprocessing imports what the parent has, answers included.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import subprocess
import sys
from contextlib import contextmanager
from time import perf_counter, process_time
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.peers.calls import open_peer
from benchmarks.processes import as_installed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

__all__ = ["Cost", "Peer", "started"]


class Cost(NamedTuple):
    """What one call cost: seconds of the process's CPU, in user and in system, and seconds on the clock."""

    cpu: float
    wall: float


class Peer:
    """A contender that waits for work."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def measure(self, work: str, calls: int, at_once: int) -> Cost:
        """Make calls, and give the cost of one."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps([work, calls, at_once]), file=self._process.stdin, flush=True)
        return Cost(*json.loads(self._process.stdout.readline()))


@contextmanager
def started(name: str, address: str, core: int | None, loop: str = "asyncio") -> Iterator[Peer]:
    """Run a contender while the block runs.

    Args:
        name: Its name in `MODULES`.
        address: Address of the canned server.
        core: The only core that it may use; None for any.
        loop: Its event loop, `asyncio` or `uvloop`.
    """
    given = json.dumps([name, address, core, loop])
    command = [sys.executable, "-m", "benchmarks.peers.calls.process", given]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=as_installed()) as process:
        yield Peer(process)


def _run(name: str, address: str, core: int | None, loop: str) -> None:
    if core is not None:
        os.sched_setaffinity(0, {core})
    if loop == "uvloop":
        import uvloop  # noqa: PLC0415  (only where it is measured)

        uvloop.run(_work(name, address))
    else:
        asyncio.run(_work(name, address))


async def _work(name: str, address: str) -> None:
    async with open_peer(name, address) as calls:
        for line in sys.stdin:  # blocks the loop, which has nothing else to do
            work, count, at_once = json.loads(line)
            print(json.dumps(await _measure(calls[work], count, at_once)), flush=True)


async def _measure(call: Callable[[], Awaitable[object]], calls: int, at_once: int) -> Cost:
    async def several() -> None:
        for _ in range(calls // at_once):
            await call()

    gc.collect()
    began, cpu = perf_counter(), process_time()
    await asyncio.gather(*(several() for _ in range(at_once)))
    made = calls // at_once * at_once
    return Cost((process_time() - cpu) / made, (perf_counter() - began) / made)


if __name__ == "__main__":
    _run(*json.loads(sys.argv[1]))
