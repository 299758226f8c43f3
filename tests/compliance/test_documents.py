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
    from tests.support.edited_ledger import EditedLedger

NOW = datetime(2026, 4, 2, tzinfo=UTC)


async def number_documents(ledger: EditedLedger, documents: int) -> list[str]:
    """Leave numbers out before each shift; returns the ids of numbered receipts of one registrar in their order."""
    number, shift = 0, None
    rows = await ledger.all(
        select(RECEIPTS)
        .where(RECEIPTS.c.shop_id == 37901, RECEIPTS.c.registrar_local_number.is_not(None))
        .order_by(RECEIPTS.c.created_at)
    )
    changes = []
    for row in rows:
        number += 1 + documents * (row.shift_id != shift)
        shift = row.shift_id
        changes.append(update(RECEIPTS).where(RECEIPTS.c.id == row.id).values(registrar_local_number=str(number)))
    await ledger.run(*changes)
    return [row.id for row in rows]


@pytest.mark.parametrize("documents", [1, 2, 3])
async def test_documents_between_shifts_are_no_gap(ledger: EditedLedger, documents: int) -> None:
    await number_documents(ledger, documents)

    assert (await check_compliance(ledger.store, now=NOW)).findings == ()


async def test_a_gap_within_a_shift_is_told_all_the_same(ledger: EditedLedger) -> None:
    ids = await number_documents(ledger, 2)
    await ledger.run(delete(RECEIPTS).where(RECEIPTS.c.id == ids[5]))

    (finding,) = (await check_compliance(ledger.store, now=NOW)).findings

    assert (finding.kind, finding.measured) == (FindingKind.LOCAL_NUMBER_MISSING, Decimal(1))


async def test_more_than_documents_is_a_gap(ledger: EditedLedger) -> None:
    await number_documents(ledger, 4)

    assert (await check_compliance(ledger.store, now=NOW)).findings
