"""The catalogue and what is in stock."""

from decimal import Decimal, InvalidOperation
from typing import Any

from mcp_types import CallToolResult

from smartkasa_async._i18n.message import msg
from smartkasa_async._support.money import hryvnias
from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.mcp.answers import MOST_ROWS, TOKENS, Answer, Page, quantity, tax_group_values, without_none
from smartkasa_async.mcp.desk import Desk
from smartkasa_async.mcp.schemas import FLAG, OBJECT, TEXT, WHOLE, Cursor, Number, Shop, Tokens, answer_schema
from smartkasa_async.mcp.texts import safe_text
from smartkasa_async.records.batch import RecordKind
from smartkasa_async.reports.coverage import coverage_of_lists
from smartkasa_async.reports.lookups import FoundProduct, StockLevel, find_products, find_stock

PRODUCTS_SCHEMA = answer_schema(
    {
        "id": TEXT,
        "title": TEXT,
        "barcode": TEXT,
        "article": TEXT,
        "category": TEXT,
        "price": TEXT,
        "purchase_price": TEXT,
        "unit": TEXT,
        "tax_group": TEXT,
        "tax_group_uk": TEXT,
    }
)
STOCK_SCHEMA = answer_schema(
    {
        "product_id": TEXT,
        "title": TEXT,
        "barcode": TEXT,
        "shop_id": WHOLE,
        "shop": TEXT,
        "count": TEXT,
        "counted": FLAG,
        "price": TEXT,
        "purchase_price": TEXT,
    },
    total=OBJECT,
)


class GoodsTools:
    """Tools on products.

    Args:
        desk: What they answer from.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def find_products(self, text: str = "", cursor: Cursor = "", max_tokens: Tokens = TOKENS) -> CallToolResult:
        """Find products by words of the title, barcode, article or your own id: price, purchase price, tax group."""
        page = Page.of("find_products", {"arguments": [text]}, cursor, max_tokens)
        async with self._desk.store.snapshot() as at_once, at_once.reading() as connection:
            count, found = await find_products(connection, text, first=page.first, most=MOST_ROWS)
            coverage = await coverage_of_lists(connection, [RecordKind.PRODUCTS], self._desk.now())
        return Answer(
            headline=f"{count} products.",
            coverage=coverage,
            rows=[_product_row(one) for one in found],
            count=count,
            shown=("title", "barcode", "price"),
        ).give(page)

    async def stock_levels(
        self,
        text: str = "",
        *,
        at_most: Number = "",
        shop: Shop = "",
        cursor: Cursor = "",
        max_tokens: Tokens = TOKENS,
    ) -> CallToolResult:
        """Counts of products in shops, the smallest first; at_most="5" for what runs out; worth of the stock."""
        page = Page.of("stock_levels", {"arguments": [text, at_most, shop]}, cursor, max_tokens)
        bound, shops = decimal_of("at_most", at_most), await self._desk.shops(shop)
        kinds = [RecordKind.CARDS, RecordKind.PRODUCTS]
        async with self._desk.store.snapshot() as at_once, at_once.reading() as connection:
            stock = await find_stock(connection, text, shops, bound, first=page.first, most=MOST_ROWS)
            coverage = await coverage_of_lists(connection, kinds, self._desk.now())
        count, worth, cost, found = stock
        return Answer(
            headline=f"{count} stock cards, worth {hryvnias(worth)} UAH by prices, {hryvnias(cost)} UAH by purchase "
            "prices.",
            coverage=coverage,
            rows=[_stock_row(one) for one in found],
            count=count,
            facts={"total": {"worth": hryvnias(worth), "worth_by_purchase_prices": hryvnias(cost)}},
            shown=("title", "shop", "count"),
        ).give(page)


def decimal_of(name: str, text: str) -> Decimal | None:
    """Read an amount or a count.

    Args:
        name: The argument, for the error.
        text: What was given; empty for nothing.

    Raises:
        InvalidRequestError: It is no number.
    """
    if not text.strip():
        return None
    try:
        number = Decimal("".join(text.split()).replace(",", "."))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) >= Decimal(10**12):
        message = msg("{field} is {value!r}; give a number such as 12.50", field=name, value=text[:50])
        raise InvalidRequestError(message, field=name)
    return number


def _product_row(one: FoundProduct) -> dict[str, Any]:
    return without_none(
        id=one.id,
        title=safe_text(one.title),
        barcode=one.number and safe_text(one.number),
        article=one.alter_number and safe_text(one.alter_number),
        category=one.category and safe_text(one.category),
        price=hryvnias(one.price),
        purchase_price=None if one.procurement_price is None else hryvnias(one.procurement_price),
        unit=one.unit and safe_text(one.unit),
        **tax_group_values(one.tax_group_id),
    )


def _stock_row(one: StockLevel) -> dict[str, Any]:
    return without_none(
        product_id=one.product_id,
        title=one.title and safe_text(one.title),
        barcode=one.number and safe_text(one.number),
        shop_id=one.shop_id,
        shop=one.shop and safe_text(one.shop),
        count=quantity(one.on_hand),
        counted=one.is_counted,
        price=None if one.price is None else hryvnias(one.price),
        purchase_price=None if one.procurement_price is None else hryvnias(one.procurement_price),
    )
