"""`smartkasa products`: what is imported, what is told of it in which language, and what is left for fixing."""

from __future__ import annotations

import csv
import json
import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import pytest

from smartkasa_async._i18n.translate import LANGUAGES, in_language
from smartkasa_async.catalog.checks.taxes import parse_tax
from smartkasa_async.catalog.sending.plan import Mode
from smartkasa_async.catalog.source_location import KeyField
from smartkasa_async.catalog.sources.fields import field_of
from smartkasa_async.catalog.sources.layout import load_presets
from smartkasa_async.cli import progress
from smartkasa_async.cli.commands.products import KeyName, ModeName
from smartkasa_async.cli.options import PresetName
from smartkasa_async.cli.price_list import HEADERS, TAXES
from smartkasa_async.models import TaxGroup
from smartkasa_async.sandbox import Simulation, simulate
from smartkasa_async.sandbox.faults import Fault
from tests.support.price_files import write_xlsx

if TYPE_CHECKING:
    from smartkasa_async.sandbox import Sandbox
    from tests.support.commandline import Cli

BATCH = "/api/v1/inventory/products/batch"
AT_ONCE = ("--late-write-window", "0")
GOOD = "4820000000017;Хліб;25,50\n4820000000024;Батон;31,00\n"
BAD = "482000000003;Булка;12,00\n4820000000048;Калач;дорого\n"


@pytest.fixture(autouse=True)
def sandbox(environment: Sandbox) -> Sandbox:
    """Let every test reach the sandbox."""
    return environment


def price_list(rows: str = GOOD + BAD, name: str = "list.csv", headers: str = "Штрихкод;Назва;Ціна") -> str:
    Path(name).write_text(f"{headers}\n{rows}", "utf-8")
    return name


def numbers(box: Sandbox) -> list[str]:
    return sorted(row["number"] for row in box.rows("products"))


def journals(home: Path) -> list[str]:
    return [file.name for file in home.rglob("*.journal")]


