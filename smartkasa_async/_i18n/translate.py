"""Translations of messages and errors."""

from __future__ import annotations

from functools import cache
from gettext import NullTranslations, translation
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias, cast, get_args

from smartkasa_async._i18n.external import external_message
from smartkasa_async._i18n.message import CONTEXT_END, N_, Message, MessageError, argument, msg

if TYPE_CHECKING:
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
    """Return the catalogue of a language; English needs none.

    Raises:
        InvalidRequestError: There are no texts in the language.
    """
    if language not in get_args(Language):
        from smartkasa_async.errors import InvalidRequestError  # noqa: PLC0415  (errors stand on the texts)

        choices = ", ".join(get_args(Language))
        message = msg(
            "{field} is {value!r}; give one of {choices}", field=argument("language"), value=language, choices=choices
        )
        raise InvalidRequestError(message, field="language")
    return translation("smartkasa", _FOLDER, [language], fallback=True)


def translate(value: object, texts: NullTranslations) -> object:
    """Translate a message or an error; anything else stays as it is.

    Args:
        value: What to translate.
        texts: The catalogue of the language.
    """
    if isinstance(value, Message):
        if value.many is None:
            template = texts.gettext(value.template)
        else:
            template = texts.ngettext(value.template, value.many, cast("int", value.values["count"]))
        return template.format(**{name: translate(each, texts) for name, each in value.values.items()})
    if isinstance(value, MessageError):
        return value.translated(lambda message: str(translate(message, texts)))
    return translate(external_message(value), texts) if isinstance(value, Exception) else value


def in_language(text: str, language: Language) -> str:
    """Translate a message, or a text that was marked by `N_` or `NP_`.

    Args:
        text: The message or text.
        language: `en` or `uk`.
    """
    texts = texts_in(language)
    return str(translate(text, texts)) if isinstance(text, Message) else texts.gettext(text).rpartition(CONTEXT_END)[2]


def yes_or_no(is_so: bool, language: Language) -> str:  # noqa: FBT001
    """Return yes or no.

    Args:
        is_so: Whether it is so.
        language: `en` or `uk`.
    """
    return in_language(N_("yes") if is_so else N_("no"), language)


def forms_in_language(text: PluralText, language: Language) -> list[str]:
    """Return the forms of a text for one, for few and for many, as languages distinguish them.

    Args:
        text: The text.
        language: `en` or `uk`.
    """
    return [texts_in(language).ngettext(text.one, text.many, number) for number in _NUMBERS]


def in_ukrainian(value: object) -> object:
    """Translate a message or an error into Ukrainian; anything else stays as it is."""
    return translate(value, texts_in("uk"))


def message_of(error: BaseException) -> Message:
    """Make a message of any error; it does not hold the error, nor what its traceback holds."""
    return error.as_message() if isinstance(error, MessageError) else external_message(error)
