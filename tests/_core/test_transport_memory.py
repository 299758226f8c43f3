"""Many large answers at once: together they take no more room than a few."""

from __future__ import annotations

import asyncio
import gzip
import threading
import tracemalloc
from contextlib import asynccontextmanager, closing, suppress
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async import AnswerTooLargeError, CallTimeoutError
from smartkasa_async._core.requests import Request
from smartkasa_async._core.transport import Transport
from tests.support.service import answer
from tests.support.socket_server import SocketServer

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator

_MIB = 2**20
_MOST = 8 * _MIB
_AT_ONCE = 12
_IN_AIOHTTP = _MIB * 3 // 4
"""What it reads ahead before it pauses, which uvloop's reads fill; it is there twice while it is joined."""


class _Server(SocketServer):
    """Answers `/large` and `/small` at once; of `/stalled` half, and the rest when it is told."""

    def __init__(self, large: bytes = answer(b" " * _MOST)) -> None:
        super().__init__()
        self._large = large
        self.goes_on = threading.Event()

    def answer(self, connection: socket.socket, path: str) -> None:
        if path == "/small":
            connection.sendall(answer(b"{}"))
        elif path == "/large":
            connection.sendall(self._large)
        else:
            half = len(self._large) // 2
            connection.sendall(self._large[:half])
            self.goes_on.wait(30)
            connection.sendall(self._large[half:])

    def close(self) -> None:
        self.goes_on.set()
        super().close()


@asynccontextmanager
async def _transport() -> AsyncIterator[Transport]:
    transport = Transport(
        user_agent="test", connections=_AT_ONCE, timeout=20.0, max_answer_bytes=_MOST, trace_configs=()
    )
    try:
        yield transport
    finally:
        await transport.close()


async def _size(transport: Transport, server: _Server, path: str, **options: Any) -> int:
    return len((await transport.send(Request("GET", f"{server.url}{path}", None), {}, **options)).body)


async def _has_turn(transport: Transport) -> None:
    async with asyncio.timeout(10):
        while not transport._large.locked():  # noqa: ASYNC110
            await asyncio.sleep(0)


_PLAIN = answer(b" " * _MOST)
_PACKED = answer(gzip.compress(b" " * _MOST), 200, "Content-Encoding: gzip")
_ENDLESS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"10000\r\n%b\r\n" % (b" " * 65536) * 200


@pytest.mark.parametrize("large", [_PLAIN, _PACKED, _ENDLESS], ids=["plain", "packed", "endless"])
async def test_many_large_answers_at_once_take_little_room(large: bytes) -> None:
    with closing(_Server(large)) as server:
        async with _transport() as transport:

            async def one() -> None:
                with suppress(AnswerTooLargeError):
                    assert await _size(transport, server, "/large") == _MOST

            tracemalloc.start()
            try:
                await asyncio.gather(*(one() for _ in range(_AT_ONCE)))
                _, peak = tracemalloc.get_traced_memory()
            finally:
                tracemalloc.stop()
    assert peak < _AT_ONCE * (_MIB + 2 * _IN_AIOHTTP) + 3 * _MOST


async def test_an_answer_that_stalls_keeps_no_small_one_waiting_and_no_large_one_for_ever() -> None:
    with closing(_Server()) as server:
        async with _transport() as transport:
            stalled = asyncio.ensure_future(_size(transport, server, "/stalled"))
            await _has_turn(transport)
            assert await _size(transport, server, "/small") == 2
            async with asyncio.timeout(5):
                with pytest.raises(CallTimeoutError):
                    await _size(transport, server, "/large", seconds=0.2)
            waiting = asyncio.ensure_future(_size(transport, server, "/large"))
            server.goes_on.set()
            assert list(await asyncio.gather(stalled, waiting)) == [_MOST] * 2


@pytest.mark.parametrize("ending", ["cancelled", "too late", "broken"])
async def test_an_answer_that_ends_otherwise_gives_up_its_turn(ending: str) -> None:
    with closing(_Server()) as server:
        async with _transport() as transport:
            seconds = 0.5 if ending == "too late" else 20.0
            stalled = asyncio.ensure_future(_size(transport, server, "/stalled", seconds=seconds))
            await _has_turn(transport)
            if ending == "cancelled":
                stalled.cancel()
            elif ending == "broken":
                server.connections[-1].shutdown(2)
            (ended,) = await asyncio.gather(stalled, return_exceptions=True)
            assert isinstance(ended, BaseException)
            assert await _size(transport, server, "/large") == _MOST
