"""Money in whole kopecks: lines, discounts, cash rounding and taxes.

A receipt adds up as

    total_amount = Σ (item amount − item discount) − receipt discount + rounding_amount

- an item's `amount` is price × quantity, rounded half up to the kopeck; its own `discount_amount` is not taken off it;
- a receipt's `discount_amount` is the discount on the whole receipt only; for one in percent it is that share of
  Σ (amount − item discount), rounded half up;
- `rounding_amount` is signed: positive where the customer pays more than the goods cost. Only cash is rounded;
- the payments, change taken off, add up to `total_amount`.

Taxes are inside the prices. A receipt's discount is spread over its items in their order, so that the shares of the
first n items together are the rounded share of their sum (`spread`). The tax of each tax group is computed once, on the
sum of its items after both discounts: excise first (sum·5/105), VAT on the rest (·20/120 or ·7/107), rounded half up.
Cash rounding changes no tax.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

WHOLE: Final = 1000
"""One unit of measure in thousandths, the form of quantities here."""

TAXES: Final[dict[int, tuple[tuple[str, int], ...]]] = {
    0: (),
    1: (("А", 20),),
    2: (("Б", 7),),
    3: (("В", 0),),
    4: (("Д", 0),),
    5: (("З", 5),),
    6: (("З", 5), ("А", 20)),
    7: (("З", 5), ("В", 0)),
    8: (("Г", 0),),
    9: (("Г", 0), ("А", 20)),
    10: (("Г", 0), ("В", 0)),
}
"""Letters and percent of each tax group, in the order in which they are computed."""


@lru_cache(maxsize=65_536)
def hryvnias(kopecks: int) -> Decimal:
    """Turn kopecks into hryvnias."""
    return Decimal(kopecks).scaleb(-2)


@lru_cache(maxsize=16_384)
def quantity(thousandths: int) -> Decimal:
    """Turn thousandths of a unit into units."""
    return Decimal(thousandths).scaleb(-3)


def _half_up(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)


def line_amount(price: int, thousandths: int) -> int:
    """Return price × quantity in kopecks."""
    return _half_up(price * thousandths, WHOLE)


def percentage_of(kopecks: int, percent: int) -> int:
    """Return that many percent of a sum, in kopecks."""
    return _half_up(kopecks * percent, 100)


def round_to_50(kopecks: int) -> int:
    """Round cash to 50 kopecks (NBU resolution № 115): 1–24 down, 25–74 to 50, 75–99 up."""
    return (kopecks + 25) // 50 * 50


def round_to_10(kopecks: int) -> int:
    """Round cash to 10 kopecks: 1–4 down, 5–9 up."""
    return (kopecks + 5) // 10 * 10


def spread(discount: int, sums: Sequence[int]) -> list[int]:
    """Divide a discount over sums in their proportion, to the kopeck."""
    if not discount:
        return [0] * len(sums)
    whole = sum(sums)
    shares = []
    before = passed = 0
    for part in sums:
        passed += part
        now = _half_up(discount * passed, whole)
        shares.append(now - before)
        before = now
    return shares


def taxes(sums: Iterable[tuple[int, int]]) -> dict[str, int]:
    """Compute the taxes inside sums.

    Args:
        sums: Pairs of tax group and kopecks after all discounts; a group may come several times.

    Returns:
        Kopecks by Cyrillic letter in alphabetical order; a rate of 0 % shows with 0, group 0 has no letter.
    """
    groups: dict[int, int] = {}
    for group, kopecks in sums:
        groups[group] = groups.get(group, 0) + kopecks
    found: dict[str, int] = {}
    for group, kopecks in groups.items():
        rest = kopecks
        for letter, percent in TAXES[group]:
            tax = _half_up(rest * percent, 100 + percent)
            rest -= tax
            found[letter] = found.get(letter, 0) + tax
    return dict(sorted(found.items()))
