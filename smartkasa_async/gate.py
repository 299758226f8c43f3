"""A gate that lets as many tasks through as an adaptive limit says."""

from __future__ import annotations

from collections import deque
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from smartkasa_async.pacing import AdaptiveLimit

__all__ = ["AdaptiveGate"]


class AdaptiveGate:
    """Lets as many tasks through at once as its limit says at the moment.

    Args:
        limit: The rule, which somebody else feeds.
    """

    def __init__(self, limit: AdaptiveLimit) -> None:
        self._limit = limit
        self._inside = 0
        self._queue: deque[anyio.Event] = deque()

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Wait for a place, and hold it while the block runs."""
        while self._inside >= self._limit.limit:
            turn = anyio.Event()
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
        try:
            yield
        finally:
            self._inside -= 1
            self._wake()

    def _wake(self) -> None:
        """Call in as many as there is room for; the limit may have grown by more than one."""
        for _ in range(min(len(self._queue), max(0, self._limit.limit - self._inside))):
            self._queue.popleft().set()
