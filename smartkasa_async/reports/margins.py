"""What products brought in beyond their purchase prices, and what was sold or is priced below them.

The purchase price of a line is the one that the store's history has of its day, or of the last day before it; where it
has none, the catalogue's as it was synced last, since the service keeps no others. The view `margins` does the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Integer, and_, case, cast, func, select

from smartkasa_async._support.money import NO_HRYVNIAS
from smartkasa_async.models import ReceiptType
from smartkasa_async.reports.records_within import are_most, records_within
from smartkasa_async.reports.units import Units, hryvnias_of, quantity_of
from smartkasa_async.stores.schema import PRODUCTS, QUANTITY_SCALE, RECEIPT_ITEMS, RECEIPTS
from smartkasa_async.stores.views import ZERO, procurement_prices, receipt_lines, worth_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement, Row, Select, Subquery
    from sqlalchemy.ext.asyncio import AsyncConnection

    from smartkasa_async.records.days import Window


class MarginKind(StrEnum):
    """Which products are listed."""

    ALL = "all"
    """All that were sold, the highest profit first."""
    SOLD_BELOW_COST = "sold_below_cost"
    """Those of which a line was sold below the purchase price, the largest loss first."""
    PRICED_BELOW_COST = "priced_below_cost"
    """Those of the catalogue whose price is not above their purchase price, sold or not."""


class PriceSource(StrEnum):
    """Where the purchase prices of lines are from."""

    HISTORY = "history"
    CATALOGUE = "catalogue"
    BOTH = "both"
    """Of some lines history has the price, of the others the catalogue."""


class ProductMargin(NamedTuple):
    """What a product brought in; money in hryvnias, discounts and refunds taken off.

    `procurement_price` is the catalogue's, `price_source` says what the cost is by, and is None where nothing was sold.
    `below_cost` is what its lines that were sold below the purchase price lack, and `lines_below_cost` their number.
    """

    id: str
    title: str
    price: Decimal
    procurement_price: Decimal
    quantity: Decimal
    amount: Decimal
    cost: Decimal
    below_cost: Decimal
    lines_below_cost: int
    price_source: PriceSource | None

    @property
    def profit(self) -> Decimal:
        """What was earned."""
        return self.amount - self.cost

    @property
    def margin(self) -> Decimal | None:
        """Share of the profit in what was sold, per cent; None where nothing was."""
        return round(self.profit / self.amount * 100, 1) if self.amount else None


class SoldGoods(NamedTuple):
    """What lines of one product came to, or those of one name that are no product of the catalogue; hryvnias.

    `cost` and `price_source` are None where any line has no purchase price.
    """

    id: str | None
    title: str | None
    number: str | None
    unit: str | None
    price: Decimal | None
    procurement_price: Decimal | None
    quantity: Decimal
    amount: Decimal
    cost: Decimal | None
    below_cost: Decimal
    lines_below_cost: int
    price_source: PriceSource | None

    def margin(self) -> ProductMargin:
        """Return it as a product with a purchase price."""
        return ProductMargin(
            self.id or "",
            self.title or "",
            self.price or NO_HRYVNIAS,
            self.procurement_price or NO_HRYVNIAS,
            self.quantity,
            self.amount,
            self.cost or NO_HRYVNIAS,
            self.below_cost,
            self.lines_below_cost,
            self.price_source,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Margins:
    """Margins of some business days; money in hryvnias.

    Attributes:
        products: The products that were asked for.
        amount: What all products with a purchase price were sold for.
        cost: What they had cost.
        below_cost: What lines that were sold below the purchase price lack.
        without_cost: What was sold of products without a purchase price, of which no profit is known.
    """

    products: tuple[ProductMargin, ...]
    amount: Decimal
    cost: Decimal
    below_cost: Decimal
    without_cost: Decimal

    @property
    def profit(self) -> Decimal:
        """What was earned."""
        return self.amount - self.cost


async def read_margins(
    connection: AsyncConnection, window: Window, shops: Collection[int] | None, kind: MarginKind
) -> Margins:
    """Compare what products were sold for with their purchase prices.

    Args:
        connection: A transaction of the store.
        window: The business days.
        shops: Ids of the shops; None for all.
        kind: Which products to list.
    """
    in_order = await are_most(connection, window, shops)
    sold = await read_sold_goods(connection, window, shops, in_order=in_order)
    known = [one.margin() for one in sold if one.cost is not None]
    listed = {
        MarginKind.ALL: lambda: sorted(known, key=lambda one: (-one.profit, one.title)),
        MarginKind.SOLD_BELOW_COST: lambda: sorted(
            (one for one in known if one.lines_below_cost), key=lambda one: (-one.below_cost, one.title)
        ),
    }
    if kind is MarginKind.PRICED_BELOW_COST:
        products = await _priced_below(connection, {one.id: one for one in known})
    else:
        products = listed[kind]()
    none = Decimal(0)
    return Margins(
        products=tuple(products),
        amount=sum((one.amount for one in known), none),
        cost=sum((one.cost for one in known), none),
        below_cost=sum((one.below_cost for one in known), none),
        without_cost=sum((one.amount for one in sold if one.cost is None), none),
    )


async def read_sold_goods(
    connection: AsyncConnection, window: Window, shops: Collection[int] | None, *, in_order: bool
) -> list[SoldGoods]:
    """Sum up what was sold by product, and by name what is no product of the catalogue.

    Args:
        connection: A transaction of the store.
        window: The business days.
        shops: Ids of the shops; None for all.
        in_order: As for `receipt_lines`.
    """
    query = _sold(records_within(RECEIPTS, window, shops, in_order=in_order), in_order=in_order)
    return [_goods(row) for row in await connection.execute(query)]


def _sold(conditions: list[ColumnElement[bool]], *, in_order: bool) -> Select[Any]:
    """Sum up lines by product, and by name those that are of no product of the catalogue."""
    product = PRODUCTS.c
    sold = _by_product_and_name(conditions, in_order=in_order)
    name = case((product.id.is_(None), sold.c.name))
    # What depends on the id alone would only make the keys longer that the database sorts by.
    of_product = (product.title, product.number, product.price, product.procurement_price)
    counts = ("of_history", "of_catalogue", "without_price", "lines_below_cost")
    return (
        select(
            product.id,
            *(func.max(column, type_=column.type).label(column.name) for column in of_product),
            name.label("name"),
            func.max(sold.c.unit).label("unit"),
            Units(func.sum(sold.c.quantity), QUANTITY_SCALE).label("quantity"),
            *(Units(func.sum(sold.c[each])).label(each) for each in ("amount", "cost", "below_cost")),
            *(cast(func.sum(sold.c[each]), Integer).label(each) for each in counts),
        )
        .outerjoin_from(sold, PRODUCTS, product.id == sold.c.id)
        .group_by(product.id, name)
    )


def _by_product_and_name(conditions: list[ColumnElement[bool]], *, in_order: bool) -> Subquery:
    item, receipt = RECEIPT_ITEMS.c, RECEIPTS.c
    kept, known = procurement_prices(item, receipt, RECEIPT_ITEMS, RECEIPTS)
    line = receipt_lines(
        *conditions,
        of_receipt=(receipt.type,),
        of_line=(
            *(item.product_id, item.name, item.unit_type_name, item.quantity),
            *(kept.label("kept_price"), known.label("known_price")),
        ),
        in_order=in_order,
    ).c
    is_refund = line.type == int(ReceiptType.REFUND)
    price = func.coalesce(line.kept_price, line.known_price)
    cost = worth_of(line.quantity, price)
    is_below = and_(~is_refund, line.amount < cost)

    def net(amount: ColumnElement[Any]) -> ColumnElement[Any]:
        return func.sum(case((is_refund, -amount), else_=amount))

    return (
        select(
            line.product_id.label("id"),
            line.name,
            func.max(line.unit_type_name).label("unit"),
            net(line.quantity).label("quantity"),
            net(line.amount).label("amount"),
            net(cost).label("cost"),
            func.sum(case((is_below, cost - line.amount), else_=ZERO)).label("below_cost"),
            func.count(case((is_below, 1))).label("lines_below_cost"),
            func.count(line.kept_price).label("of_history"),
            func.count(case((line.kept_price.is_(None), line.known_price))).label("of_catalogue"),
            func.count(case((price.is_(None), 1))).label("without_price"),
        )
        .group_by(line.product_id, line.name)
        .subquery("sold")
    )


async def _priced_below(connection: AsyncConnection, sold: dict[str, ProductMargin]) -> list[ProductMargin]:
    product = PRODUCTS.c
    found = await connection.execute(
        select(product.id, product.title, product.price, product.procurement_price)
        .where(
            product.deleted_at.is_(None), product.procurement_price > ZERO, product.price <= product.procurement_price
        )
        .order_by(product.title, product.id)
    )
    none = Decimal(0)
    return [
        sold.get(id_) or ProductMargin(id_, title, price, cost, none, none, none, none, 0, None)
        for id_, title, price, cost in found
    ]


def _goods(row: Row[Any]) -> SoldGoods:
    return SoldGoods(
        id=row.id,
        title=row.title if row.id is not None else row.name,
        number=row.number,
        unit=row.unit,
        price=row.price,
        procurement_price=row.procurement_price,
        quantity=quantity_of(row.quantity),
        amount=hryvnias_of(row.amount),
        cost=None if row.without_price else hryvnias_of(row.cost),
        below_cost=hryvnias_of(row.below_cost),
        lines_below_cost=row.lines_below_cost,
        price_source=None if row.without_price else _price_source(row),
    )


def _price_source(row: Row[Any]) -> PriceSource:
    if row.of_history and row.of_catalogue:
        return PriceSource.BOTH
    return PriceSource.HISTORY if row.of_history else PriceSource.CATALOGUE
