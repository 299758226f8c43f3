"""Texts of the command line, in English and Ukrainian.

The code holds the English: `_("…")`, `n_("…", "…", count)` for plurals, `N_("…")` to translate later, and the
docstrings of the commands; the library's errors use `msg("…")`. `locale/uk` holds the Ukrainian;
`python -m codegen.messages` updates it from the code.
"""

from __future__ import annotations

import gettext
import os
import sys
from typing import TYPE_CHECKING

from smartkasa_async._i18n.translate import LANGUAGES, texts_in, translate

if TYPE_CHECKING:
    from smartkasa_async._i18n.translate import Language

_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")


class _Catalogue:
    """The language in use, and its texts."""

    def __init__(self) -> None:
        self.language: Language = "en"
        self.texts: gettext.NullTranslations = gettext.NullTranslations()


_catalogue = _Catalogue()


def use_language(name: str) -> None:
    """Choose the language of everything that is printed from now on.

    Args:
        name: `uk` or `en`.
    """
    if name != _catalogue.language:
        _catalogue.language = "uk" if name == "uk" else "en"
        _catalogue.texts = texts_in(name)


def language() -> Language:
    """Return the language in use."""
    return _catalogue.language


def language_of(name: str | None) -> Language:
    """Choose a language.

    Args:
        name: The language that was asked for; if it is neither, the locale of the environment decides.
    """
    wanted = (name or "").lower()[:2]
    if wanted not in LANGUAGES:
        locale = next((os.environ[variable] for variable in _VARIABLES if os.environ.get(variable)), None)
        if locale is None and sys.platform == "win32":
            from locale import getlocale  # noqa: PLC0415  (the only system without the variables)

            locale = getlocale()[0]
        wanted = (locale or "").lower()[:2]
    return "uk" if wanted == "uk" else "en"


def _(text: str, /, **values: object) -> str:
    """Translate a text into the language in use.

    Args:
        text: The English text, a literal; `{name}` stands for a value.
        values: The values; messages and errors of the library are translated too.
    """
    template = _catalogue.texts.gettext(text)
    return template.format(**{name: translated(value) for name, value in values.items()}) if values else template


def translated(value: object) -> object:
    """Translate a message or an error of the library; anything else stays as it is."""
    return translate(value, _catalogue.texts)


def n_(one: str, many: str, count: int, /, **values: object) -> str:
    """Translate a text with a plural form; `{count}` stands for the number.

    Args:
        one: The English text for 1, a literal.
        many: The English text for other numbers, a literal.
        count: The number.
        values: Further values.
    """
    return _catalogue.texts.ngettext(one, many, count).format(count=count, **values)


class Help:
    """Help of a command, read from its docstring.

    Attributes:
        paragraphs: The summary, and the paragraphs after it.
        arguments: The text for each argument.
    """

    def __init__(self, docstring: str | None) -> None:
        self.paragraphs: list[str] = []
        self.arguments: dict[str, str] = {}
        name, in_arguments = "", False
        for block in (docstring or "").split("\n\n"):
            lines = [line for line in block.splitlines() if line.strip()]
            if lines and lines[0].strip() in {"Args:", "Returns:", "Raises:"}:
                in_arguments = lines.pop(0).strip() == "Args:"
                if not in_arguments:
                    break
            if not in_arguments:
                self.paragraphs += [" ".join(line.strip() for line in lines)] if lines else []
                continue
            base = min((_indent(line) for line in lines), default=0)
            for line in lines:
                if _indent(line) == base:
                    name, _colon, text = line.strip().partition(":")
                    self.arguments[name] = text.strip()
                else:
                    self.arguments[name] += " " + line.strip()

    @property
    def texts(self) -> list[str]:
        """All texts, in their order."""
        return [*self.paragraphs, *self.arguments.values()]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def help_of(docstring: str | None) -> Help:
    """Read a docstring and translate it into the language in use."""
    found = Help(docstring)
    found.paragraphs = [_(text) for text in found.paragraphs]
    found.arguments = {name: _(text) for name, text in found.arguments.items()}
    return found
