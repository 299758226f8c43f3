"""The command `smartkasa`: all that the library does, for people and for cron.

Needs the extra `smartkasa-async[cli]`.
"""

from __future__ import annotations

import os
import sys

__all__ = ["main"]

_INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: The command line without the program's name; None for the process's own, which is then about to end.

    Returns:
        The exit status; `smartkasa_async.cli.errors.Exit` lists them.
    """
    try:
        code = _run(sys.argv[1:] if arguments is None else arguments)
    except KeyboardInterrupt:  # while all is being imported; nothing was done yet
        code = _INTERRUPTED
    import signal  # noqa: PLC0415  (Ctrl-C is caught only in this function, which therefore begins early)

    if arguments is None and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)  # or Python would print a traceback for Ctrl-C while it takes itself down
    return code


def _run(arguments: list[str]) -> int:
    from importlib.util import find_spec  # noqa: PLC0415  (as late as signal)

    from smartkasa_async._support.extras import PACKAGES  # noqa: PLC0415  (likewise)

    needed = [name for name, package in PACKAGES.items() if package.extra == "cli"]
    missing = [name for name in needed if find_spec(name) is None]
    if missing:
        from smartkasa_async.cli.app import asked_language  # noqa: PLC0415
        from smartkasa_async.cli.messages import _, language_of, use_language  # noqa: PLC0415

        use_language(language_of(asked_language(arguments)))
        text = _("The command line needs {packages}: pip install 'smartkasa-async[cli]'", packages=", ".join(missing))
        sys.stderr.write(f"{text}\n")
        return 2
    from smartkasa_async.cli.app import run  # noqa: PLC0415  (not before it is known that it can be imported)

    return run(arguments)


def _end(*_received: object) -> None:
    os._exit(_INTERRUPTED)
