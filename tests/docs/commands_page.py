"""Write docs/commands.md: the help of every command of `smartkasa`.

python -m tests.docs.commands_page
"""

from __future__ import annotations

import io
import os
from contextlib import redirect_stdout
from typing import TYPE_CHECKING
from unittest.mock import patch

from smartkasa_async.cli.catalogue import COMMANDS
from smartkasa_async.cli.errors import Exit
from smartkasa_async.cli.help import print_help
from smartkasa_async.cli.messages import use_language
from tests.docs.markdown import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["EXITS", "PAGE", "render"]

PAGE = PROJECT / "docs" / "commands.md"

_HEAD = """\
# Commands

What `smartkasa COMMAND --help` says, in Ukrainian with `--lang uk`. The extra `cli` is needed. This page is written by
`python -m tests.docs.commands_page`.

## Exit statuses

| status | meaning |
| --- | --- |
"""

EXITS = {
    Exit.DONE: "done",
    Exit.INCOMPLETE: "some rows were rejected, differences were found, or not all of the work could be done",
    Exit.USAGE: "the command line, the configuration or a file is wrong; nothing was sent",
    Exit.UNREACHABLE: "the service or the database was not reached, or could not answer; later it may",
    Exit.FORBIDDEN: "the service or the database does not accept the key, the credentials or what the user may do",
    Exit.INTERRUPTED: "Ctrl-C or a signal; what the command said last tells how to go on",
}
"""What the exit statuses mean."""


def render() -> str:
    """Write the page."""
    rows = "".join(f"| {int(code)} | {EXITS[code]} |\n" for code in Exit)
    return _HEAD + rows + "\n" + "\n".join(_commands())


def _commands() -> Iterator[str]:
    use_language("en")
    for path in ("", *COMMANDS):
        yield from (f"## smartkasa {path}".rstrip(), "", "```text", *_help_of(path), "```", "")


def _help_of(path: str) -> list[str]:
    """Give the lines of a help page as they are for a pipe of the usual width, with nothing of the terminal at hand."""
    printed = io.StringIO()
    with patch.dict(os.environ, {"COLUMNS": "100"}), redirect_stdout(printed):
        print_help(path)
    return [line.rstrip() for line in printed.getvalue().strip().splitlines()]


if __name__ == "__main__":
    PAGE.write_text(render().rstrip("\n") + "\n", encoding="utf-8")
