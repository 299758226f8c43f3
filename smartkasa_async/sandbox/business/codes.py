"""The service's codes as the simulation writes them into rows: plain integers, taken from the description's enums."""

from __future__ import annotations

from typing import Final

from smartkasa_async._generated.structs import (
    ClassifierType,
    DiscountType,
    PaymentType,
    ReceiptState,
    ReceiptType,
    ShiftState,
    TransactionType,
)

# receipts.type
SALE: Final = int(ReceiptType.SALE)
CASH_IN: Final = int(ReceiptType.SERVICE_CASH_IN)
CASH_OUT: Final = int(ReceiptType.SERVICE_CASH_OUT)
REFUND: Final = int(ReceiptType.REFUND)
CANCELLATION: Final = int(ReceiptType.CANCELLATION)
CASH_WITHDRAWAL: Final = int(ReceiptType.CASH_WITHDRAWAL)
OFFLINE_START: Final = int(ReceiptType.OFFLINE_START)
OFFLINE_END: Final = int(ReceiptType.OFFLINE_END)

# receipts.state
DEFERRED: Final = int(ReceiptState.DEFERRED)
PAID: Final = int(ReceiptState.PAID)
REFUNDED: Final = int(ReceiptState.REFUND)

# receipts.discount_type_id
DISCOUNT_PERCENT: Final = int(DiscountType.PERCENT)
DISCOUNT_AMOUNT: Final = int(DiscountType.AMOUNT)

# payments.payment_type_id
PAYMENT: Final = int(PaymentType.PAYMENT)
PAYMENT_CANCELLATION: Final = int(PaymentType.CANCELLATION)
PAYMENT_REFUND: Final = int(PaymentType.REFUND)

# payments.transaction_type_id
CASH: Final = int(TransactionType.CASH)
CARD: Final = int(TransactionType.CARD)
ACQUIRING: Final = int(TransactionType.ACQUIRING)
BANK_DETAILS: Final = int(TransactionType.BANK_DETAILS)
CARD_TO_CARD: Final = 4  # a code that the description does not list, as a newer service may send

# shifts.state
SHIFT_OPEN: Final = int(ShiftState.OPEN)
SHIFT_CLOSED: Final = int(ShiftState.CLOSED)

# products.classifier_type_id
UNCLASSIFIED: Final = int(ClassifierType.NONE)
UKTZED: Final = int(ClassifierType.UKTZED)
