"""Jobs carried out by forks of one interpreter, each in a process of its own that can be killed at any moment.

Reads jobs from the standard input, one JSON object in a line. Each is carried out by a fork, so that the interpreter
starts only once; its process id is told at once, its exit status when it has ended.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from typing import TYPE_CHECKING, Literal, TypeVar

import msgspec

from smartkasa_async.errors import SmartKasaError
from smartkasa_async.events import RequestEvent, ResponseEvent

if TYPE_CHECKING:
    from collections.abc import Callable

    from smartkasa_async.events import Event

__all__ = ["STOPPED", "Death", "Mortal", "carry_out_jobs"]

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


def carry_out_jobs(job_type: type[JobT], work: Callable[[JobT], int]) -> None:
    """Carry out all jobs that come, one after another.

    Args:
        job_type: What a line is.
        work: Does a job and returns the exit status.
    """
    decoder = msgspec.json.Decoder(job_type)
    for line in sys.stdin.buffer:
        job = decoder.decode(line)
        process = os.fork()
        if process == 0:
            status = _carry_out(work, job)
            sys.stderr.flush()
            os._exit(status)
        print(process, flush=True)  # noqa: T201
        print(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), flush=True)  # noqa: T201


def _carry_out(work: Callable[[JobT], int], job: JobT) -> int:
    try:
        return work(job)
    except SmartKasaError as error:
        sys.stderr.write(f"{error}\n")
        return STOPPED
    except BaseException:  # noqa: BLE001  (the fork must not go on as its parent)
        traceback.print_exc()
        return 1
