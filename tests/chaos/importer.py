"""Imports in a process of their own, which can be killed at any moment.

    python -m tests.chaos.importer

Reads jobs from its input, one JSON object in a line. Each is carried out by a fork, so that the interpreter starts only
once; its process id is told at once, its exit status when it has ended.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from smartkasa_async import RetryPolicy, SmartKasa
from smartkasa_async.catalog import import_products
from smartkasa_async.errors import SmartKasaError
from smartkasa_async.events import RequestEvent, ResponseEvent
from tests.chaos.inspection import collect

if TYPE_CHECKING:
    from smartkasa_async.events import Event
    from tests.chaos.inspection import Told

__all__ = ["STOPPED", "Death", "Job"]

STOPPED = 3
"""Exit status of an import that ended with an error after which it can go on."""


class Death(msgspec.Struct, frozen=True):
    """When the importer kills itself.

    Attributes:
        event: Before a request is sent, or after an answer has come and before anybody has seen it.
        operation: The operation whose requests count; None for all.
        count: Which one it dies of, from 1.
    """

    event: Literal["request", "response"]
    operation: str | None
    count: int


class Job(msgspec.Struct, frozen=True):
    """One start of the importer.

    Attributes:
        base_url: The sandbox's address.
        api_key: Its key.
        phone_number: Its user.
        password: The user's password.
        source: Path of the price list.
        journal: Path of the journal.
        outcomes: Path of the file to write outcomes to, when the import has ended.
        settle_after: The import's argument, seconds.
        death: When it kills itself; None for never.
    """

    base_url: str
    api_key: str
    phone_number: str
    password: str
    source: str
    journal: str
    outcomes: str
    settle_after: float
    death: Death | None = None


async def _import(job: Job) -> list[Told]:
    async with SmartKasa(
        base_url=job.base_url,
        api_key=job.api_key,
        phone_number=job.phone_number,
        password=job.password,
        retry=RetryPolicy(first_wait=0.02),
        on_event=_Mortal(job.death) if job.death else None,
    ) as kasa:
        return await collect(import_products(kasa, job.source, journal=job.journal, settle_after=job.settle_after))


class _Mortal:
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


def _carry_out(job: Job) -> int:
    try:
        told = asyncio.run(_import(job))
        Path(job.outcomes).write_bytes(msgspec.json.encode(told))
    except SmartKasaError as error:
        sys.stderr.write(f"{error}\n")
        return STOPPED
    except BaseException:  # noqa: BLE001  (the fork must not go on as its parent)
        traceback.print_exc()
        return 1
    return 0


def _main() -> None:
    decoder = msgspec.json.Decoder(Job)
    for line in sys.stdin.buffer:
        job = decoder.decode(line)
        process = os.fork()
        if process == 0:
            status = _carry_out(job)
            sys.stderr.flush()
            os._exit(status)
        print(process, flush=True)  # noqa: T201
        print(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), flush=True)  # noqa: T201


if __name__ == "__main__":
    _main()
