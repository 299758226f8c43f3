"""An empty fiscal number is none, and no number that comes twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import update

from smartkasa_async.stores.schema import RECEIPTS

if TYPE_CHECKING:
    from tests.support.spoilt_books import Books


async def test_empty_fiscal_numbers_are_no_copies_of_each_other(books: Books) -> None:
    await books.run(update(RECEIPTS).where(RECEIPTS.c.fiscal_number.is_(None)).values(fiscal_number=""))

    assert await books.differences() == []
