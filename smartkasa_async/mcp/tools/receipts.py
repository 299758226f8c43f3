"""Receipts and Z-reports."""

from typing import Any, Literal

from mcp_types import CallToolResult

from smartkasa_async._i18n.message import msg
from smartkasa_async._i18n.translate import in_language
from smartkasa_async._support.arguments import check_whole
from smartkasa_async._support.money import NO_HRYVNIAS, hryvnias
from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.mcp.answers import (
    MOST_ROWS,
    TOKENS,
    Answer,
    Page,
    moment,
    quantity,
    tax_group_values,
    without_none,
)
from smartkasa_async.mcp.desk import Desk
from smartkasa_async.mcp.schemas import MOST_ID, OBJECT, TEXT, WHOLE, Cursor, Days, Number, Shop, Tokens, answer_schema
from smartkasa_async.mcp.texts import safe_text
from smartkasa_async.mcp.tools.goods import decimal_of
from smartkasa_async.models import PaymentType, ReceiptType
from smartkasa_async.records.batch import RecordKind
from smartkasa_async.records.days import Window, business_day
from smartkasa_async.reports.coverage import coverage_of_days
from smartkasa_async.reports.listings import StoredZReport, z_reports
from smartkasa_async.reports.lookups import (
    RECEIPT_TYPES,
    FoundReceipt,
    ReceiptDetails,
    ReceiptLine,
    ReceiptQuery,
    find_receipts,
    read_receipt,
)
from smartkasa_async.stores.views import PAYMENT_MEANS

Kind = Literal["any", "sale", "refund", "cash_in", "cash_out", "cancellation", "cash_withdrawal", "offline"]
Order = Literal["newest", "largest"]

_TYPES: dict[str, list[ReceiptType] | None] = {
    "any": None,
    "sale": [ReceiptType.SALE],
    "refund": [ReceiptType.REFUND],
    "cash_in": [ReceiptType.SERVICE_CASH_IN],
    "cash_out": [ReceiptType.SERVICE_CASH_OUT],
    "cancellation": [ReceiptType.CANCELLATION],
    "cash_withdrawal": [ReceiptType.CASH_WITHDRAWAL],
    "offline": [ReceiptType.OFFLINE_START, ReceiptType.OFFLINE_END],
}

_RECEIPT = {
    "id": TEXT,
    "at": TEXT,
    "shop_id": WHOLE,
    "shop": TEXT,
    "type": TEXT,
    "type_uk": TEXT,
    "total": TEXT,
    "fiscal_number": TEXT,
    "cashier": TEXT,
    "cashier_id": WHOLE,
}
RECEIPTS_SCHEMA = answer_schema(_RECEIPT, days=TEXT, total=OBJECT)
RECEIPT_SCHEMA = answer_schema(
    {
        "name": TEXT,
        "product_id": TEXT,
        "article": TEXT,
        "quantity": TEXT,
        "unit": TEXT,
        "price": TEXT,
        "amount": TEXT,
        "discount": TEXT,
        "tax_group": TEXT,
        "tax_group_uk": TEXT,
    },
    receipt=OBJECT,
    payments={"type": "array", "items": OBJECT},
    taxes=OBJECT,
)
Z_REPORTS_SCHEMA = answer_schema(
    {
        "id": WHOLE,
        "day": TEXT,
        "closed_at": TEXT,
        "shop_id": WHOLE,
        "shop": TEXT,
        "registrar": TEXT,
        "fiscal_number": TEXT,
        "receipts": WHOLE,
        "sales": TEXT,
        "refunds": TEXT,
        "sales_cash": TEXT,
        "sales_cashless": TEXT,
    },
    days=TEXT,
    total=OBJECT,
)


