"""Questions to the user at the terminal."""

from __future__ import annotations

import getpass
import signal
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def can_ask() -> bool:
    """Return whether all standard streams are a terminal."""
    return all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))


def ask_line(question: str) -> str | None:
    """Ask for a line.

    Args:
        question: The question, ending with a space.

    Returns:
        The line, stripped; None at the end of the input.
    """
    with _interruptible():
        sys.stderr.write(question)
        sys.stderr.flush()
        line = sys.stdin.readline()
    return line.strip() if line else None


def ask_secret(question: str) -> str | None:
    """Ask for a line without showing it; see `ask_line`."""
    with _interruptible():
        try:
            return getpass.getpass(question).strip()
        except EOFError:
            return None


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let signals end a question at once; the event loop's handlers would wait for its answer."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {each: signal.signal(each, _interrupt) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _interrupt(*_received: object) -> None:
    raise KeyboardInterrupt
