"""Translations of messages and errors."""

from __future__ import annotations

from functools import cache
from gettext import NullTranslations, translation
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from smartkasa_async._i18n.external import external_message
from smartkasa_async._i18n.message import CONTEXT_END, Message, MessageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from smartkasa_async._i18n.message import PluralText

Language: TypeAlias = Literal["en", "uk"]
"""A language that texts are there in: English or Ukrainian."""
LANGUAGES: tuple[Language, ...] = ("uk", "en")
"""The languages, in the order in which the report page has each text."""

_FOLDER = Path(__file__).with_name("locale")
_NUMBERS = (1, 2, 5)
"""A number of each form: one, few, many."""


@cache
def texts_in(language: str) -> NullTranslations:
    """Return the catalogue of a language; English needs none."""
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


def in_language(text: str, language: Language) -> str:
    """Translate a message, or a text that was marked by `N_` or `NP_`.

    Args:
        text: The message or text.
        language: `en` or `uk`.
    """
    gettext = texts_in(language).gettext
    return str(translate(text, gettext)) if isinstance(text, Message) else gettext(text).rpartition(CONTEXT_END)[2]


def forms_in_language(text: PluralText, language: Language) -> list[str]:
    """Return the forms of a text for one, for few and for many, as languages tell them apart.

    Args:
        text: The text.
        language: `en` or `uk`.
    """
    return [texts_in(language).ngettext(text.one, text.many, number) for number in _NUMBERS]


def in_ukrainian(value: object) -> object:
    """Translate a message or an error into Ukrainian; anything else stays as it is."""
    return translate(value, lambda template: texts_in("uk").gettext(template))


def message_of(error: BaseException) -> Message:
    """Make a message of any error; it does not hold the error, nor what its traceback holds."""
    return error.as_message() if isinstance(error, MessageError) else external_message(error)
