"""A server that answers from memory, in a process of its own, so that it costs the client nothing."""

from __future__ import annotations

import asyncio
import multiprocessing
from contextlib import contextmanager
from typing import TYPE_CHECKING

from benchmarks.payloads import ANSWERS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

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


async def _serve(pipe: Connection) -> None:
    server = await asyncio.get_running_loop().create_server(_Canned, "127.0.0.1", 0)
    pipe.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


def _run(pipe: Connection) -> None:
    asyncio.run(_serve(pipe))


@contextmanager
def canned_server() -> Iterator[str]:
    """Run the server while the block runs, and give its address."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_run, args=(theirs,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}"
    finally:
        process.terminate()
        process.join()
