"""The adaptive limit."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

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
