"""What was sold: sums by one thing, and margins."""

from typing import Any, Literal

from mcp_types import CallToolResult

from smartkasa_async._support.money import hryvnias
from smartkasa_async.mcp.answers import MOST_ROWS, TOKENS, Answer, Page, quantity, without_none
from smartkasa_async.mcp.desk import Desk
from smartkasa_async.mcp.schemas import OBJECT, TEXT, WHOLE, Cursor, Days, Shop, Tokens, answer_schema
from smartkasa_async.mcp.texts import safe_text
from smartkasa_async.records.batch import RecordKind
from smartkasa_async.reports.coverage import coverage_of_days, coverage_of_lists
from smartkasa_async.reports.margins import MarginKind, ProductMargin, read_margins
from smartkasa_async.reports.sales import Comparison, SalesGroup, SalesRow, SalesSummary, days_to_compare, sum_sales

GroupBy = Literal[
    "total", "day", "weekday", "month", "hour", "shop", "payment_means", "tax_group", "product", "category", "cashier"
]
CompareTo = Literal["none", "previous", "week", "year"]
Which = Literal["all", "sold_below_cost", "priced_below_cost"]

SALES_SCHEMA = answer_schema(
    {
        "key": TEXT,
        "name": TEXT,
        "name_uk": TEXT,
        "net": TEXT,
        "sales": TEXT,
        "refunds": TEXT,
        "receipts": WHOLE,
        "refund_receipts": WHOLE,
        "average": TEXT,
        "quantity": TEXT,
        "unit": TEXT,
        "before": TEXT,
        "change_percent": TEXT,
    },
    days=TEXT,
    compared_with=TEXT,
    total=OBJECT,
    taxes=OBJECT,
)
MARGINS_SCHEMA = answer_schema(
    {
        "product_id": TEXT,
        "title": TEXT,
        "price": TEXT,
        "purchase_price": TEXT,
        "cost_by": TEXT,
        "quantity": TEXT,
        "sold_for": TEXT,
        "cost": TEXT,
        "profit": TEXT,
        "margin_percent": TEXT,
        "lost_below_cost": TEXT,
        "lines_below_cost": WHOLE,
    },
    days=TEXT,
    total=OBJECT,
)


