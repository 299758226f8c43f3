"""Taxes by tax group or line by line: both are told, and a tolerance lets kopecks pass."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.models import TaxGroup
from smartkasa_async.reports import DifferenceKind, reconcile
from smartkasa_async.reports.reconciliation.ledger import ItemRecord, PaymentRecord, ReceiptRecord
from smartkasa_async.reports.reconciliation.receipt_amounts import taxes_by_line, taxes_of
from smartkasa_async.reports.reconciliation.receipt_check import check_receipt
from smartkasa_async.stores.schema import RECEIPTS
from tests.support.edited_ledger import KOPECK, MARCH, EditedLedger, is_sale

if TYPE_CHECKING:
    from smartkasa_async.reports.reconciliation.differences import Issue

LINES = tuple(ItemRecord("p", Decimal("0.10"), tax_group=TaxGroup.VAT_20) for _ in range(3))
BY_GROUP, BY_LINE = Decimal("0.05"), Decimal("0.06")


def check(stated: Decimal, tolerance: str = "0") -> list[Issue]:
    receipt = ReceiptRecord(
        id="r1",
        shift_id="s1",
        type=0,
        state=2,
        day=date(2026, 10, 5),
        total=Decimal("0.30"),
        taxes={"a": stated},
        items=LINES,
        payments=(PaymentRecord(1, 0, Decimal("0.30")),),
    )
    return list(check_receipt(receipt, Decimal(tolerance)))


def test_a_sum_and_its_lines_can_have_other_taxes() -> None:
    assert taxes_of(LINES, Decimal(0)) == {"a": BY_GROUP}
    assert taxes_by_line(LINES, Decimal(0)) == {"a": BY_LINE}
    assert taxes_by_line((ItemRecord("p", Decimal(1), tax_group=None),), Decimal(0)) is None


@pytest.mark.parametrize(
    ("stated", "tolerance", "issues"),
    [
        (BY_GROUP, "0", 0),
        (BY_LINE, "0", 1),
        (BY_LINE, "0.01", 0),
        (BY_LINE, "0.0099", 1),
        (Decimal("0.07"), "0.01", 1),
        (Decimal("0.04"), "0.01", 0),
    ],
)
def test_a_tolerance_lets_kopecks_pass(stated: Decimal, tolerance: str, issues: int) -> None:
    assert len(check(stated, tolerance)) == issues


def test_both_ways_of_computing_are_told() -> None:
    (issue,) = check(Decimal("0.09"))
    one = issue.at(13)
    assert (
        "are А 0.09; its items give А 0.05, computed on the sum of each tax group, and А 0.06 line by line"
        in one.explain()
    )
    assert "А 0.05, якщо рахувати за сумою кожної податкової групи, і А 0.06, якщо за рядками" in one.explain("uk")


async def test_a_reconciliation_takes_the_tolerance(ledger: EditedLedger) -> None:
    receipt = await ledger.middle(*is_sale(RECEIPTS.c.tax_a > 1))
    await ledger.run(update(RECEIPTS).where(RECEIPTS.c.id == receipt.id).values(tax_a=receipt.tax_a + KOPECK))
    assert (await ledger.only()).kind is DifferenceKind.TAXES
    start, end = MARCH
    assert (await reconcile(ledger.store, start=start, end=end, tax_tolerance=KOPECK)).ok
    with pytest.raises(InvalidRequestError, match=r"tax_tolerance is Decimal\('-0\.01'\)"):
        await reconcile(ledger.store, start=start, end=end, tax_tolerance=-KOPECK)
