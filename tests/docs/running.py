"""Running what documents show: Python blocks inside a client, programs, suites, and lines of a shell."""

from __future__ import annotations

import ast
import io
import os
import re
import shlex
import signal
import subprocess
import sys
import tomllib
from contextlib import ExitStack, chdir, contextmanager, redirect_stderr, redirect_stdout
from functools import cache
from shutil import rmtree
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import anyio

from smartkasa_async import SmartKasa
from smartkasa_async.cli import main
from smartkasa_async.sandbox import Sandbox, Simulation, simulate
from tests.docs.markdown import PROJECT
from tests.support.processes import finished, running
from tests.support.warm_server import warm_python

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping
    from pathlib import Path

    from tests.docs.markdown import Block

__all__ = ["SANDBOX", "Shell", "is_program", "is_suite", "run_fragment", "run_python", "run_suites", "served"]

_LINES = 11
"""Lines that a sandbox prints when it serves."""
SANDBOX = re.compile(r"(?:python -m smartkasa_async\.sandbox|smartkasa sandbox)\b(?!.*--help).*")
_LONG_WAIT = 10.0
"""Seconds."""
_SHELL = re.compile(r"[|<>;&$*`~]")
"""What a shell does something about."""
_WITHOUT = [
    word
    for plugin in ("cacheprovider", "schemathesis", "faker", "typeguard", "hypothesispytest", "pytest_cov", "xdist")
    for word in ("-p", f"no:{plugin}")
]
"""Plugins of pytest that readers need not have, and that take longer to import than all else."""
_STATUS = re.compile(r"# exit status (\d+)")
_PROGRAMS = {
    "python": '#!/bin/sh\nexec {python} "$@"\n',
    "smartkasa": '#!/bin/sh\nexec {python} -c "from smartkasa_async.cli import main; raise SystemExit(main())" "$@"\n',
}
"""What an installation puts on the path."""


def is_suite(block: Block) -> bool:
    """Tell whether a block is a file of tests."""
    return "def test_" in block.code


def is_program(block: Block) -> bool:
    """Tell whether a block is a whole program."""
    return "asyncio.run(" in block.code and not is_suite(block)


async def run_fragment(block: Block, document: str) -> tuple[dict[str, Any], str]:
    """Run a block as if it stood inside `async with SmartKasa() as kasa:`; return its names and what it printed."""
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    code = compile(block.padded, PROJECT / document, "exec", flags=flags, dont_inherit=True)
    printed = io.StringIO()
    async with SmartKasa() as kasa:
        names: dict[str, Any] = {"kasa": kasa}
        with redirect_stdout(printed), patch.object(anyio, "sleep", _sleep_if_short):
            running = eval(code, names)  # noqa: S307  (the project's own text)
            if running is not None:
                await running
    return names, printed.getvalue()


async def _sleep_if_short(seconds: float, sleep: Callable[[float], Awaitable[None]] = anyio.sleep) -> None:
    """Let pass at once what a job waits for what the service may still do of the job before it."""
    await sleep(seconds if seconds < _LONG_WAIT else 0)


