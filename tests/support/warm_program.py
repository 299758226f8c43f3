"""Stands in for Python: has a program run by a fork of `tests.support.warm_server`, and ends as that one does.

Imports as little as it can, since it is started for each program.
"""

from __future__ import annotations

import marshal
import os
import signal
import socket
import sys

__all__ = ["main"]


def main(address: str, arguments: list[str]) -> int:
    """Run a program on this process's own standard streams; signals are passed on.

    Args:
        address: Path of the server's socket.
        arguments: What follows `python` on the command line.

    Returns:
        The exit status, as a shell gives it.
    """
    request = marshal.dumps((arguments, os.getcwd(), dict(os.environ)))  # noqa: PTH109  (pathlib takes longer to import than all else)
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(address)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda received, _place: server.sendall(bytes([received])))
        socket.send_fds(server, [len(request).to_bytes(4, "big")], [0, 1, 2])
        server.sendall(request)
        return server.recv(1)[0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
