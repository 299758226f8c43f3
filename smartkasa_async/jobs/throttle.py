"""How many writes an import has on their way: as many as the service takes well."""

from __future__ import annotations

from collections import deque
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from anyio import Event as Turn
from anyio import current_time

from smartkasa_async._core.pacing import OVERLOADED, AdaptiveLimit
from smartkasa_async.events import ResponseEvent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from smartkasa_async.events import Event

_OK = 200


class Throttle:
    """Lets as many tasks through at once as the service takes well at the moment.

    Args:
        most: Upper bound.
    """

    def __init__(self, most: int) -> None:
        self._limit = AdaptiveLimit(most=most)
        self._inside = 0
        self._queue: deque[Turn] = deque()

    def hear(self, event: Event) -> None:
        """Learn from the client's events that the service is pressed."""
        if isinstance(event, ResponseEvent) and event.status in OVERLOADED:
            self._limit.observe(event.status, event.seconds)

    @property
    def limit(self) -> int:
        """How many may be inside at the moment."""
        return self._limit.limit

    @asynccontextmanager
    async def place(self, *, is_usual: bool = True) -> AsyncIterator[None]:
        """Wait for a place, and hold it while the block runs.

        Args:
            is_usual: Whether the block takes as long as others do, if it succeeds; only such ones tell a slow service
                from a large call.
        """
        while self._inside >= self.limit:
            turn = Turn()
            self._queue.append(turn)
            try:
                await turn.wait()
            except BaseException:
                if turn.is_set():
                    self._wake()
                else:
                    self._queue.remove(turn)
                raise
        self._inside += 1
        started = current_time()
        try:
            yield
            if is_usual:
                self._limit.observe(_OK, current_time() - started)
        finally:
            self._inside -= 1
            self._wake()

    def _wake(self) -> None:
        """Call in as many as there is room for; the limit may have grown by more than one."""
        for _ in range(min(len(self._queue), max(0, self.limit - self._inside))):
            self._queue.popleft().set()
