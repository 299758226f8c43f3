"""Runs programs by forks of one interpreter that has imported what they need: a start costs a tenth of Python's own.

What matters of the start itself, such as what it imports or the encoding of an odd locale, is no matter for this.
"""

from __future__ import annotations

import atexit
import gc
import marshal
import os
import pkgutil
import runpy
import selectors
import shlex
import signal
import socket
import subprocess
import sys
import time
import warnings
from contextlib import ExitStack, suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import NamedTuple

from tests.support import warm_program
from tests.support.processes import kill_child, running

__all__ = ["warm_python"]

_PROJECT = Path(__file__).parents[2]
_IMPORTED = (
    *("aiosqlite", "sqlalchemy.dialects.sqlite.aiosqlite", "rich.progress", "rich.table", "zoneinfo"),
    *(
        f"smartkasa_async.{name}"
        for name in ("catalog", "export", "plans", "push", "reports", "sandbox", "stock", "stores")
    ),
    *("smartkasa_async.sync", "smartkasa_async.cli.app", "smartkasa_async.fleet.worker", "smartkasa_async.mcp.server"),
)
_COMMANDS = "smartkasa_async.cli.commands"
_A_RUN = 24 * 3600.0
"""Seconds; the server ends with the process that has started it."""
_USUAL = [
    ("default", None, DeprecationWarning, "__main__", 0),
    *(("ignore", None, kind, None, 0) for kind in (DeprecationWarning, PendingDeprecationWarning)),
    *(("ignore", None, kind, None, 0) for kind in (ImportWarning, ResourceWarning)),
]
"""What Python does about warnings when nothing is said."""


@cache
def warm_python(*modules: str) -> str:
    """Start the server, and give the path of what stands in for Python as long as this process runs.

    It takes `-c`, `-m` or a file, and before them `-W error`. Where there are no forks it is Python itself.

    Args:
        modules: What it imports besides what most programs need; there is one server for each such set.
    """
    if not hasattr(os, "fork"):
        return sys.executable
    stack = ExitStack()
    folder = Path(stack.enter_context(TemporaryDirectory(prefix="warm-")))
    environment = {**os.environ, "PYTHONPATH": str(_PROJECT), "PYTHONUTF8": "1"}
    command = [sys.executable, "-W", "error", "-m", "tests.support.warm_server", str(folder / "socket"), *modules]
    pipe = subprocess.PIPE
    server = stack.enter_context(running(command, limit=_A_RUN, stdin=pipe, stdout=pipe, env=environment))
    atexit.register(stack.close)
    assert server.stdout is not None
    assert server.stdout.readline() == "ready\n"
    program = folder / "python"
    words = [sys.executable, "-I", "-S", warm_program.__file__, str(folder / "socket")]
    program.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n', "utf-8")
    program.chmod(0o755)
    return str(program)


class _Request(NamedTuple):
    arguments: list[str]
    folder: str
    environment: dict[str, str]


class _Program(NamedTuple):
    process: int
    client: socket.socket
    alive: int
    """Can be read from when the process has ended."""


def _serve(address: str) -> _Request | None:
    """Fork for each request until the standard input ends; in a fork, return what it is to run."""
    with socket.socket(socket.AF_UNIX) as listener, selectors.DefaultSelector() as selector:
        listener.bind(address)
        listener.listen()
        selector.register(0, selectors.EVENT_READ)
        selector.register(listener, selectors.EVENT_READ)
        os.write(1, b"ready\n")
        while True:
            for key, _ in selector.select():
                if key.fileobj == 0:
                    return None
                if key.fileobj is listener:
                    started = _start(listener.accept()[0])
                    if isinstance(started, _Request):
                        for other in {key.data for key in selector.get_map().values() if key.data}:
                            other.client.close()
                            os.close(other.alive)
                        return started
                    selector.register(started.alive, selectors.EVENT_READ, started)
                    selector.register(started.client, selectors.EVENT_READ, started)
                elif key.fd == key.data.alive:
                    selector.unregister(key.data.alive)
                    if key.data.client in selector.get_map():
                        selector.unregister(key.data.client)
                    _end(key.data)
                    break  # what else was ready may have been its
                elif signals := key.data.client.recv(1):
                    kill_child(key.data.process, signals[0])
                else:  # nobody waits for it any more
                    selector.unregister(key.data.client)
                    kill_child(key.data.process)


def _start(client: socket.socket) -> _Program | _Request:
    length, streams, _, _ = socket.recv_fds(client, 4, 3)
    read = b""
    while len(read) < int.from_bytes(length, "big"):
        read += client.recv(1 << 16)
    alive, dies = os.pipe()
    process = os.fork()
    if process:
        for stream in (*streams, dies):
            os.close(stream)
        return _Program(process, client, alive)
    client.close()
    os.close(alive)
    os.setsid()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    return _Request(*marshal.loads(read))  # noqa: S302  (of our own program)


def _end(program: _Program) -> None:
    status = os.waitstatus_to_exitcode(os.waitpid(program.process, 0)[1])
    os.close(program.alive)
    with program.client, suppress(BrokenPipeError):  # nobody waits for it any more
        program.client.send(bytes([status if status >= 0 else 128 - status]))


def _run(request: _Request) -> None:
    """Run a program as Python does; what it raises is for Python to handle, and Python ends as after any program."""
    os.chdir(request.folder)
    os.environ.clear()
    os.environ.update(request.environment)
    time.tzset()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    encoding = request.environment.get("PYTHONIOENCODING", "utf-8")
    sys.stdin = open(0, encoding=encoding, closefd=False)  # noqa: SIM115  (open as long as the process runs)
    sys.stdout = open(1, "w", encoding=encoding, closefd=False)  # noqa: SIM115  (likewise)
    sys.stderr = open(2, "w", 1, encoding, "backslashreplace", closefd=False)  # noqa: SIM115  (likewise)
    warnings.resetwarnings()
    warnings.filters.extend(_USUAL)  # type: ignore[attr-defined]
    words = request.arguments
    if words[:2] == ["-W", "error"]:
        words = words[2:]
        warnings.simplefilter("error")
    match words:
        case ["-c", code, *rest]:
            sys.argv, sys.path[0] = ["-c", *rest], ""
            main = sys.modules["__main__"] = ModuleType("__main__")
            exec(compile(code, "<string>", "exec"), vars(main))  # noqa: S102  (the words are those of tests)
        case ["-m", module, *rest]:
            sys.argv, sys.path[0] = [module, *rest], request.folder
            runpy.run_module(module, run_name="__main__", alter_sys=True)
        case [file, *rest] if not file.startswith("-"):
            sys.argv, sys.path[0] = [file, *rest], str(Path(file).resolve().parent)
            runpy.run_path(file, run_name="__main__")
        case _:
            sys.exit(f"not understood: {shlex.join(words)}")


if __name__ == "__main__":
    for name in (*_IMPORTED, *sys.argv[2:]):
        import_module(name)
    for module in pkgutil.iter_modules(import_module(_COMMANDS).__path__, f"{_COMMANDS}."):
        import_module(module.name)
    gc.collect()
    gc.freeze()
    request = _serve(sys.argv[1])
    if request is not None:
        _run(request)
