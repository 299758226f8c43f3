"""What `import_products`, `sync_stock` and `push_receipts` return: a job to be awaited or iterated."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NoReturn, Self, TypeVar

from anyio import create_memory_object_stream

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator
    from types import TracebackType

    from anyio.streams.memory import MemoryObjectSendStream

    from smartkasa_async.jobs.outcomes import JobOutcome, JobStoppedError, JobSummary, JobTally
    from smartkasa_async.jobs.results import Progress

OutcomeT = TypeVar("OutcomeT", bound="JobOutcome[Any]")
SummaryT = TypeVar("SummaryT", bound="JobSummary[Any]")


class Job(ABC, Generic[OutcomeT, SummaryT]):
    """A job that gives an outcome for each item of its source; await it for its summary, or iterate it, once.

    `async with job:` ends the job when the block is left, however that is: also where an iteration was left half-way.
    Requests in flight may or may not be carried out.
    """

    already_started: ClassVar[str]
    """Text of the error of a caller who begins the same job twice."""

    def __init__(
        self,
        tally: JobTally[OutcomeT, SummaryT],
        *,
        groups_ahead: int,
        on_progress: Callable[[Progress], None] | None,
    ) -> None:
        """Prepare a job.

        Args:
            tally: Counts the outcomes.
            groups_ahead: Maximum number of groups of outcomes that wait to be taken.
            on_progress: Called whenever items have got their outcomes.
        """
        self._tally = tally
        self._groups_ahead = groups_ahead
        self._on_progress = on_progress
        self._started = False
        self._failure: Exception | None = None
        self._task: asyncio.Task[None] | None = None
        self._closed = False
        self._is_complete = False
        self._is_left = False

    def __repr__(self) -> str:
        counts = self._tally.summary(**self._notes()).describe()
        return f"<{type(self).__name__} {self._state()}: {counts}>"

    def _state(self) -> str:
        if not self._started:
            return "not begun"
        if self._is_complete:
            return "ended" if self._failure is None else "stopped"
        if (task := self._task) is not None and task.done() and not task.cancelled() and task.exception() is not None:
            return "failed"
        return "ended early" if self._is_left else "running"

    if not TYPE_CHECKING:  # type checkers say so by themselves

        def __iter__(self) -> NoReturn:
            name = type(self).__name__
            raise TypeError(f"Outcomes of a {name} come one by one: write `async for`, or `await` it for its summary")

    @property
    def summary(self) -> SummaryT:
        """What has become of the items so far; `ended_early` where the job was left before it had all outcomes."""
        return self._tally.summary(ended_early=self._state() == "ended early", **self._notes())

    def _notes(self) -> dict[str, Any]:
        """Return what the job's summary has beside counts."""
        return {}

    @abstractmethod
    async def _run(self, outcomes: MemoryObjectSendStream[list[OutcomeT]]) -> None:
        """Do the work, put the outcomes into the stream, and close it."""

    @abstractmethod
    def _progress(self) -> Progress:
        """Return how far the job has come."""

    @abstractmethod
    def _stop_error(self, reason: Exception) -> JobStoppedError:
        """Make the error for what stopped the job."""

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

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """End the job; one that has ended, or was never begun, stays as it is."""
        self._is_left = self._started
        if self._task is not None and not self._task.done():
            self._closed = True
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _groups(self) -> AsyncGenerator[list[OutcomeT], None]:
        if self._started:
            raise RuntimeError(self.already_started)
        self._started = True
        ends = create_memory_object_stream[list[OutcomeT]](self._groups_ahead)
        # A task of its own, since a generator may be left half-way and must not hold a task group.
        self._task = run = asyncio.create_task(self._run(ends[0]))
        try:
            with ends[1] as outcomes:
                async for group in outcomes:
                    self._tally.add(group)
                    if self._on_progress is not None:
                        self._on_progress(self._progress())
                    yield group
            if self._closed:
                raise RuntimeError("This job was ended before it had all outcomes")
            await run
            self._is_complete = True
        finally:
            self._is_left = True
            run.cancel()
            await asyncio.gather(run, return_exceptions=True)
        if self._failure is not None:
            raise self._stop_error(self._failure) from self._failure
