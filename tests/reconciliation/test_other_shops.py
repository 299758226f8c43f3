"""A receipt that names another shop than its shift makes no shift without a Z-report there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from smartkasa_async.reports import DifferenceKind
from smartkasa_async.stores.schema import RECEIPTS
from tests.support.spoilt_books import is_sale

if TYPE_CHECKING:
    from tests.support.spoilt_books import Books


@pytest.mark.parametrize("shop_id", [37902, None])
async def test_a_shift_is_compared_where_its_z_report_is(books: Books, shop_id: int | None) -> None:
    before = (await books.reconciled()).totals
    stray = await books.middle(*is_sale(RECEIPTS.c.shop_id == 37901))
    await books.run(update(RECEIPTS).where(RECEIPTS.c.id == stray.id).values(shop_id=shop_id))

    result = await books.reconciled()

    assert {one.kind for one in result.differences} == {DifferenceKind.PRODUCT_SALES}
    assert result.totals == before
