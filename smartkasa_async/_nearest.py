"""Names that a mistyped one may have meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["nearest"]

_ALIKE = 0.6
_SEPARATORS = str.maketrans("", "", "-_. ")


def nearest(word: str, known: Iterable[str], *, most: int = 3, alike: float = _ALIKE) -> list[str]:
    """List the names that are like a word, the likest first; case, hyphens, dots and underscores do not matter.

    Args:
        word: What was written.
        known: The names that there are.
        most: How many to give at most.
        alike: From what likeness on, between 0 and 1.
    """
    import difflib  # noqa: PLC0415  (not needed where nothing is mistyped)

    by_letters: dict[str, list[str]] = {}
    for name in known:
        by_letters.setdefault(_letters(name), []).append(name)
    found = difflib.get_close_matches(_letters(word), by_letters, n=most, cutoff=alike)
    return [name for letters in found for name in by_letters[letters]][:most]


def _letters(name: str) -> str:
    return name.casefold().translate(_SEPARATORS)
