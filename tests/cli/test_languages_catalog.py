"""What goes wrong with price lists, stock reports and journals, said whole in Ukrainian."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from smartkasa_async.catalog import ImportSummary
from smartkasa_async.cli.messages import translated, use_language
from smartkasa_async.sandbox import Simulation, simulate
from smartkasa_async.stock import StockSummary

if TYPE_CHECKING:
    from smartkasa_async.sandbox import Sandbox
    from tests.support.commandline import Cli

LIST = "Штрихкод;Назва;Ціна\n4820000000017;Хліб;25,50\n"
STOCK = "Штрихкод;Залишок\n4820000000017;7\n"
OPTIONS = "\nЯк читати прайс-лист, вказують параметри --header-row, --column ПОЛЕ=ЗАГОЛОВОК та інші: див. --help"
OFFER = '<offer id="{0}"><name>Товар {0}</name><price>10</price><vendorCode>{0}</vendorCode><description>{1}'
OFFER += "</description></offer>\n"


@pytest.fixture(autouse=True)
def sandbox(environment: Sandbox) -> Sandbox:
    """Let every test reach the sandbox."""
    return environment


@pytest.mark.parametrize(
    ("content", "words", "message"),
    [
        (b"%PDF-1.7", [], "list.csv: це документ PDF; попросіть прайс-лист у форматі XLSX або CSV"),
        (b"", [], "list.csv порожній; експортуйте прайс-лист знову"),
        (
            "Назва;Знижка\nХліб;5\n",
            [],
            (
                "list.csv: серед перших рядків (до 20) немає заголовків із полями назва, ціна, наприклад Назва, Ціна;"
                " файл починається з «Назва;Знижка» (прочитано як utf-8). Додайте заголовки або вкажіть їхній рядок"
                " (--header-row) і відповідність стовпців (--column)" + OPTIONS
            ),
        ),
        (
            "Назва;Ціна, USD\nХліб;5\n",
            ["--header-row", "1"],
            (
                "list.csv: серед стовпців «Назва», «Ціна, USD» бракує: ціна; «Ціна, USD» не в гривнях:"
                " перерахуйте ціни або вкажіть --currency UAH, якщо заголовок хибний" + OPTIONS
            ),
        ),
        (
            LIST,
            ["--column", "price=9", "--header-row", "1"],
            "list.csv: за --column поле «ціна» береться зі стовпця 9; усього стовпців: 3" + OPTIONS,
        ),
        (
            LIST,
            ["--encoding", "klingon"],
            "--encoding має значення 'klingon'; вкажіть кодування, наприклад utf-8 або cp1251",
        ),
        (LIST, ["--delete-limit", "5"], "--delete-limit можна лише з --delete-missing"),
    ],
)
def test_price_list_that_cannot_be_imported(content: bytes | str, words: list[str], message: str, cli: Cli) -> None:
    Path("list.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    result = cli("products", "import", "list.csv", *words, "--lang", "uk")
    assert (result.code, result.err) == (2, f"Помилка: {message}\n")


def test_journal_of_another_import(cli: Cli) -> None:
    Path("list.csv").write_text(LIST, "utf-8")
    with closing(sqlite3.connect("other.journal")) as connection:
        connection.execute("CREATE TABLE notes (text)")
    result = cli("products", "import", "list.csv", "--journal", "other.journal", "--quiet", "--lang", "uk")
    assert (result.code, result.err) == (
        2,
        "Помилка: other.journal є базою даних іншої програми; вкажіть для журналу окремий файл\n",
    )


def test_import_that_stops_tells_what_was_done_and_why(cli: Cli) -> None:
    offers = "".join(OFFER.format(number, "x" * 1000) for number in range(1, 201))
    Path("feed.xml").write_text(f"<yml_catalog><shop><offers>\n{offers}</shop></yml_catalog>", "utf-8")
    words = ("--key", "alter_number", "--batch-size", "2", "--concurrency", "1", "--quiet", "--json", "--lang", "uk")
    result = cli("products", "import", "feed.xml", *words)
    summary, _sign, reason = result.error["message"].partition(". Причина: ")
    assert result.code == 2
    assert summary == "Імпорт зупинено, опрацьовано 168 рядків (створено: 168, відхилено: 0)"
    assert reason == "feed.xml не є правильним XML: теги не сходяться: рядок 202, стовпець 2; експортуйте фід знову"


def test_undo_file_that_is_there_already(environment: Sandbox, cli: Cli) -> None:
    environment.load(simulate(Simulation(shops=1, days=1)))
    shop = str(environment.rows("shops")[0]["id"])
    Path("stock.csv").write_text(STOCK, "utf-8")
    Path("undo.csv").touch()
    words = ("products", "stock", "stock.csv", "--shop", shop, "--undo", "undo.csv")
    assert cli(*words, "--lang", "uk").err == (
        "Помилка: undo.csv не можна використати: такий файл уже є й може знадобитися, щоб скасувати попередню"
        " синхронізацію залишків; вкажіть для файлу скасування іншу назву\n"
    )
    result = cli(*words)
    assert (result.code, result.err) == (
        2,
        (
            "Error: undo.csv cannot be used: it is there already and may be needed to undo an earlier sync; give the"
            " undo file another name\n"
        ),
    )


def test_file_that_is_no_undo_file(cli: Cli) -> None:
    Path("stock.csv").write_text(STOCK, "utf-8")
    result = cli("products", "stock", "--undo-from", "stock.csv", "--lang", "uk")
    assert (result.code, result.err) == (
        2,
        (
            "Помилка: stock.csv не є файлом скасування: він не починається з Картка;Товар;Магазин;Ключ;Назва;Залишок"
            " до;Залишок після; вкажіть файл у тому вигляді, у якому його записано через smartkasa products stock"
            " --undo\n"
        ),
    )


@pytest.mark.parametrize(
    ("summary", "english", "ukrainian"),
    [
        (ImportSummary(), "0 created, 0 rejected", "створено: 0, відхилено: 0"),
        (
            ImportSummary(updated=2, conflict=1, in_doubt=3, dry_run=True),
            "dry run: 0 created, 2 updated, 0 rejected, 1 conflict, 3 in doubt",
            "пробний запуск: створено: 0, змінено: 2, відхилено: 0, конфліктів: 1, під питанням: 3",
        ),
        (StockSummary(), "no rows", "рядків немає"),
        (
            StockSummary(unchanged=4, changed=1, deleted=2),
            "4 unchanged, 2 deleted, 1 changed meanwhile",
            "без змін: 4, видалено: 2, змінилися тим часом: 1",
        ),
    ],
)
def test_counts_are_said_in_one_line(summary: ImportSummary | StockSummary, english: str, ukrainian: str) -> None:
    assert summary.describe() == english
    use_language("uk")
    assert translated(summary.describe()) == ukrainian
