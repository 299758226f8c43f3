"""Clients for the tests, and ways to hold a call where it is without sleeping."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from smartkasa_async import RetryPolicy, SmartKasa

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from smartkasa_async.sandbox import Sandbox

__all__ = ["LOGIN", "LOGOUT", "REFRESH", "SHOPS", "Gate", "client", "cut_off", "finish"]

LOGIN = "POST /api/v1/auth/sessions"
REFRESH = "POST /api/v1/auth/refresh"
LOGOUT = "DELETE /api/v1/auth/sessions/logout"
SHOPS = "GET /api/v1/rsn/shops"


def client(box: Sandbox, **options: Any) -> SmartKasa:
    """Make a client that repeats without waiting; options go before the sandbox's credentials, None takes one away."""
    settings: dict[str, Any] = {"retry": RetryPolicy(first_wait=0), **box.credentials, **options}
    return SmartKasa(**settings)


async def finish(job: Awaitable[object]) -> object:
    """Await a job that is to be a task."""
    return await job


async def cut_off(job: Awaitable[object], box: Sandbox, call: str) -> None:
    """Cancel a job when a call of it has arrived.

    Args:
        job: The job.
        box: Where it arrives.
        call: Method and path template.
    """
    running = asyncio.ensure_future(finish(job))
    while not box.calls[call]:  # noqa: ASYNC110  (nothing else tells of it)
        await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


class Gate:
    """Holds requests before they are sent, for those methods and paths that it is told; counts what passes."""

    def __init__(self, method: str, path: str) -> None:
        self._method = method
        self._path = path
        self._open = asyncio.Event()
        self.reached = asyncio.Event()
        self.waiting = 0
        self.most_waiting = 0

    @property
    def trace(self) -> aiohttp.TraceConfig:
        """What the client takes as one of its `trace_configs`."""
        config = aiohttp.TraceConfig()
        config.on_request_start.append(self._hold)
        return config

    def open(self) -> None:
        """Let all pass, now and later."""
        self._open.set()

    async def _hold(
        self, _session: aiohttp.ClientSession, _context: Any, request: aiohttp.TraceRequestStartParams
    ) -> None:
        if request.method == self._method and request.url.path == self._path:
            self.waiting += 1
            self.most_waiting = max(self.most_waiting, self.waiting)
            self.reached.set()
            try:
                await self._open.wait()
            finally:
                self.waiting -= 1
