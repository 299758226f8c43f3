"""A worker: takes jobs from the queues that it serves, and tops the queue up while it has slots to spare.

It ends where the database is lost, and its supervisor starts it anew. Stopped, it gives back within 30 seconds what it
has not finished. While it works, its loop is never blocked: what costs much Python runs in other processes.
"""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn
from uuid import uuid4

import anyio

from smartkasa_async._i18n.message import msg
from smartkasa_async.fleet.dispatch import Dispatcher
from smartkasa_async.fleet.errors import FleetDatabaseError
from smartkasa_async.fleet.queue import Queue
from smartkasa_async.fleet.runs import Runner
from smartkasa_async.fleet.state import read_policy
from smartkasa_async.fleet.work import DISPATCH_QUEUE, QueueName

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from smartkasa_async.fleet.database import Database
    from smartkasa_async.fleet.policy import Policy
    from smartkasa_async.fleet.runs import Held, Result
    from smartkasa_async.fleet.work import TaskName

_HEARTBEATS = 5
"""How often a worker is seen until it would count as silent."""


def connections_for(slots: int) -> int:
    """Return how many connections a worker needs: a job holds one while it renews tokens, and uses another."""
    return 2 * slots + 6


def store_connections_for(slots: int) -> int:
    """Return how many connections to the store a worker needs: a job writes by one, and reads by another."""
    return 2 * slots


class Worker:
    """A worker of a fleet.

    Args:
        database: The fleet's database, open, with `connections_for` its slots.
        make_work: Makes what does the tasks, by the fleet's policy.
        slots: How many jobs it runs at a time.
        queues: The queues that it serves.
        name: What its name begins with, which ends in a few random characters; None for host and process.
    """

    def __init__(
        self,
        database: Database,
        make_work: Callable[[Policy], Callable[[TaskName, Held], Awaitable[Result]]],
        *,
        slots: int,
        queues: Sequence[QueueName] = tuple(QueueName),
        name: str | None = None,
    ) -> None:
        self._database = database
        self._make_work = make_work
        self._slots = slots
        self._queues = tuple(queues)
        self.name = f"{name or f'{socket.gethostname()}:{os.getpid()}'}:{uuid4().hex[:6]}"
        self._running = 0
        self._has_ended = asyncio.Event()

    async def run(self) -> NoReturn:
        """Work until it is cancelled, which gives back what is not finished.

        Raises:
            FleetDatabaseError: The fleet's database was lost.
            FleetError: The fleet's tables are missing or of another release.
        """
        policy = await read_policy(self._database)
        runner = Runner(self._database, policy, self.name, self._make_work(policy))

        loss: asyncio.Future[FleetDatabaseError] = asyncio.get_running_loop().create_future()

        async def carry_out(task: TaskName, account_id: int, job_id: int) -> None:
            self._running += 1
            try:
                await runner.carry_out(task, account_id, job_id)
            except FleetDatabaseError as error:  # which procrastinate would log, to begin the job anew at once
                if not loss.done():
                    loss.set_result(error)
                raise
            finally:
                self._running -= 1
                self._has_ended.set()

        async def dispatch() -> None:
            await dispatcher.dispatch()

        queue = Queue(self._database, carry_out, dispatch)
        dispatcher = Dispatcher(self._database, queue, policy)
        await queue.open()
        await self._register()
        try:
            async with asyncio.TaskGroup() as group:
                queues = [str(name) for name in self._queues]
                group.create_task(self._serve(queue, queues, self._slots, policy))
                group.create_task(self._serve(queue, [DISPATCH_QUEUE], 1, policy))
                group.create_task(self._be_seen(policy))
                group.create_task(self._top_up(dispatcher, policy))
                group.create_task(_end_when_lost(loss))
        except* FleetDatabaseError as errors:
            raise _first(errors) from errors
        finally:
            with anyio.CancelScope(shield=True), suppress(FleetDatabaseError):
                await self._unregister()
        raise _lost()

    async def _serve(self, queue: Queue, queues: list[str], slots: int, policy: Policy) -> None:
        """Let procrastinate fetch and run jobs; where it ends by itself, the database was lost."""
        with self._database.reporting_queue(), self._database.reporting():
            await queue.app.run_worker_async(
                queues=queues,
                name=self.name,
                concurrency=slots,
                install_signal_handlers=False,
                shutdown_graceful_timeout=policy.finish_within,
                delete_jobs="always",
                update_heartbeat_interval=policy.worker_silent_after / _HEARTBEATS,
                stalled_worker_timeout=policy.worker_silent_after,
            )
        raise _lost()

    async def _be_seen(self, policy: Policy) -> None:
        while True:
            await asyncio.sleep(policy.worker_silent_after / _HEARTBEATS)
            await self._register()

    async def _top_up(self, dispatcher: Dispatcher, policy: Policy) -> None:
        """Ask for more work when jobs have ended, and now and then, while there are slots to spare."""
        while True:
            if self._running < self._slots:
                await dispatcher.fill()
            await asyncio.sleep(policy.top_up_every / _HEARTBEATS)
            self._has_ended.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(policy.top_up_every):
                    await self._has_ended.wait()

    async def _register(self) -> None:
        now = self._database.now()
        await self._database.execute(
            "INSERT INTO workers VALUES (%s, %s, %s, %s, %s, %s, %s)"
            " ON CONFLICT (worker) DO UPDATE SET seen_at = excluded.seen_at",
            [
                self.name,
                socket.gethostname(),
                os.getpid(),
                self._slots,
                [str(queue) for queue in self._queues],
                now,
                now,
            ],
        )

    async def _unregister(self) -> None:
        await self._database.execute("DELETE FROM workers WHERE worker = %s", [self.name])


async def _end_when_lost(loss: asyncio.Future[FleetDatabaseError]) -> NoReturn:
    raise await loss


def _lost() -> FleetDatabaseError:
    return FleetDatabaseError(msg("The worker lost the fleet's database; start it anew when the database is there"))


def _first(errors: BaseExceptionGroup[FleetDatabaseError]) -> FleetDatabaseError:
    inner: BaseException = errors
    while isinstance(inner, BaseExceptionGroup):
        inner = inner.exceptions[0]
    assert isinstance(inner, FleetDatabaseError)  # noqa: S101  (by the clause that caught it)
    return inner
