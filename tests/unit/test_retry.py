"""Whether a call may be sent again, and when."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartkasa_async.retry import (
    Failure,
    RetryPolicy,
    hides_outcome,
    may_repeat,
    parse_retry_after,
    wait_before_retry,
)

_NOW = datetime(2026, 10, 21, 7, 28, tzinfo=UTC)
_KINDS = st.builds(Failure, st.sampled_from(["unsent", "lost"]))
_STATUSES = st.builds(
    Failure, st.just("status"), st.integers(300, 599), st.none() | st.floats(0, 1000, allow_nan=False)
)
_FAILURES = st.one_of(_KINDS, _STATUSES)
_CLASSES = st.sampled_from(["safe", "unsent-only"])

RetryClass = Literal["safe", "unsent-only"]


@pytest.mark.parametrize(
    ("failure", "safe", "unsent_only", "hidden"),
    [
        (Failure("unsent"), True, True, False),
        (Failure("lost"), True, False, True),
        (Failure("status", 408), True, False, False),
        (Failure("status", 429), True, True, False),
        (Failure("status", 429, 5), True, True, False),
        (Failure("status", 500), True, False, False),
        (Failure("status", 502), True, False, True),
        (Failure("status", 503), True, False, True),
        (Failure("status", 503, 5), True, True, False),
        (Failure("status", 504), True, False, True),
        (Failure("status", 504, 5), True, False, True),
        (Failure("status", 400), False, False, False),
        (Failure("status", 401), False, False, False),
        (Failure("status", 404), False, False, False),
        (Failure("status", 422), False, False, False),
        (Failure("status", 501), False, False, False),
    ],
)
def test_retry_class_decides(failure: Failure, *, safe: bool, unsent_only: bool, hidden: bool) -> None:
    assert may_repeat("safe", failure) is safe
    assert may_repeat("unsent-only", failure) is unsent_only
    assert hides_outcome("unsent-only", failure) is hidden
    assert hides_outcome("safe", failure) is False


@given(_CLASSES, _FAILURES)
def test_what_may_have_been_carried_out_is_never_repeated(retry: RetryClass, failure: Failure) -> None:
    assert not (may_repeat(retry, failure) and hides_outcome(retry, failure))


@given(_FAILURES)
def test_safe_class_repeats_whatever_the_other_repeats(failure: Failure) -> None:
    assert may_repeat("safe", failure) or not may_repeat("unsent-only", failure)


@given(st.integers(1, 5000), _FAILURES, st.floats(0, 1))
def test_wait_stays_below_its_bounds(attempt: int, failure: Failure, drawn: float) -> None:
    policy = RetryPolicy(retries=4000)
    wait = wait_before_retry(policy, attempt, failure, lambda low, high: low + drawn * (high - low))
    if attempt > policy.retries or (failure.retry_after or 0) > policy.longest_retry_after:
        assert wait is None
    elif failure.retry_after is not None:
        assert wait == failure.retry_after
    else:
        assert wait is not None
        assert 0 <= wait <= policy.longest_wait


def test_jitter_is_full_and_doubles() -> None:
    drawn: list[tuple[float, float]] = []

    def draw(low: float, high: float) -> float:
        drawn.append((low, high))
        return high

    policy = RetryPolicy(retries=9, first_wait=0.5, longest_wait=6)
    waits = [wait_before_retry(policy, attempt, Failure("lost"), draw) for attempt in range(1, 7)]
    assert waits == [0.5, 1, 2, 4, 6, 6]
    assert {low for low, _ in drawn} == {0}


def test_no_retries_means_none() -> None:
    assert wait_before_retry(RetryPolicy(retries=0), 1, Failure("unsent"), random.uniform) is None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "120"}, 120),
        ({"Retry-After": "0"}, 0),
        ({"Retry-After": "1.5"}, 1.5),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:30 GMT"}, 30),
        ({"Retry-After": "Wed, 21 Oct 2026 10:28:30 +0300"}, 30),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:30 -0000"}, 30),
        ({"Retry-After": "Wed, 21 Oct 2026 07:27:00 GMT"}, 0),
        ({"Retry-After-Ms": "1500", "Retry-After": "9"}, 1.5),
        ({"Retry-After-Ms": "soon", "Retry-After": "9"}, 9),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "inf"}, None),
        ({"Retry-After": ""}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "Mon, 99 Foo 2026 25:00:00 GMT"}, None),
        ({"Retry-After": "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"}, None),
    ],
)
def test_retry_after_is_read_in_its_forms(headers: dict[str, str], seconds: float | None) -> None:
    assert parse_retry_after(headers, _NOW) == seconds


@given(st.text())
def test_any_retry_after_is_survived(value: str) -> None:
    for name in ("Retry-After", "Retry-After-Ms"):
        seconds = parse_retry_after({name: value}, _NOW)
        assert seconds is None or 0 <= seconds < float("inf")


@given(st.integers(0, 10**7))
def test_date_and_seconds_say_the_same(seconds: int) -> None:
    date = format_datetime(_NOW + timedelta(seconds=seconds), usegmt=True)
    assert parse_retry_after({"Retry-After": date}, _NOW) == parse_retry_after({"Retry-After": str(seconds)}, _NOW)
