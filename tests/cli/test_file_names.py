"""Files whose names are not UTF-8, as archives of Windows leave them: taken, written and shown by every command."""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from smartkasa_async.sandbox import Sandbox, Simulation, simulate
from tests.support.processes import finished

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.commandline import Cli

NAME = os.fsdecode("прайс".encode("cp1251"))
SHOWN = NAME.encode("utf-8", "backslashreplace").decode()
DAY = ("--start", "2026-10-01", "--end", "2026-10-01")
STORE = ("--store", f"{NAME}.sqlite")
GOOD, BAD = "4823012345039", "4823012345046"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="names are Unicode there")


@pytest.fixture(scope="module")
def business() -> Iterator[Sandbox]:
    with Sandbox().in_thread() as sandbox:
        sandbox.load(simulate(Simulation(shops=1, days=1, start=dt.date(2026, 10, 1))))
        yield sandbox


@pytest.fixture
def shop(business: Sandbox, monkeypatch: pytest.MonkeyPatch) -> str:
    """Put a simulated shop's credentials into the environment, files of odd names into the folder; give its id."""
    for name, value in business.credentials.items():
        monkeypatch.setenv(f"SMARTKASA_{name.upper()}", str(value))
    monkeypatch.setenv("SMARTKASA_LATE_WRITE_WINDOW", "0.01")
    Path(f"{NAME}.csv").write_text(
        f"Штрихкод;Назва;Ціна;Залишок\n{GOOD};Кава мелена;9;5\n{BAD};Чай;дорого;5\n", "utf-8"
    )
    Path(f"{NAME}-mapping.toml").write_text('[fields]\ntitle = "Назва"\n', "utf-8")
    Path(f"{NAME}-config.toml").write_text('language = "uk"\n', "utf-8")
    Path(f"{NAME}-other.csv").write_text("x;y\n1;2\n", "utf-8")
    Path(f"{NAME}.xlsx").write_bytes(b"PK\x03\x04 damaged")
    Path(f"{NAME}.xml").write_text("<rss/>", "utf-8")
    Path(f"{NAME}.pdf").write_bytes(b"%PDF-1.4")
    Path(f"{NAME}.jsonl").write_text('{"a": 1}\n', "utf-8")
    Path(f"{NAME}.json").write_text('{"title": "Кава", "price": "1"}', "utf-8")
    return str(business.rows("shops")[0]["id"])


def run(cli: Cli, *words: str, json_too: bool = False) -> tuple[int, str]:
    """Run a command for people, and for machines; give its exit status and what it said the first time."""
    first = cli(*words)
    if json_too:
        again = cli(*words, "--json")
        for line in (*again.out.splitlines(), *again.err.splitlines()[-1:]):
            json.loads(line)
    text = first.out + first.err
    text.encode()  # no half of a letter leaves the program
    assert "Traceback" not in text
    return first.code, text


