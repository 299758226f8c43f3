"""Units of measure, as price lists name them, to units of the service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartkasa_async._i18n.message import argument, msg
from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from smartkasa_async.models import UnitType

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
