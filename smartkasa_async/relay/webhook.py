"""Messages to an address of one's own, signed."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from smartkasa_async._i18n.message import argument, msg
from smartkasa_async._support import clock as _clock
from smartkasa_async.relay.errors import RelayError
from smartkasa_async.relay.receivers import Attempt, Delivery, HttpReceiver, wait_of

if TYPE_CHECKING:
    import os

    from smartkasa_async.relay.events import RelayMessage

_LEAST_SECRET_BYTES = 16
_REFUSED = frozenset({400, 413, 422})
"""Statuses that are about the message; whatever is wrong with the receiver itself may be put right."""


def sign(secret: bytes, timestamp: int, body: bytes) -> str:
    """Sign a message: HMAC-SHA256 of the timestamp, a point and the body, in hexadecimal digits.

    Args:
        secret: What sender and receiver share.
        timestamp: When it is sent, in seconds since 1970.
        body: The JSON.
    """
    return hmac.new(secret, b"%d." % timestamp + body, hashlib.sha256).hexdigest()


class WebhookReceiver(HttpReceiver):
    """Posts each message to an address, signed.

    `Smartkasa-Id` is the message's id, the same in each attempt; `Smartkasa-Timestamp` is when it is sent, in seconds
    since 1970; `Smartkasa-Signature` is `sha256=` and the HMAC-SHA256 of timestamp, point and body. Any answer 2xx
    means that the message was taken; 400, 413 and 422 that it never will be; after all else it is sent once more.

    Args:
        url: The address: `https`, or `http` to this machine. No redirect is followed.
        secret: What the receiver checks the signature by, 16 bytes or more.
        name: Its name in the store, where several receivers share one.
        timeout: Seconds that it has to answer.
        proxy: Address of a proxy; None for the environment's.
        trust_env: Whether the environment may name a proxy; None for its own setting.
        ca_file: File of certificates to trust besides the system's.

    Raises:
        RelayError: The address cannot be used, or the secret is too short.
        ConfigurationError: The proxy or the certificates cannot be used.
    """

    def __init__(
        self,
        url: str,
        *,
        secret: str | bytes,
        name: str = "webhook",
        timeout: float = 15.0,
        proxy: str | None = None,
        trust_env: bool | None = None,
        ca_file: str | os.PathLike[str] | None = None,
    ) -> None:
        super().__init__(
            url, name=name, timeout=timeout, field="url", proxy=proxy, trust_env=trust_env, ca_file=ca_file
        )
        self._secret = secret.encode() if isinstance(secret, str) else bytes(secret)
        if len(self._secret) < _LEAST_SECRET_BYTES:
            raise RelayError(
                msg(
                    "{field} has fewer than {least} bytes; make one, for example by: openssl rand -hex 32",
                    field=argument("secret"),
                    least=_LEAST_SECRET_BYTES,
                )
            )

    async def send(self, message: RelayMessage) -> Attempt:
        """Send a message once.

        Args:
            message: The message.
        """
        timestamp = int(_clock.now().timestamp())
        headers = {
            "Smartkasa-Id": message.id,
            "Smartkasa-Timestamp": f"{timestamp}",
            "Smartkasa-Signature": f"sha256={sign(self._secret, timestamp, message.body)}",
        }
        reply = await self.post(message.body, headers)
        if isinstance(reply, Attempt):
            return reply
        if 200 <= reply.status < 300:  # noqa: PLR2004
            return Attempt(Delivery.TAKEN)
        reason = msg("The receiver answered {status}", status=reply.status)
        return Attempt(Delivery.REFUSED if reply.status in _REFUSED else Delivery.FAILED, reason, wait_of(reply))
