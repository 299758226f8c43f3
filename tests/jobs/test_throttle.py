"""How many writes go at once: as many as the service takes well."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from smartkasa_async.events import ResponseEvent
from smartkasa_async.jobs.concurrency import Throttle

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(autouse=True)
def _still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smartkasa_async.jobs.concurrency.current_time", lambda: 0.0)


async def crowd(throttle: Throttle, tasks: int, during: Callable[[int], None] = lambda number: None) -> list[int]:
    """Send tasks through, and tell how many were inside when each was."""
    inside = 0
    seen: list[int] = []

    async def one(number: int) -> None:
        nonlocal inside
        async with throttle.permit():
            inside += 1
            seen.append(inside)
            during(number)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(one(number) for number in range(tasks)))
    return seen


async def test_it_begins_with_one_and_grows_to_the_bound() -> None:
    seen = await crowd(Throttle(4), 100)

    assert seen[0] == 1
    assert max(seen) == 4


async def test_a_pressed_service_is_given_less() -> None:
    throttle = Throttle(8)
    await crowd(throttle, 100)

    for _ in range(3):
        for _ in range(8):
            throttle.observe(
                ResponseEvent("createProductBatch", 1, 1, status=429, seconds=0.0, size=0, request_id=None)
            )

    assert throttle.limit == 1
    assert max(await crowd(throttle, 2)) <= 2


async def test_other_answers_are_not_counted_twice() -> None:
    throttle = Throttle(8)

    for _ in range(50):
        throttle.observe(ResponseEvent("createProductBatch", 1, 1, status=201, seconds=0.0, size=0, request_id=None))

    assert throttle.limit == 1


async def test_a_failure_and_an_unusual_call_teach_nothing() -> None:
    throttle = Throttle(8)
    for _ in range(50):
        with pytest.raises(LookupError):
            async with throttle.permit():
                raise LookupError
        async with throttle.permit(is_usual=False):
            pass

    assert throttle.limit == 1


async def test_one_that_is_cancelled_while_it_waits_leaves_its_turn_to_the_next() -> None:
    throttle = Throttle(1)
    release = asyncio.Event()

    async def hold() -> None:
        async with throttle.permit():
            await release.wait()

    async def pass_through() -> str:
        async with throttle.permit():
            return "through"

    holder = asyncio.create_task(hold())
    await asyncio.sleep(0)
    waiting = [asyncio.create_task(pass_through()) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    release.set()
    await asyncio.sleep(0)
    waiting[1].cancel()

    assert await waiting[2] == "through"
    await holder
