"""Sales of a store, summed up by one thing: days, shops, means of payment, products and so on.

What counts, and how a receipt divides, is defined by the views; the sums are exact.
"""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from smartkasa_async._i18n.message import N_, msg
from smartkasa_async._i18n.translate import in_language
from smartkasa_async._support.money import NO_HRYVNIAS, with_kopecks
from smartkasa_async.records.days import KYIV, Window
from smartkasa_async.reports.page.queries import TAX_COLUMNS, LineGroup, PageQueries
from smartkasa_async.reports.units import hryvnias_of, quantity_of
from smartkasa_async.stores.schema import SHOPS, TAX_LETTERS
from smartkasa_async.stores.views import PAYMENT_MEANS, TAX_GROUPS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
    from decimal import Decimal

    from sqlalchemy import Row
    from sqlalchemy.ext.asyncio import AsyncConnection

    from smartkasa_async.stores.store import Store

_ONE_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_MONTHS = 12

_WEEKDAYS = (
    N_("Monday"),
    N_("Tuesday"),
    N_("Wednesday"),
    N_("Thursday"),
    N_("Friday"),
    N_("Saturday"),
    N_("Sunday"),
)
_REST = {
    "payment_means": N_("Not stated"),
    "tax_group": N_("Rounding and other"),
    "product": N_("Rounding and other"),
    "category": N_("Without category"),
}


class SalesGroup(StrEnum):
    """What sales are summed up by."""

    TOTAL = "total"
    DAY = "day"
    WEEKDAY = "weekday"
    MONTH = "month"
    HOUR = "hour"
    SHOP = "shop"
    PAYMENT_MEANS = "payment_means"
    TAX_GROUP = "tax_group"
    PRODUCT = "product"
    CATEGORY = "category"
    CASHIER = "cashier"


class Comparison(StrEnum):
    """The days that sales are compared with."""

    PREVIOUS = "previous"
    """As many days before; whole months with as many months before."""
    WEEK = "week"
    """The same days a week before."""
    YEAR = "year"
    """The same days a year before."""


IN_ORDER: Final = frozenset({SalesGroup.DAY, SalesGroup.WEEKDAY, SalesGroup.MONTH, SalesGroup.HOUR})
"""Groups that stand in the order of time; all others begin with what brings in most."""

