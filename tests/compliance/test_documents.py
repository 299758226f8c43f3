"""A registrar that numbers its shift documents along with its receipts has no gaps for that."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, select, update

from smartkasa_async.reports import FindingKind, check_compliance
from smartkasa_async.stores.schema import RECEIPTS

if TYPE_CHECKING:
    from tests.support.spoilt_books import Books

NOW = datetime(2026, 4, 2, tzinfo=UTC)


async def number_documents(books: Books, documents: int) -> list[str]:
    """Leave numbers out before each shift; returns the ids of numbered receipts of one registrar in their order."""
    number, shift = 0, None
    rows = await books.all(
        select(RECEIPTS)
        .where(RECEIPTS.c.shop_id == 37901, RECEIPTS.c.registrar_local_number.is_not(None))
        .order_by(RECEIPTS.c.created_at)
    )
    changes = []
    for row in rows:
        number += 1 + documents * (row.shift_id != shift)
        shift = row.shift_id
        changes.append(update(RECEIPTS).where(RECEIPTS.c.id == row.id).values(registrar_local_number=str(number)))
    await books.run(*changes)
    return [row.id for row in rows]


@pytest.mark.parametrize("documents", [1, 2, 3])
async def test_documents_between_shifts_are_no_gap(books: Books, documents: int) -> None:
    await number_documents(books, documents)

    assert (await check_compliance(books.store, now=NOW)).findings == ()


async def test_a_gap_within_a_shift_is_told_all_the_same(books: Books) -> None:
    ids = await number_documents(books, 2)
    await books.run(delete(RECEIPTS).where(RECEIPTS.c.id == ids[5]))

    (finding,) = (await check_compliance(books.store, now=NOW)).findings

    assert (finding.kind, finding.measured) == (FindingKind.LOCAL_NUMBER_MISSING, Decimal(1))


async def test_more_than_documents_is_a_gap(books: Books) -> None:
    await number_documents(books, 4)

    assert (await check_compliance(books.store, now=NOW)).findings
