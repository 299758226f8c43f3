"""Runs a PostgreSQL for as long as its standard input is open: it ends with whoever started it, however that ends.

python -m tests.support.guardian FOLDER USER COMMAND...

The folder is deleted afterwards; the user may be empty.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys

from tests.support.processes import LONGEST


def _guard(folder: str, user: str, command: list[str]) -> None:
    with subprocess.Popen(command, user=user or None, stdin=subprocess.DEVNULL) as server:  # noqa: S603  (our own command)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # whoever reads it learns by its end that the server has ended
        try:
            sys.stdin.buffer.read()
        finally:
            server.send_signal(signal.SIGQUIT)  # stops at once; nothing of it is kept
            try:
                server.wait(LONGEST)
            finally:
                server.kill()
                shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    _guard(sys.argv[1], sys.argv[2], sys.argv[3:])