_BY_PLACE = frozenset({SalesGroup.DAY, SalesGroup.MONTH})
"""Groups whose keys differ in the days that they are compared with, so that the first is compared with the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesRow:
    """What was sold of one group; money in hryvnias.

    Attributes:
        key: What it is, the same in each language: a day, an id, a code; empty for what no line or payment states.
        name: Its name in English, or the title that the service has.
        name_uk: Its name in Ukrainian, or the title.
        sales: Paid sales.
        refunds: Refunds.
        sale_receipts: Number of paid sales; None where receipts divide.
        refund_receipts: Number of refunds; likewise.
        quantity: How much was sold, refunds taken off; None where things of several units come together.
        unit: Its unit.
        before: What was left of sales in the days of comparison; None where none were asked for.
    """

    key: str
    name: str
    name_uk: str
    sales: Decimal = NO_HRYVNIAS
    refunds: Decimal = NO_HRYVNIAS
    sale_receipts: int | None = None
    refund_receipts: int | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    before: Decimal | None = None

    @property
    def net(self) -> Decimal:
        """Sales, refunds taken off."""
        return with_kopecks(self.sales - self.refunds)

    @property
    def average(self) -> Decimal | None:
        """Average paid sale, rounded to the kopeck; None without any."""
        return round(self.sales / self.sale_receipts, 2) if self.sale_receipts else None

    @property
    def change(self) -> Decimal | None:
        """By how many per cent `net` is above `before`; None where that is nothing."""
        if not self.before or self.before < 0:
            return None
        return round((self.net - self.before) / self.before * 100, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesSummary:
    """Sales of some business days.

    Attributes:
        window: The days.
        group: What they are summed up by.
        rows: The groups, in the order of time or the largest first.
        total: All of them together.
        taxes: Taxes that the receipts state, refunds taken off, by their letters; those that are nothing left out.
        before: The days that they are compared with; None for none.
    """

    window: Window
    group: SalesGroup
    rows: tuple[SalesRow, ...]
    total: SalesRow
    taxes: Mapping[str, Decimal]
    before: Window | None = None


def days_to_compare(window: Window, comparison: Comparison) -> Window:
    """Return the days that a span of days is compared with."""
    if comparison is Comparison.WEEK:
        return Window(window.start - _WEEK, window.end - _WEEK)
    if comparison is Comparison.YEAR:
        return Window(_months_before(window.start, _MONTHS), _months_before(window.end, _MONTHS))
    end = window.start - _ONE_DAY
    is_whole_months = window.start.day == 1 and (window.end + _ONE_DAY).day == 1
    if is_whole_months:
        months = _MONTHS * (window.end.year - window.start.year) + window.end.month - window.start.month + 1
        return Window(_months_before(window.start, months), end)
    return Window(window.start - window.days * _ONE_DAY, end)


async def sum_sales(
    store: Store,
    window: Window,
    shops: Collection[int] | None,
    group: SalesGroup,
    comparison: Comparison | None = None,
) -> SalesSummary:
    """Sum up sales and refunds of some business days.

    Args:
        store: What was synced.
        window: The days.
        shops: Ids of the shops; None for all.
        group: What to sum up by.
        comparison: The days to compare with; None for none.

    Raises:
        StoreError: The store could not be read.
    """
    async with store.reading() as connection:
        summary = await _sum(connection, window, shops, group)
        if comparison is None:
            return summary
        earlier = days_to_compare(window, comparison)
        return _compared(summary, await _sum(connection, earlier, shops, group))


def _compared(summary: SalesSummary, before: SalesSummary) -> SalesSummary:
    """Put beside each group what it came to before; a group that there was only before is added."""
    if summary.group in _BY_PLACE:
        nets = [row.net for row in before.rows]
        rows = [replace(row, before=net) for row, net in zip(summary.rows, nets, strict=False)]
        rows += [replace(row, before=NO_HRYVNIAS) for row in summary.rows[len(nets) :]]
    else:
        found = {row.key: row.net for row in before.rows}
        rows = [replace(row, before=found.pop(row.key, NO_HRYVNIAS)) for row in summary.rows]
        lost = [row for row in before.rows if row.key in found and row.net]
        rows += [SalesRow(key=row.key, name=row.name, name_uk=row.name_uk, before=row.net) for row in lost]
    total = replace(summary.total, before=before.total.net)
    return replace(summary, rows=tuple(rows), total=total, before=before.window)


async def _sum(
    connection: AsyncConnection, window: Window, shops: Collection[int] | None, group: SalesGroup
) -> SalesSummary:
    queries = PageQueries(window, shops)
    turnover = (await connection.execute(queries.turnover())).all()
    taxes = {
        letter: amount
        for letter, name in zip(TAX_LETTERS.values(), TAX_COLUMNS, strict=True)
        if (amount := hryvnias_of(sum(getattr(row, name) for row in turnover)))
    }
    total = _whole(turnover)
    if group in _REST:
        rows = _with_rest(await _parts(connection, queries, group), total, group)
    elif group is SalesGroup.CASHIER:
        rows = [
            _row(_text(row.seller_id), row.name or "", row.name or "", [row])
            for row in await connection.execute(queries.cashiers())
        ]
    else:
        rows = await _by_time_or_shop(connection, turnover, window, group)
    if group not in IN_ORDER:
        rows.sort(key=lambda row: (-row.net, row.name, row.key))
    return SalesSummary(window=window, group=group, rows=tuple(rows), total=total, taxes=taxes)


async def _by_time_or_shop(
    connection: AsyncConnection, turnover: Iterable[Row[Any]], window: Window, group: SalesGroup
) -> list[SalesRow]:
    """Group what was read by shop and hour; days without a receipt are there too."""
    if group is SalesGroup.SHOP:
        titles = {shop.id: shop.title for shop in await connection.execute(select(SHOPS.c.id, SHOPS.c.title))}
        by_shop = _grouped(turnover, lambda row: row.shop_id)
        return [
            _row(_text(id_), titles.get(id_) or _text(id_), titles.get(id_) or _text(id_), rows)
            for id_, rows in by_shop.items()
        ]
    moments = {row.hour: _in_kyiv(row.hour) for row in turnover}
    if group is SalesGroup.TOTAL:
        return [_whole(turnover)]
    if group is SalesGroup.HOUR:
        by_hour = _grouped(turnover, lambda row: moments[row.hour].hour)
        return [_same(f"{hour:02}", f"{hour:02}:00–{hour:02}:59", by_hour[hour]) for hour in sorted(by_hour)]
    by_day = _grouped(turnover, lambda row: moments[row.hour].date())
    days = [window.start + number * _ONE_DAY for number in range(window.days)]
    if group is SalesGroup.DAY:
        return [_same(f"{day}", f"{day}", by_day.get(day, ())) for day in days]
    found: defaultdict[Any, list[Row[Any]]] = defaultdict(list)
    for day in days:
        found[day.weekday() if group is SalesGroup.WEEKDAY else f"{day:%Y-%m}"].extend(by_day.get(day, ()))
    if group is SalesGroup.MONTH:
        return [_same(month, month, rows) for month, rows in found.items()]
    return [
        _row(_text(number + 1), _WEEKDAYS[number], in_language(_WEEKDAYS[number], "uk"), found[number])
        for number in sorted(found)
    ]


async def _parts(connection: AsyncConnection, queries: PageQueries, group: SalesGroup) -> list[SalesRow]:
    """Read what receipts divide into."""
    if group is SalesGroup.PAYMENT_MEANS:
        means = _grouped(await connection.execute(queries.means()), lambda row: row.code)
        return [_of_code(code, PAYMENT_MEANS, rows) for code, rows in means.items()]
    by = {
        SalesGroup.TAX_GROUP: LineGroup.TAX_GROUPS,
        SalesGroup.PRODUCT: LineGroup.PRODUCTS,
        SalesGroup.CATEGORY: LineGroup.CATEGORIES,
    }[group]
    rows = (await connection.execute(queries.sold(by))).all()
    if group is SalesGroup.TAX_GROUP:
        return [_of_code(int(row.id), TAX_GROUPS, [row]) for row in rows]
    if group is SalesGroup.CATEGORY:  # what has none is the rest
        return [_row(row.id, row.name or row.id, row.name or row.id, [row]) for row in rows if row.id is not None]
    return [
        replace(
            _row(row.id, row.name or row.id, row.name or row.id, [row]),
            quantity=quantity_of(row.quantity),
            unit=row.unit,
        )
        for row in rows
    ]


def _with_rest(parts: list[SalesRow], total: SalesRow, group: SalesGroup) -> list[SalesRow]:
    """Add what no part accounts for, so that the parts come to the total."""
    sales = total.sales - sum((row.sales for row in parts), NO_HRYVNIAS)
    refunds = total.refunds - sum((row.refunds for row in parts), NO_HRYVNIAS)
    if not (sales or refunds):
        return parts
    name = _REST[group]
    rest = SalesRow(key="", name=name, name_uk=in_language(name, "uk"), sales=sales, refunds=refunds)
    return [*parts, rest]


def _whole(turnover: Iterable[Row[Any]]) -> SalesRow:
    return _row("total", N_("Total"), in_language(N_("Total"), "uk"), turnover)


def _of_code(code: int, names: Mapping[int, str], rows: Iterable[Row[Any]]) -> SalesRow:
    name: str = names.get(code) or msg("Code {code}", code=code)
    return replace(
        _row(_text(code), f"{name}", in_language(name, "uk"), rows), sale_receipts=None, refund_receipts=None
    )


def _same(key: str, name: str, rows: Iterable[Row[Any]]) -> SalesRow:
    return _row(key, name, name, rows)


def _row(key: str, name: str, name_uk: str, rows: Iterable[Row[Any]]) -> SalesRow:
    found = list(rows)
    counted = all("sale_receipts" in row._fields for row in found)
    return SalesRow(
        key=key,
        name=name,
        name_uk=name_uk,
        sales=hryvnias_of(sum(row.sales for row in found)),
        refunds=hryvnias_of(sum(row.refunds for row in found)),
        sale_receipts=sum(row.sale_receipts for row in found) if counted else None,
        refund_receipts=sum(row.refund_receipts for row in found) if counted else None,
    )


def _grouped(rows: Iterable[Row[Any]], key: Callable[[Row[Any]], Hashable]) -> dict[Any, list[Row[Any]]]:
    found: defaultdict[Any, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return found


def _in_kyiv(hour: str) -> datetime:
    return datetime.strptime(hour, "%Y-%m-%d %H").replace(tzinfo=UTC).astimezone(KYIV)


def _text(id_: int | None) -> str:
    return "" if id_ is None else str(id_)


def _months_before(day: date, months: int) -> date:
    year, month = divmod(_MONTHS * day.year + day.month - 1 - months, _MONTHS)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
