"""The taxes inside the price of a product, by letter."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

_EXCISE_PERCENT = 5
_LETTERS: dict[int, tuple[str | None, str | None]] = {
    1: (None, "А"),
    2: (None, "Б"),
    3: (None, "В"),
    4: (None, "Д"),
    5: ("З", None),
    6: ("З", "А"),
    7: ("З", "В"),
    8: ("Г", None),
    9: ("Г", "А"),
    10: ("Г", "В"),
}
"""The excise letter and the VAT letter of each tax group; Д for goods without VAT is inferred."""


_VAT_PERCENTS = {"А": 20, "Б": 7, "В": 0, "Д": 0}


@lru_cache(maxsize=16384)
def tax_amount(amount: str, tax_group_id: int | None) -> dict[str, int]:
    """Return the taxes inside an amount in hryvnias, in kopecks by letter; excise first, VAT on the rest.

    Args:
        amount: Hryvnias, taxes included.
        tax_group_id: The code of the tax group; None, 0 and unknown codes have no tax.

    Returns:
        Kopecks by tax letter.
    """
    excise_letter, vat_letter = _LETTERS.get(tax_group_id or 0, (None, None))
    taxes = {}
    rest = Decimal(amount)
    if excise_letter is not None:
        excise = _inside(rest, _EXCISE_PERCENT if excise_letter == "З" else 0)
        taxes[excise_letter] = excise
        rest -= Decimal(excise) / 100
    if vat_letter is not None:
        taxes[vat_letter] = _inside(rest, _VAT_PERCENTS[vat_letter])
    return dict(sorted(taxes.items()))


def _inside(amount: Decimal, percent: int) -> int:
    return int((amount * 100 * percent / (100 + percent)).quantize(Decimal(1), ROUND_HALF_UP))
