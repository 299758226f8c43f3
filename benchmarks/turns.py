"""The same work in several ways, each time in a process of its own, in turns."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks.processes import as_installed
from benchmarks.results import NOISE, meets_goal, ratio_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["CLIENT", "Cost", "in_turns", "missed_ratios", "run_module"]

CLIENT = "smartkasa-async"
_ROOT = Path(__file__).parents[1]


class Cost(NamedTuple):
    """What doing the work once cost: seconds, of the processor or passed, and the most memory of its process."""

    seconds: float
    peak_bytes: int


def run_module(name: str, *arguments: object, core: int | None = None) -> Any:
    """Run a module of the benchmarks in a process of its own, and read the JSON that it prints.

    Args:
        name: Its name below `benchmarks`.
        arguments: Words of its command line.
        core: The only core that it may use; None for any.
    """
    pinned = [] if core is None else ["--core", f"{core}"]
    command = [sys.executable, "-m", f"benchmarks.{name}", *map(str, arguments), *pinned]
    ran = subprocess.run(command, cwd=_ROOT, env=as_installed(), check=True, stdout=subprocess.PIPE)
    return json.loads(ran.stdout)


def in_turns(
    work: str,
    ways: Mapping[str, Callable[[], Cost]],
    *,
    beside: str,
    rounds: int,
    goal: float | None = None,
    is_cost: bool = False,
    memory_goal: int | None = None,
) -> list[dict[str, Any]]:
    """Do work in several ways in turns, and compare each with one of them, which is done twice a turn, for the noise.

    Args:
        work: What is done.
        ways: What does it, by name.
        beside: The way that the others are compared with.
        rounds: How many turns.
        goal: What the ratio of `CLIENT` is to be; None where it is not among them.
        is_cost: Whether the ratio is how many times as much it costs, so that the goal is the most that it may be;
            otherwise it is how many times as fast it is, and the goal is the least.
        memory_goal: Most bytes of memory that `CLIENT` may take.

    Returns:
        Ratios as `ratio_of` makes them, with the most memory of both.
    """
    noise = f"{beside}{NOISE}"
    all_ways = {**ways, noise: ways[beside]}
    costs: dict[str, list[Cost]] = {name: [] for name in all_ways}
    for turn in range(rounds):
        for name in reversed(all_ways) if turn % 2 else all_ways:
            costs[name].append(all_ways[name]())
    theirs = [cost.seconds for cost in costs[beside]]
    peaks = {name: max(cost.peak_bytes for cost in found) for name, found in costs.items()}
    return [
        ratio_of(
            work,
            name,
            beside,
            ours=[cost.seconds for cost in costs[name]],
            theirs=theirs,
            goal=goal if name == CLIENT else None,
            is_cost=is_cost,
        )
        | {"peak_bytes": [peaks[name], peaks[beside]], "memory_goal": memory_goal if name == CLIENT else None}
        for name in all_ways
        if name != beside
    ]


def missed_ratios(ratios: Iterable[Mapping[str, Any]]) -> list[str]:
    """Name the goals that were missed."""
    missed = []
    for one in ratios:
        if one["goal"] is not None and not meets_goal(one):
            missed.append(f"{one['work']}: {one['median']:.2f} of {one['beside']}, goal {one['goal']:.2f}")
        if (most := one["memory_goal"]) is not None and one["peak_bytes"][0] > most:
            missed.append(f"{one['work']}: {one['peak_bytes'][0]:,} bytes of memory, goal {most:,}")
    return missed
