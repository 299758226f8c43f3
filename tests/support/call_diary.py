"""Keeps what a client tells of its calls, and cancels calls at the await that is asked for."""

from __future__ import annotations

import asyncio
from collections import Counter
from itertools import count
from typing import TYPE_CHECKING, Any

from smartkasa_async.events import CallEndEvent, CallStartEvent, Event

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator

__all__ = ["Diary", "cancelled_at", "closed_at"]


class Diary:
    """A listener; `under_way` is the gauge that a service would show."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.under_way = 0
        self.most = 0

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        self.under_way += isinstance(event, CallStartEvent) - isinstance(event, CallEndEvent)
        self.most = max(self.most, self.under_way)

    @property
    def ends(self) -> list[CallEndEvent]:
        return [event for event in self.events if isinstance(event, CallEndEvent)]

    @property
    def outcomes(self) -> list[tuple[str, str, str | None]]:
        return [(end.operation, end.outcome, end.error) for end in self.ends]

    def check(self) -> None:
        """Each call has one start and one end, first and last of its events, and no call is under way."""
        assert self.under_way == 0
        starts = Counter(event.call_id for event in self.events if isinstance(event, CallStartEvent))
        ends = Counter(end.call_id for end in self.ends)
        assert starts == ends
        assert set(starts.values()) <= {1}
        for call_id in starts:
            its = [event for event in self.events if event.call_id == call_id]
            assert isinstance(its[0], CallStartEvent)
            assert isinstance(its[-1], CallEndEvent)
            assert len({event.operation for event in its}) == 1
            assert its[-1].seconds >= 0
            assert (its[-1].error is None) == (its[-1].outcome == "done")
        assert {event.call_id for event in self.events} <= {*starts, 0}


class _Driven:
    """Takes work from await to await, as a task does, and does something at one of them."""

    def __init__(self, work: Coroutine[Any, Any, Any], step: int, act: Callable[[], bool]) -> None:
        self._work, self._step, self._act = work, step, act
        self.reached = False

    def __await__(self) -> Generator[Any, Any, Any]:
        thrown: BaseException | None = None
        for number in count():
            try:
                waited_for = self._work.send(None) if thrown is None else self._work.throw(thrown)
            except StopIteration as ended:
                return ended.value
            if number == self._step:
                self.reached = True
                if not self._act():
                    return None
            thrown = None
            try:
                yield waited_for
            except BaseException as error:  # noqa: BLE001  (handed on to the work, as `await` does)
                thrown = error
        return None


async def cancelled_at(step: int, work: Coroutine[Any, Any, Any]) -> bool:
    """Cancel the task of some work at one of its awaits.

    Returns:
        Whether the work reached that await; else it ended by itself.
    """

    def cancel() -> bool:
        return task.cancel()

    driven = _Driven(work, step, cancel)
    task = asyncio.ensure_future(_awaited(driven))
    await asyncio.wait({task})
    if not task.cancelled():
        task.exception()
    return driven.reached


async def closed_at(step: int, work: Coroutine[Any, Any, Any]) -> bool:
    """Leave work half-way at one of its awaits, as an event loop does that ends; likewise."""

    def close() -> bool:
        work.close()
        return False

    driven = _Driven(work, step, close)
    await asyncio.wait({asyncio.ensure_future(_awaited(driven))})
    return driven.reached


async def _awaited(driven: _Driven) -> Any:
    return await driven
