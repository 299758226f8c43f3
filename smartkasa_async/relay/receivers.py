"""Receivers of messages: what they have in common, and the HTTP below them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, Self
from urllib.parse import urlsplit

from smartkasa_async._core.answers import Reply
from smartkasa_async._core.requests import Request
from smartkasa_async._core.transport import Transport
from smartkasa_async._i18n.message import argument, msg
from smartkasa_async._support import clock as _clock
from smartkasa_async._support.arguments import check_seconds
from smartkasa_async._support.network import Network, is_loopback
from smartkasa_async._version import __version__
from smartkasa_async.errors import AnswerTooLargeError, RedirectRefusedError, SmartKasaError, UnreadableAnswerError
from smartkasa_async.relay.errors import RelayError
from smartkasa_async.retry import parse_retry_after

if TYPE_CHECKING:
    import os
    from types import TracebackType

    from smartkasa_async._i18n.message import Message
    from smartkasa_async.relay.events import RelayMessage

_MOST_ANSWER_BYTES = 65_536
_HEADERS = {"Content-Type": "application/json"}


class Delivery(StrEnum):
    """What became of an attempt."""

    TAKEN = "taken"
    """The receiver has the message."""
    FAILED = "failed"
    """It may not have it; the message is sent once more, and the receiver is left alone for a while."""
    REFUSED = "refused"
    """It has it and never takes it; the message is given up."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt to deliver a message.

    Attributes:
        delivery: What became of it.
        reason: Why it was not taken; None where it was.
        retry_after: Seconds that the receiver asks to wait; None where it does not.
    """

    delivery: Delivery
    reason: Message | None = None
    retry_after: float | None = None


class Receiver(Protocol):
    """Takes messages; write your own for another messenger or a queue."""

    @property
    def name(self) -> str:
        """Its name in the store, the same in each run: what was not delivered waits under it."""

    async def send(self, message: RelayMessage) -> Attempt:
        """Send a message once.

        What goes wrong is returned, never raised, and the reason holds no secret.
        """


class _ToReceiver(Transport):
    def _not_reached(self, reason: Message, proxy: str | None) -> Message:
        if proxy is None:
            return msg("The receiver could not be reached: {reason}", reason=reason)
        return msg("The receiver could not be reached through the proxy {proxy}: {reason}", proxy=proxy, reason=reason)


class HttpReceiver:
    """Sends JSON by HTTP; no redirect is followed, and nothing of the address stands in an error.

    Args:
        url: Where to; `https`, or `http` to this machine.
        name: Its name in the store.
        timeout: Seconds that a message may take.
        field: Name of the argument that gives the address.
        proxy: Address of a proxy; None for the environment's.
        trust_env: Whether the environment may name a proxy; None for its own setting.
        ca_file: File of certificates to trust besides the system's.

    Raises:
        RelayError: The address cannot be used.
        ConfigurationError: The proxy or the certificates cannot be.
    """

    def __init__(
        self,
        url: str,
        *,
        name: str,
        timeout: float,
        field: str,
        proxy: str | None = None,
        trust_env: bool | None = None,
        ca_file: str | os.PathLike[str] | None = None,
    ) -> None:
        check_address(url, field)
        check_seconds("timeout", timeout)
        self._url = url
        self._name = name
        self._timeout = timeout
        self._network = Network.of(proxy=proxy, trust_env=trust_env, ca_file=ca_file)
        self._network.check_for(url)
        self._transport: Transport | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}(name={self._name!r})"

    @property
    def name(self) -> str:
        """Its name in the store."""
        return self._name

    async def __aenter__(self) -> Self:
        self._transport = _ToReceiver(
            user_agent=f"smartkasa-async/{__version__}",
            connections=1,
            timeout=self._timeout,
            max_answer_bytes=_MOST_ANSWER_BYTES,
            trace_configs=(),
            network=self._network,
            proxy=self._network.proxy_for(self._url),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._transport is not None:
            await self._transport.close()

    async def post(self, body: bytes, headers: dict[str, str] | None = None) -> Reply | Attempt:
        """Post JSON; give the answer, or the attempt that failed without one.

        Args:
            body: The JSON.
            headers: Headers beside its type.

        Raises:
            RelayError: The receiver is not open.
        """
        if self._transport is None:
            raise RelayError(msg("The receiver is not open; use it inside async with {name}", name=repr(self)))
        try:
            return await self._transport.send(Request("POST", self._url, body), {**_HEADERS, **(headers or {})})
        except (AnswerTooLargeError, UnreadableAnswerError) as error:
            return Reply(error.status or 0, {}, b"")  # the status is what counts
        except RedirectRefusedError as error:
            reason = msg("The receiver answered {status}, a redirect, and none is followed", status=error.status)
            return Attempt(Delivery.FAILED, reason)
        except SmartKasaError as error:
            return Attempt(Delivery.FAILED, error.as_message())


def wait_of(reply: Reply) -> float | None:
    """Return how many seconds an answer asks to wait; None where it does not."""
    return parse_retry_after(reply.headers, _clock.now())


def check_address(url: str, field: str) -> None:
    """Refuse an address that is none, or to which anybody on the way could read what is sent.

    Args:
        url: The address; it may hold a secret, so that it is not quoted.
        field: Name of the argument.

    Raises:
        RelayError: It is refused.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    if parts.scheme not in {"http", "https"} or not host or port == 0 or not url.isprintable() or " " in url:
        raise RelayError(
            msg("{field} is no address; give one such as https://example.com/smartkasa", field=argument(field))
        )
    if parts.username or parts.password:
        raise RelayError(
            msg(
                "{field} has a user or a password before the host; leave it out: messages are signed",
                field=argument(field),
            )
        )
    if parts.scheme == "http" and not is_loopback(host):
        raise RelayError(
            msg(
                "{field} begins with http://, so that anybody on the way could read the messages; give https://, or an"
                " address of this machine",
                field=argument(field),
            )
        )
