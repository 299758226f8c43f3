"""Rules on receipts: which are sales and which refunds, and how cash is rounded in Ukraine."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from enum import IntEnum
from typing import TYPE_CHECKING

from smartkasa_async.models import ReceiptState, ReceiptType

if TYPE_CHECKING:
    from smartkasa_async.models import Receipt


def is_sale(receipt: Receipt) -> bool:
    """Return whether a receipt is a paid sale; one that is on hold is not yet."""
    return receipt.type == ReceiptType.SALE and receipt.state == ReceiptState.PAID


def is_refund(receipt: Receipt) -> bool:
    """Return whether a receipt refunds a sale."""
    return receipt.type == ReceiptType.REFUND


class CashRounding(IntEnum):
    """To what cash is rounded, in kopecks; payments by card never are."""

    TO_50 = 50
    """1–24 to 0, 25–49 and 51–74 to 50, 75–99 to 100: NBU resolution № 115, from 2025-10-01, where the till has no
    10-kopeck coins."""
    TO_10 = 10
    """1–4 to 0, 5–9 to 10: the older rule, still that of all other tills."""

    def round(self, amount: Decimal) -> Decimal:
        """Round a sum in hryvnias; one below zero as its opposite."""
        step = Decimal(self.value) / 100
        return (amount / step).quantize(Decimal(1), ROUND_HALF_UP) * step
