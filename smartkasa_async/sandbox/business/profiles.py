"""Kinds of shops: opening hours, tax settings, cash rounding, means of payment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from typing import TYPE_CHECKING, Final

from .codes import ACQUIRING, CARD
from .money import round_to_10, round_to_50

if TYPE_CHECKING:
    from collections.abc import Callable

    from .catalogue import Product

__all__ = ["PROFILES", "Profile"]

_SUNDAY: Final = 6


@dataclass(frozen=True, slots=True)
class Profile:
    """Describe one kind of shop.

    Attributes:
        opens, closes: Kyiv time.
        closed_weekday: a weekday without work, Monday is 0; None where there is none.
        vat: whether it pays VAT.
        excise: whether it sells excise goods.
        without_vat: tax group of goods without excise where it pays no VAT.
        round_cash: rule by which cash is rounded, kopecks to kopecks.
        card: transaction type of its card payments.
        hands_out_cash: whether it hands out cash against a card.
        around_the_clock: whether cashiers change at noon, and the shop closes for minutes at midnight only.
    """

    opens: time
    closes: time
    vat: bool
    excise: bool
    round_cash: Callable[[int], int]
    card: int
    closed_weekday: int | None = None
    without_vat: int = 0
    hands_out_cash: bool = False
    around_the_clock: bool = False

    def tax_group(self, product: Product) -> int:
        """Return the tax group that a product has in this shop."""
        if self.vat:
            return product.tax_group
        return _EXCISE_WITHOUT_VAT.get(product.tax_group, self.without_vat)


_EXCISE_WITHOUT_VAT: Final = {6: 5, 7: 5, 9: 8, 10: 8}

PROFILES: Final = (
    Profile(time(8), time(21, 50), vat=True, excise=True, round_cash=round_to_50, card=ACQUIRING, hands_out_cash=True),
    Profile(time(9), time(20), vat=True, excise=False, round_cash=round_to_10, card=CARD, closed_weekday=_SUNDAY),
    Profile(
        time(0, 2),
        time(23, 50),
        vat=False,
        excise=False,
        round_cash=round_to_50,
        card=ACQUIRING,
        hands_out_cash=True,
        around_the_clock=True,
    ),
    Profile(time(10), time(21), vat=False, excise=True, round_cash=round_to_10, card=CARD, without_vat=4),
)
"""The shops take these in turn."""
