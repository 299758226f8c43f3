"""A workbook of a month by the command, in a process of its own: `python -m benchmarks.month_run STORE FILE`."""

from __future__ import annotations

import json
import resource
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from time import perf_counter

from benchmarks.page_store import START
from smartkasa_async.cli import main

_KIBIBYTE = 1024


def _run(store: str, workbook: str) -> dict[str, float]:
    sys.argv[1:] = ["--store", store, "reports", "month", workbook, "--month", f"{START:%Y-%m}"]
    started = perf_counter()
    with redirect_stdout(StringIO()) as printed, redirect_stderr(printed):
        status = main()
    assert status == 0, printed.getvalue()
    seconds, used = perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF)
    return {
        "seconds": seconds,
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "peak_bytes": used.ru_maxrss * _KIBIBYTE,
    }


if __name__ == "__main__":
    json.dump(_run(*sys.argv[1:]), sys.stdout)
