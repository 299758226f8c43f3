"""How fast calls may follow each other: a pure rule."""

from __future__ import annotations

__all__ = ["Pace"]


class Pace:
    """An even rate of calls.

    Args:
        calls_per_second: Most calls in a second on average; up to one second's worth may come at once after a pause.
    """

    def __init__(self, calls_per_second: float) -> None:
        self._interval = 1.0 / calls_per_second
        self._burst = max(0.0, 1.0 - self._interval)
        self._next = 0.0

    def reserve(self, now: float) -> float:
        """Take the next place and tell how long to wait for it.

        Args:
            now: Monotonic time, seconds.

        Returns:
            Seconds to wait; 0 for at once.
        """
        start = max(self._next, now - self._burst)
        self._next = start + self._interval
        return max(0.0, start - now)