class ReceiptTools:
    """Tools on receipts and Z-reports.

    Args:
        desk: What they answer from.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def find_receipts(
        self,
        days: Days,
        *,
        kind: Kind = "any",
        product: str = "",
        total_from: Number = "",
        total_to: Number = "",
        cashier_id: int | None = None,
        order: Order = "newest",
        shop: Shop = "",
        cursor: Cursor = "",
        max_tokens: Tokens = TOKENS,
    ) -> CallToolResult:
        """Find receipts by kind, product sold, total in hryvnias and cashier; count and sums of all that fit."""
        desk = self._desk
        arguments = [days, kind, product, total_from, total_to, cashier_id, order, shop]
        page = Page.of("find_receipts", {"arguments": arguments}, cursor, max_tokens)
        if cashier_id is not None:
            check_whole("cashier_id", cashier_id, most=MOST_ID)
        window, shops = desk.window(days), await desk.shops(shop)
        asked = ReceiptQuery(
            window=window,
            shops=shops,
            types=_TYPES[kind],
            least=decimal_of("total_from", total_from),
            most=decimal_of("total_to", total_to),
            product=product,
            seller_id=cashier_id,
        )
        async with desk.store.snapshot() as at_once, at_once.reading() as connection:
            count, sales, refunds, found = await find_receipts(
                connection, asked, largest_first=order == "largest", first=page.first, most=MOST_ROWS
            )
            coverage = await coverage_of_days(connection, [RecordKind.RECEIPTS], [window], shops, desk.now())
        return Answer(
            headline=f"{count} receipts of {window}: sales {hryvnias(sales)} UAH, refunds {hryvnias(refunds)} UAH.",
            coverage=coverage,
            rows=[self._row(one) for one in found],
            count=count,
            facts={"days": f"{window}", "total": {"sales": hryvnias(sales), "refunds": hryvnias(refunds)}},
            shown=("at", "type", "total", "shop", "id"),
        ).give(page)

    async def get_receipt(self, number: Number, cursor: Cursor = "", max_tokens: Tokens = TOKENS) -> CallToolResult:
        """One receipt by id or fiscal number: lines, payments, taxes, and the tax service's page that shows it."""
        desk = self._desk
        page = Page.of("get_receipt", {"arguments": [number]}, cursor, max_tokens)
        async with desk.store.snapshot() as at_once, at_once.reading() as connection:
            found = await read_receipt(connection, number.strip())
            if not found:
                message = msg(
                    "The store has no receipt {number!r}; give an id or a fiscal number, or sync its day",
                    number=number[:100],
                )
                raise InvalidRequestError(message, field="number")
            first, *others = found
            day = business_day(first.receipt.created_at)
            shops = None if first.receipt.shop_id is None else [first.receipt.shop_id]
            windows = [Window(day, day)]
            coverage = await coverage_of_days(connection, [RecordKind.RECEIPTS], windows, shops, desk.now())
        notes = [f"{len(others)} more receipts have this number: {', '.join(one.receipt.id for one in others[:5])}"]
        return Answer(
            headline=f"Receipt {safe_text(first.receipt.id)} of {moment(first.receipt.created_at)} (Kyiv): "
            f"{hryvnias(first.receipt.total)} UAH, {len(first.lines)} lines.",
            coverage=coverage,
            rows=[_line_row(one) for one in first.lines[page.first :]],
            count=len(first.lines),
            facts=self._facts(first),
            shown=("name", "quantity", "amount"),
            notes=notes if others else [],
        ).give(page)

    async def z_reports(
        self, days: Days, shop: Shop = "", cursor: Cursor = "", max_tokens: Tokens = TOKENS
    ) -> CallToolResult:
        """Z-reports of the registrars with their sums, cash and cashless, and the total of all."""
        desk = self._desk
        page = Page.of("z_reports", {"arguments": [days, shop]}, cursor, max_tokens)
        window, shops = desk.window(days), await desk.shops(shop)
        async with desk.store.snapshot() as at_once:
            found = await z_reports(at_once, window, shops)
            async with at_once.reading() as connection:
                coverage = await coverage_of_days(connection, [RecordKind.Z_REPORTS], [window], shops, desk.now())
        total = _z_total(found)
        return Answer(
            headline=f"{len(found)} Z-reports of {window}: sales {total['sales']} UAH, refunds {total['refunds']} UAH, "
            f"{total['receipts']} receipts.",
            coverage=coverage,
            rows=[_z_row(one) for one in found[page.first : page.first + MOST_ROWS]],
            count=len(found),
            facts={"days": f"{window}", "total": total},
            shown=("day", "shop", "registrar", "sales", "refunds"),
        ).give(page)

    def _row(self, one: FoundReceipt) -> dict[str, Any]:
        kind = RECEIPT_TYPES.get(one.type)
        return without_none(
            id=safe_text(one.id),
            at=moment(one.created_at),
            shop_id=one.shop_id,
            shop=one.shop and safe_text(one.shop),
            type=kind or f"{one.type}",
            type_uk=kind and in_language(kind, "uk"),
            total=hryvnias(one.total),
            fiscal_number=one.fiscal_number and safe_text(one.fiscal_number),
            cashier=self._desk.cashier(one.cashier),
            cashier_id=one.seller_id,
        )

    def _facts(self, one: ReceiptDetails) -> dict[str, Any]:
        receipt = self._row(one.receipt) | without_none(
            registrar=one.registrar and safe_text(one.registrar),
            shift_id=one.shift_id and safe_text(one.shift_id),
            discount=hryvnias(one.discount) if one.discount else None,
            rounding=hryvnias(one.rounding) if one.rounding else None,
            tax_service_page=one.link,
        )
        payments = [
            without_none(
                means=PAYMENT_MEANS.get(payment.means, f"{payment.means}"),
                means_uk=in_language(PAYMENT_MEANS.get(payment.means, f"{payment.means}"), "uk"),
                amount=hryvnias(payment.amount),
                cancelled=True if payment.kind == PaymentType.CANCELLATION else None,
            )
            for payment in one.payments
        ]
        taxes = {letter: hryvnias(amount) for letter, amount in one.taxes.items()}
        return {"receipt": receipt, "payments": payments, "taxes": taxes}


def _line_row(one: ReceiptLine) -> dict[str, Any]:
    return without_none(
        name=one.name and safe_text(one.name),
        product_id=one.product_id,
        article=one.sku and safe_text(one.sku),
        quantity=quantity(one.quantity),
        unit=one.unit and safe_text(one.unit),
        price=hryvnias(one.price),
        amount=hryvnias(one.amount),
        discount=hryvnias(one.discount) if one.discount else None,
        **tax_group_values(one.tax_group_id),
    )


def _z_row(one: StoredZReport) -> dict[str, Any]:
    return without_none(
        id=one.id,
        day=f"{one.business_date}",
        closed_at=moment(one.created_at),
        shop_id=one.shop_id,
        shop=one.shop and safe_text(one.shop),
        registrar=one.registrar and safe_text(one.registrar),
        fiscal_number=safe_text(one.fiscal_number),
        receipts=one.receipts,
        sales=hryvnias(one.sales),
        refunds=hryvnias(one.refunds) if one.refunds else None,
        sales_cash=hryvnias(one.sales_cash),
        sales_cashless=hryvnias(one.sales_cashless),
    )


def _z_total(found: list[StoredZReport]) -> dict[str, Any]:
    names = ("sales", "refunds", "sales_cash", "sales_cashless", "refunds_cash", "refunds_cashless")
    money = {name: hryvnias(sum((getattr(one, name) for one in found), NO_HRYVNIAS)) for name in names}
    return {"receipts": sum(one.receipts for one in found), **money}
