"""The adaptive limit and its gate."""

from __future__ import annotations

import anyio
from hypothesis import given
from hypothesis import strategies as st

from smartkasa_async.gate import AdaptiveGate
from smartkasa_async.pacing import AdaptiveLimit


def grown(limit: AdaptiveLimit, answers: int, seconds: float = 0.1) -> AdaptiveLimit:
    for _ in range(answers):
        limit.observe(201, seconds)
    return limit


def test_it_grows_by_one_a_round_up_to_its_bound() -> None:
    limit = AdaptiveLimit(most=4)
    sizes = []
    for _ in range(12):
        limit.observe(201, 0.1)
        sizes.append(limit.limit)
    assert sizes == [2, 2, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4]


def test_a_refusal_halves_it_once_a_round() -> None:
    limit = grown(AdaptiveLimit(most=16), 200)
    assert limit.limit == 16
    for _ in range(16):
        limit.observe(429, 0.01)
    assert limit.limit == 8
    limit.observe(503, 0.01)
    assert limit.limit == 4


def test_rising_latency_cuts_it_and_a_new_normal_is_learnt() -> None:
    limit = grown(AdaptiveLimit(most=10), 100)
    grown(limit, 10, seconds=0.5)
    assert limit.limit < 10
    grown(limit, 5000, seconds=0.5)
    assert limit.limit == 10


@given(st.lists(st.tuples(st.sampled_from([200, 201, 422, 429, 503]), st.floats(0, 100))), st.integers(1, 9))
def test_it_stays_between_its_bounds(answers: list[tuple[int, float]], least: int) -> None:
    limit = AdaptiveLimit(most=12, least=least)
    for status, seconds in answers:
        limit.observe(status, seconds)
        assert least <= limit.limit <= 12


async def test_the_gate_lets_in_as_many_as_the_limit_says() -> None:
    limit = AdaptiveLimit(most=8, least=2)
    gate, inside, most = AdaptiveGate(limit), 0, 0
    release = anyio.Event()

    async def work() -> None:
        nonlocal inside, most
        async with gate.place():
            inside += 1
            most = max(most, inside)
            await release.wait()
            inside -= 1

    async with anyio.create_task_group() as group:
        for _ in range(6):
            group.start_soon(work)
        await anyio.wait_all_tasks_blocked()
        assert inside == 2
        release.set()
    assert (inside, most) == (0, 2)


async def test_a_cancelled_waiter_gives_its_turn_on() -> None:
    gate = AdaptiveGate(AdaptiveLimit(most=1))
    entered = anyio.Event()

    async def enter() -> None:
        async with gate.place():
            entered.set()

    async with anyio.create_task_group() as group, gate.place():
        waiting = anyio.CancelScope()

        async def give_up() -> None:
            with waiting:
                await enter()

        group.start_soon(give_up)
        await anyio.wait_all_tasks_blocked()
        group.start_soon(enter)
        await anyio.wait_all_tasks_blocked()
        waiting.cancel()
        await anyio.wait_all_tasks_blocked()
        assert not entered.is_set()
    assert entered.is_set()
