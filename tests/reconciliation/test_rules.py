"""The rules of taxes and cash rounding."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartkasa_async.models import TaxGroup
from smartkasa_async.reports.reconciliation.ledger import ItemRecord
from smartkasa_async.reports.reconciliation.receipt_amounts import cash_amounts, taxes_of, taxes_of_groups

BEFORE, SINCE = date(2025, 9, 30), date(2025, 10, 1)


def item(amount: str, group: int, discount: str = "0") -> ItemRecord:
    return ItemRecord("p1", Decimal(amount), Decimal(discount), group)


def texts(taxes: dict[str, Decimal] | None) -> dict[str, str]:
    assert taxes is not None
    return {letter: f"{tax:.2f}" for letter, tax in taxes.items()}


@pytest.mark.parametrize(
    ("group", "taxes"),
    [
        (TaxGroup.NONE, {}),
        (TaxGroup.VAT_20, {"a": "239.67"}),
        (TaxGroup.VAT_7, {"b": "94.07"}),
        (TaxGroup.VAT_0, {}),
        (TaxGroup.WITHOUT_VAT, {}),
        (TaxGroup.EXCISE_5, {"z": "68.48"}),
        (TaxGroup.EXCISE_5_VAT_20, {"z": "68.48", "a": "228.25"}),
        (TaxGroup.EXCISE_5_VAT_0, {"z": "68.48"}),
        (TaxGroup.EXCISE_G_0_VAT_20, {"a": "239.67"}),
    ],
)
def test_excise_comes_first_and_vat_from_the_rest(group: int, taxes: dict[str, str]) -> None:
    assert texts(taxes_of([item("1438.00", group)], Decimal(0))) == taxes


def test_discounts_come_off_before_taxes() -> None:
    items = [item("100.00", TaxGroup.VAT_20, "10.00"), item("30.00", TaxGroup.VAT_7)]
    assert texts(taxes_of(items, Decimal("12.00"))) == {"a": "13.50", "b": "1.77"}


def test_a_group_is_taxed_once_on_its_sum() -> None:
    items = [item("0.04", TaxGroup.VAT_20)] * 3
    assert texts(taxes_of(items, Decimal(0))) == {"a": "0.02"}


def test_a_tax_of_two_groups_is_added_up() -> None:
    items = [item("1438.00", TaxGroup.VAT_20), item("1438.00", TaxGroup.EXCISE_5_VAT_20)]
    assert texts(taxes_of(items, Decimal(0))) == {"a": "467.92", "z": "68.48"}


def test_a_discount_on_several_free_items_is_no_tax() -> None:
    assert taxes_of([item("0.00", TaxGroup.VAT_20), item("0.00", TaxGroup.VAT_7)], Decimal("1.00")) == {}


def test_nothing_is_said_of_unknown_groups() -> None:
    assert taxes_of([item("100.00", 77)], Decimal(0)) is None


def test_a_discount_on_nothing_is_no_tax() -> None:
    assert taxes_of([item("0.00", TaxGroup.VAT_20)], Decimal("1.00")) == {}


def test_large_and_negative_sums_stay_exact() -> None:
    large = Decimal("98765432109876.54")
    assert taxes_of_groups([(TaxGroup.VAT_20, large)]) == {"a": Decimal("16460905351646.09")}
    assert taxes_of_groups([(TaxGroup.VAT_20, -large)]) == {"a": Decimal("-16460905351646.09")}


@pytest.mark.parametrize(
    ("due", "ten", "fifty"),
    [
        ("7.00", "7.00", "7.00"),
        ("7.04", "7.00", "7.00"),
        ("7.05", "7.10", "7.00"),
        ("7.24", "7.20", "7.00"),
        ("7.25", "7.30", "7.50"),
        ("7.74", "7.70", "7.50"),
        ("7.75", "7.80", "8.00"),
        ("7.99", "8.00", "8.00"),
        ("-7.25", "-7.30", "-7.50"),
    ],
)
def test_cash_is_rounded_by_the_rules_in_force(due: str, ten: str, fifty: str) -> None:
    assert cash_amounts(Decimal(due), BEFORE) == (Decimal(ten),)
    assert cash_amounts(Decimal(due), SINCE) == (Decimal(ten), Decimal(fifty))


@given(st.integers(-(10**13), 10**13))
def test_rounding_moves_a_sum_by_at_most_half_a_step(kopecks: int) -> None:
    due = Decimal(kopecks).scaleb(-2)
    ten, fifty = cash_amounts(due, SINCE)
    assert abs(ten - due) <= Decimal("0.05")
    assert abs(fifty - due) <= Decimal("0.25")
    assert not ten % Decimal("0.10")
    assert not fifty % Decimal("0.50")
