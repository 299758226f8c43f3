"""Taxes by rate and code of goods: the sums of tax groups divided over codes, and what the receipts state otherwise."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from smartkasa_async.reports.month.queries import GROUPS, TAXED_GROUPS, group_column
from smartkasa_async.stores.schema import MONEY_SCALE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from sqlalchemy import Row

VAT_LETTERS = ("a", "b", "v", "d")
EXCISE_LETTERS = ("g", "z")
"""Letters of receipts, by their names in columns; excise of group Г is none, and what Д is, is not known (inferred)."""

_KOPECK = 10 ** (MONEY_SCALE - 2)


class Taxed(NamedTuple):
    """Goods of a shop that were sold or refunded on a day, in units; `total` has the taxes inside.

    `group` is None for what the lines of receipts do not account for, and for taxes that these state otherwise.
    """

    shop_id: int | None
    day: date
    is_refund: bool
    group: int | None
    classifier: int | None
    code: str | None
    total: int
    vat: int
    excise: int


def divide_taxes(coded: Iterable[Row[Any]], groups: Iterable[Row[Any]], refund: int) -> Iterator[Taxed]:
    """Divide the taxes of tax groups over the codes of their goods, in proportion, to the kopeck.

    Goods of one group have one rate, so the shares are those that each code would have but for rounding; the shares of
    the first n codes together are the rounded share of their sum, and those of all are what was to be divided.

    Args:
        coded: Rows of `MonthQueries.coded_lines`.
        groups: Rows of `MonthQueries.groups`.
        refund: The type of refunds.
    """
    goods: defaultdict[tuple[Any, ...], defaultdict[tuple[Any, ...], int]] = defaultdict(lambda: defaultdict(int))
    for row in coded:
        code = row.classifier_code or None
        key = (row.shop_id, row.business_date, row.type, row.code)
        goods[key][code, row.classifier_type_id if code else None] += row.amount
    columns = [[group_column(name, group) for name in ("amount", "vat", "excise")] for group in GROUPS]
    taxes = {}
    for row in groups:
        for group, (of_amount, of_vat, of_excise) in zip(GROUPS, columns, strict=True):
            key = (row.shop_id, row.business_date, row.type, group)
            taxes[key] = found = (getattr(row, of_vat), getattr(row, of_excise)) if group in TAXED_GROUPS else (0, 0)
            without_code = getattr(row, of_amount) - sum(goods[key].values() if key in goods else ())
            if without_code or (any(found) and key not in goods):
                goods[key][None, None] += without_code
    for key, by_code in goods.items():
        shop_id, day, type_, group = key
        codes = sorted(by_code, key=lambda one: (one[0] or "", one[1] or 0))
        amounts = [by_code[one] for one in codes]
        vat, excise = taxes.get(key, (0, 0))
        shares = zip(codes, amounts, _shares(vat, amounts), _shares(excise, amounts), strict=True)
        for (code, classifier), *figures in shares:
            yield Taxed(shop_id, day, type_ == refund, group, classifier, code, *figures)


def outside_lines(turnover: Iterable[Row[Any]], taxed: Iterable[Taxed]) -> Iterator[Taxed]:
    """Return what makes goods and taxes of each shop and day those that its receipts state as a whole.

    Args:
        turnover: Rows of `MonthQueries.turnover`.
        taxed: What `divide_taxes` returned.
    """
    rest: defaultdict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in turnover:
        for is_refund, of in ((False, "sales"), (True, "refunds")):
            sums = rest[row.shop_id, row.business_date, is_refund]
            sums[0] += getattr(row, of)
            sums[1] += sum(getattr(row, f"tax_{letter}_{of}") for letter in VAT_LETTERS)
            sums[2] += sum(getattr(row, f"tax_{letter}_{of}") for letter in EXCISE_LETTERS)
    for one in taxed:
        sums = rest[one.shop_id, one.day, one.is_refund]
        for index, amount in enumerate((one.total, one.vat, one.excise)):
            sums[index] -= amount
    for (shop_id, day, is_refund), sums in rest.items():
        if any(sums):
            yield Taxed(shop_id, day, is_refund, None, None, None, *sums)


def _shares(amount: int, parts: Sequence[int]) -> list[int]:
    """Divide an amount of kopecks in proportion to parts."""
    whole, passed, before = sum(parts), 0, 0
    if not whole:
        return [amount, *[0] * (len(parts) - 1)]
    shares = []
    for part in parts:
        passed += part
        now = _half_up(amount * passed, whole * _KOPECK) * _KOPECK
        shares.append(now - before)
        before = now
    shares[-1] += amount - before  # what is finer than a kopeck
    return shares


def _half_up(amount: int, divisor: int) -> int:
    """Divide whole numbers, rounded half up."""
    return (2 * amount + divisor) // (2 * divisor)
