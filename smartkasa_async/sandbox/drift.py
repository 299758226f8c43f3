"""Drift: a business goes on while clients read, one event after another, each of them one transaction."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Final

from smartkasa_async.sandbox.errors import UsageError
from smartkasa_async.sandbox.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smartkasa_async.sandbox.business import Event
    from smartkasa_async.sandbox.calls import Endpoint
    from smartkasa_async.sandbox.storage import Storage

_WATCHED: Final = {
    ("GET", "/api/v1/pos/receipts"),
    ("GET", "/api/v1/pos/shifts"),
    ("GET", "/api/v1/reports/z-reports"),
}


class Drift:
    """What is still to happen in a sandbox; `Sandbox.drift` makes it. Safe to use from several threads.

    Args:
        storage: The sandbox's database.
        events: What is to happen, in order.
        every: After how many answered lists of receipts, shifts or Z-reports an event happens; None for never.
        per_second: How many events happen by the clock in a second; None for none.

    Raises:
        ValueError: A number is not positive.
    """

    def __init__(
        self, storage: Storage, events: Iterable[Event], *, every: int | None = None, per_second: float | None = None
    ) -> None:
        if every is not None and every < 1:
            raise UsageError(
                "An event after every {value} lists: nothing would happen; give a number above 0.", value=every
            )
        if per_second is not None and per_second <= 0:
            raise UsageError("{value} events a second: nothing would happen; give a number above 0.", value=per_second)
        self._storage = storage
        self._events = deque(events)
        self._every = every
        self._answers = 0
        self._stopped = threading.Event()
        self._per_second = per_second
        self._clock: threading.Thread | None = None

    @property
    def left(self) -> int:
        """How many events are still to happen."""
        return len(self._events)

    def advance(self, events: int = 1) -> int:
        """Let the next events happen now.

        Args:
            events: How many at most.

        Returns:
            How many happened.
        """
        for done in range(events):
            with self._storage.transaction():
                if not self._events:
                    return done
                self._carry_out(self._events.popleft())
        return events

    def finish(self) -> None:
        """Let all the rest happen at once."""
        self.stop()
        self.advance(self.left)

    def start(self) -> None:
        """Begin to count by the clock, where a pace was given."""
        if self._per_second is not None:
            pause = 1 / self._per_second
            self._clock = threading.Thread(target=self._tick, args=(pause,), name="smartkasa-drift", daemon=True)
            self._clock.start()

    def stop(self) -> None:
        """Let nothing more happen by itself; `advance` and `finish` still work."""
        self._stopped.set()
        if self._clock is not None:
            self._clock.join()

    def answered(self, endpoint: Endpoint) -> None:
        """Count an operation that was carried out, and let an event happen if its turn has come."""
        if self._every is None or self._stopped.is_set() or (endpoint.method, endpoint.path) not in _WATCHED:
            return
        self._answers += 1
        if self._answers % self._every == 0:
            self.advance()

    def _tick(self, pause: float) -> None:
        while self._events and not self._stopped.wait(pause):
            self.advance()

    def _carry_out(self, event: Event) -> None:
        for table, rows in event.rows.items():
            if rows:
                self._storage.insert_rows(table, rows)
        if event.dropped is not None:
            for part in ("receipt_items", "payments"):
                self._storage.execute(f"DELETE FROM {part} WHERE receipt_id = ?", (event.dropped,))  # noqa: S608 our own names
            self._storage.delete(TABLES["receipts"], event.dropped)