def test_rejected_rows_are_told_and_kept_for_mending(box: Sandbox, cli: Cli, home: Path) -> None:
    result = cli("products", "import", price_list())
    assert result.code == 1
    assert numbers(box) == ["4820000000017", "4820000000024"]
    lines = result.out.splitlines()
    assert lines[0] == "list.csv:"
    assert lines[1].startswith("line 4, column «Штрихкод»: «482000000003»: ")
    assert lines[2] == "line 5, column «Ціна»: «дорого»: not a number; write it as 1299,50"
    assert lines[3:6] == ["rows      4", "created   2", "rejected  2"]
    assert "list.rejected.csv" in lines[6]
    assert "encoding utf-8" in result.err
    with Path("list.rejected.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))
    assert [row[2] for row in rows[1:]] == ["Булка", "Калач"]
    assert journals(home) == []


def test_reasons_are_told_in_the_language_that_is_chosen(cli: Cli) -> None:
    result = cli("products", "import", price_list(), "--lang", "uk")
    assert "\nрядок 5, стовпець «Ціна»: «дорого»: це не число; запишіть його як 1299,50" in result.out
    assert "відхилено  2" in result.out
    assert "кодування utf-8" in result.err
    assert Path("list.rejected.csv").read_text("utf-8").startswith("Причина")


def test_machines_get_one_document(cli: Cli) -> None:
    result = cli("products", "import", price_list(), "--json")
    told = result.document
    assert (result.code, result.err) == (1, "")
    assert {name: told[name] for name in ("rows", "created", "rejected", "dry_run", "rejected_file")} == {
        "rows": 4,
        "created": 2,
        "rejected": 2,
        "dry_run": False,
        "rejected_file": "list.rejected.csv",
    }
    assert told["source_info"]["delimiter"] == ";"
    problem = told["failed"][1]["problems"][0]
    assert (told["failed"][1]["row"], problem["code"], problem["value"]) == (4, "number_unreadable", "дорого")
    assert {"reason_en", "reason_uk"} <= set(problem)


def test_second_import_changes_nothing(box: Sandbox, cli: Cli) -> None:
    assert cli("products", "import", price_list(GOOD)).code == 0
    assert not Path("list.rejected.csv").exists()
    result = cli("products", "import", "list.csv", *AT_ONCE)
    assert (result.code, result.out.splitlines()) == (0, ["rows       2", "unchanged  2"])
    assert box.calls[f"POST {BATCH}"] == 1


def test_mended_rows_are_never_written_over(cli: Cli) -> None:
    cli("products", "import", price_list())
    Path("list.rejected.csv").write_text("my work", "utf-8")
    result = cli("products", "import", "list.csv", *AT_ONCE)
    assert "list.rejected-2.csv" in result.out
    assert Path("list.rejected.csv").read_text("utf-8") == "my work"
    cli("products", "import", "list.csv", *AT_ONCE, "--rejected", "list.rejected.csv")
    assert "Калач" in Path("list.rejected.csv").read_text("utf-8")


def test_dry_run_writes_nothing(box: Sandbox, cli: Cli) -> None:
    result = cli("products", "import", price_list(), "--dry-run")
    assert (result.code, box.rows("products")) == (1, [])
    assert "Dry run" in result.out
    assert cli("products", "import", price_list(GOOD), "--dry-run", "--json").document["created"] == 2


def test_all_outcomes_can_be_kept(cli: Cli) -> None:
    cli("products", "import", price_list(), "--outcomes", "all.jsonl")
    kinds = [json.loads(line)["kind"] for line in Path("all.jsonl").read_text("utf-8").splitlines()]
    assert sorted(kinds) == ["created", "created", "rejected", "rejected"]
    cli("products", "import", "list.csv", *AT_ONCE, "--outcomes", "all.csv", "--lang", "uk")
    assert "без змін" in Path("all.csv").read_text("utf-8-sig")


def test_warnings_are_told(cli: Cli) -> None:
    price_list("4820000000017;Хліб;20,00;30,00\n", headers="Штрихкод;Назва;Ціна;Закупівельна ціна")
    result = cli("products", "import", "list.csv")
    assert result.code == 0
    assert result.out.startswith("list.csv:\nwarning: line 2, ")
    assert len(cli("products", "import", "list.csv", *AT_ONCE, "--json").document["warnings"]) == 1


def test_layout_can_be_given(box: Sandbox, cli: Cli) -> None:
    text = "9\t4820000000017\tБатон\t1.250\n"
    Path("odd.csv").write_bytes(f"a\tb\tc\td\n{text}".encode("cp866"))
    words = ["--encoding", "cp866", "--delimiter", "tab", "--thousands", ".", "--preset", "none"]
    columns = ["--column", "number=b", "--column", "title=c", "--column", "price=4"]
    result = cli("products", "import", "odd.csv", *words, *columns)
    assert result.code == 0, result.out + result.err
    assert [(row["title"], float(row["price"])) for row in box.rows("products")] == [("Батон", 1250.0)]


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["--column", "price"], "--column FIELD=HEADER"),
        (["--column", "price=4", "--mapping", "x.toml"], "--column and --mapping exclude each other"),
        (["--column", "colour=4"], "no field colour"),
        (["--encoding", "klingon"], "--encoding is 'klingon'"),
        (["--delete-missing"], "--delete-missing goes with --mode mirror"),
        (["--mode", "destroy"], "upsert, create, mirror"),
        (["--batch-size", "0"], "--batch-size is 0"),
    ],
)
def test_wrong_options_are_told_before_anything_is_sent(words: list[str], part: str, box: Sandbox, cli: Cli) -> None:
    result = cli("products", "import", price_list(GOOD), *words)
    assert (result.code, part in result.err) == (2, True), result.err
    assert not any(call.startswith("POST /api/v1/inventory") for call in box.calls)


def test_file_that_is_no_price_list(cli: Cli) -> None:
    assert (cli("products", "import", "none.csv").code, "none.csv" in cli("products", "import", "none.csv").err) == (
        2,
        True,
    )
    Path("a.csv").write_text("x;y\n1;2\n")
    assert cli("products", "import", "a.csv").code == 2


def test_mirror_deletes_within_its_limit(box: Sandbox, cli: Cli) -> None:
    cli("products", "import", price_list(GOOD))
    price_list(GOOD.splitlines()[0] + "\n")
    result = cli("products", "import", "list.csv", *AT_ONCE, "--mode", "mirror", "--json")
    assert (result.code, result.document["missing"]) == (0, 1)
    result = cli(
        "products", "import", "list.csv", *AT_ONCE, "--mode", "mirror", "--delete-missing", "--delete-limit", "5"
    )
    assert (result.code, numbers(box)) == (0, ["4820000000017"])


