"""Items that name no tax group, or one that is not known, prove no tax wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from smartkasa_async.stores.schema import RECEIPT_ITEMS

if TYPE_CHECKING:
    from tests.support.spoilt_books import Books


@pytest.mark.parametrize("tax_group", [None, 77])
async def test_taxes_of_unknown_groups_are_not_compared(books: Books, tax_group: int | None) -> None:
    await books.run(update(RECEIPT_ITEMS).values(tax_group_id=tax_group))

    assert await books.differences() == []
