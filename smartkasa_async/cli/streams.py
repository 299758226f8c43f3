"""Standard streams as they are found: closed, full, without a reader, of any encoding."""

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
    """Tell whether a stream can write every letter."""
    return (stream.encoding or "").lower().replace("-", "").startswith("utf")


def is_lost_output(error: OSError) -> bool:
    """Tell whether an error says that what is written arrives nowhere: no reader, a full disk, a closed stream."""
    return error.filename is None and (isinstance(error, BrokenPipeError) or error.errno in _LOST)


def on_usable_streams(work: Callable[[], int], describe: Callable[[OSError], str]) -> int:
    """Do work that reads and prints, and end quietly where its output goes nowhere.

    Args:
        work: Gives the exit status.
        describe: Says that the output cannot be written, given why.

    Returns:
        The work's exit status; 1 where its output was lost.
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
    """Open streams that were closed before the program began, and let all write question marks for what they cannot."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None and not is_unicode(stream):
            reconfigure(errors="replace")


def terminal_columns(stream: TextIO | None = None) -> int:
    """Return the width of the terminal that a stream is, `COLUMNS` first; 80 where neither tells.

    Args:
        stream: Where it is written; standard output by default.
    """
    said = os.environ.get("COLUMNS", "")
    if said.isdecimal() and int(said):
        return int(said)
    try:
        return os.get_terminal_size((stream or sys.stdout).fileno()).columns or _USUAL
    except (OSError, ValueError):
        return _USUAL


def wrapped(text: str, stream: TextIO) -> str:
    """Make text of others safe, and break lines between words where they are wider than the terminal.

    No word and no figure is broken.

    What goes on in the next line stands below the first word of the text, behind a mark such as `ok` and its spaces.

    Args:
        text: What is written.
        stream: Where; text for a pipe or a file stays as it is.
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
