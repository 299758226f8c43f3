"""Keeps workers running as a supervisor does: one that ends is started anew, whatever it ended of."""

from __future__ import annotations

import signal
import subprocess
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from smartkasa_async.fleet.demo.workers import worker_command
from tests.support.processes import running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Supervisor", "supervised"]

_LONGEST_RUN = 3600.0
_PAUSE = 1.0
"""Seconds, as supervisors wait a little before they start something anew."""
LONGEST_STOP = 30.0
"""Seconds within which a worker gives back what it has not finished."""


class Supervisor:
    """Workers that run; `supervised` makes it.

    Attributes:
        count: How many workers there are.
        ends: How the workers ended that were not stopped at the end.
    """

    def __init__(self, count: int, slots: int, environment: dict[str, str], folder: Path, python: str) -> None:
        self.count = count
        self.ends: list[int] = []
        self._command = [python, *worker_command(slots)[1:]]
        self._environment = environment
        self._folder = folder
        self._is_ending = threading.Event()
        self._lock = threading.Lock()
        self._processes: dict[int, subprocess.Popen[str]] = {}
        self._threads = [threading.Thread(target=self._keep_running, args=[number]) for number in range(count)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def signal(self, number: int, which: int) -> None:
        """Send a worker a signal, if it runs at the moment."""
        with self._lock:
            process = self._processes.get(number)
            if process is not None and process.poll() is None:
                process.send_signal(which)

    def stop(self) -> list[int | None]:
        """Stop all workers, and return the statuses that they end with; None for one that does not end in time."""
        self._is_ending.set()
        with self._lock:
            processes = [process for process in self._processes.values() if process.poll() is None]
            for process in processes:
                process.send_signal(signal.SIGTERM)
        for thread in self._threads:
            thread.join(LONGEST_STOP)
        statuses = [process.poll() for process in processes]
        self.kill()
        return statuses

    def kill(self) -> None:
        """End whatever still runs."""
        self._is_ending.set()
        with self._lock:
            for process in self._processes.values():
                process.kill()
        for thread in self._threads:
            thread.join(LONGEST_STOP)

    def _keep_running(self, number: int) -> None:
        log = self._folder / f"worker-{number}.log"
        while not self._is_ending.is_set():
            with (
                log.open("ab") as output,
                running(
                    self._command,
                    limit=_LONGEST_RUN,
                    env=self._environment,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                ) as process,
            ):
                with self._lock:
                    self._processes[number] = process
                    if self._is_ending.is_set():
                        process.kill()
                status = process.wait()
            if not self._is_ending.wait(_PAUSE):
                self.ends.append(status)


@contextmanager
def supervised(count: int, slots: int, environment: dict[str, str], folder: Path, python: str) -> Iterator[Supervisor]:
    """Keep workers running while the block runs.

    Args:
        count: How many.
        slots: How many jobs each runs at a time.
        environment: Their environment.
        folder: Where their logs are written.
        python: The interpreter, or what stands in for it.
    """
    supervisor = Supervisor(count, slots, environment, folder, python)
    supervisor.start()
    try:
        yield supervisor
    finally:
        supervisor.kill()
