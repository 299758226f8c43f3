"""The clock of a push and its waits: all the time that a push lets pass, passes here."""

from __future__ import annotations

import anyio


def now() -> float:
    """Return the present moment on the event loop's clock, seconds."""
    return anyio.current_time()


async def wait_until(moment: float, event: anyio.Event) -> None:
    """Wait until a moment, or until something happens.

    Args:
        moment: Moment on the event loop's clock, seconds; one that is past does not wait.
        event: What ends the wait before.
    """
    with anyio.move_on_at(moment):
        await event.wait()
