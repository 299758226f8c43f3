"""Worker processes on this machine, started by the command that starts them anywhere."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator
    from pathlib import Path

_SECONDS_TO_END = 40.0
"""A worker gives back within 30 seconds what it has not finished."""


def worker_command(slots: int) -> list[str]:
    """Return the command of a worker."""
    return [sys.executable, "-m", "smartkasa_async", "fleet", "worker", "--slots", str(slots)]


def worker_environment(address: str, key_file: Path) -> dict[str, str]:
    """Return the environment of a worker.

    Args:
        address: Address of the fleet's database.
        key_file: File of the master keys.
    """
    return {**os.environ, "SMARTKASA_STORE": address, "SMARTKASA_FLEET_KEY_FILE": str(key_file)}


@asynccontextmanager
async def running_workers(
    count: int, slots: int, environment: dict[str, str], folder: Path
) -> AsyncIterator[list[Process]]:
    """Run workers while the block runs; afterwards those that still run are stopped as a supervisor stops them.

    Args:
        count: How many.
        slots: How many jobs each runs at a time.
        environment: Their environment.
        folder: Where their logs are written: `worker-1.log`, and so on.
    """
    workers: list[Process] = []
    try:
        for number in range(1, count + 1):
            with (folder / f"worker-{number}.log").open("wb") as log:
                workers.append(
                    await asyncio.create_subprocess_exec(
                        *worker_command(slots),
                        env=environment,
                        stdin=asyncio.subprocess.DEVNULL,
                        stdout=log,
                        stderr=log,
                        start_new_session=True,  # Ctrl-C is for the demo, which stops them itself
                    )
                )
        yield workers
    finally:
        running = [worker for worker in workers if worker.returncode is None]
        for worker in running:
            worker.terminate()
        try:
            async with asyncio.timeout(_SECONDS_TO_END):
                for worker in running:
                    await worker.wait()
        finally:
            for worker in running:
                if worker.returncode is None:
                    worker.kill()
                    await worker.wait()
