"""`smartkasa reports month` and `reports z --archive`: from a store that was synced from the sandbox."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from smartkasa_async.cli import options
from smartkasa_async.sandbox import Simulation, simulate
from smartkasa_async.sandbox.faults import Fault
from tests.support.read_workbook import read_workbook

if TYPE_CHECKING:
    from smartkasa_async.sandbox import Business, Sandbox
    from tests.support.commandline import Cli

MONTH = ("--month", "2026-10")


@pytest.fixture
def business(environment: Sandbox, cli: Cli) -> Business:
    made = simulate(Simulation(shops=1, days=2, start=date(2026, 10, 1), products=20, receipts_per_day=8))
    environment.load(made)
    assert cli("receipts", "sync", *MONTH).code == 0
    return made


def test_workbook_and_archive_have_what_the_service_has(business: Business, cli: Cli) -> None:
    unread = cli("reports", "month", "o.xlsx", *MONTH, "--lang", "uk")
    assert unread.code == 5
    assert "smartkasa reports z --start 2026-10-01 --end 2026-10-31" in unread.out
    z = cli("reports", "z", *MONTH, "--archive", "z", "--json")
    assert z.code == 0
    archive = z.document["archive"]
    assert archive["added"] == archive["reports"] == len(business.rows["z_reports"])
    assert archive["digest"] in Path("z/index.html").read_text("utf-8")
    told = cli("reports", "month", "o.xlsx", *MONTH, "--json")
    (summary,) = business.summary.values()
    assert told.code == 0
    assert told.document["sales"] == f"{summary.sales_total:.2f}"
    assert read_workbook(Path("o.xlsx"))["Income by day"].total("Sales") == summary.sales_total
    assert cli("reports", "month", "o", *MONTH, "--format", "csv").code == 0
    assert Path("o/income.csv").exists()
    assert cli("reports", "month", "o.json", *MONTH, "--format", "json").code == 0
    assert len(json.loads(Path("o.json").read_bytes())["tables"]["z_reports"]) == archive["reports"]


def test_records_in_quarantine_end_a_month_with_status_1(business: Business, environment: Sandbox, cli: Cli) -> None:
    assert cli("reports", "z", *MONTH).code == 0
    assert cli("reports", "month", "o.xlsx", *MONTH).code == 0
    places = {"current_page": 1, "next_page": None, "prev_page": None, "total_pages": 1, "offset_value": 0}
    spoilt = {
        "data": [{"id": "a", "created_at": "2026-10-02T10:00:00.000+00:00"}],
        "meta": places | {"total_count": 1, "limit_value": 100},
    }
    environment.faults.add(Fault("status", "GET", "/api/v1/pos/receipts", times=None, status=200, body=spoilt))
    assert cli("receipts", "sync", *MONTH, "--refetch", "--no-reference-data").code == 1
    result = cli("reports", "month", "o.xlsx", *MONTH)
    assert (result.code, "Records in quarantine, which the sums lack: 1." in result.out) == (1, True)


def test_a_changed_file_of_the_archive_ends_with_status_1(business: Business, cli: Cli) -> None:
    assert cli("reports", "z", *MONTH, "--archive", "z").code == 0
    name = next(path for path in sorted(Path("z").rglob("*.json")) if path.name != "seal.json")
    name.write_bytes(b"{}")
    result = cli("reports", "z", *MONTH, "--archive", "z", "--lang", "uk")
    assert result.code == 1
    assert f"Змінено після опечатування, залишено як є: {name.relative_to('z').as_posix()}" in result.out
    assert cli("reports", "z", *MONTH, "--archive", "z", "--json").document["archive"]["changed"]


def test_months_that_cannot_be_are_refused(business: Business, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    result = cli("reports", "month", "o.xlsx", "--month", "13.2026")
    assert (result.code, "--month is '13.2026'" in result.err) == (2, True)
    monkeypatch.setattr(options, "today", lambda: date(2026, 10, 3))
    assert cli("reports", "month", "smartkasa.sqlite", *MONTH).code == 2
    assert cli("reports", "month", "o.xlsx").code == 2
    assert not Path("o.xlsx").exists()
