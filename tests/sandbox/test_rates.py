"""How fast requests come and may come."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartkasa_async.sandbox import RateLimit
from smartkasa_async.sandbox.rates import TokenBucket, most_within


def test_a_burst_goes_through_and_the_rest_waits_for_its_turn() -> None:
    bucket = TokenBucket(RateLimit(per_second=2, burst=3))
    assert [bucket.take(100.0) for _ in range(4)] == [0, 0, 0, 0.5]
    assert bucket.take(100.25) == 0.25
    assert [bucket.take(100.5) for _ in range(2)] == [0, 0.5]


def test_what_comes_at_the_pace_is_never_refused() -> None:
    bucket = TokenBucket(RateLimit(per_second=3))
    assert not any(bucket.take(1_000_000 + step / 3) for step in range(1000))


def test_a_long_pause_gives_no_more_than_the_burst() -> None:
    bucket = TokenBucket(RateLimit(per_second=10, burst=2))
    bucket.take(0.0)
    assert [bucket.take(3600.0) > 0 for _ in range(3)] == [False, False, True]


@given(st.lists(st.integers(0, 40), max_size=30), st.integers(1, 4), st.integers(1, 5))
def test_no_span_holds_more_than_burst_and_pace_allow(gaps: list[int], per_second: int, burst: int) -> None:
    bucket = TokenBucket(RateLimit(per_second=per_second, burst=burst))
    now = 0.0
    passed = []
    for gap in gaps:
        now += gap / 16
        if bucket.take(now) == 0:
            passed.append(now)
    for seconds in (0.0, 0.5, 1.0, 3.0):
        assert most_within(passed, seconds) <= burst + per_second * seconds


@given(st.lists(st.integers(0, 50), max_size=20), st.integers(0, 20))
def test_the_busiest_span_is_that_of_a_slow_count(times: list[int], seconds: int) -> None:
    times.sort()
    counts = [sum(start <= time <= start + seconds for time in times) for start in times]
    assert most_within(times, seconds) == max(counts, default=0)


def test_limits_that_let_nothing_through_are_refused() -> None:
    for per_second in (0.0, -1.0, float("inf"), float("nan")):
        with pytest.raises(ValueError, match=f"per_second is {per_second}: use a number above 0"):
            RateLimit(per_second=per_second)
    with pytest.raises(ValueError, match="burst is 0: no request would be answered; use 1 or more"):
        RateLimit(per_second=1, burst=0)
