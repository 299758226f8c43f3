"""Sends one request and gives the answer's bytes; with `_connections`, all that knows aiohttp."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from http import HTTPStatus
from typing import TYPE_CHECKING

import aiohttp
from yarl import URL

from smartkasa_async import errors
from smartkasa_async._core.answers import Reply
from smartkasa_async._core.connections import LeanRequest, NoCookies, NotOpenedError, open_connector
from smartkasa_async._core.deadlines import Deadlines
from smartkasa_async._core.encodings import ACCEPTED, Unpacking, is_text
from smartkasa_async._i18n.external import external_message
from smartkasa_async._i18n.message import join_messages, msg
from smartkasa_async._support.network import Network

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from smartkasa_async._core.requests import Request
    from smartkasa_async._i18n.message import Message
    from smartkasa_async._support.network import Proxy

_CONNECT_SECONDS = 10.0
_DIRECT = Network()
_PROXY_WANTS_CREDENTIALS = 407
_STATUSES = frozenset(HTTPStatus)
_UNSENT = (
    aiohttp.ClientConnectorError,
    aiohttp.ServerFingerprintMismatch,
    aiohttp.ConnectionTimeoutError,
    NotOpenedError,
)
_LARGE_BYTES = 2**20
"""An answer that is larger waits for its turn: all of a client together are not to fill the memory."""
_BYTES_FOR_MALLOC = 2**22
"""More than the 256 KiB that asyncio allocates for each read; half of what pages being read take and free again."""


class Transport:
    """Connections to one service, in one event loop.

    Args:
        user_agent: Value of the User-Agent header.
        connections: Most connections open at once.
        timeout: Seconds that a request may take unless `send` is given another timeout.
        max_answer_bytes: Largest answer that is accepted, bytes after decompression. Beyond its first MiB only one
            answer is read at a time, so that this bounds all of them too.
        trace_configs: aiohttp's hooks, passed through.
        network: How connections are made.
        proxy: What they go through; None for directly.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        connections: int,
        timeout: float,
        max_answer_bytes: int,
        trace_configs: Sequence[aiohttp.TraceConfig],
        network: Network = _DIRECT,
        proxy: Proxy | None = None,
    ) -> None:
        # glibc's malloc gets blocks above a size from the kernel one by one, and gives back what is free at the heap's
        # end; once a larger one was freed, it keeps blocks up to that size, and twice as much at the end. Without
        # this, each read maps 256 KiB anew and each page asks for its memory anew: a sixth of a call. The block itself
        # is never touched, and takes no memory.
        bytes(_BYTES_FOR_MALLOC)
        self._loop = asyncio.get_running_loop()
        self._max_answer_bytes = max_answer_bytes
        self._small_bytes = min(max_answer_bytes, _LARGE_BYTES)
        self._large = asyncio.Semaphore(1)
        self._seconds = timeout
        self._timeout = _timeout(timeout)
        self._deadlines = Deadlines()
        self._is_traced = bool(trace_configs)
        self._ssl = network.ssl_context or True
        self._proxy = proxy
        self._proxy_url = None if proxy is None else URL(proxy.url)
        # Apart from the address, which stands in aiohttp's errors; of these headers a digest does.
        known = proxy is not None and proxy.authorization
        self._proxy_headers = {"Proxy-Authorization": known} if known else None
        self._session = aiohttp.ClientSession(
            request_class=LeanRequest,
            connector=open_connector(network, connections=connections),
            cookie_jar=NoCookies(),
            headers={"Accept": "application/json", "Accept-Encoding": ACCEPTED, "User-Agent": user_agent},
            auto_decompress=False,  # it takes a body that it cannot unpack for a broken connection
            timeout=self._timeout,
            trace_configs=list(trace_configs),
        )
        # aiohttp would send PUT and DELETE again by itself when a kept connection breaks; `retry` decides that.
        self._session._retry_connection = False  # noqa: SLF001

    async def send(self, request: Request, headers: Mapping[str, str], *, seconds: float | None = None) -> Reply:
        """Send a request once and read the whole answer.

        Args:
            request: What to send.
            headers: Its headers.
            seconds: How long it may take in all; None for the transport's own timeout.

        Raises:
            NotConnectedError: Nothing was sent; CertificateError if because of its certificate, ProxyRefusedError if
                because of the proxy's answer.
            ConnectionLostError: The connection broke after that.
            CallTimeoutError: The time is over.
            RedirectRefusedError: The answer is a redirect.
            AnswerTooLargeError: The answer is larger than allowed.
            UnreadableAnswerError: The answer of success is packed in a way that cannot be undone.
        """
        seconds = self._seconds if seconds is None else seconds
        try:
            with self._deadlines.until(self._loop.time() + seconds):
                # The public `request` does the same through a context manager, which costs 4 % of a small call more.
                response = await self._session._request(  # noqa: SLF001
                    request.method,
                    URL(request.url, encoded=True),
                    headers=headers,
                    data=request.body,
                    allow_redirects=False,
                    timeout=self._timeout if seconds == self._seconds else _timeout(seconds),
                    ssl=self._ssl,
                    proxy=self._proxy_url,
                    proxy_headers=self._proxy_headers,
                )
                try:
                    return Reply(response.status, response.headers, await self._read(response))
                except BaseException:
                    response.release()  # which what was read to its end has done by itself
                    raise
        except _UNSENT as error:
            cause = error.reason if isinstance(error, NotOpenedError) else error
            raise self._not_connected(error) from cause
        except (TimeoutError, aiohttp.ServerTimeoutError) as error:
            raise errors.CallTimeoutError(msg("No answer came before the deadline")) from error
        except (aiohttp.ClientError, ConnectionError) as error:
            message = msg("The connection broke before the answer was complete: {reason}", reason=_reason(error))
            cause = error if isinstance(error, OSError) else None
        except RuntimeError:
            # aiohttp's word for reading an answer whose connection is just being closed.
            if not self._session.closed:
                raise
            message, cause = msg("The connection was closed before the answer was complete"), None
        # Raised out here: aiohttp's other errors hold the request's headers or parts of an answer, tokens among them.
        raise errors.ConnectionLostError(message) from cause

    async def close(self) -> None:
        """Close all connections; requests that run end with `ConnectionLostError`."""
        await self._session.close()
        self._deadlines.close()
        # TLS transports finish closing in the loop's next turns.
        await asyncio.sleep(0)

    def _not_connected(self, error: Exception) -> errors.NotConnectedError:
        if isinstance(error, NotOpenedError):
            if error.proxy_status is not None and self._proxy is not None:
                return _refusal_of_proxy(self._proxy, error.proxy_status)
            error = error.reason or error
        reason = _reason(error)
        if isinstance(error, (aiohttp.ClientConnectorCertificateError, aiohttp.ServerFingerprintMismatch)):
            return errors.CertificateError(
                msg(
                    "The certificate is not accepted: {reason}; an authority of your own network is named by ca_file",
                    reason=reason,
                )
            )
        if isinstance(error, aiohttp.ClientProxyConnectionError):
            return errors.NotConnectedError(msg("The proxy could not be reached: {reason}", reason=reason))
        return errors.NotConnectedError(self._not_reached(reason, None if self._proxy is None else self._proxy.shown))

    def _not_reached(self, reason: Message, proxy: str | None) -> Message:
        """Describe that the service, or the proxy before it, could not be reached."""
        if proxy is None:
            return msg("The service could not be reached: {reason}", reason=reason)
        return msg("The service could not be reached through the proxy {proxy}: {reason}", proxy=proxy, reason=reason)

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        if 300 <= response.status < 400:  # noqa: PLR2004
            raise errors.RedirectRefusedError(_redirect(response), status=response.status)
        length = response.content_length
        if length is None or length > self._small_bytes or "Content-Encoding" in response.headers:
            return await self._read_bounded(response)
        if response.content.is_eof() and not self._is_traced:  # all of it came with its head, and no hook is to hear
            return response.content.read_nowait()
        return await response.read()

    async def _read_bounded(self, response: aiohttp.ClientResponse) -> bytes:
        """Read an answer that may be large; who reads more than a MiB waits for nothing else, so all get their turn."""
        limit = self._max_answer_bytes
        if (response.content_length or 0) > limit:
            raise _too_large(response, limit)
        body = bytearray()
        unpacking = Unpacking(response.headers.get("Content-Encoding", ""))
        has_turn = False
        async with AsyncExitStack() as stack:
            async for chunk in response.content.iter_any():
                for part in unpacking.unpack(chunk):
                    body += part
                    if len(body) > limit:
                        raise _too_large(response, limit)
                    if not has_turn and len(body) > self._small_bytes:
                        await stack.enter_async_context(self._large)
                        has_turn = True
            if not unpacking.is_unpacked:
                return _as_it_came(response, bytes(body), is_whole=unpacking.is_as_it_came)
            return bytes(body)


