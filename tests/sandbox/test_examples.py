"""The examples, run as a user would."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from smartkasa_async.sandbox import Sandbox, Simulation, simulate

if TYPE_CHECKING:
    from collections.abc import Mapping

PROJECT = Path(__file__).parent.parent.parent
DEMO_WITH_ANOTHER_COUNT = """
import asyncio, sys
from examples import demo

demo.FOLDER.mkdir(parents=True)
demo.ROWS += 1
sys.exit(asyncio.run(demo.main()))
"""


def run(*arguments: str, folder: Path, settings: Mapping[str, str] | None = None) -> tuple[int, str, str]:
    """Run Python in a folder; return exit status, output and errors."""
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), "PYTHONIOENCODING": "utf-8", "COLUMNS": "80"}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-W", "error", *arguments],
        cwd=folder,
        env={**environment, **(settings or {})},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
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
    assert "wrong: " in printed


@pytest.mark.parametrize("name", [file.stem for file in (PROJECT / "examples").glob("[!_]*.py")])
def test_every_example_is_known_here(name: str) -> None:
    assert name in {"demo", "hierarchy", "make_catalogue"}, "add a test that runs it"