def test_import_that_was_stopped_goes_on(box: Sandbox, cli: Cli, home: Path) -> None:
    rows = "".join(f"{barcode(number)};Товар {number};10,00\n" for number in range(1, 31))
    price_list(rows + BAD)
    box.faults.add(Fault("status", method="POST", path=BATCH, status=403, times=None, probability=0.13))
    result = cli("products", "import", "list.csv", "--batch-size", "2", "--concurrency", "1")
    box.faults.clear()
    assert result.code == 4
    assert "run the same command again" in result.err
    assert not Path("list.rejected.csv").exists()
    assert 0 < len(numbers(box)) < 30
    assert len(journals(home)) == 1
    result = cli("products", "import", "list.csv", "--batch-size", "5", "--late-write-window", "0.1", "--json")
    told = result.document
    assert (result.code, told["rows"], told["rejected"], told["in_doubt"]) == (1, 32, 2, 0), told["failed"]
    assert numbers(box) == sorted(barcode(number) for number in range(1, 31))
    assert journals(home) == []


def barcode(number: int) -> str:
    from smartkasa_async.catalog.checks.codes import check_digit  # noqa: PLC0415  (needs the test's rows only)

    body = f"48200{number:07}"
    return f"{body}{check_digit(body)}"


def test_log_gets_lines_of_progress(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_LINE_SECONDS", 0.0)
    price_list(GOOD)
    lines = [line for line in cli("products", "import", "list.csv").err.splitlines() if line.startswith("Products: ")]
    assert lines
    assert lines[-1].startswith("Products: 2 of 2, ")
    assert lines[-1].endswith(" left")
    assert "Products: " not in cli("products", "import", "list.csv", *AT_ONCE, "--quiet").err
    assert cli("products", "import", "list.csv", *AT_ONCE, "--json").err == ""


@pytest.mark.parametrize("form", ["xlsx", "yml"])
def test_rows_of_workbooks_and_offers_of_feeds_are_counted_beforehand(
    form: str, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_LINE_SECONDS", 0.0)
    rows = [[f"Чай {number}", "12.50", barcode(number)] for number in range(1, 4)]
    if form == "xlsx":
        write_xlsx(Path("list.xlsx"), {"Товари": [["Назва", "Ціна", "Штрихкод"], *rows]})
    else:
        offers = "".join(
            f"<offer id='{number}'><name>{title}</name><price>{price}</price><barcode>{number}</barcode></offer>"
            for title, price, number in rows
        )
        Path("list.yml").write_text(f"<yml_catalog><shop><offers>{offers}</offers></shop></yml_catalog>", "utf-8")
    lines = [line for line in cli("products", "import", f"list.{form}").err.splitlines() if "Products: " in line]
    assert lines
    assert all(re.match(r"Products: \d of 3, ", line) for line in lines), lines


@pytest.mark.parametrize(("name", "lang"), [("all.csv", "uk"), ("all.csv", "en"), ("all.jsonl", "en")])
def test_export_is_read_back_unchanged(name: str, lang: str, box: Sandbox, cli: Cli) -> None:
    box.load(simulate(Simulation(shops=1, days=1, start=date(2026, 10, 1))))
    box_rows = box.rows("products")
    result = cli("products", "export", name, "--lang", lang, "--json")
    assert result.document == {"file": name, "products": len(box_rows)}
    box.calls.clear()
    told = cli("products", "import", name, "--json").document
    assert (told["rows"], told["unchanged"]) == (len(box_rows), len(box_rows)), told["failed"][:3]
    assert [call for call in box.calls if not call.startswith("GET ")] in ([], ["POST /api/v1/auth/sessions"])
    assert box.rows("products") == box_rows
    assert not Path(f"{name}.part").exists()


def test_change_in_an_exported_price_list_is_brought_back(box: Sandbox, cli: Cli) -> None:
    cli("products", "import", price_list(GOOD))
    cli("products", "export", "all.csv", "--lang", "uk")
    text = Path("all.csv").read_text("utf-8-sig")
    assert "25,50" in text
    Path("all.csv").write_text(text.replace("25,50", "26,75"), "utf-8")
    result = cli("products", "import", "all.csv", *AT_ONCE, "--json")
    assert (result.document["updated"], result.document["unchanged"]) == (1, 1)
    assert sorted(float(row["price"]) for row in box.rows("products")) == [26.75, 31.0]


def test_price_list_that_is_not_understood_names_the_options(cli: Cli) -> None:
    file = price_list("Батон;20;25\n", headers="Назва;Ціна (опт);Стара ціна")
    result = cli("products", "import", file)
    assert (result.code, "--column FIELD=HEADER" in result.err) == (2, True), result.err


def test_options_are_not_named_for_the_name_of_a_file(cli: Cli) -> None:
    Path("currency mapping.csv").touch()
    result = cli("products", "import", "currency mapping.csv")
    assert (result.code, "currency mapping.csv" in result.err, "--column" in result.err) == (2, True, False), result.err


def test_export_refuses_forms_that_it_does_not_write(cli: Cli) -> None:
    result = cli("products", "export", "all.xlsx")
    assert (result.code, ".csv" in result.err) == (2, True)


def test_products_are_listed_by_filters(cli: Cli) -> None:
    cli("products", "import", price_list(GOOD))
    assert [row["title"] for row in cli("products", "list", "--json", "--number", "4820000000024").records] == ["Батон"]
    assert cli("products", "list", "--json", "--limit", "1").records[0]["price"] in {"25.5", "31.0"}
    out = cli("products", "list", "--search", "Хліб").out.splitlines()
    assert out[0].split() == ["Barcode", "Article", "Title", "Price", "Unit", "Id"]
    assert len(out) == 2
    assert "25.50" in out[1].split() or "31.00" in out[1].split(), "amounts have their kopecks"


def test_choices_are_those_of_the_library() -> None:
    assert set(get_args(KeyName)) == set(get_args(KeyField))
    assert set(get_args(ModeName)) == set(get_args(Mode))
    assert set(get_args(PresetName)) == {*load_presets(), "none"}


def test_headers_and_taxes_of_an_export_are_those_that_an_import_understands() -> None:
    headers = [(field, in_language(name, language)) for field, name in HEADERS.items() for language in LANGUAGES]
    assert [(field, header) for field, header in headers if field_of(header) != field] == []
    assert {group: parse_tax(text).group for group, text in TAXES.items()} == {group: group for group in TAXES}
    assert {*TAXES, TaxGroup.NONE} == set(TaxGroup)


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["--rejected", "list.csv"], "FILE and --rejected are the same file"),
        (["--outcomes", "./list.csv"], "FILE and --outcomes are the same file"),
        (["--outcomes", "a.csv", "--rejected", "a.csv"], "--rejected and --outcomes are the same file"),
        (["--journal", "a.csv", "--rejected", "a.csv"], "--journal and --rejected are the same file"),
        (["--outcomes", "gone/a.csv"], "--outcomes is gone/a.csv, and there is no folder gone"),
    ],
)
def test_no_file_is_written_over_another_or_nowhere(words: list[str], part: str, box: Sandbox, cli: Cli) -> None:
    price_list()
    before = Path("list.csv").read_bytes()
    result = cli("products", "import", "list.csv", "--dry-run", *words)
    assert (result.code, part in result.err) == (2, True), result.err
    assert Path("list.csv").read_bytes() == before
    assert not box.rows("products")


