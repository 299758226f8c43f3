"""Any receipt that adds up has no issue, and a kopeck anywhere is one: held against arithmetic in whole kopecks.

Excise is 5/105 of a sum, VAT 20/120 or 7/107 of what is left (tax code of Ukraine, articles 193 and 215); cash is
rounded to 10 kopecks, or to 50 since 2025-10-01 (resolution of the National Bank № 115).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from smartkasa_async.models import TaxGroup
from smartkasa_async.reports.reconciliation.ledger import ItemRecord, PaymentRecord, ReceiptRecord
from smartkasa_async.reports.reconciliation.receipt_amounts import taxes_of
from smartkasa_async.reports.reconciliation.receipt_check import check_receipt

BEFORE, SINCE = date(2025, 9, 30), date(2025, 10, 1)
CASH, CARD = 0, 1
FEW = settings(max_examples=40)
RATES = {
    TaxGroup.NONE: [],
    TaxGroup.VAT_20: [("a", 20)],
    TaxGroup.VAT_7: [("b", 7)],
    TaxGroup.EXCISE_5: [("z", 5)],
    TaxGroup.EXCISE_5_VAT_20: [("z", 5), ("a", 20)],
}


def half_up(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)


@dataclass(frozen=True)
class Line:
    """A line of a receipt in kopecks."""

    amount: int
    discount: int
    group: TaxGroup


@st.composite
def lines(draw: st.DrawFn) -> list[Line]:
    drawn = draw(
        st.lists(
            st.tuples(st.integers(1, 50_000), st.integers(0, 100), st.sampled_from(sorted(RATES))),
            min_size=1,
            max_size=4,
        )
    )
    return [Line(amount, amount * percent // 100, group) for amount, percent, group in drawn]


def taxes(sold: list[Line], discount: int) -> dict[str, int]:
    """The discount falls on the lines in proportion; each tax group is taxed once, excise first."""
    goods = sum(line.amount - line.discount for line in sold)
    by_group: dict[TaxGroup, int] = {}
    passed = given_away = 0
    for line in sold:
        passed += line.amount - line.discount
        so_far = half_up(discount * passed, goods) if goods else 0
        left = line.amount - line.discount - (so_far - given_away)
        given_away = so_far
        by_group[line.group] = by_group.get(line.group, 0) + left
    found: dict[str, int] = {}
    for group, taxed in by_group.items():
        left = taxed
        for letter, percent in RATES[group]:
            tax = half_up(left * percent, 100 + percent)
            left -= tax
            found[letter] = found.get(letter, 0) + tax
    return {letter: tax for letter, tax in found.items() if tax}


def kopecks(number: int) -> Decimal:
    return Decimal(number) / 100


def items(sold: list[Line]) -> tuple[ItemRecord, ...]:
    return tuple(ItemRecord("p", kopecks(line.amount), kopecks(line.discount), line.group) for line in sold)


@st.composite
def receipts(draw: st.DrawFn) -> ReceiptRecord:
    sold = draw(lines())
    goods = sum(line.amount - line.discount for line in sold)
    discount = draw(st.integers(0, goods // 2))
    due = goods - discount
    means, step, day = draw(
        st.sampled_from(((CARD, 1, BEFORE), (CASH, 10, BEFORE), (CASH, 10, SINCE), (CASH, 50, SINCE)))
    )
    total = half_up(due, step) * step
    type_, kind = draw(st.sampled_from(((0, 0), (3, 2))))
    return ReceiptRecord(
        id="r",
        shift_id="s",
        type=type_,
        state=2 if type_ == 0 else 3,
        day=day,
        total=kopecks(total),
        rounding=kopecks(total - due),
        discount=kopecks(discount),
        fiscal_number="1",
        local_number=1,
        taxes={letter: kopecks(tax) for letter, tax in taxes(sold, discount).items()},
        items=items(sold),
        payments=(PaymentRecord(means, kind, kopecks(total)),) if total else (),
    )


@FEW
@given(lines(), st.data())
def test_taxes_are_those_of_plain_arithmetic(sold: list[Line], data: st.DataObject) -> None:
    discount = data.draw(st.integers(0, sum(line.amount - line.discount for line in sold)))
    expected = {letter: kopecks(tax) for letter, tax in taxes(sold, discount).items()}
    assert taxes_of(items(sold), kopecks(discount)) == expected


@FEW
@given(receipts())
def test_a_receipt_that_adds_up_has_no_issue(receipt: ReceiptRecord) -> None:
    assert list(check_receipt(receipt)) == []


@pytest.mark.parametrize("field", ["total", "discount", "rounding", "taxes", "payments", "items"])
@FEW
@given(receipt=receipts(), step=st.sampled_from((-1, 1)))
def test_a_kopeck_anywhere_is_a_issue(field: str, receipt: ReceiptRecord, step: int) -> None:
    amount = kopecks(step)
    assume(receipt.total > abs(amount))
    if field == "taxes":
        wrong = replace(receipt, taxes={"a": Decimal(0), **receipt.taxes} | {"a": receipt.taxes.get("a", 0) + amount})
    elif field == "payments":
        (payment,) = receipt.payments or (PaymentRecord(CASH, 0, Decimal(0)),)
        wrong = replace(receipt, payments=(replace(payment, amount=payment.amount + amount),))
    elif field == "items":
        first, *rest = receipt.items
        wrong = replace(receipt, items=(replace(first, amount=first.amount + amount), *rest))
    else:
        wrong = replace(receipt, **{field: getattr(receipt, field) + amount})

    found = [issue.kind.value for issue in check_receipt(wrong)]

    expected = {
        "total": {"total"},
        "taxes": {"taxes"},
        "payments": {"payments"},
        "discount": {"discount", "items", "rounding"},
        "rounding": {"discount", "items", "rounding"},
        "items": {"discount", "items", "rounding"},
    }[field]
    assert found
    assert found[0] in expected
