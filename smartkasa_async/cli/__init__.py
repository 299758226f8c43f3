"""The command `smartkasa`: all that the library does, for people and for cron.

Needs the extra `smartkasa-async[cli]`.
"""

from __future__ import annotations

from importlib.util import find_spec

__all__ = ["main"]

_NEEDED = ("cyclopts", "rich", "platformdirs")


def main(arguments: list[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: The command line without the program's name; None for the process's own.

    Returns:
        The exit status; `smartkasa_async.cli.errors.Exit` lists them.
    """
    import sys  # noqa: PLC0415  (keeps the module's names few)

    given = sys.argv[1:] if arguments is None else arguments
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        from smartkasa_async.cli.messages import _, language_of, use_language  # noqa: PLC0415

        use_language(language_of(None))
        text = _("The command line needs {packages}: pip install 'smartkasa-async[cli]'", packages=", ".join(missing))
        sys.stderr.write(f"{text}\n")
        return 2
    try:
        from smartkasa_async.cli.app import run  # noqa: PLC0415  (not before it is known that it can be imported)

        return run(given)
    except KeyboardInterrupt:  # while all is being imported; nothing was done yet
        return 130
