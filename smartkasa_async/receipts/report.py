"""What a pull of receipts tells, while it runs and in the end."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smartkasa_async.receipts.days import Window

__all__ = ["IncompleteWindow", "ShopSync", "SyncProgress", "SyncReport"]


@dataclass(frozen=True, slots=True)
class IncompleteWindow:
    """A window of one shop that could not be read whole.

    Attributes:
        window: The business days.
        reason: What was wrong.
    """

    window: Window
    reason: str

    def __str__(self) -> str:
        return f"{self.window}: {self.reason}"


@dataclass(frozen=True, slots=True)
class SyncProgress:
    """How far a run is.

    Attributes:
        windows: Number of windows of all shops together.
        windows_done: How many of them are through.
        records: How many records were written so far.
    """

    windows: int
    windows_done: int = 0
    records: int = 0


@dataclass(frozen=True, slots=True)
class ShopSync:
    """What one shop's receipts come to; money in hryvnias.

    Only paid sales are sales and only refunds are refunds: service cash, cancellations, cash withdrawals and receipts
    that were put aside count as receipts and nothing else.

    Attributes:
        shop_id: Id of the shop.
        title: Title of the shop.
        receipts: Number of receipts of the window, of every type.
        sale_receipts: Number of paid sales.
        sales: Sum of the paid sales.
        refund_receipts: Number of refunds.
        refunds: Sum of the refunds.
        incomplete: Windows that could not be read whole; the figures lack what they lack.
    """

    shop_id: int
    title: str
    receipts: int = 0
    sale_receipts: int = 0
    sales: Decimal = Decimal(0)
    refund_receipts: int = 0
    refunds: Decimal = Decimal(0)
    incomplete: tuple[IncompleteWindow, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every receipt that the service counts was written."""
        return not self.incomplete


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a run of `sync_receipts` brought.

    Attributes:
        window: The business days that were asked for.
        shops: A line for each shop, by id.
    """

    window: Window
    shops: tuple[ShopSync, ...]

    @property
    def complete(self) -> bool:
        """Whether every receipt of every shop that the service counts was written."""
        return all(shop.complete for shop in self.shops)

    @property
    def receipts(self) -> int:
        """Number of receipts of all shops."""
        return sum(shop.receipts for shop in self.shops)

    @property
    def sales(self) -> Decimal:
        """Paid sales of all shops, hryvnias."""
        return sum((shop.sales for shop in self.shops), Decimal(0))

    @property
    def refunds(self) -> Decimal:
        """Refunds of all shops, hryvnias."""
        return sum((shop.refunds for shop in self.shops), Decimal(0))
