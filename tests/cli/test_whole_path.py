"""The whole path of a shopkeeper's integrator, by commands only, in a real terminal, against the sandbox."""

from __future__ import annotations

import csv
import io
import re
import sqlite3
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from examples.make_catalogue import FAULTS, ROWS, _barcode
from smartkasa_async.sandbox import Simulation, simulate
from tests.support.working_store import drop_receipt

if TYPE_CHECKING:
    from smartkasa_async.sandbox import Business, Sandbox

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")

CATALOGUE = Path(__file__).parents[2] / "examples" / "catalogue.csv"
SPAN = ("--start", "2026-10-01", "--end", "2026-10-07")
FIXED = (
    ("Назва", "Кава мелена 250 г"),
    ("Ціна", "17,50"),
    ("Ціна", "39,00"),
    ("Штрихкод", _barcode(571)),
    ("Штрихкод", _barcode(740)),
    ("Штрихкод", _barcode(909)),
    ("Штрихкод", _barcode(1078)),
    ("Од.", "шт"),
    ("Ставка ПДВ", "20%"),
    ("Ціна", "31,00"),
    (None, "упаковка 6 шт"),
    ("Ціна", "12,35"),
    ("Код УКТЗЕД", "2309101100"),
    ("Закупівельна ціна", "4,50"),
)
"""What a shopkeeper writes into each rejected row, in their order."""


@pytest.fixture
def business(box: Sandbox) -> Business:
    """Fill the sandbox with a week of three shops."""
    made = simulate(Simulation(seed=5, shops=3, start=date(2026, 10, 1), days=7))
    box.load(made)
    return made


def run(*words: str) -> tuple[int, str]:
    from tests.support.terminal import Terminal  # noqa: PLC0415  (not on Windows)

    with Terminal(*words) as terminal:
        code = terminal.end()
        return code, terminal.text


def import_shown(file: str, *words: str) -> tuple[int, str]:
    """Import a price list, and say that it is shown right."""
    from tests.support.terminal import Terminal  # noqa: PLC0415  (not on Windows)

    with Terminal("products", "import", file, *words) as terminal:
        terminal.wait_for(r"Is this right\? \(y/n\) ")
        terminal.type("y\n")
        code = terminal.end()
        return code, terminal.text


def log_in(box: Sandbox) -> str:
    from tests.support.terminal import Terminal  # noqa: PLC0415  (not on Windows)

    with Terminal("login", "--base-url", box.url) as terminal:
        for question, answer in (
            ("API key: ", box.api_key),
            ("0971234567: ", box.phone_number),
            ("Password: ", box.password),
        ):
            terminal.wait_for(question)
            terminal.type(f"{answer}\n")
        assert terminal.end() == 0
        return terminal.text


def fix(path: Path) -> None:
    """Write right values into the rejected rows, as a shopkeeper does in a spreadsheet program."""
    rows = list(csv.reader(io.StringIO(path.read_text("cp1251")), delimiter=";"))
    headers = rows[0]
    for row, (column, value) in zip(rows[1:], FIXED, strict=True):
        if column is None:
            row.remove(value)
        else:
            row[headers.index(column)] = value
    with path.open("w", encoding="cp1251", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)


def test_whole_path(box: Sandbox, business: Business) -> None:
    shown = [log_in(box)]
    assert "Logged in as 3809" in shown[0]

    code, text = run("doctor")
    shown.append(text)
    assert code == 0, text
    assert f"{box.url} answers" in text

    known = {row["id"] for row in box.rows("products")}
    Path("price-list.csv").write_bytes(CATALOGUE.read_bytes())
    code, text = import_shown("price-list.csv")
    shown.append(text)
    assert code == 1
    assert "encoding cp1251" in text
    assert "column 5 «Ціна» → price" in text
    assert text.count("\nline ") == len(FAULTS)
    assert "«за запитом»: not a number" in text
    assert "price-list.rejected.csv; fix them there" in text
    assert len([row for row in box.rows("products") if row["id"] not in known]) == ROWS - len(FAULTS)

    fix(Path("price-list.rejected.csv"))
    code, text = import_shown("price-list.rejected.csv", "--late-write-window", "0")
    shown.append(text)
    assert code == 0, text
    assert re.search(rf"created +{len(FAULTS)}\n", text)
    created = [row for row in box.rows("products") if row["id"] not in known]
    assert len(created) == len({row["number"] for row in created}) == ROWS

    code, text = run("receipts", "sync", *SPAN)
    shown.append(text)
    assert code == 0, text
    for shop in business.summary.values():
        assert f"{shop.sales_total:.2f}" in text
    assert stored("SELECT count(*) FROM receipts") == len(box.rows("receipts"))
    assert Decimal(stored("SELECT sum(total_amount) FROM receipts")) / 10000 == sum(
        Decimal(str(row["total_amount"])) for row in box.rows("receipts")
    )

    code, text = run("reports", "z", *SPAN)
    shown.append(text)
    assert code == 0, text
    assert stored("SELECT count(*) FROM z_reports") == len(box.rows("z_reports"))
    code, text = run("reports", "sales", *SPAN, "--top", "3")
    shown.append(text)
    assert code == 0, text

    code, text = run("reports", "reconcile", *SPAN)
    shown.append(text)
    assert code == 0, text
    assert "All shops" in text
    assert "Difference" not in text

    code, text = run("reports", "html", "page.html", *SPAN, "--lang", "uk")
    shown.append(text)
    assert code == 0, text
    assert "page.html" in text
    assert Path("page.html").read_text("utf-8").casefold().startswith("<!doctype html>")

    assert [secret for secret in (box.password, box.api_key) if secret in "".join(shown)] == []


def stored(query: str) -> int:
    with sqlite3.connect("smartkasa.sqlite") as connection:
        return int(connection.execute(query).fetchone()[0])


def test_reconciliation_finds_a_receipt_that_is_missing(box: Sandbox, business: Business) -> None:
    log_in(box)
    assert run("receipts", "sync", *SPAN)[0] == 0
    assert run("reports", "z", *SPAN)[0] == 0
    drop_receipt()
    code, text = run("reports", "reconcile", *SPAN, "--csv", "differences.csv", "--lang", "uk")
    assert code == 1
    assert "Розбіжність: " in text
    assert "receipt_missing" in Path("differences.csv").read_text("utf-8-sig")
