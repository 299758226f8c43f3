"""Kinds of shops: opening hours, tax settings, cash rounding, means of payment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Final

from smartkasa_async.sandbox.business.codes import ACQUIRING, CARD
from smartkasa_async.sandbox.business.money import round_to_10, round_to_50

if TYPE_CHECKING:
    from smartkasa_async.sandbox.business.catalogue import Product

_SUNDAY: Final = 6
_RESOLUTION_115: Final = datetime(2025, 9, 30, 21, tzinfo=UTC)
"""The first moment of 2025-10-01 in Kyiv."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of shop.

    Attributes:
        opens, closes: Kyiv time.
        closed_weekday: A weekday without work, Monday is 0; None where there is none.
        vat: Whether it pays VAT.
        excise: Whether it sells excise goods.
        without_vat: Tax group of goods without excise where it pays no VAT.
        has_small_coins: Whether it has 10-kopeck coins, and so rounds cash to 10 kopecks still.
        card: Transaction type of its card payments.
        hands_out_cash: Whether it hands out cash against a card.
        around_the_clock: Whether cashiers change at noon, and the shop closes for minutes at midnight only.
    """

    opens: time
    closes: time
    vat: bool
    excise: bool
    has_small_coins: bool
    card: int
    closed_weekday: int | None = None
    without_vat: int = 0
    hands_out_cash: bool = False
    around_the_clock: bool = False

    def round_cash(self, kopecks: int, at: datetime) -> int:
        """Round cash by the rule of its day: to 50 kopecks from 2025-10-01 on where there are no smaller coins."""
        return round_to_10(kopecks) if self.has_small_coins or at < _RESOLUTION_115 else round_to_50(kopecks)

    def tax_group(self, product: Product) -> int:
        """Return the tax group that a product has in this shop."""
        if self.vat:
            return product.tax_group
        return _EXCISE_WITHOUT_VAT.get(product.tax_group, self.without_vat)


_EXCISE_WITHOUT_VAT: Final = {6: 5, 7: 5, 9: 8, 10: 8}

PROFILES: Final = (
    Profile(time(8), time(21, 50), vat=True, excise=True, has_small_coins=False, card=ACQUIRING, hands_out_cash=True),
    Profile(time(9), time(20), vat=True, excise=False, has_small_coins=True, card=CARD, closed_weekday=_SUNDAY),
    Profile(
        time(0, 2),
        time(23, 50),
        vat=False,
        excise=False,
        has_small_coins=False,
        card=ACQUIRING,
        hands_out_cash=True,
        around_the_clock=True,
    ),
    Profile(time(10), time(21), vat=False, excise=True, has_small_coins=True, card=CARD, without_vat=4),
)
"""The shops take these in turn."""
