"""Views of the sales for BI tools, which read them by SQL alone: Power BI, Metabase, Excel over ODBC, DB Browser.

| view | a row for each |
| --- | --- |
| `sales` | day, shop, means of payment, tax group |
| `sales_by_day` | day, shop; with counts, rounding and taxes |
| `sales_by_payment_means` | day, shop, means of payment; with counts |
| `sales_by_tax_group` | day, shop, tax group; with counts |
| `sales_by_product` | day, shop, product; with quantities |
| `margins` | day, shop, product; with cost and profit |
| `stock_by_day` | day, stock card; where history is kept |
| `price_changes` | change of a product's price; where history is kept |

Days are business days in Kyiv. `sales` are the totals of paid sales, `refunds` those of refunds, `net` is what is left;
all else that a register prints does not count, nor does what the service no longer lists (`deleted_at`). Money is in
hryvnias: NUMERIC in PostgreSQL, in SQLite the real number nearest to the exact sum. A code stands beside its name in
Ukrainian and English. The last column of each view is `account_id`, whose sales they are.

**Every view of sales adds up to `sales_by_day`, to the kopeck; `margins` is one.** A line of a receipt counts after its
own discount and its share of the receipt's, which is spread over the lines in proportion. What no line or payment
accounts for has a row whose code is NULL: in tax groups and products the rounding of cash, in means of payment a
receipt stored without payments. `sales` gives each means of a receipt its share of each tax group in proportion, and
keeps both sums of the receipt; so only receipts with several means and several tax groups are estimated there, cells
within two kopecks of the proportion. Taxes are those that the receipts state, refunds taken off; column `tax_a` is the
letter А, and so on.

The cost of `margins` is that of each line, to the kopeck, refunds taken off, by the purchase price that history has of
the day or of the last day before it, else by the catalogue's; without a purchase price cost and profit are NULL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Integer, Text, and_, case, cast, func, literal, null, or_, select, union_all
from sqlalchemy import literal_column as sql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import ExecutableDDLElement
from sqlalchemy.sql.functions import FunctionElement

from smartkasa_async._i18n.message import N_
from smartkasa_async._i18n.translate import in_language
from smartkasa_async.models import PaymentType, ReceiptState, ReceiptType, TaxGroup, TransactionType
from smartkasa_async.stores.schema import (
    MONEY_SCALE,
    PAYMENTS,
    PRICE_HISTORY,
    PRODUCTS,
    RECEIPT_ITEMS,
    RECEIPTS,
    SHOPS,
    STOCK_HISTORY,
    ExactDecimal,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Column, ColumnElement, CompoundSelect, Connection, FromClause, Label, Select, Subquery
    from sqlalchemy.sql.compiler import DDLCompiler, SQLCompiler

    from smartkasa_async._i18n.translate import Language

ZERO: ColumnElement[Any] = sql("0")
_QUANTITY_SCALE = 6


class Shown(FunctionElement[Any]):
    """A sum of exact decimals, which a view shows as BI tools read it: in SQLite as the nearest real number.

    In a query it is exact, as the column that it sums up.
    """

    inherit_cache: bool | None = True

    def __init__(self, total: ColumnElement[Any], scale: int) -> None:
        """Show a sum.

        Args:
            total: The sum.
            scale: Digits after the point of the columns that are summed.
        """
        super().__init__(total, sql(str(scale)))
        self.type = ExactDecimal(scale)


@compiles(Shown, "postgresql")
def _show_numeric(element: Shown, compiler: SQLCompiler, **options: Any) -> str:
    total, scale = _parts(element, compiler, options)
    return f"CAST({total} AS NUMERIC(28, {scale}))"


@compiles(Shown, "sqlite")
def _show_real(element: Shown, compiler: SQLCompiler, *, in_view: bool = False, **options: Any) -> str:
    total, scale = _parts(element, compiler, options)
    return f"({total}) / {10 ** int(scale)}.0" if in_view else f"({total})"


class _Proportion(FunctionElement[Any]):
    inherit_cache: bool | None = True


def proportion(
    amount: ColumnElement[Any], part: ColumnElement[Any], whole: ColumnElement[Any], *, of_nothing: Any = ZERO
) -> ColumnElement[Any]:
    """Return amount·part/whole in money, rounded half away from zero to the kopeck.

    Products in SQLite would not always fit into whole numbers, so they are real there.

    Args:
        amount: Money.
        part: Money, as `whole`, or a number, as `whole`.
        whole: What the part belongs to.
        of_nothing: What stands where the whole is 0.
    """
    return func.coalesce(_Proportion(amount, part, whole), of_nothing)


class _Whole(FunctionElement[Any]):
    """A whole number as the database keeps decimals of a scale."""

    inherit_cache: bool | None = True

    def __init__(self, number: int, scale: int) -> None:
        super().__init__(sql(str(number)), sql(str(scale)))


@compiles(_Whole, "postgresql")
def _leave_whole(element: _Whole, compiler: SQLCompiler, **options: Any) -> str:
    return _parts(element, compiler, options)[0]


@compiles(_Whole, "sqlite")
def _scale_whole(element: _Whole, compiler: SQLCompiler, **options: Any) -> str:
    number, scale = _parts(element, compiler, options)
    return str(int(number) * 10 ** int(scale))


def worth_of(quantity: ColumnElement[Any], price: ColumnElement[Any]) -> ColumnElement[Any]:
    """Multiply a quantity by a price, to the kopeck; NULL where either is."""
    return proportion(price, quantity, _Whole(1, _QUANTITY_SCALE), of_nothing=null())


@compiles(_Proportion, "postgresql")
def _round_numeric(element: _Proportion, compiler: SQLCompiler, **options: Any) -> str:
    amount, part, whole = _parts(element, compiler, options)
    return f"round(({amount}) * ({part}) / nullif({whole}, 0), 2)"


@compiles(_Proportion, "sqlite")
def _round_real(element: _Proportion, compiler: SQLCompiler, **options: Any) -> str:
    amount, part, whole = _parts(element, compiler, options)
    return f"CAST(round(({amount}) * 1.0 * ({part}) / (({whole}) * 100.0)) AS INTEGER) * 100"


def _parts(element: FunctionElement[Any], compiler: SQLCompiler, options: dict[str, Any]) -> list[str]:
    return [compiler.process(part, **options) for part in element.clauses]


class CreateView(ExecutableDDLElement):
    """Statement that creates a view."""

    def __init__(self, name: str, query: Select[Any]) -> None:
        self.name = name
        self.query = query
        self.texts: dict[str, str] = {}
        """By dialect; to write one takes most of the time of making a store."""


@compiles(CreateView)
def _create(element: CreateView, compiler: DDLCompiler, **_options: Any) -> str:
    dialect = compiler.dialect.name
    if dialect not in element.texts:
        query = compiler.sql_compiler.process(element.query, literal_binds=True, in_view=True)
        element.texts[dialect] = f"CREATE VIEW {element.name} AS {query}"
    return element.texts[dialect]


class DropView(ExecutableDDLElement):
    """Statement that drops a view where there is one."""

    def __init__(self, name: str) -> None:
        self.name = name


@compiles(DropView)
def _drop(element: DropView, _compiler: DDLCompiler, **_options: Any) -> str:
    return f"DROP VIEW IF EXISTS {element.name}"


PAYMENT_MEANS: Final[dict[int, str]] = {
    TransactionType.CASH.value: N_("Cash"),
    TransactionType.CARD.value: N_("Card"),
    TransactionType.ACQUIRING.value: N_("Acquiring"),
    TransactionType.BANK_DETAILS.value: N_("Bank details (IBAN)"),
    TransactionType.CARD_TO_CARD.value: N_("Card to card"),
}
"""Means of payment by code, in English; `in_language` gives the Ukrainian name."""
TAX_GROUPS: Final[dict[int, str]] = {
    TaxGroup.NONE.value: N_("No group"),
    TaxGroup.VAT_20.value: N_("VAT 20 %"),
    TaxGroup.VAT_7.value: N_("VAT 7 %"),
    TaxGroup.VAT_0.value: N_("VAT 0 %"),
    TaxGroup.WITHOUT_VAT.value: N_("Without VAT"),
    TaxGroup.EXCISE_5.value: N_("Excise 5 %"),
    TaxGroup.EXCISE_5_VAT_20.value: N_("Excise 5 % + VAT 20 %"),
    TaxGroup.EXCISE_5_VAT_0.value: N_("Excise 5 % + VAT 0 %"),
    TaxGroup.EXCISE_G_0.value: N_("Excise (Г) 0 %"),
    TaxGroup.EXCISE_G_0_VAT_20.value: N_("Excise (Г) 0 % + VAT (А) 20 %"),
    TaxGroup.EXCISE_G_0_VAT_0.value: N_("Excise (Г) 0 % + VAT (В) 0 %"),
}
"""Tax groups by code, likewise."""

_IS_SALE = and_(RECEIPTS.c.type == int(ReceiptType.SALE), RECEIPTS.c.state == int(ReceiptState.PAID))
IS_REFUND = RECEIPTS.c.type == int(ReceiptType.REFUND)
COUNTED = and_(or_(_IS_SALE, IS_REFUND), RECEIPTS.c.deleted_at.is_(None))
"""Paid sales and refunds, by the rules of `receipts.kinds`, that the service still lists."""

_PAID = case((PAYMENTS.c.payment_type_id == int(PaymentType.CANCELLATION), -PAYMENTS.c.amount), else_=PAYMENTS.c.amount)
_LINE = RECEIPT_ITEMS.c.amount - func.coalesce(RECEIPT_ITEMS.c.discount_amount, ZERO)
_DISCOUNT = func.coalesce(RECEIPTS.c.discount_amount, ZERO)

OF_GOODS = tuple(RECEIPT_ITEMS.c[name] for name in ("product_id", "name", "sku", "unit_type_name", "quantity"))
"""What lines say of their goods."""


def _is_of_receipt(part: Any) -> ColumnElement[bool]:
    return and_(part.account_id == RECEIPTS.c.account_id, part.receipt_id == RECEIPTS.c.id)


def receipt_lines(
    *conditions: ColumnElement[bool],
    of_receipt: Sequence[ColumnElement[Any]] = (),
    of_line: Sequence[ColumnElement[Any]] = OF_GOODS,
    in_order: bool = False,
) -> Subquery:
    """Return the lines of the receipts, their own discount and their share of the receipt's taken off.

    The shares of the first n lines together are the rounded share of their sum.

    Args:
        conditions: What receipts must meet besides counting.
        of_receipt: What each line has of its receipt, so that this need not be joined once more.
        of_line: What it has of itself besides tax group and amount; each column takes time.
        in_order: Whether to go through all lines in the order of their receipts' ids; this is faster than to look the
            receipts up where they are most of the store.
    """
    parts = lines_in_parts(*conditions, of_receipt=of_receipt, of_line=of_line, in_order=in_order)
    return union_all(*parts).subquery("discounted")


def lines_in_parts(
    *conditions: ColumnElement[bool],
    of_receipt: Sequence[ColumnElement[Any]] = (),
    of_line: Sequence[ColumnElement[Any]] = OF_GOODS,
    in_order: bool = False,
) -> tuple[Select[Any], Select[Any]]:
    """Return the lines as `receipt_lines` does, those of receipts without a discount and those with one apart."""
    item = RECEIPT_ITEMS.c
    key = (item.account_id, item.receipt_id)
    own = (*key, *of_receipt, *of_line)
    code = func.coalesce(item.tax_group_id, ZERO).label("code")
    counted = (COUNTED, *conditions)
    # Few have a discount: SQLite begins with them, by no index, not even one of its own making.
    discounted = func.coalesce(RECEIPTS.c.account_id, ZERO), func.coalesce(RECEIPTS.c.id, "")
    line = (
        select(
            *(*own, code, _LINE.label("before"), _DISCOUNT.label("discount")),
            func.sum(_LINE).over(partition_by=key, order_by=item.position).label("passed"),
            # In the same order, so that the lines are sorted once.
            func.sum(_LINE).over(partition_by=key, order_by=item.position, rows=(None, None)).label("whole"),
        )
        .select_from(RECEIPT_ITEMS)
        .join(RECEIPTS, and_(key[0] == discounted[0], key[1] == discounted[1]))
        .where(*counted, _DISCOUNT != ZERO)
        .subquery("line")
    )
    passed, before = line.c.passed, line.c.passed - line.c.before
    share = proportion(line.c.discount, passed, line.c.whole) - proportion(line.c.discount, before, line.c.whole)
    kept = [column for column in line.c if column.name not in {"before", "discount", "passed", "whole"}]
    spread = select(*kept, (line.c.before - share).label("amount"))
    # SQLite looks up by an index what is a column, and no more than that.
    receipt_id = func.coalesce(item.receipt_id, "") if in_order else item.receipt_id
    undiscounted = (
        select(*own, code, _LINE.label("amount"))
        .join(RECEIPTS, and_(key[0] == RECEIPTS.c.account_id, receipt_id == RECEIPTS.c.id))
        .where(*counted, _DISCOUNT == ZERO)
    )
    return undiscounted, spread


def outside_lines() -> ColumnElement[Any]:
    """Return the part of a receipt's total that its lines do not account for."""
    sums = select(func.coalesce(func.sum(_LINE), ZERO)).where(_is_of_receipt(RECEIPT_ITEMS.c))
    lines = sums.scalar_subquery()
    outside = RECEIPTS.c.total_amount - lines
    # Databases add up the lines wherever they are named, and few receipts have a discount.
    return case((_DISCOUNT == ZERO, outside), else_=outside + proportion(_DISCOUNT, lines, lines))


