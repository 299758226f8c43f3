"""What importing the library costs beside what it is built on."""

from __future__ import annotations

import subprocess
import sys
from statistics import median
from time import perf_counter

__all__ = ["import_ratio"]


def import_ratio(rounds: int) -> tuple[float, float]:
    """Time `from smartkasa_async import SmartKasa` and `import aiohttp, msgspec` in fresh interpreters, in turns.

    Returns:
        Median seconds of each, the interpreter's own start included.
    """
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(_seconds("from smartkasa_async import SmartKasa"))
        theirs.append(_seconds("import aiohttp, msgspec"))
    return median(ours), median(theirs)


def _seconds(code: str) -> float:
    started = perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return perf_counter() - started
