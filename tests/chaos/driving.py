"""Starts jobs in processes of their own, and does something to them or to the sandbox at its n-th request."""

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

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from smartkasa_async.sandbox import Fault

__all__ = ["KILLED", "Victim", "WatchedFaults", "Worker", "running_worker"]

KILLED = -signal.SIGKILL
"""Exit status of a process that was killed."""

_ROOT = Path(__file__).parents[2]


class WatchedFaults(Faults):
    """Faults that also do something when a certain request is seen, before anything befalls it."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self._seen = 0
        self._actions: dict[int, Callable[[], object]] = {}

    def at(self, request: int, action: Callable[[], object]) -> None:
        """Do something in the sandbox's event loop when one of the coming requests is seen; the next one is 1."""
        self._actions[self._seen + request] = action

    def forget(self) -> None:
        """Cancel what was to be done and has not been."""
        self._actions.clear()

    def draw(self, method: str, path: str) -> list[Fault]:
        """Return what befalls a request, as any faults do."""
        self._seen += 1
        if action := self._actions.pop(self._seen, None):
            action()
        return super().draw(method, path)


class Victim:
    """A process that is to be killed while it runs."""

    def __init__(self) -> None:
        self._process: Future[int] = Future()
        self._has_ended = False

    def has_begun(self, process: int) -> None:
        """Take the process id."""
        self._process.set_result(process)

    def has_ended(self) -> None:
        """Leave the process id alone: it may be another's soon."""
        self._has_ended = True

    def kill_in(self, seconds: float) -> None:
        """Kill it in the near future, from an event loop."""
        get_running_loop().call_later(seconds, self._kill)

    def _kill(self) -> None:
        process = self._process.result()
        if not self._has_ended:
            os.kill(process, signal.SIGKILL)


class Worker:
    """A process that forks a process for each job; see `tests.chaos.forking`."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._jobs, self._answers = process.stdin, process.stdout

    def run(self, job: msgspec.Struct, victim: Victim | None = None) -> int:
        """Start a job and wait until it has ended.

        Args:
            job: What is to be done.
            victim: What may kill it.

        Returns:
            Its exit status; negative for the signal that killed it.
        """
        victim = victim or Victim()
        self._jobs.write(msgspec.json.encode(job) + b"\n")
        self._jobs.flush()
        victim.has_begun(int(self._answers.readline()))
        status = int(self._answers.readline())
        victim.has_ended()
        return status


@contextmanager
def running_worker(module: str) -> Iterator[Worker]:
    """Have an interpreter ready that carries out jobs.

    Args:
        module: Module that says what a job is.
    """
    command = [sys.executable, "-m", module]
    with subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603 our own command
        yield Worker(process)
