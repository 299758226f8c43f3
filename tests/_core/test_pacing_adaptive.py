"""The adaptive limit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartkasa_async._core.pacing import AdaptiveLimit


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


@pytest.mark.parametrize("most", [10, 20, 50])
def test_slow_answers_cut_it_by_a_fifth_once_a_round(most: int) -> None:
    limit = grown(AdaptiveLimit(most=most), most * most)
    seen = [limit.limit]
    for _ in range(2 * most):
        limit.observe(201, 30.0)
        if limit.limit != seen[-1]:
            seen.append(limit.limit)
    assert seen[:2] == [most, most * 4 // 5]
    assert seen[2] == seen[1] * 4 // 5


@pytest.mark.parametrize(("times", "is_slow"), [(1.9, False), (2.6, True)])
def test_only_more_than_twice_the_usual_time_is_slow(times: float, is_slow: bool) -> None:
    limit = grown(AdaptiveLimit(most=5), 100)
    least = limit.limit
    for _ in range(30):
        limit.observe(201, times * 0.1)
        least = min(least, limit.limit)
    assert (least < 5) == is_slow


def test_one_slow_answer_among_quick_ones_is_no_pressure() -> None:
    limit = grown(AdaptiveLimit(most=5), 100)
    limit.observe(201, 0.5)
    assert limit.limit == 5


def test_answers_that_get_quicker_are_the_new_normal_at_once() -> None:
    limit = grown(AdaptiveLimit(most=5), 100, seconds=1.0)
    grown(limit, 40, seconds=0.1)
    grown(limit, 40, seconds=0.5)
    assert limit.limit < 5


def test_growing_begins_anew_after_a_cut() -> None:
    limit = grown(AdaptiveLimit(most=8), 100)
    grown(limit, 7)
    limit.observe(429, 0.1)
    assert limit.limit == 4
    assert [grown(limit, 1).limit for _ in range(5)] == [4, 4, 4, 5, 5]


@given(st.lists(st.tuples(st.sampled_from([200, 201, 422, 429, 503]), st.floats(0, 100))), st.integers(1, 9))
def test_it_stays_between_its_bounds(answers: list[tuple[int, float]], least: int) -> None:
    limit = AdaptiveLimit(most=12, least=least)
    for status, seconds in answers:
        limit.observe(status, seconds)
        assert least <= limit.limit <= 12
