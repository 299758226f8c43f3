"""Requests of `doctor`: single, never retried, and no write but the login and the refresh."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from smartkasa_async._core.answers import read_page, read_reply
from smartkasa_async._core.requests import Request, build_request, headers_for
from smartkasa_async._core.transport import Transport
from smartkasa_async._core.wire_forms import lacks_envelope
from smartkasa_async._generated import operations
from smartkasa_async._i18n.secrets import Secrets, hide_in_error
from smartkasa_async._support.clock import answered_at
from smartkasa_async.errors import NotConnectedError, TransportError, UnreadableAnswerError
from smartkasa_async.models import SessionCreate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType
    from typing import Self

    from smartkasa_async._support.network import Network, Proxy
    from smartkasa_async.errors import UnreadableRecord
    from smartkasa_async.models import Session
    from smartkasa_async.operations import Operation
    from smartkasa_async.settings import TokenForm, WireForm

AnswerT = TypeVar("AnswerT")

_USER_AGENT = "smartkasa-async doctor"
_CONNECT_SECONDS = 10.0
_ANSWER_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ConnectionInfo:
    """What a test connection showed.

    Attributes:
        address: IP address that answered, or the host and port of the proxy that led there.
        certificate_until: When its certificate ends; None where that is not known.
        by_proxy: Whether a proxy led there.
    """

    address: str
    certificate_until: datetime | None
    by_proxy: bool = False


async def probe_connection(base_url: str, network: Network) -> ConnectionInfo:
    """Connect to the service and disconnect.

    Raises:
        NotConnectedError: A proxy is to lead there, and it could not be reached so.
        socket.gaierror: Its name is unknown.
        ssl.SSLError: Its certificate is not accepted.
        OSError: It does not answer; TimeoutError when it takes too long.
    """
    parts = urlsplit(base_url)
    proxy = network.proxy_for(base_url)
    if proxy is not None:
        await _probe_through_proxy(proxy, base_url, network)
        return ConnectionInfo(proxy.shown, None, by_proxy=True)
    context = (network.ssl_context or ssl.create_default_context()) if parts.scheme == "https" else None
    port = parts.port or (443 if context else 80)
    async with asyncio.timeout(_CONNECT_SECONDS):
        _reader, writer = await asyncio.open_connection(parts.hostname, port, ssl=context)
    peer = writer.get_extra_info("peername")
    certificate = writer.get_extra_info("peercert") or {}
    writer.transport.abort()
    until = certificate.get("notAfter")
    return ConnectionInfo(
        peer[0], None if until is None else datetime.fromtimestamp(ssl.cert_time_to_seconds(until), UTC)
    )


async def _probe_through_proxy(proxy: Proxy, base_url: str, network: Network) -> None:
    transport = Transport(
        user_agent=_USER_AGENT,
        connections=1,
        timeout=_CONNECT_SECONDS,
        max_answer_bytes=_ANSWER_BYTES,
        trace_configs=(),
        network=network,
        proxy=proxy,
    )
    try:
        await transport.send(Request("GET", base_url, None), {})
    except NotConnectedError:
        raise
    except TransportError:
        pass  # whatever the service answers to this, it was reached
    finally:
        await transport.close()


class ApiProbe:
    """Sends single requests with bodies and tokens in any form, without a session of its own.

    Attributes:
        skew: Seconds that the local clock is ahead of the service's; None before an answer had the time.
        asks_for_envelope: Whether the service has refused a body and named the key of its envelope as missing.
        unreadable: Records that do not have the documented form, each once.
    """

    def __init__(self, base_url: str, api_key: str, now: Callable[[], datetime], network: Network) -> None:
        proxy = network.proxy_for(base_url)
        self._base_url = base_url.rstrip("/")
        self._api_key = api_key
        self._secrets = Secrets(api_key, proxy.password if proxy else None)
        self._now = now
        self._transport = Transport(
            user_agent=_USER_AGENT,
            connections=1,
            timeout=30.0,
            max_answer_bytes=_ANSWER_BYTES,
            trace_configs=(),
            network=network,
            proxy=proxy,
        )
        self.skew: float | None = None
        self.asks_for_envelope: bool = False
        self.unreadable: dict[bytes, UnreadableRecord] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._transport.close()

    async def login(self, wire: WireForm, phone_number: str, password: str) -> Session:
        """Log in with a body of one form.

        Raises:
            SmartKasaError: It did not succeed.
        """
        body = SessionCreate(phone_number=phone_number, password=password)
        self._secrets.learn(phone_number, password)
        return self._learned((await self._send(operations.CREATE_SESSION, wire, "bearer", None, body=body)).data)

    async def refresh(self, wire: WireForm, token_form: TokenForm, token: str) -> Session:
        """Exchange a refresh token for a new pair.

        Raises:
            SmartKasaError: It did not succeed.
        """
        return self._learned((await self._send(operations.REFRESH_SESSION, wire, token_form, token)).data)

    def _learned(self, session: Session) -> Session:
        self._secrets.learn(session.access, session.refresh, session.csrf or None)
        return session

    async def read(
        self,
        operation: Operation[AnswerT],
        token_form: TokenForm,
        token: str,
        query: Mapping[str, object] | None = None,
    ) -> AnswerT:
        """Read with a token of one form; of a list, the records that can be read.

        Raises:
            SmartKasaError: It did not succeed.
        """
        return await self._send(operation, "flat", token_form, token, query=query)

    async def _send(
        self,
        operation: Operation[AnswerT],
        wire: WireForm,
        token_form: TokenForm,
        token: str | None,
        *,
        query: Mapping[str, object] | None = None,
        body: Any = None,
    ) -> AnswerT:
        request = build_request(operation, base_url=self._base_url, wire=wire, query=query, body=body)
        headers = headers_for(operation, token_form=token_form, api_key=self._api_key, token=token, body=request.body)
        self._secrets.learn(token)
        hide = self._secrets.sent_in(request.body).hide
        try:
            reply = await self._transport.send(request, headers)
        except (TransportError, UnreadableAnswerError) as error:
            hide_in_error(error, hide)
            raise
        if lacks_envelope(operation, reply):
            self.asks_for_envelope = True
        if self.skew is None and (moment := answered_at(reply.headers)):
            self.skew = (self._now() - moment).total_seconds()
        if operation.pages is None:
            return read_reply(operation, reply, hide)
        answer, unreadable = read_page(operation, reply, query or {}, hide)
        self.unreadable |= {record.raw: record for record in unreadable}
        return answer
