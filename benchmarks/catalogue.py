"""Price lists of growing size, from the file to the outcomes, with the journal on."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import msgspec

from benchmarks.catalogue_service import catalogue_service
from benchmarks.processes import cores
from benchmarks.stages import STAGES
from smartkasa_async.catalog.checks.codes import check_digit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = [
    "BY_HAND_GOAL",
    "CatalogueRun",
    "measure_catalogue",
    "measure_share_of_by_hand",
    "measure_stages",
    "missed_goals",
]

RATE_GOAL = 20_000
MEMORY_GOAL = 150 * 1024 * 1024
GROWTH_GOAL = 1.20
BY_HAND_GOAL = 0.20
"""Share of the rows a second that the same rows reach by hand, unchecked."""
_ROOT = Path(__file__).parents[1]
_REPEATED_BELOW = 100_000
_HEADERS = ("Штрихкод", "Артикул", "Назва", "Категорія", "Ціна", "Закупівельна ціна", "Од.", "ПДВ", "Код УКТЗЕД")
_CATEGORIES = [f"Відділ {number % 7} / Група {number}" for number in range(60)]


class CatalogueRun(msgspec.Struct, frozen=True):
    """One import.

    Attributes:
        created: Rows that became products; all of them.
        seconds: How long it took, start-up not counted.
        cpu_seconds: Processor time that it took.
        peak_bytes: The most memory that its process ever had.
        stages: Seconds of processor time by stage, where these were sampled.
    """

    created: int
    seconds: float
    cpu_seconds: float
    peak_bytes: int
    stages: dict[str, float] = {}

    @property
    def rate(self) -> float:
        """Rows in a second."""
        return self.created / self.seconds


def measure_catalogue(sizes: Sequence[int]) -> list[CatalogueRun]:
    """Import price lists of some sizes, each in a process of its own on one core; the service has the other one.

    Args:
        sizes: Numbers of rows.
    """
    return [_median_run(size) for size in sizes]


def measure_stages(size: int) -> dict[str, float]:
    """Import once more, and tell each stage's share of the processor's time."""
    seconds = _measure(size, 1, "--stages")[0].stages
    whole = sum(seconds.values())
    return {stage: seconds.get(stage, 0.0) / whole for stage in (*STAGES, *sorted(seconds.keys() - STAGES.keys()))}


def measure_share_of_by_hand(size: int, rounds: int) -> float:
    """Import rows and send the same by hand in turns; the median of processor time by hand to that of the import."""
    return median(theirs.cpu_seconds / ours.cpu_seconds for ours, theirs in _in_turns(size, rounds, (), ("--by-hand",)))


def missed_goals(runs: Sequence[CatalogueRun]) -> list[str]:
    """Name the goals that imports of growing size missed."""
    missed: list[str] = []
    smallest, largest = runs[0], runs[-1]
    if largest.rate < RATE_GOAL:
        missed.append(f"catalogue of {largest.created:,} rows: {largest.rate:,.0f} rows a second, goal {RATE_GOAL:,}")
    if smallest.rate > largest.rate * GROWTH_GOAL:
        missed.append(f"catalogue of {largest.created:,} rows: {smallest.rate / largest.rate:.2f} times slower a row")
    missed += [
        f"catalogue of {run.created:,} rows: {run.peak_bytes / 1024**2:.0f} MiB, goal {MEMORY_GOAL / 1024**2:.0f} MiB"
        for run in runs
        if run.peak_bytes > MEMORY_GOAL
    ]
    return missed


def _median_run(size: int) -> CatalogueRun:
    runs = _measure(size, 5 if size < _REPEATED_BELOW else 1)
    middle = median(sorted(run.seconds for run in runs))
    return next(run for run in runs if run.seconds == middle)


def _measure(size: int, times: int, *options: str) -> list[CatalogueRun]:
    return [run for (run,) in _in_turns(size, times, options)]


def _in_turns(size: int, times: int, *ways: Sequence[str]) -> list[list[CatalogueRun]]:
    """Run an import of some rows by each of the ways, which are options of `catalogue_run`, in turns."""
    ours, theirs = cores()
    pinned = [] if ours is None else ["--core", str(ours)]
    with TemporaryDirectory() as folder, catalogue_service(theirs) as address:
        source = Path(folder, "catalogue.csv")
        with source.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, delimiter=";").writerows(_rows(size))
        command = [sys.executable, "-m", "benchmarks.catalogue_run", address, str(source), *pinned]
        rounds = [[msgspec.convert(_json_of([*command, *way]), CatalogueRun) for way in ways] for _ in range(times)]
    assert all(run.created == size for runs in rounds for run in runs), "not all rows were created"
    return rounds


def _json_of(command: list[str]) -> Any:
    return json.loads(subprocess.run(command, cwd=_ROOT, check=True, stdout=subprocess.PIPE).stdout)


def _rows(count: int) -> Iterator[Sequence[str]]:
    random = Random(2026)  # noqa: S311 prices need no secrets
    yield _HEADERS
    for number in range(1, count + 1):
        body = f"482{number:09}"
        kopecks = random.randrange(100, 500_000)
        yield (
            f"{body}{check_digit(body)}",
            f"0901-{number:07}",
            f"Кава в зернах «Степова Криниця» {number}, 1 кг",
            _CATEGORIES[random.randrange(len(_CATEGORIES))],
            f"{kopecks // 100},{kopecks % 100:02}",
            f"{kopecks // 130},{kopecks % 100:02}",
            "шт" if number % 4 else "кг",
            "20%",
            "0901210000",
        )
