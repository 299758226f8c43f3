"""Names that a mistyped one may have meant."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_ALIKE = 0.6
_VARIABLE = re.compile(r"smart_?kasa_?(?P<name>\w+)", re.IGNORECASE)
_SEPARATORS = str.maketrans("", "", "-_. ")


def nearest(word: str, known: Iterable[str], *, most: int = 3) -> list[str]:
    """List the names that are like a word, the likest first; case, hyphens, dots and underscores do not matter.

    Args:
        word: What was written.
        known: The names that there are.
        most: How many to give at most.
    """
    import difflib  # noqa: PLC0415  (not needed where nothing is mistyped)

    by_letters: dict[str, list[str]] = {}
    for name in known:
        by_letters.setdefault(_letters(name), []).append(name)
    found = difflib.get_close_matches(_letters(word), by_letters, n=most, cutoff=_ALIKE)
    return [name for letters in found for name in by_letters[letters]][:most]


def mistyped_variables(settings: Iterable[str]) -> list[tuple[str, str]]:
    """List variables of the environment that nothing reads, each with the one that it seems to be meant for.

    Args:
        settings: Names of all settings, without SMARTKASA_, in any case.
    """
    names = {name.casefold(): f"SMARTKASA_{name.upper()}" for name in settings}
    free = [name for name, variable in names.items() if not os.environ.get(variable)]
    return [
        (variable, names[likely[0]])
        for variable in sorted(os.environ.keys() - names.values())
        if (named := _VARIABLE.fullmatch(variable)) and (likely := nearest(named["name"], free, most=1))
    ]


def _letters(name: str) -> str:
    return name.casefold().translate(_SEPARATORS)
