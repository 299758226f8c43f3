"""A command in a real pseudo-terminal: what a person at a keyboard sees and types."""

from __future__ import annotations

import os
import re
import select
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Self

from tests.support.processes import LONGEST
from tests.support.warm_server import warm_python

if sys.platform != "win32":
    import termios

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CTRL_C", "Terminal"]

CTRL_C = "\x03"

# The slave becomes the controlling terminal of a session of its own, so that Ctrl-C and hidden input work.
_COMMAND = (
    "import fcntl, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    "from smartkasa_async.cli import main; sys.exit(main())"
)
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_LINES = 50


class Terminal:
    """Runs one command line of `smartkasa`.

    Args:
        words: The words after the program's name.
        environment: Variables besides those of the test.
        columns: Width of the terminal.
        python: The interpreter; None for what stands in for one.
    """

    def __init__(
        self,
        *words: str,
        environment: Mapping[str, str] | None = None,
        columns: int = 200,
        python: str | None = None,
    ) -> None:
        self._master, slave = os.openpty()
        termios.tcsetwinsize(slave, (_LINES, columns))
        variables = {**os.environ, "TERM": "xterm", **(environment or {})}
        variables.pop("COLUMNS", None)  # the width is the terminal's own
        self._process = subprocess.Popen(  # noqa: S603  (the words are those of tests)
            [python or warm_python(), "-c", _COMMAND, *words],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=variables,
            start_new_session=True,
        )
        os.close(slave)
        self._seen = b""
        self._looked_at = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._process.kill()
        self._process.wait(LONGEST)
        os.close(self._master)

    @property
    def text(self) -> str:
        """All that was shown so far, without colours and movements of the cursor."""
        return _COLOURS.sub("", self._seen.decode(errors="replace")).replace("\r\n", "\n")

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Read until something new is shown that a pattern is found in."""
        until = time.monotonic() + LONGEST
        while True:
            found = re.compile(pattern).search(self.text, self._looked_at)
            if found:
                self._looked_at = found.end()
                return found
            assert self._read(until), f"{pattern!r} was not shown:\n{self.text}"

    def type(self, text: str) -> None:
        """Type something; a line ends with a line feed."""
        os.write(self._master, text.encode())

    def end(self) -> int:
        """Read until the command ends; gives its exit status."""
        until = time.monotonic() + LONGEST
        while self._read(until):
            pass
        return self._process.wait(LONGEST)

    def _read(self, until: float) -> bool:
        ready, _, _ = select.select([self._master], [], [], max(0, until - time.monotonic()))
        assert ready, f"nothing is shown any more:\n{self.text}"
        try:
            more = os.read(self._master, 65536)
        except OSError:  # what Linux says when the command has ended
            return False
        self._seen += more
        return bool(more)
