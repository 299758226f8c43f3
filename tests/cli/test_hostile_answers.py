"""Commands on a service that repeats secrets, and whose words deceive terminals."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from smartkasa_async.cli.output import Output
from tests.support.answering_service import serving
from tests.support.echoing_service import FORMS, KEY, PASSWORD, PHONE, echo, log_in, shown_secrets
from tests.support.service import answer

if TYPE_CHECKING:
    from tests.support.commandline import Cli
    from tests.support.service import Arrived

RAW = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
EVIL = "\x1b]0;t\x07\x1b[2J\x9b31m\u202eлив\u2069\u200f\r\x7f\u2028[bold]:apple:[link=x]y[/link]"
RECEIPT = {
    "total_amount": "21.00",
    "state": 2,
    "type": 0,
    "registrar_fiscal_number": "4000000001",
    "fiscal_number": "1",
    "items": [{"name": "Кава", "price": 10.5, "quantity": "2", "amount": "21"}],
}


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"API_KEY": KEY, "PHONE_NUMBER": PHONE, "PASSWORD": PASSWORD}.items():
        monkeypatch.setenv(f"SMARTKASA_{name}", value)


@pytest.fixture
def files() -> None:
    Path("list.csv").write_text("Штрихкод;Назва;Ціна\n4006381333931;Кава;12,50\n", "utf-8")
    Path("receipts.jsonl").write_text(json.dumps(RECEIPT) + "\n", "utf-8")


COMMANDS = {
    "shops": ["shops", "list"],
    "call": ["call", "shops.get", "--id", "1"],
    "import": ["products", "import", "list.csv"],
    "export": ["products", "export", "out.csv"],
    "sync": ["receipts", "sync", "--days", "3", "--store", "store.sqlite"],
    "z": ["reports", "z", "--days", "3", "--store", "store.sqlite"],
    "push": ["receipts", "push", "receipts.jsonl"],
    "doctor": ["doctor"],
    "login": ["login"],
}


@pytest.mark.parametrize("json_too", [False, True], ids=["for people", "json"])
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.usefixtures("credentials", "files")
def test_no_command_shows_what_the_service_repeats(
    command: str, json_too: bool, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = list(FORMS)[list(COMMANDS).index(command) * 2 + json_too]
    shops = answer({"data": [], "meta": {"total_count": 0, "limit_value": 1, "total_pages": 0, "current_page": 1}})

    def reply(request: Arrived) -> bytes:
        if command != "login" and (logged := log_in(request)):
            return logged
        # The doctor gets to what it reads last only by way of the shops.
        return shops if command == "doctor" and "/shops" in request.target else echo(request, form, "errors", 403)

    with serving(reply) as service:
        monkeypatch.setenv("SMARTKASA_BASE_URL", service.url)
        result = cli(*COMMANDS[command], *(["--json"] if json_too else []))
        arrived = [request for request in service.arrived if not request.target.endswith("/sessions")]
    assert result.code
    assert arrived or command == "login"
    assert shown_secrets(result.out + result.err) == []
    kept = [path for path in Path.cwd().rglob("*") if path.is_file()]
    assert [path for path in kept if shown_secrets(path.read_bytes().decode(errors="replace"))] == []


@pytest.mark.usefixtures("credentials")
def test_words_of_the_service_reach_no_terminal_raw(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    unit = {"id": 1, "code": 5, "name": EVIL, "short_name": EVIL}
    units = answer({"data": [unit], "meta": {"total_count": 1}})
    refused = answer({"errors": {EVIL: [{"error": "no", "messages": EVIL}]}}, 422)

    def reply(request: Arrived) -> bytes:
        return log_in(request) or (units if "unit" in request.target else refused)

    with serving(reply) as service:
        monkeypatch.setenv("SMARTKASA_BASE_URL", service.url)
        shown = [
            cli("units", "list"),
            cli("shops", "list"),
            cli("shops", "list", "--json"),
            cli("units", "list", "--json"),
        ]
        raws = [each.out + each.err for each in shown]
    assert [text for text in raws if RAW.search(text)] == []
    assert r"\x1b]0;t\x07" in raws[0]
    assert "[bold]:apple:[link=x]" in raws[0]
    assert EVIL in json.loads(shown[3].out).values()
    assert r"\x1b]0;t\x07" in json.loads(shown[2].err)["message"]


@pytest.mark.usefixtures("credentials")
def test_tables_and_notes_on_a_terminal_are_safe(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:

    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "dumb")
    output = Output()
    output.table([EVIL, "b"], [[EVIL, 1]], title=f":apple: {EVIL}")
    output.text(EVIL)
    output.note(EVIL)
    with output.progress(EVIL) as progress:
        progress.begin(EVIL)
    captured = capsys.readouterr()
    text = captured.out + captured.err
    assert RAW.search(text) is None
    assert ":apple:" in text.splitlines()[0]


@pytest.mark.skipif(os.name != "posix", reason="names of files are bytes on POSIX alone")
@pytest.mark.usefixtures("environment")
def test_names_that_are_no_text_break_nothing(cli: Cli) -> None:
    name = os.fsdecode(b"list-\xff-\x1b[2J.csv")
    content = "Штрихкод;Назва;Ціна\n4006381333931;Кава;дорого\n"
    Path(name).write_text(content, "utf-8")
    words = ["products", "import", name, "--outcomes"]
    results = [cli(*words, "o.csv"), cli(*words, "o.jsonl", "--json"), cli("products", "import", f"{name}.none")]
    assert [result.code for result in results] == [1, 1, 2]
    assert [result for result in results if RAW.search(result.out + result.err)] == []
    assert r"list-\udcff-\x1b[2J.csv" in results[0].out
