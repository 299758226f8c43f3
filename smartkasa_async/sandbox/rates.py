"""How fast requests come, and how fast they may: pure rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from smartkasa_async.sandbox.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, kw_only=True)
class RateLimit:
    """How many requests of a merchant are answered; the rest get a 429 with Retry-After (inferred).

    Args:
        per_second: Requests a second in the long run.
        burst: Requests that are answered at once after a pause.

    Raises:
        ValueError: A number would let nothing through.
    """

    per_second: float
    burst: int = 1

    def __post_init__(self) -> None:
        if not 0 < self.per_second < float("inf"):
            raise UsageError("per_second is {value}: use a number above 0.", value=self.per_second)
        if self.burst < 1:
            raise UsageError("burst is {value}: no request would be answered; use 1 or more.", value=self.burst)


_ROUNDING = 1e-6
"""What many small additions may lack of a whole token."""


class TokenBucket:
    """The requests that a merchant may still send, which grow again with time.

    Args:
        limit: The limit.
    """

    def __init__(self, limit: RateLimit) -> None:
        self._limit = limit
        self._tokens = float(limit.burst)
        self._counted_at: float | None = None

    def take(self, now: float) -> float:
        """Take a request's token.

        Args:
            now: Seconds on any clock that never goes back.

        Returns:
            0 where there was one; else the seconds until there is one, and none is taken.
        """
        if self._counted_at is not None:
            grown = (now - self._counted_at) * self._limit.per_second
            self._tokens = min(float(self._limit.burst), self._tokens + grown)
        self._counted_at = now
        if self._tokens < 1 - _ROUNDING:
            return (1 - self._tokens) / self._limit.per_second
        self._tokens = max(0.0, self._tokens - 1)
        return 0.0


def most_within(times: Sequence[float], seconds: float) -> int:
    """Return how many of the times lie within some span of so many seconds at most.

    Args:
        times: Rising times.
        seconds: The length of the span, both ends included.
    """
    most = first = 0
    for last, time in enumerate(times):
        while time - times[first] > seconds:
            first += 1
        most = max(most, last - first + 1)
    return most