def by_tax_group() -> Subquery:
    """Divide each receipt by tax groups; the code NULL is for what is outside its lines."""
    lines = receipt_lines(of_line=())
    keys = (lines.c.account_id, lines.c.receipt_id, lines.c.code)
    groups = select(*keys, func.sum(lines.c.amount).label("amount")).group_by(*keys)
    return _with_rest(groups, outside_lines()).subquery("by_tax_group")


def by_means() -> Subquery:
    """Divide each receipt by means of payment; the code NULL is for what no payment accounts for."""
    receipt, means = (PAYMENTS.c.account_id, PAYMENTS.c.receipt_id), PAYMENTS.c.transaction_type_id
    payments = (
        select(*receipt, means.label("code"), func.sum(_PAID).label("amount"))
        .join(RECEIPTS, _is_of_receipt(PAYMENTS.c))
        .where(COUNTED)
        .group_by(*receipt, means)
    )
    paid = select(func.coalesce(func.sum(_PAID), ZERO)).where(_is_of_receipt(PAYMENTS.c)).scalar_subquery()
    return _with_rest(payments, RECEIPTS.c.total_amount - paid).subquery("by_means")


def _with_rest(parts: Select[Any], rest: ColumnElement[Any]) -> CompoundSelect[Any]:
    """Add the row that makes the parts of each receipt its total; where that is 0, it may be the only one."""
    amount: Label[Any] = rest.label("amount")
    receipt = (
        select(
            RECEIPTS.c.account_id, RECEIPTS.c.id, cast(null(), Integer).label("code"), amount, RECEIPTS.c.total_amount
        )
        .where(COUNTED)
        .subquery("receipt")
    )
    needed = or_(receipt.c.amount != ZERO, receipt.c.total_amount == ZERO)
    return union_all(parts, select(*receipt.c[:4]).where(needed))


