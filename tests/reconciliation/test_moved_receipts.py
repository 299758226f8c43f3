"""Receipts in the wrong shift, or in none: no number that the store has is called missing, no Z-report is blamed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from smartkasa_async.models import ReceiptType
from smartkasa_async.reports import DifferenceKind
from smartkasa_async.reports.reconciliation.continuity import Gap, KnownNumbers
from smartkasa_async.stores.schema import RECEIPTS, Z_REPORTS
from tests.support.edited_ledger import is_sale

if TYPE_CHECKING:
    from tests.support.edited_ledger import EditedLedger

SHOP = 37901


@pytest.mark.parametrize("step", [1, -1])
@pytest.mark.parametrize("index", [0, 3, -1])
async def test_a_receipt_of_the_shift_beside_is_one_difference(ledger: EditedLedger, index: int, step: int) -> None:
    shifts = await ledger.all(
        select(Z_REPORTS.c.shift_id).where(Z_REPORTS.c.shop_id == SHOP).order_by(Z_REPORTS.c.created_at)
    )
    right, wrong = shifts[10].shift_id, shifts[10 + step].shift_id
    sales = await ledger.all(
        select(RECEIPTS).where(*is_sale(RECEIPTS.c.shift_id == right)).order_by(RECEIPTS.c.created_at)
    )
    moved = sales[index]
    await ledger.run(update(RECEIPTS).where(RECEIPTS.c.id == moved.id).values(shift_id=wrong))

    one = await ledger.only()

    assert (one.kind, one.receipt_ids, one.shift_id) == (DifferenceKind.RECEIPT_OF_OTHER_SHIFT, (moved.id,), wrong)
    assert one.amount == moved.total_amount
    assert right in one.explain("uk")


async def test_service_cash_of_the_next_shift_blames_no_z_report(ledger: EditedLedger) -> None:
    moved = (
        await ledger.all(
            select(RECEIPTS)
            .where(RECEIPTS.c.type == int(ReceiptType.SERVICE_CASH_OUT), RECEIPTS.c.shop_id == SHOP)
            .order_by(RECEIPTS.c.created_at)
        )
    )[3]
    shifts = [
        shift_id
        for (shift_id,) in await ledger.all(
            select(Z_REPORTS.c.shift_id).where(Z_REPORTS.c.shop_id == SHOP).order_by(Z_REPORTS.c.created_at)
        )
    ]
    following = shifts[shifts.index(moved.shift_id) + 1]
    await ledger.run(update(RECEIPTS).where(RECEIPTS.c.id == moved.id).values(shift_id=following))

    one = await ledger.only()

    assert (one.kind, one.receipt_ids) == (DifferenceKind.RECEIPT_OF_OTHER_SHIFT, (moved.id,))


async def test_a_receipt_without_shift_and_registrar_is_not_called_missing(ledger: EditedLedger) -> None:
    stray = await ledger.middle(*is_sale())
    await ledger.run(
        update(RECEIPTS).where(RECEIPTS.c.id == stray.id).values(shift_id=None, registrar_fiscal_number=None)
    )

    found = await ledger.differences()

    assert {one.cause for one in found} == {"unexplained_shift", "unexplained_no_shift"}


async def test_where_nothing_names_a_shift_service_cash_before_the_first_sale_owes_nothing(
    ledger: EditedLedger,
) -> None:
    await ledger.run(update(Z_REPORTS).values(shift_id=None), update(RECEIPTS).values(shift_id=None))

    assert await ledger.differences() == []


async def test_numbers_that_begin_anew_within_a_shift_are_no_gap(ledger: EditedLedger) -> None:
    numbered = await ledger.all(
        select(RECEIPTS)
        .where(RECEIPTS.c.shop_id == SHOP, RECEIPTS.c.registrar_local_number.is_not(None))
        .order_by(RECEIPTS.c.created_at)
    )
    later = numbered[len(numbered) // 2 :]
    await ledger.run(
        *(
            update(RECEIPTS).where(RECEIPTS.c.id == one.id).values(registrar_local_number=str(number))
            for number, one in enumerate(later, 1)
        )
    )

    assert await ledger.differences() == []


def test_held_numbers_leave_what_no_receipt_has() -> None:
    known = KnownNumbers([1, 2, 5, 6, 10])

    assert known.within(Gap(1, 10)) == [Gap(3, 4), Gap(7, 9)]
    assert known.within(Gap(4, 7)) == [Gap(4, 4), Gap(7, 7)]
    assert known.within(Gap(5, 6)) == []
