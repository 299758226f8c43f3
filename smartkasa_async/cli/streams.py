"""Standard streams that may be closed, full, without a reader, or of any encoding."""

from __future__ import annotations

import errno
import os
import re
import sys
import textwrap
from typing import TYPE_CHECKING, TextIO

from smartkasa_async._i18n.safe_text import visible

if TYPE_CHECKING:
    from collections.abc import Callable

_LOST = {errno.ENOSPC, errno.EIO, errno.EBADF, errno.EDQUOT}
_NARROWEST, _USUAL = 20, 80
_MARK = re.compile(r"\S{0,12}\s{2,}")


def is_unicode(stream: TextIO) -> bool:
    """Return whether a stream can write every character."""
    return (stream.encoding or "").lower().replace("-", "").startswith("utf")


def is_lost_output(error: OSError) -> bool:
    """Return whether an error means that output is lost: no reader, a full disk, a closed stream."""
    return error.filename is None and (isinstance(error, BrokenPipeError) or error.errno in _LOST)


def on_usable_streams(work: Callable[[], int], describe: Callable[[OSError], str]) -> int:
    """Run work that prints, and end quietly if its output is lost.

    Returns:
        The work's exit status; 1 if its output was lost.
    """
    prepare_streams()
    try:
        code = work()
        sys.stdout.flush()
    except OSError as error:
        if not is_lost_output(error):
            raise
        # Python would complain once more when it closes standard output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):  # a reader that has enough is no error
            sys.stderr.write(describe(error) + "\n")
        return 1
    return code


def prepare_streams() -> None:
    """Open streams that were closed at the start, and let all replace characters that they cannot write."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None and not is_unicode(stream):
            reconfigure(errors="replace")


def terminal_columns(stream: TextIO | None = None) -> int:
    """Return the width of a terminal: `COLUMNS`, else its own, else 80.

    Args:
        stream: The terminal; standard output by default.
    """
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns):
        return int(columns)
    try:
        return os.get_terminal_size((stream or sys.stdout).fileno()).columns or _USUAL
    except (OSError, ValueError):
        return _USUAL


def wrapped(text: str, stream: TextIO) -> str:
    """Escape control characters, and wrap lines that are wider than the terminal.

    Words are not broken. Continuation lines are indented below the first word behind a mark such as `ok`.

    Args:
        text: Text to write.
        stream: Where it goes; lines for a pipe or a file are not wrapped.
    """
    text = visible(text)
    if not stream.isatty():
        return text
    columns = max(_NARROWEST, terminal_columns(stream))
    return "\n".join(_wrapped_line(line, columns) for line in text.split("\n"))


def _wrapped_line(line: str, columns: int) -> str:
    mark = _MARK.match(line)
    return textwrap.fill(
        line,
        columns,
        subsequent_indent=" " * (mark.end() if mark else 0),
        replace_whitespace=False,
        break_long_words=False,
        break_on_hyphens=False,
    )