class SalesTools:
    """Tools on sales.

    Args:
        desk: What they answer from.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def sales_summary(
        self,
        days: Days,
        *,
        group_by: GroupBy = "total",
        compare_to: CompareTo = "none",
        shop: Shop = "",
        cursor: Cursor = "",
        max_tokens: Tokens = TOKENS,
    ) -> CallToolResult:
        """Sales, refunds and net turnover by a group, best sellers by product, taxes; compared with days before."""
        desk, arguments = self._desk, [days, group_by, compare_to, shop]
        page = Page.of("sales_summary", {"arguments": arguments}, cursor, max_tokens)
        window, shops, group = desk.window(days), await desk.shops(shop), SalesGroup(group_by)
        comparison = None if compare_to == "none" else Comparison(compare_to)
        windows = [window, *([days_to_compare(window, comparison)] if comparison else [])]
        async with desk.store.snapshot() as at_once:
            summary = await sum_sales(at_once, window, shops, group, comparison)
            async with at_once.reading() as connection:
                coverage = await coverage_of_days(connection, [RecordKind.RECEIPTS], windows, shops, desk.now())
        rows = [self._row(row, summary) for row in summary.rows]
        total = self._row(summary.total, summary)
        facts = without_none(
            days=f"{window}",
            compared_with=f"{summary.before}" if summary.before else None,
            total={name: value for name, value in total.items() if not name.startswith(("key", "name"))},
            taxes={letter: hryvnias(amount) for letter, amount in summary.taxes.items()},
        )
        return Answer(
            headline=_sales_headline(summary),
            coverage=coverage,
            rows=rows[page.first :],
            count=len(rows),
            facts=facts,
            shown=("name", "name_uk", "net", "quantity", "unit"),
        ).give(page)

    def _row(self, row: SalesRow, summary: SalesSummary) -> dict[str, Any]:
        is_cashier = summary.group is SalesGroup.CASHIER and row.key != "total"
        name = (self._desk.cashier(row.name) or "") if is_cashier else safe_text(row.name)
        name_uk = name if is_cashier else safe_text(row.name_uk)
        return without_none(
            key=safe_text(row.key),
            name=name,
            name_uk=name_uk if name_uk != name else None,
            net=hryvnias(row.net),
            sales=hryvnias(row.sales),
            refunds=hryvnias(row.refunds) if row.refunds else None,
            receipts=row.sale_receipts,
            refund_receipts=row.refund_receipts or None,
            average=None if row.average is None else hryvnias(row.average),
            quantity=quantity(row.quantity),
            unit=None if row.unit is None else safe_text(row.unit),
            before=None if row.before is None else hryvnias(row.before),
            change_percent=None if row.change is None else f"{row.change:+f}",
        )

    async def margins(
        self,
        days: Days,
        *,
        which: Which = "all",
        shop: Shop = "",
        cursor: Cursor = "",
        max_tokens: Tokens = TOKENS,
    ) -> CallToolResult:
        """Profit and margin of products by purchase prices of the day; what was sold, or is priced, below cost."""
        desk = self._desk
        page = Page.of("margins", {"arguments": [days, which, shop]}, cursor, max_tokens)
        window, shops, now = desk.window(days), await desk.shops(shop), desk.now()
        async with desk.store.snapshot() as at_once, at_once.reading() as connection:
            margins = await read_margins(connection, window, shops, MarginKind(which))
            coverage = await coverage_of_days(connection, [RecordKind.RECEIPTS], [window], shops, now)
            products = await coverage_of_lists(connection, [RecordKind.PRODUCTS], now)
        total = {
            "sold_for": hryvnias(margins.amount),
            "cost": hryvnias(margins.cost),
            "profit": hryvnias(margins.profit),
            "lost_below_cost": hryvnias(margins.below_cost),
            "sold_without_purchase_price": hryvnias(margins.without_cost),
        }
        by = "cost is by the purchase prices of the days of the sales where history has them, else by the catalogue's"
        notes = [f"{by} as last synced; cost_by says which. purchase_price is the catalogue's."]
        if products.complete_until is None:
            notes.append("NOT COMPLETE: the catalogue was not read; sync reference_data.")
        return Answer(
            headline=f"Margins of {window}: profit {total['profit']} UAH of {total['sold_for']} UAH sold; "
            f"{len(margins.products)} products listed ({which}).",
            coverage=coverage,
            rows=[_margin_row(one) for one in margins.products[page.first : page.first + MOST_ROWS]],
            count=len(margins.products),
            facts={"days": f"{window}", "total": total},
            shown=("title", "profit", "margin_percent", "lost_below_cost"),
            notes=notes,
        ).give(page)


def _sales_headline(summary: SalesSummary) -> str:
    total = summary.total
    compared = ""
    if summary.before is not None and total.before is not None:
        change = "" if total.change is None else f", {total.change:+f} %"
        compared = f"; {summary.before}: {hryvnias(total.before)} UAH{change}"
    return (
        f"Net sales of {summary.window}: {hryvnias(total.net)} UAH ({total.sale_receipts} sale receipts, "
        f"refunds {hryvnias(total.refunds)} UAH){compared}. By {summary.group.value}: {len(summary.rows)} rows."
    )


def _margin_row(one: ProductMargin) -> dict[str, Any]:
    return without_none(
        product_id=one.id,
        title=safe_text(one.title),
        price=hryvnias(one.price),
        purchase_price=hryvnias(one.procurement_price),
        quantity=quantity(one.quantity),
        sold_for=hryvnias(one.amount),
        cost=hryvnias(one.cost),
        cost_by=one.price_source,
        profit=hryvnias(one.profit),
        margin_percent=None if one.margin is None else f"{one.margin:f}",
        lost_below_cost=hryvnias(one.below_cost) if one.lines_below_cost else None,
        lines_below_cost=one.lines_below_cost or None,
    )
