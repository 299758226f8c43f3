"""Entry of the command line: chooses the language, then prints help or runs a command."""

from __future__ import annotations

import os
import sys

from smartkasa_async._i18n.external import reason_of
from smartkasa_async._version import __version__
from smartkasa_async.cli.command_table import COMMANDS, TAKES_VALUE, find_command
from smartkasa_async.cli.messages import _, language_of, use_language
from smartkasa_async.cli.streams import on_usable_streams


def run(arguments: list[str]) -> int:
    """Run a command line.

    Returns:
        The exit status.
    """
    use_language(_language(arguments))
    return on_usable_streams(
        lambda: _run(arguments), lambda error: _("The output cannot be written: {reason}", reason=reason_of(error))
    )


def _run(arguments: list[str]) -> int:
    ours = arguments[: arguments.index("--")] if "--" in arguments else arguments
    path = find_command(ours)
    if "--version" in ours and not path:
        sys.stdout.write(f"smartkasa-async {__version__}\n")
        return 0
    wants_help = bool({"--help", "-h"} & set(ours))
    if (wants_help and path in COMMANDS) or (path not in COMMANDS and " ".join(_words(ours)) == path):
        from smartkasa_async.cli.help import print_help  # noqa: PLC0415  (only when it is asked for)

        print_help(path)
        return 0
    from smartkasa_async.cli.running import run_tokens  # noqa: PLC0415  (the overview needs none of it)

    return run_tokens([word for word in arguments if not (wants_help and word in {"--help", "-h"})])


def _words(arguments: list[str]) -> list[str]:
    """Leave out the global options with their values; an option without its value stays."""
    left, rest = [], iter(arguments)
    for word in rest:
        name, sign, _value = word.partition("=")
        if name not in TAKES_VALUE or (TAKES_VALUE[name] and not sign and next(rest, "-").startswith("-")):
            left.append(word)
    return left


def asked_language(arguments: list[str]) -> str | None:
    """Return the language that the command line or the environment names."""
    return _flag(arguments, "--lang") or os.environ.get("SMARTKASA_LANG")


def _language(arguments: list[str]) -> str:
    """Choose the language by flag, environment, file or locale."""
    wanted = asked_language(arguments)
    if not wanted:
        from smartkasa_async.cli.configuration import read_configuration  # noqa: PLC0415  (flag and variable are cheaper)
        from smartkasa_async.cli.errors import CommandError  # noqa: PLC0415

        try:
            settings = read_configuration(profile=_flag(arguments, "--profile"), file=_flag(arguments, "--config"))
            wanted = settings.found["lang"].value
        except (CommandError, OSError):  # the command itself reports it, in the locale's language
            wanted = None
    return language_of(wanted)


def _flag(arguments: list[str], name: str) -> str | None:
    for index, word in enumerate(arguments):
        if word == name:
            return next(iter(arguments[index + 1 :]), None)
        if word.startswith(f"{name}="):
            return word.removeprefix(f"{name}=")
    return None
