"""Values of cells: texts, flags, ids, currencies, units of measure, and what spreadsheets have made of them."""

from __future__ import annotations

import re
from operator import itemgetter
from typing import TYPE_CHECKING, TypeVar

from smartkasa_async._i18n.message import argument, msg
from smartkasa_async._support.spreadsheets import find_conversion, may_be_converted
from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.catalog.sources.cells import ConvertedCell, without_invisible
from smartkasa_async.catalog.sources.encodings import is_garbled
from smartkasa_async.catalog.sources.fields import Field, is_hryvnia
from smartkasa_async.catalog.sources.letters import is_plain_text
from smartkasa_async.errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from smartkasa_async.models import UnitType

MARKS = frozenset("'=")
"""What a cell that is marked as text begins with."""
_YES = frozenset({"1", "+", "так", "да", "yes", "y", "true", "істина", "истина", "v", "✓"})
_NO = frozenset({"0", "-", "−", "ні", "нет", "no", "n", "false", "хибність", "хиба", "ложь"})
_ID = re.compile(r"[\w-]{1,64}", re.ASCII)
_BETWEEN_IDS = re.compile(r"[,;|\s]+")

_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")

_MOST_SHOWN = 20

_SYNONYMS = (
    ("шт", "штука", "штук", "штуки", "pcs", "pc", "piece"),
    ("кг", "кілограм", "килограмм", "kg"),
    ("гр", "г", "грам", "грамм", "g"),
    ("л", "літр", "литр", "l"),
    ("м", "метр", "m"),
    ("пляшка", "пляш", "бутылка", "бут", "bottle"),
    ("порція", "порц", "порция", "portion"),
    ("год", "година", "час", "hour"),
    ("хв", "хвилина", "минута", "мин", "minute"),
    ("мл", "мілілітр", "миллилитр", "ml"),
    ("уп", "упак", "упаковка", "pack"),
    ("пач", "пачка", "пачек"),
    ("ящ", "ящик", "box"),
    ("компл", "комплект", "набір", "набор", "set"),
    ("пара", "пар", "pair"),
    ("послуга", "посл", "услуга", "service"),
)

ParsedT = TypeVar("ParsedT")

_TEXT_MARK = "'"
_RULES = {
    "date": "cell_date",
    "time": "cell_time",
    "boolean": "cell_boolean",
    "exponent": "cell_exponent",
    "digits": "digits_lost",
    "error": "cell_error",
    "narrow": "cell_narrow",
}
_OWN_WORDS = ("_spreadsheet", "_zeros", "_zero")
"""Ends of the names of rules that themselves explain what a spreadsheet has done."""
_FLAGS = frozenset({Field.SOLD_BY_WEIGHT, Field.IS_FREE_PRICE})


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


def one_line_text(text: str) -> str:
    """Bring a text of the service into the form that price lists have: one line, single spaces, no control signs."""
    return " ".join(_CONTROLS.sub("", text).split())


def seen_text(text: str) -> str:
    """Reduce a text to what can be seen of it, by which two are compared."""
    return one_line_text(without_invisible(one_line_text(text)))


def parse_title(text: str) -> str:
    """Read a title.

    Raises:
        RuleViolationError: `line_break`, `letters_unreadable` or `letters_garbled`.
    """
    if "\n" in text or "\r" in text:
        raise RuleViolationError("line_break")
    return parse_text(text)


def parse_text(text: str) -> str:
    """Read any text, with single spaces.

    Raises:
        RuleViolationError: `letters_unreadable` or `letters_garbled`.
    """
    if "\ufffd" in text:
        raise RuleViolationError("letters_unreadable")
    if is_garbled(text):
        raise RuleViolationError("letters_garbled")
    return " ".join(text.split())


def are_plain_texts(texts: Iterable[str]) -> bool:
    """Return whether `parse_title` would give all texts back as they are, but for spaces at their ends."""
    together = "|".join(texts)
    return is_plain_text(together) and not any(mark in together for mark in ("  ", "\n", "\t", "??"))


