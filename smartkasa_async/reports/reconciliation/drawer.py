"""The cash in a drawer from one Z-report to the next (inferred)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

_ZERO = Decimal(0)


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
