"""An even rate of calls."""

from __future__ import annotations

from bisect import bisect_left
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartkasa_async._core.pacing import Pace

_START = 1000.0


def test_calls_are_spaced_evenly_from_the_first() -> None:
    pace = Pace(4)
    assert [pace.reserve(_START) for _ in range(4)] == pytest.approx([0, 0.25, 0.5, 0.75])


def test_a_pause_earns_nothing() -> None:
    pace = Pace(2)
    pace.reserve(_START)
    assert [pace.reserve(_START + 3600) for _ in range(3)] == pytest.approx([0, 0.5, 1.0])


@given(st.floats(0.1, 200), st.lists(st.floats(0, 2), min_size=1, max_size=200))
def test_no_span_holds_more_than_its_share(rate: float, gaps: list[float]) -> None:
    """In any span of t seconds there are at most rate·t calls, and the one that it begins with."""
    pace = Pace(rate)
    now = _START
    sent = []
    for gap in gaps:
        now += gap
        sent.append(now + pace.reserve(now))
    assert sent == sorted(sent)
    for span in (0.5, 1.0, 5.0):
        for index, moment in enumerate(sent):
            count = bisect_left(sent, moment + span) - index
            assert count <= rate * span + 1 + 1e-6


@given(st.floats(0.1, 200), st.integers(1, 300))
def test_waiting_callers_are_spaced_evenly(rate: float, calls: int) -> None:
    pace = Pace(rate)
    waits = [wait for wait in (pace.reserve(_START) for _ in range(calls)) if wait > 0]
    steps = [later - earlier for earlier, later in pairwise(waits)]
    assert steps == pytest.approx([1 / rate] * len(steps))