_NOT_STATED = N_("Not stated")
_OUTSIDE_LINES = N_("Rounding and other")


def create_views(connection: Connection) -> None:
    """Create the views and replace those of an earlier release.

    In PostgreSQL the rights that were granted on a view go with it.

    Args:
        connection: A connection of SQLAlchemy to a store that has its tables, in a transaction.
    """
    for view in _CREATED:
        connection.execute(DropView(view.name))
        connection.execute(view)


def _sales() -> Select[Any]:
    """Divide each receipt both ways.

    It is a rectangle of tax groups by means of payment. The sum left of and above an inner corner is in proportion; at
    the right and the lower edge it is what the groups or the means passed come to. So rows and columns add up exactly.
    """
    group, means = _in_order(by_tax_group(), "tax_group"), _in_order(by_means(), "payment_means")
    total = RECEIPTS.c.total_amount
    corner = case(
        (means.c.is_last, group.c.passed),
        (group.c.is_last, means.c.passed),
        else_=proportion(group.c.passed, means.c.passed, total),
    )
    above = case((means.c.is_last, group.c.before), else_=proportion(group.c.before, means.c.passed, total))
    left = case((group.c.is_last, means.c.before), else_=proportion(group.c.passed, means.c.before, total))
    above_left = proportion(group.c.before, means.c.before, total)
    cell = (
        select(
            group.c.account_id,
            group.c.receipt_id,
            means.c.code.label("means_code"),
            group.c.code.label("group_code"),
            (corner - above - left + above_left).label("amount"),
        )
        .join(means, and_(means.c.account_id == group.c.account_id, means.c.receipt_id == group.c.receipt_id))
        .join(RECEIPTS, _is_of_receipt(group.c))
        .subquery("cell")
    )
    names = [
        *_named(cell.c.means_code, PAYMENT_MEANS, _NOT_STATED, "payment_means"),
        *_named(cell.c.group_code, TAX_GROUPS, _OUTSIDE_LINES, "tax_group"),
    ]
    return _divided(cell, [cell.c.means_code, cell.c.group_code], names, [])


