"""The local numbers of a registrar: which are not in the store."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_ZERO = Decimal(0)


@dataclass(slots=True)
class Gap:
    """Numbers that are not in the store; `is_used` once they explain something."""

    first: int
    last: int
    is_used: bool = False

    def has(self, number: int) -> bool:
        """Return whether a number is one of them."""
        return self.first <= number <= self.last

    def lies_in(self, numbers: Collection[int | None]) -> bool:
        """Return whether all of them are among others."""
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
        """Return the parts of a gap between receipts of one shift, or of two, whose numbers no receipt has at all."""
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


class Drawer:
    """Follows the cash in the drawer; what it holds is unknown until a Z-report states it.

    A Z-report that is wrong must not make the next one wrong as well, so both the stated and the computed amount are
    remembered. A drawer that is stated as 0 is not compared: the recorded report states it beside withdrawals.
    """

    def __init__(self) -> None:
        self._amounts: set[Decimal] = set()

    def move(self, movement: Decimal) -> None:
        """Put cash in, or take it out."""
        self._amounts = {amount + movement for amount in self._amounts}

    def close(self, stated: Collection[Decimal], movements: Collection[Decimal]) -> Decimal | None:
        """End a shift with a Z-report.

        Args:
            stated: The cash in the drawer by the Z-report's layouts.
            movements: How the shift changed it, by the receipts and by the Z-report.

        Returns:
            What should be in the drawer where the Z-report states something else; None where it agrees.
        """
        expected = {amount + movement for amount in self._amounts for movement in movements}
        agreed = expected & {*stated}
        self._amounts = agreed or expected | {*stated}
        if agreed or not expected or not stated or _ZERO in stated:
            return None
        return min(expected, key=lambda amount: (min(abs(amount - one) for one in stated), amount))
