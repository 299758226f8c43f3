"""Work on many shops and windows side by side, bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import anyio

from smartkasa_async._i18n.phrases import argument, phrase
from smartkasa_async.errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

__all__ = ["side_by_side"]

JobT = TypeVar("JobT")


async def side_by_side(work: Callable[[JobT], Awaitable[None]], jobs: Iterable[JobT], *, concurrency: int) -> None:
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
            phrase("{field} is {value}; give a number from 1", field=argument("concurrency"), value=concurrency),
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
