"""Receipts of ten shops, from the service's pages to committed rows in SQLite, and from far away."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from benchmarks.processes import cores
from benchmarks.receipts_service import RECEIPTS_A_DAY, SHOPS, receipts_service

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["FAR_GOAL", "LATENCY", "FarRuns", "ReceiptRun", "measure_far", "measure_receipts", "missed_receipt_goals"]

RATE_GOAL = 2_500
GROWTH_GOAL = 1.25
"""Of the peak memory, from the smallest to the largest sync."""
FAR_GOAL = 8.0
LATENCY = 0.050
_FAR_DAYS = 28
_ROOT = Path(__file__).parents[1]


class ReceiptRun(msgspec.Struct, frozen=True):
    """One sync.

    Attributes:
        receipts: Receipts that were read, each with 5 items and 2 payments.
        seconds: How long it took, start-up not counted.
        cpu_seconds: Processor time that it took.
        peak_bytes: The most memory that its process ever had.
    """

    receipts: int
    seconds: float
    cpu_seconds: float
    peak_bytes: int

    @property
    def rate(self) -> float:
        """Receipts in a second."""
        return self.receipts / self.seconds


@dataclass(frozen=True)
class FarRuns:
    """The same receipts of ten shops from a service whose answers take `LATENCY`.

    Attributes:
        by_hand: One page after another, kept nowhere.
        not_kept: Side by side, kept nowhere.
        kept: Side by side, into SQLite.
    """

    by_hand: ReceiptRun
    not_kept: ReceiptRun
    kept: ReceiptRun

    @property
    def ratio(self) -> float:
        """How many times as fast the reading is side by side."""
        return self.by_hand.seconds / self.not_kept.seconds


def measure_receipts(sizes: Sequence[int]) -> list[ReceiptRun]:
    """Sync numbers of receipts into SQLite, each in a process of its own on one core; the service has the other one.

    Args:
        sizes: Numbers of receipts, multiples of a day's.
    """
    ours, theirs = cores()
    with receipts_service(theirs) as address:
        return [_measure(address, size // (SHOPS * RECEIPTS_A_DAY), "kept", ours) for size in sizes]


def measure_far() -> FarRuns:
    """Read from far away in three ways."""
    ours, theirs = cores()
    with receipts_service(theirs, latency=LATENCY) as address:
        return FarRuns(*(_measure(address, _FAR_DAYS, way, ours) for way in ("by-hand", "not-kept", "kept")))


def missed_receipt_goals(runs: Sequence[ReceiptRun], far: FarRuns) -> list[str]:
    """Name the goals that were missed."""
    missed = [
        f"sync of {run.receipts:,} receipts: {run.rate:,.0f} a second, goal {RATE_GOAL:,}"
        for run in runs
        if run.rate < RATE_GOAL
    ]
    growth = runs[-1].peak_bytes / runs[0].peak_bytes
    if growth > GROWTH_GOAL:
        missed.append(f"memory of a sync of {runs[-1].receipts:,} receipts: {growth:.2f} times the smallest's")
    if far.ratio < FAR_GOAL:
        missed.append(f"ten shops from far away: {far.ratio:.1f} times as fast, goal {FAR_GOAL:.0f}")
    return missed


def _measure(address: str, days: int, way: str, core: int | None) -> ReceiptRun:
    command = [sys.executable, "-m", "benchmarks.receipts_run", address, str(days), way]
    if core is not None:
        command += ["--core", str(core)]
    ran = subprocess.run(command, cwd=_ROOT, check=True, stdout=subprocess.PIPE)
    run = msgspec.convert(json.loads(ran.stdout), ReceiptRun)
    assert run.receipts == days * SHOPS * RECEIPTS_A_DAY, "not all receipts were read"
    return run
