"""Small values of price lists: yes or no, ids of the service, the currency of a row's prices."""

from __future__ import annotations

import re

from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.catalog.sources.columns import is_hryvnia

_YES = frozenset({"1", "+", "так", "да", "yes", "y", "true", "істина", "истина", "v", "✓"})
_NO = frozenset({"0", "-", "−", "ні", "нет", "no", "n", "false", "хибність", "хиба", "ложь"})
_ID = re.compile(r"[\w-]{1,64}", re.ASCII)
_BETWEEN_IDS = re.compile(r"[,;|\s]+")


def parse_flag(text: str) -> bool:
    """Read yes or no.

    Args:
        text: A word in Ukrainian, Russian or English, a digit or a sign: `так`, `ні`, `1`, `-`.

    Raises:
        RuleViolationError: `flag_unknown`.
    """
    word = text.casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise RuleViolationError("flag_unknown")


def parse_id(text: str) -> int:
    """Read a numeric id of the service.

    Raises:
        RuleViolationError: `id_malformed`.
    """
    if not (text.isascii() and text.isdigit() and len(text) < 19):  # noqa: PLR2004  (digits of a 64-bit number)
        raise RuleViolationError("id_malformed")
    return int(text)


def parse_ids(text: str) -> list[int | str]:
    """Read ids of the service with commas, semicolons or spaces between them; a UUID stays text.

    Raises:
        RuleViolationError: `id_malformed`.
    """
    parts = [part for part in _BETWEEN_IDS.split(text) if part]
    if not all(map(_ID.fullmatch, parts)):
        raise RuleViolationError("id_malformed")
    return [parse_id(part) if part.isdigit() else part for part in parts]


def parse_currency(text: str) -> None:
    """Refuse any currency but the hryvnia, which is the only one that the service keeps.

    Raises:
        RuleViolationError: `currency_foreign`.
    """
    if not is_hryvnia(text):
        raise RuleViolationError("currency_foreign")
