"""A receiver of messages on loopback: it answers as ordered, and checks each signature as the docs show it."""

from __future__ import annotations

import hashlib
import hmac
from collections import deque
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from smartkasa_async._support import clock as _clock
from smartkasa_async.relay.events import Event, EventKind
from smartkasa_async.relay.outbox import Draft, Outbox
from smartkasa_async.relay.sending import Sender
from tests.support.service import answer, serve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    import pytest

    from smartkasa_async.relay import Attempt, QuietHours, Receiver, RelayMessage
    from smartkasa_async.stores import Store
    from tests.support.service import Arrived

__all__ = ["HANGS", "LOST", "SECRET", "Bench", "MessageReceiver", "about", "listening"]

SECRET = "a-secret-that-both-sides-know"
LOST = b""
"""The receiver takes the message and hangs up without an answer."""
HANGS = b"HTTP/1.1 2"
"""The receiver takes the message and never ends its answer."""


@dataclass
class MessageReceiver:
    """Takes messages.

    Attributes:
        url: Where it listens.
        answers: What it does with the next messages: a status, bytes or an answer; then it takes them all.
        bodies: What arrived, in order, answered well or not.
        taken: Ids of what it took, repeats among them.
        forged: Ids of what came with a wrong signature.
        targets: Paths that were posted to.
        on_message: Called as a message has come, before it is answered.
    """

    url: str = ""
    answers: deque[int | bytes] = field(default_factory=deque)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    forged: list[str] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    on_message: Callable[[], object] = lambda: None

    def __call__(self, request: Arrived) -> bytes:
        body = request.json
        self.bodies.append(body)
        self.targets.append(request.target)
        self.on_message()
        if "Smartkasa-Signature" in request.headers:
            signed = request.headers["Smartkasa-Timestamp"].encode() + b"." + request.body
            expected = "sha256=" + hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
            if not hmac.compare_digest(expected, request.headers["Smartkasa-Signature"]):
                self.forged.append(body["id"])
            assert request.headers["Smartkasa-Id"] == body["id"]
        ordered = self.answers.popleft() if self.answers else 204
        if ordered in (200, 204) or ordered == LOST:
            self.taken.append(body.get("id") or body["text"])
        return ordered if isinstance(ordered, bytes) else answer(b"", ordered)

    @property
    def told(self) -> list[str]:
        """Types of what arrived."""
        return [body["type"] for body in self.bodies]


@asynccontextmanager
async def listening() -> AsyncIterator[MessageReceiver]:
    """Serve a receiver on a free port of loopback."""
    receiver = MessageReceiver()
    async with serve(receiver) as service:
        receiver.url = f"{service.url}/hook"
        yield receiver


def about(subject: str, kind: EventKind = EventKind.RECEIPT_CHANGED, **data: Any) -> Event:
    at = datetime(2026, 10, 20, 9, tzinfo=UTC)
    return Event(kind=kind, subject=subject, at=at, shop_id=1, text=f"Про {subject}", data=data)


class Bench:
    """An outbox and its sender, by a clock that only the test moves on.

    Attributes:
        now: The present moment.
        outbox: The outbox, taken over.
        attempts: What became of each attempt.
    """

    def __init__(
        self,
        store: Store,
        receiver: Receiver,
        patch: pytest.MonkeyPatch,
        *,
        now: datetime = datetime(2026, 10, 20, 9, tzinfo=UTC),
        quiet_hours: QuietHours | None = None,
    ) -> None:
        self.now = now
        self.outbox = Outbox(store, receiver.name)
        self.attempts: list[tuple[RelayMessage, Attempt]] = []
        self.sender = Sender(
            self.outbox,
            receiver,
            quiet_hours=quiet_hours,
            on_attempt=lambda message, attempt: self.attempts.append((message, attempt)),
        )
        patch.setattr(_clock, "now", lambda: self.now)
        patch.setattr("smartkasa_async.relay.sending.random.uniform", lambda least, most: (least + most) / 2)

    async def put(self, *subjects: str) -> None:
        await self.outbox.commit([Draft(about(subject)) for subject in subjects])

    async def send(self) -> float | None:
        return await self.sender.send_due()

    async def send_all(self, *, within: timedelta = timedelta(days=1)) -> None:
        """Send, and let the clock go on to when the next is due, until none waits."""
        end = self.now + within
        while (wait := await self.send()) is not None:
            self.now += timedelta(seconds=wait)
            assert self.now < end, "messages are left"
