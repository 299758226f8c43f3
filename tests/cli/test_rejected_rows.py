"""Rows to be repaired come back in the form of their price list; a dry run leaves nothing behind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import python_calamine

from tests.support.price_files import write_ods, write_xlsx

if TYPE_CHECKING:
    from collections.abc import Callable

    from smartkasa_async.sandbox import Sandbox
    from tests.support.commandline import Cli

HEADERS = ["Штрихкод", "Назва", "Примітка", "Ціна"]
ROWS: list[list[Any]] = [
    HEADERS,
    ["4820000000017", "Хліб", "", 20.5],
    ["4820000000024", "Батон", "свіжий", "дорого"],
    ["4820000000031", "=Калач", "", -3.0],
]
AT_ONCE = ("--late-write-window", "0")


@pytest.fixture(autouse=True)
def sandbox(environment: Sandbox) -> Sandbox:
    return environment


def sheet_of(path: str) -> list[list[Any]]:
    return [list(row) for row in python_calamine.load_workbook(path).get_sheet_by_index(0).to_python()]


def write_workbook(path: str, rows: list[list[Any]]) -> None:
    write_xlsx(Path(path), {"Аркуш": rows})


@pytest.mark.parametrize(("name", "write"), [("list.xlsx", write_xlsx), ("list.ods", write_ods)])
def test_rows_of_a_workbook_come_back_in_one(name: str, write: Callable[..., Path], sandbox: Sandbox, cli: Cli) -> None:
    write(Path(name), {"Аркуш": ROWS})

    result = cli("products", "import", name)

    assert (result.code, "list.rejected.xlsx" in result.out) == (1, True), result.out + result.err
    headers, first, second = sheet_of("list.rejected.xlsx")
    assert headers == ["Reason of rejection", *HEADERS]
    assert first[1:] == ["4820000000024", "Батон", "свіжий", "дорого"]
    assert second[1:] == ["4820000000031", "=Калач", "", "-3"]
    first[4], second[4] = "31,50", "4"
    write_workbook("list.rejected.xlsx", [headers, first, second])

    repaired = cli("products", "import", "list.rejected.xlsx", *AT_ONCE)

    assert repaired.code == 0, repaired.out
    assert sorted(row["title"] for row in sandbox.rows("products")) == ["=Калач", "Батон", "Хліб"]
    assert not Path("list.rejected.rejected.xlsx").exists()


def test_rows_of_json_lines_come_back_as_such(sandbox: Sandbox, cli: Cli) -> None:
    records = [
        {"штрихкод": "4820000000017", "назва": "Хліб", "ціна": 20.5, "колір": "білий"},
        {"штрихкод": "4820000000024", "назва": "Батон", "ціна": "дорого"},
    ]
    Path("list.jsonl").write_text("".join(json.dumps(each) + "\n" for each in records), "utf-8")

    result = cli("products", "import", "list.jsonl", "--lang", "uk")

    assert (result.code, "list.rejected.jsonl" in result.out) == (1, True)
    (line,) = Path("list.rejected.jsonl").read_text("utf-8").splitlines()
    record = json.loads(line)
    assert "це не число" in record.pop("Причина відхилення")
    assert record == {"штрихкод": "4820000000024", "назва": "Батон", "ціна": "дорого"}
    Path("list.rejected.jsonl").write_text(line.replace("дорого", "31,50"), "utf-8")
    assert cli("products", "import", "list.rejected.jsonl", *AT_ONCE).code == 0
    assert sorted(float(row["price"]) for row in sandbox.rows("products")) == [20.5, 31.5]


def test_offers_of_a_feed_come_back_as_a_table(cli: Cli) -> None:
    offer = '<offer id="1"><name>Батон</name><price>дорого</price><barcode>4820000000024</barcode></offer>'
    Path("feed.xml").write_text(f"<yml_catalog><shop><offers>{offer}</offers></shop></yml_catalog>", "utf-8")

    assert cli("products", "import", "feed.xml").code == 1

    headers, row = Path("feed.rejected.csv").read_text("utf-8-sig").splitlines()
    assert headers.startswith("Reason of rejection;id;name;price;barcode")
    assert "Батон;дорого" in row


def test_the_form_that_is_asked_for_is_written(cli: Cli) -> None:
    Path("list.csv").write_text("Штрихкод;Назва;Ціна\n4820000000017;Хліб;дорого\n", "utf-8")

    cli("products", "import", "list.csv", "--rejected", "a.xlsx")

    assert sheet_of("a.xlsx")[1][2:] == ["Хліб", "дорого"]


@pytest.mark.parametrize("words", [(), ("--lang", "uk", "--json"), ("--mode", "mirror")])
@pytest.mark.parametrize("name", ["list.csv", "list.xlsx"])
def test_dry_run_leaves_nothing_behind(
    name: str, words: tuple[str, ...], tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    for variable in ("TMPDIR", "SQLITE_TMPDIR"):
        monkeypatch.setenv(variable, str(temporary))
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    if name.endswith(".csv"):
        Path(name).write_text("Штрихкод;Назва;Ціна\n4820000000017;Хліб;20\n4820000000024;Батон;дорого\n", "utf-8")
    else:
        write_xlsx(Path(name), {"Аркуш": ROWS})
    cli("products", "list")  # makes a session, which is kept
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    folders = {path for path in tmp_path.rglob("*") if path.is_dir()}

    result = cli("products", "import", name, "--dry-run", *words)

    assert result.code == 1, result.err
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    assert {path for path in tmp_path.rglob("*") if path.is_dir()} == folders


def test_dry_run_writes_the_files_that_it_is_asked_for(cli: Cli) -> None:
    Path("list.csv").write_text("Штрихкод;Назва;Ціна\n4820000000024;Батон;дорого\n", "utf-8")

    cli("products", "import", "list.csv", "--dry-run", "--rejected", "wrong.csv", "--outcomes", "all.csv")

    assert sorted(path.name for path in Path().iterdir()) == ["all.csv", "list.csv", "wrong.csv"]
