"""Rates and letters of VAT and excise, as price lists write them, to tax groups of the service."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.models import TaxGroup

EXCISE_GROUPS = frozenset(
    {
        TaxGroup.EXCISE_5,
        TaxGroup.EXCISE_5_VAT_20,
        TaxGroup.EXCISE_5_VAT_0,
        TaxGroup.EXCISE_G_0,
        TaxGroup.EXCISE_G_0_VAT_20,
        TaxGroup.EXCISE_G_0_VAT_0,
    }
)
"""Tax groups of excise goods."""

_RATE = re.compile(r"\d+(?:[.,]\d+)?", re.ASCII)
_WORD = re.compile(r"[^\W\d_]+")
_BETWEEN_TAXES = re.compile(r"[+;/&]|,\s|\s(?:і|та|и|and)\s", re.IGNORECASE)
_VAT_WORDS = frozenset({"пдв", "ндс", "vat"})
_EXCISE_WORDS = frozenset({"акциз", "акцизний", "excise"})
_OTHER_WORDS = frozenset({"ставка", "податок", "податку", "літера", "група"})
_WITHOUT_VAT = frozenset(
    {
        "без пдв", "безпдв", "без ндс", "не є платником пдв", "не платник пдв", "неплатник пдв", "звільнено від пдв",
        "without vat", "no vat",
    }
)  # fmt: skip

_EXCISE, _VAT = "excise", "vat"
_WITHOUT = Decimal(-1)
"""Stands for the rate of what is without VAT."""

_ZERO, _FIVE = Decimal(0), Decimal(5)
_LETTERS = {
    "а": (_VAT, Decimal(20)),
    "a": (_VAT, Decimal(20)),  # the Latin letter that looks the same
    "б": (_VAT, Decimal(7)),
    "в": (_VAT, _ZERO),
    "г": (_EXCISE, _ZERO),
    "д": (_VAT, _WITHOUT),
    "з": (_EXCISE, _FIVE),
}
"""The vendor's letters. А, В, Г and З stand in its samples and names of groups; Б and Д fill the gaps (inferred)."""

_INFERRED = {"б": "ПДВ 7%", "д": "без ПДВ"}
_SHARES = {Decimal("0.2"): Decimal(20), Decimal("0.07"): Decimal(7), Decimal("0.05"): _FIVE}
"""What a spreadsheet makes of a cell with a percentage when it is saved without its format."""

_GROUPS: dict[tuple[Decimal | None, Decimal | None], TaxGroup] = {
    (None, Decimal(20)): TaxGroup.VAT_20,
    (None, Decimal(7)): TaxGroup.VAT_7,
    (None, _ZERO): TaxGroup.VAT_0,
    (None, _WITHOUT): TaxGroup.WITHOUT_VAT,
    (_FIVE, None): TaxGroup.EXCISE_5,
    (_FIVE, _WITHOUT): TaxGroup.EXCISE_5,
    (_FIVE, Decimal(20)): TaxGroup.EXCISE_5_VAT_20,
    (_FIVE, _ZERO): TaxGroup.EXCISE_5_VAT_0,
    (_ZERO, None): TaxGroup.EXCISE_G_0,
    (_ZERO, _WITHOUT): TaxGroup.EXCISE_G_0,
    (_ZERO, Decimal(20)): TaxGroup.EXCISE_G_0_VAT_20,
    (_ZERO, _ZERO): TaxGroup.EXCISE_G_0_VAT_0,
}
"""Groups by the rates of excise and VAT."""


class Tax(NamedTuple):
    """What a rate or a letter stands for.

    Attributes:
        group: The service's tax group.
        inferred: What a letter was taken for that the vendor's samples do not show; None where nothing was inferred.
    """

    group: TaxGroup
    inferred: str | None = None


@lru_cache(maxsize=256)
def parse_tax(text: str) -> Tax:
    """Find the tax group of a rate or letter.

    Args:
        text: Percent of VAT, such as `20%`, `7 %`, `ПДВ 20`, `0,2` or `без ПДВ`; with excise, such as `20% + акциз 5%`;
            or the vendor's letters, such as `А` or `ЗА`, alone or beside the rate.

    Raises:
        RuleViolationError: `tax_unknown` for a rate without a group, or for words that may change its meaning,
            `tax_letter_unknown` or `tax_contradicts`.
    """
    rates: dict[str, Decimal] = {}
    inferred: str | None = None
    for part in _BETWEEN_TAXES.split(" ".join(text.split())):
        letters = _letters_of(part)
        for kind, rate in [*map(_LETTERS.__getitem__, letters), *_rates_of(part, letters)]:
            if rates.setdefault(kind, rate) != rate:
                raise RuleViolationError("tax_contradicts")
        if not _RATE.search(part):
            inferred = next((_INFERRED[letter] for letter in letters if letter in _INFERRED), inferred)
    group = _GROUPS.get((rates.get(_EXCISE), rates.get(_VAT)))
    if group is None:
        raise RuleViolationError("tax_unknown")
    return Tax(group, inferred)


def parse_tax_group(text: str) -> TaxGroup:
    """Read the number of a tax group as the service has it.

    Raises:
        RuleViolationError: `tax_group_unknown`.
    """
    if not (text.isascii() and text.isdigit() and TaxGroup(int(text)).is_known):
        raise RuleViolationError("tax_group_unknown")
    return TaxGroup(int(text))


def _letters_of(part: str) -> str:
    """Take the tax letters out of the words of a part, and refuse words that are neither letters nor known."""
    if _is_without_vat(part):
        return ""
    letters = ""
    for word in _WORD.findall(part):
        small = word.casefold()
        if small in _VAT_WORDS or small in _EXCISE_WORDS or small in _OTHER_WORDS:
            continue
        if len(word) == 1 and small not in _LETTERS:
            raise RuleViolationError("tax_letter_unknown")
        if not (set(small) <= _LETTERS.keys() and (len(word) == 1 or word.isupper())):
            raise RuleViolationError("tax_unknown")
        letters += small
    return letters


def _rates_of(part: str, letters: str) -> list[tuple[str, Decimal]]:
    """Find the rates of a part and what each is a rate of: where the words leave it open, five percent is excise."""
    if _is_without_vat(part):
        return [(_VAT, _WITHOUT)]
    rates = [Decimal(rate.replace(",", ".")) for rate in _RATE.findall(part)]
    if "%" not in part:
        rates = [_SHARES.get(rate, rate) for rate in rates]
    words = set(_WORD.findall(part.casefold()))
    kinds = {_LETTERS[letter][0] for letter in letters}
    kinds |= {kind for kind, names in ((_VAT, _VAT_WORDS), (_EXCISE, _EXCISE_WORDS)) if not names.isdisjoint(words)}
    if len(kinds) == 1:
        return [(kind, rate) for kind in kinds for rate in rates]
    return [(_EXCISE if rate == _FIVE else _VAT, rate) for rate in rates]


def _is_without_vat(part: str) -> bool:
    return part.strip().casefold() in _WITHOUT_VAT
