"""English phrases that can be said in another language later, since they remember what they are made of."""

from __future__ import annotations

__all__ = ["Phrase", "phrase"]


class Phrase(str):
    """An English text with the template and the values that it is made of.

    Attributes:
        template: The text with `{name}` where a value stands.
        values: The values.
    """

    __slots__ = ("template", "values")

    template: str
    values: dict[str, object]


def phrase(template: str, /, **values: object) -> Phrase:
    """Make a phrase.

    Args:
        template: The English text, a literal, so that its translation can be looked for; `{name}` stands for a value.
        values: The values; another phrase and an error of this library are translated with it.
    """
    made = Phrase(template.format(**values))
    made.template = template
    made.values = values
    return made
