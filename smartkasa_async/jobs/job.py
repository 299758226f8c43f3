"""What `import_products`, `sync_stock` and `push_receipts` give back: work to be awaited or iterated."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from anyio import create_memory_object_stream

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator, Sequence

    from anyio.streams.memory import MemoryObjectSendStream

OutcomeT = TypeVar("OutcomeT")
SummaryT = TypeVar("SummaryT")


class Job(ABC, Generic[OutcomeT, SummaryT]):
    """Work that gives an outcome for each row, to be awaited or iterated, once.

    Args:
        groups_ahead: Most groups of outcomes that wait to be taken.
    """

    begun_already: ClassVar[str]
    """What to say to a caller who begins the same job twice."""

    def __init__(self, *, groups_ahead: int) -> None:
        self._groups_ahead = groups_ahead
        self._begun = False

    @property
    @abstractmethod
    def summary(self) -> SummaryT:
        """What has become of the rows so far."""

    @abstractmethod
    async def _run(self, settled: MemoryObjectSendStream[list[OutcomeT]]) -> None:
        """Do the work, put the outcomes into the stream, and close it."""

    @abstractmethod
    def _count(self, group: Sequence[OutcomeT]) -> None:
        """Take note of outcomes before the caller gets them."""

    @abstractmethod
    def _raise_if_stopped(self) -> None:
        """Raise what stopped the work before its end, when all outcomes have been given."""

    def __await__(self) -> Generator[Any, None, SummaryT]:
        return self._finish().__await__()

    async def _finish(self) -> SummaryT:
        async with aclosing(self._groups()) as groups:
            async for _ in groups:
                pass
        return self.summary

    async def __aiter__(self) -> AsyncGenerator[OutcomeT, None]:
        async with aclosing(self._groups()) as groups:
            async for group in groups:
                for outcome in group:
                    yield outcome

    async def _groups(self) -> AsyncGenerator[list[OutcomeT], None]:
        if self._begun:
            raise RuntimeError(self.begun_already)
        self._begun = True
        settled, outcomes = create_memory_object_stream[list[OutcomeT]](self._groups_ahead)
        # A task of its own, since a generator may be left half-way and must not hold a task group.
        run = asyncio.create_task(self._run(settled))
        try:
            with outcomes:
                async for group in outcomes:
                    self._count(group)
                    yield group
            await run
        finally:
            run.cancel()
            await asyncio.gather(run, return_exceptions=True)
        self._raise_if_stopped()
