"""What customers buy: quantities, discounts on goods and on the whole receipt, and what of it comes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from smartkasa_async.sandbox.business.codes import DISCOUNT_AMOUNT, DISCOUNT_PERCENT
from smartkasa_async.sandbox.business.money import WHOLE, line_amount, percentage_of, spread, taxes

if TYPE_CHECKING:
    from random import Random

    from smartkasa_async.sandbox.business.goods import Unit
    from smartkasa_async.sandbox.business.model import Goods, Shelf

_SIZES: Final = (1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 5, 6, 9)
_PIECES: Final = (1, 1, 1, 1, 1, 1, 1, 2, 2, 3, 4, 6)
_STEPS: Final = (1, 8)
_GRAMS: Final = (80, 2400)
_LINE_PERCENTS: Final = (5, 10, 15)
_LINE_DISCOUNT_CHANCE: Final = 0.06
_PERCENTS: Final = (2, 3, 5, 7, 10)
_PERCENT_CHANCE: Final = 0.05
_AMOUNTS: Final = (500, 1000, 1550, 2000)
_AMOUNT_CHANCE: Final = 0.03
_LEAST_FOR_AMOUNT: Final = 100_00


@dataclass(slots=True)
class Line:
    """A line of a receipt: thousandths of a unit, price × quantity and the line's discount in kopecks."""

    goods: Goods
    quantity: int
    amount: int
    discount: int = 0

    @property
    def net(self) -> int:
        """The amount without the line's discount, kopecks."""
        return self.amount - self.discount


@dataclass(slots=True)
class Basket:
    """Lines and the discount on all of them, in kopecks; `percent` is 0 for a discount that is an amount."""

    lines: list[Line] = field(default_factory=list)
    discount_type: int = DISCOUNT_PERCENT
    percent: int = 0
    discount: int = 0

    @property
    def due(self) -> int:
        """What the goods cost after all discounts, before cash rounding, in kopecks."""
        return sum(line.net for line in self.lines) - self.discount

    def shares(self) -> list[int]:
        """Return the part of the receipt's discount that falls on each line, in kopecks."""
        return spread(self.discount, [line.net for line in self.lines])

    def taxes(self) -> dict[str, int]:
        """Return the taxes inside the price by letter, in kopecks."""
        shares = self.shares()
        return taxes((line.goods.tax_group, line.net - share) for line, share in zip(self.lines, shares, strict=True))


def fill_basket(shelf: Shelf, rng: Random) -> Basket:
    """Let a customer choose goods by their popularity, and grant a discount now and then."""
    picked = rng.choices(shelf.goods, cum_weights=shelf.weights, k=rng.choice(_SIZES))
    different = {goods.product.id: goods for goods in picked}.values()
    basket = Basket([_make_line(goods, rng) for goods in different])
    luck = rng.random()
    if luck < _PERCENT_CHANCE:
        basket.percent = rng.choice(_PERCENTS)
        basket.discount = percentage_of(basket.due, basket.percent)
    elif luck < _PERCENT_CHANCE + _AMOUNT_CHANCE and basket.due >= _LEAST_FOR_AMOUNT:
        basket.discount_type = DISCOUNT_AMOUNT
        basket.discount = rng.choice(_AMOUNTS)
    return basket


def take_back(basket: Basket, rng: Random) -> Basket:
    """Choose some lines of a sold basket, not all; each carries its share of the receipt's discount as its own."""
    lines = [
        Line(line.goods, line.quantity, line.amount, line.discount + share)
        for line, share in zip(basket.lines, basket.shares(), strict=True)
    ]
    return Basket(rng.sample(lines, rng.randrange(1, len(lines))))


def _make_line(goods: Goods, rng: Random) -> Line:
    product = goods.product
    bought = _draw_quantity(product.unit, rng)
    amount = line_amount(product.price, bought)
    discounted = rng.random() < _LINE_DISCOUNT_CHANCE
    return Line(goods, bought, amount, percentage_of(amount, rng.choice(_LINE_PERCENTS)) if discounted else 0)


def _draw_quantity(unit: Unit, rng: Random) -> int:
    if unit.step is None:
        return rng.randint(*_GRAMS)
    return unit.step * (rng.choice(_PIECES) if unit.step == WHOLE else rng.randint(*_STEPS))
