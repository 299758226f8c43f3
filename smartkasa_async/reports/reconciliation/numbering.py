"""The local numbers of a registrar: which are not in the store."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Gap", "find_gaps", "show_gaps"]


@dataclass(slots=True)
class Gap:
    """Numbers that are not in the store; `is_used` once they explain something."""

    first: int
    last: int
    is_used: bool = False

    def __len__(self) -> int:
        return max(0, self.last - self.first + 1)


def find_gaps(numbers: Iterable[int]) -> list[Gap]:
    """Find the gaps between numbers."""
    ordered = sorted(set(numbers))
    return [Gap(before + 1, after - 1) for before, after in pairwise(ordered) if after - before > 1]


def show_gaps(gaps: Iterable[Gap]) -> str:
    """Write the numbers of gaps, for example `17, 19–21`."""
    return ", ".join(str(gap.first) if len(gap) == 1 else f"{gap.first}–{gap.last}" for gap in gaps)
