"""What long work is carried out by: side by side, bounded; and again where it may be repeated, not for ever."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

import anyio
from anyio import current_time

from smartkasa_async._core.pacing import OVERLOADED, AdaptiveLimit
from smartkasa_async._i18n.message import argument, msg
from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.events import ResponseEvent
from smartkasa_async.retry import TRANSIENT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

    from smartkasa_async.events import Event

JobT = TypeVar("JobT")
ResultT = TypeVar("ResultT")

_ATTEMPTS = 5


async def run_concurrently(work: Callable[[JobT], Awaitable[None]], jobs: Iterable[JobT], *, concurrency: int) -> None:
    """Carry out jobs in their order, so many at once.

    Args:
        work: Carries out one job.
        jobs: Taken one by one, when there is room for them.
        concurrency: Most jobs at once.

    Raises:
        Exception: The first error of a job, as it is; the other jobs are cancelled.
    """
    if concurrency < 1:
        raise InvalidRequestError(
            msg("{field} is {value}; give a number from 1", field=argument("concurrency"), value=concurrency),
            field="concurrency",
        )
    queue = iter(jobs)

    async def work_off() -> None:
        for job in queue:
            await work(job)

    try:
        async with anyio.create_task_group() as group:
            for _ in range(concurrency):
                group.start_soon(work_off)
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from errors


async def retry_transient(
    work: Callable[[], Awaitable[ResultT]], errors: tuple[type[Exception], ...] = TRANSIENT
) -> ResultT:
    """Do something that may be repeated, up to five times; the client has waited in between already.

    Args:
        work: What to do.
        errors: What it may end with and be done again.

    Raises:
        Exception: What the last attempt ended with.
    """
    for _ in range(_ATTEMPTS - 1):
        try:
            return await work()
        except errors:
            continue
    return await work()


_OK = 200


class Throttle:
    """Admits as many tasks at once as the service takes well at the moment.

    Args:
        most: Upper bound.
    """

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
            is_usual: Whether the block takes as long as others do, if it succeeds; only such ones tell a slow service
                from a large call.
        """
        async with self._limiter:
            started = current_time()
            yield
            if is_usual:
                self._learn(_OK, current_time() - started)

    def _learn(self, status: int, seconds: float) -> None:
        self._adaptive.observe(status, seconds)
        self._limiter.total_tokens = self._adaptive.limit
