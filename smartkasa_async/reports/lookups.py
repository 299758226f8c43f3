"""Products, stock and receipts of a store, found by what people know of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sqlalchemy import and_, exists, func, or_, select

from smartkasa_async._i18n.message import N_
from smartkasa_async._support.money import NO_HRYVNIAS
from smartkasa_async.models import ReceiptType
from smartkasa_async.reports.page.facts import PageReceipt, check_link
from smartkasa_async.reports.records_within import records_within
from smartkasa_async.reports.units import Units, hryvnias_of
from smartkasa_async.stores.schema import (
    CARDS,
    CATEGORIES,
    PAYMENTS,
    PRODUCTS,
    RECEIPT_ITEMS,
    RECEIPTS,
    SHOPS,
    TAX_LETTERS,
)
from smartkasa_async.stores.views import COUNTED, ZERO, sales_and_refunds, worth_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime
    from decimal import Decimal

    from sqlalchemy import ColumnElement, Row, Select
    from sqlalchemy.ext.asyncio import AsyncConnection

    from smartkasa_async.records.days import Window

_MOST_WORDS = 8

RECEIPT_TYPES: Final[dict[int, str]] = {
    ReceiptType.SALE.value: N_("sale"),
    ReceiptType.SERVICE_CASH_IN.value: N_("cash put in"),
    ReceiptType.SERVICE_CASH_OUT.value: N_("cash taken out"),
    ReceiptType.REFUND.value: N_("refund"),
    ReceiptType.CANCELLATION.value: N_("cancellation"),
    ReceiptType.CASH_WITHDRAWAL.value: N_("cash withdrawal"),
    ReceiptType.OFFLINE_START.value: N_("offline begins"),
    ReceiptType.OFFLINE_END.value: N_("offline ends"),
}
"""Types of receipts by code, in English; `in_language` gives the Ukrainian name."""


class FoundProduct(NamedTuple):
    """A product of the catalogue; money in hryvnias."""

    id: str
    title: str
    number: str | None
    alter_number: str | None
    category: str | None
    price: Decimal
    procurement_price: Decimal | None
    unit: str | None
    tax_group_id: int | None


class StockLevel(NamedTuple):
    """How much of a product a shop has; money in hryvnias."""

    product_id: str | None
    title: str | None
    number: str | None
    shop_id: int | None
    shop: str | None
    on_hand: Decimal | None
    is_counted: bool | None
    price: Decimal | None
    procurement_price: Decimal | None


class FoundReceipt(NamedTuple):
    """A receipt; the total in hryvnias, the time in UTC."""

    id: str
    created_at: datetime
    shop_id: int | None
    shop: str | None
    type: int
    state: int
    total: Decimal
    fiscal_number: str | None
    seller_id: int | None
    cashier: str | None


class ReceiptLine(NamedTuple):
    """A line of a receipt; money in hryvnias."""

    name: str | None
    product_id: str | None
    sku: str | None
    quantity: Decimal
    unit: str | None
    price: Decimal
    amount: Decimal
    discount: Decimal
    tax_group_id: int | None


class ReceiptPayment(NamedTuple):
    """A payment of a receipt, hryvnias."""

    means: int
    kind: int
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptDetails:
    """A receipt with its parts.

    Attributes:
        receipt: The receipt.
        registrar: Fiscal number of its registrar.
        shift_id: Id of its shift.
        discount: Its own discount, hryvnias.
        rounding: Rounding of cash, hryvnias.
        taxes: Its taxes by letter, hryvnias; those that are nothing left out.
        lines: Its lines.
        payments: Its payments.
        link: Where the tax service shows it; None where it has no fiscal number.
    """

    receipt: FoundReceipt
    registrar: str | None
    shift_id: str | None
    discount: Decimal
    rounding: Decimal
    taxes: dict[str, Decimal]
    lines: tuple[ReceiptLine, ...]
    payments: tuple[ReceiptPayment, ...]
    link: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptQuery:
    """Which receipts are looked for.

    Attributes:
        window: Their business days.
        shops: Ids of their shops; None for all.
        types: Their types, by the service's codes; None for all.
        least: Least total, hryvnias; None for any.
        most: Largest total, hryvnias; None for any.
        product: Words of the name of a line, a barcode or an article; empty for any.
        seller_id: Who made them; None for anybody.
    """

    window: Window
    shops: Collection[int] | None = None
    types: Collection[int] | None = None
    least: Decimal | None = None
    most: Decimal | None = None
    product: str = ""
    seller_id: int | None = None


def matching(text: str, *columns: ColumnElement[Any]) -> ColumnElement[bool]:
    """Select rows of which every word stands in one of the columns, whatever the case of its letters.

    SQLite knows the case of Latin letters alone, so a word is looked for in the three forms that people write.
    """
    words = text.split()[:_MOST_WORDS]
    return and_(
        *(
            or_(
                *(
                    column.contains(form, autoescape=True)
                    for column in columns
                    for form in dict.fromkeys((word, word.lower(), word.upper(), word.lower().capitalize()))
                )
            )
            for word in words
        )
    )


async def find_products(
    connection: AsyncConnection, text: str, *, first: int, most: int
) -> tuple[int, list[FoundProduct]]:
    """Find products of the catalogue by words of the title, a barcode, an article, or the id of another program.

    Args:
        connection: A transaction of the store.
        text: The words; empty for all products.
        first: How many to leave out.
        most: How many to return.

    Returns:
        How many there are, and these.
    """
    columns = PRODUCTS.c
    query = (
        select(
            columns.id,
            columns.title,
            columns.number,
            columns.alter_number,
            CATEGORIES.c.title,
            columns.price,
            columns.procurement_price,
            columns.unit_type_name,
            columns.tax_group_id,
        )
        .join(CATEGORIES, CATEGORIES.c.id == columns.category_id, isouter=True)
        .where(columns.deleted_at.is_(None), *_of_products(text))
        .order_by(columns.title, columns.id)
    )
    return await _page(connection, query, FoundProduct, first, most)


async def find_stock(
    connection: AsyncConnection,
    text: str,
    shops: Collection[int] | None,
    most_count: Decimal | None,
    *,
    first: int,
    most: int,
) -> tuple[int, Decimal, Decimal, list[StockLevel]]:
    """Find stock cards, those with the smallest count first.

    Args:
        connection: A transaction of the store.
        text: Words of the product, as for `find_products`; empty for all.
        shops: Ids of the shops; None for all.
        most_count: Only cards with this count or a smaller one; None for all.
        first: How many to leave out.
        most: How many to return.

    Returns:
        How many there are, what all of them are worth by prices and by purchase prices, hryvnias, and these.
    """
    card, product = CARDS.c, PRODUCTS.c
    conditions = [card.deleted_at.is_(None), *_of_products(text)]
    if shops is not None:
        conditions.append(card.shop_id.in_(sorted(shops)))
    if most_count is not None:
        conditions.append(card.count <= most_count)
    join = CARDS.join(PRODUCTS, product.id == card.product_id, isouter=True)
    query = (
        select(
            card.product_id,
            product.title,
            product.number,
            card.shop_id,
            SHOPS.c.title,
            card.count,
            card.counting_enabled,
            product.price,
            product.procurement_price,
        )
        .select_from(join.join(SHOPS, SHOPS.c.id == card.shop_id, isouter=True))
        .where(*conditions)
        .order_by(card.count, product.title, card.id)
    )
    worth = [Units(func.sum(worth_of(card.count, price))) for price in (product.price, product.procurement_price)]
    sums = (await connection.execute(select(*worth).select_from(join).where(*conditions))).one()
    count, found = await _page(connection, query, StockLevel, first, most)
    price, cost = (hryvnias_of(units or 0) for units in sums)
    return count, price, cost, found


async def find_receipts(
    connection: AsyncConnection, asked: ReceiptQuery, *, largest_first: bool, first: int, most: int
) -> tuple[int, Decimal, Decimal, list[FoundReceipt]]:
    """Find receipts, the newest or the largest first.

    Args:
        connection: A transaction of the store.
        asked: Which.
        largest_first: Whether the largest come first.
        first: How many to leave out.
        most: How many to return.

    Returns:
        How many there are, their paid sales and refunds, hryvnias, and these.
    """
    columns = RECEIPTS.c
    conditions = _of_receipts(asked)
    order = (columns.total_amount.desc(),) if largest_first else ()
    query = _receipts().where(*conditions).order_by(*order, columns.created_at.desc(), columns.id)
    both = [Units(amount) for amount in sales_and_refunds(columns.total_amount)]
    sums = (await connection.execute(select(*both).where(COUNTED, *conditions))).one()
    count, found = await _page(connection, query, FoundReceipt, first, most)
    sales, refunds = (hryvnias_of(units or 0) for units in sums)
    return count, sales, refunds, found


async def read_receipt(connection: AsyncConnection, number: str) -> list[ReceiptDetails]:
    """Read receipts with their parts by their id or fiscal number, which several registrars may have given.

    Args:
        connection: A transaction of the store.
        number: The id or the number.
    """
    columns = RECEIPTS.c
    more = [columns.registrar_fiscal_number, columns.shift_id, columns.discount_amount, columns.rounding_amount]
    taxes = [columns[f"tax_{letter}"] for letter in TAX_LETTERS]
    query = _receipts().add_columns(*more, *taxes)
    found = await connection.execute(
        query.where(or_(columns.id == number, columns.fiscal_number == number), columns.deleted_at.is_(None)).order_by(
            columns.created_at.desc(), columns.id
        )
    )
    return [await _details(connection, row) for row in found.all()]


async def _details(connection: AsyncConnection, row: Row[Any]) -> ReceiptDetails:
    receipt = FoundReceipt(*row[: len(FoundReceipt._fields)])
    registrar, shift_id, discount, rounding, *taxes = row[len(FoundReceipt._fields) :]
    link = check_link(
        PageReceipt(
            id=receipt.id,
            shop_id=receipt.shop_id,
            created_at=receipt.created_at,
            type=receipt.type,
            total=receipt.total,
            fiscal_number=receipt.fiscal_number,
            registrar=registrar,
        )
    )
    letters = zip(TAX_LETTERS.values(), taxes, strict=True)
    return ReceiptDetails(
        receipt=receipt,
        registrar=registrar,
        shift_id=shift_id,
        discount=discount or NO_HRYVNIAS,
        rounding=rounding or NO_HRYVNIAS,
        taxes={letter: amount for letter, amount in letters if amount},
        lines=await _lines(connection, receipt.id),
        payments=await _payments(connection, receipt.id),
        link=link,
    )


async def _lines(connection: AsyncConnection, receipt_id: str) -> tuple[ReceiptLine, ...]:
    item = RECEIPT_ITEMS.c
    found = await connection.execute(
        select(
            item.name,
            item.product_id,
            item.sku,
            item.quantity,
            item.unit_type_name,
            item.price,
            item.amount,
            func.coalesce(item.discount_amount, ZERO, type_=item.discount_amount.type),
            item.tax_group_id,
        )
        .where(item.receipt_id == receipt_id)
        .order_by(item.position)
    )
    return tuple(ReceiptLine(*line) for line in found)


async def _payments(connection: AsyncConnection, receipt_id: str) -> tuple[ReceiptPayment, ...]:
    payment = PAYMENTS.c
    found = await connection.execute(
        select(payment.transaction_type_id, payment.payment_type_id, payment.amount)
        .where(payment.receipt_id == receipt_id)
        .order_by(payment.position)
    )
    return tuple(ReceiptPayment(*one) for one in found)


def _receipts() -> Select[Any]:
    columns = RECEIPTS.c
    return select(
        columns.id,
        columns.created_at,
        columns.shop_id,
        SHOPS.c.title,
        columns.type,
        columns.state,
        columns.total_amount,
        columns.fiscal_number,
        columns.seller_id,
        columns.cashier_name,
    ).join(SHOPS, SHOPS.c.id == columns.shop_id, isouter=True)


def _of_products(text: str) -> list[ColumnElement[bool]]:
    columns = PRODUCTS.c
    if not text.split():
        return []
    return [matching(text, columns.title, columns.number, columns.alter_number, columns.remote_id)]


def _of_receipts(asked: ReceiptQuery) -> list[ColumnElement[bool]]:
    columns, item = RECEIPTS.c, RECEIPT_ITEMS.c
    conditions: list[ColumnElement[bool]] = [
        columns.deleted_at.is_(None),
        *records_within(RECEIPTS, asked.window, asked.shops),
    ]
    if asked.types is not None:
        conditions.append(columns.type.in_(sorted(asked.types)))
    if asked.least is not None:
        conditions.append(columns.total_amount >= asked.least)
    if asked.most is not None:
        conditions.append(columns.total_amount <= asked.most)
    if asked.seller_id is not None:
        conditions.append(columns.seller_id == asked.seller_id)
    if asked.product.split():
        conditions.append(exists().where(item.receipt_id == columns.id, matching(asked.product, item.name, item.sku)))
    return conditions


async def _page(
    connection: AsyncConnection, query: Select[Any], make: type[Any], first: int, most: int
) -> tuple[int, list[Any]]:
    """Read a part of the rows, and count all."""
    count = await connection.scalar(query.with_only_columns(func.count(), maintain_column_froms=True).order_by(None))
    rows: Sequence[Row[Any]] = (await connection.execute(query.offset(first).limit(most))).all()
    return count or 0, [make(*row) for row in rows]
