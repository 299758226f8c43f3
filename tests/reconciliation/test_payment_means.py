"""A payment whose means was changed is one difference, and no wrong rounding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from smartkasa_async.models import TransactionType
from smartkasa_async.reports import DifferenceKind
from smartkasa_async.stores.schema import PAYMENTS, RECEIPTS
from tests.support.spoilt_books import is_sale, names, payments_of

if TYPE_CHECKING:
    from tests.support.spoilt_books import Books


@pytest.mark.parametrize(
    ("means", "cause", "is_rounded"),
    [(TransactionType.CARD, "means_cash", True), (TransactionType.CASH, "means_cashless", False)],
)
async def test_a_payment_by_other_means(books: Books, means: TransactionType, cause: str, is_rounded: bool) -> None:
    rounding = RECEIPTS.c.rounding_amount
    sales = await books.all(
        select(RECEIPTS).where(*is_sale(payments_of(1), rounding != 0 if is_rounded else rounding == 0))
    )
    receipt = next(sale for sale in sales if is_rounded or sale.total_amount * 10 % 1)
    await books.run(update(PAYMENTS).where(PAYMENTS.c.receipt_id == receipt.id).values(transaction_type_id=int(means)))

    one = await books.only()

    assert (one.kind, one.cause, one.receipt_ids) == (DifferenceKind.PAYMENTS, cause, (receipt.id,))
    assert names(one) == {"payments_cash", "sale_cash_total", "sale_cashless_total"}
    assert abs(one.amount) == receipt.total_amount
