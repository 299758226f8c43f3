"""The words and prices that the business is made of, and the goods that its shops trade in, from `words.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Unit:
    """How goods are measured: the service's code, the short name, and how quantities come.

    `step` is the smallest amount that is sold, in thousandths of the unit; None where goods are weighed to the gram.
    """

    code: int
    name: str
    step: int | None


@dataclass(frozen=True, slots=True)
class Assortment:
    """The goods of one category.

    Attributes:
        department: Title of the category above.
        title: Title of the category.
        names, traits, sizes: Words; each product's title takes one of each.
        prices: Lowest and highest price of one unit, in whole hryvnias.
        share: How many products of the catalogue it has for each product of the smallest category.
        tax_group: Code of the tax group where the shop pays VAT.
        unit: How the goods are measured.
        uktzed: УКТ ЗЕД code of ten digits, given for excise goods.
    """

    department: str
    title: str
    names: tuple[str, ...]
    traits: tuple[str, ...]
    sizes: tuple[str, ...]
    prices: tuple[int, int]
    share: int
    tax_group: int
    unit: Unit
    uktzed: str | None = None


def _read_words() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("words.toml").read_text("utf-8"))


def _assortment() -> tuple[Assortment, ...]:
    units = {name: Unit(unit["code"], unit["name"], unit.get("step")) for name, unit in WORDS["units"].items()}
    lists = ("names", "traits", "sizes", "prices")
    return tuple(
        Assortment(**(each | {name: tuple(each[name]) for name in lists} | {"unit": units[each["unit"]]}))
        for each in WORDS["assortment"]
    )


WORDS: Final = _read_words()
"""What `words.toml` holds."""

ASSORTMENT: Final = _assortment()