@pytest.mark.parametrize(
    "options",
    [
        (), ("--rejected", f"{NAME}-rejected.csv"), ("--outcomes", f"{NAME}-outcomes.csv"), ("--dry-run",),
        ("--outcomes", f"{NAME}-outcomes.jsonl", "--journal", f"{NAME}.journal"), ("--mapping", f"{NAME}-mapping.toml"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("shop")
def test_a_price_list_is_imported_beside_files_of_such_names(cli: Cli, options: tuple[str, ...]) -> None:
    code, text = run(cli, "products", "import", f"{NAME}.csv", "--yes", *options, json_too=not options)

    assert code == 1  # for the row that is rejected
    assert SHOWN in text
    for name in options:
        assert not name.startswith(NAME) or Path(name).exists()
    if "--dry-run" not in options:
        assert any(path.name.startswith(NAME) and "rejected" in path.name for path in Path().iterdir())


@pytest.mark.parametrize(
    "words",
    [
        (f"{NAME}-other.csv",), (f"{NAME}-none.csv",), (f"{NAME}.xlsx",), (f"{NAME}.xml",), (f"{NAME}.pdf",),
        (f"{NAME}/none.csv",), (f"{NAME}.csv", "--rejected", f"{NAME}.csv"), (f"{NAME}.csv", "--encoding", NAME),
        (f"{NAME}.csv", "--mapping", f"{NAME}-none.toml"), (f"{NAME}.csv", "--mapping", f"{NAME}.csv"),
        (f"{NAME}.csv", "--column", f"title={NAME}"), (f"{NAME}.csv", "--preset", NAME), (f"{NAME}.csv", "--key", NAME),
        (f"{NAME}.csv", "--journal", f"{NAME}/none.journal"), (f"https://127.0.0.1:1/{NAME}.csv",),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("shop")
def test_what_cannot_be_imported_is_refused_in_words(cli: Cli, words: tuple[str, ...]) -> None:
    code, text = run(cli, "products", "import", *words, "--yes", json_too=True)

    assert code > 1
    assert 0 < len(text.splitlines()) <= 6


@pytest.mark.parametrize("name", [f"{NAME}.exported.csv", f"{NAME}.exported.jsonl"])
@pytest.mark.usefixtures("shop")
def test_the_catalogue_is_exported_into_such_a_file(cli: Cli, name: str) -> None:
    assert run(cli, "products", "export", name, json_too=True)[0] == 0
    assert Path(name).stat().st_size


def test_counts_are_set_from_such_a_file_and_undone_by_another(cli: Cli, shop: str) -> None:
    run(cli, "products", "import", f"{NAME}.csv", "--yes")
    code, _ = run(cli, "products", "stock", f"{NAME}.csv", "--shop", shop, "--undo", f"{NAME}.undo")

    assert code in {0, 1}
    assert run(cli, "products", "stock", "--undo-from", f"{NAME}.undo")[0] == 0
    assert run(cli, "products", "stock", "--undo-from", f"{NAME}.csv")[0] > 1


@pytest.mark.usefixtures("shop")
def test_a_store_of_such_a_name_is_filled_read_and_shown(cli: Cli) -> None:
    assert run(cli, "receipts", "sync", *STORE, *DAY)[0] == 0
    assert run(cli, "reports", "z", *STORE, *DAY)[0] == 0
    assert run(cli, "reports", "sales", *STORE, *DAY)[0] == 0
    assert run(cli, "receipts", "verify", *STORE, *DAY)[0] == 0
    assert run(cli, "receipts", "export", f"{NAME}-folder", *STORE, json_too=True)[0] == 0
    for report in ("reconcile", "compliance"):
        code, _ = run(cli, "reports", report, *STORE, *DAY, "--csv", f"{NAME}-{report}.csv", json_too=True)
        assert code in {0, 1}
        assert Path(f"{NAME}-{report}.csv").exists()
    assert run(cli, "reports", "html", f"{NAME}.html", *STORE, *DAY, json_too=True)[0] == 0
    assert Path(f"{NAME}.html").exists()
    by_address = ("--store", f"sqlite+aiosqlite:///{NAME}.sqlite")
    assert run(cli, "reports", "html", "page.html", *by_address, *DAY)[0] == 0


@pytest.mark.parametrize(
    "words",
    [
        ("reports", "html", "page.html", "--store", f"{NAME}-none.sqlite"),
        ("reports", "html", "page.html", "--store", f"{NAME}/none.sqlite"),
        ("reports", "html", "page.html", "--store", f"{NAME}.csv"),
        ("reports", "html", f"{NAME}/page.html", "--store", f"{NAME}.sqlite"),
        ("reports", "sales", "--store", f"sqlite+aiosqlite:///{NAME}/none.sqlite", *DAY),
        ("reports", "sales", "--store", f"postgresql+asyncpg://{NAME}@127.0.0.1:1/{NAME}", *DAY),
        ("receipts", "push", f"{NAME}.jsonl", "--journal", f"{NAME}.pushed"),
        ("receipts", "push", f"{NAME}-none.jsonl"),
        ("receipts", "sync", "--store", f"{NAME}.sqlite", "--start", NAME),
        ("receipts", "export", f"{NAME}.csv", "--store", f"{NAME}.sqlite"),
        ("products", "export", f"{NAME}.txt"),
        ("products", "export", f"{NAME}/list.csv"),
        ("products", NAME),
        ("products", "list", NAME),
        ("products", "list", "--limit", NAME),
        ("products", "list", f"--{NAME}"),
        ("call", NAME),
        ("call", "products.create", f'{{"title": "{NAME}"}}'),
        ("call", "products.list", "--query", f"q={NAME}"),
        ("completion", NAME),
        ("whoami", "--config", f"{NAME}-none.toml"),
        ("whoami", "--config", f"{NAME}.csv"),
        ("whoami", "--set", f"{NAME}=1"),
        (NAME,),
    ],
)
@pytest.mark.usefixtures("shop")
def test_what_cannot_be_done_is_said_in_words(cli: Cli, words: tuple[str, ...]) -> None:
    code, text = run(cli, *words)

    assert code > 0
    assert 0 < len(text.splitlines()) <= 6


@pytest.mark.parametrize(
    "words",
    [
        ("whoami", "--config", f"{NAME}-config.toml"),
        ("whoami", "--store", f"{NAME}.sqlite"),
        ("whoami", "--set", f"store={NAME}.sqlite"),
        ("products", "list", "--search", "кава"),
        ("call", "createProduct", f"@{NAME}.json"),
    ],
)
@pytest.mark.usefixtures("shop")
def test_settings_and_bodies_may_stand_in_such_files(cli: Cli, words: tuple[str, ...]) -> None:
    run(cli, *words, json_too=words[0] == "whoami")


@pytest.mark.parametrize("words", [("products", "list", "--search", NAME), ("products", "list", "--number", NAME)])
@pytest.mark.usefixtures("shop")
def test_text_that_is_not_utf_8_is_not_sent(cli: Cli, words: tuple[str, ...]) -> None:
    code, text = run(cli, *words)

    assert code > 0
    assert SHOWN in text or "UTF-8" in text


@pytest.mark.parametrize("name", [NAME, "прайс-лист"])
@pytest.mark.usefixtures("shop")
def test_names_are_shown_where_only_ascii_can_be(name: str) -> None:
    Path(f"{name}.csv").write_text(f"Штрихкод;Назва;Ціна\n{GOOD};Кава;9\n{BAD};Чай;дорого\n", "utf-8")
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    words = [sys.executable, "-m", "smartkasa_async", "products", "import", f"{name}.csv", "--yes"]

    for more in ([], ["--json"]):
        done = finished([*words, *more], env=os.environ | ascii_only)
        text = done.stdout + done.stderr

        assert (done.returncode, "Traceback" in text, text.isascii()) == (1, False, True)
        assert not more or json.loads(done.stdout)["rejected"] == 1
