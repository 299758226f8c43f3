"""Jobs carried out by forks of one interpreter, each in a process of its own that can be killed at any moment.

Reads orders from the standard input, one JSON object in a line. Each job is carried out by a fork, so that the
interpreter starts only once. Only this process knows the forks' process ids and sends signals to them: an id is theirs
until this process has waited for them. Whoever orders names jobs by ids of its own.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time
import traceback
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Literal, TypeVar

import anyio.lowlevel
import msgspec

from smartkasa_async.errors import SmartKasaError
from smartkasa_async.events import RequestEvent, ResponseEvent
from tests.support.processes import kill_child

if TYPE_CHECKING:
    from collections.abc import Callable

    from smartkasa_async.events import Event

__all__ = ["STOPPED", "Death", "Ended", "Kill", "Mortal", "Start", "carry_out_jobs"]

JobT = TypeVar("JobT")

STOPPED = 3
"""Exit status of a job that ended with an error after which it can go on."""


class Death(msgspec.Struct, frozen=True):
    """When a process kills itself.

    Attributes:
        event: Before a request is sent, or after an answer has come and before anybody has seen it.
        operation: The operation whose requests count; None for all.
        count: Which one it dies of, from 1.
    """

    event: Literal["request", "response"]
    operation: str | None
    count: int


class Mortal:
    """Listens to a client, and dies when the time has come."""

    def __init__(self, death: Death) -> None:
        self._kind: type[Event] = RequestEvent if death.event == "request" else ResponseEvent
        self._operation = death.operation
        self._left = death.count

    def __call__(self, event: Event) -> None:
        if isinstance(event, self._kind) and self._operation in {None, event.operation}:
            self._left -= 1
            if not self._left:
                os.kill(os.getpid(), signal.SIGKILL)


class Start(msgspec.Struct, frozen=True, tag=True):
    """An order: carry out a job.

    Attributes:
        id: The job's.
        job: What is to be done.
        limit: Seconds after which it is killed.
    """

    id: int
    job: msgspec.Raw
    limit: float


class Kill(msgspec.Struct, frozen=True, tag=True):
    """An order: kill a job where it has not ended.

    Attributes:
        id: The job's.
    """

    id: int


class Ended(msgspec.Struct, frozen=True):
    """The answer when a job has ended.

    Attributes:
        id: The job's.
        status: Its exit status; negative for the signal that killed it.
        late: Whether it was killed since it had not ended at its limit.
    """

    id: int
    status: int
    late: bool


def carry_out_jobs(job_type: type[JobT], work: Callable[[JobT], int]) -> None:
    """Carry out all jobs that are ordered, one after another, until the standard input ends; then no job goes on.

    Args:
        job_type: What a job is.
        work: Does a job and returns the exit status.
    """
    anyio.run(anyio.lowlevel.checkpoint)  # imports what each fork would import anew
    answers = os.dup(1)
    os.dup2(2, 1)  # what a job prints is no answer
    orders = _Orders()
    while order := orders.next():
        if isinstance(order, Kill):  # its job has ended
            continue
        job = msgspec.json.decode(order.job, type=job_type)
        alive, dies = os.pipe()
        process = os.fork()
        if process == 0:
            os.close(answers)
            os.close(alive)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # the orders are not the job's to read
            status = _carry_out(work, job)
            sys.stderr.flush()
            os._exit(status)
        os.close(dies)
        late = _watch(order, process, alive, orders)
        os.close(alive)
        status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        with suppress(BrokenPipeError):  # nobody is there any more who ordered it
            os.write(answers, msgspec.json.encode(Ended(order.id, status, late)) + b"\n")


class _Orders:
    """The orders that come by the standard input."""

    def __init__(self) -> None:
        self._decoder = msgspec.json.Decoder(Start | Kill)
        self._waiting: deque[Start | Kill] = deque()
        self._read = b""
        self._ended = False

    def next(self) -> Start | Kill | None:
        """Wait for an order; None when no more can come."""
        while not self._waiting and not self._ended:
            self.read()
        return self._waiting.popleft() if self._waiting and not self._ended else None

    def read(self) -> None:
        """Wait until something comes."""
        more = os.read(0, 65536)
        self._ended = not more
        *lines, self._read = (self._read + more).split(b"\n")
        self._waiting.extend(map(self._decoder.decode, lines))

    def let_die(self, id_: int) -> bool:
        """Tell whether a job is to be killed, by an order or since nobody is there any more who ordered it."""
        return self._ended or Kill(id_) in self._waiting


def _watch(start: Start, process: int, alive: int, orders: _Orders) -> bool:
    """Wait until a job has ended or is to be killed; tell whether it was late."""
    until = time.monotonic() + start.limit
    while not orders.let_die(start.id):
        ready, _, _ = select.select([alive, 0], [], [], max(0.0, until - time.monotonic()))
        if alive in ready:
            return False
        if not ready:
            kill_child(process)
            return True
        orders.read()
    kill_child(process)
    return False


def _carry_out(work: Callable[[JobT], int], job: JobT) -> int:
    try:
        return work(job)
    except SmartKasaError as error:
        sys.stderr.write(f"{error}\n")
        return STOPPED
    except BaseException:  # noqa: BLE001  (the fork must not go on as its parent)
        traceback.print_exc()
        return 1
