"""Kept connections of aiohttp, which are given up as soon as the service sends on them what nobody asked for.

aiohttp would take it for the answer to the next request.
"""

from __future__ import annotations

import asyncio
import select
from functools import partial
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler

__all__ = ["StrictConnector"]


class StrictConnector(aiohttp.TCPConnector):
    """Keeps connections on which nothing came but answers; its arguments are those of aiohttp's."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._factory: partial[Any] = partial(_Connection, loop=asyncio.get_running_loop())

    def _release(self, key: Any, protocol: Any, *, should_close: bool = False) -> None:
        protocol.is_idle = True
        super()._release(key, protocol, should_close=should_close)


class _Connection(ResponseHandler):
    """A connection that knows whether something is asked on it."""

    is_idle = False

    def set_response_params(self, **params: Any) -> None:
        """Begin to wait for an answer."""
        self.is_idle = False
        super().set_response_params(**params)

    def data_received(self, data: bytes) -> None:
        """Take a part of an answer."""
        if data and self.is_idle:  # aiohttp itself calls with nothing, to go on
            self.close()
        else:
            super().data_received(data)

    def is_connected(self) -> bool:
        """Tell whether the next request may be sent here: not where something came that was not read yet."""
        return super().is_connected() and not (self.is_idle and _has_unread(self.transport))


def _has_unread(transport: asyncio.Transport | None) -> bool:
    """Look into the socket: the event loop may have been busy since something came."""
    descriptor = -1 if transport is None else transport.get_extra_info("socket").fileno()
    if descriptor < 0:
        return True
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        return bool(poll.poll(0))
    return bool(select.select([descriptor], [], [], 0)[0])
