"""What a page shows of a store, as it was read: figures, names, and the receipts that are named."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from decimal import Decimal

    from smartkasa_async.reports.page.periods import Span
    from smartkasa_async.reports.page.time_buckets import Cubes

NO_CODE = -1
"""Stands for what no payment or no line accounts for."""

_PRODUCTS_IN_ALL = 400
_REFUNDS_IN_ALL = 1_000
_FEWEST_REFUNDS, _MOST_REFUNDS = 5, 200
_FEWEST_PRODUCTS, _MOST_PRODUCTS = 20, 100


@dataclass(frozen=True, slots=True, kw_only=True)
class PageReceipt:
    """A receipt that a page names.

    Attributes:
        id: Its id.
        shop_id: Its shop; None where it names none.
        created_at: When it was made, in UTC.
        type: What it is, by the service's codes.
        total: Its total, hryvnias.
        fiscal_number: Its fiscal number.
        registrar: Fiscal number of its registrar.
    """

    id: str
    shop_id: int | None
    created_at: datetime
    type: int
    total: Decimal
    fiscal_number: str | None
    registrar: str | None


@dataclass(frozen=True, slots=True)
class PageProduct:
    """A product that a page names: what tells it from others, its title, and its unit, empty where there is none."""

    id: str
    title: str
    unit: str


@dataclass(slots=True, kw_only=True)
class PageFacts:
    """What was read.

    Attributes:
        cubes: The figures.
        before: Turnover and hours of the days before, if there are any.
        read: Spans of time of which all receipts were read, by shop; None where all was read.
        shops: Titles of the shops by id.
        means: Names of the means of payment by code, in Ukrainian and English.
        groups: Names of the tax groups by code, in Ukrainian and English.
        products: The products, in the order of the keys of their figures.
        products_of_a_shop: How many products of each shop were read at most.
        refunds: Ids of the largest refunds of each shop, the largest first.
        refunds_of_a_shop: How many refunds of each shop were read at most.
        receipts: The receipts that the page names, by id.
    """

    cubes: Cubes
    before: Cubes | None = None
    read: Mapping[int, Sequence[Span]] | None = None
    shops: dict[int | None, str] = field(default_factory=dict)
    means: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    groups: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    products: list[PageProduct] = field(default_factory=list)
    products_of_a_shop: int = 0
    refunds: list[str] = field(default_factory=list)
    refunds_of_a_shop: int = 0
    receipts: dict[str, PageReceipt] = field(default_factory=dict)


def most_products(shops: int) -> int:
    """Tell how many products of each shop a page has room for."""
    return _share(_PRODUCTS_IN_ALL, shops, _FEWEST_PRODUCTS, _MOST_PRODUCTS)


def most_refunds(shops: int) -> int:
    """Tell how many refunds of each shop a page has room for."""
    return _share(_REFUNDS_IN_ALL, shops, _FEWEST_REFUNDS, _MOST_REFUNDS)


def _share(in_all: int, shops: int, fewest: int, most: int) -> int:
    return max(fewest, min(most, in_all // max(shops, 1)))