def _too_large(response: aiohttp.ClientResponse, limit: int) -> errors.AnswerTooLargeError:
    return errors.AnswerTooLargeError(
        msg("The answer is larger than {count} bytes", count=limit), status=response.status
    )


def _as_it_came(response: aiohttp.ClientResponse, body: bytes, *, is_whole: bool) -> bytes:
    """Judge a body that is not packed as its header states, or in a way that cannot be undone."""
    if response.status >= 400:  # noqa: PLR2004
        return body if is_text(body) else b""  # what was refused is known by the status
    if is_text(body) and is_whole:
        return body
    encoding = response.headers.get("Content-Encoding", "")
    raise errors.UnreadableAnswerError(
        msg("The answer cannot be unpacked: its Content-Encoding is {encoding}", encoding=encoding),
        path="$",
        excerpt="",
        status=response.status,
    )


def _timeout(seconds: float) -> aiohttp.ClientTimeout:
    # Less than the whole, which is bounded apart: when connecting takes too long, it is known that nothing was sent.
    return aiohttp.ClientTimeout(total=None, sock_connect=min(0.9 * seconds, _CONNECT_SECONDS))


def _refusal_of_proxy(proxy: Proxy, status: int) -> errors.ProxyRefusedError:
    if status != _PROXY_WANTS_CREDENTIALS:
        name = HTTPStatus(status).phrase if status in _STATUSES else ""
        message = msg(
            "The proxy {proxy} does not pass the connection on ({status})",
            proxy=proxy.shown,
            status=f"{status} {name}".rstrip(),
        )
    elif proxy.authorization is None:
        message = msg(
            "The proxy {proxy} asks for a user and a password (407); give them in its address, http://user:password@…",
            proxy=proxy.shown,
        )
    else:
        message = msg(
            "The proxy {proxy} does not accept the user and the password (407); they are given in the way Basic, and no"
            " other is known",
            proxy=proxy.shown,
        )
    return errors.ProxyRefusedError(message, status=status)


def _redirect(response: aiohttp.ClientResponse) -> Message:
    try:
        target = URL(response.headers.get("Location", "")).host
    except ValueError:
        target = None
    if not target:
        return msg("The service answered with a redirect, and none is followed; check base_url")
    return msg("The service answered with a redirect to {host}, and none is followed; check base_url", host=target)


def _reason(error: Exception) -> Message:
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        cause = error.certificate_error
    elif isinstance(error, aiohttp.ClientConnectorError):
        cause = error.os_error
    else:
        return external_message(error)
    return join_messages([f"{error.host}:{error.port}", external_message(cause)], ": ")
