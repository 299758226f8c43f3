"""A stand-in for the service: a bare socket that records what arrives and answers with given bytes."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import to_builtins

from smartkasa_async.models import Session

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Callable

__all__ = ["SAMPLES", "Arrived", "Service", "answer", "make_session", "renewing", "serve"]

SAMPLES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent.parent / "fixtures" / "documentation.json").read_text("utf-8"), parse_float=Decimal
)
"""The documentation's 13 curl commands and their answers, numbers exact."""

_LATER = timedelta(hours=1)


@dataclass(frozen=True)
class Arrived:
    """A request as it came over the socket."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, numbers exact; None where there is none."""
        return json.loads(self.body, parse_float=Decimal) if self.body else None


@dataclass
class Service:
    """Where the stand-in listens, and what has arrived."""

    url: str
    arrived: list[Arrived] = field(default_factory=list)
    connections: int = 0


def make_session(
    access: str = "your_access_token_here",
    refresh: str = "your_refresh_token_here",
    *,
    access_left: timedelta = _LATER,
    refresh_left: timedelta = _LATER,
) -> Session:
    now = datetime.now(UTC)
    return Session(
        access=access,
        refresh=refresh,
        csrf="csrf",
        access_expires_at=now + access_left,
        refresh_expires_at=now + refresh_left,
    )


def answer(body: Any, status: int = 200, *headers: str) -> bytes:
    """Make an answer; a body that is not bytes goes out as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body, default=float).encode()
    lines = [f"HTTP/1.1 {status} Said so", f"Content-Length: {len(content)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + content


def renewing(reply: Callable[[Arrived], bytes]) -> Callable[[Arrived], bytes]:
    """Give a new session to whoever asks for one, and otherwise what is told."""
    session = answer({"data": to_builtins(make_session("new_access", "new_refresh")), "meta": {}}, 201)
    return lambda request: session if "/auth/" in request.target else reply(request)


@asynccontextmanager
async def serve(
    reply: bytes | Callable[[Arrived], bytes], *, keep_open: bool = True, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Service]:
    """Listen on a free port of loopback.

    Args:
        reply: What to answer, or what chooses it; no bytes for hanging up.
        keep_open: Whether the connection stays open after an answer.
        tls: With which certificate; None for plain http.
    """
    open_writers: set[asyncio.StreamWriter] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        service.connections += 1
        open_writers.add(writer)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                request = await _read(reader)
                service.arrived.append(request)
                content = reply(request) if callable(reply) else reply
                writer.write(content)
                await writer.drain()
                if not keep_open or not content:
                    break
        open_writers.discard(writer)
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, limit=2**20, ssl=tls)
    service = Service(f"{'https' if tls else 'http'}://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    try:
        yield service
    finally:
        server.close()
        for writer in open_writers:
            writer.close()


async def _read(reader: asyncio.StreamReader) -> Arrived:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    method, target, _ = head[0].split(" ")
    headers = dict(line.split(": ", 1) for line in head[1:] if line)
    body = await reader.readexactly(int(headers.get("Content-Length", 0)))
    return Arrived(method, target, headers, body)
