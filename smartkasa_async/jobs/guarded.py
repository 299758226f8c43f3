"""Writes of records that may have changed meanwhile: read right before the write, and again after a lost answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import partial
from typing import TYPE_CHECKING, Generic, NamedTuple, Protocol, TypeVar

import anyio

from smartkasa_async.errors import SmartKasaError
from smartkasa_async.jobs.concurrency import Throttle
from smartkasa_async.jobs.send import SendFailure, Verdict

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from enum import StrEnum

    from smartkasa_async.client import SmartKasa

ChangeT = TypeVar("ChangeT")
OutcomeT = TypeVar("OutcomeT")
StatusT = TypeVar("StatusT", bound="Status")

_ATTEMPTS = 5
_ROUNDS = 3


class Status(Protocol):
    """The decision about a change, made from the present state of its record."""

    @property
    def kind(self) -> StrEnum | None:
        """How it ends; None where it is to be sent."""


class _Lost(NamedTuple, Generic[ChangeT]):
    """A change whose answer was lost, with the record as it was right before."""

    change: ChangeT


class GuardedWriter(ABC, Generic[ChangeT, StatusT, OutcomeT]):
    """Writes records that are still as they were when the changes were planned.

    A change whose answer was lost is read back: if the record is as it was before, the change is resent, but not before
    the service has had the time to carry out what it may still hold; what can be neither is left and in doubt.

    Args:
        kasa: The client.
        concurrency: Most records at once.
        late_write_window: Seconds in which the service may still carry out a request whose answer was lost.

    Attributes:
        failure: What makes it pointless to send anything more; None while there is no such thing.
    """

    def __init__(self, kasa: SmartKasa, *, concurrency: int, late_write_window: float) -> None:
        self._kasa = kasa
        self._concurrency = concurrency
        self._late_write_window = late_write_window
        self._throttle = Throttle(concurrency)
        self._lost_at = float("-inf")
        self.failure: Exception | None = None

    @abstractmethod
    async def _read_status(self, change: ChangeT, *, was_sent: bool) -> StatusT:
        """Read the record, and decide about a change of which nothing was sent, or whose answer was lost.

        Raises:
            SmartKasaError: The record could not be read.
        """

    @abstractmethod
    async def _prepare(self, change: ChangeT, status: StatusT) -> ChangeT:
        """Write down what is about to be sent, and return the change with the record as it is now.

        Raises:
            OSError: It could not be written down.
            SmartKasaError: Likewise.
        """

    @abstractmethod
    async def _write(self, change: ChangeT) -> str | SendFailure:
        """Write a record once; returns its id."""

    @abstractmethod
    def _written(self, change: ChangeT, record_id: str) -> OutcomeT:
        """Make the outcome of a change that was carried out."""

    @abstractmethod
    def _decided(self, change: ChangeT, status: StatusT) -> OutcomeT:
        """Make the outcome of a change by what its record is now."""

    @abstractmethod
    def _refused(self, change: ChangeT, error: Exception) -> OutcomeT:
        """Make the outcome of a change that the service refuses."""

    @abstractmethod
    def _without_effect(self, change: ChangeT) -> OutcomeT:
        """Make the outcome of a change that was sent several times and never carried out."""

    @abstractmethod
    def _give_up(self, change: ChangeT, *, was_sent: bool) -> OutcomeT:
        """Make the outcome of a change that was left because of `failure`."""

    async def send(
        self,
        changes: Sequence[ChangeT],
        emit: Callable[[list[OutcomeT]], Awaitable[None]],
        *,
        was_sent: Sequence[ChangeT] = (),
    ) -> None:
        """Send changes, and emit the outcome of each as it comes.

        Args:
            changes: Those of which nothing was sent.
            emit: Takes outcomes.
            was_sent: Those that an earlier run may have sent, so long ago that nothing of it is still on its way.
        """
        with self._kasa.listening(self._throttle.observe):
            lost = [*was_sent, *await self._each(changes, self._change, emit)]
            for may_send in [True] * (_ROUNDS - 1) + [False]:
                if not lost:
                    return
                if self.failure is None:
                    await anyio.sleep_until(self._lost_at + self._late_write_window)
                work = partial(self._change, was_sent=True) if may_send else self._resolve_finally
                lost = await self._each(lost, work, emit)

    async def _each(
        self,
        changes: Sequence[ChangeT],
        work: Callable[[ChangeT], Awaitable[OutcomeT | _Lost[ChangeT]]],
        emit: Callable[[list[OutcomeT]], Awaitable[None]],
    ) -> list[ChangeT]:
        """Process changes concurrently; return those whose answer was lost."""
        waiting = iter(changes)
        lost: list[ChangeT] = []

        async def take_turns() -> None:
            for change in waiting:
                async with self._throttle.permit():
                    result = await work(change)
                if isinstance(result, _Lost):
                    lost.append(result.change)
                else:
                    await emit([result])

        async with anyio.create_task_group() as group:
            for _ in range(min(self._concurrency, len(changes))):
                group.start_soon(take_turns)
        return lost

    async def _change(self, change: ChangeT, *, was_sent: bool = False) -> OutcomeT | _Lost[ChangeT]:
        """Send a change if its record allows it; one that may have been carried out before is resolved first."""
        for attempt in range(1, _ATTEMPTS + 1):
            if self.failure is not None:
                break
            try:
                status = await self._read_status(change, was_sent=was_sent)
                if status.kind is not None:
                    return self._decided(change, status)
                current = await self._prepare(change, status)
            except (SmartKasaError, OSError) as error:
                self.record_failure(error)
                break
            result = await self._write(current)
            if not isinstance(result, SendFailure):
                return self._written(current, result)
            if result.verdict is Verdict.UNKNOWN:
                self._lost_at = anyio.current_time()
                return await self._resolve(current)
            if result.verdict is Verdict.REFUSED:
                return self._refused(current, result.error)
            if result.verdict is Verdict.STOPPED or attempt == _ATTEMPTS:
                self.record_failure(result.error)
        return self._give_up(change, was_sent=was_sent)

    async def _resolve(self, change: ChangeT) -> OutcomeT | _Lost[ChangeT]:
        """Find out what became of a change whose answer was lost; it stays lost if the record is as it was before."""
        if self.failure is None:
            try:
                status = await self._read_status(change, was_sent=True)
            except SmartKasaError as error:
                self.record_failure(error)
            else:
                return _Lost(change) if status.kind is None else self._decided(change, status)
        return self._give_up(change, was_sent=True)

    async def _resolve_finally(self, change: ChangeT) -> OutcomeT | _Lost[ChangeT]:
        outcome = await self._resolve(change)
        return self._without_effect(change) if isinstance(outcome, _Lost) else outcome

    def record_failure(self, error: Exception) -> None:
        """Send nothing more; the first error that stops a job is kept."""
        self.failure = self.failure or error
