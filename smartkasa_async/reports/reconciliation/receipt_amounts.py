"""Cash rounding: what a sum may become when it is paid in cash. Cards and transfers are never rounded."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from smartkasa_async.models import TaxGroup
from smartkasa_async.records.kinds import CashRounding

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from smartkasa_async.reports.reconciliation.ledger import ItemRecord

RESOLUTION_115 = date(2025, 10, 1)

_KOPECK = Decimal("0.01")

_ZERO = Decimal(0)

RATES: dict[int, tuple[tuple[str, int], ...]] = {
    TaxGroup.NONE: (),
    TaxGroup.VAT_20: (("a", 20),),
    TaxGroup.VAT_7: (("b", 7),),
    TaxGroup.VAT_0: (),
    TaxGroup.WITHOUT_VAT: (),
    TaxGroup.EXCISE_5: (("z", 5),),
    TaxGroup.EXCISE_5_VAT_20: (("z", 5), ("a", 20)),
    TaxGroup.EXCISE_5_VAT_0: (("z", 5),),
    TaxGroup.EXCISE_G_0: (),
    TaxGroup.EXCISE_G_0_VAT_20: (("a", 20),),
    TaxGroup.EXCISE_G_0_VAT_0: (),
}
"""Taxes above 0 % of each group, in the order in which they are computed."""


def cash_amounts(due: Decimal, day: date) -> tuple[Decimal, ...]:
    """Return what may be taken in cash for a sum, by the rules in force.

    To 10 kopecks, halves away from zero; from 2025-10-01 to 50 kopecks as well (1–24 down, 25–74 to 50, 75–99 up),
    since the older rule goes on where a shop has 10-kopeck coins.

    Args:
        due: The part that is paid in cash, hryvnias.
        day: The business day.

    NBU resolution № 115.
    """
    to_ten = CashRounding.TO_10.round(due)
    return (to_ten,) if day < RESOLUTION_115 else (to_ten, CashRounding.TO_50.round(due))


def half_up(amount: Decimal) -> Decimal:
    """Round to the kopeck, halves away from zero."""
    return amount.quantize(_KOPECK, ROUND_HALF_UP)


def taxes_of(items: Iterable[ItemRecord], discount: Decimal) -> dict[str, Decimal] | None:
    """Compute the taxes of a receipt.

    Args:
        items: Its items.
        discount: The discount on the whole receipt, hryvnias.

    Returns:
        Hryvnias by the letters of the Z-report's columns, without those of nothing; None where a tax group is unknown.
    """
    sums = _sums_of(items, discount)
    return None if sums is None else taxes_of_groups(sums)


def taxes_by_line(items: Iterable[ItemRecord], discount: Decimal) -> dict[str, Decimal] | None:
    """Compute the taxes of a receipt line by line, each rounded to the kopeck by itself.

    Args:
        items: Its items.
        discount: The discount on the whole receipt, hryvnias.

    Returns:
        Hryvnias as `taxes_of` gives them.
    """
    sums = _sums_of(items, discount)
    if sums is None:
        return None
    found: dict[str, Decimal] = {}
    for line in sums:
        for letter, tax in taxes_of_groups([line]).items():
            found[letter] = found.get(letter, _ZERO) + tax
    return {letter: tax for letter, tax in found.items() if tax}


def _sums_of(items: Iterable[ItemRecord], discount: Decimal) -> list[tuple[int, Decimal]] | None:
    """Return the tax group of each line with its hryvnias after all discounts; None where a tax group is unknown."""
    groups: list[int] = []
    sums: list[Decimal] = []
    for item in items:
        if item.tax_group is None or item.tax_group not in RATES:
            return None
        groups.append(item.tax_group)
        sums.append(item.amount - item.discount)
    if discount:
        sums = [part - share for part, share in zip(sums, _spread(discount, sums), strict=True)]
    return list(zip(groups, sums, strict=True))


def taxes_of_groups(sums: Iterable[tuple[int, Decimal]]) -> dict[str, Decimal]:
    """Compute the taxes inside sums.

    Args:
        sums: Tax groups with hryvnias after all discounts; a group may come several times.

    Returns:
        Hryvnias by the letters of the Z-report's columns, without those of nothing.
    """
    by_group: dict[int, Decimal] = {}
    for group, amount in sums:
        by_group[group] = by_group.get(group, _ZERO) + amount
    found: dict[str, Decimal] = {}
    for group, amount in by_group.items():
        rest = amount
        for letter, percent in RATES[group]:
            tax = half_up(rest * percent / (100 + percent))
            rest -= tax
            found[letter] = found.get(letter, _ZERO) + tax
    return {letter: tax for letter, tax in found.items() if tax}


def _spread(discount: Decimal, sums: Sequence[Decimal]) -> list[Decimal]:
    """Divide a discount in proportion, so that the first shares together are the rounded share of their sum."""
    whole = sum(sums, _ZERO)
    if not whole:
        return [_ZERO] * len(sums)
    shares = []
    before = passed = _ZERO
    for part in sums:
        passed += part
        now = half_up(discount * passed / whole)
        shares.append(now - before)
        before = now
    return shares
