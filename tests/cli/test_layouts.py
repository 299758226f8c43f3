"""How a price list is read: shown and asked for on a terminal, remembered, and refused where it is in doubt."""

from __future__ import annotations

import json
import re
import sys
from datetime import date
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async.catalog import Choice, Doubt, SourceDoubtfulError, preview_source
from smartkasa_async.cli import layout_confirmation
from smartkasa_async.cli.messages import use_language
from smartkasa_async.cli.options import LayoutOptions
from smartkasa_async.sandbox import Simulation, simulate

if TYPE_CHECKING:
    from smartkasa_async.catalog import Layout, Preview
    from smartkasa_async.sandbox import Sandbox
    from tests.support.commandline import Cli, Result

AT_ONCE = ("--late-write-window", "0")
CLEAR = "Штрихкод;Назва;Категорія;Ціна;Од.;Ставка ПДВ;Залишок\n4820000000017;Хліб;Хліб;25,50;шт;20%;14\n"
TWO_PRICES = "Штрихкод;Назва;Ціна 1;Ціна 2\n4820000000017;Хліб;25,50;20,00\n4820000000024;Батон;31,00;28,00\n"


@pytest.fixture(autouse=True)
def sandbox(environment: Sandbox) -> Sandbox:
    """Let every test reach the sandbox."""
    return environment


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let somebody sit at a terminal, who types what a test gives as standard input."""
    monkeypatch.setattr(layout_confirmation, "can_ask", lambda: True)


def write(text: str, name: str = "list.csv", encoding: str = "utf-8") -> str:
    Path(name).write_bytes(text.encode(encoding))
    return name


def prices(box: Sandbox) -> dict[str, Decimal]:
    return {row["title"]: Decimal(str(row["price"])) for row in box.rows("products")}


def import_(cli: Cli, file: str, *words: str, answers: str = "") -> Result:
    return cli("products", "import", file, *AT_ONCE, *words, stdin=answers)


def layouts(home: Path) -> list[Path]:
    return sorted(home.glob("state/smartkasa/layouts/*.json"))


@pytest.mark.usefixtures("person")
def test_a_layout_is_shown_with_rows_as_they_would_arrive_and_asked_for(box: Sandbox, cli: Cli) -> None:
    result = import_(cli, write(CLEAR), answers="y\n")

    assert result.code == 0, result.err
    assert "encoding utf-8, fields separated by «;»" in result.err
    assert "column 4 «Ціна» → price" in result.err
    assert "Is this right? (y/n) " in result.err
    heading, row = result.out.splitlines()[1:3]
    assert heading.split() == ["Line", "Title", "Price", "Barcode", "Stock", "Unit", "Tax", "Category"]
    assert row.split() == ["2", "Хліб", "25.50", "4820000000017", "14", "шт", "20%", "Хліб"]
    assert prices(box) == {"Хліб": Decimal("25.5")}
    assert result.err.count("column 4 «Ціна» → price") == 1


@pytest.mark.usefixtures("person")
@pytest.mark.parametrize("answers", ["n\n", "what?\nні\n", ""])
def test_nothing_is_sent_if_it_is_not_confirmed(box: Sandbox, cli: Cli, home: Path, answers: str) -> None:
    result = import_(cli, write(CLEAR), answers=answers)

    assert result.code == 2
    assert "Nothing was sent" in result.err
    assert "--column FIELD=HEADER" in result.err
    assert (prices(box), layouts(home)) == ({}, [])


@pytest.mark.usefixtures("person")
def test_what_is_in_doubt_is_a_question_with_its_choices(box: Sandbox, cli: Cli) -> None:
    result = import_(cli, write(TWO_PRICES), answers="3\nx\n2\ny\n")

    assert result.code == 0, result.err
    assert "column 3 «Ціна 1» → price ?" in result.err
    assert "? which column is «price»?\n  1  «Ціна 1»  (25,50, 31,00)\n  2  «Ціна 2»  (20,00, 28,00)\n" in result.err
    assert "column 4 «Ціна 2» → price\n" in result.err
    assert prices(box) == {"Хліб": Decimal(20), "Батон": Decimal(28)}


@pytest.mark.usefixtures("person")
def test_what_a_mark_means_is_asked(box: Sandbox, cli: Cli) -> None:
    file = write("Штрихкод;Назва;Ціна\n4820000000017;Ноутбук;25,500\n")
    result = import_(cli, file, answers="2\ny\n")

    assert result.code == 0, result.err
    assert "1  25,500 = 25.500\n  2  25,500 = 25500\n" in result.err
    assert prices(box) == {"Ноутбук": Decimal(25500)}


@pytest.mark.usefixtures("person")
def test_everything_is_asked_in_ukrainian(box: Sandbox, cli: Cli) -> None:
    result = import_(cli, write(TWO_PRICES), "--lang", "uk", answers="1\nтак\n")

    assert result.code == 0, result.err
    assert "стовпець 3 «Ціна 1» → ціна ?" in result.err
    assert "? який стовпець — «ціна»?" in result.err
    assert "Номер від 1 до 2 або н, щоб зупинитися: " in result.err
    assert "Усе правильно? (т/н) " in result.err
    assert result.out.splitlines()[1].split() == ["Рядок", "Назва", "Ціна", "Штрихкод"]
    assert prices(box)["Хліб"] == Decimal("25.5")


@pytest.mark.usefixtures("person")
def test_a_confirmed_layout_is_remembered_by_its_headers(box: Sandbox, cli: Cli, home: Path) -> None:
    assert import_(cli, write(TWO_PRICES), answers="2\ny\n").code == 0
    again = write(TWO_PRICES.replace("28,00", "29,00"), "other-name.csv", "cp1251")
    asked = import_(cli, again, answers="y\n")
    assert "Is this right?" in asked.err, "the letters are encoded otherwise"
    assert "which column" not in asked.err

    silent = import_(cli, again)
    assert silent.code == 0, silent.err
    assert "Read as confirmed before; --forget-layout" in silent.err
    assert prices(box) == {"Хліб": Decimal(20), "Батон": Decimal(29)}
    (kept,) = layouts(home)
    assert kept.parent.stat().st_mode & 0o077 == 0 or sys.platform == "win32"


@pytest.mark.usefixtures("person")
def test_other_headers_are_asked_about(box: Sandbox, cli: Cli) -> None:
    import_(cli, write(CLEAR), answers="y\n")

    other = import_(cli, write(CLEAR.replace("Назва", "Найменування")), answers="n\n")
    assert (other.code, "Is this right?" in other.err) == (2, True)


def test_what_was_confirmed_holds_where_nobody_can_be_asked(
    box: Sandbox, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(layout_confirmation, "can_ask", lambda: True)
        assert import_(cli, write(TWO_PRICES), "--dry-run", answers="2\ny\n").code == 0
    assert prices(box) == {}

    result = import_(cli, write(TWO_PRICES))
    assert result.code == 0, result.err
    assert "column 4 «Ціна 2» → price" in result.err
    assert prices(box) == {"Хліб": Decimal(20), "Батон": Decimal(28)}


def test_what_a_mark_was_said_to_mean_answers_the_same_doubt_only(
    box: Sandbox, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = "Штрихкод;Назва;Ціна\n"
    with monkeypatch.context() as patch:
        patch.setattr(layout_confirmation, "can_ask", lambda: True)
        import_(cli, write(f"{headers}4820000000017;Ноутбук;25,500\n"), answers="2\ny\n")

    assert import_(cli, write(f"{headers}4820000000024;Телефон;8,999\n")).code == 0
    assert import_(cli, write(f"{headers}4820000000031;Хліб;25,50\n")).code == 0
    assert prices(box) == {"Ноутбук": Decimal(25500), "Телефон": Decimal(8999), "Хліб": Decimal("25.5")}


def test_an_encoding_without_which_no_header_is_known_is_asked_and_remembered(
    box: Sandbox, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    choices = tuple(Choice(label=name, layout={"encoding": name}) for name in ("cp1251", "koi8-u"))

    async def look(source: Path, *, layout: Layout, **purpose: Any) -> Preview:
        if layout.encoding is None:
            raise SourceDoubtfulError("", doubts=(Doubt(subject="encoding", choices=choices),))
        return await preview_source(source, layout=layout, **purpose)

    monkeypatch.setattr(layout_confirmation, "preview_source", look)
    with monkeypatch.context() as patch:
        patch.setattr(layout_confirmation, "can_ask", lambda: True)
        asked = import_(cli, write(CLEAR, encoding="koi8-u"), "--dry-run", answers="2\ny\n")
    assert (asked.code, "? which encoding are the letters in?\n  1  cp1251\n  2  koi8-u\n" in asked.err) == (0, True)

    assert import_(cli, write(CLEAR, encoding="koi8-u")).code == 0
    assert prices(box) == {"Хліб": Decimal("25.5")}
    assert import_(cli, write(CLEAR.replace("Ціна", "РРЦ"), encoding="koi8-u")).code == 2


@pytest.mark.usefixtures("person")
def test_letters_in_doubt_are_shown_in_each_encoding(box: Sandbox, cli: Cli) -> None:
    file = write("Article;Name;Price\nA-1;рис;10,50\n", encoding="cp1251")
    refused = import_(cli, file, "--key", "alter_number", "--yes")
    assert (refused.code, "--encoding cp1251  →  cp1251  (рис)" in refused.err) == (2, True), refused.err

    number = re.search(r"(\d)  cp1251", import_(cli, file, "--key", "alter_number", answers="n\n").err)
    assert number is not None
    assert import_(cli, file, "--key", "alter_number", answers=f"{number[1]}\ny\n").code == 0
    assert prices(box) == {"рис": Decimal("10.5")}


@pytest.mark.usefixtures("person")
def test_a_link_is_fetched_once(box: Sandbox, cli: Cli) -> None:
    fetched: list[str] = []

    class Shop(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            fetched.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(TWO_PRICES.encode())

        def log_message(self, *_said: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Shop) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        result = import_(cli, f"http://127.0.0.1:{server.server_port}/list.csv", answers="2\ny\n")
        server.shutdown()

    assert (result.code, fetched) == (0, ["/list.csv"]), result.err
    assert "list.csv: CSV" in result.err
    assert prices(box)["Хліб"] == Decimal(20)


@pytest.mark.usefixtures("person")
def test_an_option_goes_before_what_is_remembered(box: Sandbox, cli: Cli) -> None:
    import_(cli, write(TWO_PRICES), answers="2\ny\n")

    result = import_(cli, write(TWO_PRICES), "--column", "ціна=Ціна 1", answers="y\n")
    assert "Is this right?" in result.err
    assert prices(box)["Хліб"] == Decimal("25.5")


@pytest.mark.usefixtures("person")
def test_a_layout_is_forgotten(cli: Cli, home: Path) -> None:
    import_(cli, write(TWO_PRICES), answers="2\ny\n")

    result = import_(cli, write(TWO_PRICES), "--forget-layout", answers="n\n")
    assert (result.code, "which column is «price»?" in result.err) == (2, True)
    assert layouts(home) == []
    assert import_(cli, write(TWO_PRICES), "--yes").code == 2


def test_a_damaged_memory_is_none(cli: Cli, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(layout_confirmation, "can_ask", lambda: True)
        import_(cli, write(TWO_PRICES), answers="2\ny\n")
    (kept,) = layouts(home)
    kept.write_text("{", "utf-8")

    assert import_(cli, write(TWO_PRICES)).code == 2


def test_without_a_terminal_what_is_clear_goes_and_what_is_in_doubt_is_refused(box: Sandbox, cli: Cli) -> None:
    assert import_(cli, write(CLEAR)).code == 0
    refused = import_(cli, write(TWO_PRICES, "doubt.csv"))

    assert refused.code == 2
    assert "which column is «price»?" in refused.err
    assert "--column 'price=Ціна 1'  →  «Ціна 1»  (25,50, 31,00)" in refused.err
    assert "Layout(" not in refused.err
    assert set(prices(box)) == {"Хліб"}


@pytest.mark.usefixtures("person")
def test_yes_asks_nothing_and_refuses_what_is_in_doubt(box: Sandbox, cli: Cli, home: Path) -> None:
    assert import_(cli, write(CLEAR), "--yes").code == 0
    refused = import_(cli, write(TWO_PRICES, "doubt.csv"), "--yes", "--lang", "uk")

    assert refused.code == 2
    assert "--column 'ціна=Ціна 2'  →  «Ціна 2»" in refused.err
    assert "нічого не надіслано" in refused.err
    assert (set(prices(box)), layouts(home)) == ({"Хліб"}, [])


def test_the_words_of_the_refusal_settle_it(box: Sandbox, cli: Cli) -> None:
    assert import_(cli, write(TWO_PRICES), "--yes", "--column", "ціна=Ціна 2").code == 0
    file = write("Штрихкод;Назва;Ціна\n4820000000031;Ноутбук;25,500\n")
    refused = import_(cli, file)
    assert (refused.code, "--thousands ,  →  25,500 = 25500" in refused.err) == (2, True), refused.err
    assert import_(cli, file, "--thousands", ",").code == 0

    assert prices(box) == {"Хліб": Decimal(20), "Батон": Decimal(28), "Ноутбук": Decimal(25500)}


@pytest.mark.usefixtures("person")
def test_machines_are_not_asked(cli: Cli) -> None:
    assert import_(cli, write(CLEAR), "--json").document["created"] == 1
    refused = import_(cli, write(TWO_PRICES), "--json")

    error = json.loads(refused.err.splitlines()[-1])
    assert (error["error"], error["exit"]) == ("SourceDoubtfulError", 2)


@pytest.mark.usefixtures("person")
def test_a_file_that_changes_after_it_was_shown_is_not_sent(
    box: Sandbox, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(CLEAR)

    def answer(_question: str) -> str:
        write("Штрихкод;Назва;Ціна\n4820000000017;Інше;1\n")
        return "y"

    monkeypatch.setattr(layout_confirmation, "ask_line", answer)
    result = import_(cli, file)

    assert (result.code, "was changed after it was shown" in result.err) == (2, True), result.err
    assert prices(box) == {}


@pytest.mark.usefixtures("person")
def test_counts_are_shown_and_asked_about_too(box: Sandbox, cli: Cli) -> None:
    box.load(simulate(Simulation(shops=1, days=1, start=date(2026, 10, 1))))
    product, shop = next(row for row in box.rows("products") if row["number"]), str(box.rows("shops")[0]["id"])
    file = write(f"Штрихкод;Залишок Київ;Залишок Львів\n{product['number']};4;7777\n", "stock.csv")
    words = ("products", "stock", file, "--shop", shop, *AT_ONCE)

    refused = cli(*words, "--yes")
    assert (refused.code, "--column 'count=Залишок Київ'" in refused.err) == (2, True), refused.err
    declined = cli(*words, stdin="2\nn\n")
    assert (declined.code, "2  «Залишок Львів»  (7777)" in declined.err) == (2, True), declined.err
    asked = cli(*words, stdin="2\ny\n")
    assert asked.code == 0, asked.err
    assert asked.out.splitlines()[2].split() == ["2", str(product["number"]), "7777"]
    (card,) = box.rows("cards", product_id=product["id"])
    assert float(card["count"]) == 7777
    assert "Read as confirmed before" in cli(*words).err


@pytest.mark.parametrize(
    ("word", "field"),
    [
        ("штрихкод=ШК", ("number", "ШК")),
        ("Штрих-код=ШК", ("number", "ШК")),
        ("ШК=Код", ("number", "Код")),
        ("number=ШК", ("number", "ШК")),
        ("Barcode=ШК", ("number", "ШК")),
        ("закупівельна ціна=Вхід", ("procurement_price", "Вхід")),
        ("ЗАКУПІВЕЛЬНА_ЦІНА=Вхід", ("procurement_price", "Вхід")),
        ("одиниця виміру=Фас.", ("unit_type_id", "Фас.")),
        ("unit=Фас.", ("unit_type_id", "Фас.")),
        ("категорі\u0308я=Тип", ("category", "Тип")),
        ("категорія=Тип", ("category", "Тип")),
        ("ці\u0301на=3", ("price", 3)),
        ("ціна=Ціна = роздріб", ("price", "Ціна = роздріб")),
        ("ціна=«Ціна 1»", ("price", "Ціна 1")),
        ("залишок=", ("count", None)),
        ("код УКТЗЕД=Код", ("classifier_code", "Код")),
        ("зовнішній код=Код", ("remote_id", "Код")),
    ],
)
def test_a_column_takes_the_words_that_are_printed(word: str, field: tuple[str, object]) -> None:
    layout = LayoutOptions(column=[word]).layout()

    assert layout.mapping == dict([field])


def test_a_wrong_field_is_told_with_the_likely_and_all_others(cli: Cli) -> None:
    english = import_(cli, write(CLEAR), "--column", "prise=Ціна")
    assert (english.code, "there is no field prise" in english.err) == (2, True)
    assert "Did you mean price?" in english.err
    assert "title, price, number" in english.err

    ukrainian = import_(cli, write(CLEAR), "--column", "штрихкот=Код", "--lang", "uk")
    assert "ви мали на увазі штрихкод" in ukrainian.err
    assert "назва, ціна, штрихкод" in ukrainian.err
    use_language("en")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_a_person_at_a_real_terminal_is_asked_once(box: Sandbox, home: Path) -> None:
    from tests.support.terminal import CTRL_C, Terminal  # noqa: PLC0415  (not on Windows)

    file = write(TWO_PRICES)
    with Terminal("products", "import", file, *AT_ONCE) as terminal:
        terminal.wait_for(r"Number, 1 to 2, or n to stop: ")
        terminal.type(CTRL_C)
        assert terminal.end() == 130
        assert "Traceback" not in terminal.text
    assert (prices(box), layouts(home)) == ({}, [])

    with Terminal("products", "import", file, *AT_ONCE) as terminal:
        terminal.wait_for(r"Number, 1 to 2, or n to stop: ")
        terminal.type("2\n")
        terminal.wait_for(r"Хліб +20\.00")
        terminal.wait_for(r"Is this right\? \(y/n\) ")
        terminal.type("y\n")
        assert terminal.end() == 0, terminal.text
    with Terminal("products", "import", file, *AT_ONCE) as terminal:
        assert terminal.end() == 0, terminal.text
        assert "Read as confirmed before" in terminal.text
    assert prices(box) == {"Хліб": Decimal(20), "Батон": Decimal(28)}
