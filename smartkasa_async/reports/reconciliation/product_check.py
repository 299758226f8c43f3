"""The service's product sales of a shop against its receipts, day by day."""

from __future__ import annotations

from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING

from smartkasa_async._support.money import hryvnias
from smartkasa_async.reports.reconciliation.differences import PRODUCT_COUNT, ComparedFigure, DifferenceKind, Issue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from smartkasa_async.reports.reconciliation.ledger import SoldProduct

_ZERO = Decimal(0)
_MOST_ROUNDING = Decimal("0.50")
_MOST_BEFORE_DISCOUNT = 2
"""A receipt that is missing explains product sales of twice its total, before a discount of half; more is no proof."""


def check_product_sales(sold: Iterable[SoldProduct], issues: Sequence[Issue]) -> Iterator[Issue]:
    """Account for the products of one shop on which receipts and product sales differ.

    Args:
        sold: The products that differ, by day.
        issues: What is wrong with the shop's receipts; those that explain a day learn what it entails.

    Returns:
        An issue for each day that they do not explain.
    """
    moving = [issue for issue in issues if issue.goods]
    for day, products in groupby(sold, key=lambda product: product.day):
        lines = list(products)
        causes = _causes(day, sum((line.stated_amount - line.amount for line in lines), _ZERO), moving)
        figures = [figure for line in lines for figure in _figures(line)]
        if causes:
            causes[0].figures += figures
        else:
            yield _issue(day, lines, figures)


def _causes(day: date, rest: Decimal, moving: Sequence[Issue]) -> list[Issue]:
    """Find the issues of the day that move the product sales by as much."""
    exact = [issue for issue in moving if day in issue.days and not issue.goods_may_differ]
    rough = [issue for issue in moving if day in issue.days and issue.goods_may_differ]
    left = rest - sum((issue.goods for issue in exact), _ZERO)
    if not left:
        return exact or rough
    if rest in (issue.goods for issue in exact):
        return [issue for issue in exact if issue.goods == rest]
    goods = sum((issue.goods for issue in rough), _ZERO)
    if rough and left * goods > 0 and abs(goods) - _MOST_ROUNDING <= abs(left) <= abs(goods) * _MOST_BEFORE_DISCOUNT:
        return rough
    return []


def _figures(line: SoldProduct) -> Iterator[ComparedFigure]:
    if line.amount != line.stated_amount:
        yield ComparedFigure(f"product_sales {line.product_id}", line.amount, line.stated_amount)
    if line.count != line.stated_count:
        yield ComparedFigure(f"{PRODUCT_COUNT} {line.product_id}", line.count, line.stated_count)


def _issue(day: date, lines: Sequence[SoldProduct], figures: list[ComparedFigure]) -> Issue:
    ours = sum((line.amount for line in lines), _ZERO)
    stated = sum((line.stated_amount for line in lines), _ZERO)
    return Issue(
        kind=DifferenceKind.PRODUCT_SALES,
        cause="product_sales",
        days=(day,),
        figures=[ComparedFigure("product_sales", ours, stated), *figures],
        details={
            "day": str(day),
            "products": ", ".join(line.product_id for line in lines),
            "ours": hryvnias(ours),
            "stated": hryvnias(stated),
        },
    )
