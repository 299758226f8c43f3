"""Where pulled records go: a store, or anything with the one method."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartkasa_async.models import Receipt, Shop

__all__ = ["ReceiptSink", "ShopSink"]


class ReceiptSink(Protocol):
    """Takes receipts."""

    async def write_receipts(self, receipts: Sequence[Receipt]) -> None:
        """Keep the receipts of one page for good before returning.

        Pages come in no fixed order, several windows side by side, and a receipt may come again: it is replaced by id.
        """


@runtime_checkable
class ShopSink(Protocol):
    """Takes shops as well; a sink that has this method is given the shops first."""

    async def write_shops(self, shops: Sequence[Shop]) -> None:
        """Keep the shops for good before returning; a shop may come again and is replaced by id."""
