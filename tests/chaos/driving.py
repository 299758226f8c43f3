"""Starts importers, kills them when the sandbox sees their n-th request, and looks at what they leave behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from asyncio import get_running_loop
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from smartkasa_async.sandbox.faults import Faults
from tests.chaos.importer import Told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smartkasa_async.sandbox import Fault
    from tests.chaos.importer import Job

__all__ = ["Importer", "KillingFaults", "read_told", "running_importer"]

_ROOT = Path(__file__).parents[2]


class KillingFaults(Faults):
    """Faults that can also kill the process whose requests they see."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self._left = 0
        self._pause = 0.0
        self._victim: Future[int] = Future()

    def arm(self, requests: int, pause: float) -> Future[int]:
        """Kill a process some time after one of the coming requests was seen.

        Args:
            requests: Which request it is, from 1.
            pause: Seconds between the request and the kill.

        Returns:
            What takes the process id.
        """
        self._left, self._pause, self._victim = requests, pause, Future()
        return self._victim

    def disarm(self) -> None:
        """Kill nothing more: the process has ended."""
        self._left, self._victim = 0, Future()

    def draw(self, method: str, path: str) -> list[Fault]:
        """Return what befalls a request, as in any faults."""
        if self._left:
            self._left -= 1
            if not self._left:
                get_running_loop().call_later(self._pause, self._kill, self._victim)
        return super().draw(method, path)

    def _kill(self, victim: Future[int]) -> None:
        if victim is self._victim:
            os.kill(victim.result(), signal.SIGKILL)


class Importer:
    """A process that forks importers; see `tests.chaos.importer`."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._jobs, self._answers = process.stdin, process.stdout

    def run(self, job: Job, victim: Future[int] | None = None) -> int:
        """Start an importer and wait until it has ended.

        Args:
            job: What it does.
            victim: Told its process id, so that it can be killed.

        Returns:
            Its exit status; negative for the signal that killed it.
        """
        self._jobs.write(msgspec.json.encode(job) + b"\n")
        self._jobs.flush()
        process = int(self._answers.readline())
        if victim is not None:
            victim.set_result(process)
        return int(self._answers.readline())


@contextmanager
def running_importer() -> Iterator[Importer]:
    """Have an interpreter ready from which importers are forked."""
    command = [sys.executable, "-m", "tests.chaos.importer"]
    with subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603 our own command
        yield Importer(process)


def read_told(path: Path) -> list[Told]:
    """Read what an importer told when it had ended."""
    return msgspec.json.decode(path.read_bytes(), type=list[Told])
