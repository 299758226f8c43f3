"""Deadlines of many tasks under one timer: a timer for each, as of `asyncio.timeout`, is a tenth of a small call."""

from __future__ import annotations

import asyncio
from math import inf
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import TracebackType


class Deadlines:
    """Ends what takes too long, in one event loop: `with deadlines.until(moment):`."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self.running: set[_Deadline] = set()
        self.rings_at = inf

    def until(self, moment: float) -> _Deadline:
        """Bound the block, as `asyncio.timeout_at` does; a `TimeoutError` ends it.

        Args:
            moment: When it has to be done, by the event loop's clock.
        """
        return _Deadline(self, moment)

    def close(self) -> None:
        """Drop the timer; nothing that still runs is bounded any more."""
        if self._timer is not None:
            self._timer.cancel()

    def set_timer(self, moment: float) -> None:
        """Ring at a moment, whatever the timer was set to."""
        self.close()
        self.rings_at = moment
        self._timer = None if moment == inf else self._loop.call_at(moment, self._ring)

    def _ring(self) -> None:
        now = max(self._loop.time(), self.rings_at)  # a loop may ring a trifle early
        for deadline in [each for each in self.running if each.moment <= now]:
            self.running.discard(deadline)
            deadline.expire()
        self.set_timer(min((each.moment for each in self.running), default=inf))


class _Deadline:
    __slots__ = ("_cancelling", "_deadlines", "_is_expired", "_task", "moment")

    def __init__(self, deadlines: Deadlines, moment: float) -> None:
        self._deadlines = deadlines
        self.moment = moment
        self._is_expired = False

    def __enter__(self) -> None:
        task: asyncio.Task[Any] = asyncio.current_task()  # type: ignore[assignment]  # whoever awaits is in one
        self._task = task
        self._cancelling = task.cancelling()
        deadlines = self._deadlines
        deadlines.running.add(self)
        if self.moment < deadlines.rings_at:
            deadlines.set_timer(self.moment)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._deadlines.running.discard(self)  # the timer stays: the next calls need one as late or later
        # Where the task is cancelled by others too, it stays cancelled.
        if self._is_expired and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def expire(self) -> None:
        self._is_expired = True
        self._task.cancel()
