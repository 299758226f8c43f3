"""The examples, run as a user would."""

from __future__ import annotations

import os
import re
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from smartkasa_async.records import KYIV
from smartkasa_async.sandbox import Sandbox, Simulation, simulate
from tests.support.processes import finished
from tests.support.warm_server import warm_python

if TYPE_CHECKING:
    from collections.abc import Mapping

PROJECT = Path(__file__).parent.parent.parent
DEMO_WITH_ANOTHER_COUNT = """
import asyncio, sys
from examples import demo

demo.FOLDER.mkdir(parents=True)
demo.MONTH = (demo.MONTH[0], demo.MONTH[0])  # a day, since its rows are counted whatever the receipts are
demo.ROWS += 1
sys.exit(asyncio.run(demo.main()))
"""


def run(*arguments: str, folder: Path, settings: Mapping[str, str] | None = None) -> tuple[int, str, str]:
    """Run Python in a folder; return exit status, output and errors."""
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), "PYTHONIOENCODING": "utf-8", "COLUMNS": "80"}
    done = finished([warm_python(), "-W", "error", *arguments], cwd=folder, env={**environment, **(settings or {})})
    return done.returncode, done.stdout, done.stderr


def test_hierarchy_walks_to_every_receipt(tmp_path: Path) -> None:
    with Sandbox().in_thread() as box:
        box.load(simulate(Simulation(shops=2, days=3, receipts_per_day=15)))
        settings = {f"SMARTKASA_{name.upper()}": str(value) for name, value in box.credentials.items()}
        status, printed, errors = run("-m", "examples.hierarchy", folder=tmp_path, settings=settings)
        shops, shifts, receipts = (box.rows(table) for table in ("shops", "shifts", "receipts"))

    lines = printed.splitlines()
    walked = [int(found[1]) for found in map(re.compile(r"    .*: (\d+) receipts").fullmatch, lines) if found]
    assert (status, errors) == (0, "")
    assert [line for line in lines if not line.startswith(" ")] == [shop["title"] for shop in shops]
    assert len(walked) == len(shifts)
    assert sum(walked) == len([receipt for receipt in receipts if receipt["shift_id"]])


def test_demo_ends_well_and_shows_every_number(tmp_path: Path) -> None:
    status, printed, errors = run("-m", "examples.demo", folder=tmp_path)

    assert (status, errors) == (0, "")
    assert "2386 rows created, 14 rejected" in printed
    assert len(re.findall(r"^ +Крамниця №\d.* yes *$", printed, re.MULTILINE)) == 3
    assert "…" not in printed
    assert (tmp_path / "build" / "demo" / "receipts.sqlite").is_file()


def test_demo_fails_when_a_number_is_wrong(tmp_path: Path) -> None:
    status, printed, errors = run("-c", DEMO_WITH_ANOTHER_COUNT, folder=tmp_path)

    assert (status, errors) == (1, "")
    assert re.findall("^wrong: (.*)$", printed, re.MULTILINE) == ["2386 rows created, 2386 new products in the service"]


def test_loyalty_gives_points_and_ends(tmp_path: Path) -> None:
    status, printed, errors = run("-m", "examples.loyalty", folder=tmp_path, settings={"SMARTKASA_API_KEY": ""})

    line = re.compile(r"(\w+) +shop \d+  card (\d{6}\*{6}\d{4}) +([+-]\d+) points, (-?\d+) in all")
    standing: Counter[str] = Counter()
    assert (status, errors) == (0, "")
    assert printed
    for kind, card, points, total in line.findall(printed):
        assert kind != "created" or standing[card] + int(points) == int(total)
        standing[card] = int(total)
    assert len(line.findall(printed)) == len(printed.splitlines())
    assert list(tmp_path.iterdir()) == []


