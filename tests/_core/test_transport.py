"""One request, sent once: what comes back, and what each trouble is called."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import struct
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey

from smartkasa_async import (
    AnswerTooLargeError,
    CallTimeoutError,
    CertificateError,
    ConnectionLostError,
    NotConnectedError,
    RedirectRefusedError,
    TransportError,
)
from smartkasa_async._core.requests import Request
from smartkasa_async._core.transport import Transport
from smartkasa_async._i18n.external import external_message
from tests.support.service import answer, serve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aioresponses import aioresponses

_LIMIT = 1000
_URL = "https://core.smartkasa.ua/api/v1/rsn/shops/1"
_HEADERS = {"X-API-KEY": "s3cret-key", "Authorization": "Bearer s3cret-token"}


@asynccontextmanager
async def _transport(**options: Any) -> AsyncIterator[Transport]:
    settings = {"connections": 4, "timeout": 5.0, "max_answer_bytes": _LIMIT, "trace_configs": (), **options}
    transport = Transport(user_agent="test", **settings)
    try:
        yield transport
    finally:
        await transport.close()


async def _send(reply: bytes, *, method: str = "GET", keep_open: bool = False, **options: Any) -> Any:
    async with serve(reply, keep_open=keep_open) as service, _transport(**options) as transport:
        return await transport.send(Request(method, f"{service.url}/x", None), _HEADERS)


# --- answers ---


async def test_answer_comes_as_it_is() -> None:
    reply = await _send(answer(b"{}", 418, "X-Request-Id: r-1", "Content-Type: text/plain; charset=windows-1251"))
    assert (reply.status, reply.body, reply.request_id) == (418, b"{}", "r-1")
    assert reply.headers["x-request-ID"] == "r-1"


async def test_compressed_and_chunked_answers_are_read() -> None:
    packed = gzip.compress(b" " * _LIMIT)
    assert (await _send(answer(packed, 200, "Content-Encoding: gzip"))).body == b" " * _LIMIT
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    assert (await _send(chunked)).body == b"{}"
    assert (await _send(b"HTTP/1.1 200 OK\r\n\r\n{}")).body == b"{}"
    assert (await _send(b"HTTP/1.1 204 No Content\r\n\r\n")).body == b""


async def test_hooks_of_aiohttp_hear_of_the_body() -> None:
    heard = []

    async def hear(_session: Any, _context: Any, received: aiohttp.TraceResponseChunkReceivedParams) -> None:
        heard.append(received.chunk)

    hooks = aiohttp.TraceConfig()
    hooks.on_response_chunk_received.append(hear)
    assert (await _send(answer(b"{}"), trace_configs=[hooks])).body == b"{}"
    assert heard == [b"{}"]


async def test_address_is_sent_as_it_was_quoted() -> None:
    async with serve(answer(b"{}")) as service, _transport() as transport:
        await transport.send(Request("GET", f"{service.url}/a%2Fb%20c?q=%D0%86+%26", None), {})
    assert service.arrived[0].target == "/a%2Fb%20c?q=%D0%86+%26"


async def test_headers_begin_with_the_host_and_are_those_of_the_client_and_of_the_call() -> None:
    async with serve(answer(b"{}")) as service, _transport() as transport:
        await transport.send(Request("POST", f"{service.url}/x", b"{}"), _HEADERS)
    assert list(service.arrived[0].headers.items()) == [
        ("Host", service.url.removeprefix("http://")),
        ("Accept", "application/json"),
        ("Accept-Encoding", "gzip, deflate"),
        ("User-Agent", "test"),
        *_HEADERS.items(),
        ("Content-Length", "2"),
        ("Content-Type", "application/octet-stream"),
    ]


async def test_no_cookies_are_kept() -> None:
    async with serve(answer(b"{}", 200, "Set-Cookie: session=s3cret; Path=/")) as service, _transport() as transport:
        url = service.url.replace("127.0.0.1", "localhost")  # aiohttp keeps none of an address in any case
        for _ in range(2):
            await transport.send(Request("GET", f"{url}/x", None), {})
    assert service.connections == 1
    assert all("Cookie" not in request.headers for request in service.arrived)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 300, 304])
async def test_redirects_are_refused(status: int) -> None:
    async with (
        serve(lambda _: answer(b"", status, "Location: /elsewhere?s3cret")) as service,
        _transport() as transport,
    ):
        with pytest.raises(RedirectRefusedError, match="check base_url") as caught:
            await transport.send(Request("POST", f"{service.url}/x", b"{}"), _HEADERS)
    assert caught.value.status == status
    assert "s3cret" not in str(caught.value)
    assert len(service.arrived) == 1


async def test_redirect_names_the_other_host(mocked: aioresponses) -> None:
    mocked.get(_URL, status=302, headers={"Location": "https://user:s3cret@example.com/?s3cret"})
    async with _transport() as transport:
        with pytest.raises(RedirectRefusedError, match=r"redirect to example\.com,") as caught:
            await transport.send(Request("GET", _URL, None), _HEADERS)
    assert "s3cret" not in str(caught.value)


async def test_redirect_to_nonsense_is_refused_too() -> None:
    with pytest.raises(RedirectRefusedError):
        await _send(answer(b"", 302, "Location: http://[nonsense"))


@pytest.mark.parametrize(
    "reply",
    [
        answer(b" " * (_LIMIT + 1)),
        answer(b" " * (_LIMIT + 1), 500),
        answer(gzip.compress(b" " * 10_000_000), 200, "Content-Encoding: gzip"),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + b" " * (_LIMIT + 1) + b"\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n" + b" " * (_LIMIT + 1),
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
    ],
    ids=["length", "error", "compressed", "chunked", "until the end", "only told"],
)
async def test_too_large_answers_are_refused(reply: bytes) -> None:
    with pytest.raises(AnswerTooLargeError, match="larger than 1000 bytes"):
        await _send(reply)


async def test_answer_at_the_limit_is_taken() -> None:
    assert len((await _send(answer(b" " * _LIMIT))).body) == _LIMIT


async def test_connection_of_a_refused_answer_is_not_used_again() -> None:
    replies = iter([b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nHTTP/1.1 200 OK", answer(b"{}")])
    async with serve(lambda _: next(replies)) as service, _transport() as transport:
        with pytest.raises(AnswerTooLargeError):
            await transport.send(Request("GET", f"{service.url}/x", None), {})
        assert (await transport.send(Request("GET", f"{service.url}/x", None), {})).body == b"{}"
    assert service.connections == 2


# --- trouble ---


_BROKEN = {
    "hung up": b"",
    "half a head": b"HTTP/1.1 200 OK\r\nSet-Cookie: s3cret",
    "no HTTP": b"SSH-2.0-OpenSSH s3cret\r\n\r\n",
    "wrong header": b"HTTP/1.1 200 OK\r\nS3cret s3cret\x00: x\r\n\r\n",
    "long header": b"HTTP/1.1 200 OK\r\nX: " + b"s3cret" * 20_000 + b"\r\n\r\n",
    "wrong length": b"HTTP/1.1 200 OK\r\nContent-Length: s3cret\r\n\r\n",
    "half a body": b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"access":"s3cret"',
    "wrong chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\ns3cret\r\n{}",
    "half a chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\ns3cret",
    "too much": answer(b"", 200) + b'{"access":"s3cret"}',
}


@pytest.mark.parametrize("case", _BROKEN)
async def test_broken_answers_are_lost_connections(case: str) -> None:
    keep_open = case == "too much"  # the next answer on the same connection is what breaks
    async with serve(_BROKEN[case], keep_open=keep_open) as service, _transport() as transport:
        with pytest.raises(ConnectionLostError) as caught:  # noqa: PT012
            for _ in range(2):
                await transport.send(Request("GET", f"{service.url}/x", None), _HEADERS)
    assert len(service.arrived) in {1, 2}
    _assert_no_secret(caught.value)


def _assert_no_secret(error: TransportError) -> None:
    """Look through all that a crash report could show: messages, reprs, arguments, attributes, causes."""
    queue: list[BaseException | None] = [error]
    seen: list[BaseException] = []
    while queue:
        current = queue.pop()
        if current is not None and current not in seen:
            seen.append(current)
            queue += [current.__cause__, current.__context__]
            assert "s3cret" not in f"{current} {current!r} {current.args!r} {vars(current)!r}"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "POST"])
async def test_request_is_sent_once_even_on_a_kept_connection(method: str) -> None:
    """When a kept connection turns out to be dead, aiohttp repeats idempotent methods by itself; here it must not."""
    replies = iter([answer(b"{}"), b"", answer(b"{}")])
    async with serve(lambda _: next(replies)) as service, _transport() as transport:
        request = Request(method, f"{service.url}/x", None)
        await transport.send(request, {})
        with pytest.raises(ConnectionLostError):
            await transport.send(request, {})
    assert len(service.arrived) == 2


async def test_refused_connection_means_that_nothing_was_sent() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with _transport() as transport:
        with pytest.raises(NotConnectedError, match="could not be reached") as caught:
            await transport.send(Request("POST", f"http://127.0.0.1:{port}/x", b"{}"), _HEADERS)
    _assert_no_secret(caught.value)


async def test_texts_are_the_same_under_each_event_loop() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        unused = f"127.0.0.1:{free.getsockname()[1]}"
    resetting = await asyncio.start_server(_reset, "127.0.0.1", 0)
    plain = await asyncio.start_server(_refuse, "127.0.0.1", 0)
    reset, untrusted = (f"127.0.0.1:{server.sockets[0].getsockname()[1]}" for server in (resetting, plain))
    async with resetting, plain, _transport() as transport:
        said = {
            f"http://{unused}": f"The service could not be reached: {unused}: Connection refused",
            f"http://{reset}": "The connection broke before the answer was complete: Connection reset by peer",
            f"https://{untrusted}": f"The service could not be reached: {untrusted}: WRONG_VERSION_NUMBER",
        }
        for address, text in said.items():
            with pytest.raises(TransportError) as caught:
                await transport.send(Request("POST", f"{address}/x", b"{}"), _HEADERS)
            assert str(caught.value) == text
    with pytest.raises(socket.gaierror) as unknown:  # which asks nobody, since it is to be a number
        await asyncio.get_running_loop().getaddrinfo("nowhere.invalid", 80, flags=socket.AI_NUMERICHOST)
    assert external_message(unknown.value) == "Name or service not known"


async def _reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)
    at_once = struct.pack("ii", 1, 0)  # what is closed so is not ended but reset
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
    writer.transport.abort()


async def _refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    writer.close()


@pytest.mark.parametrize("greeting", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
async def test_port_that_speaks_no_tls_means_that_nothing_was_sent(greeting: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(greeting)
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server, _transport() as transport:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(NotConnectedError) as caught:
            await transport.send(Request("POST", f"https://127.0.0.1:{port}/x", b"{}"), _HEADERS)
    _assert_no_secret(caught.value)


async def test_connecting_that_takes_too_long_means_that_nothing_was_sent() -> None:
    """A TLS handshake that never ends is ended before the call's own time is over."""
    async with serve(b"") as service, _transport(timeout=1.0) as transport:
        with pytest.raises(NotConnectedError):
            await transport.send(Request("POST", service.url.replace("http", "https"), b"{}"), _HEADERS)
    assert service.arrived == []


