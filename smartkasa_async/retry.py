"""Whether a call may be sent again, and when: pure rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from smartkasa_async._i18n.message import msg
from smartkasa_async._support.clock import answered_at, http_date
from smartkasa_async.errors import (
    CallTimeoutError,
    ConfigurationError,
    ConnectionLostError,
    NotConnectedError,
    PaginationError,
    RateLimitedError,
    ServerError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from smartkasa_async._base.operation import Operation

__all__ = [
    "TRANSIENT",
    "Failure",
    "RetryPolicy",
    "is_refusal",
    "may_repeat",
    "parse_retry_after",
    "wait_before_retry",
]

TRANSIENT = (
    CallTimeoutError,
    ConnectionLostError,
    NotConnectedError,
    PaginationError,
    RateLimitedError,
    ServerError,
)
"""What a call that may be repeated can end with, and need not end with the next time."""

# Above 511 are those of content delivery networks and proxies: 520-527 and 530 mean that they had no answer of the
# service's, 529 that it is overloaded, 598 and 599 that it took too long. 509, a used-up quota, does not pass so soon.
_TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504, *range(520, 528), 529, 530, 598, 599})
# For a request, perhaps by a gateway, that may have been passed on; 460 and 499 that its client hung up meanwhile.
_PROVES_NOTHING = frozenset({408, 425, 460, 499})
_REFUSES_BATCH = frozenset({400, 401, 403, 404, 413, 415, 422})
_TOO_MANY_REQUESTS = 429
_MOST_DOUBLINGS = 60  # more would not fit into a float in the end


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how long a failed call is retried.

    Attributes:
        retries: Maximum number of retries of one call.
        first_wait: Upper bound of the first wait, in seconds; it doubles each time, and the wait is drawn uniformly
            below it.
        longest_wait: Bound at which the doubling stops, in seconds.
        longest_retry_after: Longest `Retry-After` that is waited for, in seconds; above it the call fails at once.
    """

    retries: int = 3
    first_wait: float = 0.5
    longest_wait: float = 20.0
    longest_retry_after: float = 60.0

    def __post_init__(self) -> None:
        for name in ("retries", "first_wait", "longest_wait", "longest_retry_after"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
                raise ConfigurationError(msg("{field} is {value!r}; give 0 or more", field=name, value=value))


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong with one attempt.

    Attributes:
        kind: `unsent`: the service was not reached; `untrusted`: its certificate is not accepted or the proxy refuses,
            so nothing was sent, nor would be another time;
            `lost`: sent, but no whole answer came; `unusable`: the answer is a redirect, too large or unreadable;
            `status`: an error status.
        status: HTTP status, for kind `status`.
        retry_after: Seconds that the service asks to wait; None where it is not given.
        has_reason: Whether the answer gives a reason in the service's own form, as a gateway's page does not.
        lacks_envelope: Whether that reason is that the key of the body's envelope is missing.
    """

    kind: Literal["unsent", "untrusted", "lost", "unusable", "status"]
    status: int | None = None
    retry_after: float | None = None
    has_reason: bool = False
    lacks_envelope: bool = False


def is_refusal(operation: Operation[Any], failure: Failure) -> bool:
    """Return whether a request was surely not carried out.

    A 4xx proves it of a call for one record, but for those statuses that a gateway may give to a request which it has
    passed on. A batch may have been carried out in part, or be carried out still, unless the service itself refused it
    and gave its reason. A 2xx of any number is no failure, unless its body cannot be read.

    Args:
        operation: What was called.
        failure: What went wrong.
    """
    if failure.kind in {"unsent", "untrusted"}:
        return True
    if failure.kind != "status" or failure.status is None:
        return False
    if operation.is_batch:
        return failure.status in _REFUSES_BATCH and failure.has_reason
    return 400 <= failure.status < 500 and failure.status not in _PROVES_NOTHING  # noqa: PLR2004


def may_repeat(operation: Operation[Any], failure: Failure) -> bool:
    """Return whether a call may be sent again after this failure, and may succeed then."""
    if failure.kind == "unsent":
        return True
    if operation.retry == "safe":
        return failure.kind == "lost" or failure.status in _TRANSIENT
    return failure.status == _TOO_MANY_REQUESTS and is_refusal(operation, failure)


def wait_before_retry(
    policy: RetryPolicy, attempt: int, failure: Failure, draw: Callable[[float, float], float]
) -> float | None:
    """Choose how long to wait before the next attempt.

    Args:
        policy: Bounds.
        attempt: Number of attempts made, from 1.
        failure: What went wrong with the last one.
        draw: Draws a number between two bounds, as `random.uniform` does.

    Returns:
        Seconds; None when there is to be no further attempt.
    """
    if attempt > policy.retries:
        return None
    if failure.retry_after is not None:
        return failure.retry_after if failure.retry_after <= policy.longest_retry_after else None
    return draw(0.0, min(policy.longest_wait, policy.first_wait * 2 ** min(attempt - 1, _MOST_DOUBLINGS)))


def parse_retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Read how long the service asks to wait.

    Args:
        headers: The answer's headers, case-insensitive; `Retry-After-Ms` (milliseconds) goes before `Retry-After`,
            which is a number of seconds or an HTTP date. A date is counted from the answer's own `Date`, since this
            machine's clock may be wrong.
        now: The present time, UTC, for answers without a `Date`.

    Returns:
        Seconds, never negative; None where no header can be read.
    """
    milliseconds = _number(headers.get("Retry-After-Ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    value = headers.get("Retry-After")
    seconds = _number(value)
    if seconds is not None or value is None:
        return seconds
    moment = http_date(value)
    return None if moment is None else max(0.0, (moment - (answered_at(headers) or now)).total_seconds())


def _number(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None