@pytest.mark.parametrize("place", [".", "/", ".."])
def test_folder_is_no_price_list(place: str, environment: Sandbox, cli: Cli) -> None:
    result = cli("products", "import", place)
    assert (result.code, f"{place} cannot be used: Is a directory" in result.err) == (2, True)


def test_a_dry_run_leaves_no_file_that_is_not_named(cli: Cli, home: Path) -> None:
    file = price_list()
    before = sorted(each for place in (Path(), home) for each in place.rglob("*"))

    told = cli("products", "import", file, "--dry-run")

    assert told.code == 1
    assert sorted(each for place in (Path(), home) for each in place.rglob("*")) == before
    assert "--rejected" in told.out
    assert cli("products", "import", file, "--dry-run", "--json").document["rejected_file"] is None
    named = cli("products", "import", file, "--dry-run", "--rejected", "wrong.csv")
    assert "wrong.csv" in named.out
    assert len(Path("wrong.csv").read_text("utf-8").splitlines()) == 3


def test_a_dry_run_leaves_a_file_alone_that_has_the_name_of_rejected_rows(cli: Cli) -> None:
    file = price_list()
    Path("list.rejected.csv").write_text("mine", "utf-8")
    told = cli("products", "import", file, "--dry-run", "--json").document
    assert (told["rejected_file"], Path("list.rejected.csv").read_text("utf-8")) == (None, "mine")