def run_python(*arguments: str, folder: Path, python: str | None = None, path: str = str(PROJECT)) -> str:
    """Run Python, or what stands in for it, in a folder and return what it printed."""
    done = finished(
        [python or warm_python(), *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def run_suites(blocks: list[Block], folder: Path) -> int:
    """Run files of tests as after an installation, the plugin found by its entry point; return how many passed."""
    points = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]["entry-points"]["pytest11"]
    installed = folder / "site" / "smartkasa_async-0.dist-info"
    installed.mkdir(parents=True)
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: smartkasa-async\nVersion: 0\n")
    lines = [f"{name} = {target}\n" for name, target in points.items()]
    (installed / "entry_points.txt").write_text("[pytest11]\n" + "".join(lines))
    suite = folder / "suite"
    suite.mkdir()
    for block in blocks:
        (suite / f"test_line_{block.line}.py").write_text(block.code, "utf-8")

    path = os.pathsep.join([str(installed.parent), str(PROJECT)])
    printed = run_python("-m", "pytest", "-q", *_WITHOUT, folder=suite, python=sys.executable, path=path)

    passed = re.search(r"^(\d+) passed", printed, re.MULTILINE)
    return int(passed[1]) if passed else 0


_simulated = cache(simulate)


@contextmanager
def served(simulation: Simulation) -> Iterator[Sandbox]:
    """Serve a simulated business."""
    with Sandbox().in_thread() as box:
        box.load(_simulated(simulation))
        yield box


@contextmanager
def _serving(command: list[str], **options: Any) -> Iterator[list[str]]:
    """Run a server as long as the block; gives the lines that it prints when it serves."""
    with running(command, stdout=subprocess.PIPE, **options) as server:
        try:
            assert server.stdout is not None
            yield [server.stdout.readline() for _ in range(_LINES)]
        finally:
            server.send_signal(signal.SIGTERM)
    assert server.returncode == 0


class Shell:
    """A shell that goes from block to block: what one exports, the next has. Servers end with it.

    Args:
        folder: Its working folder, empty but for what documents put there.
        settings: Its environment beside the program's own.
        skipped: First words of the lines that are not run; a line's status is 0 where no comment states another.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str], skipped: frozenset[str]) -> None:
        self.folder = folder
        self._skipped = skipped
        self._servers = ExitStack()
        self._addresses: dict[str, str] = {}  # of servers, by what the document says
        self._tools = folder.parent / f"{folder.name}-bin"
        self._tools.mkdir()
        self.use_python(warm_python())
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("SMARTKASA_", "XDG_"))},
            "PATH": f"{self._tools}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(PROJECT),
            "PYTHONIOENCODING": "utf-8",
            "HOME": str(folder),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            "LC_ALL": "C.UTF-8",
            "COLUMNS": "160",
            **settings,
        }

    def use_python(self, python: str) -> None:
        """Let programs be run by an interpreter, or by what stands in for one."""
        for name, program in _PROGRAMS.items():
            (self._tools / name).write_text(program.format(python=shlex.quote(python)), "utf-8")
            (self._tools / name).chmod(0o755)

    def run(self, block: Block) -> str:
        """Run a block, line after line with its continuations; return what it printed."""
        lines = re.sub(r"\\\n\s*", "", block.code).splitlines()
        return "".join(self._line(line) for line in lines if line.strip() and not line.startswith("#"))

    def let_time_pass(self) -> None:
        """Let readers be slow: what runs next does not wait for what the service may still do of what ran before."""
        rmtree(self.folder / ".local" / "state" / "smartkasa" / "leases", ignore_errors=True)

    def close(self) -> None:
        """End the servers that were started."""
        self._servers.close()

    def _line(self, line: str) -> str:
        words = shlex.split(line, comments=True)
        if words[0] in self._skipped:
            return ""
        if words[0] == "export":
            name, _, value = words[1].partition("=")
            self.environment[name] = self._addresses.get(value, value)
            return ""
        if SANDBOX.fullmatch(line):
            return self._serve(words)
        self.let_time_pass()
        if words[0] == "smartkasa" and not _SHELL.search(line):
            done = self._command(words)
        else:
            done = finished(["/bin/bash", "-c", line], cwd=self.folder, env=self.environment)
        stated = _STATUS.search(line)
        told = f"{line}\nexit status {done.returncode}\n{done.stdout}{done.stderr}"
        assert done.returncode == (int(stated[1]) if stated else 0), told
        assert "Traceback" not in done.stderr, told
        return self._as_shown(done.stdout)

    def _command(self, words: list[str]) -> subprocess.CompletedProcess[str]:
        """Run a command of `smartkasa` alone in this process: to start another takes longer than most commands do."""
        out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
        with (
            patch.dict(os.environ, self.environment, clear=True),
            patch.object(sys, "stdin", io.StringIO()),
            chdir(self.folder),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            status = main(words[1:])
        return subprocess.CompletedProcess(words, status, *(one.buffer.getvalue().decode() for one in (out, err)))

    def _serve(self, words: list[str]) -> str:
        """Start a server on a free port, and let all that follows use it."""
        port = words.index("--port") if "--port" in words else None
        wanted = [*words[:port], *words[port + 2 :]] if port is not None else words
        printed = self._servers.enter_context(_serving(wanted, cwd=self.folder, env=self.environment))
        facts = dict(line.split() for line in printed[:4])
        shown = f"http://127.0.0.1:{words[port + 1]}" if port is not None else facts["url"]
        self._addresses[shown] = facts["url"]
        for name, value in facts.items():
            self.environment[f"SMARTKASA_{'BASE_URL' if name == 'url' else name.upper()}"] = value
        return self._as_shown("".join(printed))

    def _as_shown(self, printed: str) -> str:
        """Write the addresses that the document says, and the user's folder as a shell does."""
        for shown, address in self._addresses.items():
            printed = printed.replace(address, shown)
        return printed.replace(str(self.folder), "~")
