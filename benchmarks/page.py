"""Report pages of stores of growing size: how long writing one takes, its size, and its opening in a browser."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import msgspec

from benchmarks.turns import run_module
from tests.support.report_pages import MISSING_CHROMIUM, chromium, opened, running_browser

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["PageRun", "measure_pages", "missed_page_goals"]

SIZE_GOAL = 5_000_000
OPENING_GOAL = 2.0
_OPENED = "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"


class PageRun(msgspec.Struct, frozen=True):
    """One page.

    Attributes:
        receipts: Receipts in the store.
        seconds: How long it took to write the page.
        peak_bytes: The most memory that the process that wrote it ever had.
        size: Bytes of the page.
        opening: Seconds until Chromium had drawn it.
    """

    receipts: int
    seconds: float
    peak_bytes: int
    size: int
    opening: float


def measure_pages(times: Sequence[int]) -> list[PageRun]:
    """Write pages of ten shops and of several times as many, each in a process of its own, and open them.

    Args:
        times: How many times as many shops.
    """
    if chromium() is None:
        sys.exit(MISSING_CHROMIUM)
    return [asyncio.run(_measure(number)) for number in times]


def missed_page_goals(runs: Sequence[PageRun]) -> list[str]:
    """Name the goals that were missed."""
    missed = []
    for run in runs:
        if run.size >= SIZE_GOAL:
            missed.append(f"page of {run.receipts:,} receipts: {run.size:,} bytes, goal {SIZE_GOAL:,}")
        if run.opening >= OPENING_GOAL:
            missed.append(f"page of {run.receipts:,} receipts: opens in {run.opening:.1f} s, goal {OPENING_GOAL:.1f}")
    return missed


async def _measure(times: int) -> PageRun:
    with TemporaryDirectory() as folder:
        store, page = Path(folder, "shops.sqlite"), Path(folder, "page.html")
        receipts = run_module("page_store", store, times)
        facts = run_module("page_run", store, page)
        async with running_browser() as browser, opened(browser, page) as shown:
            opening = await shown.evaluate(_OPENED) / 1000
    return msgspec.convert({**facts, "receipts": receipts, "opening": opening}, PageRun)
