"""`smartkasa receipts`: synced, pushed, watched and exported; what is told, and how it ends."""

from __future__ import annotations

import csv
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import pytest

from smartkasa_async import sync
from smartkasa_async._support import clock as _clock
from smartkasa_async.cli import options, progress
from smartkasa_async.cli.commands.receipts import TableName, ViewName
from smartkasa_async.sandbox import Simulation, simulate
from smartkasa_async.sandbox.faults import Fault
from smartkasa_async.stores.sources import TABLE_SOURCES, VIEW_SOURCES
from smartkasa_async.sync import ChangeKind, ReceiptChange, WatchError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from smartkasa_async.sandbox import Business, Sandbox
    from tests.support.commandline import Cli

LIST = "/api/v1/pos/receipts"
MONTH = ("--month", "2026-10")


@pytest.fixture(scope="module")
def made() -> Business:
    return simulate(Simulation(shops=2, days=3, start=date(2026, 10, 1), products=60))


@pytest.fixture
def business(made: Business, environment: Sandbox) -> Business:
    """Fill the sandbox with three days of two shops."""
    environment.load(made)
    return made


def queue(*changes: dict[str, Any], name: str = "queue.jsonl") -> str:
    """Write a queue of receipts of an own till, each with changes."""
    lines = []
    for number, change in enumerate(changes, start=1):
        receipt = {
            "total_amount": "21.00",
            "state": 2,
            "type": 0,
            "registrar_fiscal_number": "4000000001",
            "fiscal_number": f"{number:06}",
            "items": [{"name": "Кава", "price": 10.5, "quantity": "2", "amount": "21"}],
        }
        lines.append(json.dumps(receipt | change, ensure_ascii=False))
    Path(name).write_text("\n".join(lines) + "\n", "utf-8")
    return name


def test_sync_tells_a_line_for_each_shop(business: Business, cli: Cli) -> None:
    result = cli("receipts", "sync", *MONTH)
    assert result.code == 0, result.err
    for shop in business.summary.values():
        assert any(
            line.split()[-5:]
            == [str(shop.receipts), f"{shop.sales_total:.2f}", f"{shop.refunds_total:.2f}", "0", "yes"]
            for line in result.out.splitlines()
        ), result.out
    assert "stock cards" in result.out
    assert "Чеки за 2026-10-01…2026-10-31" in cli("receipts", "sync", *MONTH, "--lang", "uk").out


def test_sync_as_a_document(environment: Sandbox, business: Business, cli: Cli) -> None:
    told = cli("receipts", "sync", *MONTH, "--json").document
    assert told["window"] == {"start": "2026-10-01", "end": "2026-10-31"}
    assert [shop["sales"] for shop in told["shops"]] == [str(shop.sales_total) for shop in business.summary.values()]
    assert (told["ok"], told["complete"], told["quarantined"], len(told["reference_data"]["lists"])) == (
        True,
        True,
        0,
        7,
    )
    assert {len(shop[name].partition(".")[2]) for shop in told["shops"] for name in ("sales", "refunds")} == {2}
    environment.calls.clear()
    cli("receipts", "sync", *MONTH, "--no-reference-data", "--json")
    assert environment.calls[f"GET {LIST}"] == 2 * 5  # a second look at each week
    environment.calls.clear()
    again = cli("receipts", "sync", *MONTH, "--no-reference-data", "--json").document
    assert (again["reference_data"], environment.calls[f"GET {LIST}"]) == (None, 0)
    cli("receipts", "sync", *MONTH, "--no-reference-data", "--refetch")
    assert environment.calls[f"GET {LIST}"] > 0


def test_sync_of_one_shop_into_another_store(business: Business, cli: Cli) -> None:
    shop = str(min(business.summary))
    told = cli("receipts", "sync", *MONTH, "--shop", shop, "--store", "one.sqlite", "--json").document
    assert [one["shop_id"] for one in told["shops"]] == [int(shop)]
    assert Path("one.sqlite").exists()


