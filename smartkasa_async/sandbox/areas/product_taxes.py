"""The taxes inside the price of a product, by letter."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from smartkasa_async.sandbox.business.money import TAXES


@lru_cache(maxsize=16384)
def tax_amount(amount: str, tax_group_id: int | None) -> dict[str, int]:
    """Return the taxes inside an amount in hryvnias, in kopecks by letter; excise first, VAT on the rest.

    Args:
        amount: Hryvnias, taxes included.
        tax_group_id: The code of the tax group; None, 0 and unknown codes have no tax.

    Returns:
        Kopecks by tax letter.
    """
    found = {}
    rest = Decimal(amount)
    for letter, percent in TAXES.get(tax_group_id or 0, ()):
        found[letter] = _inside(rest, percent)
        rest -= Decimal(found[letter]) / 100
    return dict(sorted(found.items()))


def _inside(amount: Decimal, percent: int) -> int:
    return int((amount * 100 * percent / (100 + percent)).quantize(Decimal(1), ROUND_HALF_UP))
