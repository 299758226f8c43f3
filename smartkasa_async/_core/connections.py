"""Connections of aiohttp: when none comes about, that is known; a kept one on which strays arrive is given up.

aiohttp would take what the service sends unasked for the answer to the next request.
"""

from __future__ import annotations

import asyncio
import select
from functools import partial
from http.cookies import BaseCookie, SimpleCookie
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp.client_proto import ResponseHandler
from multidict import CIMultiDict

from smartkasa_async._i18n.message import msg
from smartkasa_async.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from smartkasa_async._support.network import Network


class NotOpenedError(aiohttp.ClientError):
    """No connection came about, so nothing was sent.

    It does not hold aiohttp's own error, which has the headers that were sent to a proxy.

    Attributes:
        proxy_status: What a proxy answered instead of passing the connection on; None where it did not.
        reason: What else was wrong; None where it may not be quoted.
    """

    def __init__(self, failure: Exception) -> None:
        super().__init__(type(failure).__name__)
        self.proxy_status = failure.status if isinstance(failure, aiohttp.ClientHttpProxyError) else None
        self.reason = failure if isinstance(failure, OSError) else None


def open_connector(network: Network, *, connections: int) -> aiohttp.BaseConnector:
    """Make the connector of the running event loop.

    Whoever makes it, what fails before a connection stands, a proxy's refusal among it, is distinguished from what
    fails later, when something may have been sent.

    Args:
        network: How connections are made.
        connections: Most connections open at once, of a connector of our own.

    Raises:
        ConfigurationError: The caller's factory gives no connector.
    """
    make = network.connector_factory or partial(StrictConnector, limit=connections, ttl_dns_cache=60)
    connector: object = make()
    if not isinstance(connector, aiohttp.BaseConnector):
        kind = type(connector).__name__
        raise ConfigurationError(
            msg("connector_factory gives {type}; it must give a new connector of aiohttp", type=kind)
        )
    open_connection = connector._create_connection  # noqa: SLF001  (aiohttp has no other hook for it)

    async def create(request: Any, traces: Any, timeout: aiohttp.ClientTimeout) -> Any:  # noqa: ASYNC109  (aiohttp's)
        try:
            async with asyncio.timeout(timeout.sock_connect):  # a proxy that does not answer is bounded by nothing else
                return await open_connection(request, traces, timeout)
        except (TimeoutError, aiohttp.ClientConnectorError, aiohttp.ServerFingerprintMismatch):
            raise
        except Exception as error:  # noqa: BLE001  (a connector of others may raise anything)
            failure = NotOpenedError(error)
        raise failure

    vars(connector)["_create_connection"] = create
    return connector


class StrictConnector(aiohttp.TCPConnector):
    """Keeps connections on which nothing came but answers; its arguments are those of aiohttp's."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._factory: partial[Any] = partial(_Connection, loop=asyncio.get_running_loop())

    def _release(self, key: Any, protocol: Any, *, should_close: bool = False) -> None:
        protocol.is_idle = True
        super()._release(key, protocol, should_close=should_close)


class _Connection(ResponseHandler):
    """A connection that knows whether something is asked on it."""

    is_idle = False
    _was_paused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, on a socket that stays the same."""
        super().connection_made(transport)
        self._has_unread = _reader_of(transport.get_extra_info("socket").fileno())

    def set_response_params(self, **params: Any) -> None:
        """Begin to wait for an answer."""
        self.is_idle = False
        super().set_response_params(**params)

    def data_received(self, data: bytes) -> None:
        """Take a part of an answer."""
        if self.is_idle and data:  # aiohttp itself calls with nothing, to go on
            self.close()
        else:
            super().data_received(data)

    def is_connected(self) -> bool:
        """Return whether the next request may be sent here: not where something came that was not read yet."""
        return super().is_connected() and not (self.is_idle and self._has_unread())

    def pause_reading(self) -> None:
        """Stop reading, since what came waits to be taken."""
        self._was_paused = True
        super().pause_reading()

    def resume_reading(self, *args: Any, **options: Any) -> None:
        """Read on; aiohttp asks for it with each part that is taken, a tenth of a small call, and seldom paused."""
        if self._was_paused:
            self._was_paused = False
            super().resume_reading(*args, **options)


class LeanRequest(aiohttp.ClientRequest):
    """A request whose headers are all given, as those of the transport are: nothing is looked for and filled in."""

    def update_headers(self, headers: Any) -> None:
        """Take the headers that the session has put together for this request."""
        self.headers = CIMultiDict()
        self.headers["Host"] = self.url.host_port_subcomponent or ""
        self.headers.extend(headers)

    def update_auto_headers(self, skip_auto_headers: Any) -> None:
        """Add nothing: who calls gives what aiohttp would."""


class NoCookies(aiohttp.DummyCookieJar):
    """Keeps no cookies, and makes none for each request."""

    def __init__(self) -> None:
        super().__init__()
        self._none: BaseCookie[str] = SimpleCookie()

    def filter_cookies(self, request_url: Any) -> BaseCookie[str]:  # noqa: ARG002  (aiohttp's)
        """Return no cookies."""
        return self._none


def _reader_of(descriptor: int) -> Callable[[], object]:
    """Make what looks into a socket: the event loop may have been busy since something came."""
    if not hasattr(select, "poll"):
        return lambda: select.select([descriptor], [], [], 0)[0]
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return partial(poll.poll, 0)