def test_sync_keeps_history_where_it_is_asked_to(environment: Sandbox, business: Business, cli: Cli) -> None:
    export = ("receipts", "export", "out", "--view", "stock_by_day", "--format", "csv")
    assert cli("receipts", "sync", *MONTH).code == 0
    cli(*export)
    assert not [*Path("out").rglob("*.csv")]
    assert cli("receipts", "sync", *MONTH, "--history").code == 0
    (file,) = cli(*export, "--json").document["files"]
    assert file["rows"] == len(environment.rows("cards")) > 0
    result = cli("receipts", "sync", *MONTH, "--history", "--no-reference-data")
    assert (result.code, "give one of them" in result.err) == (2, True)


def test_window_that_cannot_be_read_whole_is_named(environment: Sandbox, business: Business, cli: Cli) -> None:
    environment.faults.add(Fault("status", method="GET", path=LIST, status=404, times=None))
    result = cli("receipts", "sync", *MONTH, "--no-reference-data")
    assert result.code == 1
    assert "Incomplete: shop " in result.out
    told = cli("receipts", "sync", *MONTH, "--no-reference-data", "--json")
    assert (told.code, told.document["complete"]) == (1, False)
    assert told.document["shops"][0]["incomplete"][0]["window"]["start"] == "2026-10-01"


def test_verify_tells_the_days_that_differ_and_reads_them_anew(
    environment: Sandbox, business: Business, cli: Cli
) -> None:
    assert cli("receipts", "verify", *MONTH).code == 2  # there is no store
    cli("receipts", "sync", *MONTH)
    agreed = cli("receipts", "verify", *MONTH)
    assert (agreed.code, agreed.out) == (
        0,
        f"The store agrees with the service: {len(business.rows['receipts'])} receipts.\n",
    )

    row = business.rows["receipts"][0]
    environment._running.storage.execute("DELETE FROM receipts WHERE id = ?", (row["id"],))
    told = cli("receipts", "verify", *MONTH)
    assert told.code == 1
    assert f"receipts sync --shop {row['shop_id']} --start " in told.out
    facts = cli("receipts", "verify", *MONTH, "--json").document
    assert (facts["ok"], [one["deleted"] for one in facts["differences"]]) == (False, [[row["id"]]])

    assert cli("receipts", "verify", *MONTH, "--refetch").code == 0
    assert cli("receipts", "verify", *MONTH).code == 0


def test_verify_says_of_days_that_were_never_read_which_command_reads_them(business: Business, cli: Cli) -> None:
    cli("receipts", "sync", "--start", "2026-10-02", "--end", "2026-10-02", "--store", "part.sqlite")
    told = cli("receipts", "verify", "--start", "2026-10-01", "--end", "2026-10-02", "--store", "part.sqlite")
    assert told.code == 5
    assert "not read: receipts of 2026-10-01" in told.out
    (command,) = [line.strip() for line in told.out.splitlines() if line.startswith("  smartkasa ")]
    assert command == "smartkasa receipts sync --start 2026-10-01 --end 2026-10-01 --store part.sqlite"

    assert cli(*command.split()[1:]).code == 0
    assert cli("receipts", "verify", "--start", "2026-10-01", "--end", "2026-10-02", "--store", "part.sqlite").code == 0


def test_verify_gives_one_command_for_days_that_follow_one_another(
    environment: Sandbox, business: Business, cli: Cli
) -> None:
    cli("receipts", "sync", *MONTH, "--store", "other.sqlite")
    environment._running.storage.execute("DELETE FROM receipts")
    told = cli("receipts", "verify", *MONTH, "--store", "other.sqlite")
    commands = [line for line in told.out.splitlines() if line.startswith("  smartkasa ")]
    shops = {row["shop_id"] for row in business.rows["receipts"]}
    assert (told.code, len(commands)) == (1, len(shops))
    assert all("--refetch --no-reference-data --store other.sqlite" in each for each in commands)


@pytest.mark.parametrize(
    "command", [["receipts", "sync", "--no-reference-data"], ["reports", "z"], ["reports", "sales"]]
)
def test_hours_between_the_clocks_stop_a_command_unless_they_are_accepted(
    command: list[str], business: Business, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_clock, "now", lambda: datetime.now(UTC) + timedelta(days=40))
    told = cli(*command, *MONTH)
    assert told.code == 2
    assert "By this machine's clock it is " in told.err
    assert "--accept-clock-skew" in told.err
    accepted = cli(*command, *MONTH, "--accept-clock-skew")
    assert accepted.code == 0
    assert "This machine's clock is 40 d 0 h ahead" in accepted.out