def test_mobile_till_pushes_its_queue_once_however_often_it_runs(tmp_path: Path) -> None:
    first, second = (
        run("-m", "examples.mobile_till", folder=tmp_path, settings={"SMARTKASA_API_KEY": ""}) for _ in range(2)
    )

    assert [line.split() for line in first[1].splitlines()] == [
        [f"4000000077/4000000077.1.{n}", "created"] for n in range(1, 5)
    ]
    assert second[1] == first[1].replace("created", "already_there")
    assert (first[0], first[2], second[0], second[2]) == (0, "", 0, "")


def test_accounting_compares_a_week_and_writes_what_differs(tmp_path: Path) -> None:
    status, printed, errors = run("-m", "examples.accounting", folder=tmp_path, settings={"SMARTKASA_API_KEY": ""})

    assert (status, errors) == (0, "")
    assert len(re.findall(r"^\d+ +Крамниця №\d .* yes$", printed, re.MULTILINE)) == 3
    files = tmp_path / "build" / "accounting"
    assert (files / "differences.csv").read_text("utf-8-sig").count("\n") == 1
    assert (files / "sandbox.sqlite").is_file()


def test_accounting_compares_the_last_week_of_an_account(tmp_path: Path) -> None:
    today = datetime.now(KYIV).date()
    with Sandbox().in_thread() as box:
        box.load(simulate(Simulation(shops=1, start=today - timedelta(days=9), days=9, receipts_per_day=5)))
        settings = {f"SMARTKASA_{name.upper()}": str(value) for name, value in box.credentials.items()}
        status, printed, errors = run("-m", "examples.accounting", folder=tmp_path, settings=settings)

    assert (status, errors) == (0, ""), printed
    with closing(sqlite3.connect(tmp_path / "build" / "accounting" / "accounting.sqlite")) as store:
        ((first, last),) = store.execute("SELECT min(business_date), max(business_date) FROM receipts")
    # A shop may be closed on one day of the week.
    assert 6 <= (today - date.fromisoformat(first)).days <= 7
    assert 1 <= (today - date.fromisoformat(last)).days <= 2


def test_web_shop_promises_what_was_ordered_until_it_is_paid(tmp_path: Path) -> None:
    status, printed, errors = run("-m", "examples.web_shop", folder=tmp_path, settings={"SMARTKASA_API_KEY": ""})

    told = [re.fullmatch(r"(\w+) +(\w{8}): (\d+) available", line) for line in printed.splitlines()]
    kinds, products, available = zip(*[found.groups() for found in told if found], strict=True)
    assert (status, errors) == (0, "")
    assert kinds == ("created", "created", "changed")
    assert len(set(products)) == 1
    # 2 pieces were ordered before; 3 are sold then, and the order that is paid moves from the promises to the count.
    assert int(available[0]) - int(available[1]) == 3
    assert available[1] == available[2]


def test_dashboard_shows_the_same_when_it_runs_again(tmp_path: Path) -> None:
    first, second = (
        run("-m", "examples.dashboard", folder=tmp_path, settings={"SMARTKASA_API_KEY": ""}) for _ in range(2)
    )

    assert (first[0], first[2]) == (0, "")
    assert first == second
    assert "2026-10-07, 2 shops: complete" in first[1]
    days = (tmp_path / "build" / "dashboard" / "by_day.csv").read_text("utf-8-sig").splitlines()
    assert len(days) == 1 + 13  # two shops on seven days, one of them closed on Sunday
    means = (tmp_path / "build" / "dashboard" / "by_means.csv").read_text("utf-8-sig").splitlines()
    net = [sum(Decimal(line.split(";")[place]) for line in lines[1:]) for lines, place in ((days, 3), (means, 0))]
    assert net[0] == net[1] > 0


@pytest.mark.parametrize("name", [file.stem for file in (PROJECT / "examples").glob("[!_]*.py")])
def test_every_example_is_known_here(name: str) -> None:
    known = {"accounting", "dashboard", "demo", "hierarchy", "loyalty", "make_catalogue", "mobile_till", "web_shop"}
    assert name in known, "add a test that runs it"
