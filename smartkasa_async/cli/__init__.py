"""The command `smartkasa`.

For now it serves the sandbox; the library's other work is done from Python.
"""

from __future__ import annotations

import argparse

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: The command line without the program's name; None for the process's own.

    Returns:
        The exit status.
    """
    parser = argparse.ArgumentParser(prog="smartkasa", description="Async toolkit for SmartKasa.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    commands.add_parser("sandbox", help="serve the SmartKasa API on this machine", add_help=False)
    _, rest = parser.parse_known_args(arguments)
    from smartkasa_async.sandbox.__main__ import main as serve  # noqa: PLC0415  (not needed for the help)

    return serve(rest, prog="smartkasa sandbox")
