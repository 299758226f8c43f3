"""Ukrainian and English: every text has a translation, the files agree, and the right one is chosen."""

from __future__ import annotations

import ast
import gettext
import re
from importlib import import_module
from typing import TYPE_CHECKING

import pytest
from babel.messages.pofile import read_po

from codegen import messages as tool
from smartkasa_async.cli.command_table import COMMANDS, build_app
from smartkasa_async.cli.messages import Help, _, language_of, n_, use_language
from smartkasa_async.errors import SmartKasaError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.commandline import Cli

CYRILLIC = re.compile("[а-яіїєґА-ЯІЇЄҐ]")
SAME_IN_BOTH = re.compile(r"Id|SmartKasa id|\W*(?:\{\w+\}\W*)+")
"""Texts without letters but those of their values."""


def test_every_text_is_translated_and_names_the_same_values() -> None:
    texts = tool.extract(tool.PACKAGE)
    assert len(texts) > 200
    assert tool.faults(tool.catalogue(texts, tool.read_catalogue())) == []


def test_files_are_those_that_the_code_makes() -> None:
    made = tool.written(tool.catalogue(tool.extract(tool.PACKAGE), tool.read_catalogue()))
    assert [file.name for file, content in made.items() if file.read_bytes() != content] == []


def test_compiled_catalogue_says_what_the_readable_one_says() -> None:
    with tool.FILE.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    with tool.FILE.open("rb") as file:
        readable = read_po(file, locale="uk")
    for message in readable:
        if isinstance(message.id, str) and message.id:
            found = compiled.pgettext(message.context, message.id) if message.context else compiled.gettext(message.id)
            assert found == message.string
            assert CYRILLIC.search(str(message.string)) or SAME_IN_BOTH.fullmatch(str(message.id))


def test_tool_finds_what_is_missing(tmp_path: Path) -> None:
    code = '"""A module."""\nx = _("One {thing}"), n_("{count} row", "{count} rows", 5), N_("Two")\n'
    code += 'y = NP_("of a list", "Two"), NN_("a day", "{0} days")\n'
    code += (
        'def f(*, run: ThisRun):\n    """Do it.\n\n    Args:\n        a: An argument,\n            wrapped.\n    """\n'
    )
    (tmp_path / "module.py").write_text(code)
    texts = tool.extract(tmp_path)
    plurals = {("{count} row", "{count} rows"), ("a day", "{0} days")}
    assert set(texts) == {"One {thing}", "Two", "of a list\x04Two", "Do it.", "An argument, wrapped.", *plurals}
    made = tool.catalogue(texts, tool.read_catalogue())
    assert len(tool.faults(made)) == 7
    made["One {thing}"].string = "Один"
    assert "names other values: 'One {thing}'" in tool.faults(made)
    made["One {thing}"].string = "Один {thing}"
    assert len(tool.faults(made)) == 6


def test_no_text_is_printed_without_translation() -> None:
    """Words that reach people go through `_`: no literal is handed to what prints."""
    found = []
    for file in (tool.PACKAGE / "cli").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in {"say", "note", "CommandError"}:
                found += [
                    f"{file.name}:{node.lineno}"
                    for value in node.args
                    if isinstance(value, ast.Constant) and isinstance(value.value, str)
                ]
    assert found == []


def test_no_error_of_the_library_is_without_translation() -> None:
    """The library makes the texts of its errors with `msg`, or takes them from elsewhere."""
    kinds = {kind.__name__ for kind in _with_subclasses(SmartKasaError)}
    found = []
    for file in tool.PACKAGE.rglob("*.py"):
        if "sandbox" in file.parts or "cli" in file.parts:
            continue
        found += [
            f"{file.relative_to(tool.PACKAGE)}:{node.lineno}"
            for node in ast.walk(ast.parse(file.read_text("utf-8")))
            if isinstance(node, ast.Call)
            and getattr(node.func, "id", "") in kinds
            and isinstance(next(iter(node.args), None), (ast.Constant, ast.JoinedStr, ast.BinOp, ast.IfExp))
        ]
    assert found == []


