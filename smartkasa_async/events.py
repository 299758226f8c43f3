"""What a client reports to its `on_event` hook, for logs and metrics; no event contains a secret or a body.

A call emits one `CallStartEvent`, what happens on its way, and one `CallEndEvent`, however it ends: answered, failed,
refused before anything was sent, cancelled. The pages of a list are calls of their own, and so are logins and renewals
that the client makes by itself.
"""

from __future__ import annotations

from typing import Literal

import msgspec

__all__ = [
    "CallEndEvent",
    "CallStartEvent",
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
        attempt: Number of the attempt, from 1; 0 where nothing has been tried yet.
        call_id: Number of the call, the same for all of its attempts, and unique in the client's life; 0 where it is
            none of a call.
    """

    operation: str
    attempt: int
    call_id: int


class CallStartEvent(Event, frozen=True, kw_only=True, gc=False):
    """A call starts; exactly one `CallEndEvent` with its `call_id` follows.

    Attributes:
        method: HTTP method.
        path: Path template, for example `/api/v1/rsn/shops/{id}`.
    """

    method: str
    path: str


class CallEndEvent(Event, frozen=True, kw_only=True, gc=False):
    """A call ended; `attempt` is the number of its attempts, 0 where none was begun.

    Attributes:
        outcome: `done`; `failed` for good; `unknown` for a write whose outcome is unknown;
            `cancelled`, with nothing in doubt.
        seconds: From the start, waits and retries included.
        error: Class of the error that the call ends with; None where it is done.
        reason: What went wrong; None where it is done, or was cancelled.
        status: HTTP status that the error stands for; None where there was none.
    """

    outcome: Literal["done", "failed", "unknown", "cancelled"]
    seconds: float
    error: str | None
    reason: str | None
    status: int | None


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
    """A write ended, and it is unknown whether it was carried out: it failed so, or was cancelled while on its way.

    Attributes:
        reason: What hid the outcome.
    """

    reason: str


class WaitEvent(Event, frozen=True, kw_only=True, gc=False):
    """The call waited for a permit before it was sent.

    Attributes:
        cause: `concurrency`, `rate`, or `retry-after` when the service has asked another call to wait.
        seconds: How long.
    """

    cause: Literal["concurrency", "rate", "retry-after"]
    seconds: float


class RefreshEvent(Event, frozen=True, kw_only=True, gc=False):
    """The session got new tokens; `operation` is the call that made them, `createSession` or `refreshSession`.

    Attributes:
        how: `login`, `refresh` or `store` (another process had renewed them; no call was made, and `call_id` is 0).
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