def _in_order(parts: Subquery, name: str) -> Subquery:
    """Lay the parts of each receipt side by side: where each begins, where it ends, and whether it is the last."""
    receipt = (parts.c.account_id, parts.c.receipt_id)
    order: dict[str, Any] = {"partition_by": receipt, "order_by": func.coalesce(parts.c.code, -1)}
    passed = func.sum(parts.c.amount).over(**order)
    return select(
        *receipt,
        parts.c.code,
        (passed - parts.c.amount).label("before"),
        passed.label("passed"),
        func.lead(parts.c.receipt_id).over(**order).is_(None).label("is_last"),
    ).subquery(name)


def _sales_by_day() -> Select[Any]:
    sign = case((IS_REFUND, -1), else_=1)
    sales, _ = sales_and_refunds(RECEIPTS.c.total_amount)
    average = proportion(sales, sql("1"), func.count(case((~IS_REFUND, 1))), of_nothing=null())
    taxes = [column for column in RECEIPTS.c if column.name.startswith("tax_")]
    columns = [
        *_counts(),
        *_figures(RECEIPTS.c.total_amount),
        _money(average, "average_sale"),
        *(
            _money(func.sum(sign * func.coalesce(column, ZERO)), column.name)
            for column in [RECEIPTS.c.rounding_amount, *taxes]
        ),
    ]
    return _of_day_and_shop(columns, []).where(COUNTED)


