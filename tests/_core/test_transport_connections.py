"""What a service sends unasked on a kept connection is never taken for the answer to the next request."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager, closing
from typing import TYPE_CHECKING

import pytest

from smartkasa_async import ConnectionLostError
from smartkasa_async._core.requests import Request
from smartkasa_async._core.transport import Transport
from tests.support.service import answer
from tests.support.socket_server import SocketServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_STRAY = answer(b"stray")


class _Server(SocketServer):
    """Answers each request with its path, and sends strays when it is told."""

    def __init__(self, extra: bytes = b"") -> None:
        super().__init__()
        self._extra = extra

    def answer(self, connection: socket.socket, path: str) -> None:
        connection.sendall(answer(path.encode()) + self._extra)

    def send(self, content: bytes) -> None:
        """Send something on the last connection, and return when it is on its way."""
        self.connections[-1].sendall(content)


@asynccontextmanager
async def _transport() -> AsyncIterator[Transport]:
    transport = Transport(user_agent="test", connections=4, timeout=5.0, max_answer_bytes=1000, trace_configs=())
    try:
        yield transport
    finally:
        await transport.close()


async def _ask(transport: Transport, server: _Server, path: str) -> str:
    return (await transport.send(Request("GET", f"{server.url}{path}", None), {})).body.decode()


@pytest.mark.parametrize("stray", [_STRAY, _STRAY * 3, _STRAY[:20], b"\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"])
async def test_what_follows_an_answer_at_once_ends_the_connection(stray: bytes) -> None:
    with closing(_Server(stray)) as server:
        async with _transport() as transport:
            for number in range(5):
                assert await _ask(transport, server, f"/{number}") == f"/{number}"


@pytest.mark.parametrize("stray", [_STRAY, _STRAY[:20], b"\r\n", b"garbage", b"HTTP/1.1 100 Continue\r\n\r\n"])
async def test_what_comes_while_nothing_is_asked_ends_the_connection(stray: bytes) -> None:
    with closing(_Server()) as server:
        async with _transport() as transport:
            assert await _ask(transport, server, "/1") == "/1"
            server.send(stray)
            server.connections[-1].settimeout(5)
            closed = asyncio.to_thread(_wait_for_end, server)
            await asyncio.wait_for(closed, 5)
            assert await _ask(transport, server, "/2") == "/2"
        assert len(server.connections) == 2


async def test_an_answer_that_runs_on_into_garbage_is_lost() -> None:
    with closing(_Server(b"garbage")) as server:
        async with _transport() as transport:
            for number in range(3):
                with pytest.raises(ConnectionLostError):
                    await _ask(transport, server, f"/{number}")


def _wait_for_end(server: _Server) -> None:
    while server.requests and not _has_ended(server.connections[-1]):
        pass


def _has_ended(connection: socket.socket) -> bool:
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


@pytest.mark.parametrize("stray", [_STRAY, b"HTTP/1.1 100 Continue\r\n\r\n", b"garbage"])
async def test_what_came_while_the_event_loop_was_busy_ends_the_connection(stray: bytes) -> None:
    """It lies unread in the socket when the next request is about to be sent."""
    with closing(_Server()) as server:
        async with _transport() as transport:
            for number in range(5):
                assert await _ask(transport, server, f"/{number}") == f"/{number}"
                server.send(stray)  # on loopback it has arrived when this returns
        assert len(server.connections) == 5


async def test_a_connection_that_behaves_is_kept() -> None:
    with closing(_Server()) as server:
        async with _transport() as transport:
            for number in range(5):
                assert await _ask(transport, server, f"/{number}") == f"/{number}"
        assert len(server.connections) == 1


async def test_a_connection_that_the_service_closed_meanwhile_costs_no_request() -> None:
    with closing(_Server()) as server:
        async with _transport() as transport:
            for number in range(5):
                assert await _ask(transport, server, f"/{number}") == f"/{number}"
                server.connections[-1].shutdown(socket.SHUT_WR)  # seen by no event loop before the next request
        assert (len(server.connections), server.requests) == (5, 5)


async def test_interim_answers_are_skipped() -> None:
    class Interim(_Server):
        def answer(self, connection: socket.socket, path: str) -> None:
            connection.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
            super().answer(connection, path)

    with closing(Interim()) as server:
        async with _transport() as transport:
            for number in range(3):
                assert await _ask(transport, server, f"/{number}") == f"/{number}"
        assert len(server.connections) == 1


async def test_an_answer_that_ends_the_connection_too_early_is_lost() -> None:
    class Short(_Server):
        def answer(self, connection: socket.socket, path: str) -> None:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
            connection.shutdown(socket.SHUT_RDWR)

    with closing(Short()) as server:
        async with _transport() as transport:
            with pytest.raises(ConnectionLostError):
                await _ask(transport, server, "/1")
