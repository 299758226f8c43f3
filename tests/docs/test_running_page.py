"""The units and the line of cron's table on docs/running.md start the programs of that page, with its settings."""

from __future__ import annotations

import configparser
import re
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.docs.markdown import PROJECT, Document
from tests.docs.pages import opened_shell
from tests.support.processes import finished, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.docs.running import Shell

PAGE = Document("docs/running.md")
(CRONTAB,) = PAGE.blocks_in("crontab")
STARTS = ["python /opt/smartkasa/nightly.py", "sh /opt/smartkasa/nightly.sh"]


class Unit(configparser.RawConfigParser):
    """A unit of systemd, whose names are case-sensitive."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.read_string(text)

    def optionxform(self, optionstr: str) -> str:
        return optionstr


SERVICE, TIMER = (Unit(block.code) for block in PAGE.blocks_in("ini"))


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    """Open a shell with the page's files, and with a sandbox's settings in the file that is to hold settings."""
    with opened_shell(tmp_path) as shell:
        for block in PAGE.blocks:
            if block.file is not None:
                (shell.folder / block.file).write_text(block.code, block.encoding)
        names = re.findall(r"^(SMARTKASA_\w+)=", (shell.folder / "smartkasa.env").read_text("utf-8"), re.MULTILINE)
        assert set(names) == {f"SMARTKASA_{name}" for name in ("API_KEY", "PHONE_NUMBER", "PASSWORD")}
        lines = [f"{name}='{value}'\n" for name, value in shell.environment.items() if name.startswith("SMARTKASA_")]
        (shell.folder / "smartkasa.env").write_text("".join(lines), "utf-8")
        yield shell


def run(command: str, shell: Shell, path: str, settings: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command as cron and systemd do: with hardly any environment, and with this test's folders for the real."""
    tools = shell.environment["PATH"].partition(":")[0]
    places = {"/opt/smartkasa/bin": tools, "/opt/smartkasa": ".", "/var/lib/smartkasa": ".", "/etc": "."}
    for real, here in places.items():
        command, path = command.replace(real, here), path.replace(real, here)
    return finished(
        ["/bin/sh", "-c", command],
        cwd=shell.folder,
        env={"PATH": path, "HOME": str(shell.folder), "PYTHONPATH": str(PROJECT), **settings},
    )


@pytest.mark.parametrize("start", STARTS)
def test_cron_starts_the_program(shell: Shell, start: str) -> None:
    path, line = CRONTAB.code.splitlines()
    command = line.split(maxsplit=5)[5]
    assert STARTS[0] in command
    assert all(f"`{start}`" in PAGE.text for start in reversed(STARTS))

    done = run(command.replace(STARTS[0], start), shell, path.removeprefix("PATH="), {})

    log = (shell.folder / "nightly.log").read_text("utf-8")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), log
    assert "Крамниця №2" in log
    assert {file.stat().st_mode & 0o077 for file in shell.folder.glob("nightly.lo[cg]*")} == {0}


def test_cron_leaves_a_run_alone_that_has_not_ended(shell: Shell) -> None:
    path, line = CRONTAB.code.splitlines()
    with running(
        ["flock", "nightly.lock", "sh", "-c", "echo held; read line"],
        cwd=shell.folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        done = run(line.split(maxsplit=5)[5], shell, path.removeprefix("PATH="), {})

    assert (done.returncode, (shell.folder / "nightly.log").read_text("utf-8")) == (1, "")


@pytest.mark.parametrize("start", STARTS)
def test_systemd_starts_the_program(shell: Shell, start: str) -> None:
    service = SERVICE["Service"]
    others = re.findall(r"`ExecStart=(.+?)`", PAGE.text)
    (command,) = (each for each in (service["ExecStart"], *others) if each.endswith(start))
    assert service["EnvironmentFile"] == "/etc/smartkasa.env"
    lines = (shell.folder / "smartkasa.env").read_text("utf-8").splitlines()
    settings = dict(shlex.split(line)[0].split("=", 1) for line in lines)
    if start == STARTS[0]:  # the other one differs by its first line, and is started warm
        shell.use_python(sys.executable)

    done = run(command, shell, service["Environment"].removeprefix("PATH="), settings)

    assert done.returncode == 0, done.stderr
    assert "Крамниця №2" in done.stdout


def test_timer_keeps_to_kyiv_and_makes_up_for_a_night_off() -> None:
    assert TIMER["Timer"]["OnCalendar"].endswith("Europe/Kyiv")
    assert TIMER["Timer"]["Persistent"] == "true"
    assert TIMER["Install"]["WantedBy"] == "timers.target"
    assert SERVICE["Service"]["Type"] == "oneshot"
