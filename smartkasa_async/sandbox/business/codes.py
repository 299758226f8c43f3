"""The service's codes as the simulation writes them into rows: plain integers, by the field that carries them."""

from __future__ import annotations

from typing import Final

# receipts.type
SALE: Final = 0
CASH_IN: Final = 1
CASH_OUT: Final = 2
REFUND: Final = 3
CANCELLATION: Final = 4
CASH_WITHDRAWAL: Final = 5
OFFLINE_START: Final = 102
OFFLINE_END: Final = 103

# receipts.state
DEFERRED: Final = 1
PAID: Final = 2
REFUNDED: Final = 3

# receipts.discount_type_id
DISCOUNT_PERCENT: Final = 0
DISCOUNT_AMOUNT: Final = 1

# payments.payment_type_id
PAYMENT: Final = 0
PAYMENT_CANCELLATION: Final = 1
PAYMENT_REFUND: Final = 2

# payments.transaction_type_id
CASH: Final = 0
CARD: Final = 1
ACQUIRING: Final = 2
BANK_DETAILS: Final = 3
CARD_TO_CARD: Final = 4

# shifts.state
SHIFT_OPEN: Final = 0
SHIFT_CLOSED: Final = 1

# products.classifier_type_id
UNCLASSIFIED: Final = 0
UKTZED: Final = 1
