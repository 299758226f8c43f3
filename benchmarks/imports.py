"""What importing the library costs beside what it is built on, and starting its command beside the interpreter."""

from __future__ import annotations

import subprocess
import sys
from statistics import median
from time import perf_counter

from benchmarks.processes import as_installed

__all__ = ["import_ratio", "start_seconds"]

_HELP = "import sys; from smartkasa_async.cli import main; sys.exit(main(['--help']))"


def import_ratio(rounds: int) -> tuple[float, float]:
    """Time `from smartkasa_async import SmartKasa` and `import aiohttp, msgspec` in fresh interpreters, in turns.

    Returns:
        Median seconds of each, the interpreter's own start included.
    """
    ours, theirs = [], []
    _seconds("from smartkasa_async import SmartKasa")  # which compiles what is not yet
    for _ in range(rounds):
        ours.append(_seconds("from smartkasa_async import SmartKasa"))
        theirs.append(_seconds("import aiohttp, msgspec"))
    return median(ours), median(theirs)


def start_seconds(rounds: int) -> tuple[float, float]:
    """Time `smartkasa --help` and `python -c pass` in turns.

    Returns:
        Median seconds of each.
    """
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(_seconds(_HELP))
        theirs.append(_seconds("pass"))
    return median(ours), median(theirs)


def _seconds(code: str) -> float:
    started = perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL, env=as_installed())
    return perf_counter() - started
