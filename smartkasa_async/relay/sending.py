"""Sends the messages of an outbox: in order, with retries, outside of quiet hours."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING

import anyio
from anyio.lowlevel import checkpoint

from smartkasa_async._support import clock as _clock
from smartkasa_async.relay.receivers import Delivery
from smartkasa_async.relay.times import is_given_up, pause_after, wait_before_retry

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from smartkasa_async.relay.events import RelayMessage
    from smartkasa_async.relay.outbox import Outbox
    from smartkasa_async.relay.receivers import Attempt, Receiver
    from smartkasa_async.relay.times import QuietHours

_LONGEST_WAIT = 15.0
"""Seconds after which the outbox is looked at in any case: messages may be resent by another process."""

_LONGEST_ASKED = 86_400.0
"""Longest wait that a receiver can ask for, in seconds: one that asks for years is wrong."""


class Sender:
    """Sends the messages of an outbox.

    Args:
        outbox: The outbox.
        receiver: Where to.
        quiet_hours: When nothing is sent; None for never.
        on_attempt: Called after each attempt, with the message and what became of it.
    """

    def __init__(
        self,
        outbox: Outbox,
        receiver: Receiver,
        *,
        quiet_hours: QuietHours | None,
        on_attempt: Callable[[RelayMessage, Attempt], None],
    ) -> None:
        self._outbox = outbox
        self._receiver = receiver
        self._quiet_hours = quiet_hours
        self._on_attempt = on_attempt
        self._failures = 0
        self._not_before: datetime | None = None
        self._news = anyio.Event()

    def wake(self) -> None:
        """Look at the outbox at once."""
        self._news.set()

    async def run(self) -> None:
        """Send what is due, and wait for what comes, without an end."""
        while True:
            self._news = anyio.Event()
            wait = await self.send_due()
            with anyio.move_on_after(_LONGEST_WAIT if wait is None else min(wait, _LONGEST_WAIT)):
                await self._news.wait()

    async def send_due(self) -> float | None:
        """Send all messages that are due.

        Returns:
            Seconds until the next may be sent; None where none waits.
        """
        while True:
            if (wait := self._held()) is not None:
                return wait
            messages = await self._outbox.due(_clock.now())
            if not messages:
                next_at = await self._outbox.next_due_at()
                return None if next_at is None else max(0.0, (next_at - _clock.now()).total_seconds())
            for message in messages:
                if self._held() is not None:
                    break
                await self._send(message)

    def _held(self) -> float | None:
        """Return for how many seconds nothing may be sent; None where something may."""
        now = _clock.now()
        quiet_until = None if self._quiet_hours is None else self._quiet_hours.end_at(now)
        last = max((end for end in (self._not_before, quiet_until) if end is not None and end > now), default=None)
        return None if last is None else (last - now).total_seconds()

    async def _send(self, message: RelayMessage) -> None:
        await checkpoint()  # a receiver that waits for nothing would not see that the relay ends
        attempt = await self._receiver.send(message)
        now = _clock.now()
        if attempt.delivery is Delivery.TAKEN:
            self._failures, self._not_before = 0, None
            await self._outbox.delivered(message)
        elif attempt.delivery is Delivery.REFUSED:
            await self._outbox.failed(message, now, str(attempt.reason), None)
        else:
            self._failures += 1
            asked = min(attempt.retry_after or 0.0, _LONGEST_ASKED)
            self._not_before = now + timedelta(seconds=max(asked, pause_after(self._failures)))
            wait = max(asked, wait_before_retry(message.attempts + 1, random.uniform))
            is_over = is_given_up(message.first_tried_at or now, now)
            await self._outbox.failed(message, now, str(attempt.reason), None if is_over else wait)
        self._on_attempt(message, attempt)
