"""Going through a page of docs/ from top to bottom, in an empty folder beside a sandbox: all that it shows runs.

A block of Python is a program, a suite of tests, or stands inside `async with SmartKasa() as kasa:`. The suites run
together in the end. A shell block runs line after line. A block of text or JSON is what the block before it printed, to
the letter. Any other is a file, named by the comment above it.

`python -m tests.docs.pages` writes what is printed now into all pages; read what it changed before you commit it.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from contextlib import chdir, contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from unittest.mock import patch

from smartkasa_async.sandbox import Simulation
from tests.docs.markdown import PROJECT, Block, Document
from tests.docs.running import Shell, is_program, is_suite, run_fragment, run_python, run_suites, served

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["NOT_FILES", "NOT_RUN", "PAGES", "opened_shell", "outputs"]

PAGES = sorted(
    path.relative_to(PROJECT).as_posix()
    for path in (PROJECT / "docs").rglob("*.md")
    if path.parent.name != "reference"
    and path.name not in {"commands.md", "import-messages.md", "benchmarks.md"}  # written by scripts
)
PORT = "8790"
"""The port of the receiver on the pages of the relay; a free one takes its place, so that pages run side by side."""
BUSINESS = Simulation(shops=2, start=date(2026, 10, 1), days=7)

NOT_RUN = {
    "pip": "installs into the reader's own environment, from an index that need not be reachable",
    "useradd": "makes a user of the system",
    "python3": "makes the reader's own environment",
    ".": "goes into that environment",
    "/opt/smartkasa/bin/pip": "installs into that environment",
    "install": "puts files into the system's folders",
    "sudo": "needs that user",
    "systemctl": "needs a running systemd, and rights over it",
    "journalctl": "reads the log of the systemd that is not there",
}
"""First words of the lines that are not run, and why; everything else is."""

NOT_FILES = {
    "sql": "questions, which a test asks of both databases",
    "shell": "commands that need a fleet's PostgreSQL or Docker; a test checks their names and options",
    "ini": "units of systemd, whose program a test runs",
    "crontab": "a line of cron's table, which a test runs",
    "conf": "a file of logrotate, and settings of a network that is not there",
    "tree": "the tree of errors, which a test compares with the classes",
}
"""Languages of blocks that are neither run nor written into the folder, and why."""


@contextmanager
def opened_shell(folder: Path) -> Iterator[Shell]:
    """Open a shell in an empty folder, with the settings of a sandbox that serves the business of the pages."""
    work = folder / "work"
    work.mkdir()
    with served(BUSINESS) as box, chdir(work), patch.dict(os.environ):
        os.environ.pop("XDG_STATE_HOME", None)
        settings = {f"SMARTKASA_{name.upper()}": str(value) for name, value in box.credentials.items()}
        shell = Shell(work, settings, frozenset(NOT_RUN))
        try:
            yield shell
        finally:
            shell.close()


def outputs(page: str, shell: Shell) -> Iterator[tuple[Block, list[str]]]:
    """Go through a page; give each block that shows what was printed, with the lines that were printed.

    Args:
        page: Path of the page below the project's folder.
        shell: An open shell.

    Raises:
        AssertionError: A block fails, or is of no known kind.
    """
    printed: str | None = None
    suites: list[Block] = []
    port = _free_port()
    for written in Document(page).blocks:
        block = written._replace(code=written.code.replace(PORT, port))
        where = f"{page}:{block.line}"
        if block.file is not None:
            path = shell.folder / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.code, block.encoding, newline="")
            printed = None
        elif block.language == "python" and is_suite(block):
            suites.append(block)
            printed = ""
        elif block.language in {"python", "sh"}:
            printed = _run(block, page, shell)
        elif block.language in {"text", "json"}:
            assert printed is not None, f"{where}: no block before it prints this"
            yield block, [line.rstrip() for line in printed.splitlines()]
            printed = None
        else:
            assert block.language in NOT_FILES, f"{where}: name the file in a comment above the block"
    english = (PROJECT / page.replace("docs/uk/", "docs/")).read_text("utf-8")
    if page.startswith("docs/uk/"):  # the others run where they stand in the English page
        suites = [block for block in suites if block.code not in english]
    if suites:
        assert run_suites(suites, shell.folder) == sum(block.code.count("def test_") for block in suites), page


def _free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return str(server.getsockname()[1])


def _run(block: Block, page: str, shell: Shell) -> str:
    if block.language == "sh":
        return shell.run(block)
    shell.let_time_pass()
    os.environ.update(shell.environment)
    if is_program(block):
        return run_python("-W", "error", "-c", block.code, folder=shell.folder)
    return asyncio.run(run_fragment(block, page))[1]


def _renew(page: str) -> None:
    """Write what is printed now into a page."""
    path = PROJECT / page
    lines = path.read_text("utf-8").split("\n")
    with TemporaryDirectory() as folder, opened_shell(Path(folder)) as shell:
        found = list(outputs(page, shell))
    for block, printed in reversed(found):
        first = block.line - 1
        lines[first : first + block.code.count("\n")] = printed
    path.write_text("\n".join(lines), "utf-8")


if __name__ == "__main__":
    for name in sys.argv[1:] or PAGES:
        _renew(name)
