"""Saying phrases and errors in another language than English."""

from __future__ import annotations

import gettext
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from smartkasa_async._i18n.foreign import foreign
from smartkasa_async._i18n.phrases import Phrase, PhrasedError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["in_ukrainian", "said", "texts_in", "words_of"]

_FOLDER = Path(__file__).with_name("locale")


@cache
def texts_in(language: str) -> gettext.NullTranslations:
    """Give the catalogue of a language; English needs none."""
    return gettext.translation("smartkasa", _FOLDER, [language], fallback=True)


def said(value: object, say: Callable[[str], str]) -> object:
    """Say a phrase or an error; anything else stays as it is.

    Args:
        value: What to say.
        say: Gives a template in the language.
    """
    if isinstance(value, Phrase):
        return say(value.template).format(**{name: said(each, say) for name, each in value.values.items()})
    if isinstance(value, PhrasedError):
        return value.translated(lambda message: str(said(message, say)))
    return said(foreign(value), say) if isinstance(value, Exception) else value


def in_ukrainian(value: object) -> object:
    """Say a phrase or an error in Ukrainian; anything else stays as it is."""
    return said(value, lambda template: texts_in("uk").gettext(template))


def words_of(error: BaseException) -> Phrase:
    """Make a phrase of what any error says; it does not hold the error, nor what its traceback holds."""
    return error.as_phrase() if isinstance(error, PhrasedError) else foreign(error)
