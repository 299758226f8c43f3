"""Messages to a chat of Telegram, by a bot."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Any

import msgspec

from smartkasa_async._i18n.message import argument, msg
from smartkasa_async._i18n.safe_text import one_line
from smartkasa_async._i18n.secrets import Secrets
from smartkasa_async.relay.errors import RelayError
from smartkasa_async.relay.receivers import Attempt, Delivery, HttpReceiver, check_address, wait_of

if TYPE_CHECKING:
    import os

    from smartkasa_async._core.answers import Reply
    from smartkasa_async.relay.events import RelayMessage

API_URL = "https://api.telegram.org"
"""Where bots send their messages."""

_TOKEN = re.compile(r"\d{1,20}:[\w-]{20,100}", re.ASCII)
_CHAT = re.compile(r"-?\d{1,20}|@\w{4,64}", re.ASCII)
_LONGEST = 4096
"""UTF-16 code units of a text, escapes and tags not counted."""
_MOST_REASON = 200
_BAD_REQUEST = 400


class _Body(msgspec.Struct):
    text: str


class _Parameters(msgspec.Struct):
    retry_after: float | None = None
    migrate_to_chat_id: int | None = None


class _Answer(msgspec.Struct):
    ok: bool = False
    description: str = ""
    parameters: _Parameters = msgspec.field(default_factory=_Parameters)


class TelegramReceiver(HttpReceiver):
    """Sends the text of each message to a chat of Telegram, the headline in bold.

    A text that Telegram refuses is given up; where it refuses the token or the chat, the message is sent once more
    later, since that may be put right.

    Args:
        token: Token of the bot, as BotFather gives it. It stands in no error, log or repr.
        chat_id: Id of the chat or the group, or `@name` of a channel; the bot must be able to write there.
        name: Its name in the store, where several receivers share one.
        timeout: Seconds that Telegram has to answer.
        api_url: Address of Telegram's API, or of a server of one's own.
        proxy: Address of a proxy; None for the environment's.
        trust_env: Whether the environment may name a proxy; None for its own setting.
        ca_file: File of certificates to trust besides the system's.

    Raises:
        RelayError: The token, the chat or the address cannot be used.
        ConfigurationError: The proxy or the certificates cannot be used.
    """

    def __init__(
        self,
        token: str,
        *,
        chat_id: int | str,
        name: str = "telegram",
        timeout: float = 15.0,
        api_url: str = API_URL,
        proxy: str | None = None,
        trust_env: bool | None = None,
        ca_file: str | os.PathLike[str] | None = None,
    ) -> None:
        check_token(token)
        if not _CHAT.fullmatch(f"{chat_id}"):
            raise RelayError(
                msg(
                    "{field} is {value!r}; give the number of a chat, such as -1001234567890, or @name of a channel",
                    field=argument("chat_id"),
                    value=chat_id,
                )
            )
        check_address(api_url, "api_url")
        super().__init__(
            f"{api_url.rstrip('/')}/bot{token}/sendMessage",
            name=name,
            timeout=timeout,
            field="api_url",
            proxy=proxy,
            trust_env=trust_env,
            ca_file=ca_file,
        )
        self._chat_id = chat_id
        self._secrets = Secrets(token)

    async def send(self, message: RelayMessage) -> Attempt:
        """Send a message once.

        Args:
            message: The message.
        """
        body: dict[str, Any] = {
            "chat_id": self._chat_id,
            "text": html_of(msgspec.json.decode(message.body, type=_Body).text),
            "parse_mode": "HTML",
            "link_preview_options": {"is_disabled": True},
        }
        reply = await self.post(msgspec.json.encode(body))
        return reply if isinstance(reply, Attempt) else self._judge(reply)

    def _judge(self, reply: Reply) -> Attempt:
        try:
            answer = msgspec.json.decode(reply.body, type=_Answer)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            answer = _Answer()
        if reply.status == 200 and answer.ok:  # noqa: PLR2004
            return Attempt(Delivery.TAKEN)
        explanation = one_line(self._secrets.hide(answer.description))[:_MOST_REASON]
        reason = msg("Telegram answered {status}: {reason}", status=reply.status, reason=explanation or "—")
        if answer.parameters.migrate_to_chat_id is not None:
            reason = msg(
                "The group has become a supergroup; give its new number {number} as the chat",
                number=answer.parameters.migrate_to_chat_id,
            )
            return Attempt(Delivery.FAILED, reason)
        is_refused = reply.status == _BAD_REQUEST and "chat" not in answer.description.lower()
        wait = answer.parameters.retry_after
        return Attempt(
            Delivery.REFUSED if is_refused else Delivery.FAILED, reason, wait_of(reply) if wait is None else wait
        )


def check_token(token: str) -> None:
    """Refuse what cannot be the token of a bot; nothing of it is quoted.

    Raises:
        RelayError: It is refused.
    """
    if not _TOKEN.fullmatch(token):
        raise RelayError(
            msg(
                "{field} is no token of a Telegram bot, which is a number, a colon and letters; BotFather gives it",
                field=argument("token"),
            )
        )


def html_of(text: str) -> str:
    """Write a text in Telegram's HTML: the first line in bold, all of it escaped, and no longer than it may be.

    Args:
        text: A headline and further lines.
    """
    headline, newline, rest = shortened(text, _LONGEST).partition("\n")
    return f"<b>{_escaped(headline)}</b>{newline}{_escaped(rest)}"


def shortened(text: str, longest: int) -> str:
    """Cut a text to so many UTF-16 code units, the last of them an ellipsis, between its characters.

    Args:
        text: The text.
        longest: The number.
    """
    if len(text.encode("utf-16-le")) // 2 <= longest:
        return text
    kept = text.encode("utf-16-le")[: 2 * (longest - 1)].decode("utf-16-le", errors="ignore")
    return f"{kept}…"


def _escaped(text: str) -> str:
    return escape(text, quote=False)
