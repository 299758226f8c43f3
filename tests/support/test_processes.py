"""Processes that tests start: none outlives its test, none is waited for without a limit, no foreign one is killed."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.processes import finished, kill_child, running

pytestmark = pytest.mark.skipif(not hasattr(os, "waitid"), reason="children are looked at by os.waitid")

TESTS = Path(__file__).parents[1]
FOR_EVER = "import signal\nwhile True: signal.pause()"
PARENT = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])"
LEFT_CHILD = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', sys.argv[1]])"
HANGING = """
import threading

import pytest


@pytest.fixture
def waits():
    yield
    threading.Event().wait()


def test_in_fixture(waits):
    threading.Event().wait()


def test_in_test():
    try:
        threading.Event().wait()
    finally:
        threading.Event().wait()
"""
GUARDED = """
import signal, sys
from pathlib import Path
signal.signal(signal.SIGQUIT, lambda *_: sys.exit())
Path(sys.argv[1], "ready").touch()
while True: signal.pause()
"""
STARTED_AND_LEFT = """
import os, subprocess, sys
from pathlib import Path
folder, program = sys.argv[1:]
command = [sys.executable, "-m", "tests.support.guardian", folder, "", sys.executable, "-c", program, folder]
guardian = subprocess.Popen(command, stdin=subprocess.PIPE)
while not Path(folder, "ready").exists():
    pass
print("started", flush=True)
os._exit(0)
"""
SIGNALLING = {"kill", "killpg", "fork", "forkpty", "waitpid", "wait", "system", "popen", "posix_spawn"}
"""Functions of `os` that end, start and wait for processes."""
ALLOWED = {
    "support/processes.py": {"subprocess.Popen", "os.kill", "os.killpg"},
    "support/guardian.py": {"subprocess.Popen"},
    "chaos/driving.py": {"subprocess.Popen"},
    "chaos/forking.py": {"os.fork", "os.kill", "os.waitpid"},  # kills itself,
    "chaos/test_forking.py": {"os.kill"},
    "support/terminal.py": {"subprocess.Popen"},
    "support/warm_server.py": {"os.fork", "os.waitpid"},
    "_core/test_session_lock.py": {"asyncio.create_subprocess_exec"},
    "cli/test_relay.py": {"subprocess.DEVNULL"},
}


def find_unbounded(source: str) -> set[str]:
    """List calls that start processes, signal them, or wait without a limit, as they are written."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module in {"os", "subprocess"}:
            found |= {
                f"{node.module}.{one.name}" for one in node.names if node.module != "os" or one.name in SIGNALLING
            }
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        owner, name = ast.unparse(node.func.value), node.func.attr
        starts = owner == "subprocess" and name != "CompletedProcess"
        if starts or (owner == "os" and name in SIGNALLING) or (name.startswith("create_subprocess")):
            found.add(f"{owner}.{name}")
        if name == "join" and not node.args and not node.keywords:
            found.add(f"{owner}.{name}()")
    return found


@pytest.mark.parametrize("process", [-9, -1, 0, 1, "itself", "its parent"])
def test_only_children_are_killed(process: int | str, monkeypatch: pytest.MonkeyPatch) -> None:
    killed: list[int] = []
    monkeypatch.setattr(os, "kill", lambda *one: killed.append(one))
    monkeypatch.setattr(os, "killpg", lambda *one: killed.append(one))
    id_ = {"itself": os.getpid(), "its parent": os.getppid()}.get(f"{process}", process)
    assert isinstance(id_, int)
    with pytest.raises(ValueError, match=f"^{id_} is no"):
        kill_child(id_)
    assert killed == []


def test_a_child_is_killed_and_not_once_it_was_waited_for() -> None:
    with running([sys.executable, "-c", FOR_EVER]) as child:
        kill_child(child.pid)
        child.wait()
        with pytest.raises(ValueError, match="no child"):
            kill_child(child.pid)
    assert child.returncode == -signal.SIGKILL


@pytest.mark.parametrize("program", [[FOR_EVER], [PARENT, FOR_EVER], [LEFT_CHILD, FOR_EVER]])
def test_what_does_not_end_is_killed_at_its_limit_with_its_children(program: list[str]) -> None:
    """The children hold the pipe that is read."""
    with pytest.raises(AssertionError, match=r"had not ended after 0\.3 s"):
        finished([sys.executable, "-c", *program], limit=0.3)


def test_a_line_that_does_not_come_is_waited_for_as_long_as_its_process_may_take() -> None:
    def read() -> None:
        with running([sys.executable, "-c", FOR_EVER], limit=0.3, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == ""

    with pytest.raises(AssertionError, match=r"had not ended after 0\.3 s"):
        read()


def test_a_process_ends_with_a_block_that_fails() -> None:
    with pytest.raises(ZeroDivisionError), running([sys.executable, "-c", FOR_EVER]) as process:
        raise ZeroDivisionError
    assert process.returncode == -signal.SIGKILL


def test_what_a_process_writes_and_reads_comes_whole() -> None:
    text = "Чай\n" * 100_000
    done = finished([sys.executable, "-c", "import sys; sys.stderr.write(sys.stdin.read()); sys.exit(7)"], stdin=text)
    assert (done.returncode, done.stdout, done.stderr == text) == (7, "", True)


def test_a_guarded_server_and_its_folder_end_with_whoever_started_it(tmp_path: Path) -> None:
    """Both hold the pipe that is read here until none of them does."""
    folder = tmp_path / "data"
    folder.mkdir()

    done = finished([sys.executable, "-c", STARTED_AND_LEFT, f"{folder}", GUARDED], cwd=TESTS.parent)

    assert (done.returncode, done.stdout, done.stderr) == (0, "started\n", "")
    assert not folder.exists()


@pytest.mark.parametrize("hangs", ["in_test", "in_fixture"])
def test_a_test_whose_end_hangs_ends_the_run(tmp_path: Path, hangs: str) -> None:
    (tmp_path / "test_it.py").write_text(HANGING, "utf-8")
    limits = ["-o", "timeout=0.3", "-o", "faulthandler_timeout=1.5", "-o", "faulthandler_exit_on_timeout=true"]
    command = [
        "-m",
        "pytest",
        "-p",
        "tests.support.ending",
        "-p",
        "no:cacheprovider",
        *limits,
        f"{tmp_path}",
        "-k",
        hangs,
    ]
    done = finished([sys.executable, *command], cwd=TESTS.parent)
    assert (done.returncode, "Timeout (0:00:01.5" in done.stderr) == (1, True), done


def test_nothing_else_starts_processes_or_waits_for_a_thread_without_a_limit() -> None:
    found = {
        path.relative_to(TESTS).as_posix(): calls
        for path in TESTS.rglob("*.py")
        if (calls := find_unbounded(path.read_text("utf-8")))
    }
    assert found == ALLOWED


@pytest.mark.parametrize(
    "call",
    [
        "subprocess.run([])",
        "subprocess.check_output([])",
        "os.kill(1, 9)",
        "os.killpg(1, 9)",
        "asyncio.create_subprocess_exec('x')",
        "thread.join()",
        "from subprocess import run",
        "from os import kill",
    ],
)
def test_a_call_that_may_wait_for_ever_is_found(call: str) -> None:
    assert find_unbounded(f"async def test():\n    {call}\n    text.join([])\n    thread.join(5)")