_KEY = ConnectionKey(
    "core.smartkasa.ua", 443, is_ssl=True, ssl=True, proxy=None, proxy_auth=None, proxy_headers_hash=None
)


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (aiohttp.ClientConnectorCertificateError(_KEY, ssl.SSLCertVerificationError("expired")), CertificateError),
        (aiohttp.ClientConnectorSSLError(_KEY, ssl.SSLError("no cipher")), NotConnectedError),
        (aiohttp.ClientConnectorDNSError(_KEY, OSError(-2, "Name or service not known")), NotConnectedError),
        (aiohttp.ConnectionTimeoutError("connect"), NotConnectedError),
        (aiohttp.SocketTimeoutError("read"), CallTimeoutError),
        (TimeoutError(), CallTimeoutError),
        (aiohttp.ServerDisconnectedError(), ConnectionLostError),
        (aiohttp.ClientOSError(104, "Connection reset by peer"), ConnectionLostError),
        (aiohttp.ClientConnectionResetError("closing"), ConnectionLostError),
        (ConnectionResetError(104, "Connection reset by peer"), ConnectionLostError),
        (aiohttp.ClientPayloadError("incomplete"), ConnectionLostError),
    ],
    ids=lambda value: value.__class__.__name__ if isinstance(value, Exception) else None,
)
async def test_trouble_has_its_class(raised: Exception, kind: type[TransportError], mocked: aioresponses) -> None:
    mocked.post(_URL, exception=raised)
    async with _transport() as transport:
        with pytest.raises(TransportError) as caught:
            await transport.send(Request("POST", _URL, b"{}"), _HEADERS)
    assert type(caught.value) is kind
    _assert_no_secret(caught.value)


async def test_time_is_bounded_for_the_whole_answer() -> None:
    begun = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"
    async with serve(begun) as service, _transport() as transport:
        with pytest.raises(CallTimeoutError):
            await transport.send(Request("GET", f"{service.url}/x", None), {}, seconds=0.05)
    async with serve(begun) as service, _transport(timeout=0.05) as transport:
        with pytest.raises(CallTimeoutError):
            await transport.send(Request("GET", f"{service.url}/x", None), {})


async def test_closing_ends_what_runs() -> None:
    async with serve(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{") as service, _transport() as transport:
        running = asyncio.ensure_future(transport.send(Request("GET", f"{service.url}/x", None), {}))
        while not service.arrived:  # noqa: ASYNC110
            await asyncio.sleep(0)
        await transport.close()
        with pytest.raises(ConnectionLostError):
            await running


async def test_cancelling_is_honoured() -> None:
    async with serve(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{") as service, _transport() as transport:
        running = asyncio.ensure_future(transport.send(Request("GET", f"{service.url}/x", None), {}))
        while not service.arrived:  # noqa: ASYNC110
            await asyncio.sleep(0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running


async def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert (await _send(answer(b"{}"))).status == 200
