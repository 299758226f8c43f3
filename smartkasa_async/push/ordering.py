"""Order of receipts: chains of offline sessions that break where a receipt fails, and a queue for each registrar."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Generic, TypeVar

import anyio

from smartkasa_async.push.outcomes import PushProblem

if TYPE_CHECKING:
    from smartkasa_async.models import ReceiptCreate
    from smartkasa_async.push.outcomes import ReceiptKey
    from smartkasa_async.push.tasks import Ending


def chain_of(receipt: ReceiptCreate) -> str | None:
    """Name the chain that a receipt belongs to among those of its registrar.

    Returns:
        The number of its offline session; empty for one that quotes the receipt before it and names no session; None
        for one that was made online.
    """
    if receipt.offline_id:
        return str(receipt.offline_id)
    return "" if receipt.previous_receipt_hash else None


class Chains:
    """Follows the chains of one registrar as its receipts come."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}
        self._broken: dict[str, ReceiptKey] = {}

    def check_order(self, receipt: ReceiptCreate) -> PushProblem | None:
        """Note that a receipt is next, and return the problem where it comes after one that was made after it."""
        chain, number = chain_of(receipt), receipt.offline_local_number
        if not chain or not isinstance(number, int):
            return None
        last = self._last.get(chain, number - 1)
        self._last[chain] = max(last, number)
        if number > last:
            return None
        return PushProblem.of("out_of_order", "offline_local_number", number=number, last=last)

    def check_whole(self, receipt: ReceiptCreate) -> PushProblem | None:
        """Return the problem where one before it in its chain failed."""
        chain = chain_of(receipt)
        key = None if chain is None else self._broken.get(chain)
        return None if key is None else PushProblem.of("chain_broken", key=key)

    def note(self, ending: Ending) -> None:
        """Break the chain of a receipt that is not surely in the service, so that nothing of it follows."""
        chain = chain_of(ending.task.receipt)
        if chain is not None and ending.outcome.failed:
            self._broken.setdefault(chain, ending.task.key)


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
                self._notify()
        self._lanes[lane].append(item)

    def close(self) -> None:
        """Note that nothing more will be put."""
        self._closed = True
        self._notify()

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
        """Release a lane, of which `count` items were dealt with."""
        self._busy.remove(lane)
        self._held -= count
        if lane in self._lanes:
            self._ready.append(lane)
        self._notify()

    def _notify(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()