def parse_plain_texts(cells: Sequence[str]) -> list[str] | None:
    """Read the texts of a column at once, if no cell is blank, marked or more than plain text; for others None."""
    if set(map(type, cells)) != {str}:
        return None
    texts = list(map(str.strip, cells))
    if not all(texts) or not MARKS.isdisjoint(map(itemgetter(0), texts)):
        return None
    return texts if are_plain_texts(texts) and not may_be_converted(texts) else None


class Units:
    """The service's units, found by short name, full name, code or a usual synonym.

    Args:
        units: The units.
        named: Units of the service by the words that a price list has for them; these go before all else.

    Raises:
        InvalidRequestError: The service has no such unit.
    """

    def __init__(self, units: Iterable[UnitType], named: Mapping[str, str] | None = None) -> None:
        self._units: dict[str, UnitType] = {}
        short_names: list[str] = []
        for unit in units:
            names = [name for name in (unit.short_name, unit.name, unit.code) if name]
            short_names += map(str, names[:1])
            for name in names:
                self._units[_bare(str(name))] = unit
        for synonyms in _SYNONYMS:
            known = next((self._units[name] for name in synonyms if name in self._units), None)
            if known is not None:
                self._units.update((name, known) for name in synonyms if name not in self._units)
        self._known = ", ".join(short_names[:_MOST_SHOWN]) + (" …" if len(short_names) > _MOST_SHOWN else "")
        for word, name in (named or {}).items():
            meant = self._units.get(_bare(name))
            if meant is None:
                message = msg(
                    "{option}: the service has no unit {unit}; it has: {known}",
                    option=argument("units", {word: name}),
                    unit=name,
                    known=self._known,
                )
                raise InvalidRequestError(message, field="units")
            self._units[_bare(word)] = self._units[word] = meant

    def find(self, text: str) -> UnitType:
        """Find a unit.

        Args:
            text: Its name or code; case, points and spaces do not count, so that `Шт.` is `шт`.

        Raises:
            RuleViolationError: `unit_unknown`, with the units that there are, the first twenty of many.
        """
        unit = self._units.get(text) or self._units.get(_bare(text))
        if unit is None:
            raise RuleViolationError("unit_unknown", known=self._known, option=argument("units", {text: "..."}))
        return unit


def _bare(name: str) -> str:
    return "".join(name.casefold().replace(".", "").split())


def require_unconverted(cell: str, field: Field) -> None:
    """Refuse a cell that holds something else than the text that was meant.

    Args:
        cell: The cell as it was read.
        field: What its column holds.

    Raises:
        RuleViolationError: `cell_date`, `cell_time`, `cell_boolean`, `cell_error`, `cell_formula` or `digits_lost`.
    """
    if isinstance(cell, ConvertedCell) and not (cell.rule == "cell_boolean" and field in _FLAGS):
        raise RuleViolationError(cell.rule)


def unconverted(parse: Callable[[str], ParsedT]) -> Callable[[str], ParsedT]:
    """Let a rule for texts, which takes any, refuse what a spreadsheet has made of them.

    An apostrophe in front marks a text to be taken as it stands.

    Args:
        parse: The rule.

    Returns:
        The rule; it raises as `parse` does, and `RuleViolationError` with what `find_conversion` found.
    """

    def check(text: str) -> ParsedT:
        found = find_conversion(text)
        if found is not None:
            raise RuleViolationError(_RULES[found])
        if text[0] == _TEXT_MARK and find_conversion(text[1:]):
            return parse(text[1:])
        return parse(text)

    return check


def explain(error: RuleViolationError, text: str) -> RuleViolationError:
    """Describe why a value breaks a rule, where a spreadsheet is the reason.

    Args:
        error: The broken rule.
        text: The value.

    Returns:
        What the spreadsheet has done; the error itself where nothing shows that.
    """
    if error.code.endswith(_OWN_WORDS):
        return error
    found = find_conversion(text)
    return error if found is None else RuleViolationError(_RULES[found])
