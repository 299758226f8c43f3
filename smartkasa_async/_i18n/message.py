"""English messages that can be translated later, since they remember what they are made of."""

from __future__ import annotations

import re
import shlex
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

CONTEXT_END = "\x04"
"""What gettext puts between a context and its text."""

_AROUND = "{before}{message}{after}"
_OF_SHELLS = re.compile(r"[\s'\"$`\\()&;|<>*?!#~\[\]{}]")


class Message(str):
    """An English text with its template and values.

    Attributes:
        template: The text with `{name}` for each value.
        values: The values.
        many: The template for other numbers than 1; None for a text without a plural form.
    """

    __slots__ = ("many", "template", "values")

    template: str
    values: dict[str, object]
    many: str | None

    @classmethod
    def of(cls, template: str, values: Mapping[str, object], many: str | None = None) -> Message:
        """Fill a template.

        Args:
            template: The text with `{name}` for each value.
            values: The values; `count` among them where there is a plural form.
            many: The template for other numbers than 1.
        """
        made = cls((template if many is None or values["count"] == 1 else many).format(**values))
        made.template = template
        made.values = dict(values)
        made.many = many
        return made


class HasMessage:
    """Base of a record with a text that can be translated.

    The record's own field is a plain text, which every encoder knows.

    Attributes:
        translatable: What the text was made as; None where there is none.
    """

    __slots__ = ("translatable",)

    translatable: str | None

    def _keep_message(self, field: str) -> None:
        """Make the text plain, and keep the message beside it; to be called by `__post_init__`."""
        given = getattr(self, field)
        object.__setattr__(self, "translatable", given)
        if isinstance(given, Message):
            object.__setattr__(self, field, str(given))


class MessageError(Exception):
    """Base of errors whose text can be translated.

    Attributes:
        message: What is wrong, in English.
        translatable: The same, so that `translated` can give it in another language.
    """

    message: str
    translatable: str

    def translated(self, translate: Callable[[str], str]) -> str:
        """Translate the error.

        Args:
            translate: Translates the message.
        """
        return translate(self.translatable)

    def as_message(self) -> Message:
        """Make the message with the text of `str`; it holds neither the error nor what its traceback holds."""
        before, _, after = self.translated(lambda _: "\0").partition("\0")
        return msg(_AROUND, before=before, message=self.translatable, after=after)


def msg(template: str, /, **values: object) -> Message:
    """Make a message.

    Args:
        template: The English text, a literal, so that its translation can be looked for; `{name}` stands for a value.
        values: The values; another message and an error of this library are translated with it.
    """
    return Message.of(template, values)


def nmsg(one: str, many: str, count: int, /, **values: object) -> Message:
    """Make a message with a plural form; `{count}` stands for the number.

    Args:
        one: The English text for 1, a literal.
        many: The English text for other numbers, a literal.
        count: The number.
        values: Further values.
    """
    return Message.of(one, {"count": count, **values}, many)


_named: ContextVar[Callable[[str], str] | None] = ContextVar("named", default=None)


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of the library as its user knows it: in a program by its name, on the command line by its option.

    Attributes:
        name: Its name in Python.
        value: The value that it is to have or has; None where it is not stated.
    """

    name: str
    value: object = None

    def __str__(self) -> str:
        named = _named.get()
        if named is not None:
            return " ".join([named(self.name), *_words(self.value)])
        return self.name if self.value is None else f"{self.name}={self.value!r}"


def _words(value: object) -> list[str]:
    """Write a value as it is typed behind an option."""
    if isinstance(value, dict):
        return [_quoted(f"{key}={each}") for key, each in value.items()]
    return [] if value is None or value is True else [str(value)]


def _quoted(word: str) -> str:
    """Quote a word that a shell would split or interpret; letters of other alphabets need no quotes."""
    return shlex.quote(word) if _OF_SHELLS.search(word) else word


def argument(name: str, value: object = None) -> Argument:
    """Name an argument in a message."""
    return Argument(name, value)


@contextmanager
def arguments_named(named: Callable[[str], str] | None) -> Iterator[None]:
    """Call arguments by other names within a block.

    Args:
        named: Returns the other name of an argument; None for the names in Python.
    """
    before = _named.set(named)
    try:
        yield
    finally:
        _named.reset(before)


def join_messages(parts: Iterable[str], separator: str = ", ") -> Message:
    """Make one message of several, each translated on its own.

    Args:
        parts: Messages and texts, at least one.
        separator: Text between them, the same in every language.
    """
    values = {f"part_{number}": part for number, part in enumerate(parts)}
    return msg(separator.join(f"{{{name}}}" for name in values), **values)


def N_(text: str, /) -> str:  # noqa: N802  (gettext's own name for it)
    """Mark a text that is translated later.

    Args:
        text: The English text, a literal.
    """
    return text


def NP_(context: str, text: str, /) -> str:  # noqa: N802  (likewise)
    """Mark a text that is translated later, and otherwise than the same English text elsewhere; for `in_language`.

    Args:
        context: Where it appears, a literal.
        text: The English text, a literal.
    """
    return f"{context}{CONTEXT_END}{text}"


class PluralText(NamedTuple):
    """A text whose form depends on a number."""

    one: str
    many: str


def NN_(one: str, many: str, /) -> PluralText:  # noqa: N802  (likewise)
    """Mark a text that is translated later, in the forms that numbers take; for `forms_in_language`.

    Args:
        one: The English text for 1, a literal.
        many: The English text for other numbers, a literal.
    """
    return PluralText(one, many)
