"""Numbers of price lists."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartkasa_async.catalog.checks.decimals import check_price, parse_cost, parse_decimal, parse_price
from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.catalog.sources.columns import NumberFormat

kopecks = st.integers(min_value=0, max_value=10**9)
spaces = st.sampled_from([" ", "\u00a0", "\u2009", "\u202f", "'", "’", ""])


@given(kopecks, spaces, st.sampled_from(",."), st.sampled_from(["{}", "{} грн", "{}грн.", "₴{}", "{} ₴", "{} UAH"]))
def test_every_usual_form_is_read_exactly(kopecks: int, space: str, point: str, form: str) -> None:
    hryvnias, rest = divmod(kopecks, 100)
    text = form.format(f"{hryvnias:,}".replace(",", space) + f"{point}{rest:02}")

    assert parse_price(text) == Decimal(kopecks).scaleb(-2)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1299,50", "1299.50"),
        ("1 299,50", "1299.50"),
        ("1.299,50", "1299.50"),
        ("1,299.50", "1299.50"),
        ("1.234.567", "1234567"),
        ("1,234,567", "1234567"),
        ("12.5000", "12.5"),
        ("0,500", "0.5"),
        ("1 299,500", "1299.5"),
        ("7", "7"),
        ("-45,00", "-45"),
        ("-45", "-45"),
        ("-1 299", "-1299"),
        ("1234,567", "1234.567"),
        ("−45,00", "-45"),
        ("'10", "10"),
        ("'1 299,50 грн", "1299.50"),
    ],
)
def test_a_number_is_read(text: str, number: str) -> None:
    assert parse_decimal(text) == Decimal(number)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("за запитом", "number_unreadable"),
        ("12,5O", "number_unreadable"),
        ("1e5", "number_unreadable"),
        ("NaN", "number_unreadable"),
        ("1_000", "number_unreadable"),
        ("١٢", "number_unreadable"),
        ("12 34", "number_unreadable"),
        ("1,2,3", "number_unreadable"),
        ("-", "number_unreadable"),
        ("12,345", "number_ambiguous"),
        ("10,345", "number_ambiguous"),
        ("123,456", "number_ambiguous"),
        ("10000000000", "price_too_large"),
        ("1.299", "number_ambiguous"),
        ("$4.50", "currency_foreign"),
        ("4,50 EUR", "currency_foreign"),
        ("-0,01", "negative"),
        ("4820012345678", "price_too_large"),
        ("1 299,505", "kopecks_fraction"),
        ("0,0001", "kopecks_fraction"),
    ],
)
def test_a_price_is_refused(text: str, code: str) -> None:
    with pytest.raises(RuleViolationError) as caught:
        parse_price(text)

    assert caught.value.code == code


@pytest.mark.parametrize("text", ["9999999999.99", "4000000000", "3486784401,50", "0"])
def test_a_price_below_ten_thousand_million_is_taken(text: str) -> None:
    assert parse_price(text) == parse_cost(text) == Decimal(text.replace(",", "."))


@pytest.mark.parametrize(
    ("text", "cost"), [("12,50", "12.50"), ("12,3456", "12.3456"), ("1 299,505 грн", "1299.505"), ("7", "7")]
)
def test_a_cost_may_be_finer_than_a_kopeck(text: str, cost: str) -> None:
    assert parse_cost(text) == Decimal(cost)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("-0,01", "negative"),
        ("10000000000", "price_too_large"),
        ("12,345", "number_ambiguous"),
        ("за запитом", "number_unreadable"),
    ],
)
def test_a_cost_is_refused(text: str, code: str) -> None:
    with pytest.raises(RuleViolationError) as caught:
        parse_cost(text)

    assert caught.value.code == code


def test_a_column_decides_what_a_cost_may_be_read_as() -> None:
    assert parse_cost("12,345", NumberFormat(",")) == Decimal("12.345")


@pytest.mark.parametrize("price", [Decimal("Infinity"), Decimal("NaN")])
def test_a_price_that_is_no_number_is_refused(price: Decimal) -> None:
    with pytest.raises(RuleViolationError, match="number_unreadable"):
        check_price(price)


@given(st.text())
def test_any_text_is_a_number_or_refused(text: str) -> None:
    try:
        number = parse_decimal(text)
    except RuleViolationError:
        return
    assert number.is_finite()
