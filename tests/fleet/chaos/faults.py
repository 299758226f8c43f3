"""What goes wrong in a run of a fleet, drawn with a seed: which faults, in which order, and when."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from random import Random

__all__ = ["FaultKind", "PlannedFault", "plan_faults"]


class FaultKind(StrEnum):
    """What goes wrong."""

    KILL = "workers killed"
    """kill -9."""
    FREEZE = "workers frozen"
    """Stopped for longer than a worker may be silent; its jobs are others' when it goes on."""
    STOP = "workers stopped"
    """By SIGTERM, as for an upgrade."""
    CRASH = "database crashed"
    RESTART = "database restarted"
    CUT = "connections cut"
    """Some of those to the database."""
    OUTAGE = "outages"
    """The service answers 503 to everybody."""
    SLOW = "slow answers"
    LOST = "answers lost"
    """The service does what it is asked, and its answers do not arrive."""
    EXPIRY = "tokens expired"
    """Of all merchants at once."""


@dataclass(frozen=True, slots=True)
class PlannedFault:
    """A fault, and after how many further runs it comes.

    Attributes:
        kind: What goes wrong.
        after: Runs of tasks that end between the fault before and this one.
    """

    kind: FaultKind
    after: int


_ALWAYS = (FaultKind.KILL, FaultKind.CRASH, FaultKind.OUTAGE, FaultKind.CUT, FaultKind.RESTART, FaultKind.FREEZE)
"""Each run of a fleet has these, as far as it has so many faults."""


def plan_faults(seed: int, *, count: int, runs_apart: int) -> list[PlannedFault]:
    """Draw the faults of a run of a fleet.

    Args:
        seed: What is drawn; equal seeds give equal plans.
        count: How many.
        runs_apart: Most runs of tasks that end between two of them.
    """
    chance = Random(seed)  # noqa: S311  (for tests)
    kinds = [*_ALWAYS[:count], *chance.choices(list(FaultKind), k=max(0, count - len(_ALWAYS)))]
    chance.shuffle(kinds)
    return [PlannedFault(kind, chance.randint(1, runs_apart)) for kind in kinds]
