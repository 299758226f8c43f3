"""Starts jobs in processes of their own, and does something to them or to the sandbox at its n-th request."""

from __future__ import annotations

import select
import subprocess
import sys
import time
from asyncio import get_running_loop
from contextlib import closing, contextmanager, suppress
from functools import partial
from itertools import count
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import msgspec

from smartkasa_async.sandbox.faults import Faults
from tests.chaos.forking import Ended, Kill, Start
from tests.support.processes import LONGEST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from smartkasa_async.sandbox import Fault

__all__ = ["KILLED", "Victim", "WatchedFaults", "Worker", "running_worker"]

KILLED = -9  # by SIGKILL, which not every system names
"""Exit status of a process that was killed."""

_ROOT = Path(__file__).parents[2]
_GRACE = 30.0
"""Seconds that the process may take to end or to answer beyond what its job may take."""


class WatchedFaults(Faults):
    """Faults that also do something when a certain request is seen, before any fault affects it."""

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
        """Return the faults of a request, as any faults do."""
        self._seen += 1
        if action := self._actions.pop(self._seen, None):
            action()
        return super().draw(method, path)


class Victim:
    """A job that is to be killed while it runs."""

    def __init__(self) -> None:
        self._kill: Callable[[], object] | None = None

    def begins(self, kill: Callable[[], object]) -> None:
        """Take what kills the job, and does nothing when it has ended."""
        self._kill = kill

    def kill_in(self, seconds: float) -> None:
        """Kill it in the near future, from an event loop."""
        assert self._kill is not None, "no job has begun"
        get_running_loop().call_later(seconds, self._kill)


class Worker:
    """A process that forks a process for each job; see `tests.chaos.forking`.

    Args:
        module: Module that says what a job is.
        limit: Seconds that a job may take.
    """

    def __init__(self, module: str, limit: float = LONGEST) -> None:
        self._command = [sys.executable, "-m", module]
        self._limit = limit
        self._process: subprocess.Popen[bytes] | None = None
        self._ids = count(1)
        self._lock = Lock()  # the one who kills runs in another thread
        self._running: int | None = None

    def run(self, job: msgspec.Struct, victim: Victim | None = None) -> int:
        """Start a job and wait until it has ended.

        Args:
            job: What is to be done.
            victim: What may kill it.

        Returns:
            Its exit status; negative for the signal that killed it.

        Raises:
            AssertionError: The job had not ended at its limit, or the answer is none to it.
        """
        process = self._process = self._process or _start(self._command)
        id_ = next(self._ids)
        try:
            with self._lock:  # whoever kills it waits until it is ordered
                self._running = id_
                if victim is not None:
                    victim.begins(partial(self._kill, id_))
                _send(process, Start(id_, msgspec.Raw(msgspec.json.encode(job)), self._limit))
            ended = _read_answer(process, self._limit + _GRACE)
            assert ended.id == id_, f"{ended} is no answer to job {id_}"
            assert not ended.late, f"the job had not ended after {self._limit} s: {job}"
        except BaseException:  # the next job must not get an answer to this one
            self.close()
            raise
        with self._lock:
            self._running = None
        return ended.status

    def close(self) -> None:
        """End the process, and the job that it may be carrying out."""
        with self._lock:
            self._running = None
            process, self._process = self._process, None
            if process is None:
                return
            assert process.stdin is not None
            process.stdin.close()
        with process:
            try:
                process.wait(_GRACE)
            finally:
                process.kill()

    def _kill(self, id_: int) -> None:
        with self._lock:
            if self._running == id_ and self._process is not None:
                _send(self._process, Kill(id_))


@contextmanager
def running_worker(module: str, limit: float = LONGEST) -> Iterator[Worker]:
    """Have an interpreter ready that carries out jobs.

    Args:
        module: Module that says what a job is.
        limit: Seconds that a job may take.
    """
    with closing(Worker(module, limit)) as worker:
        yield worker


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603  (our own command)
        command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, start_new_session=True
    )


def _send(process: subprocess.Popen[bytes], order: Start | Kill) -> None:
    assert process.stdin is not None
    with suppress(BrokenPipeError):  # whoever waits for an answer says that the process has ended
        process.stdin.write(msgspec.json.encode(order) + b"\n")


def _read_answer(process: subprocess.Popen[bytes], limit: float) -> Ended:
    assert process.stdout is not None
    until = time.monotonic() + limit
    read = b""
    while not read.endswith(b"\n"):
        ready, _, _ = select.select([process.stdout], [], [], max(0.0, until - time.monotonic()))
        assert ready, f"no answer came in {limit} s"
        more = process.stdout.read(65536)
        assert more, f"no answer came: the process ended with status {process.wait(_GRACE)}"
        read += more
    return msgspec.json.decode(read, type=Ended)
