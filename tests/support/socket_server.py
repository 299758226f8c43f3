"""A service of blocking sockets and threads, for what an event loop of the tests' own would hide."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["SocketServer"]


class SocketServer:
    """Answers each request on a connection of a thread of its own; a subclass says how.

    Attributes:
        connections: In the order in which they were opened.
        requests: How many came.
    """

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.connections: list[socket.socket] = []
        self.requests = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def answer(self, connection: socket.socket, path: str) -> None:
        """Answer one request."""
        raise NotImplementedError

    def close(self) -> None:
        """Close all sockets, which ends the threads."""
        self._listener.close()
        for connection in self.connections:
            connection.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections.append(connection)
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        try:
            for path in _requests(connection):
                self.requests += 1
                self.answer(connection, path)
        except OSError:
            return


def _requests(connection: socket.socket) -> Iterator[str]:
    received = b""
    while chunk := connection.recv(4096):
        received += chunk
        while b"\r\n\r\n" in received:
            head, _, received = received.partition(b"\r\n\r\n")
            yield head.split(b" ")[1].decode()
