"""Any shifts of a registrar that are right agree; whatever one thing is changed is found, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from smartkasa_async.reports.reconciliation.figures import FIGURES
from smartkasa_async.reports.reconciliation.registrar_check import join_moves
from tests.support.registrar import (
    CARD,
    CASH,
    RegistrarDays,
    Stored,
    all_issues,
    cash_in,
    cash_out,
    check,
    refund,
    registrar_days,
    sale,
    stored,
    withdrawal,
    written,
    z_report,
)

if TYPE_CHECKING:
    from smartkasa_async.reports.reconciliation.differences import Issue
    from smartkasa_async.reports.reconciliation.ledger import ReceiptRecord

IDENTITIES = (
    {"sale_total", "sale_cash_total", "sale_cashless_total"},
    {"refund_total", "refund_cash_total", "refund_cashless_total"},
    {"sale_total", "refund_total", "turnover_amount"},
)
"""Figures of a Z-report of which two give the third."""
FEW = settings(max_examples=25)
MIXED = written(
    (
        (cash_in(50_000), sale(10_000), refund(2_000, CARD, "b")),
        (sale(20_000, CARD, "a"), refund(5_000), withdrawal(3_000), cash_out(1_000), sale(7_000, CASH, "b")),
        (sale(30_000), withdrawal(1_000)),
    )
)
"""Three shifts with every type of receipt."""


def only(shifts: list[Stored]) -> tuple[str | None, Issue]:
    (found,) = all_issues(check(shifts))
    return found


def amounts(issue: Issue) -> dict[str, Decimal]:
    """What an issue changes in figures, from the receipts to what they should be."""
    return {figure.name: figure.other - figure.receipts for figure in issue.figures}


def spoilt(days: RegistrarDays, index: int, **changes: Decimal) -> list[Stored]:
    """Days of a registrar of which one Z-report states other figures, by so much."""
    shifts = stored(days)
    figures = dict(shifts[index].figures or {})
    for name, amount in changes.items():
        figures[name] += amount
    shifts[index].figures = figures
    return shifts


@FEW
@given(registrar_days())
def test_a_registrar_that_is_right_agrees(days: RegistrarDays) -> None:
    checked = check(stored(days))

    assert all_issues(checked) == []
    assert [shift.stated for shift in checked] == [{name: z_report(day)[name] for name in FIGURES} for day in days]


@pytest.mark.parametrize("index", [0, 1, 2])
@pytest.mark.parametrize("kopecks", [-1, 1])
@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_of_a_z_report_that_is_off_is_found(name: str, kopecks: int, index: int) -> None:
    amount = Decimal(kopecks) if name.endswith("_count") else Decimal(kopecks) / 100

    shift, issue = only(spoilt(MIXED, index, **{name: amount}))

    assert shift == f"s{index}"
    assert amounts(issue) == {name: amount}
    if any(name in identity for identity in IDENTITIES):
        assert issue.cause == "z_report_contradicts_itself"
    else:
        assert issue.cause == ("z_report_wrong" if index == 1 else "unexplained_shift")


@FEW
@given(
    st.dictionaries(
        st.sampled_from([*FIGURES[:3], *FIGURES[8:11], "turnover_amount", "sale_tax_a_total"]),
        st.sampled_from((-7, 3, 5)).map(Decimal),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from((0, 1)),
)
def test_a_z_report_contradicts_itself_where_its_own_figures_say_so(changes: dict[str, Decimal], index: int) -> None:
    shifts = spoilt(MIXED, index, **changes)
    figures = shifts[index].figures or {}
    proved: set[str] = set()
    if figures["sale_cash_total"] + figures["sale_cashless_total"] != figures["sale_total"]:
        proved |= IDENTITIES[0]
    if figures["refund_cash_total"] + figures["refund_cashless_total"] != figures["refund_total"]:
        proved |= IDENTITIES[1]
    if figures["refund_total"] + figures["turnover_amount"] != figures["sale_total"]:
        proved |= IDENTITIES[2]
    elif changes.keys() & {"sale_total", "refund_total"} <= proved:
        proved.add("turnover_amount")

    causes = {issue.cause for _, issue in all_issues(check(shifts))}

    assert ("z_report_contradicts_itself" in causes) == (changes.keys() <= proved)


def indexes(days: RegistrarDays) -> list[tuple[int, int]]:
    return [(day, index) for day, receipts in enumerate(days) for index in range(len(receipts))]


def with_place(count: int = 3) -> st.SearchStrategy[tuple[RegistrarDays, int, int]]:
    """Draw the days of a registrar and one of its receipts, by shift and index."""
    return registrar_days(count).flatmap(lambda days: st.sampled_from(indexes(days)).map(lambda index: (days, *index)))


def effect(*receipts: ReceiptRecord) -> dict[str, Decimal]:
    """What receipts change in a Z-report."""
    return {name: amount for name, amount in z_report(receipts).items() if amount and name != "cash_amount"}


@FEW
@given(with_place())
def test_a_receipt_that_is_missing_is_found_by_its_number(drawn: tuple[RegistrarDays, int, int]) -> None:
    days, day, index = drawn
    shifts = stored(days)
    missing = days[day][index]
    shifts[day].receipts = tuple(receipt for receipt in days[day] if receipt is not missing)

    shift, issue = only(shifts)

    assert (shift, amounts(issue)) == (f"s{day}", effect(missing))
    is_at_the_end = missing.id in {days[0][0].id, days[-1][-1].id}
    if not is_at_the_end:
        assert (issue.cause, issue.details["numbers"]) == ("receipt_missing", missing.fiscal_number)
    elif not shifts[day].receipts:
        assert issue.cause == "receipts_all_missing"
    else:
        assert issue.cause == ("unexplained_shift" if missing.type in {1, 2} else "receipts_missing_by_count")
    if issue.cause != "unexplained_shift":
        assert issue.goods == effect(missing).get("turnover_amount", 0)
        assert issue.goods_may_differ


@FEW
@given(registrar_days(3), st.integers(2, 4))
def test_receipts_that_are_missing_beside_each_other_are_one_difference(days: RegistrarDays, number: int) -> None:
    shifts = stored(days)
    inner = days[1][1:-1]
    missing = inner[:number]
    assume(len(missing) > 1)
    assume({receipt.type for receipt in missing} - {1, 2} or len({receipt.type for receipt in missing}) > 1)
    shifts[1].receipts = tuple(receipt for receipt in days[1] if receipt not in missing)

    shift, issue = only(shifts)

    assert (shift, amounts(issue)) == ("s1", effect(*missing))
    assert issue.cause == "receipts_missing"
    assert issue.details["numbers"] == f"{missing[0].fiscal_number}–{missing[-1].fiscal_number}"


@pytest.mark.parametrize("index", [0, 1, 2])
@pytest.mark.parametrize("phantom", [sale(4_000, CASH, "a"), refund(1_500, CARD), withdrawal(500), cash_in(900)])
def test_a_receipt_that_has_no_number_left_is_no_missing_receipt(phantom: ReceiptRecord, index: int) -> None:
    shifts = stored(tuple((*day, phantom) if at == index else day for at, day in enumerate(MIXED)))
    shifts[index].receipts = MIXED[index]

    shift, issue = only(shifts)

    assert (shift, amounts(issue)) == (f"s{index}", effect(phantom))
    if index == 1:
        assert issue.cause == "z_report_wrong"
    else:
        assert issue.cause == ("unexplained_shift" if phantom.type == 1 else "receipts_missing_by_count")


@FEW
@given(with_place(), st.data())
def test_receipts_that_the_service_no_longer_lists_are_found_by_their_ids(
    drawn: tuple[RegistrarDays, int, int], data: st.DataObject
) -> None:
    days, day, index = drawn
    others = [
        receipt for at, receipt in enumerate(days[day]) if at != index and effect(receipt) != effect(days[day][index])
    ]
    uncounted = data.draw(st.lists(st.sampled_from(others), max_size=1) if others else st.just([]))
    deleted = days[day][index]
    shifts = stored(days)
    shifts[day].receipts = tuple(one for one in days[day] if one not in (deleted, *uncounted))
    shifts[day].deleted = tuple(one for one in days[day] if one in (deleted, *uncounted))
    shifts[day].figures = z_report((one for one in days[day] if one not in uncounted), Decimal(0))

    found = [(issue.cause, issue) for _, issue in all_issues(check(shifts)) if issue.cause.startswith("receipt")]

    ((cause, issue),) = found
    assert (cause, issue.receipt_ids) == ("receipt_deleted", (deleted.id,))
    assert issue.details["numbers"] == deleted.fiscal_number
    assert issue.details["receipts"] == deleted.id


def test_several_receipts_that_the_service_no_longer_lists_are_one_difference() -> None:
    shifts = stored(MIXED)
    shifts[1].receipts, shifts[1].deleted = (*MIXED[1][:1], *MIXED[1][3:]), MIXED[1][1:3]

    shift, issue = only(shifts)

    assert (shift, issue.cause, amounts(issue)) == ("s1", "receipts_deleted", effect(*MIXED[1][1:3]))
    assert (issue.receipt_ids, issue.details["numbers"]) == (("r15", "r16"), "15, 16")
    assert (issue.details["receipts"], issue.details["registrar"]) == ("r15, r16", "4000000001")


@FEW
@given(with_place(), st.integers(1, 5_000))
def test_a_payment_that_is_lost_is_found(drawn: tuple[RegistrarDays, int, int], kopecks: int) -> None:
    days, day, index = drawn
    receipt = days[day][index]
    assume(receipt.type in {0, 3})
    (payment,) = receipt.payments
    paid = max(payment.amount - Decimal(kopecks) / 100, Decimal(0))
    less = replace(receipt, payments=(replace(payment, amount=paid),) if paid else ())
    shifts = stored(days)
    shifts[day].receipts = tuple(less if one is receipt else one for one in days[day])

    shift, issue = only(shifts)

    assert (shift, issue.cause, issue.receipt_ids) == (f"s{day}", "payments_less", (receipt.id,))
    way, means = "sale" if receipt.type == 0 else "refund", "cash" if payment.means == CASH else "cashless"
    assert amounts(issue) == {"payments": payment.amount - paid, f"{way}_{means}_total": payment.amount - paid}


@FEW
@given(with_place(), st.sampled_from((-50, 1, 700)))
def test_a_total_that_is_wrong_is_found(drawn: tuple[RegistrarDays, int, int], kopecks: int) -> None:
    days, day, index = drawn
    receipt = days[day][index]
    assume(receipt.type in {0, 3})
    amount = Decimal(kopecks) / 100
    shifts = stored(days)
    shifts[day].receipts = tuple(replace(one, total=one.total + amount) if one is receipt else one for one in days[day])

    shift, issue = only(shifts)

    assert (shift, issue.cause, issue.receipt_ids) == (f"s{day}", "total", (receipt.id,))
    way, sign = ("sale", 1) if receipt.type == 0 else ("refund", -1)
    assert amounts(issue) == {"total": -amount, f"{way}_total": -amount, "turnover_amount": -sign * amount}


@FEW
@given(with_place())
def test_a_receipt_that_is_there_twice_is_found(drawn: tuple[RegistrarDays, int, int]) -> None:
    days, day, index = drawn
    receipt = days[day][index]
    shifts = stored(days)
    shifts[day].receipts = (*days[day], replace(receipt, id="twin"))

    ((shift, issue),) = all_issues(check(shifts, {"twin": receipt.id}))

    assert (shift, issue.cause) == (f"s{day}", "refund_twice" if receipt.type == 3 else "receipt_twice")
    assert issue.receipt_ids == (receipt.id, "twin")
    assert amounts(issue) == {"total": -receipt.total} | {name: -amount for name, amount in effect(receipt).items()}
    assert issue.goods == -effect(receipt).get("turnover_amount", 0)


@FEW
@given(with_place())
def test_a_receipt_without_a_fiscal_number_is_named_only_where_the_z_report_leaves_it_out(
    drawn: tuple[RegistrarDays, int, int],
) -> None:
    days, day, index = drawn
    plain = replace(days[day][index], fiscal_number=None, local_number=None)
    shifts = stored(days)
    shifts[day].receipts = tuple(plain if at == index else one for at, one in enumerate(days[day]))
    assert not [issue for _, issue in all_issues(check(shifts)) if issue.cause != "number_without_effect"]

    counted = stored(tuple(tuple(one for one in receipts if one.id != plain.id) for receipts in days))
    shifts[day].figures = counted[day].figures
    for after in range(day + 1, len(days)):
        shifts[after].figures = counted[after].figures

    found = [(shift, issue) for shift, issue in all_issues(check(shifts)) if issue.cause != "number_without_effect"]

    ((shift, issue),) = found
    assert (shift, issue.cause, issue.receipt_ids) == (f"s{day}", "not_fiscal", (plain.id,))
    assert amounts(issue) == {"total": -plain.total} | {name: -amount for name, amount in effect(plain).items()}


@FEW
@given(with_place(), st.sampled_from((-1, 1)))
def test_a_receipt_in_the_shift_beside_is_found(drawn: tuple[RegistrarDays, int, int], step: int) -> None:
    days, day, index = drawn
    other = day + step
    assume(0 <= other < len(days))
    moved = days[day][index]
    assume(all(effect(one) != effect(moved) for one in days[other]))
    shifts = stored(days)
    shifts[day].receipts = tuple(one for one in days[day] if one is not moved)
    shifts[other].receipts = (*days[other], moved) if step < 0 else (moved, *days[other])
    checked = check(shifts)
    join_moves(checked)

    found = [(shift, issue) for shift, issue in all_issues(checked) if not issue.is_notice]

    ((shift, issue),) = found
    assert (shift, issue.cause, issue.receipt_ids) == (f"s{other}", "shift_wrong", (moved.id,))
    assert issue.details["right"] == f"s{day}"
    assert amounts(issue) == {name: -amount for name, amount in effect(moved).items()}


@FEW
@given(registrar_days(4), st.integers(0, 3))
def test_a_shift_without_a_z_report_is_named(days: RegistrarDays, day: int) -> None:
    shifts = stored(days)
    shifts[day].figures = None

    shift, issue = only(shifts)

    assert (shift, issue.cause) == (f"s{day}", "z_report_missing")
    assert {name: -amount for name, amount in amounts(issue).items()} == effect(*days[day])


@FEW
@given(registrar_days(4), st.integers(1, 3), st.integers(1, 3))
def test_a_z_report_over_several_shifts_is_a_notice(days: RegistrarDays, day: int, number: int) -> None:
    begins = max(0, day - number)
    shifts = stored(days)
    together = [receipt for receipts in days[begins : day + 1] for receipt in receipts]
    for before in range(begins, day):
        shifts[before].figures = None
    shifts[day].figures = z_report(together) | {"cash_amount": (shifts[day].figures or {})["cash_amount"]}

    shift, issue = only(shifts)

    assert (shift, issue.cause, issue.is_notice) == (f"s{day}", "several_shifts", True)
    assert issue.days == tuple(sorted({receipt.day for receipt in together}))
    assert issue.details["shifts"] == ", ".join(f"s{index}" for index in range(begins, day + 1))


@FEW
@given(registrar_days(4), st.integers(0, 3), st.sampled_from((-1, 1, 12_345)))
def test_a_drawer_that_is_off_is_named_once(days: RegistrarDays, day: int, kopecks: int) -> None:
    amount = Decimal(kopecks) / 100
    shifts = spoilt(days, day, cash_amount=amount)

    found = all_issues(check(shifts))

    if any((shift.figures or {})["cash_amount"] == 0 for shift in shifts):
        return
    ((shift, issue),) = found
    if day:
        assert (shift, issue.cause, amounts(issue)) == (f"s{day}", "drawer", {"cash_amount": amount})
    else:
        assert (shift, issue.cause, amounts(issue)) == ("s1", "drawer", {"cash_amount": -amount})
