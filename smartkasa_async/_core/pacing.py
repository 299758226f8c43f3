"""How fast calls may follow each other, and how many may be on their way: pure rules."""

from __future__ import annotations

OVERLOADED = frozenset({429, 503, 529})
"""Statuses by which the service reports that it is overloaded."""


class Pace:
    """An even rate of calls.

    Args:
        calls_per_second: Most calls in a second; they follow each other evenly, also after a pause.
    """

    def __init__(self, calls_per_second: float) -> None:
        self._interval = 1.0 / calls_per_second
        self._next = 0.0

    def reserve(self, now: float) -> float:
        """Take the next slot and return how long to wait for it.

        Args:
            now: Monotonic time, seconds.

        Returns:
            Seconds to wait; 0 for at once.
        """
        start = max(self._next, now)
        self._next = start + self._interval
        return start - now


class AdaptiveLimit:
    """How many calls to have on their way: one more for each round of good answers, fewer when the service is pressed.

    A refusal (429, 503) halves the limit; answers that take more than twice the usual time cut it by a fifth. What was
    sent before such a cut proves nothing about it, so the limit falls once in a round at most.

    Attributes:
        limit: The present limit.
    """

    def __init__(self, *, most: int, least: int = 1) -> None:
        self.limit = least
        self._least = least
        self._most = most
        self._good = 0
        self._until_cut = 0
        self._usual: float | None = None
        self._recent = 0.0

    def observe(self, status: int, seconds: float) -> None:
        """Learn from one answer."""
        self._until_cut -= 1
        if status in OVERLOADED:
            self._cut(self.limit // 2)
        elif self._is_slow(seconds):
            self._cut(self.limit * 4 // 5)
        else:
            self._grow()

    def _is_slow(self, seconds: float) -> bool:
        if self._usual is None:
            self._usual = self._recent = seconds
            return False
        self._recent += (seconds - self._recent) / 8
        # The usual time follows faster answers at once and slower ones hardly, so that a new normal is learnt in time.
        self._usual = min(self._usual + (seconds - self._usual) / 256, self._recent)
        return self._recent > 2 * self._usual

    def _cut(self, limit: int) -> None:
        self._good = 0
        if self._until_cut <= 0:
            self._until_cut = self.limit
            self.limit = max(self._least, limit)

    def _grow(self) -> None:
        self._good += 1
        if self._good >= self.limit and self.limit < self._most:
            self._good = 0
            self.limit += 1
