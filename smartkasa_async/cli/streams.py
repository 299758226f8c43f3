"""Standard streams as they are found: closed, full, without a reader, of any encoding."""

from __future__ import annotations

import errno
import os
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["is_lost_output", "is_unicode", "on_usable_streams", "prepare_streams"]

_LOST = {errno.ENOSPC, errno.EIO, errno.EBADF, errno.EDQUOT}


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
