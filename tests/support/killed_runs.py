"""Jobs that are killed at a request of the service that they work with."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from hypothesis import event

if TYPE_CHECKING:
    from collections.abc import Coroutine

__all__ = ["ends_by_itself"]


async def ends_by_itself(
    working: Coroutine[Any, Any, None],
    service: Any,
    stopped: type[Exception],
    *,
    killed_at: int | None,
    before_work: bool,
) -> bool:
    """Work, and be killed at a request of the service, before or after it does what it is asked for.

    Args:
        working: The work.
        service: Calls its `on_request` and its `on_answer`.
        stopped: What the work raises when it stops early.
        killed_at: Number of the request, from 1; None for never.
        before_work: Whether the kill comes before the service's work.

    Returns:
        Whether the work was neither killed nor stopped; anything else that it ends with is raised.
    """
    task = asyncio.ensure_future(working)
    left = killed_at

    def kill() -> None:
        nonlocal left
        if left is not None:
            left -= 1
            if left == 0:
                task.cancel()

    nothing = service.on_request
    setattr(service, "on_request" if before_work else "on_answer", kill)
    (result,) = await asyncio.gather(task, return_exceptions=True)
    service.on_request = service.on_answer = nothing
    if isinstance(result, stopped):
        event("stopped")
    elif isinstance(result, asyncio.CancelledError):
        event("killed")
    elif result is not None:
        raise result
    return result is None
