"""Ctrl-C in the middle of an import, a sync and a watch, at a real keyboard: it ends cleanly, and goes on."""

from __future__ import annotations

import json
import re
import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from smartkasa_async.catalog.checks.codes import check_digit
from smartkasa_async.records import business_day
from smartkasa_async.sandbox import Simulation, simulate
from smartkasa_async.sandbox.faults import Fault
from tests.support.processes import running
from tests.support.warm_server import warm_python

if TYPE_CHECKING:
    from smartkasa_async.sandbox import Sandbox
    from tests.support.commandline import Cli

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")

PRODUCTS = "/api/v1/inventory/products"
BATCH = f"{PRODUCTS}/batch"
RECEIPTS = "/api/v1/pos/receipts"
COUNT = 200
START = business_day(datetime.now(UTC)) - timedelta(days=8)
MONTH = ("--start", "2026-10-01", "--end", "2026-10-31")
DONE = r"[ /](\d+)/(\d+)"


def interrupt(*words: str) -> str:
    """Run a command in a terminal, and press Ctrl-C when its bar shows that something is done."""
    from tests.support.terminal import CTRL_C, Terminal  # noqa: PLC0415  (not on Windows)

    with Terminal(*words, python=sys.executable) as terminal:
        while True:
            done, total = map(int, terminal.wait_for(DONE).groups())
            if done:
                break
        assert done < total
        terminal.type(CTRL_C)
        assert terminal.end() == 130
        assert "Interrupted." in terminal.text
        assert "Traceback" not in terminal.text
        return terminal.text


def barcodes() -> list[str]:
    bodies = [f"48200{number:07}" for number in range(1, COUNT + 1)]
    return [f"{body}{check_digit(body)}" for body in bodies]


def test_import_goes_on_and_sends_nothing_twice(environment: Sandbox, cli: Cli) -> None:
    rows = "".join(f"{number};Товар;10,00\n" for number in barcodes())
    Path("list.csv").write_text(f"Штрихкод;Назва;Ціна\n{rows}", "utf-8")
    environment.faults.add(Fault("delay", method="POST", path=BATCH, times=None, seconds=0.3))
    text = interrupt("products", "import", "list.csv", "--yes", "--batch-size", "10", "--concurrency", "1")
    assert "No row is sent twice" in text
    environment.faults.clear()
    before = len(environment.rows("products"))
    assert 0 < before < COUNT

    result = cli("products", "import", "list.csv", "--late-write-window", "0.5")
    assert (result.code, "Waiting 0.5 s: an earlier request may" in result.err) == (0, True), result.err
    assert re.search(rf"^rows +{COUNT}$", result.out, re.MULTILINE), result.out
    assert "in doubt" not in result.out
    assert sorted(row["number"] for row in environment.rows("products")) == sorted(barcodes())
    assert cli("products", "import", "list.csv", "--late-write-window", "0", "--json").document["unchanged"] == COUNT


def test_sync_goes_on_and_lacks_nothing(environment: Sandbox, cli: Cli) -> None:
    environment.load(simulate(Simulation(shops=2, days=31, start=date(2026, 10, 1), products=60)))
    environment.faults.add(Fault("delay", method="GET", path=RECEIPTS, times=None, seconds=0.15))
    text = interrupt("receipts", "sync", *MONTH, "--no-reference-data", "--set", "concurrency=1")
    assert "What was read is kept" in text
    environment.faults.clear()
    known = environment.calls[f"GET {RECEIPTS}"]

    result = cli("receipts", "sync", *MONTH, "--json")
    assert (result.code, result.document["complete"]) == (0, True)
    with sqlite3.connect("smartkasa.sqlite") as connection:
        kept = {row[0] for row in connection.execute("SELECT id FROM receipts")}
    assert kept == {row["id"] for row in environment.rows("receipts")}
    assert sum(shop["receipts"] for shop in result.document["shops"]) < len(kept), "nothing of the first run was kept"
    assert known > 0


def test_write_test_leaves_no_product(environment: Sandbox) -> None:
    from tests.support.terminal import CTRL_C, Terminal  # noqa: PLC0415  (not on Windows)

    environment.faults.add(Fault("delay", method="POST", path=PRODUCTS, seconds=0.5))
    with Terminal("doctor", "--write-test", python=sys.executable) as terminal:
        terminal.wait_for("The write test creates")
        terminal.type(CTRL_C)
        assert terminal.end() == 130
        text = " ".join(terminal.text.split())
    assert "Interrupted. The test product is not in the catalogue." in text
    assert environment.rows("products") == []


@pytest.mark.parametrize(
    ("number", "before"),
    [(signal.SIGINT, "default_int_handler"), (signal.SIGTERM, "default_int_handler"), (signal.SIGTERM, "SIG_IGN")],
    ids=["Ctrl-C", "terminated", "terminated in the background"],
)
def test_watch_ends_with_its_position_kept(number: signal.Signals, before: str, environment: Sandbox, cli: Cli) -> None:
    environment.load(simulate(Simulation(shops=1, days=8, start=START, products=30)))
    expected = {row["id"] for row in environment.rows("receipts")}
    words = ["receipts", "watch", "--start", f"{START}", "--days", "10", "--checkpoint", "watch.json", "--json"]
    command = f"import signal, sys; signal.signal(signal.SIGINT, signal.{before}); "
    command += "from smartkasa_async.cli import main; sys.exit(main())"
    with running([warm_python(), "-c", command, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as watch:
        assert watch.stdout is not None
        assert watch.stderr is not None
        told = [json.loads(watch.stdout.readline()) for _ in range(5)]
        watch.send_signal(number)  # it cannot be through, since nobody reads what a pipe has no room for
        told += [json.loads(line) for line in watch.stdout]
        err = watch.stderr.read()
    assert watch.returncode == 130
    assert re.search(r"Interrupted\.\n.*watch\.json", err), err
    assert len(told) < len(expected)
    again = cli(*words, "--limit", str(len(expected) - len(told))).records
    assert {change["receipt_id"] for change in (*told, *again)} == expected
