"""Keep messages as JSON, so that they can be translated when they are read."""

from __future__ import annotations

from typing import Any

import msgspec

from smartkasa_async._i18n.message import Message
from smartkasa_async._i18n.translate import message_of


class _Parts(msgspec.Struct):
    """What a message is made of."""

    template: str
    values: dict[str, _Parts | str | int | float | None]
    many: str | None = None


def encode_message(text: str) -> str | None:
    """Write what a message is made of as JSON; None for a plain text, which has no translation."""
    return msgspec.json.encode(_parts(text)).decode() if isinstance(text, Message) else None


def _parts(message: Message) -> _Parts:
    return _Parts(message.template, {name: _value(value) for name, value in message.values.items()}, message.many)


def _value(value: object) -> Any:
    if isinstance(value, Exception):
        value = message_of(value)
    if isinstance(value, Message):
        return _parts(value)
    return value if value is None or isinstance(value, str | int | float) else str(value)


def decode_message(text: str, content: str | None) -> str:
    """Read what a message was made of.

    Args:
        text: The message in English.
        content: What `encode_message` made of it.

    Returns:
        The message; as plain text where the content does not make it.
    """
    if content is None:
        return text
    try:
        message = _made_of(msgspec.json.decode(content, type=_Parts))
    except (msgspec.DecodeError, LookupError, ValueError, AttributeError):
        return text
    return message if message == text else text


def _made_of(parts: _Parts) -> Message:
    values = {name: _made_of(value) if isinstance(value, _Parts) else value for name, value in parts.values.items()}
    return Message.of(parts.template, values, parts.many)
