"""A service of a test's own that commands can reach."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.support.service import serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.service import Arrived, Service

__all__ = ["serving"]


@contextmanager
def serving(reply: Callable[[Arrived], bytes]) -> Iterator[Service]:
    """Answer from a loop in a thread, while commands run in theirs.

    Args:
        reply: Chooses the answer.
    """
    started = threading.Event()
    found: list[Service] = []
    loop = asyncio.new_event_loop()
    stopped = asyncio.Event()

    async def run() -> None:
        async with serve(reply) as service:
            found.append(service)
            started.set()
            await stopped.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()))
    thread.start()
    try:
        assert started.wait(10)
        yield found[0]
    finally:
        loop.call_soon_threadsafe(stopped.set)
        thread.join(10)
        loop.close()
