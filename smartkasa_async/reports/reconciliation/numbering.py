"""The local numbers of a registrar: which are not in the store."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


@dataclass(slots=True)
class Gap:
    """Numbers that are not in the store; `is_used` once they explain something."""

    first: int
    last: int
    is_used: bool = False

    def has(self, number: int) -> bool:
        """Tell whether a number is one of them."""
        return self.first <= number <= self.last

    def lies_in(self, numbers: Collection[int | None]) -> bool:
        """Tell whether all of them are among others."""
        return all(number in numbers for number in range(self.first, self.last + 1))

    def __len__(self) -> int:
        return max(0, self.last - self.first + 1)


class KnownNumbers:
    """The local numbers of a registrar that the store has, whatever shift their receipts name.

    Args:
        numbers: The numbers, those of receipts that name no registrar included.
    """

    def __init__(self, numbers: Iterable[int] = ()) -> None:
        self._missing = find_gaps(numbers)

    def within(self, gap: Gap) -> list[Gap]:
        """Give the parts of a gap between receipts of one shift, or of two, whose numbers no receipt has at all."""
        parts = []
        for missing in self._missing[bisect_left(self._missing, gap.first, key=lambda one: one.last) :]:
            if missing.first > gap.last:
                break
            parts.append(Gap(max(gap.first, missing.first), min(gap.last, missing.last)))
        return parts


def find_gaps(numbers: Iterable[int]) -> list[Gap]:
    """Find the gaps between numbers."""
    ordered = sorted(set(numbers))
    return [Gap(before + 1, after - 1) for before, after in pairwise(ordered) if after - before > 1]


def show_gaps(gaps: Iterable[Gap]) -> str:
    """Write the numbers of gaps, for example `17, 19–21`."""
    return ", ".join(str(gap.first) if len(gap) == 1 else f"{gap.first}–{gap.last}" for gap in gaps)
