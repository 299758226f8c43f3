"""What was measured, kept as JSON: `python -m benchmarks --save` writes it, docs/benchmarks.md is made from it.

A file has `machine`, what it was measured on, and `result`, the numbers of a table. Where one way of doing something is
compared with another, the result has a list of ratios; each is what `ratio_of` makes:

- `work`: what was done
- `contender`, `beside`: the two ways; where `contender` ends with `NOISE`, it is the other way once more: what differs
  between these two is noise
- `median`, `quartiles`: of the ratios of neighbouring turns; above 1, the contender needs less, or more where `is_cost`
- `seconds`: median of each way for one piece of work
- `turns`: how many there were
- `goal`: what the median is to be at least, or at most where `is_cost`; None for none
- `peak_bytes`, `memory_goal`: the most memory of each way, and what the contender may take, where that was measured
"""

from __future__ import annotations

import json
import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["FOLDER", "NOISE", "UVLOOP", "load", "meets_goal", "ratio_of", "save"]

FOLDER = Path(__file__).parent / "results"
NOISE = ", a second time"
UVLOOP = " with uvloop"
_PACKAGES = ("aiohttp", "msgspec", "sqlalchemy")


def ratio_of(
    work: str,
    contender: str,
    beside: str,
    *,
    ours: Sequence[float],
    theirs: Sequence[float],
    goal: float | None = None,
    is_cost: bool = False,
) -> dict[str, Any]:
    """Compare what the same work cost in two ways, measured in turns.

    Args:
        work: What was done.
        contender: One way.
        beside: The other.
        ours: Seconds of the contender, one number a turn.
        theirs: Seconds of the other way in the same turns.
        goal: What the ratio is to be at least; at most for a cost.
        is_cost: Whether the ratio is how many times as much the contender costs; otherwise how many times as fast it
            is.
    """
    ratios = [own / other if is_cost else other / own for own, other in zip(ours, theirs, strict=True)]
    first, middle, third = quantiles(ratios, n=4)
    return {
        "work": work,
        "contender": contender,
        "beside": beside,
        "median": round(middle, 3),
        "quartiles": [round(first, 3), round(third, 3)],
        "seconds": [float(f"{median(ours):.4g}"), float(f"{median(theirs):.4g}")],
        "turns": len(ratios),
        "goal": goal,
        "is_cost": is_cost,
    }


def meets_goal(one: Mapping[str, Any]) -> bool:
    """Return whether a ratio is what it is to be."""
    return bool(one["median"] <= one["goal"] if one.get("is_cost") else one["median"] >= one["goal"])


def save(name: str, result: dict[str, Any], load_before: float) -> None:
    """Write what was measured, with the machine and the versions that it was measured on.

    Args:
        name: Name of the table.
        result: Its numbers.
        load_before: How many programs wanted a core before it began.
    """
    machine = {
        "day": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "packages": {package: version(package) for package in _PACKAGES},
        "cores": os.cpu_count(),
        "load_before": round(load_before, 1),
    }
    text = json.dumps({"machine": machine, "result": result}, indent=2)
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")


def load(name: str) -> dict[str, Any]:
    """Read what was measured last: `machine` and `result`."""
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return found
