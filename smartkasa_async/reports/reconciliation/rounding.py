"""Cash rounding: what a sum may become when it is paid in cash. Cards and transfers are never rounded."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from smartkasa_async.records.kinds import CashRounding

if TYPE_CHECKING:
    from decimal import Decimal

_RESOLUTION_115 = date(2025, 10, 1)


def cash_amounts(due: Decimal, day: date) -> tuple[Decimal, ...]:
    """Tell what may be taken in cash for a sum, by the rules in force.

    To 10 kopecks, halves away from zero; from 2025-10-01 to 50 kopecks as well (1–24 down, 25–74 to 50, 75–99 up),
    since the older rule goes on where a till has 10-kopeck coins.

    Args:
        due: The part that is paid in cash, hryvnias.
        day: The business day.

    NBU resolution № 115.
    """
    to_ten = CashRounding.TO_10.round(due)
    return (to_ten,) if day < _RESOLUTION_115 else (to_ten, CashRounding.TO_50.round(due))
