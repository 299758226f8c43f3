"""What stands in for Python does as Python does, for programs that tests start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.processes import finished, running
from tests.support.warm_server import warm_python

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="programs cannot be forked")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with a program in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONUTF8", "1")
    (tmp_path / "mine.py").write_text(
        "import os, sys\nprint(__name__, sys.argv, sys.path[0], os.getcwd(), sys.stdin.read())\nsys.exit('ї')\n",
        "utf-8",
    )
    return tmp_path


@pytest.mark.parametrize(
    "words",
    [
        ["mine.py", "one", "--two"],
        ["-m", "mine", "one"],
        ["-c", "import sys; print(__name__, sys.argv, sys.path[0]); sys.exit(3)", "one"],
        ["-c", "import os; print(os.environ['MINE'], os.environ.get('NOT_MINE'))"],
        ["-c", "import sys; print(sys.stdin.read()); print('ї', file=sys.stderr)"],
        ["-c", "import atexit; atexit.register(print, 'the end')"],
        ["-c", "import threading, time; threading.Timer(0.01, print, ['later']).start()"],
        ["-c", "import time; print(time.localtime(0).tm_hour, time.tzname)"],
        ["-c", "import warnings; warnings.warn('old', DeprecationWarning, 1)"],
        ["-c", "open('mine.py')"],
        ["-W", "error", "-c", "open('mine.py')"],
    ],
)
def test_program_does_the_same(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    warm_python()
    monkeypatch.setenv("MINE", "ґ")
    monkeypatch.setenv("TZ", "Europe/Kyiv")
    warm, cold = (finished([python, *words], "вхід") for python in (warm_python(), sys.executable))

    assert (warm.returncode, warm.stdout, warm.stderr) == (cold.returncode, cold.stdout, cold.stderr)


def test_exceptions_are_printed() -> None:
    done = finished([warm_python(), "-W", "error", "-c", "import warnings; warnings.warn('old', stacklevel=1)"])

    assert (done.returncode, done.stdout, done.stderr.splitlines()[-1]) == (1, "", "UserWarning: old")


def test_death_is_a_status_as_in_a_shell() -> None:
    assert finished([warm_python(), "-c", "import os; os.kill(os.getpid(), 9)"]).returncode == 128 + 9


def test_two_run_at_once_and_signals_reach_theirs() -> None:
    program = (
        "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(7)); print('on', flush=True); input()"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with running([warm_python(), "-c", program], **pipes) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "on\n"
        with running([warm_python(), "-c", program], **pipes) as second:
            assert second.stdout is not None
            assert second.stdout.readline() == "on\n"
            second.send_signal(signal.SIGTERM)
            assert second.wait() == 7
        assert first.poll() is None
        first.communicate("go on\n")
    assert first.returncode == 0


def test_program_dies_with_what_waits_for_it() -> None:
    with running([warm_python(), "-c", "print('on', flush=True); input()"], stdin=0, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "on\n"
        process.kill()
        assert process.stdout.read() == ""  # nobody holds the output any more
