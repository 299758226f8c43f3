"""Payments that are lost altogether are one difference for each receipt, however they were made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from smartkasa_async.reports import DifferenceKind
from smartkasa_async.stores.schema import PAYMENTS, RECEIPTS
from tests.support.spoilt_books import is_sale, names, payments_of

if TYPE_CHECKING:
    from tests.support.spoilt_books import Books


async def test_all_parts_of_a_split_payment(books: Books) -> None:
    receipt = await books.middle(*is_sale(payments_of(2)))
    await books.run(delete(PAYMENTS).where(PAYMENTS.c.receipt_id == receipt.id))

    one = await books.only()

    assert (one.kind, one.receipt_ids, one.amount) == (DifferenceKind.PAYMENTS, (receipt.id,), -receipt.total_amount)
    assert names(one) == {"payments", "sale_cash_total", "sale_cashless_total"}


async def test_all_payments_of_a_shift(books: Books) -> None:
    shift = (await books.z_report()).shift_id
    sales = await books.all(select(RECEIPTS).where(*is_sale(RECEIPTS.c.shift_id == shift)))
    await books.run(delete(PAYMENTS).where(PAYMENTS.c.receipt_id.in_([sale.id for sale in sales])))

    found = await books.differences()

    assert {one.cause for one in found} == {"payments_less"}
    assert {one.receipt_ids for one in found} == {(sale.id,) for sale in sales}
