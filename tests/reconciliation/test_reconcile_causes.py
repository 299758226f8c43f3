"""Which cause explains a shift, where several could: shifts on paper, spoilt in more than one thing."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from smartkasa_async.models import TaxGroup
from smartkasa_async.reports.reconciliation.ledger import ItemRecord, PaymentRecord
from smartkasa_async.reports.reconciliation.messages import NamedAmounts
from tests.support.registrar import (
    CARD,
    CASH,
    Stored,
    all_issues,
    cash_in,
    check,
    refund,
    sale,
    stored,
    withdrawal,
    written,
)

if TYPE_CHECKING:
    from smartkasa_async.reports.reconciliation.differences import Issue
    from smartkasa_async.reports.reconciliation.ledger import ReceiptRecord

KOPECK = Decimal("0.01")
DAYS = written(
    (
        (cash_in(50_000), sale(10_000), refund(2_000, CARD)),
        (sale(20_000, CARD), refund(5_000), withdrawal(3_000), sale(7_000, CASH, "a"), sale(900)),
        (sale(30_000), withdrawal(1_000)),
    )
)
"""Three shifts: local numbers 11–13, 14–18 and 19–20."""


def causes(shifts: list[Stored]) -> list[tuple[str | None, str]]:
    return [(shift, issue.cause) for shift, issue in all_issues(check(shifts))]


def without(shifts: list[Stored], *numbers: int) -> list[Stored]:
    """Take receipts out of the store."""
    for shift in shifts:
        shift.receipts = tuple(receipt for receipt in shift.receipts if receipt.local_number not in numbers)
    return shifts


def stating(shifts: list[Stored], index: int, **changes: Decimal) -> list[Stored]:
    """Let a Z-report state so much more."""
    figures = dict(shifts[index].figures or {})
    for name, amount in changes.items():
        figures[name] += amount
    shifts[index].figures = figures
    return shifts


def named(issue: Issue) -> str:
    figures = issue.details["figures"]
    assert isinstance(figures, NamedAmounts)
    return figures.in_language("en")


@pytest.mark.parametrize("number", [13, 14, 16, 18, 19])
def test_a_z_report_is_not_blamed_where_a_number_is_missing(number: int) -> None:
    days = [tuple(receipt for receipt in day if receipt.local_number != number) for day in DAYS]
    shifts = stating(stored(tuple(days)), 1, sale_tax_a_total=KOPECK)

    assert ("s1", "unexplained_shift") in causes(shifts)
    assert not [cause for _, cause in causes(shifts) if cause == "z_report_wrong"]


def test_a_z_report_says_what_it_states_and_of_which_numbers() -> None:
    ((shift, issue),) = all_issues(check(stating(stored(DAYS), 1, sale_tax_a_total=-KOPECK, refund_tax_b_total=KOPECK)))

    assert (shift, issue.cause) == ("s1", "z_report_wrong")
    assert named(issue) == "tax А in sales -0.01, tax Б in refunds +0.01"
    assert (issue.details["numbers"], issue.details["registrar"]) == ("14–18", "4000000001")
    assert issue.z_report_ids == (101,)
    assert issue.days == (DAYS[1][0].day,)


def test_a_z_report_over_receipts_without_numbers_names_none() -> None:
    shifts = stating(stored(DAYS), 1, sale_tax_a_total=KOPECK)
    shifts[1].receipts = tuple(replace(receipt, local_number=None) for receipt in shifts[1].receipts)

    found = [issue for shift, issue in all_issues(check(shifts)) if shift == "s1" and not issue.is_notice]

    assert [(issue.cause, issue.details["numbers"]) for issue in found] == [("unexplained_shift", "?")]


def test_receipts_that_are_missing_are_named_with_registrar_and_z_report() -> None:
    ((_, issue),) = all_issues(check(without(stored(DAYS), 15, 17)))

    assert (issue.cause, issue.details["numbers"], issue.details["registrar"]) == (
        "receipts_missing",
        "15, 17",
        "4000000001",
    )
    assert (issue.z_report_ids, issue.days) == ((101,), (DAYS[1][0].day,))
    assert named(issue).startswith("sales 70.00, cash sales 70.00, tax А in sales 11.67, refunds 50.00")


def test_numbers_inside_a_shift_go_before_those_at_its_borders() -> None:
    shifts = without(stored(DAYS), 13, 16)
    shifts[0].figures = stored(((*DAYS[0][:2],), *DAYS[1:]))[0].figures

    found = {shift: issue for shift, issue in all_issues(check(shifts)) if issue.cause == "receipt_missing"}

    assert found["s1"].details["numbers"] == "16"


def test_numbers_between_shifts_count_where_those_inside_do_not_suffice() -> None:
    shifts = without(stored(DAYS), 13, 15, 18)
    shifts[0].figures = stored(((*DAYS[0][:2],), *DAYS[1:]))[0].figures
    shifts[1].figures = stored(
        (
            DAYS[0],
            (*DAYS[1], replace(DAYS[1][0], local_number=99)),
            DAYS[2],
        )
    )[1].figures

    found = [issue for shift, issue in all_issues(check(shifts)) if shift == "s1"]

    assert (found[0].cause, found[0].details["numbers"]) == ("receipts_missing", "13, 15, 18")


def test_a_number_that_explains_one_shift_explains_no_other() -> None:
    shifts = without(stored(DAYS), 18, 19)

    assert causes(shifts) == [("s1", "receipt_missing"), ("s2", "receipts_missing_by_count")]


def test_many_lost_payments_of_a_shift_are_named_one_by_one() -> None:
    days = written(((cash_in(50_000),), tuple(sale(100 * number) for number in range(1, 9)), (sale(500),)))
    shifts = stored(days)
    shifts[1].receipts = tuple(replace(receipt, payments=()) for receipt in days[1])

    found = all_issues(check(shifts))

    assert [(shift, issue.cause, issue.receipt_ids) for shift, issue in found] == [
        ("s1", "payments_less", (receipt.id,)) for receipt in days[1]
    ]
    assert [[figure.name for figure in issue.figures] for _, issue in found] == [["payments"]] * 8


def test_many_wrong_totals_of_a_shift_are_named_one_by_one() -> None:
    days = written(((cash_in(50_000),), tuple(sale(100 * number) for number in range(1, 9)), (sale(500),)))
    shifts = stored(days)
    shifts[1].receipts = tuple(replace(receipt, total=receipt.total + 5) for receipt in days[1])

    found = all_issues(check(shifts))

    assert [(issue.cause, issue.receipt_ids) for _, issue in found] == [("total", (one.id,)) for one in days[1]]
    for _, issue in found:
        assert [figure.name for figure in issue.figures] == ["total", "sale_total", "turnover_amount"]
        assert {abs(figure.amount) for figure in issue.figures} == {Decimal(5)}


def test_lost_payments_of_both_means_are_told_from_a_wrong_z_report() -> None:
    days = written(((cash_in(50_000),), (sale(1_000), sale(2_000, CARD), refund(700), sale(300)), (sale(500),)))
    shifts = stored(days)
    shifts[1].receipts = tuple(replace(receipt, payments=()) for receipt in days[1][:3]) + days[1][3:]
    assert causes(shifts) == [("s1", "payments_less")] * 3

    shifts = stating(shifts, 1, sale_cash_total=KOPECK)
    assert ("s1", "unexplained_shift") in causes(shifts)


def test_a_payment_that_was_split_may_lack_a_part_of_each_means() -> None:
    days = written(((cash_in(50_000),), (sale(1_000), sale(300)), (sale(500),)))
    whole = replace(days[1][0], payments=(PaymentRecord(CASH, 0, Decimal(6)), PaymentRecord(CARD, 0, Decimal(4))))
    shifts = stored((days[0], (whole, days[1][1]), days[2]))
    shifts[1].receipts = (replace(whole, payments=()), days[1][1])

    ((_, issue),) = all_issues(check(shifts))

    assert issue.cause == "payments_less"
    assert {figure.name: figure.other - figure.receipts for figure in issue.figures} == {
        "payments": Decimal(10),
        "sale_cash_total": Decimal(6),
        "sale_cashless_total": Decimal(4),
    }


def _rounded(means: int) -> ReceiptRecord:
    receipt = replace(
        sale(10_000, means),
        total=Decimal("100.50"),
        rounding=Decimal("0.14"),
        items=(ItemRecord("p1", Decimal("100.36"), tax_group=TaxGroup.NONE),),
        payments=(PaymentRecord(means, 0, Decimal("100.50")),),
    )
    return written(((receipt,),))[0][0]


def test_a_rounding_of_a_card_is_that_of_cash_where_the_z_report_says_so() -> None:
    right, wrong = (replace(_rounded(means), id="r14", local_number=14, day=DAYS[1][0].day) for means in (CASH, CARD))
    days = (DAYS[0], (right, *DAYS[1][1:]), DAYS[2])
    shifts = stored(days)
    shifts[1].receipts = (wrong, *DAYS[1][1:])

    ((_, issue),) = all_issues(check(shifts))

    assert (issue.cause, issue.receipt_ids) == ("means_cash", ("r14",))
    assert {figure.name: figure.other - figure.receipts for figure in issue.figures} == {
        "payments_cash": Decimal("100.50"),
        "sale_cash_total": Decimal("100.50"),
        "sale_cashless_total": Decimal("-100.50"),
    }


def test_a_rounding_of_a_card_stays_one_where_the_z_report_agrees() -> None:
    wrong = replace(_rounded(CARD), id="r14", local_number=14, day=DAYS[1][0].day)
    shifts = stored((DAYS[0], (wrong, *DAYS[1][1:]), DAYS[2]))

    assert causes(shifts) == [("s1", "rounding_of_card")]


def test_a_number_that_another_receipt_has_is_not_missing() -> None:
    shifts = without(stored(DAYS), 18, 19)

    found = dict(all_issues(check(shifts, others=[18])))
    assert (found["s1"].cause, found["s1"].details["numbers"]) == ("receipt_missing", "19")

    found = dict(all_issues(check(shifts, others=[18, 19])))
    assert {shift: issue.cause for shift, issue in found.items()} == {
        "s1": "unexplained_shift",
        "s2": "receipts_missing_by_count",
    }


@pytest.mark.parametrize(("lost", "index"), [(13, 0), (13, 1), (16, 1), (18, 1), (18, 2)])
def test_a_z_report_is_not_blamed_where_a_receipt_may_stand_in_another_shift(lost: int, index: int) -> None:
    days = (
        DAYS[0],
        *(tuple(day) for day in DAYS[1:]),
        written((*DAYS, (sale(100),)))[3],
    )
    kept = tuple(tuple(receipt for receipt in day if receipt.local_number != lost) for day in days)
    shifts = stating(stored(kept), index, sale_tax_a_total=KOPECK)

    assert [(shift, issue.cause) for shift, issue in all_issues(check(shifts, others=[lost]))] == [
        (f"s{index}", "unexplained_shift")
    ]


@pytest.mark.parametrize("index", [1, 2])
def test_a_z_report_of_a_shift_without_an_id_is_not_blamed(index: int) -> None:
    shifts = stating(stored(written((*DAYS, (sale(100),)))), index, sale_tax_a_total=KOPECK)
    assert causes(shifts) == [(f"s{index}", "z_report_wrong")]

    checked = check(shifts, nameless={index})
    assert [issue.cause for _, issue in all_issues(checked)] == ["unexplained_shift"]
