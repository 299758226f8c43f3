"""A proxy as companies have it, which passes https on and notes all that it sees; and an authority for certificates."""

from __future__ import annotations

import asyncio
import ssl
from base64 import b64encode
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import trustme

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

__all__ = ["HOST", "Authority", "ConnectProxy", "proxying"]

HOST = "pos.example.invalid"
"""A name that no resolver knows, so that only a proxy leads there."""


class Authority:
    """A certificate authority that no system knows.

    Args:
        folder: Where its certificate goes.
    """

    def __init__(self, folder: Path) -> None:
        self._ca = trustme.CA()
        self.file = folder / "authority.pem"
        self._ca.cert_pem.write_to_path(self.file)

    def server(self, *names: str) -> ssl.SSLContext:
        """Make what a server of some names needs."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._ca.issue_cert(*(names or (HOST, "127.0.0.1"))).configure_cert(context)
        return context


@dataclass
class ConnectProxy:
    """Where the proxy listens, and what it has seen.

    Attributes:
        url: Its address, without user and password.
        address: Its host and port.
        asked: First lines of the requests.
        seen: All bytes that came, those within tunnels among them.
    """

    url: str
    asked: list[str] = field(default_factory=list)
    seen: bytearray = field(default_factory=bytearray)

    @property
    def address(self) -> str:
        return self.url.partition("://")[2]

    def named(self, credentials: str) -> str:
        """Give the address with `user:password`."""
        return self.url.replace("://", f"://{credentials}@")


@asynccontextmanager
async def proxying(
    target: str, *, credentials: str | None = None, reply: bytes | None = None, tls: ssl.SSLContext | None = None
) -> AsyncIterator[ConnectProxy]:
    """Listen on a free port of loopback, as a proxy.

    Args:
        target: Address of the service that stands for all names.
        credentials: `user:password` that it asks for.
        reply: What it answers in the place of passing on; no bytes for hanging up.
        tls: With which certificate; None for a proxy that is reached by plain http.
    """
    port = int(target.rpartition(":")[2])
    wanted = None if credentials is None else f"Basic {b64encode(credentials.encode()).decode()}"
    talks: set[asyncio.Task[None]] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
                await answer(reader, writer)
        finally:
            writer.close()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        proxy.seen += head
        lines = head.decode().split("\r\n")
        proxy.asked.append(lines[0])
        if reply is not None:
            writer.write(reply)
        elif wanted is not None and f"Proxy-Authorization: {wanted}" not in lines:
            writer.write(b"HTTP/1.1 407 Who are you\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n")
        else:
            await _pass_on(reader, writer, port, proxy.seen)

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(talk(reader, writer))
        talks.add(task)
        task.add_done_callback(talks.discard)

    server = await asyncio.start_server(begin, "127.0.0.1", 0, ssl=tls)
    proxy = ConnectProxy(f"{'https' if tls else 'http'}://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    try:
        yield proxy
    finally:
        server.close()
        for task in talks:
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int, seen: bytearray) -> None:
    there, back = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
    try:
        await asyncio.gather(_copy(reader, back, seen), _copy(there, writer, bytearray()))
    finally:
        back.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: bytearray) -> None:
    while chunk := await reader.read(65536):
        seen += chunk
        writer.write(chunk)
        await writer.drain()
    writer.close()
