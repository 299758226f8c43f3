"""Permits go to who waits longest, and none is lost by who is cancelled."""

from __future__ import annotations

import asyncio

import pytest

from smartkasa_async._core.permits import Permits


async def _waiting(permits: Permits, names: str, given: list[str]) -> list[asyncio.Task[None]]:
    async def take(name: str) -> None:
        await permits.take()
        given.append(name)

    tasks = [asyncio.create_task(take(name)) for name in names]
    await asyncio.sleep(0)
    return tasks


async def test_as_many_as_there_are_are_free() -> None:
    permits = Permits(2)
    assert [permits.take_free() for _ in range(3)] == [True, True, False]
    permits.release()
    await permits.take()
    assert not permits.take_free()


async def test_who_waits_longest_is_next_and_nobody_passes() -> None:
    permits, given = Permits(1), list[str]()
    assert permits.take_free()
    tasks = await _waiting(permits, "abc", given)
    for expected in ("a", "ab", "abc"):
        permits.release()
        assert not permits.take_free()
        await asyncio.sleep(0)
        assert "".join(given) == expected
    await asyncio.gather(*tasks)
    permits.release()
    assert permits.take_free()


@pytest.mark.parametrize("is_handed_over", [False, True], ids=["while waiting", "with the permit on its way"])
async def test_who_is_cancelled_takes_none(is_handed_over: bool) -> None:
    permits, given = Permits(1), list[str]()
    assert permits.take_free()
    first, second = await _waiting(permits, "ab", given)
    if is_handed_over:
        permits.release()
        first.cancel()
    else:
        first.cancel()
        permits.release()
    await second
    assert given == ["b"]
    assert first.cancelled()
    permits.release()
    assert [permits.take_free() for _ in range(2)] == [True, False]