def test_log_gets_lines_of_progress(business: Business, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_LINE_SECONDS", 0.0)
    err = cli("receipts", "sync", *MONTH).err
    assert "Receipts, by spans of days: " in err
    assert "left" in err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--month", "2026-02"], ("2026-02-01", "2026-02-28")),
        (["--month", "2026-11"], ("2026-11-01", "2026-11-10")),
        (["--days", "7"], ("2026-11-04", "2026-11-10")),
        (["--days", "2", "--end", "yesterday"], ("2026-11-08", "2026-11-09")),
        (["--start", "yesterday"], ("2026-11-09", "2026-11-10")),
        (["--since", "вчора"], ("2026-11-09", "2026-11-10")),
        (["--since", "-7d", "--until", "yesterday"], ("2026-11-03", "2026-11-09")),
        (["--since=-1w"], ("2026-11-03", "2026-11-10")),
        (["--start", "01.10.2026", "--end", "2.10.2026"], ("2026-10-01", "2026-10-02")),
        (["--day", "yesterday"], ("2026-11-09", "2026-11-09")),
        (["--day", "31.10.2026"], ("2026-10-31", "2026-10-31")),
        (["--month", "last"], ("2026-10-01", "2026-10-31")),
        (["--month", "this"], ("2026-11-01", "2026-11-10")),
        (["--month", "10.2026"], ("2026-10-01", "2026-10-31")),
        (["--month", "10/2026"], ("2026-10-01", "2026-10-31")),
        (["--month", "жовтень"], ("2026-10-01", "2026-10-31")),
        (["--start", "2026-10-01", "--end", "2026-10-02"], ("2026-10-01", "2026-10-02")),
    ],
)
def test_days_that_cron_needs(
    words: list[str], expected: tuple[str, str], business: Business, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(options, "today", lambda: date(2026, 11, 10))
    window = cli("receipts", "sync", *words, "--no-reference-data", "--json").document["window"]
    assert (window["start"], window["end"]) == expected


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ([], "give --start, --days or --month"),
        (["--start", "soon"], "--start is 'soon'; give a day such as"),
        (["--start", "03/04/2026"], "--start is '03/04/2026'; give a day such as"),
        (["--day", "31.10"], "31.10.2026, today, yesterday, or -7d"),
        (["--day", "today", "--days", "2"], "--day and --days exclude each other"),
        (["--month", "last", "--day", "today"], "--month and --day exclude each other"),
        (["--month", "10.26"], "10.2026, october, this or last"),
        (["--month", "10"], "--month is '10'; give a month such as"),
        (["--days", "0"], "--days is 0"),
        (["--days", "99999999999"], "give a whole number from 1 to 36500"),
        (["--start", "0001-01-01"], "--start is '0001-01-01'; give a day such as"),
        (["--month", "9999-12"], "--month is '9999-12'; give a month such as"),
        (["--days", "7", "--start", "today"], "--days and --start exclude each other"),
        (["--month", "2026-10", "--end", "today"], "--month and --end exclude each other"),
        (["--start", "2026-10-02", "--end", "2026-10-01"], "before the first"),
        (["--month", "2026-10", "--lookback-days", "-1"], "lookback-days is -1"),
        (["--days", "99999"], "give a whole number from 1 to 36500"),
        (["--start", "2026-10-01", "--end", "9999-12-31"], "give a day such as"),
        (["--month", "0001-01"], "give a month such as"),
    ],
)
def test_days_that_cannot_be(words: list[str], part: str, environment: Sandbox, cli: Cli) -> None:
    result = cli("receipts", "sync", *words, "--no-reference-data")
    assert (result.code, part in result.err) == (2, True), result.err


def test_push_sends_each_receipt_once(environment: Sandbox, cli: Cli) -> None:
    result = cli("receipts", "push", queue({}, {}, {"total_amount": "20.00"}))
    assert result.code == 0, result.err
    assert "warning" not in result.err
    assert "\nwarning: receipt 3, 4000000001/000003: " in f"\n{result.out}"
    assert len(environment.rows("receipts")) == 3
    told = cli("receipts", "push", "queue.jsonl", "--json").document
    assert (told["receipts"], told["created"], told["already_there"]) == (3, 0, 3)
    assert len(environment.rows("receipts")) == 3


