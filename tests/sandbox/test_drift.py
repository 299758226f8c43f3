"""Drift: a business arrives while a client reads, by answered requests or by the clock."""

from __future__ import annotations

import signal
import subprocess
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async.sandbox import Sandbox, Simulation, simulate
from smartkasa_async.sandbox.__main__ import main
from smartkasa_async.sandbox.wire import KYIV
from tests.support.processes import running
from tests.support.warm_server import warm_python

if TYPE_CHECKING:
    from pathlib import Path

    from smartkasa_async.sandbox import Business
    from tests.support.calling import Caller

DAY = date(2026, 10, 5)


@pytest.fixture(scope="module")
def business() -> Business:
    return simulate(Simulation(seed=4, shops=2, products=30, start=date(2026, 10, 3), days=3, receipts_per_day=15))


def held(caller: Caller) -> dict[str, Any]:
    tables = ("shifts", "receipts", "receipt_items", "payments", "z_reports")
    return {table: {row["id"]: row for row in caller.box.rows(table)} for table in tables}


async def test_an_event_happens_after_each_answered_list_of_what_drifts(caller: Caller, business: Business) -> None:
    drift = caller.box.drift(business, every=1)
    events = drift.left
    for path in ("/pos/receipts", "/pos/shifts", "/reports/z-reports"):
        await caller("GET", path)
    assert drift.left == events - 3
    await caller("GET", "/rsn/shops")
    await caller("GET", f"/pos/receipts/{business.rows['receipts'][0]['id']}")
    await caller("GET", "/pos/receipts", status=422, date_start="soon")
    assert drift.left == events - 3


async def test_an_answer_does_not_show_the_event_that_follows_it(caller: Caller, business: Business) -> None:
    drift = caller.box.drift(business, every=2)
    counts: list[int] = []
    while drift.left and len(counts) < 40:
        before = len(caller.box.rows("receipts"))
        answer = await caller("GET", "/pos/receipts", per_page=1)
        assert answer["meta"]["total_count"] == before
        counts.append(before)
    assert len(set(counts)) > 10
    assert all(counts[place] == counts[place + 1] for place in range(0, len(counts), 2)), "every second answer only"


async def test_two_runs_are_alike(business: Business) -> None:
    ends = []
    for _ in range(2):
        async with Sandbox() as box:
            box.drift(business, seed=5, deletions=True).advance(60)
            ends.append(box.rows("receipts"))
    assert ends[0] == ends[1]


async def test_no_receipt_is_seen_without_its_items(caller: Caller, business: Business) -> None:
    drift = caller.box.drift(business, every=1, deletions=True)
    whole = {row["id"] for row in business.rows["receipts"]} - {
        row["receipt_id"] for row in business.rows["receipt_items"]
    }
    for _ in range(drift.left):
        for receipt in await caller.data("GET", "/pos/receipts", per_page=100, date_start=DAY.isoformat()):
            assert receipt["items"] or receipt["id"] in whole
            assert receipt["payment_transactions"] or receipt["state"] == 1 or receipt["type"] in {1, 2, 102, 103}
    assert drift.left == 0


async def test_finish_brings_all_that_was_simulated(caller: Caller, business: Business) -> None:
    drift = caller.box.drift(business, since=date(2026, 10, 4), every=1, deletions=True)
    for _ in range(7):
        await caller("GET", "/pos/receipts")
    assert any(shift["closed_at"] is None for shift in caller.box.rows("shifts"))
    drift.finish()
    await caller("GET", "/pos/receipts")
    tables = held(caller)
    assert drift.left == 0
    for table, rows in tables.items():
        simulated = {row["id"]: row for row in business.rows[table]}
        assert rows.keys() == simulated.keys()
        timeless = dict.fromkeys(("updated_at",))
        assert all(row | timeless == simulated[key] | timeless for key, row in rows.items())


async def test_a_stopped_drift_goes_on_by_hand_only(caller: Caller, business: Business) -> None:
    drift = caller.box.drift(business, every=1)
    drift.stop()
    before = drift.left
    await caller("GET", "/pos/receipts")
    assert drift.left == before
    assert drift.advance(3) == 3
    assert drift.advance(before) == before - 3


async def test_the_clock_lets_events_happen_while_nobody_reads(caller: Caller, business: Business) -> None:
    drift = caller.box.drift(business, per_second=20_000)
    while drift.left:
        await caller("GET", "/rsn/shops")
    assert len(caller.box.rows("receipts")) == len(business.rows["receipts"])


async def test_the_clock_ends_with_the_sandbox(business: Business) -> None:
    async with Sandbox() as box:
        drift = box.drift(business, per_second=0.001)
    assert drift.left


@pytest.mark.parametrize("wrong", [{"every": 0}, {"per_second": 0.0}, {"per_second": -1.0}])
async def test_a_pace_at_which_nothing_happens_is_refused(
    caller: Caller, business: Business, wrong: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match="nothing would happen"):
        caller.box.drift(business, **wrong)
    assert caller.box.rows("receipts") == []


async def test_a_business_without_receipts_has_no_last_day(caller: Caller) -> None:
    empty = simulate(Simulation(shops=1, products=1, days=1, receipts_per_day=0))
    empty.rows["receipts"].clear()
    with pytest.raises(ValueError, match="since="):
        caller.box.drift(empty)


async def test_the_shell_s_sandbox_lets_the_last_day_happen(tmp_path: Path) -> None:
    database = tmp_path / "box.sqlite"
    days = ("--start", "2026-10-03", "--days", "3", "--drift", "0.001")
    command = [warm_python(), "-m", "smartkasa_async.sandbox", "--json", "--database", str(database), *days]
    with running(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGTERM)
    async with Sandbox(database=database) as box:
        there = {row["created_at"].astimezone(KYIV).date() for row in box.rows("receipts")}
    assert there == {DAY - timedelta(days=2), DAY - timedelta(days=1)}


def test_the_shell_s_sandbox_says_what_is_wrong_with_a_pace(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--drift", "0"]) == 1
    assert "0.0 events a second: nothing would happen" in capsys.readouterr().err
