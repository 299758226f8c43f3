"""How a business arrives: in order, each record whole, and in the end as it was simulated."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from smartkasa_async.sandbox.business import Business, Event, Simulation, Timeline, plan_timeline, simulate

DAY = date(2026, 10, 25)
BEGINS = datetime(2026, 10, 24, 21, tzinfo=UTC)
"""Midnight in Kyiv, summer time; it ends on that very day."""

Tables = dict[str, dict[Any, dict[str, Any]]]


@pytest.fixture(scope="module")
def business() -> Business:
    return simulate(Simulation(seed=2, shops=3, products=40, start=date(2026, 10, 22), days=4, receipts_per_day=100))


@pytest.fixture(scope="module")
def course(business: Business) -> Timeline:
    return plan_timeline(business.rows, DAY, 3, deletions=True)


def begun(course: Timeline) -> Tables:
    return {table: {row["id"]: row for row in rows} for table, rows in course.rows.items()}


def carry_out(event: Event, tables: Tables) -> None:
    for table, rows in event.rows.items():
        tables[table].update((row["id"], row) for row in rows)
    if event.dropped:
        del tables["receipts"][event.dropped]
        for part in ("receipt_items", "payments"):
            tables[part] = {key: row for key, row in tables[part].items() if row["receipt_id"] != event.dropped}


def without_changes(tables: Tables) -> Tables:
    return {table: {key: row | {"updated_at": None} for key, row in rows.items()} for table, rows in tables.items()}


def test_in_the_end_everything_is_as_it_was_simulated(business: Business, course: Timeline) -> None:
    tables = begun(course)
    assert len(tables["receipts"]) < len(business.rows["receipts"])
    for event in course.events:
        carry_out(event, tables)
    whole = {table: {row["id"]: row for row in rows} for table, rows in business.rows.items()}
    assert without_changes(tables) == without_changes(whole)


def test_events_come_in_the_order_of_time_from_the_beginning_of_the_day(course: Timeline) -> None:
    times = [event.at for event in course.events]
    assert times == sorted(times)
    assert times[0] >= BEGINS


def test_the_same_seed_gives_the_same_course(business: Business, course: Timeline) -> None:
    assert plan_timeline(business.rows, DAY, 3, deletions=True) == course
    assert plan_timeline(business.rows, DAY, 4, deletions=True) != course


def test_planning_leaves_the_business_alone(business: Business) -> None:
    again = simulate(business.simulation)
    plan_timeline(business.rows, DAY, 3, deletions=True)
    assert again == business


def test_a_receipt_comes_whole_and_into_a_shift_that_is_there(business: Business, course: Timeline) -> None:
    lines = Counter(row["receipt_id"] for row in business.rows["receipt_items"])
    tables = begun(course)
    for event in course.events:
        for receipt in event.rows.get("receipts", []):
            assert receipt["shift_id"] in tables["shifts"]
            assert all(row["receipt_id"] == receipt["id"] for row in event.rows["receipt_items"])
            if receipt["id"] in lines:
                assert len(event.rows["receipt_items"]) == lines[receipt["id"]]
        carry_out(event, tables)


def test_shifts_open_and_close_with_their_z_report(business: Business, course: Timeline) -> None:
    closing = [event for event in course.events if event.rows.get("z_reports")]
    assert len(closing) > 3
    for event in closing:
        ((shift,), (report,)) = event.rows["shifts"], event.rows["z_reports"]
        assert (report["shift_id"], shift["closed_at"], shift["state"]) == (shift["id"], event.at, 1)
    opening = [shift for event in course.events for shift in event.rows.get("shifts", []) if shift["state"] == 0]
    assert len(opening) == sum(row["opened_at"] >= BEGINS for row in business.rows["shifts"])
    assert {(shift["closed_at"], shift["closed_by"]) for shift in opening} == {(None, None)}


def test_receipts_come_late_and_into_the_middle_of_the_order(course: Timeline) -> None:
    latest, late = BEGINS, []
    for event in course.events:
        for receipt in event.rows.get("receipts", []):
            if receipt["created_at"] < latest:
                late.append(receipt)
            latest = max(latest, receipt["created_at"])
    assert any(receipt["created_at"] < BEGINS for receipt in late)
    assert any(receipt["offline_id"] for receipt in late)


def test_receipts_are_changed_in_each_way_and_each_change_has_a_later_time(course: Timeline) -> None:
    tables = begun(course)
    changes: Counter[str] = Counter()
    for event in course.events:
        for receipt in event.rows.get("receipts", []):
            if before := tables["receipts"].get(receipt["id"]):
                assert before["updated_at"] < receipt["updated_at"] == event.at
                held = [row for row in tables["payments"].values() if row["receipt_id"] == receipt["id"]]
                changes[_change(before, receipt, held, event.rows["payments"])] += 1
        carry_out(event, tables)
    assert changes.keys() == {"paid", "numbered", "payment added", "payment changed"}


def _change(
    before: dict[str, Any], after: dict[str, Any], held: list[dict[str, Any]], paid: list[dict[str, Any]]
) -> str:
    if before["state"] != after["state"]:
        return "paid"
    if before["fiscal_number"] != after["fiscal_number"]:
        return "numbered"
    return "payment added" if len(held) < len(paid) else "payment changed"


def test_receipts_older_than_a_day_stay_as_they_are(business: Business, course: Timeline) -> None:
    ids = {row["id"] for row in business.rows["receipts"] if row["created_at"] < BEGINS - timedelta(days=1)}
    there = {row["id"]: row for row in course.rows["receipts"]}
    assert ids <= there.keys()
    assert [row for row in business.rows["receipts"] if row["id"] in ids and row != there[row["id"]]] == []


def test_drafts_are_deleted_and_only_on_order(business: Business, course: Timeline) -> None:
    assert any(event.dropped for event in course.events)
    assert not any(event.dropped for event in plan_timeline(business.rows, DAY, 3).events)
