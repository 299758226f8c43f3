"""How many calls are on their way at once."""

from __future__ import annotations

import asyncio
from collections import deque


class Permits:
    """Permits for so many at once, which those who wait get in turn; a free one is taken without a coroutine.

    Args:
        count: How many there are.
    """

    def __init__(self, count: int) -> None:
        self._free = count
        self._waiting: deque[asyncio.Future[None]] = deque()

    def take_free(self) -> bool:
        """Take a permit if one is free; return whether it was."""
        if self._free == 0:
            return False
        self._free -= 1
        return True

    async def take(self) -> None:
        """Take a permit, once there is one."""
        if self.take_free():
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # it was handed over at the same time
                self.release()
            raise

    def release(self) -> None:
        """Return a permit; it goes to the longest waiter, if there is one."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
