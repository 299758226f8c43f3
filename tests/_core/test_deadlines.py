"""Many deadlines under one timer end what takes too long, each at its own moment, and nothing else."""

from __future__ import annotations

import asyncio

import pytest

from smartkasa_async._core.deadlines import Deadlines

_SOON = 0.01
_NEVER = 3600.0


async def _bounded(deadlines: Deadlines, seconds: float, ended: list[float]) -> None:
    try:
        with deadlines.until(asyncio.get_running_loop().time() + seconds):
            await asyncio.Event().wait()
    except TimeoutError:
        ended.append(seconds)


async def test_each_ends_and_none_before_its_own_moment() -> None:
    deadlines, ended = Deadlines(), list[float]()
    loop = asyncio.get_running_loop()
    lengths = [_SOON * number for number in (5, 1, 3, 2, 4)]

    async def lateness(seconds: float) -> float:
        moment = loop.time() + seconds
        await _bounded(deadlines, seconds, ended)
        return loop.time() - moment

    async with asyncio.timeout(10):
        late = await asyncio.gather(*map(lateness, lengths))
    assert sorted(ended) == sorted(lengths)
    assert min(late) >= 0


async def test_what_is_done_in_time_is_left_alone() -> None:
    deadlines, ended = Deadlines(), list[float]()
    with deadlines.until(asyncio.get_running_loop().time() + 2 * _SOON):
        pass
    async with asyncio.timeout(10):
        await _bounded(deadlines, 4 * _SOON, ended)  # the timer of the first rings meanwhile
        await _bounded(deadlines, _SOON, ended)
    assert ended == [4 * _SOON, _SOON]


async def test_a_later_deadline_does_not_put_off_an_earlier_one() -> None:
    deadlines, ended = Deadlines(), list[float]()
    late = asyncio.ensure_future(_bounded(deadlines, _NEVER, ended))
    async with asyncio.timeout(10):
        await _bounded(deadlines, _SOON, ended)
    late.cancel()
    with pytest.raises(asyncio.CancelledError):
        await late
    assert ended == [_SOON]


async def test_who_is_cancelled_by_others_too_stays_cancelled() -> None:
    deadlines, ended = Deadlines(), list[float]()
    loop = asyncio.get_running_loop()
    moment = loop.time() + _SOON

    async def bounded() -> None:
        with deadlines.until(moment):
            await asyncio.Event().wait()
        ended.append(_SOON)

    task = asyncio.ensure_future(bounded())
    await asyncio.sleep(0)
    rung = loop.create_future()
    loop.call_at(moment, task.cancel)
    loop.call_at(moment, rung.set_result, None)
    await rung
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == []


async def test_an_expired_task_can_go_on() -> None:
    deadlines, ended = Deadlines(), list[float]()
    await _bounded(deadlines, _SOON, ended)
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
    async with asyncio.timeout(10):
        await _bounded(deadlines, 0, ended)
    assert ended == [_SOON, 0]


async def test_deadlines_nest_and_the_outer_one_ends_both() -> None:
    deadlines, now = Deadlines(), asyncio.get_running_loop().time()
    ended: list[float] = []
    with pytest.raises(TimeoutError), deadlines.until(now + _SOON):
        await _bounded(deadlines, _NEVER, ended)
    assert ended == []


async def test_errors_of_the_block_come_through() -> None:
    deadlines = Deadlines()
    with pytest.raises(KeyError), deadlines.until(asyncio.get_running_loop().time() + _NEVER):
        raise KeyError