@pytest.mark.parametrize(
    ("journal", "part"),
    [("queue.jsonl", "FILE and --journal are the same file"), ("gone/a.journal", "and there is no folder gone")],
)
def test_push_has_a_place_for_its_journal(journal: str, part: str, environment: Sandbox, cli: Cli) -> None:
    before = Path(queue({})).read_bytes()
    result = cli("receipts", "push", "queue.jsonl", "--journal", journal)
    assert (result.code, part in result.err) == (2, True), result.err
    assert Path("queue.jsonl").read_bytes() == before
    assert not environment.rows("receipts")


def test_push_refuses_sums_on_request(environment: Sandbox, cli: Cli) -> None:
    words = ("receipts", "push", queue({}, {"total_amount": "20.00"}), "--totals", "refuse", "--lang", "uk")
    result = cli(*words)
    assert result.code == 1
    assert "чек 2, 4000000001/000002: " in result.out
    told = cli(*words, "--json").document
    assert (told["refused"], told["failed"][0]["position"]) == (1, 2)
    assert {row["fiscal_number"] for row in environment.rows("receipts")} == {"000001"}


def test_push_checks_every_line_before_it_sends(environment: Sandbox, cli: Cli) -> None:
    queue({}, {"total_amount": "much"}, {})
    with Path("queue.jsonl").open("a") as file:
        file.write("{half\n")
    result = cli("receipts", "push", "queue.jsonl")
    assert result.code == 2
    assert "queue.jsonl, line 2: " in result.err
    assert "queue.jsonl, line 4: " in result.err
    assert "Nothing was sent" in result.err
    assert environment.rows("receipts") == []


def test_push_tells_fields_that_it_leaves_out(environment: Sandbox, cli: Cli) -> None:
    result = cli("receipts", "push", queue({"totl": 1}), "--dry-run")
    assert (result.code, "totl" in result.out, environment.rows("receipts")) == (0, True, [])
    assert cli("receipts", "push", "queue.jsonl", "--dry-run", "--json").document["unknown_fields"] == {"totl": 1}


def test_accounts_have_journals_of_their_own(environment: Sandbox, cli: Cli, home: Path) -> None:
    cli("receipts", "push", queue({}))
    cli("receipts", "push", "queue.jsonl", "--profile", "other")
    assert len(list(home.rglob("receipts.journal"))) == 2


def test_watch_tells_each_change_with_its_receipt(environment: Sandbox, business: Business, cli: Cli) -> None:
    words = ("receipts", "watch", "--start", "2026-10-01", "--days", "400", "--limit", "3")
    records = cli(*words, "--json").records
    assert [record["kind"] for record in records] == ["created"] * 3
    known = {row["id"]: Decimal(str(row["total_amount"])) for row in environment.rows("receipts")}
    for record in records:
        assert Decimal(record["receipt"]["total_amount"]) == known[record["receipt_id"]]
        assert isinstance(record["receipt"]["total_amount"], str)
    out = cli(*words, "--lang", "uk").out.splitlines()
    assert (len(out), out[0].split()[2]) == (3, "створено")
    assert {record["receipt_id"] for record in records}.isdisjoint(line.split()[4] for line in out)


def test_watch_of_one_change_at_a_time_goes_forward(business: Business, cli: Cli) -> None:
    words = ("receipts", "watch", "--start", "2026-10-01", "--days", "400", "--limit", "1", "--json")
    told = [cli(*words).records[0]["receipt_id"] for _ in range(3)]
    assert len(set(told)) == 3


def test_watch_tells_codes_in_words(business: Business, cli: Cli) -> None:
    words = ("receipts", "watch", "--start", "2026-10-01", "--days", "400", "--limit", "20", "--lang", "uk")
    lines = cli(*words).out.splitlines()
    assert all(" внесення " in line or " продаж " in line or " повернення " in line for line in lines), lines
    assert all(" оплачено " in line for line in lines if " продаж " in line), lines
    assert all(line.split()[-2].partition(".")[2].isdigit() for line in lines), lines


