"""The simulated business as a whole: repeatable, summed up, scalable, loadable."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from smartkasa_async.sandbox.business import TABLES, Business, Simulation, simulate

SMALL = Simulation(shops=2, terminals_per_shop=1, products=30, days=4, receipts_per_day=10)


@pytest.fixture(scope="module")
def business() -> Business:
    return simulate(SMALL)


def test_equal_simulations_give_equal_businesses(business: Business) -> None:
    assert simulate(SMALL) == business


def test_another_seed_gives_another_business(business: Business) -> None:
    other = simulate(replace(SMALL, seed=2))
    assert other.rows["receipts"] != business.rows["receipts"]
    assert not {row["id"] for row in other.rows["receipts"]} & {row["id"] for row in business.rows["receipts"]}


def test_a_further_shop_does_not_change_the_others(business: Business) -> None:
    more = simulate(replace(SMALL, shops=3))
    ids = {row["id"] for row in business.rows["shops"]}
    assert [row for row in more.rows["receipts"] if row["shop_id"] in ids] == business.rows["receipts"]


def test_a_longer_simulation_begins_in_the_same_way(business: Business) -> None:
    longer = simulate(replace(SMALL, days=6))
    first = business.rows["shops"][0]["id"]
    receipts = [row for row in business.rows["receipts"] if row["shop_id"] == first]
    assert longer.rows["receipts"][: len(receipts)] == receipts


def test_all_tables_are_there_with_the_same_columns_in_every_row(business: Business) -> None:
    assert tuple(business.rows) == TABLES
    for table, rows in business.rows.items():
        assert len({frozenset(row) for row in rows}) == (0 if table == "import_jobs" else 1), table


def test_values_can_be_stored() -> None:
    business = simulate(Simulation())
    plain = (int, str, bool, type(None), Decimal, list, dict)
    for table, rows in business.rows.items():
        for row in rows:
            for column, value in row.items():
                where = f"{table}.{column}"
                assert isinstance(value, (*plain, datetime)), where
                assert not isinstance(value, datetime) or value.tzinfo is UTC, where
                assert not isinstance(value, datetime) or value.microsecond % 1000 == 0, where
                assert not column.endswith(("amount", "total", "price", "balance")) or not isinstance(value, float), (
                    where
                )


def test_the_summary_counts_and_adds_up(business: Business) -> None:
    assert list(business.summary) == [row["id"] for row in business.rows["shops"]]
    for shop_id, summary in business.summary.items():
        receipts = [row for row in business.rows["receipts"] if row["shop_id"] == shop_id]
        reports = [row for row in business.rows["z_reports"] if row["shop_id"] == shop_id]
        assert summary.receipts == len(receipts)
        assert summary.z_reports == len(reports)
        assert summary.sales == sum(row["sale_receipts_count"] for row in reports)
        assert summary.sales_total == sum(row["sale_total"] for row in reports)
        assert summary.refunds == sum(row["type"] == 3 for row in receipts)
        assert summary.refunds_total == sum(row["refund_total"] for row in reports)


def test_z_reports_are_numbered_in_the_order_of_time() -> None:
    reports = simulate(Simulation(days=5)).rows["z_reports"]
    assert [row["id"] for row in reports] == list(range(51, 51 + len(reports)))
    assert [row["created_at"] for row in reports] == sorted(row["created_at"] for row in reports)


def test_receipts_per_day_sets_the_volume() -> None:
    customers = {}
    for average in (10, 80):
        rows = simulate(Simulation(shops=1, days=28, receipts_per_day=average)).rows
        customers[average] = sum(row["type"] in (0, 3, 4, 5) for row in rows["receipts"]) / 28
    assert customers[10] == pytest.approx(10, rel=0.2)
    assert customers[80] == pytest.approx(80, rel=0.1)


def test_without_customers_there_are_service_operations_only() -> None:
    business = simulate(replace(SMALL, receipts_per_day=0, days=10))
    assert {row["type"] for row in business.rows["receipts"]} <= {1, 2}
    assert business.rows["shifts"]
    assert business.rows["z_reports"] == []
    assert {(summary.sales, summary.sales_total) for summary in business.summary.values()} == {(0, Decimal(0))}


@pytest.mark.parametrize(
    ("field", "value"),
    [("shops", 0), ("terminals_per_shop", 0), ("products", -1), ("days", 0), ("receipts_per_day", -1)],
)
def test_impossible_numbers_are_refused_by_name(field: str, value: int) -> None:
    with pytest.raises(ValueError, match=rf"{field} is {value}: give a whole number, at least \d"):
        Simulation(**{field: value})  # type: ignore[arg-type]


def test_a_number_that_is_not_whole_is_refused() -> None:
    with pytest.raises(ValueError, match=r"days is 1\.5"):
        Simulation(days=1.5)  # type: ignore[arg-type]


@pytest.mark.parametrize("start", ["2026-10-01", datetime(2026, 10, 1, tzinfo=UTC), None])
def test_a_start_that_is_no_date_is_refused(start: Any) -> None:
    with pytest.raises(ValueError, match=r"start is .*: give a datetime\.date"):
        Simulation(start=start)
