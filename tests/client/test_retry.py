"""Whether a call may be sent again, and when."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, Literal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smartkasa_async._generated import operations
from smartkasa_async.errors import ConfigurationError
from smartkasa_async.retry import (
    Failure,
    RetryPolicy,
    is_refusal,
    may_repeat,
    parse_retry_after,
    wait_before_retry,
)

if TYPE_CHECKING:
    from smartkasa_async.operations import Operation

_NOW = datetime(2026, 10, 21, 7, 28, tzinfo=UTC)
_KINDS = st.builds(Failure, st.sampled_from(["unsent", "untrusted", "lost", "unusable"]))
_STATUSES = st.builds(
    Failure,
    st.just("status"),
    st.integers(100, 999),
    st.none() | st.floats(0, 1000, allow_nan=False),
    has_reason=st.booleans(),
)
_FAILURES = st.one_of(_KINDS, _STATUSES)
_OPERATIONS = st.sampled_from(operations.ALL)

_SINGLE = [operations.CREATE_PRODUCT, operations.DELETE_PRODUCT, operations.UPDATE_STOCK_CARD]
_BATCH = [
    operations.CREATE_PRODUCT_BATCH,
    operations.CREATE_CATEGORY_BATCH,
    operations.CREATE_RECEIPT_BATCH,
    operations.DELETE_PRODUCT_BATCH,
    operations.DELETE_CATEGORY_BATCH,
    operations.DELETE_RECEIPT_BATCH,
]


def status(*codes: int, retry_after: float | None = None, has_reason: bool = False) -> list[Failure]:
    return [Failure("status", code, retry_after, has_reason=has_reason) for code in codes]


@pytest.mark.parametrize(
    ("failures", "read", "single", "batch"),
    [
        # What becomes of a call after one attempt: `again` as it is sent again, `no` as it was surely not carried out,
        # and `?` as nobody knows; of a read only whether it is sent again.
        ([Failure("unsent")], "again", "again", "again"),
        ([Failure("untrusted")], "no", "no", "no"),
        ([Failure("lost")], "again", "?", "?"),
        ([Failure("unusable")], "no", "?", "?"),
        (status(100, 101, 103), "no", "?", "?"),
        (status(301, 302, 303, 304, 307, 308, has_reason=True), "no", "?", "?"),
        (status(400, 401, 403, 404, 413, 415, 422, has_reason=True), "no", "no", "no"),
        (status(400, 401, 403, 404, 413, 415, 422), "no", "no", "?"),
        (status(402, 405, 406, 407, 409, 410, 411, 412, 414, 416, 421, 423, 424, 428, 431), "no", "no", "?"),
        (status(409, 410, 424, 451, has_reason=True), "no", "no", "?"),
        (status(408, 425), "again", "?", "?"),
        (status(408, 425, has_reason=True), "again", "?", "?"),
        (status(460, 499), "no", "?", "?"),
        (status(429), "again", "again", "?"),
        (status(429, retry_after=5.0, has_reason=True), "again", "again", "?"),
        (status(500, 502, 503, 504), "again", "?", "?"),
        (status(500, 502, 503, 504, retry_after=5.0, has_reason=True), "again", "?", "?"),
        (status(*range(520, 528), 529, 530, 598, 599, has_reason=True), "again", "?", "?"),
        (status(501, 505, 506, 507, 508, 509, 510, 511, 519, 528, 531, 561, 597), "no", "?", "?"),
        (status(600, 999), "no", "?", "?"),
    ],
)
def test_what_a_failure_means(failures: list[Failure], read: str, single: str, batch: str) -> None:
    def meaning(operation: Operation[Any], failure: Failure) -> str:
        if may_repeat(operation, failure):
            return "again"
        return "no" if is_refusal(operation, failure) or not operation.is_write else "?"

    operation: Operation[Any]
    for failure in failures:
        for operation in (operations.LIST_PRODUCTS, operations.CREATE_SESSION):
            assert meaning(operation, failure) == read, (operation.id, failure)
        assert may_repeat(operations.UPDATE_PRODUCT, failure) is (read == "again")
        assert is_refusal(operations.UPDATE_PRODUCT, failure) is is_refusal(operations.CREATE_PRODUCT, failure)
        for operation in _SINGLE:
            assert meaning(operation, failure) == single, (operation.id, failure)
        for operation in _BATCH:
            assert meaning(operation, failure) == batch, (operation.id, failure)


def test_batches_are_the_operations_of_many_records() -> None:
    assert [o for o in operations.ALL if o.is_batch] == [o for o in operations.ALL if o.name.endswith("_batch")]
    assert {o.id for o in _BATCH} == {o.id for o in operations.ALL if o.is_batch}


def test_writes_are_all_that_changes_something() -> None:
    assert {o.id for o in operations.ALL if o.retry == "unsent-only"} <= {o.id for o in operations.ALL if o.is_write}
    assert [o.id for o in operations.ALL if not o.is_write and o.method != "GET"] == ["createSession"]


@given(_OPERATIONS, _FAILURES)
def test_what_may_have_been_carried_out_is_repeated_only_where_that_does_no_harm(
    operation: Operation[Any], failure: Failure
) -> None:
    assert is_refusal(operation, failure) or operation.retry == "safe" or not may_repeat(operation, failure)


@given(st.sampled_from(_BATCH), _FAILURES)
def test_a_batch_is_refused_by_fewer_answers_than_a_single_record(operation: Operation[Any], failure: Failure) -> None:
    assert is_refusal(operations.CREATE_PRODUCT, failure) or not is_refusal(operation, failure)


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


@pytest.mark.parametrize("field", ["retries", "first_wait", "longest_wait", "longest_retry_after"])
def test_bounds_below_nothing_are_refused_by_name(field: str) -> None:
    bounds: dict[str, Any]
    for value in (-1, -0.5, float("nan")):
        bounds = {field: value}
        with pytest.raises(ConfigurationError, match=f"^{field} is "):
            RetryPolicy(**bounds)
    bounds = {field: 0}
    assert getattr(RetryPolicy(**bounds), field) == 0


def test_a_call_is_repeated_three_times_unless_told_otherwise() -> None:
    policy = RetryPolicy()
    bounds = [wait_before_retry(policy, attempt, Failure("lost"), lambda _low, high: high) for attempt in range(1, 5)]
    assert bounds == [0.5, 1, 2, None]
    assert wait_before_retry(policy, 1, Failure("status", 429, 60.0), random.uniform) == 60
    assert wait_before_retry(policy, 1, Failure("status", 429, 60.5), random.uniform) is None


@pytest.mark.parametrize("kind", ["unsent", "untrusted"])
def test_what_was_not_sent_was_not_carried_out(kind: Literal["unsent", "untrusted"]) -> None:
    for operation in (*_SINGLE, *_BATCH):
        assert is_refusal(operation, Failure(kind))
        assert is_refusal(operation, Failure(kind, 500))


@example(code=399, has_reason=True)
@example(code=400, has_reason=True)
@example(code=499, has_reason=True)
@example(code=500, has_reason=True)
@given(code=st.integers(100, 999), has_reason=st.booleans())
def test_which_statuses_refuse(code: int, has_reason: bool) -> None:
    failure = Failure("status", code, has_reason=has_reason)
    assert is_refusal(operations.CREATE_PRODUCT, failure) == (code // 100 == 4 and code not in {408, 425, 460, 499})
    assert is_refusal(operations.CREATE_PRODUCT_BATCH, failure) == (
        has_reason and code in {400, 401, 403, 404, 413, 415, 422}
    )
