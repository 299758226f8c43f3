"""Processes that tests start: each ends with its test, its children too, and none is waited for without a limit."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from threading import Event, Timer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["LONGEST", "finished", "kill_child", "running"]

LONGEST = 120.0
"""Seconds that a process may take, and anything else that is waited for; many times what a busy machine needs."""

_GRACE = 10.0


@contextmanager
def running(
    command: Sequence[str | Path], *, limit: float = LONGEST, **options: Any
) -> Iterator[subprocess.Popen[str]]:
    """Start a process with a session of its own; it is killed at the limit, so that whatever waits for it goes on.

    Args:
        command: The program and its arguments.
        limit: Seconds.
        options: Further arguments of `subprocess.Popen`.

    Returns:
        A context manager that gives the process, waits for its end, and kills it where the block fails.

    Raises:
        AssertionError: It had not ended at the limit.
    """
    started = subprocess.Popen(command, encoding="utf-8", start_new_session=True, **options)  # noqa: S603  (the words are those of tests)
    with started as process:
        late = Event()

        def expire() -> None:
            if process.returncode is None:
                late.set()
                _kill_session(process)

        watch = Timer(limit, expire)
        watch.daemon = True
        watch.start()
        try:
            yield process
            for stream in (process.stdin, process.stdout, process.stderr):
                if stream is not None:
                    stream.close()
            process.wait()
        finally:
            watch.cancel()
            _kill_session(process)
    assert not late.is_set(), f"had not ended after {limit} s: {command}"


def finished(
    command: Sequence[str | Path], stdin: str | None = None, *, limit: float = LONGEST, **options: Any
) -> subprocess.CompletedProcess[str]:
    """Run a process to its end.

    Args:
        command: The program and its arguments.
        stdin: What it reads; None for nothing.
        limit: Seconds.
        options: Further arguments of `subprocess.Popen`.

    Returns:
        Its exit status and what it wrote.

    Raises:
        AssertionError: It had not ended at the limit.
        TimeoutExpired: Something that it has started still holds its output.
    """
    streams = {
        "stdin": subprocess.DEVNULL if stdin is None else subprocess.PIPE,
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
    }
    with running(command, limit=limit, **(streams | options)) as process:
        out, err = process.communicate(stdin, limit + _GRACE)
    return subprocess.CompletedProcess(command, process.returncode, out, err)


def kill_child(process: int, number: int | None = None) -> None:
    """Kill a child that nobody has waited for yet, so that its id cannot be another's.

    Args:
        process: Its process id.
        number: The signal; None for SIGKILL.

    Raises:
        ValueError: The id is none of a single process, or not that of a child of this process.
    """
    if process <= 1:
        raise ValueError(f"{process} is not the id of a process that may be killed")
    try:
        os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        raise ValueError(f"{process} is no child of this process") from None
    os.kill(process, signal.SIGKILL if number is None else number)


def _kill_session(process: subprocess.Popen[str]) -> None:
    """Kill a process and what it has started, unless it was waited for: its id may be another's then."""
    if process.returncode is not None:
        return
    if sys.platform == "win32":
        process.kill()
        return
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
