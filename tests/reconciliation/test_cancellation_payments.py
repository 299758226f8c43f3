"""A cancelled receipt may name the payments it undoes, those that undo them, or both: none of it is wrong."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from smartkasa_async.models import PaymentTransactionCreate, PaymentType, ReceiptType, TransactionType
from smartkasa_async.push import check_totals
from smartkasa_async.reports.reconciliation.ledger import ItemRecord, PaymentRecord, ReceiptRecord
from smartkasa_async.reports.reconciliation.receipt_check import check_receipt
from tests.support.till import receipt

MADE, UNDONE = PaymentType.PAYMENT, PaymentType.CANCELLATION
TOTAL = Decimal(21)


@pytest.mark.parametrize("means", [TransactionType.CASH, TransactionType.CARD])
@pytest.mark.parametrize("kinds", [(MADE,), (UNDONE,), (MADE, UNDONE)])
def test_a_cancellation_adds_up(kinds: tuple[PaymentType, ...], means: TransactionType) -> None:
    payments = [
        PaymentTransactionCreate(amount=TOTAL, payment_type_id=kind, transaction_type_id=means) for kind in kinds
    ]
    pushed = receipt(1, type=ReceiptType.CANCELLATION, payment_transactions=payments)
    booked = ReceiptRecord(
        id="r",
        shift_id="s",
        type=ReceiptType.CANCELLATION,
        state=2,
        day=date(2026, 10, 5),
        total=TOTAL,
        items=(ItemRecord(None, TOTAL),),
        payments=tuple(PaymentRecord(means, kind, TOTAL) for kind in kinds),
    )

    assert check_totals(pushed) == ()
    assert list(check_receipt(booked)) == []
