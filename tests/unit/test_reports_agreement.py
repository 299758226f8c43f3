from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from smartkasa_async.reports.agreement import DifferenceKind, compare
from smartkasa_async.reports.takings import NOTHING, ShiftTakings, Takings

TAKINGS = Takings(
    sale_receipts_count=4,
    sale_total=Decimal("1438.00"),
    sale_cash_total=Decimal("1000.00"),
    sale_cashless_total=Decimal("438.00"),
    refund_receipts_count=1,
    refund_total=Decimal("38.00"),
    refund_cash_total=Decimal("38.00"),
    refund_cashless_total=Decimal("0.00"),
)
AGREEING = ShiftTakings(shop_id=13, shift_id="s1", receipts=TAKINGS, z_reports=1, z_report=TAKINGS)
TITLES = {13: "Крамниця"}


def without(field: str) -> Takings:
    changes: dict[str, Any] = {field: 0}
    return replace(TAKINGS, **changes)


def test_equal_figures_agree() -> None:
    (shop,) = compare([AGREEING, replace(AGREEING, shift_id="s2")], TITLES)

    assert shop.agrees
    assert (shop.shop_id, shop.title, shop.shifts, shop.z_reports) == (13, "Крамниця", 2, 2)
    assert (shop.sales, shop.z_sales) == (Decimal(2876), Decimal(2876))
    assert (shop.refunds, shop.z_refunds) == (Decimal(76), Decimal(76))


@pytest.mark.parametrize("field", [field for field in TAKINGS.__dataclass_fields__ if field.endswith("total")])
def test_a_kopeck_of_difference_is_named(field: str) -> None:
    stated = replace(TAKINGS, **{field: getattr(TAKINGS, field) + Decimal("0.01")})

    (shop,) = compare([AGREEING, replace(AGREEING, shift_id="s2", z_report=stated)], TITLES)

    assert not shop.agrees
    (difference,) = shop.differences
    assert (difference.shop_id, difference.shift_id, difference.kind) == (13, "s2", field)
    assert difference.amount == Decimal("-0.01")
    assert f"shop 13, shift s2: {field}: " in str(difference)
    assert "difference -0.01 UAH" in str(difference)


@pytest.mark.parametrize("field", ["sale_receipts_count", "refund_receipts_count"])
def test_a_receipt_too_few_is_named_as_a_number(field: str) -> None:
    (shop,) = compare([replace(AGREEING, receipts=without(field))], TITLES)

    (difference,) = shop.differences
    assert difference.kind == field
    assert "UAH" not in str(difference)
    assert difference.receipts == 0


def test_equal_days_do_not_hide_shifts_that_differ() -> None:
    more = replace(TAKINGS, sale_total=Decimal(2000))
    swapped = [replace(AGREEING, receipts=more), replace(AGREEING, shift_id="s2", z_report=more)]

    (shop,) = compare(swapped, TITLES)

    assert shop.sales == shop.z_sales
    assert [difference.shift_id for difference in shop.differences] == ["s1", "s2"]


def test_a_shift_with_sales_owes_a_z_report() -> None:
    (shop,) = compare([replace(AGREEING, z_reports=0, z_report=None)], TITLES)

    (difference,) = shop.differences
    assert difference.kind is DifferenceKind.Z_REPORT_MISSING
    assert difference.amount == Decimal(1400)


def test_a_shift_with_service_operations_only_owes_none() -> None:
    (shop,) = compare([ShiftTakings(shop_id=13, shift_id="s1")], TITLES)
    assert shop.agrees
    assert shop.shifts == 1


def test_sales_without_a_shift_cannot_be_matched() -> None:
    (shop,) = compare([ShiftTakings(shop_id=13, shift_id=None, receipts=TAKINGS)], TITLES)
    assert [difference.kind for difference in shop.differences] == [DifferenceKind.SHIFT_MISSING]


def test_a_z_report_without_receipts_differs_by_all_of_it() -> None:
    (shop,) = compare([replace(AGREEING, receipts=NOTHING)], TITLES)
    kinds = {difference.kind: difference.amount for difference in shop.differences}
    assert kinds[DifferenceKind.SALE_TOTAL] == Decimal(-1438)
    assert kinds[DifferenceKind.REFUND_RECEIPTS_COUNT] == -1


def test_a_figure_that_the_z_report_does_not_state_is_not_compared() -> None:
    (shop,) = compare([replace(AGREEING, z_report=Takings(sale_total=TAKINGS.sale_total))], TITLES)
    assert shop.agrees


def test_each_shop_has_a_line_and_records_without_a_shop_come_last() -> None:
    shops = compare([replace(AGREEING, shop_id=None), replace(AGREEING, shop_id=99)], {13: "Крамниця", 7: "Кіоск"})

    assert [(shop.shop_id, shop.title, shop.shifts) for shop in shops] == [
        (7, "Кіоск", 0),
        (13, "Крамниця", 0),
        (99, None, 1),
        (None, None, 1),
    ]
    assert all(shop.agrees for shop in shops)
