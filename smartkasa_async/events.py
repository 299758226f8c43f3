"""What a client tells its `on_event` hook, for logs and metrics; no event carries a secret or a body."""

from __future__ import annotations

from typing import Literal

import msgspec

__all__ = [
    "Event",
    "OutcomeUnknownEvent",
    "RefreshEvent",
    "RequestEvent",
    "ResponseEvent",
    "RetryEvent",
    "WaitEvent",
    "WireFormEvent",
]


class Event(msgspec.Struct, frozen=True, gc=False):
    """Base of all events.

    Attributes:
        operation: The operationId of the call, for example `listReceipts`.
        attempt: Number of the attempt, from 1.
    """

    operation: str
    attempt: int


class RequestEvent(Event, frozen=True, kw_only=True, gc=False):
    """A request is about to be sent.

    Attributes:
        method: HTTP method.
        path: Path without the query.
    """

    method: str
    path: str


class ResponseEvent(Event, frozen=True, kw_only=True, gc=False):
    """An answer came.

    Attributes:
        status: HTTP status.
        seconds: From sending to the last byte.
        size: Bytes of the body.
        request_id: The service's own id of the request, where it sent one.
    """

    status: int
    seconds: float
    size: int
    request_id: str | None


class RetryEvent(Event, frozen=True, kw_only=True, gc=False):
    """The call failed and will be sent again.

    Attributes:
        reason: What went wrong.
        seconds: Wait before the next attempt.
    """

    reason: str
    seconds: float


class OutcomeUnknownEvent(Event, frozen=True, kw_only=True, gc=False):
    """A write ended, and nothing tells whether it was carried out: it failed so, or was cancelled while on its way.

    Attributes:
        reason: What hid the outcome.
    """

    reason: str


class WaitEvent(Event, frozen=True, kw_only=True, gc=False):
    """The call waited for a place before it was sent.

    Attributes:
        cause: `concurrency`, `rate`, or `retry-after` when the service has asked another call to wait.
        seconds: How long.
    """

    cause: Literal["concurrency", "rate", "retry-after"]
    seconds: float


class RefreshEvent(Event, frozen=True, kw_only=True, gc=False):
    """The session got new tokens.

    Attributes:
        how: `login`, `refresh` or `store` (another process had renewed them).
        saved: Whether the token store has them; if not, saving is tried with the next calls.
    """

    how: Literal["login", "refresh", "store"]
    saved: bool = True


class WireFormEvent(Event, frozen=True, kw_only=True, gc=False):
    """The service takes bodies in another form than they were sent in; the client sends all others in that one.

    Attributes:
        wire: The form, to be set as `wire`.
    """

    wire: Literal["enveloped"]
