"""Calls in many ways side by side: CPU time of each beside that of the one by hand, in turns, within one run."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.peers.calls import BATCH, BY_HAND, CLIENT, MODULES, PAGE, SMALL
from benchmarks.peers.calls.generate import generate
from benchmarks.peers.calls.process import started
from benchmarks.processes import cores
from benchmarks.results import NOISE, UVLOOP, ratio_of
from benchmarks.server import canned_server

if TYPE_CHECKING:
    from typing import Any

__all__ = ["compare_calls", "missed_call_goals"]


class _Work(NamedTuple):
    """What is called, how often in a turn, and what the client's ratio is to be at least."""

    name: str
    calls: int
    goal: float


_WORKS = (_Work(SMALL, 640, 1.15), _Work(PAGE, 32, 1.5), _Work(BATCH, 160, 1.0))
_AT_ONCE = 16
_SLOW = frozenset({"httpx + pydantic", "openapi-python-client"})
"""Contenders that make a quarter of the calls, so that a run does not consist of them."""
_PROCESSES = 3


def compare_calls(*, rounds: int) -> list[dict[str, Any]]:
    """Measure all contenders at all works, 16 calls at once; the contender by hand runs a second time, for the noise.

    Each work has processes of its own, since a large answer changes how malloc serves the small ones after it. They
    are begun anew several times.

    Args:
        rounds: How many times each contender is measured, next to the one by hand.

    Returns:
        Ratios as `ratio_of` makes them.
    """
    generate()
    core, server_core = cores()
    with canned_server(server_core) as address:
        for name in MODULES:
            with started(name, address, core) as peer:  # which compiles what is not yet
                peer.measure(SMALL, _AT_ONCE, _AT_ONCE)
        return [ratio for work in _WORKS for ratio in _compare(work, address, core, rounds)]


def _compare(work: _Work, address: str, core: int | None, rounds: int) -> list[dict[str, Any]]:
    by_hand, noise = BY_HAND, f"{BY_HAND}{NOISE}"
    contenders = {name: (name, "asyncio") for name in MODULES} | {noise: (BY_HAND, "asyncio")}
    if sys.platform != "win32":
        contenders |= {f"{name}{UVLOOP}": (name, "uvloop") for name in (CLIENT, BY_HAND)}
    costs: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in contenders if name != by_hand}
    for _ in range(_PROCESSES):
        with ExitStack() as stack:
            peers = {
                name: stack.enter_context(started(module, address, core, loop))
                for name, (module, loop) in contenders.items()
            }
            for peer in peers.values():
                peer.measure(work.name, _AT_ONCE, _AT_ONCE)
            for turn in range(-(-rounds // _PROCESSES)):
                for name, (theirs, ours) in costs.items():
                    for each in (by_hand, name) if turn % 2 else (name, by_hand):
                        calls = max(work.calls // 4, _AT_ONCE) if name in _SLOW else work.calls
                        cost = peers[each].measure(work.name, calls, _AT_ONCE)
                        (theirs if each == by_hand else ours).append(cost.cpu)
    return [
        ratio_of(work.name, name, by_hand, ours=ours, theirs=theirs, goal=work.goal if name == CLIENT else None)
        for name, (theirs, ours) in costs.items()
    ]


def missed_call_goals(ratios: list[dict[str, Any]]) -> list[str]:
    """Name the works at which the client is not as fast as it is to be."""
    return [one["work"] for one in ratios if one["goal"] is not None and one["median"] < one["goal"]]
