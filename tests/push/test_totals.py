"""Sums of receipts that are to be pushed: lines, discounts, payments, change, and the rounding of cash."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartkasa_async.models import ReceiptCreate, ReceiptType
from smartkasa_async.push import check_totals
from smartkasa_async.records import CashRounding

DOCUMENTATION = Path(__file__).parents[1] / "fixtures" / "documentation.json"
CASH, CARD = 0, 1
TO_50, TO_10 = CashRounding.TO_50, CashRounding.TO_10


def made(*lines: str, total: str, **fields: Any) -> ReceiptCreate:
    """Make a receipt of lines as `price*quantity=amount`."""
    items = []
    for line in lines:
        price, quantity, amount = line.replace("=", "*").split("*")
        items.append({"name": "Кава", "price": price, "quantity": quantity, "amount": amount})
    values = {"state": 2, "type": 0, "total_amount": total, "items": items} | fields
    return msgspec.convert(values, ReceiptCreate, strict=False)


def discounted(receipt: ReceiptCreate, *discounts: str) -> ReceiptCreate:
    """Give the lines of a receipt discounts of their own."""
    assert isinstance(receipt.items, list)
    for item, discount in zip(receipt.items, discounts, strict=True):
        item.discount_amount = Decimal(discount)
    return receipt


def paid(amount: str, means: int = CASH, kind: int = 0, **fields: str) -> dict[str, Any]:
    return {"amount": amount, "transaction_type_id": means, "payment_type_id": kind, **fields}


def codes(receipt: ReceiptCreate, rounding: tuple[CashRounding, ...] = (TO_50, TO_10)) -> list[str]:
    return [problem.code for problem in check_totals(receipt, rounding)]


@pytest.mark.parametrize(
    "receipt",
    [
        made("10.50*2=21", total="21"),
        made("0.99*0.333=0.33", total="0.33"),
        made("0.05*0.5=0.03", total="0.03"),
        made("0.05*0.5=0.02", total="0.02"),
        made("100*1=100", "50*1=50", total="145", discount_amount="5", discount_type_id=1),
        made("100*1=100", total="90", discount_percentage="10", discount_type_id=0),
        made("100*1=100", total="90", discount_percentage="10", discount_amount="10", discount_type_id=0),
        made("100*1=100", total="100", discount_percentage="10", discount_amount="0", discount_type_id=1),
        made("0.33*1=0.33", total="0.30", discount_percentage="10"),
        made(total="0"),
        made(total="500", type=1),
        made("99999999999.99*1000=99999999999990", total="99999999999990"),
    ],
)
def test_sums_that_agree(receipt: ReceiptCreate) -> None:
    assert codes(receipt) == []


@pytest.mark.parametrize(
    ("receipt", "code", "field"),
    [
        (made("10.50*2=21.01", total="21.01"), "line_amount", "items[0].amount"),
        (made("1*1=1", "10*2=19.99", total="20.99"), "line_amount", "items[1].amount"),
        (made("10.50*2=21", total="21.01"), "items_total", "total_amount"),
        (made("10*1=10", total="9", discount_amount="2"), "items_total", "total_amount"),
        (made(total="5"), "items_total", "total_amount"),
        (made(total="5", type=3), "items_total", "total_amount"),
        (
            made("10*1=10", total="10", payment_transactions=[paid("4", CARD), paid("5", CARD)]),
            "payments_total",
            "payment_transactions",
        ),
        (
            made("10*1=10", total="10", payment_transactions=[paid("10", deposit_amount="50", change_amount="39")]),
            "payment_change",
            "payment_transactions[0].amount",
        ),
    ],
)
def test_sums_that_do_not_agree(receipt: ReceiptCreate, code: str, field: str) -> None:
    (problem,) = check_totals(receipt)
    assert (problem.code, problem.field, problem.severity) == (code, field, "warning")


@pytest.mark.parametrize(
    ("receipt", "code", "fields"),
    [
        (made("-5*1=-5", total="-5"), "below_zero", ["total_amount", "items[0].amount"]),
        (made("5*-1=-5", total="-5"), "below_zero", ["total_amount", "items[0].amount"]),
        (made("-5*1=-5", total="-5", type=3), "below_zero", ["total_amount", "items[0].amount"]),
        (made(total="-500", type=1), "below_zero", ["total_amount"]),
        (ReceiptCreate(total_amount=Decimal(-5), state=2, type=0), "below_zero", ["total_amount"]),  # type: ignore[arg-type]
        (made("10*1=10", "-2*1=-2", total="8"), "below_zero", ["items[1].amount"]),
        (
            made("10*1=10", total="10", payment_transactions=[paid("15", CARD), paid("-5", CARD)]),
            "below_zero",
            ["payment_transactions[1].amount"],
        ),
        (
            made("10*1=10", total="10", payment_transactions=[paid("10", deposit_amount="5", change_amount="-5")]),
            "below_zero",
            ["payment_transactions[0].change_amount"],
        ),
        (made("10*1=10", total="12", discount_amount="-2"), "below_zero", ["discount_amount"]),
        (made("10.001*1=10.001", total="10.001"), "kopeck_fraction", ["total_amount", "items[0].amount"]),
        (made("0.333*1=0.333", "0.667*1=0.667", total="1"), "kopeck_fraction", ["items[0].amount", "items[1].amount"]),
        (
            made("10*1=10", total="9.995", discount_amount="0.005"),
            "kopeck_fraction",
            ["total_amount", "discount_amount"],
        ),
        (
            made("10*1=10", total="10", payment_transactions=[paid("4.995", CARD), paid("5.005", CARD)]),
            "kopeck_fraction",
            ["payment_transactions[0].amount", "payment_transactions[1].amount"],
        ),
        (made(total="0.001", type=1), "kopeck_fraction", ["total_amount"]),
        (
            discounted(made("10*1=10", total="9.995"), "0.005"),
            "kopeck_fraction",
            ["total_amount", "items[0].discount_amount"],
        ),
        (discounted(made("10*1=10", total="12"), "-2"), "below_zero", ["items[0].discount_amount"]),
    ],
)
def test_money_is_neither_below_zero_nor_in_parts_of_a_kopeck(
    receipt: ReceiptCreate, code: str, fields: list[str]
) -> None:
    problems = check_totals(receipt)
    assert [(problem.code, problem.field) for problem in problems] == [(code, field) for field in fields]


@pytest.mark.parametrize(
    "receipt",
    [
        made("5.00*1=5.000", total="5.0000"),
        made("0*1=0", total="-0.00"),
        made("52.999*10=529.99", total="529.99"),
        made("1.005*1=1.01", total="1.01"),
        made("99999999999999999999999999.99*1=99999999999999999999999999.99", total="99999999999999999999999999.99"),
    ],
)
def test_digits_that_say_nothing_and_prices_for_parts_of_a_kopeck_are_right(receipt: ReceiptCreate) -> None:
    assert codes(receipt) == []


@pytest.mark.parametrize(
    "receipt",
    [
        discounted(made("12*1=12", total="10"), "2"),
        discounted(made("12*1=10", total="10"), "2"),
        discounted(made("12*1=12", "5*1=4", total="15"), "1", "1"),
        discounted(made("12*1=12", total="9", discount_amount="1"), "2"),
        discounted(made("12*1=12", total="12"), "0"),
    ],
)
def test_the_discount_of_a_line_is_taken_off_in_its_amount_or_besides(receipt: ReceiptCreate) -> None:
    assert codes(receipt) == []


@pytest.mark.parametrize(
    ("receipt", "code"),
    [
        (discounted(made("12*1=12", total="12"), "2"), "items_total"),
        (discounted(made("12*1=11", total="11"), "2"), "line_amount"),
        (made("5*1=5", total="5.00", rounding_amount="0.001"), "kopeck_fraction"),
    ],
)
def test_discounts_of_lines_and_parts_of_a_rounding_are_not_left_out(receipt: ReceiptCreate, code: str) -> None:
    assert code in codes(receipt)


def test_a_problem_says_the_figures_and_what_to_do_in_both_languages() -> None:
    (problem,) = check_totals(made("10.50*2=21.01", total="21.01"))
    assert str(problem) == "items[0].amount: price times quantity is 21.00, not 21.01; fix the line"
    assert problem.describe("uk").startswith("items[0].amount: ціна, помножена на кількість, дає 21.00")
    assert problem.as_error().severity == "error"


def test_items_that_are_left_out_are_not_checked() -> None:
    assert codes(ReceiptCreate(total_amount=Decimal(5), state=2, type=0)) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kopecks", "to_50", "to_10"),
    [
        (0, 0, 0),
        (1, 0, 0),
        (4, 0, 0),
        (5, 0, 10),
        (24, 0, 20),
        (25, 50, 30),
        (49, 50, 50),
        (50, 50, 50),
        (51, 50, 50),
        (74, 50, 70),
        (75, 100, 80),
        (99, 100, 100),
    ],
)
def test_both_rules_of_rounding(kopecks: int, to_50: int, to_10: int) -> None:
    due = Decimal(kopecks) / 100 + 7
    assert TO_50.round(due) == Decimal(to_50) / 100 + 7
    assert TO_10.round(due) == Decimal(to_10) / 100 + 7
    assert TO_50.round(-due) == -TO_50.round(due)


def cash_sale(due: str, total: str, rounding: str) -> ReceiptCreate:
    return made(f"{due}*1={due}", total=total, rounding_amount=rounding, payment_transactions=[paid(total)])


@pytest.mark.parametrize("sign", ["", "-"])
def test_cash_is_rounded_by_a_rule_of_the_till(sign: str) -> None:
    to_50, to_10 = cash_sale("7.30", "7.50", f"{sign}0.20"), cash_sale("7.33", "7.30", f"{sign}0.03")
    assert (codes(to_50), codes(to_10)) == ([], [])
    assert (codes(to_50, (TO_50,)), codes(to_10, (TO_10,))) == ([], [])
    assert (codes(to_50, (TO_10,)), codes(to_10, (TO_50,))) == (["rounding_wrong"], ["rounding_wrong"])


def test_cash_that_is_not_rounded_and_ought_to_be() -> None:
    receipt = cash_sale("7.33", "7.33", "0")
    assert codes(receipt) == ["rounding_wrong"]
    assert codes(receipt, ()) == []
    problem = check_totals(receipt)[0]
    assert "7.33 is rounded to 7.30 or 7.50, not to 7.33" in problem.reason_en
    assert "7.30 або 7.50" in problem.reason_uk


@pytest.mark.parametrize(
    ("due", "total", "rule", "is_right"),
    [
        ("7.25", "7.50", TO_50, True),
        ("7.75", "8.00", TO_50, True),
        ("7.75", "7.50", TO_50, False),
        ("7.24", "7.50", TO_50, False),
        ("7.35", "7.40", TO_10, True),
        ("7.35", "7.30", TO_10, False),
    ],
)
def test_halves_of_a_coin_are_rounded_up(due: str, total: str, rule: CashRounding, is_right: bool) -> None:
    receipt = cash_sale(due, total, str(Decimal(total) - Decimal(due)))
    assert codes(receipt, (rule,)) == ([] if is_right else ["rounding_wrong"])


def test_cards_are_never_rounded() -> None:
    by_card = made("7.33*1=7.33", total="7.30", rounding_amount="-0.03", payment_transactions=[paid("7.30", CARD)])
    (problem,) = check_totals(by_card)
    assert (problem.code, problem.field) == ("rounding_not_cash", "rounding_amount")


def test_only_the_cash_of_a_split_payment_is_rounded() -> None:
    parts = [paid("5.13", CARD), paid("2.20")]
    assert codes(made("7.36*1=7.36", total="7.33", rounding_amount="-0.03", payment_transactions=parts)) == []
    assert codes(made("7.33*1=7.33", total="7.33", payment_transactions=parts)) == []
    parts = [paid("5.00", CARD), paid("2.33")]
    assert codes(made("7.33*1=7.33", total="7.33", payment_transactions=parts)) == ["rounding_wrong"]


def test_rounding_without_payments_is_at_most_half_a_coin() -> None:
    assert codes(made("7.25*1=7.25", total="7.50", rounding_amount="0.25")) == []
    assert codes(made("7.24*1=7.24", total="7.50", rounding_amount="0.26")) == ["rounding_large"]
    (problem,) = check_totals(made("7.24*1=7.24", total="7.30", rounding_amount="0.06"), (TO_10,))
    assert (problem.code, problem.field) == ("rounding_large", "rounding_amount")
    assert codes(made("7.24*1=7.24", total="7.25", rounding_amount="0.01"), ()) == ["rounding_large"]


def test_change_is_taken_off_what_was_handed_over() -> None:
    cash = paid("10", deposit_amount="50", change_amount="40")
    assert codes(made("10*1=10", total="10", payment_transactions=[cash])) == []


def test_a_cancelled_payment_counts_only_where_the_receipt_is_cancelled() -> None:
    payments = [paid("10", CARD), paid("10", CARD, kind=1)]
    cancelled = made("10*1=10", total="10", type=4, payment_transactions=payments)
    paid_anew = made("10*1=10", total="10", payment_transactions=[*payments, paid("10", CARD)])
    unpaid = made("10*1=10", total="10", payment_transactions=payments)
    assert (codes(cancelled), codes(paid_anew), codes(unpaid)) == ([], [], ["payments_total"])


@pytest.mark.parametrize(
    ("kinds", "is_right"),
    [((0,), True), ((1,), True), ((0, 1), True), ((2, 1), True), ((0, 0), False), ((1, 1), False)],
)
def test_a_cancelled_receipt_names_the_payments_it_undoes_or_those_that_undo_them(
    kinds: tuple[int, ...], is_right: bool
) -> None:
    payments = [paid("10", CARD, kind=kind) for kind in kinds]
    receipt = made("10*1=10", total="10", type=4, payment_transactions=payments)
    assert codes(receipt) == ([] if is_right else ["payments_total"])


def test_a_refund_adds_up_as_a_sale_does() -> None:
    assert codes(made("10*1=10", total="10", type=3, state=3, payment_transactions=[paid("10", CARD, kind=2)])) == []


def test_the_sample_of_the_documentation_does_not_add_up() -> None:
    (sample,) = [
        exchange["request"]["body"]
        for exchange in msgspec.json.decode(DOCUMENTATION.read_bytes())
        if exchange["request"]["method"] == "POST" and exchange["request"]["url"].endswith("/pos/receipts")
    ]
    receipt = msgspec.convert(sample, ReceiptCreate)
    assert codes(receipt) == ["items_total"]


money = st.integers(min_value=0, max_value=10**9).map(lambda kopecks: Decimal(kopecks) / 100)


@given(st.lists(st.tuples(money, st.integers(min_value=1, max_value=9999)), min_size=1, max_size=8), money, st.data())
def test_a_kopeck_too_much_is_always_noticed(
    lines: list[tuple[Decimal, int]], discount: Decimal, data: st.DataObject
) -> None:
    amounts = [(price * quantity / 1000).quantize(Decimal("0.01")) for price, quantity in lines]
    items = [
        f"{price}*{Decimal(quantity) / 1000}={amount}" for (price, quantity), amount in zip(lines, amounts, strict=True)
    ]
    total = sum(amounts, Decimal(0)) - discount
    wrong = total + data.draw(st.sampled_from([Decimal("0.01"), Decimal("-0.01")]))

    right = made(*items, total=str(total), discount_amount=str(discount), type=ReceiptType.SALE)
    assert codes(right) == ["below_zero"] * (total < 0)
    found = codes(made(*items, total=str(wrong), discount_amount=str(discount)))
    assert found == ["below_zero"] * (wrong < 0) + ["items_total"]