def _sales_by_payment_means() -> Select[Any]:
    means = by_means()
    return _divided(means, [means.c.code], _named(means.c.code, PAYMENT_MEANS, _NOT_STATED, "payment_means"), _counts())


def _sales_by_tax_group() -> Select[Any]:
    group = by_tax_group()
    return _divided(group, [group.c.code], _named(group.c.code, TAX_GROUPS, _OUTSIDE_LINES, "tax_group"), _counts())


def _sales_by_product() -> Select[Any]:
    part = _of_products()
    what = [part.c.product_id, part.c.name, part.c.unit_type_name]
    return _divided(part, what, [*what, func.max(part.c.sku).label("sku")], _quantities(part))


def _margins() -> Select[Any]:
    part = _of_products(RECEIPTS.c.business_date)
    price = func.coalesce(*procurement_prices(part.c, part.c, part))
    sold = select(*part.c, worth_of(part.c.quantity, price).label("cost")).subquery("sold")
    (sales, refunds), (cost, returned) = sales_and_refunds(sold.c.amount), sales_and_refunds(sold.c.cost)
    # A sum leaves out what is NULL, and all lines of a product and day have the same purchase price, or none.
    known = case((func.count(sold.c.cost) > ZERO, cost - returned))
    profit = sales - refunds - known
    margin = proportion(_Whole(100, MONEY_SCALE), profit, sales - refunds, of_nothing=null())
    what = [sold.c.product_id, sold.c.name, sold.c.unit_type_name]
    earned = [_money(known, "cost"), _money(profit, "profit"), _money(margin, "margin")]
    return _divided(sold, what, what, _quantities(sold), earned)


