"""Sales and refunds of a shift, as its receipts say and as its Z-report says."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from smartkasa_async.receipts.days import Window

__all__ = ["NOTHING", "ShiftTakings", "Takings", "TakingsSource"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Takings:
    """Counts and sums, money in hryvnias; the names are those of a Z-report's fields.

    None is a figure that nobody stated, which is not the same as zero.
    """

    sale_receipts_count: int | None = None
    sale_total: Decimal | None = None
    sale_cash_total: Decimal | None = None
    sale_cashless_total: Decimal | None = None
    refund_receipts_count: int | None = None
    refund_total: Decimal | None = None
    refund_cash_total: Decimal | None = None
    refund_cashless_total: Decimal | None = None


NOTHING = Takings(
    sale_receipts_count=0,
    sale_total=Decimal(0),
    sale_cash_total=Decimal(0),
    sale_cashless_total=Decimal(0),
    refund_receipts_count=0,
    refund_total=Decimal(0),
    refund_cash_total=Decimal(0),
    refund_cashless_total=Decimal(0),
)
"""What a shift without receipts took."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftTakings:
    """One shift, seen from both sides.

    Attributes:
        shop_id: Id of the shop; None where the records name none.
        shift_id: Id of the shift; None for receipts that name none.
        receipts: What the receipts and their payments come to.
        z_reports: Number of Z-reports of the shift.
        z_report: What the Z-reports state, summed up; None where there is no Z-report.
    """

    shop_id: int | None
    shift_id: str | None
    receipts: Takings = NOTHING
    z_reports: int = 0
    z_report: Takings | None = None


class TakingsSource(Protocol):
    """Sums up what was synced; a store does."""

    async def shop_titles(self) -> dict[int, str]:
        """Give the title of each shop by its id."""

    async def shift_takings(self, window: Window) -> list[ShiftTakings]:
        """Sum up each shift that has receipts or Z-reports in the window, receipts outside it included."""
