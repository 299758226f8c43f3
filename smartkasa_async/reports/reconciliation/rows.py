"""Rows of the tables as what a reconciliation reads: pure functions."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from smartkasa_async.reports.reconciliation.figures import FIGURES
from smartkasa_async.reports.reconciliation.ledger import ItemRecord, PaymentRecord, ReceiptRecord, ZReportRecord
from smartkasa_async.reports.reconciliation.taxes import TAX_LETTERS, half_up
from smartkasa_async.stores.schema import PAYMENTS, RECEIPT_ITEMS, RECEIPTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

_ZERO = Decimal(0)

ITEM_COLUMNS = tuple(
    RECEIPT_ITEMS.c[name] for name in ("product_id", "amount", "discount_amount", "tax_group_id", "price", "quantity")
)
"""Columns of an item, in the order of `item_record`."""

PAYMENT_COLUMNS = tuple(PAYMENTS.c[name] for name in ("transaction_type_id", "payment_type_id", "amount"))
"""Columns of a payment, in the order of `payment_record`."""

RECEIPT_COLUMNS = tuple(
    RECEIPTS.c[name]
    for name in (
        "id",
        "shift_id",
        "type",
        "state",
        "business_date",
        "total_amount",
        "rounding_amount",
        "discount_amount",
        "discount_percentage",
        "fiscal_number",
        "registrar_local_number",
        "deleted_at",
        *(f"tax_{letter}" for letter in TAX_LETTERS),
    )
)
"""Columns of a receipt, in the order of `receipt_record`."""

_STATED = (*FIGURES, "cash_amount")
_PAYLOAD = (
    "cash_amount",
    "cash_total",
    "cash_receipts_count",
    "service_input",
    "service_output",
    "turnover_amount",
)


def item_record(  # noqa: PLR0917 the columns of its row
    product_id: str | None,
    amount: Decimal,
    discount: Decimal | None,
    tax_group: int | None,
    price: Decimal,
    quantity: Decimal,
) -> ItemRecord:
    """Make an item."""
    return ItemRecord(product_id, amount, discount or _ZERO, tax_group, half_up(price * quantity))


def payment_record(means: int, kind: int, amount: Decimal) -> PaymentRecord:
    """Make a payment."""
    return PaymentRecord(means, kind, amount)


def receipt_record(
    row: Sequence[Any], items: Mapping[str, list[ItemRecord]], payments: Mapping[str, list[PaymentRecord]]
) -> ReceiptRecord:
    """Make a receipt of its row and of the items and payments by their receipt's id."""
    (
        id_,
        shift_id,
        type_,
        state,
        day,
        total,
        rounding,
        discount,
        percentage,
        fiscal_number,
        number,
        deleted_at,
        *taxes,
    ) = row
    return ReceiptRecord(
        id=id_,
        shift_id=shift_id,
        type=type_,
        state=state,
        day=day,
        total=total,
        rounding=rounding or _ZERO,
        discount=discount or _ZERO,
        discount_percentage=percentage or _ZERO,
        fiscal_number=fiscal_number,
        local_number=local_number(number),
        is_deleted=deleted_at is not None,
        taxes={letter: tax for letter, tax in zip(TAX_LETTERS, taxes, strict=True) if tax},
        items=tuple(items.get(id_, ())),
        payments=tuple(payments.get(id_, ())),
    )


def z_report_record(row: Mapping[str, Any]) -> ZReportRecord:
    """Make a Z-report of its row; a shift that is named by an empty text is none."""
    payload = {name: row[f"payload_{name}"] for name in _PAYLOAD}
    return ZReportRecord(
        id=row["id"],
        shop_id=row["shop_id"],
        registrar=row["registrar_fiscal_number"],
        shift_id=row["shift_id"] or None,
        fiscal_number=row["fiscal_number"],
        closed_at=row["payload_timestamp"] or row["created_at"],
        day=row["business_date"],
        figures=_decimals({name: row[name] for name in _STATED}),
        payload=_decimals(payload),
    )


def _decimals(values: Mapping[str, Any]) -> dict[str, Decimal]:
    return {name: Decimal(value) for name, value in values.items() if value is not None}


def local_number(text: str | None) -> int | None:
    """Read a registrar's own number of a receipt; None where it is no number."""
    return int(text) if text and text.isascii() and text.isdigit() else None
