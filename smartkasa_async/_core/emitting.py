"""Report what becomes of each call to a client's listeners: every start has its end, whatever happens between them."""

from __future__ import annotations

import asyncio
import logging
from itertools import count
from time import monotonic
from typing import TYPE_CHECKING, Any, Literal, Self
from urllib.parse import urlsplit

from smartkasa_async import errors, events
from smartkasa_async._core.wire_forms import in_envelope
from smartkasa_async._generated import operations
from smartkasa_async._i18n.message import msg
from smartkasa_async._i18n.safe_text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from smartkasa_async._base.operation import Operation
    from smartkasa_async._core.answers import Reply
    from smartkasa_async._core.options import CallOptions
    from smartkasa_async._core.requests import Request

    Listener = Callable[[events.Event], None]

_logger = logging.getLogger("smartkasa_async")

_CANCELLED = (asyncio.CancelledError, GeneratorExit)


class EventEmitter:
    """What a client's calls report, and to whom.

    Attributes:
        listeners: The client's hooks; they may be changed at any time.
    """

    def __init__(self, listeners: list[Listener]) -> None:
        self.listeners = listeners
        self._ids = count(1)  # one step of a count is atomic, also where event loops run in threads of their own

    def call(self, operation: Operation[Any], options: CallOptions) -> CallProgress:
        """Begin a call: write `with emitter.call(operation, options) as progress:` around all that belongs to it."""
        return CallProgress(self, operation, options, next(self._ids))

    def emit(self, event: events.Event, listeners: Sequence[Listener] | None = None) -> None:
        """Hand an event to listeners; to all of them where None."""
        for listener in tuple(self.listeners) if listeners is None else listeners:
            try:
                listener(event)
            except Exception:  # a hook for logs must not break a call
                _logger.exception("A listener failed for %s", type(event).__name__)

    def emit_stored_tokens(self) -> None:
        """Report that newer tokens were found in the store, which is no call."""
        self.emit(events.RefreshEvent(operations.REFRESH_SESSION.id, 0, 0, how="store"))


class CallProgress:
    """How far a call has come; as a context, it reports that the call starts and ends.

    The end is reported to those who received the start, so that what counts calls under way comes back to 0.

    Attributes:
        operation: What is called.
        options: How it is called.
        call_id: Number of the call, unique in the client's life.
        attempt: Number of the attempt, from 1; 0 before the first.
        in_doubt: Whether it is a write that may have been carried out: from sending until the service's refusal.
        may_wrap: Whether its body went out flat and may go out enveloped, which is done once.
        is_wrapped: Whether it did.
    """

    __slots__ = (
        "_emitter",
        "_heard",
        "_started",
        "attempt",
        "call_id",
        "in_doubt",
        "is_wrapped",
        "may_wrap",
        "operation",
        "options",
    )

    def __init__(self, emitter: EventEmitter, operation: Operation[Any], options: CallOptions, call_id: int) -> None:
        self._emitter = emitter
        self._heard: tuple[Listener, ...] = ()
        self._started = 0.0
        self.operation = operation
        self.options = options
        self.call_id = call_id
        self.attempt = 0
        self.in_doubt = False
        self.may_wrap = False
        self.is_wrapped = False

    def __enter__(self) -> Self:
        if self._emitter.listeners:
            self._started = monotonic()
            self._heard = tuple(self._emitter.listeners)
            operation = self.operation
            event = events.CallStartEvent(*self._call, method=operation.method, path=operation.path)
            self._emitter.emit(event, self._heard)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if not self._heard:
            return
        known = error if isinstance(error, errors.SmartKasaError) else None
        event = events.CallEndEvent(
            *self._call,
            outcome=self._outcome(error),
            seconds=monotonic() - self._started,
            error=None if error is None else type(error).__name__,
            reason=None if known is None else one_line(known.message),
            status=None if known is None else known.status,
        )
        self._emitter.emit(event, self._heard)

    @property
    def _call(self) -> tuple[str, int, int]:
        return self.operation.id, self.attempt, self.call_id

    def _outcome(self, error: BaseException | None) -> Literal["done", "failed", "unknown", "cancelled"]:
        if error is None:
            return "done"
        if self.in_doubt:
            return "unknown"
        return "cancelled" if isinstance(error, _CANCELLED) else "failed"

    def emit_wait(self, cause: Literal["concurrency", "rate", "retry-after"], seconds: float) -> None:
        """Report that the call waits, or waited, before it is sent."""
        self._emitter.emit(events.WaitEvent(*self._call, cause=cause, seconds=seconds))

    def emit_request(self, request: Request) -> None:
        """Report that an attempt is about to be sent."""
        if self._emitter.listeners:
            path = urlsplit(request.url).path
            self._emitter.emit(events.RequestEvent(*self._call, method=request.method, path=path))

    def emit_response(self, reply: Reply, seconds: float, hide: Callable[[str], str]) -> None:
        """Report that an answer came."""
        request_id = None if reply.request_id is None else one_line(hide(reply.request_id))
        event = events.ResponseEvent(
            *self._call, status=reply.status, seconds=seconds, size=len(reply.body), request_id=request_id
        )
        self._emitter.emit(event)

    def emit_retry(self, error: errors.SmartKasaError, seconds: float) -> None:
        """Report that an attempt failed, and that another follows."""
        self._emitter.emit(events.RetryEvent(*self._call, reason=one_line(error.message), seconds=seconds))

    def emit_refresh(self, how: Literal["login", "refresh"], *, saved: bool = True) -> None:
        """Report that the call brought new tokens."""
        self._emitter.emit(events.RefreshEvent(*self._call, how=how, saved=saved))

    def emit_wire_form(self) -> None:
        """Report that the service takes bodies in envelopes."""
        self._emitter.emit(events.WireFormEvent(*self._call, wire="enveloped"))

    def emit_unknown(self, error: BaseException) -> None:
        """Report that nothing shows whether the call was carried out."""
        reason = error.message if isinstance(error, errors.SmartKasaError) else str(msg("the call was cancelled"))
        self._emitter.emit(events.OutcomeUnknownEvent(*self._call, reason=reason))

    def wrap(self, request: Request) -> Request:
        """Make the enveloped request of a flat one that was refused for want of the envelope."""
        self.may_wrap, self.is_wrapped = False, True
        return in_envelope(self.operation, request)
