"""Fixtures of the command line's tests: a user without any settings, and a sandbox that commands can reach."""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import smartkasa_async
from smartkasa_async.cli import main
from smartkasa_async.cli.messages import use_language
from smartkasa_async.sandbox import Sandbox
from tests.support.commandline import Result

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROJECT = Path(smartkasa_async.__file__).parents[1]


@pytest.fixture(autouse=True, scope="session")
def interrupts() -> Iterator[None]:
    """Let commands of their own processes hear Ctrl-C, which those of a shell in the background inherit as ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give a user with an empty home folder, in an empty working folder, who speaks English."""
    for name in list(os.environ):
        if name.startswith(("SMARTKASA_", "LC_", "LANG", "NO_COLOR", "FORCE_COLOR")):
            monkeypatch.delenv(name)
    for name, folder in {"HOME": "home", "XDG_STATE_HOME": "home/state", "XDG_CONFIG_HOME": "home/config"}.items():
        monkeypatch.setenv(name, str(tmp_path / folder))
    monkeypatch.setenv("SMARTKASA_SECRETS", "file")
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    monkeypatch.setenv("PYTHONUTF8", "1")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)  # an interrupted command leaves another one
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    yield tmp_path / "home"
    use_language("en")


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Give a function that runs one command line in this process."""

    def run(*words: str, stdin: str = "") -> Result:
        capsys.readouterr()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()), "utf-8"))
        code = main(list(words))
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    return run


@pytest.fixture
def box() -> Iterator[Sandbox]:
    """Serve an empty sandbox."""
    with Sandbox().in_thread() as sandbox:
        yield sandbox


@pytest.fixture
def environment(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """Put the sandbox's credentials into the environment."""
    for name, value in box.credentials.items():
        monkeypatch.setenv(f"SMARTKASA_{name.upper()}", str(value))
    return box


@pytest.fixture
def logged_in(box: Sandbox, cli: Callable[..., Result]) -> Sandbox:
    """Log in to the sandbox as a user does."""
    from tests.support.commandline import credentials_of  # noqa: PLC0415  (keeps the fixture's needs in sight)

    assert cli("login", "--stdin", stdin=credentials_of(box)).code == 0
    return box
