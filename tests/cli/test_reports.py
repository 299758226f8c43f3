"""`smartkasa reports`: Z-reports, best sellers, reconciliation, compliance and the page, from one store."""

from __future__ import annotations

import csv
import re
import shlex
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from smartkasa_async.cli import options, progress
from smartkasa_async.models import ReceiptState, ReceiptType
from smartkasa_async.sandbox import Simulation, simulate
from smartkasa_async.sandbox.faults import Fault
from tests.support.terminal import Terminal
from tests.support.working_store import change, drop_receipt

if TYPE_CHECKING:
    from smartkasa_async.sandbox import Business, Sandbox
    from tests.support.commandline import Cli

SPAN = ("--start", "2026-10-01", "--end", "2026-10-04")


@pytest.fixture(scope="module")
def made() -> Business:
    return simulate(Simulation(shops=2, days=4, start=date(2026, 10, 1), products=60))


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the store of the first test that brought the business into it, once there is one."""
    return tmp_path_factory.mktemp("synced") / "smartkasa.sqlite"


@pytest.fixture
def business(made: Business, synced: Path, environment: Sandbox, cli: Cli) -> Business:
    """Fill the sandbox with four days of two shops, and bring receipts and Z-reports into the store."""
    environment.load(made)
    if synced.exists():
        shutil.copy(synced, "smartkasa.sqlite")
        return made
    assert cli("receipts", "sync", *SPAN).code == 0
    assert cli("reports", "z", *SPAN).code == 0
    shutil.copy("smartkasa.sqlite", synced)
    return made


def test_z_reports_are_those_of_the_service(environment: Sandbox, business: Business, cli: Cli) -> None:
    told = cli("reports", "z", *SPAN, "--json").document
    assert {one["id"] for one in told["z_reports"]} == {row["id"] for row in environment.rows("z_reports")}
    for shop_id, shop in business.summary.items():
        own = [one for one in told["z_reports"] if one["shop_id"] == shop_id]
        assert len(own) == shop.z_reports
        assert sum(Decimal(one["sales"]) for one in own) == shop.sales_total
    out = cli("reports", "z", *SPAN).out
    assert all(f"{shop.sales_total:.2f}" in out for shop in business.summary.values())
    each = cli("reports", "z", *SPAN, "--each").out.splitlines()
    assert len(each) == len(told["z_reports"]) + 3
    assert each[-1].startswith("The store had all these days whole already; nothing was read. --refetch ")
    first = min(business.summary)
    one = cli("reports", "z", *SPAN, "--shop", f"{first}", "--json").document
    assert {each["shop_id"] for each in one["z_reports"]} == {first}


def test_z_reports_that_cannot_be_read_whole(environment: Sandbox, business: Business, cli: Cli) -> None:
    environment.faults.add(Fault("status", method="GET", path="/api/v1/reports/z-reports", status=404, times=None))
    result = cli("reports", "z", *SPAN, "--refetch")
    assert (result.code, "Incomplete: shop " in result.out) == (1, True)


def test_number_of_best_sellers_is_checked(business: Business, cli: Cli) -> None:
    result = cli("reports", "sales", *SPAN, "--top", "-1")
    assert (result.code, "--top is -1" in result.err) == (2, True)


def test_best_sellers_come_first(business: Business, cli: Cli) -> None:
    told = cli("reports", "sales", *SPAN, "--top", "1000", "--json").document
    amounts = [Decimal(one["amount"]) for one in told["products"]]
    assert amounts == sorted(amounts, reverse=True)
    assert len(amounts) == told["products_sold"]
    assert sum(amounts) == Decimal(told["total_amount"]) == sum(Decimal(shop["total_amount"]) for shop in told["shops"])
    result = cli("reports", "sales", *SPAN, "--top", "2", "--lang", "uk")
    lines = result.out.splitlines()
    assert (len(lines), lines[1].split()[:2]) == (5, ["Товар", "Штрихкод"])
    assert f"{Decimal(told['total_amount']):.2f} грн" in lines[-1]


def test_what_agrees(business: Business, cli: Cli) -> None:
    result = cli("reports", "reconcile", *SPAN)
    assert (result.code, "Difference" in result.out) == (0, False)
    told = cli("reports", "reconcile", *SPAN, "--json").document
    assert (told["ok"], told["differences"]) == (True, [])
    sums = sum((shop.sales_total for shop in business.summary.values()), Decimal(0))
    assert Decimal(told["totals"]["sales"]) == Decimal(told["totals"]["z_sales"]) == sums


def test_what_does_not_agree(business: Business, cli: Cli) -> None:
    drop_receipt()
    result = cli("reports", "reconcile", *SPAN, "--csv", "differences.csv", "--lang", "uk")
    assert result.code == 1
    assert result.out.count("Розбіжність: ") == 1
    assert "receipt_missing" in Path("differences.csv").read_text("utf-8-sig")
    told = cli("reports", "reconcile", *SPAN, "--json")
    assert (told.code, told.document["ok"]) == (1, False)
    (difference,) = told.document["differences"]
    assert difference["kind"] == "receipt_missing"
    assert Decimal(difference["amount"]) < 0


@pytest.mark.parametrize("command", [["reconcile", *SPAN], ["compliance"], ["html", "page.html", *SPAN]])
def test_empty_store_is_no_good_news(command: list[str], environment: Sandbox, cli: Cli) -> None:
    result = cli("reports", *command, "--store", "nothing.sqlite")
    assert result.code == 2
    assert "nothing.sqlite" in result.err
    assert "smartkasa receipts sync" in result.err


def test_shop_that_the_store_does_not_have(business: Business, cli: Cli) -> None:
    result = cli("reports", "reconcile", *SPAN, "--shop", "5")
    assert (result.code, "There is no shop 5" in result.err) == (2, True)


@pytest.mark.parametrize("command", [["reconcile"], ["compliance"], ["html", "page.html"]], ids=lambda words: words[0])
def test_days_of_which_nothing_was_synced_are_told(command: list[str], business: Business, cli: Cli) -> None:
    result = cli("reports", *command, "--month", "2026-01")
    assert result.code == 5, result.out
    assert "\nnot read: receipts of 2026-01-01…2026-01-31\n" in result.out
    assert "\n  smartkasa receipts sync --start 2026-01-01 --end 2026-01-31\n" in result.out
    assert "\n  smartkasa reports z --start 2026-01-01 --end 2026-01-31\n" in result.out
    told = cli("reports", *command, "--month", "2026-01", "--json")
    assert told.code == 5
    assert {(one["kind"], one["start"], one["end"]) for one in told.document["not_read"]} == {
        (kind, "2026-01-01", "2026-01-31") for kind in ("receipts", "z_reports")
    }


def test_commands_that_read_are_printed_as_they_have_to_be_pasted(business: Business, cli: Cli) -> None:
    cli("reports", "html", "page.html", *SPAN)
    shutil.copy("smartkasa.sqlite", "my store.sqlite")
    days = ("--start", "2026-10-01", "--end", "2026-10-06")
    result = cli("reports", "reconcile", *days, "--store", "my store.sqlite", "--lang", "uk")
    commands = [shlex.split(line)[1:] for line in result.out.splitlines() if line.startswith("  smartkasa")]
    assert (result.code, len(commands), "не прочитано: Z-звіти за 2026-10-05…2026-10-06" in result.out) == (5, 2, True)
    for command in commands:
        assert cli(*command).code == 0
    assert cli("reports", "reconcile", *days, "--store", "my store.sqlite").code == 0


def test_z_reports_that_were_never_read_are_no_breach(environment: Sandbox, cli: Cli) -> None:
    environment.load(simulate(Simulation(shops=1, days=2, start=date(2026, 10, 1), products=60)))
    days = ("--start", "2026-10-01", "--end", "2026-10-02")
    assert cli("receipts", "sync", *days).code == 0
    result = cli("reports", "reconcile", *days)
    assert (result.code, "Difference" in result.out) == (5, False)
    cells = result.out.splitlines()[2].split()
    assert (cells[-1], cells[-2], cells[-4]) == ("—", "—", "—")
    assert Decimal(cells[-5]) > 0
    for command in (["compliance", *days], ["html", "page.html", *days]):
        told = cli("reports", *command)
        assert (told.code, "smartkasa reports z --start 2026-10-01" in told.out) == (5, True)
        assert "receipts sync" not in told.out


def test_tolerances_are_options(business: Business, cli: Cli) -> None:
    change("UPDATE receipts SET tax_a = tax_a + 100 WHERE id = (SELECT max(id) FROM receipts WHERE tax_a > 10000)")
    assert cli("reports", "reconcile", *SPAN).code == 1
    assert cli("reports", "reconcile", *SPAN, "--tax-tolerance", "1").code == 0
    told = cli("reports", "html", "page.html", *SPAN, "--tax-tolerance", "1", "--shift-tolerance", "60", "--json")
    assert (told.code, told.document["differences"]) == (0, 0)
    assert cli("reports", "compliance", *SPAN, "--shift-tolerance", "60").code == 0
    for words in (["reconcile", *SPAN, "--tax-tolerance", "-1"], ["compliance", "--shift-tolerance", "-1"]):
        result = cli("reports", *words)
        assert (result.code, "tolerance is -" in result.err) == (2, True), result.err


def test_a_difference_counts_more_than_what_was_not_read(business: Business, cli: Cli) -> None:
    drop_receipt()
    assert cli("reports", "reconcile", "--start", "2026-10-01", "--end", "2026-10-10").code == 1


def test_compliance_wants_to_be_heard_while_something_can_be_done(business: Business, cli: Cli) -> None:
    assert cli("reports", "compliance", *SPAN).code == 0
    assert cli("reports", "compliance").code == 5, "nothing was read since"
    change(
        "UPDATE receipts SET fiscal_number = NULL WHERE type = ? AND state = ?",
        ReceiptType.SALE,
        ReceiptState.PAID,
    )
    result = cli("reports", "compliance", *SPAN, "--csv", "findings.csv", "--json")
    told = result.document
    assert (result.code, told["counts"]["now"] > 0) == (1, True)
    assert {one["kind"] for one in told["findings"]} == {"fiscal_number_missing"}
    assert told["findings"][0]["advice"]
    assert len(Path("findings.csv").read_text("utf-8-sig").splitlines()) == len(told["findings"]) + 1
    assert "без фіскального номера" in cli("reports", "compliance", "--lang", "uk").out.casefold()


@pytest.mark.parametrize("columns", [80, 40])
@pytest.mark.parametrize("command", [["reconcile", *SPAN], ["compliance", *SPAN]], ids=lambda words: str(words[0]))
def test_reports_fit_the_terminal(command: list[str], columns: int, business: Business, cli: Cli) -> None:
    change("DELETE FROM z_reports WHERE id = (SELECT min(id) FROM z_reports)")
    cells = set(cli("reports", *command).out.split())
    with Terminal("reports", *command, "--quiet", columns=columns) as terminal:
        assert terminal.end() == (1 if command[0] == "reconcile" else 0)
    lines = terminal.text.splitlines()
    assert max(map(len, lines)) <= columns
    figures = {cell for cell in cells if cell[0].isdigit()}
    assert figures <= set(" ".join(lines).split()), "figures, days and ids stay in one piece"


def test_findings_of_the_past_alone_are_no_alarm(business: Business, cli: Cli) -> None:
    change(
        "DELETE FROM receipts WHERE id = (SELECT id FROM receipts WHERE type = 0 ORDER BY created_at LIMIT 1 OFFSET 20)"
    )
    result = cli("reports", "compliance", *SPAN, "--json")
    kinds = {one["urgency"] for one in result.document["findings"]}
    assert (result.code, kinds <= {"past"}) == (0, True), result.document["findings"]


def test_log_is_told_how_much_is_left_and_which_part_it_is(
    business: Business, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_LINE_SECONDS", 0.0)
    told = cli("reports", "html", "page.html", *SPAN).err.splitlines()
    compared = cli("reports", "reconcile", *SPAN).err.splitlines()
    shifts = len(compared)
    assert shifts > 1
    assert compared[0].startswith(f"Shifts: 1 of {shifts}, ")
    assert compared[-1].startswith(f"Shifts: {shifts} of {shifts}, ")
    titles = list(dict.fromkeys(line.partition(":")[0] for line in told))
    assert titles == ["Fiscal rules …", "Shifts …", "Shifts", "Figures of the page …", "Writing the page …"]
    lines = cli("receipts", "export", "folder", "--format", "csv").err.splitlines()
    assert re.fullmatch(r"Rows: (\d+) of \1, .* 0:00 left", lines[-1])


def test_page_is_written_in_the_language_that_is_chosen(business: Business, cli: Cli) -> None:
    told = cli("reports", "html", "page.html", *SPAN, "--lang", "uk", "--json").document
    page = Path("page.html")
    assert (told["path"], told["size"]) == ("page.html", page.stat().st_size)
    assert '<html lang="uk"' in page.read_text("utf-8")
    result = cli("reports", "html", "page.html", *SPAN)
    assert result.out.splitlines()[1].split() == ["page.html", str(told["receipts"]), "0", "0"]


@pytest.mark.parametrize(
    "words", [["reconcile", *SPAN, "--csv", "smartkasa.sqlite"], ["compliance", "--csv", "smartkasa.sqlite"],
              ["html", "smartkasa.sqlite", *SPAN]],
    ids=lambda words: str(words[0]),
)  # fmt: skip
def test_store_is_never_written_over(words: list[str], business: Business, cli: Cli) -> None:
    result = cli("reports", *words)
    assert (result.code, "the same file, smartkasa.sqlite" in result.err) == (2, True), result.err
    assert Path("smartkasa.sqlite").read_bytes().startswith(b"SQLite format 3")


@pytest.mark.parametrize(
    "words", [["reconcile", *SPAN, "--csv", "gone/a.csv"], ["compliance", "--csv", "gone/a.csv"],
              ["html", "gone/a.html", *SPAN]],
    ids=lambda words: str(words[0]),
)  # fmt: skip
def test_folder_that_is_not_there_is_refused_before_the_work(words: list[str], business: Business, cli: Cli) -> None:
    result = cli("reports", *words)
    assert (result.code, "and there is no folder gone" in result.err, result.out) == (2, True, ""), result.err
    assert not Path("gone").exists()


@pytest.mark.parametrize(
    "words",
    [["reports", "z"], ["reports", "sales"], ["reports", "reconcile"], ["reports", "html", "page.html"],
     ["reports", "compliance"], ["receipts", "export", "folder"], ["receipts", "sync"]],
    ids=lambda words: str(words[1]),
)  # fmt: skip
def test_days_that_are_yet_to_come_are_not_whole(
    words: list[str], business: Business, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(options, "today", lambda: date(2026, 10, 4))
    for days in (["--month", "2026-11"], ["--start", "2026-10-05"], ["--start", "2026-10-05", "--end", "2026-10-06"]):
        result = cli(*words, *days)
        assert (result.code, "These days are yet to come: the first is 2026-1" in result.err) == (2, True), result.err
    assert cli(*words, "--start", "2026-10-03", "--end", "2026-10-31").code in {0, 1, 5}


@pytest.mark.parametrize(
    "words",
    [["reports", "reconcile", *SPAN], ["reports", "compliance"], ["reports", "html", "p.html", *SPAN],
     ["receipts", "export", "folder"]],
    ids=lambda words: str(words[1]),
)  # fmt: skip
def test_store_that_is_only_read_is_not_made(words: list[str], cli: Cli) -> None:
    result = cli(*words, "--store", "typo.sqlite")
    assert (result.code, "There is no store typo.sqlite" in result.err) == (2, True), result.err
    assert not Path("typo.sqlite").exists()


@pytest.mark.parametrize("command", [["reports", "reconcile"], ["reports", "compliance"]])
def test_commands_in_a_csv_read_into_the_store_that_was_looked_at(
    command: list[str], environment: Sandbox, cli: Cli
) -> None:
    environment.load(simulate(Simulation(shops=2, days=2, start=date(2026, 10, 1), products=60)))
    days = ("--start", "2026-10-01", "--end", "2026-10-02", "--store", "other.sqlite")
    assert cli("receipts", "sync", *days).code == 0
    assert cli(*command, *days, "--csv", "out.csv").code == 5

    with Path("out.csv").open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file, delimiter=";") for cell in row]
    commands = [match[0] for cell in cells if (match := re.search(r"smartkasa reports z .*", cell))]
    assert len(commands) == 2
    for each in commands:
        assert cli(*shlex.split(each)[1:]).code == 0
    assert cli(*command, *days).code == 0
