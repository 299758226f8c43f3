"""A month's workbook of stores of growing size: what writing it takes, as an accountant waits for it."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import msgspec

from benchmarks.turns import run_module

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MEMORY_GOAL", "SECONDS_GOAL", "MonthRun", "measure_months", "missed_month_goals"]

SECONDS_GOAL = 60.0
MEMORY_GOAL = 300_000_000


class MonthRun(msgspec.Struct, frozen=True):
    """One workbook.

    Attributes:
        receipts: Receipts in the store.
        seconds: How long the command took.
        cpu_seconds: Its processor time.
        peak_bytes: The most memory that its process ever had.
        size: Bytes of the workbook.
    """

    receipts: int
    seconds: float
    cpu_seconds: float
    peak_bytes: int
    size: int


def measure_months(times: Sequence[int]) -> list[MonthRun]:
    """Write workbooks of ten shops and of several times as many, each in a process of its own.

    Args:
        times: How many times as many shops.
    """
    return [_measure(number) for number in times]


def missed_month_goals(runs: Sequence[MonthRun]) -> list[str]:
    """Name the goals that were missed."""
    missed = []
    for run in runs:
        if run.seconds >= SECONDS_GOAL:
            missed.append(f"month of {run.receipts:,} receipts: {run.seconds:.0f} s, goal {SECONDS_GOAL:.0f}")
        if run.peak_bytes >= MEMORY_GOAL:
            missed.append(f"month of {run.receipts:,} receipts: {run.peak_bytes:,} bytes, goal {MEMORY_GOAL:,}")
    return missed


def _measure(times: int) -> MonthRun:
    with TemporaryDirectory() as folder:
        store, workbook = Path(folder, "shops.sqlite"), Path(folder, "month.xlsx")
        receipts = run_module("page_store", store, times)
        facts = run_module("month_run", store, workbook)
        return msgspec.convert({**facts, "receipts": receipts, "size": workbook.stat().st_size}, MonthRun)
