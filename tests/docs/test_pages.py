"""Every page of docs/ is gone through from top to bottom, in an empty folder beside a sandbox: all that it shows runs.

A block of Python is a program, a suite of tests, or stands inside `async with SmartKasa() as kasa:`. A shell block runs
line after line. A block of text or JSON is what the block before it printed, to the letter. Any other is a file, named
by the comment above it.
"""

from __future__ import annotations

import configparser
import os
from datetime import date
from typing import TYPE_CHECKING

import pytest

from smartkasa_async.sandbox import Simulation
from tests.docs.markdown import PROJECT, Block, Document
from tests.docs.reference import FOLDER, render
from tests.docs.running import Shell, is_program, is_suite, run_fragment, run_python, run_suite, served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGES = sorted(
    path.relative_to(PROJECT).as_posix()
    for path in (PROJECT / "docs").rglob("*.md")
    if path.parent != FOLDER and path.name != "import-messages.md"  # these two are written by scripts
)
BUSINESS = Simulation(shops=2, start=date(2026, 10, 1), days=7)

NOT_RUN = {
    "pip": "installs into the reader's own environment, from an index that need not be reachable",
    "cp": "puts files into the system's folders",
    "systemctl": "needs a running systemd, and rights over it",
    "journalctl": "reads the log of the systemd that is not there",
    "crontab": "changes the table of the user that runs the tests",
}
"""First words of the lines that are not run, and why; everything else is."""

NOT_FILES = {
    "ini": "units of systemd, parsed by a test below",
    "crontab": "the lines of a table, whose command is run by a shell block of the page",
}
"""Languages of blocks that are neither run nor written into the folder, and why."""


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    with served(BUSINESS) as box:
        settings = {f"SMARTKASA_{name.upper()}": str(value) for name, value in box.credentials.items()}
        shell = Shell(folder, settings, frozenset(NOT_RUN))
        try:
            yield shell
        finally:
            shell.close()


async def run(block: Block, page: str, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run a block and return what it printed."""
    if block.language == "sh":
        return shell.run(block)
    if is_suite(block):
        assert run_suite(block, shell.folder) == block.code.count("def test_")
        return ""
    for name, value in shell.environment.items():
        monkeypatch.setenv(name, value)
    if is_program(block):
        return run_python("-W", "error", "-c", block.code, folder=shell.folder)
    return (await run_fragment(block, page))[1]


@pytest.mark.parametrize("page", PAGES)
async def test_page_does_what_it_shows(page: str, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    printed: str | None = None
    for block in Document(page).blocks:
        where = f"{page}:{block.line}"
        if block.file is not None:
            path = shell.folder / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.code, block.encoding, newline="")
            printed = None
        elif block.language in {"python", "sh"}:
            printed = await run(block, page, shell, monkeypatch)
        elif block.language in {"text", "json"}:
            assert printed is not None, f"{where}: no block before it prints this"
            assert [line.rstrip() for line in printed.splitlines()] == block.code.splitlines(), where
            printed = None
        else:
            assert block.language in NOT_FILES, f"{where}: name the file in a comment above the block"


def test_what_is_not_run_is_there() -> None:
    """A reason without a line would hide that lines are skipped for nothing."""
    lines = [line for page in PAGES for block in Document(page).blocks_in("sh") for line in block.code.splitlines()]
    languages = {block.language for page in PAGES for block in Document(page).blocks}

    assert [word for word in NOT_RUN if not any(line.startswith(word) for line in lines)] == []
    assert set(NOT_FILES) <= languages


def test_units_of_systemd_name_what_the_page_has() -> None:
    page = Document("docs/running.md")
    units = [configparser.ConfigParser(interpolation=None, strict=False) for _ in page.blocks_in("ini")]
    for unit, block in zip(units, page.blocks_in("ini"), strict=True):
        unit.optionxform = str  # type: ignore[assignment,method-assign]
        unit.read_string(block.code)
    service, timer = units
    files = {block.file for block in page.blocks}

    assert os.path.basename(service["Service"]["ExecStart"].split()[-1]) in files  # noqa: PTH119
    assert service["Service"]["WorkingDirectory"].startswith("/")
    assert timer["Timer"]["OnCalendar"].endswith("Europe/Kyiv")


def test_reference_is_what_its_script_writes() -> None:
    written = {path.stem: path.read_text("utf-8") for path in FOLDER.glob("*.md")}

    assert written == {name: text.rstrip("\n") + "\n" for name, text in render().items()}, (
        "run python -m tests.docs.reference"
    )
