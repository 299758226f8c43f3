"""Write docs/commands.md and docs/uk/commands.md: the help of every command of `smartkasa`.

python -m tests.docs.commands_page
"""

from __future__ import annotations

import io
import os
from contextlib import redirect_stdout
from typing import TYPE_CHECKING
from unittest.mock import patch

from smartkasa_async import catalog, fleet, jobs, plans, push, relay, stock, stores, sync
from smartkasa_async import errors as library
from smartkasa_async.cli.command_table import COMMANDS
from smartkasa_async.cli.errors import Exit, library_error
from smartkasa_async.cli.help import print_help
from smartkasa_async.cli.messages import use_language
from tests.docs.markdown import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

__all__ = ["PAGES", "render"]

PAGES = {"en": PROJECT / "docs" / "commands.md", "uk": PROJECT / "docs" / "uk" / "commands.md"}
"""The pages by their language."""

_HEADS = {
    "en": """\
# Commands

The output of `smartkasa COMMAND --help`; [in Ukrainian](uk/commands.md) with `--lang uk`. It needs the extra `cli`.
This page is written by `python -m tests.docs.commands_page`.

## Exit statuses

| status | meaning |
| --- | --- |
""",
    "uk": """\
# Команди

Те, що каже `smartkasa COMMAND --help` з `--lang uk`; [англійською](../commands.md) — з `--lang en`. Потрібен додаток
`cli`. Цю сторінку записує `python -m tests.docs.commands_page`.

## Коди завершення

| код | що він означає |
| --- | --- |
""",
}

_EXITS = {
    "en": {
        Exit.DONE: "done",
        Exit.INCOMPLETE: "some rows were rejected, differences were found, or not all of the work could be done; the "
        "service refused a request, or has no such record (404)",
        Exit.USAGE: "the command line, the configuration or a file is wrong; nothing was changed in the service, "
        "unless a job stopped on it",
        Exit.UNREACHABLE: "the service or the database is unreachable or temporarily unavailable; retry later",
        Exit.FORBIDDEN: "the service or the database rejects the key, the credentials or the user's permissions",
        Exit.NOT_READ: "nothing wrong was found, but requested days were not read into the store",
        Exit.INTERRUPTED: "Ctrl-C or a signal; the last message says how to continue. `smartkasa sandbox` ends with 0",
    },
    "uk": {
        Exit.DONE: "виконано",
        Exit.INCOMPLETE: "є відхилені рядки чи розбіжності, або не всю роботу вдалося зробити; сервіс відхилив запит "
        "або не має такого запису (404)",
        Exit.USAGE: "помилка в команді, налаштуваннях чи файлі; у сервісі нічого не змінено, "
        "якщо на цьому не зупинилася робота",
        Exit.UNREACHABLE: "сервіс чи база недоступні або не змогли відповісти; пізніше, можливо, зможуть",
        Exit.FORBIDDEN: "сервіс чи база не приймає ключа чи облікових даних або не дає користувачеві цього робити",
        Exit.NOT_READ: "нічого поганого не знайдено, але не всі вказані дні прочитано до бази",
        Exit.INTERRUPTED: "Ctrl-C або сигнал; останнє повідомлення команди каже, як продовжити. `smartkasa sandbox` "
        "завершується з 0",
    },
}
"""What the exit statuses mean."""


_ERRORS_HEADS = {
    "en": """\

An error is printed on standard error; with `--json` as a document `{"error": …, "message": …, "hint": …, "exit": …}`,
where `error` is its class. A job that stopped ends with the status of its cause. By class, the statuses are:

| status | `error` |
| --- | --- |
""",
    "uk": """\

Помилка виводиться у стандартний потік помилок, а з `--json` — документом
`{"error": …, "message": …, "hint": …, "exit": …}`, де `error` — її клас. Робота, що зупинилася, завершується з кодом
своєї причини. Коди за класами:

| код | `error` |
| --- | --- |
""",
}


def render(language: str) -> str:
    """Write the page in a language."""
    exits = _EXITS[language]
    rows = "".join(f"| {int(code)} | {exits[code]} |\n" for code in Exit)
    errors = "".join(f"| {code} | {', '.join(names)} |\n" for code, names in _errors_by_exit().items())
    use_language(language)
    try:
        parts = (_HEADS[language], rows, _ERRORS_HEADS[language], errors, "\n", "\n".join(_commands()))
        return "".join(parts).rstrip("\n") + "\n"
    finally:
        use_language("en")


def _errors_by_exit() -> dict[int, list[str]]:
    """List the errors that a user of commands can meet, by the exit status that the command line gives them."""
    found: dict[int, list[str]] = {}
    modules = (library, catalog, stock, plans, push, jobs, stores, sync, relay, fleet)
    for kind in (kind for module in modules for kind in _public_errors(module)):
        error = kind.__new__(kind)
        error.message = error.translatable = ""
        error.operation = error.request_id = None
        error.is_form_doubtful = False  # type: ignore[attr-defined]
        found.setdefault(int(library_error(error).exit), []).append(f"`{kind.__name__}`")
    return dict(sorted(found.items()))


def _public_errors(module: ModuleType) -> list[type[library.SmartKasaError]]:
    """List the errors of a public module that are raised as they are, and not only by what they are a kind of."""
    members = [getattr(module, name) for name in module.__all__]
    kinds = [each for each in members if isinstance(each, type) and issubclass(each, library.SmartKasaError)]
    return [kind for kind in kinds if kind.__module__.startswith(module.__name__)]


def _commands() -> Iterator[str]:
    for path in ("", *COMMANDS):
        yield from (f"## smartkasa {path}".rstrip(), "", "```text", *_help_of(path), "```", "")


def _help_of(path: str) -> list[str]:
    """Give the lines of a help page as they are for a pipe of the usual width, with nothing of the terminal at hand."""
    printed = io.StringIO()
    with patch.dict(os.environ, {"COLUMNS": "100"}), redirect_stdout(printed):
        print_help(path)
    return [line.rstrip() for line in printed.getvalue().strip().splitlines()]


if __name__ == "__main__":
    for language, page in PAGES.items():
        page.write_text(render(language), encoding="utf-8")