def _with_subclasses(kind: type[SmartKasaError]) -> set[type[SmartKasaError]]:
    return {kind}.union(*(_with_subclasses(each) for each in kind.__subclasses__()))


@pytest.mark.parametrize("path", list(COMMANDS))
def test_overview_says_the_first_sentence_of_each_help(path: str) -> None:
    target, text = COMMANDS[path]
    module, _colon, name = target.partition(":")
    function = getattr(import_module(module), name)
    told = Help(function.__doc__)
    assert told.paragraphs[0] == text
    app = build_app()
    for word in path.split():
        app = app[word]
    arguments = [each for each in app.assemble_argument_collection() if each.parse and each.show]
    shared = {each.field_info.name: each.parameter.help for each in arguments if each.parameter.help}
    parameters = {each.field_info.name for each in arguments}
    assert set(told.arguments) | set(shared) == parameters, "every argument is explained"
    twins = [name for name in shared if told.arguments.get(name) == shared[name]]
    assert not twins, "what its type says of an option, the docstring does not say again"


@pytest.mark.parametrize("path", ["", *COMMANDS, "shops"])
def test_help_is_whole_in_both_languages(path: str, cli: Cli) -> None:
    english, ukrainian = cli(*path.split(), "--help"), cli("--lang", "uk", *path.split(), "--help")
    assert (english.code, ukrainian.code) == (0, 0)
    assert english.out.startswith("Usage: smartkasa")
    assert ukrainian.out.startswith("Використання: smartkasa")
    assert not CYRILLIC.search(english.out)
    for paragraph in ukrainian.out.split("\n\n")[1:-1]:
        assert CYRILLIC.search(paragraph)


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, "en"),
        ({"LANG": "uk_UA.UTF-8"}, "uk"),
        ({"LANG": "uk_UA.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "uk_UA"}, "uk"),
        ({"LANG": "C"}, "en"),
    ],
)
def test_locale_chooses_the_language(
    variables: dict[str, str], expected: str, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert language_of(None) == expected
    assert cli("--help").out.startswith({"uk": "Використання:", "en": "Usage:"}[expected])


def test_flag_goes_over_variable_over_file_over_locale(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    (tmp_path / "work/smartkasa.toml").write_text('lang = "uk"\n[profiles.a]\nlang = "en"')
    assert "Помилка" in cli("nothing").err
    assert "Error" in cli("nothing", "--profile", "a").err
    monkeypatch.setenv("SMARTKASA_LANG", "en")
    assert "Error" in cli("nothing").err
    assert "Помилка" in cli("nothing", "--lang=uk").err
    assert "Налаштування" in cli("whoami", "--lang", "uk").out


def test_broken_file_does_not_hide_the_help(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "work/smartkasa.toml").write_text("lang = = ")
    assert cli("--help").code == 0
    assert cli("whoami").code == 2


def test_ukrainian_has_three_forms_of_plural() -> None:
    use_language("uk")
    said = [n_("{count} record", "{count} records", count) for count in (1, 2, 5, 11, 21, 112)]
    assert said == ["1 запис", "2 записи", "5 записів", "11 записів", "21 запис", "112 записів"]
    assert _("Note: {message}", message="{x}") == "Примітка: {x}"
    use_language("en")
    assert n_("{count} record", "{count} records", 1) == "1 record"


def test_language_that_there_is_not_is_refused_in_that_of_the_locale(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "uk_UA.UTF-8")
    assert cli("shops", "list", "--lang", "xx").err.startswith("Помилка: --lang: значення 'xx' не підходить\n")
    monkeypatch.setenv("SMARTKASA_LANG", "klingon")
    assert cli("shops", "list").err.startswith("Помилка: SMARTKASA_LANG має значення 'klingon'")
