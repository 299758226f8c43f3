"""Clients for the tests, and ways to hold a call where it is without sleeping."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import aiohttp

from smartkasa_async import RetryPolicy, SmartKasa

if TYPE_CHECKING:
    from smartkasa_async.sandbox import Sandbox

__all__ = ["LOGIN", "LOGOUT", "REFRESH", "SHOPS", "Gate", "client"]

LOGIN = "POST /api/v1/auth/sessions"
REFRESH = "POST /api/v1/auth/refresh"
LOGOUT = "DELETE /api/v1/auth/sessions/logout"
SHOPS = "GET /api/v1/rsn/shops"


def client(box: Sandbox, **options: Any) -> SmartKasa:
    """Make a client that repeats without waiting; options go before the sandbox's credentials, None takes one away."""
    settings: dict[str, Any] = {"retry": RetryPolicy(first_wait=0), **box.credentials, **options}
    return SmartKasa(**settings)


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
