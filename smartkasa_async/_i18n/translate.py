"""Translations of messages and errors."""

from __future__ import annotations

from functools import cache
from gettext import NullTranslations, translation
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from smartkasa_async._i18n.external import external_message
from smartkasa_async._i18n.message import Message, MessageError

if TYPE_CHECKING:
    from collections.abc import Callable

Language = Literal["en", "uk"]

_FOLDER = Path(__file__).with_name("locale")


@cache
def texts_in(language: str) -> NullTranslations:
    """Give the catalogue of a language; English needs none."""
    return translation("smartkasa", _FOLDER, [language], fallback=True)


def translate(value: object, gettext: Callable[[str], str]) -> object:
    """Translate a message or an error; anything else stays as it is.

    Args:
        value: What to translate.
        gettext: Gives a template in the language.
    """
    if isinstance(value, Message):
        return gettext(value.template).format(**{name: translate(each, gettext) for name, each in value.values.items()})
    if isinstance(value, MessageError):
        return value.translated(lambda message: str(translate(message, gettext)))
    return translate(external_message(value), gettext) if isinstance(value, Exception) else value


def in_ukrainian(value: object) -> object:
    """Translate a message or an error into Ukrainian; anything else stays as it is."""
    return translate(value, lambda template: texts_in("uk").gettext(template))


def message_of(error: BaseException) -> Message:
    """Make a message of any error; it does not hold the error, nor what its traceback holds."""
    return error.as_message() if isinstance(error, MessageError) else external_message(error)


def in_language(value: object, language: Language) -> str:
    """Return a text in English or Ukrainian; what is no message stays as it is."""
    return str(value if language == "en" else in_ukrainian(value))
