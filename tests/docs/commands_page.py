"""Write docs/commands.md and docs/uk/commands.md: the help of every command of `smartkasa`.

python -m tests.docs.commands_page
"""

from __future__ import annotations

import io
import os
from contextlib import redirect_stdout
from typing import TYPE_CHECKING
from unittest.mock import patch

from smartkasa_async.cli.command_table import COMMANDS
from smartkasa_async.cli.errors import Exit
from smartkasa_async.cli.help import print_help
from smartkasa_async.cli.messages import use_language
from tests.docs.markdown import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator

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
        Exit.INCOMPLETE: "some rows were rejected, differences were found, or not all of the work could be done",
        Exit.USAGE: "the command line, the configuration or a file is wrong; nothing was sent",
        Exit.UNREACHABLE: "the service or the database is unreachable or temporarily unavailable; retry later",
        Exit.FORBIDDEN: "the service or the database rejects the key, the credentials or the user's permissions",
        Exit.NOT_READ: "nothing wrong was found, but requested days were not read into the store",
        Exit.INTERRUPTED: "Ctrl-C or a signal; the last message says how to continue",
    },
    "uk": {
        Exit.DONE: "виконано",
        Exit.INCOMPLETE: "є відхилені рядки чи розбіжності, або не всю роботу вдалося зробити",
        Exit.USAGE: "помилка в команді, налаштуваннях чи файлі; нічого не надіслано",
        Exit.UNREACHABLE: "сервіс чи база недоступні або не змогли відповісти; пізніше, можливо, зможуть",
        Exit.FORBIDDEN: "сервіс чи база не приймає ключа чи облікових даних або не дає користувачеві цього робити",
        Exit.NOT_READ: "нічого поганого не знайдено, але не всі вказані дні прочитано до бази",
        Exit.INTERRUPTED: "Ctrl-C або сигнал; останнє повідомлення команди каже, як продовжити",
    },
}
"""What the exit statuses mean."""


def render(language: str) -> str:
    """Write the page in a language."""
    exits = _EXITS[language]
    rows = "".join(f"| {int(code)} | {exits[code]} |\n" for code in Exit)
    use_language(language)
    try:
        return (_HEADS[language] + rows + "\n" + "\n".join(_commands())).rstrip("\n") + "\n"
    finally:
        use_language("en")


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
