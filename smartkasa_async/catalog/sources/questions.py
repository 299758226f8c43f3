"""Doubts about a source: a question with choices, each of which is part of a layout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec

from smartkasa_async._i18n.message import join_messages, msg
from smartkasa_async._i18n.safe_text import visible
from smartkasa_async._i18n.translate import Language, in_language
from smartkasa_async.catalog.sources.fields import (
    Field,
    name_of_field,
)

if TYPE_CHECKING:
    from smartkasa_async._i18n.message import Message

Subject = Literal["column", "numbers", "encoding"]
"""What a doubt is about: which column a field is in, what a mark in numbers means, how letters are encoded."""


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One answer to a doubt.

    Attributes:
        label: What is chosen, as the file or the field's terms name it: `«Ціна 1»`, `12,345 = 12345`, `cp1251`.
        layout: The attributes of `Layout` that make the choice, such as `{"decimal": ","}` or
            `{"mapping": {"price": "Ціна 1"}}`.
        examples: What the first rows hold if it is chosen.
    """

    label: str
    layout: dict[str, Any]
    examples: tuple[str, ...] = ()

    def __str__(self) -> str:
        return visible(f"{self.label}  ({', '.join(self.examples)})" if self.examples else self.label)


class Doubt(msgspec.Struct, frozen=True, kw_only=True):
    """A question about a source; nothing of the source is sent before it is answered.

    Attributes:
        subject: What it is about: `column`, `numbers` or `encoding`.
        choices: The answers.
        field: Field that is in doubt; None where all are.
        column: Header of the column that is in doubt; None where there are several.
        value: The value that may be read in several ways; None where it is not about one.
    """

    subject: Subject
    choices: tuple[Choice, ...]
    field: Field | None = None
    column: str | None = None
    value: str | None = None

    def question(self, language: Language = "en") -> str:
        """Ask it, without the choices."""
        return in_language(self._question(language), language)

    def with_choices(self) -> Message:
        """Ask it, with the choices and what settles each in Python."""
        choices = [f"{choice.label}: {_in_python(choice.layout)}" for choice in self.choices]
        return join_messages([self._question(), " | ".join(choices)], " ")

    def _question(self, language: Language = "en") -> Message:
        if self.subject == "encoding":
            return msg("which encoding are the letters in?")
        if self.subject == "numbers":
            return msg(
                "column «{column}»: is {value} a number with decimals, or one with thousands?",
                column=self.column,
                value=self.value,
            )
        field = "" if self.field is None else name_of_field(self.field, language)
        return msg("which column is «{field}»?", field=field)


def _in_python(layout: dict[str, Any]) -> str:
    return f"Layout({', '.join(f'{name}={value!r}' for name, value in layout.items())})"