def procurement_prices(line: Any, receipt: Any, *tables: FromClause) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Look up the purchase price that history has of the day of a line or before it, and the catalogue's.

    The first that is not NULL is the one that a line had; a price of 0 is none.

    Args:
        line: Columns of the line.
        receipt: Columns of its receipt.
        tables: What these columns are of.
    """
    kept, product = STOCK_HISTORY.c, PRODUCTS.c
    of_day = (kept.account_id == line.account_id, kept.business_date <= receipt.business_date)
    of_history = (
        select(kept.procurement_price)
        .where(*of_day, kept.product_id == line.product_id, kept.procurement_price != ZERO)
        .order_by(kept.business_date.desc())
        .limit(1)
    )
    own = (product.account_id == line.account_id, product.id == line.product_id)
    of_catalogue = select(product.procurement_price).where(*own, product.procurement_price != ZERO)
    return (
        of_history.correlate(*tables).scalar_subquery(),
        of_catalogue.correlate(*tables).scalar_subquery(),
    )


def _of_products(*of_receipt: Column[Any]) -> Subquery:
    """Return the lines of the receipts, and what of each receipt is outside them."""
    lines = receipt_lines(of_receipt=of_receipt)
    receipt = (RECEIPTS.c.account_id, RECEIPTS.c.id, *of_receipt)
    outside = select(*receipt, outside_lines().label("amount")).where(COUNTED).subquery("outside")
    nothing = cast(null(), Text)
    rest = select(
        *(outside.c[column.name] for column in receipt),
        nothing,
        literal(in_language(_OUTSIDE_LINES, "uk")),
        nothing,
        nothing,
        ZERO,
        outside.c.amount,
    )
    of_line = ("product_id", "name", "sku", "unit_type_name", "quantity", "amount")
    own = [lines.c[name] for name in ("account_id", "receipt_id", *(column.name for column in of_receipt), *of_line)]
    return union_all(select(*own), rest.where(outside.c.amount != ZERO)).subquery("part")


def _quantities(part: Subquery) -> list[Label[Any]]:
    sold, returned = sales_and_refunds(part.c.quantity)
    of_product = {"sold_quantity": sold, "refunded_quantity": returned, "net_quantity": sold - returned}
    return [_quantity(total, name) for name, total in of_product.items()]


def _stock_by_day() -> Select[Any]:
    kept, product = STOCK_HISTORY.c, PRODUCTS.c
    by_price, by_cost = worth_of(kept["count"], kept.price), worth_of(kept["count"], kept.procurement_price)
    return (
        select(
            kept.business_date,
            kept.shop_id,
            SHOPS.c.title.label("shop"),
            kept.card_id,
            kept.product_id,
            *_of_product(),
            product.unit_type_name,
            _quantity(kept["count"], "count"),
            _money(kept.price, "price"),
            _money(kept.procurement_price, "procurement_price"),
            _money(by_price, "worth"),
            _money(by_cost, "cost"),
            kept.account_id,
        )
        .select_from(STOCK_HISTORY)
        .join(SHOPS, and_(SHOPS.c.account_id == kept.account_id, SHOPS.c.id == kept.shop_id), isouter=True)
        .join(PRODUCTS, and_(product.account_id == kept.account_id, product.id == kept.product_id), isouter=True)
    )


def _price_changes() -> Select[Any]:
    kept, product = PRICE_HISTORY.c, PRODUCTS.c
    return (
        select(
            kept.business_date,
            kept.noticed_at,
            kept.product_id,
            kept.sequence,
            *_of_product(),
            _money(kept.before, "before"),
            _money(kept.after, "after"),
            _money(kept.after - kept.before, "change"),
            kept.account_id,
        )
        .select_from(PRICE_HISTORY)
        .join(PRODUCTS, and_(product.account_id == kept.account_id, product.id == kept.product_id), isouter=True)
        .where(kept.before.is_not(None))
    )


def _of_product() -> tuple[ColumnElement[Any], ...]:
    return PRODUCTS.c.title, PRODUCTS.c.number


def _divided(
    parts: Subquery,
    keys: Sequence[ColumnElement[Any]],
    names: Sequence[ColumnElement[Any]],
    figures: Sequence[ColumnElement[Any]],
    last: Sequence[ColumnElement[Any]] = (),
) -> Select[Any]:
    """Sum up parts of receipts; what is outside codes and comes to nothing is left out."""
    sales, refunds = sales_and_refunds(parts.c.amount)
    query = _of_day_and_shop([*names, *figures, *_figures(parts.c.amount), *last], keys)
    query = query.join(parts, _is_of_receipt(parts.c))
    return query.having(or_(*(key.is_not(None) for key in keys), sales != ZERO, refunds != ZERO))


def _of_day_and_shop(columns: Sequence[ColumnElement[Any]], keys: Sequence[ColumnElement[Any]]) -> Select[Any]:
    account_id, day = RECEIPTS.c.account_id, RECEIPTS.c.business_date
    shop_id, shop = RECEIPTS.c.shop_id, SHOPS.c.title
    return (
        select(day, shop_id, shop.label("shop"), *columns, account_id)
        .select_from(RECEIPTS)
        .join(SHOPS, and_(SHOPS.c.account_id == account_id, SHOPS.c.id == shop_id), isouter=True)
        .group_by(account_id, day, shop_id, shop, *keys)
    )


def sales_and_refunds(
    amount: ColumnElement[Any], is_refund: ColumnElement[bool] = IS_REFUND
) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Sum up sales and refunds."""
    return func.sum(case((~is_refund, amount), else_=ZERO)), func.sum(case((is_refund, amount), else_=ZERO))


