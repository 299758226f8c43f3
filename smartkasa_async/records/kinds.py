"""Which receipts are sales and which are refunds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartkasa_async.models import ReceiptState, ReceiptType

if TYPE_CHECKING:
    from smartkasa_async.models import Receipt


def is_sale(receipt: Receipt) -> bool:
    """Tell whether a receipt is a sale that was paid; one that was put aside is not yet."""
    return receipt.type == ReceiptType.SALE and receipt.state == ReceiptState.PAID


def is_refund(receipt: Receipt) -> bool:
    """Tell whether a receipt gives money back for a sale."""
    return receipt.type == ReceiptType.REFUND
