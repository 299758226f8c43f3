"""What a page shows of a store, as it was read: figures, names, and the receipts that are named."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import quote_plus

from smartkasa_async.records.days import KYIV, Window, business_day

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from decimal import Decimal

    from smartkasa_async.reports.page.time_buckets import TimeBuckets

NO_CODE = -1
"""Stands for what no payment or no line accounts for."""

_PRODUCTS_IN_ALL = 400
_REFUNDS_IN_ALL = 1_000
_FEWEST_REFUNDS, _MOST_REFUNDS = 5, 200
_FEWEST_PRODUCTS, _MOST_PRODUCTS = 20, 100

_CHECK = "https://cabinet.tax.gov.ua/cashregs/check"

Span: TypeAlias = "tuple[datetime, datetime]"
"""A span of time of which all was read, aware; the second moment is not included."""

_ONE_DAY = timedelta(days=1)

_MONTHS = 12


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
    """A product that a page names: what distinguishes it, its title, and its unit, empty where there is none."""

    id: str
    title: str
    unit: str


@dataclass(slots=True, kw_only=True)
class PageFacts:
    """What was read.

    Attributes:
        buckets: The figures.
        before: Turnover and hours of the days before, if there are any.
        read: Spans of time of which all receipts were read, by shop; None where all was read.
        shops: Titles of the shops by id.
        means: Names of the means of payment by code, in English.
        groups: Names of the tax groups by code, in English.
        products: The products, in the order of the keys of their figures.
        products_of_a_shop: How many products of each shop were read at most.
        refunds: Ids of the largest refunds of each shop, the largest first.
        refunds_of_a_shop: How many refunds of each shop were read at most.
        receipts: The receipts that the page names, by id.
    """

    buckets: TimeBuckets
    before: TimeBuckets | None = None
    read: Mapping[int, Sequence[Span]] | None = None
    shops: dict[int | None, str] = field(default_factory=dict)
    means: Mapping[int, str] = field(default_factory=dict)
    groups: Mapping[int, str] = field(default_factory=dict)
    products: list[PageProduct] = field(default_factory=list)
    products_of_a_shop: int = 0
    refunds: list[str] = field(default_factory=list)
    refunds_of_a_shop: int = 0
    receipts: dict[str, PageReceipt] = field(default_factory=dict)


def most_products(shops: int) -> int:
    """Return how many products of each shop a page has room for."""
    return _share(_PRODUCTS_IN_ALL, shops, _FEWEST_PRODUCTS, _MOST_PRODUCTS)


def most_refunds(shops: int) -> int:
    """Return how many refunds of each shop a page has room for."""
    return _share(_REFUNDS_IN_ALL, shops, _FEWEST_REFUNDS, _MOST_REFUNDS)


def _share(in_all: int, shops: int, fewest: int, most: int) -> int:
    return max(fewest, min(most, in_all // max(shops, 1)))


def check_link(receipt: PageReceipt) -> str | None:
    """Return the address where the tax service shows a receipt; None for one without a fiscal number or a registrar.

    The date is the one in Kyiv, and so is the time, written HHMMSS (inferred).
    """
    if not receipt.fiscal_number or not receipt.registrar:
        return None
    made = receipt.created_at.astimezone(KYIV)
    number, registrar = map(quote_plus, (receipt.fiscal_number, receipt.registrar))
    return f"{_CHECK}?id={number}&date={made:%Y%m%d}&time={made:%H%M%S}&fn={registrar}&sm={receipt.total:.2f}"


def window_before(window: Window) -> Window:
    """Return the days before a window that its days, or any of them, are compared with.

    These are as many days, and from the first of a month on as many months at least.
    """
    start = window.start - window.days * _ONE_DAY
    if window.start.day == 1:
        touched = _month(window.end) - _month(window.start) + 1
        year, month = divmod(_month(window.start) - touched, _MONTHS)
        start = min(start, date(year, month + 1, 1))
    return Window(start, window.start - _ONE_DAY)


def read_data(spans: Sequence[Span] | None, days: Window, now: datetime) -> dict[str, Any]:
    """Return which days of a shop were read whole after they were over, and which partly.

    Args:
        spans: Spans of time that were read, in order; None where all was read.
        days: The days that are asked about.
        now: The present moment, aware.

    Returns:
        `whole` are spans of days, the first and the last; `partly` are days with the time in Kyiv until when each was
        read, None where its beginning was not read.
    """
    whole: list[list[str]] = []
    partly: dict[str, str | None] = {}
    for since, until in [(days.begins_at, now)] if spans is None else spans:
        begin, end = max(since, days.begins_at), min(until, days.ends_at, now)
        if begin >= end:
            continue
        first, last = business_day(begin), business_day(end)
        if begin > Window(first, first).begins_at:
            partly[f"{first}"] = None
            first += _ONE_DAY
        if first <= last and end > Window(last, last).begins_at:
            partly[f"{last}"] = f"{end.astimezone(KYIV):%H:%M}"
        if first <= last - _ONE_DAY:
            whole.append([f"{first}", f"{last - _ONE_DAY}"])
    return {"whole": whole, "partly": partly}


def _month(day: date) -> int:
    return _MONTHS * day.year + day.month - 1