def _figures(amount: ColumnElement[Any]) -> list[Label[Any]]:
    sales, refunds = sales_and_refunds(amount)
    return [_money(sales, "sales"), _money(refunds, "refunds"), _money(sales - refunds, "net")]


def _counts() -> list[Label[Any]]:
    return [
        func.count(case((~IS_REFUND, 1))).label("sale_receipts"),
        func.count(case((IS_REFUND, 1))).label("refund_receipts"),
    ]


def _money(total: ColumnElement[Any], name: str) -> Label[Any]:
    return Shown(total, MONEY_SCALE).label(name)


def _quantity(total: ColumnElement[Any], name: str) -> Label[Any]:
    return Shown(total, _QUANTITY_SCALE).label(name)


def _named(code: ColumnElement[Any], names: Mapping[int, str], without: str, label: str) -> list[ColumnElement[Any]]:
    """Select a code with its names in Ukrainian and English; an unknown code is called by its number."""

    def name(language: Language) -> ColumnElement[Any]:
        known = [(code == sql(str(number)), literal(in_language(text, language))) for number, text in names.items()]
        unknown = in_language(N_("Code {code}"), language).removesuffix("{code}")
        return case(
            (code.is_(None), literal(in_language(without, language))), *known, else_=literal(unknown) + cast(code, Text)
        )

    return [code.label(f"{label}_id"), name("uk").label(label), name("en").label(f"{label}_en")]


VIEWS: Final = {
    "sales": _sales(),
    "sales_by_day": _sales_by_day(),
    "sales_by_payment_means": _sales_by_payment_means(),
    "sales_by_tax_group": _sales_by_tax_group(),
    "sales_by_product": _sales_by_product(),
    "margins": _margins(),
    "stock_by_day": _stock_by_day(),
    "price_changes": _price_changes(),
}
"""Queries by the names of the views."""

_CREATED: Final = [CreateView(name, query) for name, query in VIEWS.items()]
