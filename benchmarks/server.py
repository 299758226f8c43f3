"""A server that answers from memory, in a process of its own, so that it costs the client nothing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from benchmarks.payloads import ANSWERS
from benchmarks.peers.calls.requests import BATCH_PATH
from benchmarks.processes import served

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

__all__ = ["canned_server"]


_HEAD = b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
_REPLIES = {
    path.encode(): _HEAD % (b"201 Created" if path == BATCH_PATH else b"200 OK", len(body)) + body
    for path, body in ANSWERS.items()
}


_END = b"\r\n\r\n"
_LENGTH = b"content-length:"


class _Canned(asyncio.Protocol):
    """As little HTTP as the benchmark needs: requests with a length or without a body, on kept connections."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._buffer = b""

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while _END in self._buffer:
            end = self._buffer.index(_END) + len(_END)
            head = self._buffer[:end]
            if head.startswith(b"POST"):
                length = head.lower().partition(_LENGTH)[2].partition(b"\r\n")[0]
                end += int(length)
                if len(self._buffer) < end:
                    return
            self._buffer = self._buffer[end:]
            self._transport.write(_REPLIES[head.split(b" ", 2)[1].partition(b"?")[0]])


def canned_server(core: int | None = None) -> AbstractContextManager[str]:
    """Run the server while the block runs, and give its address.

    Args:
        core: The only core that it may use; None for any.
    """
    return served(_Canned, core)