def test_days_that_were_whole_already_are_told(business: Business, cli: Cli) -> None:
    assert "whole already" not in cli("receipts", "sync", "--start", "2026-10-01", "--end", "2026-10-01").out
    out = cli("receipts", "sync", "--start", "2026-10-01", "--end", "2026-10-02").out
    assert "\nWhole in the store already, and not read: 1 day of 2." in out
    out = cli("receipts", "sync", "--start", "2026-10-01", "--end", "2026-10-02").out
    assert "The store had all these days whole already; nothing was read. --refetch reads them anew." in out
    shop = min(business.summary)
    cli("receipts", "sync", "--start", "2026-10-03", "--end", "2026-10-03", "--shop", f"{shop}")
    out = cli("receipts", "sync", "--start", "2026-10-03", "--end", "2026-10-03").out
    assert "Крамниця №1: Whole in the store already, and not read: 1 day of 1." in out
    told = cli("receipts", "sync", "--start", "2026-10-03", "--end", "2026-10-03", "--json").document
    assert [each["days_known"] for each in told["shops"]] == [1, 1]


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_watch_tells_what_stands_in_its_way(
    words: list[str], environment: Sandbox, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def failing(*_client: object, on_error: Any, **_options: object) -> AsyncIterator[ReceiptChange]:
        on_error(WatchError("the connection broke", shop_id=7))
        yield ReceiptChange(ChangeKind.DELETED, 7, "a-receipt", None, None)

    monkeypatch.setattr(sync, "watch_receipts", failing)
    result = cli("receipts", "watch", *words)
    assert result.code == 0
    assert "a-receipt" in result.out
    if words:
        assert (result.error["error"], result.error["message"][:7]) == ("WatchError", "shop 7:")
    else:
        assert result.err == "Error: shop 7: the connection broke; it is read again with the next poll\n"


def test_export_writes_files_of_the_store(business: Business, cli: Cli) -> None:
    cli("receipts", "sync", *MONTH)
    told = cli("receipts", "export", "out", "--format", "csv", "--table", "receipts", "--table", "shops", "--json")
    assert told.code == 0, told.err
    files = {file["table"]: file for file in told.document["files"]}
    assert set(files) == {"receipts", "shops"}
    with Path(files["receipts"]["path"]).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert len(rows) == files["receipts"]["rows"] == sum(shop.receipts for shop in business.summary.values())
    result = cli("receipts", "export", "lines", "--format", "jsonl", *MONTH, "--lang", "uk")
    assert result.out.split()[:4] == ["Таблиця", "Місяць", "Рядків", "Файл"]


def test_export_tells_a_table_that_has_nothing(business: Business, cli: Cli) -> None:
    cli("receipts", "sync", *MONTH)
    told = cli("receipts", "export", "out", "--format", "csv", "--table", "shops", "--table", "product_sales")
    assert told.code == 5, told.err
    table, _, steps = told.out.partition("not read: product sales of 2026-10-01…2026-10-31")
    assert table.splitlines()[-1].split() == ["product_sales", "0"]
    assert "smartkasa reports sales --start 2026-10-01 --end 2026-10-31" in steps


def test_export_names_days_that_were_not_read(business: Business, cli: Cli) -> None:
    for day in ("2026-10-01", "2026-10-03"):
        cli("receipts", "sync", "--start", day, "--end", day)
    told = cli("receipts", "export", "out", "--format", "csv", "--json")
    assert (told.code, told.document["ok"], told.document["in_quarantine"]) == (5, False, 0)
    assert {(each["shop_id"], each["kind"], each["start"], each["end"]) for each in told.document["not_read"]} == {
        (shop, "receipts", "2026-10-02", "2026-10-02") for shop in business.summary
    }
    assert "smartkasa receipts sync --start 2026-10-02 --end 2026-10-02" in cli("receipts", "export", "out").out
    cli("receipts", "sync", "--start", "2026-10-02", "--end", "2026-10-02")
    assert cli("receipts", "export", "out").code == 0
    assert "2026-10-04…2026-10-31" in cli("receipts", "export", "out", "--month", "2026-10").out


def test_export_of_an_empty_store_is_refused(cli: Cli) -> None:
    result = cli("receipts", "export", "out")
    assert (result.code, "smartkasa receipts sync" in result.err) == (2, True)


def test_tables_are_those_of_the_library() -> None:
    assert get_args(TableName) == tuple(TABLE_SOURCES)
    assert get_args(ViewName) == tuple(VIEW_SOURCES)
