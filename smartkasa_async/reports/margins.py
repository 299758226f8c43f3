"""What products brought in beyond their purchase prices, and what was sold or is priced below them.

Purchase prices are those of the catalogue as it was synced last, not of the day of a sale: the service keeps no others.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import case, func, select

from smartkasa_async._support.money import NO_HRYVNIAS, with_kopecks
from smartkasa_async.models import ReceiptType
from smartkasa_async.reports.units import MONEY_SCALE, QUANTITY_SCALE, Units
from smartkasa_async.stores.schema import PRODUCTS, RECEIPTS
from smartkasa_async.stores.views import ZERO, receipt_lines, worth_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement, Row
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


class ProductMargin(NamedTuple):
    """What a product brought in; money in hryvnias, discounts and refunds taken off.

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

    `cost` is None where no purchase price is known.
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
    sold = await read_sold_goods(connection, window, shops)
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
    connection: AsyncConnection, window: Window, shops: Collection[int] | None
) -> list[SoldGoods]:
    """Sum up what was sold by product, and by name what is no product of the catalogue.

    Args:
        connection: A transaction of the store.
        window: The business days.
        shops: Ids of the shops; None for all.
    """
    conditions: list[ColumnElement[bool]] = [RECEIPTS.c.business_date.between(window.start, window.end)]
    if shops is not None:
        conditions.append(RECEIPTS.c.shop_id.in_(sorted(shops)))
    return [_goods(row) for row in await connection.execute(_sold(conditions))]


def _sold(conditions: list[ColumnElement[bool]]) -> Any:
    """Sum up lines by product, and by name those that are of no product of the catalogue."""
    lines, product = receipt_lines(*conditions, of_receipt=(RECEIPTS.c.type,)), PRODUCTS.c
    is_refund = lines.c.type == int(ReceiptType.REFUND)
    cost = worth_of(lines.c.quantity, product.procurement_price)
    is_below = (~is_refund) & (lines.c.amount < cost) & (product.procurement_price > ZERO)

    def net(amount: ColumnElement[Any]) -> ColumnElement[Any]:
        return func.sum(case((is_refund, -amount), else_=amount))

    # What depends on the id alone would only make the keys longer that the database sorts by.
    of_product = (product.title, product.number, product.price, product.procurement_price)
    name = case((product.id.is_(None), lines.c.name))
    return (
        select(
            product.id,
            *(func.max(column, type_=column.type).label(column.name) for column in of_product),
            name.label("name"),
            func.max(lines.c.unit_type_name).label("unit"),
            Units(net(lines.c.quantity), QUANTITY_SCALE).label("quantity"),
            Units(net(lines.c.amount)).label("amount"),
            Units(net(cost)).label("cost"),
            Units(func.sum(case((is_below, cost - lines.c.amount), else_=ZERO))).label("below_cost"),
            func.count(case((is_below, 1))).label("lines_below_cost"),
        )
        .select_from(lines)
        .join(PRODUCTS, product.id == lines.c.product_id, isouter=True)
        .group_by(product.id, name)
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
        sold.get(id_) or ProductMargin(id_, title, price, cost, none, none, none, none, 0)
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
        quantity=Decimal(f"{Decimal(row.quantity).scaleb(-QUANTITY_SCALE).normalize():f}"),
        amount=_hryvnias(row.amount),
        cost=_hryvnias(row.cost) if row.procurement_price else None,
        below_cost=_hryvnias(row.below_cost),
        lines_below_cost=row.lines_below_cost,
    )


def _hryvnias(units: int) -> Decimal:
    return with_kopecks(Decimal(units).scaleb(-MONEY_SCALE))
