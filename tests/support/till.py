"""What the tests of pushes share: receipts of own tills, online and offline, and what the sandbox holds of them."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from smartkasa_async.models import (
    PaymentTransactionCreate,
    PaymentType,
    ProductCreate,
    ReceiptCreate,
    ReceiptItemCreate,
    ReceiptState,
    ReceiptType,
    TransactionType,
)

if TYPE_CHECKING:
    from smartkasa_async import SmartKasa
    from smartkasa_async.sandbox import Sandbox

__all__ = ["BATCH", "LIST", "TILL", "receipt", "receipts", "session", "stock", "stored"]

LIST = "/api/v1/pos/receipts"
BATCH = f"{LIST}/batch"
TILL = "4000000001"


def receipt(number: int, *, till: str = TILL, product_id: str | None = None, **fields: Any) -> ReceiptCreate:
    """Make a sale of two coffees, paid by card, whose fiscal number is the number."""
    item = ReceiptItemCreate(name="Кава", price=Decimal("10.5"), amount=Decimal(21), quantity=Decimal(2))
    if product_id is not None:
        item.product_id = product_id
    card = PaymentTransactionCreate(
        amount=Decimal(21), payment_type_id=PaymentType.PAYMENT, transaction_type_id=TransactionType.CARD
    )
    values: dict[str, Any] = {
        "total_amount": Decimal(21),
        "state": ReceiptState.PAID,
        "type": ReceiptType.SALE,
        "registrar_fiscal_number": till,
        "fiscal_number": f"{number:06}",
        "items": [item],
        "payment_transactions": [card],
    }
    return ReceiptCreate(**values | fields)


def receipts(count: int, *, tills: int = 1, **fields: Any) -> list[ReceiptCreate]:
    """Make receipts 1 to count of each till, of all tills by turns."""
    names = [f"{int(TILL) + till}" for till in range(tills)]
    return [receipt(number, till=till, **fields) for number in range(1, count + 1) for till in names]


def session(count: int, *, number: int = 7, first: int = 1, till: str = TILL) -> list[ReceiptCreate]:
    """Make the receipts of one offline session; the fiscal number of the first is given."""
    return [
        receipt(
            first + place,
            till=till,
            offline_id=number,
            offline_seed="123456789",
            offline_local_number=place + 1,
            previous_receipt_hash=f"{number}-{place}" if place else None,
        )
        for place in range(count)
    ]


async def stock(kasa: SmartKasa) -> str:
    """Let the service have a product; returns its id."""
    (product,) = await kasa.products.create_batch([ProductCreate(title="Кава", price=Decimal("10.5"))])
    return product.id


def stored(box: Sandbox) -> dict[str, list[str]]:
    """Return the fiscal numbers of the sandbox's receipts by registrar, in the order in which they got there."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for row in box.rows("receipts"):
        found[row["registrar_fiscal_number"]].append(row["fiscal_number"])
    return dict(found)
