"""Bounded concurrency, retries of what may be repeated, and a limit that follows what the service takes well."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

import anyio
from anyio import current_time

from smartkasa_async._core.pacing import OVERLOADED, AdaptiveLimit
from smartkasa_async._support.arguments import MOST_CONCURRENT, check_whole
from smartkasa_async.events import ResponseEvent
from smartkasa_async.retry import TRANSIENT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

    from smartkasa_async.events import Event

JobT = TypeVar("JobT")
ResultT = TypeVar("ResultT")

_ATTEMPTS = 5


async def run_concurrently(work: Callable[[JobT], Awaitable[None]], jobs: Iterable[JobT], *, concurrency: int) -> None:
    """Run jobs concurrently, in their order.

    Args:
        work: Runs one job.
        jobs: Taken one by one, when there is room for them.
        concurrency: Maximum number of concurrent jobs.

    Raises:
        Exception: The first error of a job, as it is; the other jobs are cancelled.
    """
    check_whole("concurrency", concurrency, most=MOST_CONCURRENT)
    queue = iter(jobs)

    async def run_next() -> None:
        for job in queue:
            await work(job)

    try:
        async with anyio.create_task_group() as group:
            for _ in range(concurrency):
                group.start_soon(run_next)
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from errors


async def retry_transient(work: Callable[[], Awaitable[ResultT]]) -> ResultT:
    """Retry work that may be repeated, up to five attempts; the client has already waited between them.

    Raises:
        Exception: The error of the last attempt.
    """
    for _ in range(_ATTEMPTS - 1):
        try:
            return await work()
        except TRANSIENT:
            continue
    return await work()


_OK = 200


class Throttle:
    """Admits as many tasks at once as the service takes well at the moment."""

    def __init__(self, most: int) -> None:
        self._adaptive = AdaptiveLimit(most=most)
        self._limiter = anyio.CapacityLimiter(self._adaptive.limit)

    def observe(self, event: Event) -> None:
        """Learn from the client's events that the service is overloaded."""
        if isinstance(event, ResponseEvent) and event.status in OVERLOADED:
            self._learn(event.status, event.seconds)

    @property
    def limit(self) -> int:
        """How many may be inside at the moment."""
        return self._adaptive.limit

    @asynccontextmanager
    async def permit(self, *, is_usual: bool = True) -> AsyncIterator[None]:
        """Wait for a permit, and hold it while the block runs; a task holds one at a time.

        Args:
            is_usual: Whether the block takes as long as others do, if it succeeds; only such ones distinguish a slow
                service from a large call.
        """
        async with self._limiter:
            started = current_time()
            yield
            if is_usual:
                self._learn(_OK, current_time() - started)

    def _learn(self, status: int, seconds: float) -> None:
        self._adaptive.observe(status, seconds)
        self._limiter.total_tokens = self._adaptive.limit
