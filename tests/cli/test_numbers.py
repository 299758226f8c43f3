"""Options that take a count or a time: what is no number, or none that makes sense, is refused before any work."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async.cli.command_table import COMMANDS, build_app
from smartkasa_async.cli.numbers import _kinds_in

if TYPE_CHECKING:
    from smartkasa_async.sandbox import Sandbox
    from tests.support.commandline import Cli

NO_WHOLE_NUMBERS = ("1.5", "nan", "0x10", "1e3", "9" * 30, "")
NO_NUMBERS = ("nan", "inf", "-inf", "1e400", "1_0", "")


def options_of(path: str) -> list[tuple[str, set[Any]]]:
    """List the options of a command that take numbers, with their types."""
    root: Any = build_app()
    app = root
    for word in path.split():
        app = app[word]
    found = app.assemble_argument_collection(default_parameter=root.default_parameter)
    kinds = [(each.name, _kinds_in(each.hint)) for each in found if each.parse is not False]
    return [(name, each) for name, each in kinds if each & {int, float} and str not in each]


def test_every_option_that_takes_a_number_refuses_what_is_none(cli: Cli) -> None:
    tried = 0
    for path in COMMANDS:
        for name, kinds in options_of(path):
            values = NO_NUMBERS if float in kinds else NO_WHOLE_NUMBERS
            value = values[tried % len(values)]
            result = cli(*path.split(), f"{name}={value}")
            assert (result.code, name in result.err, len(result.err) < 200) == (2, True, True), (path, result.err)
            tried += 1
    assert tried > 60


@pytest.mark.parametrize("value", NO_WHOLE_NUMBERS[:-1])
def test_the_error_says_what_to_give(cli: Cli, value: str) -> None:
    assert f"--days is '{value}'; give a whole number" in cli("receipts", "sync", "--days", value).err
    assert "вкажіть ціле число" in cli("receipts", "sync", "--days", value, "--lang", "uk").err


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("plan prices l.csv --out p.json --valid-for -1", "--valid-for is -1; give a whole number from 1 to 720"),
        ("plan prices l.csv --out p.json --valid-for 99999999999", "give a whole number from 1 to 720"),
        ("plan prices l.csv --out p.json --concurrency 99999999999", "give a whole number from 1 to 1000"),
        ("products import l.csv --dry-run --concurrency 99999999999", "give a whole number from 1 to 1000"),
        ("products import l.csv --late-write-window 99999999999", "give seconds from 0 to 31622400, a year"),
        ("products stock l.csv --shop -1", "--shop is -1"),
        ("receipts sync --days 1 --lookback-days 99999999999", "give a whole number from 0 to 36500"),
        ("receipts watch --days 99999999999", "give a whole number from 1 to 36500"),
        ("shops list --limit -1", "--limit is -1"),
        ("fleet worker --slots 99999999999", "--slots is 99999999999; give a whole number from 1 to 1000"),
        ("fleet worker --metrics-port 65536", "--metrics-port is 65536; give a whole number from 0 to 65535"),
        ("fleet show one --runs -1", "--runs is -1"),
        ("fleet demo --merchants 99999999999", "--merchants is"),
        ("mcp --port -1", "--port is -1; give a whole number from 0 to 65535"),
        ("sandbox --days 99999999999", "days is 99999999999: give 3660 at most"),
    ],
)
def test_what_would_run_for_ever_or_break_is_refused(environment: Sandbox, cli: Cli, words: str, reason: str) -> None:
    Path("l.csv").write_text("Штрихкод;Назва;Ціна;Залишок\n4823012345039;Кава;5,00;7\n", "utf-8")
    result = cli(*words.split())
    assert (result.code, reason in result.err.replace("\n", " ")) == (2, True), result.err
