"""Errors on the command line name what is typed there: options, and nothing of Python."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async.catalog.messages import ARGUMENTS
from smartkasa_async.catalog.sources.fields import Field
from smartkasa_async.cli.command_table import COMMANDS, TAKES_VALUE, build_app
from smartkasa_async.cli.configuration import SETTINGS
from smartkasa_async.cli.errors import option_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smartkasa_async.sandbox import Sandbox
    from tests.support.commandline import Cli

PACKAGE = Path(__file__).parents[2] / "smartkasa_async"
PAGE = (PACKAGE.parent / "docs" / "commands.md").read_text("utf-8")

NAMES_OF_SETTINGS = {*SETTINGS, "api_key"}
"""A setting has one name: in the configuration file, in `--set` and in Python."""

NAMES_OF_OTHERS = {
    "yml_catalog", "fiscal_number", "registrar_fiscal_number", "rounding_amount",
    "HTTPS_PROXY", "NO_PROXY", "WRONG_VERSION_NUMBER", "undo_code",
}  # fmt: skip
"""Names in files and answers, in the environment and in other programs."""

NOT_ON_THE_COMMAND_LINE = {
    "token_store", "session", "ssl_context", "connector_factory", "on_source_detected", "per_second", "layout",
    "extra_query", "extra_body", "open_store",
}  # fmt: skip
"""Arguments that only a program can give, in errors that only a program can get."""

NAMES_OF_TOOLS = {"api_read", "next_cursor", "per_page", "plan_changes"}
"""Tools for agents and what they take and give, which no person types."""

COLUMNS = {"account_id", "in_doubt", "no_product", "shop_id", "shift_id", "receipt_ids", "z_report_ids"}
"""Headers and words of files that programs read too."""


@cache
def calls() -> list[tuple[str, str, ast.Call]]:
    """Give all calls of plain names, each with where it stands and with the name."""
    return [
        (f"{file.relative_to(PACKAGE)}:{node.lineno}", node.func.id, node)
        for file in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]


def said_texts() -> Iterator[tuple[str, str]]:
    """Give all texts of the library and of the command line, each with where it stands."""
    for place, name, call in calls():
        if name in {"msg", "nmsg", "Message", "_", "N_", "n_", "NN_", "NP_"}:
            for text in [*call.args, *(word.value for word in call.keywords)]:
                if isinstance(text, ast.Constant) and isinstance(text.value, str):
                    yield place, text.value


def test_no_text_has_a_name_of_python() -> None:
    known = (
        NAMES_OF_SETTINGS
        | NAMES_OF_OTHERS
        | NOT_ON_THE_COMMAND_LINE
        | {field.value for field in Field}
        | COLUMNS
        | NAMES_OF_TOOLS
    )
    found = []
    for place, text in said_texts():
        bare = re.sub(r"--[\w-]+(?:[ =]\S+)?", "", re.sub(r"\{[^}]*\}", "", text))
        names = re.findall(r"(?<![\w.])[A-Za-z]\w*_\w+=?|(?<![\w.?&/-])[a-z]\w+=", bare)
        found += [
            (place, name) for name in names if name.rstrip("=") not in known and not name.startswith("SMARTKASA_")
        ]
    assert not found, "write {option} in the text, and option=argument(…) beside it"


def test_values_of_phrases_name_no_argument_plainly() -> None:
    plain = [
        place
        for place, name, call in calls()
        if name == "msg"
        for word in call.keywords
        if word.arg in {"field", "option", "name"}
        and isinstance(word.value, ast.Constant)
        and word.value.value not in NAMES_OF_SETTINGS | NOT_ON_THE_COMMAND_LINE
    ]
    assert not plain, "give argument(…)"


def named_arguments() -> set[str]:
    return {named.name for named in ARGUMENTS.values()} | {
        str(word.value)
        for _place, name, call in calls()
        if name == "argument"
        for word in call.args[:1]
        if isinstance(word, ast.Constant)
    }


NEVER_WRONG_THERE = {
    "approved",
    "changes",
    "kinds",
    "language",
    "max_interval",
    "receipts",
    "rounding",
    "shift_tolerance",
    "source",
}
"""Arguments that no command takes, and that no command gets wrong."""


@pytest.mark.parametrize("name", sorted(named_arguments() - NEVER_WRONG_THERE))
def test_each_argument_that_is_named_has_an_option(name: str) -> None:
    option = option_of(name)
    if option.startswith("--"):
        assert re.search(rf"^  (?:--.*, )?{option}[ ,\n]", PAGE, re.MULTILINE)
    else:
        command, _, rest = option.partition(" --")
        assert f"## {command}\n" in PAGE
        assert not rest or f"  --{rest} " in PAGE


@pytest.mark.parametrize("path", COMMANDS)
def test_no_command_has_an_option_of_all_commands_for_its_own(path: str) -> None:
    app: Any = build_app()
    command = app
    for word in path.split():
        command = command[word]
    names = {name for argument in command.assemble_argument_collection() for name in argument.names}
    assert names & TAKES_VALUE.keys() == set()


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("--batch-size", "0"), ["--batch-size"]),
        (("--concurrency", "0"), ["--concurrency"]),
        (("--late-write-window", "-1"), ["--late-write-window"]),
        (("--delete-missing",), ["--delete-missing", "--mode mirror"]),
        (("--delete-missing", "--mode", "mirror"), ["--delete-missing", "--delete-limit"]),
        (("--mode", "mirror", "--delete-limit", "3"), ["--delete-limit", "--delete-missing"]),
        (("--decimal", "x"), ["--decimal"]),
        (("--encoding", "x"), ["--encoding"]),
        (("--header-row", "-1"), ["--header-row"]),
        (("--header-row", "90"), ["--header-row"]),
        (("--currency", "USD"), ["--currency"]),
        (("--column", "price=Вартість"), ["--column"]),
        (("--column", "price=9"), ["--column"]),
        (("--lang", "uk", "--batch-size", "0"), ["--batch-size"]),
    ],
)
def test_wrong_options_are_named_as_they_are_typed(
    words: tuple[str, ...], named: list[str], environment: Sandbox, cli: Cli
) -> None:
    Path("list.csv").write_text("Штрихкод;Назва;Ціна\n4820000000017;Хліб;20,00\n", "utf-8")

    result = cli("products", "import", "list.csv", *words)

    assert result.code == 2
    assert all(name in result.err for name in named), result.err
    assert not re.search(r"[a-z]+_[a-z]+|[a-z]=", result.err.splitlines()[-1]), result.err


def test_rows_name_options_too(environment: Sandbox, cli: Cli) -> None:
    for name, number in (("one", "4820000000017"), ("other", "4820000000024")):
        Path(f"{name}.csv").write_text(f"Штрихкод;Назва;Ціна\n{number};Хліб;20,00\n", "utf-8")
    cli("products", "import", "one.csv")

    result = cli(
        "products", "import", "other.csv", "--mode", "mirror", "--late-write-window", "0", "--outcomes", "all.csv"
    )

    assert result.code == 0, result.err
    assert environment.rows("products", number="4820000000017")
    assert "import with --delete-missing" in Path("all.csv").read_text("utf-8-sig")


def test_unit_is_said_by_the_option_that_the_message_names(environment: Sandbox, cli: Cli) -> None:
    Path("list.csv").write_text("Штрихкод;Назва;Ціна;Од.\n4820000000017;Хліб;20,00;відро\n", "utf-8")

    rejected = cli("products", "import", "list.csv", "--dry-run")
    done = cli("products", "import", "list.csv", "--unit", "відро=шт")
    unknown = cli("products", "import", "list.csv", "--unit", "відро=бочка")
    unfinished = cli("products", "import", "list.csv", "--unit", "відро")

    assert "--unit відро=..." in rejected.out
    assert (done.code, len(environment.rows("products"))) == (0, 1), done.err
    assert (unknown.code, "--unit відро=бочка: the service has no unit бочка" in unknown.err) == (2, True), unknown.err
    assert (unfinished.code, "--unit WORD=UNIT" in unfinished.err) == (2, True)
