"""A missing receipt does not hide product sales that are wrong by far more than it can be the cause of."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from smartkasa_async.reports import DifferenceKind
from smartkasa_async.stores.schema import PRODUCT_SALES, RECEIPTS
from tests.support.spoilt_books import is_sale

if TYPE_CHECKING:
    from tests.support.spoilt_books import Books


async def test_a_missing_receipt_hides_no_other_difference(books: Books) -> None:
    deleted = await books.middle(*is_sale(RECEIPTS.c.shop_id == 37901))
    await books.remove(deleted.id)
    of_day = (PRODUCT_SALES.c.shop_id == deleted.shop_id, PRODUCT_SALES.c.business_date == deleted.business_date)
    product = (await books.all(select(PRODUCT_SALES.c.product_id).where(*of_day)))[0].product_id
    await books.run(
        update(PRODUCT_SALES)
        .where(*of_day, PRODUCT_SALES.c.product_id == product)
        .values(total_amount=PRODUCT_SALES.c.total_amount + Decimal(50_000))
    )

    found = await books.differences()

    assert [one.kind for one in found] == [DifferenceKind.RECEIPT_MISSING, DifferenceKind.PRODUCT_SALES]
