"""Rates of VAT and excise, as price lists write them, to tax groups of the service."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from smartkasa_async.catalog.problems import RuleBrokenError
from smartkasa_async.models import TaxGroup

__all__ = ["parse_tax", "parse_tax_group"]

_RATE = re.compile(r"\d+(?:[.,]\d+)?", re.ASCII)
_WORDS = re.compile(r"[^\W\d_]+")
_KNOWN_WORDS = frozenset(
    {"пдв", "ндс", "vat", "акциз", "акцизний", "податок", "excise", "ставка", "і", "та", "и", "and"}
)
_WITHOUT_VAT = frozenset(
    {"без пдв", "безпдв", "без ндс", "не є платником пдв", "неплатник пдв", "without vat", "no vat"}
)
_GROUPS: dict[frozenset[Decimal], TaxGroup] = {
    frozenset({Decimal(20)}): TaxGroup.VAT_20,
    frozenset({Decimal(7)}): TaxGroup.VAT_7,
    frozenset({Decimal(0)}): TaxGroup.VAT_0,
    frozenset({Decimal(5)}): TaxGroup.EXCISE_5,
    frozenset({Decimal(5), Decimal(20)}): TaxGroup.EXCISE_5_VAT_20,
    frozenset({Decimal(5), Decimal(0)}): TaxGroup.EXCISE_5_VAT_0,
}


@lru_cache(maxsize=256)
def parse_tax(text: str) -> TaxGroup:
    """Find the tax group of a rate.

    Args:
        text: Percent of VAT, such as `20%`, `7 %`, `ПДВ 20` or `без ПДВ`; with excise, such as `20% + акциз 5%`.

    Returns:
        The service's tax group.

    Raises:
        RuleBrokenError: `tax_unknown` for a rate without a group, or for words that may change its meaning.
    """
    lowered = " ".join(text.casefold().split())
    if lowered in _WITHOUT_VAT:
        return TaxGroup.WITHOUT_VAT
    rates = [Decimal(rate.replace(",", ".")) for rate in _RATE.findall(lowered)]
    group = _GROUPS.get(frozenset(rates))
    if group is None or not _KNOWN_WORDS.issuperset(_WORDS.findall(lowered)):
        raise RuleBrokenError("tax_unknown")
    return group


def parse_tax_group(text: str) -> TaxGroup:
    """Read the number of a tax group as the service has it.

    Raises:
        RuleBrokenError: `tax_group_unknown`.
    """
    if not (text.isascii() and text.isdigit() and TaxGroup(int(text)).is_known):
        raise RuleBrokenError("tax_group_unknown")
    return TaxGroup(int(text))
