"""Work that goes in lanes: what is in one lane keeps its order, lanes go side by side, and all of it is bounded."""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

import anyio

ItemT = TypeVar("ItemT")


class Lanes(Generic[ItemT]):
    """Queues by name, of which each is worked on by one at a time.

    A lane is ready as soon as it holds something and nobody works on it, so a source may be grouped in any way.

    Args:
        room: Most items that may wait or be worked on.
    """

    def __init__(self, room: int) -> None:
        self._room = room
        self._held = 0
        self._lanes: dict[str, deque[ItemT]] = {}
        self._busy: set[str] = set()
        self._ready: deque[str] = deque()
        self._closed = False
        self._changed = anyio.Event()

    async def put(self, lane: str, item: ItemT) -> None:
        """Put an item at the end of a lane, when there is room; does not let others run while there is."""
        while self._held >= self._room:
            await self._changed.wait()
        self._held += 1
        if lane not in self._lanes:
            self._lanes[lane] = deque()
            if lane not in self._busy:
                self._ready.append(lane)
                self._tell()
        self._lanes[lane].append(item)

    def close(self) -> None:
        """Say that nothing more will be put."""
        self._closed = True
        self._tell()

    async def take(self, most: int) -> tuple[str, list[ItemT]] | None:
        """Take the first items of the lane that has waited longest, and keep the lane until `done`.

        Args:
            most: Most items to take.

        Returns:
            The lane and the items; None when nothing more will come.
        """
        while not self._ready:
            if self._closed and not self._lanes:
                return None
            await self._changed.wait()
        lane = self._ready.popleft()
        waiting = self._lanes[lane]
        taken = [waiting.popleft() for _ in range(min(most, len(waiting)))]
        if not waiting:
            del self._lanes[lane]
        self._busy.add(lane)
        return lane, taken

    def done(self, lane: str, count: int) -> None:
        """Give a lane back, whose `count` items were dealt with."""
        self._busy.remove(lane)
        self._held -= count
        if lane in self._lanes:
            self._ready.append(lane)
        self._tell()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()
