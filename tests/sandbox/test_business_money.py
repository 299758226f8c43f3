"""The simulated business: kopecks, cash rounding, spread discounts, taxes."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartkasa_async.sandbox.business.money import (
    hryvnias,
    line_amount,
    percentage_of,
    quantity,
    round_to_10,
    round_to_50,
    spread,
    taxes,
)

KOPECKS = st.integers(0, 10**12)


@pytest.mark.parametrize(
    ("kopecks", "rounded"),
    [(0, 0), (1, 0), (24, 0), (25, 50), (49, 50), (50, 50), (51, 50), (74, 50), (75, 100), (99, 100), (12337, 12350)],
)
def test_cash_is_rounded_to_50_kopecks(kopecks: int, rounded: int) -> None:
    assert round_to_50(kopecks) == rounded


@pytest.mark.parametrize(
    ("kopecks", "rounded"), [(0, 0), (4, 0), (5, 10), (14, 10), (15, 20), (99, 100), (12337, 12340)]
)
def test_cash_is_rounded_to_10_kopecks(kopecks: int, rounded: int) -> None:
    assert round_to_10(kopecks) == rounded


def test_taxes_of_the_recorded_receipt() -> None:
    assert taxes([(6, 143800)]) == {"А": 22825, "З": 6848}


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        (0, {}),
        (1, {"А": 2000}),
        (2, {"Б": 785}),
        (3, {"В": 0}),
        (4, {"Д": 0}),
        (5, {"З": 571}),
        (6, {"А": 1905, "З": 571}),
        (7, {"В": 0, "З": 571}),
        (8, {"Г": 0}),
        (9, {"А": 2000, "Г": 0}),
        (10, {"В": 0, "Г": 0}),
    ],
)
def test_taxes_of_each_group(group: int, expected: dict[str, int]) -> None:
    assert taxes([(group, 12000)]) == expected


def test_a_group_is_taxed_once_on_its_sum() -> None:
    assert taxes([(1, 2), (1, 1)]) == taxes([(1, 3)]) == {"А": 1}
    assert taxes([(1, 2)]) == taxes([(1, 1)]) == {"А": 0}


@given(price=st.integers(0, 10**9), thousandths=st.integers(1, 10**6))
def test_a_line_is_price_times_quantity_rounded_half_up(price: int, thousandths: int) -> None:
    exact = Decimal(price) * Decimal(thousandths) / 1000
    assert line_amount(price, thousandths) == exact.to_integral_value(ROUND_HALF_UP)


@given(KOPECKS, st.integers(0, 100))
def test_a_percentage_is_rounded_half_up(kopecks: int, percent: int) -> None:
    assert percentage_of(kopecks, percent) == (Decimal(kopecks) * percent / 100).to_integral_value(ROUND_HALF_UP)


@given(st.lists(st.integers(1, 10**7), min_size=1, max_size=12), st.data())
def test_a_discount_is_spread_whole_and_no_line_gets_more_than_it_costs(sums: list[int], data: st.DataObject) -> None:
    discount = data.draw(st.integers(0, sum(sums)))
    shares = spread(discount, sums)
    assert sum(shares) == discount
    assert all(0 <= share <= part for share, part in zip(shares, sums, strict=True))
    exact = [Decimal(discount) * part / sum(sums) for part in sums]
    assert all(abs(share - part) <= 1 for share, part in zip(shares, exact, strict=True))


@given(st.integers(-(10**12), 10**12))
def test_money_and_quantities_are_exact(whole: int) -> None:
    assert hryvnias(whole) * 100 == whole
    assert quantity(whole) * 1000 == whole
