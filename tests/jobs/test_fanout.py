from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import pytest

from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.jobs.concurrency import run_concurrently

if TYPE_CHECKING:
    from collections.abc import Iterator


async def test_jobs_run_side_by_side_and_no_more_than_allowed() -> None:
    running = most = 0
    all_three = anyio.Event()
    done: list[int] = []

    async def work(job: int) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        if running == 3:
            all_three.set()
        await all_three.wait()
        running -= 1
        done.append(job)

    await run_concurrently(work, range(10), concurrency=3)

    assert most == 3
    assert sorted(done) == list(range(10))


async def test_jobs_are_taken_one_by_one() -> None:
    taken: list[int] = []

    def jobs() -> Iterator[int]:
        for number in range(1000):
            taken.append(number)
            yield number

    async def work(job: int) -> None:
        if job == 1:
            raise LookupError

    with pytest.raises(LookupError):
        await run_concurrently(work, jobs(), concurrency=1)
    assert taken == [0, 1]


async def test_the_first_error_comes_as_it_is_and_ends_the_others() -> None:
    ended: list[str] = []

    async def work(job: str) -> None:
        if job == "bad":
            raise LookupError("no such shop")
        try:
            await anyio.sleep_forever()
        finally:
            ended.append(job)

    with pytest.raises(LookupError, match="no such shop"):
        await run_concurrently(work, ["good", "bad"], concurrency=2)
    assert ended == ["good"]


async def test_a_concurrency_of_nothing_is_refused() -> None:
    async def work(job: int) -> None: ...

    with pytest.raises(InvalidRequestError, match="concurrency is 0"):
        await run_concurrently(work, [1], concurrency=0)
