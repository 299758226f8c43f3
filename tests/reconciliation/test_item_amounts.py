"""An item whose amount is not price times quantity is named as such, and not taken for a discount or a rounding."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from smartkasa_async.reports import DifferenceKind
from smartkasa_async.stores.schema import RECEIPT_ITEMS, RECEIPTS
from tests.support.spoilt_books import is_sale

if TYPE_CHECKING:
    from tests.support.spoilt_books import Books


@pytest.mark.parametrize("change", ["0.01", "-0.02", "10", "-10"])
async def test_an_amount_that_is_not_price_times_quantity(books: Books, change: str) -> None:
    receipt = await books.middle(*is_sale(RECEIPTS.c.rounding_amount != 0, RECEIPTS.c.tax_a > 0))
    await books.run(
        update(RECEIPT_ITEMS)
        .where(RECEIPT_ITEMS.c.receipt_id == receipt.id, RECEIPT_ITEMS.c.position == 1)
        .values(amount=RECEIPT_ITEMS.c.amount + Decimal(change))
    )

    one = await books.only()

    assert (one.kind, one.cause, one.receipt_ids) == (DifferenceKind.ITEMS, "items_price", (receipt.id,))
    assert one.amount == Decimal(change)
    assert any(figure.name.startswith("product_sales ") for figure in one.figures)
