"""What is wrong with one receipt by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async.models import PaymentTransactionCreate, PaymentType, ReceiptType, TaxGroup, TransactionType
from smartkasa_async.push import check_totals
from smartkasa_async.reports import DifferenceKind
from smartkasa_async.reports.reconciliation.ledger import ItemRecord, PaymentRecord, ReceiptRecord
from smartkasa_async.reports.reconciliation.receipt_check import check_receipt
from tests.support.till import receipt

if TYPE_CHECKING:
    from smartkasa_async.reports.reconciliation.differences import Issue

SALE, CASH_IN, REFUND, CANCELLATION, WITHDRAWAL = 0, 1, 3, 4, 5
CASH, CARD = 0, 1
PAYMENT, CANCELLED, PAID_BACK = 0, 1, 2


def money(text: str) -> Decimal:
    return Decimal(text)


SOLD = ReceiptRecord(
    id="r1",
    shift_id="s1",
    type=SALE,
    state=2,
    day=date(2026, 10, 5),
    total=money("95.50"),
    rounding=money("0.14"),
    discount=money("5.02"),
    discount_percentage=money("5"),
    fiscal_number="17",
    local_number=17,
    taxes={"a": money("15.89")},
    items=(ItemRecord("p1", money("110.38"), money("10.00"), TaxGroup.VAT_20),),
    payments=(PaymentRecord(CASH, PAYMENT, money("95.50")),),
)


def check(**changes: Any) -> list[tuple[DifferenceKind, str, Decimal]]:
    issues = list(check_receipt(replace(SOLD, **changes)))
    return [(issue.kind, issue.cause, issue.figures[0].amount) for issue in issues]


def paid(*amounts: tuple[int, str], kind: int = PAYMENT) -> tuple[PaymentRecord, ...]:
    return tuple(PaymentRecord(means, kind, money(amount)) for means, amount in amounts)


def test_a_receipt_that_adds_up_has_no_issue() -> None:
    assert check() == []


def test_a_wrong_total_is_told_by_items_and_payments() -> None:
    assert check(total=money("100.50")) == [(DifferenceKind.TOTAL, "total", money("5.00"))]


def test_a_wrong_payment_is_told_by_items_and_total() -> None:
    assert check(payments=paid((CASH, "85.50"))) == [(DifferenceKind.PAYMENTS, "payments_less", money("-10.00"))]
    assert check(payments=paid((CASH, "95.50"), (CARD, "1.00"))) == [
        (DifferenceKind.PAYMENTS, "payments_more", money("1.00"))
    ]
    assert check(payments=()) == [(DifferenceKind.PAYMENTS, "payments_less", money("-95.50"))]


def test_three_sums_that_all_differ_are_unexplained() -> None:
    found = check(total=money("100.50"), payments=paid((CASH, "1.00")))
    assert found == [(DifferenceKind.TOTAL, "unexplained_receipt", money("5.00"))]


def test_missing_rounding_is_told_from_a_missing_discount() -> None:
    assert check(rounding=money("0")) == [(DifferenceKind.ROUNDING, "rounding_missing", money("-0.14"))]
    assert check(discount=money("0")) == [(DifferenceKind.DISCOUNT, "discount_percent", money("-5.02"))]
    assert check(discount=money("0"), discount_percentage=money("0")) == [
        (DifferenceKind.DISCOUNT, "discount", money("-5.02"))
    ]


def test_missing_items_are_told() -> None:
    assert check(items=(), discount=money("0"), discount_percentage=money("0"), taxes={}) == [
        (DifferenceKind.ITEMS, "items_none", money("-95.36"))
    ]


def test_cash_must_be_rounded_and_cards_must_not() -> None:
    unrounded = {"rounding": money("0"), "total": money("95.36")}
    assert check(**unrounded, payments=paid((CASH, "95.36")))[0][:2] == (DifferenceKind.ROUNDING, "rounding_missing")
    assert check(**unrounded, payments=paid((CARD, "95.36"))) == []
    assert check(payments=paid((CARD, "95.50"))) == [(DifferenceKind.ROUNDING, "rounding_of_card", money("0.14"))]


@pytest.mark.parametrize("payments", [(), paid((CASH, "0.00"))])
@pytest.mark.parametrize(
    ("goods", "rounding", "found"),
    [
        ("0.04", "-0.04", []),
        ("0.20", "-0.20", []),
        ("0.00", "0.00", []),
        ("0.30", "-0.30", [(DifferenceKind.ROUNDING, "rounding_wrong", money("-0.50"))]),
        ("0.20", "0.00", [(DifferenceKind.ROUNDING, "rounding_missing", money("0.20"))]),
    ],
)
def test_a_few_kopecks_are_rounded_to_nothing(
    payments: tuple[PaymentRecord, ...], goods: str, rounding: str, found: Any
) -> None:
    changes = {"discount": money("0"), "discount_percentage": money("0"), "taxes": {}, "total": money("0")}
    items = (ItemRecord("p1", money(goods), tax_group=TaxGroup.NONE),)
    assert check(items=items, rounding=money(rounding), payments=payments, **changes) == found


def test_only_the_part_in_cash_is_rounded() -> None:
    assert check(payments=paid((CARD, "40.00"), (CASH, "55.50"))) == []
    assert check(payments=paid((CARD, "40.36"), (CASH, "55.14")))[0][:2] == (DifferenceKind.ROUNDING, "rounding_wrong")


def test_fifty_kopecks_are_against_the_older_rule() -> None:
    assert check(day=date(2025, 9, 30)) == [(DifferenceKind.ROUNDING, "rounding_wrong", money("0.10"))]
    assert (
        check(day=date(2025, 9, 30), rounding=money("0.04"), total=money("95.40"), payments=paid((CASH, "95.40"))) == []
    )


@pytest.mark.parametrize(
    ("taxes", "cause"),
    [
        ({"a": "15.90"}, "taxes_wrong"),
        ({"a": "0.1589"}, "taxes_in_hryvnias"),
        ({}, "taxes_missing"),
        ({"b": "15.89"}, "taxes_wrong"),
    ],
)
def test_wrong_taxes_are_told(taxes: dict[str, str], cause: str) -> None:
    found = check(taxes={letter: money(tax) for letter, tax in taxes.items()})
    assert [(kind, why) for kind, why, _ in found] == [(DifferenceKind.TAXES, cause)]


def test_refunds_and_cancellations_are_held_to_the_same_rules() -> None:
    back = paid((CASH, "95.50"), kind=PAID_BACK)
    undone = (*paid((CASH, "95.50")), *paid((CASH, "95.50"), kind=CANCELLED))
    assert check(type=REFUND, state=3, payments=back) == []
    assert check(type=CANCELLATION, payments=undone) == []
    assert check(type=CANCELLATION, payments=(*undone[:1], *paid((CASH, "90.50"), kind=CANCELLED)))[0][:2] == (
        DifferenceKind.PAYMENTS,
        "payments_less",
    )


def test_type_and_state_are_told_by_the_payments() -> None:
    back = paid((CASH, "95.50"), kind=PAID_BACK)
    assert check(payments=back) == [(DifferenceKind.RECEIPT_TYPE, "type_sale", money("191.00"))]
    assert check(type=REFUND, state=3) == [(DifferenceKind.RECEIPT_TYPE, "type_refund", money("-191.00"))]
    assert check(state=1) == [(DifferenceKind.RECEIPT_TYPE, "state_unpaid", money("-95.50"))]


def test_deferred_receipts_and_service_operations_need_not_add_up() -> None:
    assert check(state=1, fiscal_number=None, payments=()) == []
    assert check(type=CASH_IN, items=(), payments=(), taxes={}) == []
    assert check(type=102, items=(), payments=(), taxes={}, total=money("0")) == []


def test_a_withdrawal_is_what_its_card_paid() -> None:
    assert check(type=WITHDRAWAL, items=(), payments=paid((CARD, "95.50"))) == []
    assert check(type=WITHDRAWAL, items=(), payments=paid((CARD, "90.00"))) == [
        (DifferenceKind.PAYMENTS, "payments_less", money("-5.50"))
    ]


def test_a_receipt_of_nothing_has_no_issue() -> None:
    nothing = {"total": money("0"), "rounding": money("0"), "discount": money("0"), "discount_percentage": money("0")}
    assert check(**nothing, items=(), payments=(), taxes={}) == []


@pytest.mark.parametrize("factor", [Decimal(-1), Decimal(10) ** 11])
def test_negative_and_very_large_sums_add_up(factor: Decimal) -> None:
    amount = money("90.00") * factor
    scaled = {
        "total": amount,
        "rounding": money("0"),
        "discount": money("10.00") * factor,
        "discount_percentage": money("10"),
        "taxes": {"a": money("15.00") * factor},
        "items": (ItemRecord("p1", money("100.00") * factor, money("0"), TaxGroup.VAT_20),),
        "payments": (PaymentRecord(CARD, PAYMENT, amount),),
    }
    assert check(**scaled) == []
    assert check(**scaled | {"total": amount + 1}) == [(DifferenceKind.TOTAL, "total", money("1"))]


def the_issue(**changes: Any) -> Issue:
    (issue,) = check_receipt(replace(SOLD, **changes))
    return issue


def test_a_cancellation_may_name_only_what_undoes_its_payments() -> None:
    assert check(type=CANCELLATION, payments=paid((CASH, "95.50"), kind=CANCELLED)) == []
    assert check(type=CANCELLATION, payments=paid((CASH, "95.50"))) == []


def test_issues_say_what_would_make_the_figures_of_the_shift_right() -> None:
    assert the_issue(total=money("100.50")).repairs == ({"sale_total": money("-5.00")},)
    assert the_issue(taxes={"a": money("15.80"), "b": money("1.00")}).repairs == (
        {"sale_tax_a_total": money("0.09"), "sale_tax_b_total": money("-1.00")},
    )
    assert the_issue(payments=paid((CASH, "85.50"))).repairs == (
        {"sale_cash_total": money("10.00")},
        {"sale_cashless_total": money("10.00")},
    )
    unrounded = the_issue(rounding=money("0.10"), total=money("95.46"), payments=paid((CASH, "95.46")))
    assert unrounded.repairs == (
        {"sale_total": money("-0.06"), "sale_cash_total": money("-0.06")},
        {"sale_total": money("0.04"), "sale_cash_total": money("0.04")},
    )
    assert unrounded.details["rounding"] == "0.04 / 0.14"


def test_a_receipt_of_the_wrong_type_moves_the_product_sales_both_ways() -> None:
    issue = the_issue(payments=paid((CASH, "95.50"), kind=PAID_BACK))
    assert issue.goods == money("-220.76")
    assert the_issue(type=REFUND, state=3).goods == money("220.76")
    assert the_issue(state=1).goods == money("110.38")


def test_a_rounding_may_be_that_of_the_other_means_only_where_it_fits_there() -> None:
    by_card = the_issue(payments=paid((CARD, "95.50")))
    assert by_card.instead is not None
    assert by_card.instead.cause == "means_cash"
    assert by_card.instead.repairs == ({"sale_cash_total": money("95.50"), "sale_cashless_total": money("-95.50")},)
    odd = {"rounding": money("0.10"), "total": money("95.46")}
    assert the_issue(**odd, payments=paid((CARD, "95.46"))).instead is None
    assert the_issue(**odd, payments=paid((CASH, "95.46"))).instead is None
    plain = the_issue(rounding=money("0"), total=money("95.36"), payments=paid((CASH, "95.36")))
    assert plain.instead is not None
    assert plain.instead.cause == "means_cashless"
    assert plain.instead.repairs == ({"sale_cash_total": money("-95.36"), "sale_cashless_total": money("95.36")},)
    split = the_issue(payments=paid((CARD, "40.36"), (CASH, "55.14")))
    assert (split.cause, split.instead) == ("rounding_wrong", None)


def test_items_whose_price_times_quantity_is_another_are_named() -> None:
    first = ItemRecord("p1", money("100.38"), money("10.00"), TaxGroup.VAT_20, exact=money("105.38"))
    second = ItemRecord("p2", money("3.00"), tax_group=TaxGroup.VAT_20, exact=money("5.00"))
    fine = ItemRecord("p3", money("0.00"), tax_group=TaxGroup.VAT_20, exact=money("0.00"))

    issue = the_issue(items=(first, fine, second), taxes={"a": money("15.89")}, discount=money("5.02"))

    assert (issue.cause, issue.goods) == ("items_price", money("7.00"))
    assert (issue.details["stated"], issue.details["right"]) == ("100.38, 3.00", "105.38, 5.00")


def test_a_discount_that_is_too_large_is_told_from_missing_items_by_the_taxes() -> None:
    plain = {"discount_percentage": money("0")}
    assert check(**plain, discount=money("9.02"))[0][:2] == (DifferenceKind.DISCOUNT, "discount")
    assert check(**plain, discount=money("9.02"), taxes={"a": money("15.23")})[0][:2] == (
        DifferenceKind.ITEMS,
        "items_missing",
    )


@pytest.mark.parametrize(("letter", "shown"), list(zip("abvgdz", "АБВГДЗ", strict=True)))
def test_taxes_are_named_by_their_letters(letter: str, shown: str) -> None:
    issue = the_issue(taxes={"a": money("15.89")} | {letter: money("1.00")})
    assert issue.details["stated"] == f"{shown} 1.00"
    assert issue.details["right"] == f"{shown} {'15.89' if letter == 'a' else '0.00'}"


MADE, UNDONE = PaymentType.PAYMENT, PaymentType.CANCELLATION
TOTAL = Decimal(21)


@pytest.mark.parametrize("means", [TransactionType.CASH, TransactionType.CARD])
@pytest.mark.parametrize("kinds", [(MADE,), (UNDONE,), (MADE, UNDONE)])
def test_a_cancellation_adds_up(kinds: tuple[PaymentType, ...], means: TransactionType) -> None:
    payments = [
        PaymentTransactionCreate(amount=TOTAL, payment_type_id=kind, transaction_type_id=means) for kind in kinds
    ]
    pushed = receipt(1, type=ReceiptType.CANCELLATION, payment_transactions=payments)
    booked = ReceiptRecord(
        id="r",
        shift_id="s",
        type=ReceiptType.CANCELLATION,
        state=2,
        day=date(2026, 10, 5),
        total=TOTAL,
        items=(ItemRecord(None, TOTAL),),
        payments=tuple(PaymentRecord(means, kind, TOTAL) for kind in kinds),
    )

    assert check_totals(pushed) == ()
    assert list(check_receipt(booked)) == []
