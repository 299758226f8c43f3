"""A server that answers from memory, in a process of its own, so that it costs the client nothing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from benchmarks.payloads import ANSWERS
from benchmarks.processes import served

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

__all__ = ["canned_server"]


_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
_REPLIES = {path.encode(): _HEAD % len(body) + body for path, body in ANSWERS.items()}


class _Canned(asyncio.Protocol):
    """As little HTTP as the benchmark needs: GET requests without a body, on kept connections."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._buffer = b""

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while b"\r\n\r\n" in self._buffer:
            head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
            path = head.split(b" ", 2)[1].partition(b"?")[0]
            self._transport.write(_REPLIES[path])


def canned_server() -> AbstractContextManager[str]:
    """Run the server while the block runs, and give its address."""
    return served(_Canned)
