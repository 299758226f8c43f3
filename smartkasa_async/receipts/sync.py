"""`sync_receipts`: the receipts of many shops, into a store."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from smartkasa_async.receipts.days import Window
from smartkasa_async.receipts.kinds import is_refund, is_sale
from smartkasa_async.receipts.pull import Pull
from smartkasa_async.receipts.report import IncompleteWindow, ShopSync, SyncReport
from smartkasa_async.receipts.shops import pick_shops

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date

    from smartkasa_async.client import SmartKasa
    from smartkasa_async.models import Receipt, Shop
    from smartkasa_async.receipts.report import SyncProgress
    from smartkasa_async.receipts.sinks import ReceiptSink

__all__ = ["sync_receipts"]

_DAYS_PER_WINDOW = 7


async def sync_receipts(
    kasa: SmartKasa,
    store: ReceiptSink,
    *,
    shops: Iterable[int] | None = None,
    start: date,
    end: date,
    concurrency: int = 4,
    per_page: int = 100,
    on_progress: Callable[[SyncProgress], None] | None = None,
) -> SyncReport:
    """Pull the receipts of a span of business days into a store, many shops side by side.

    Each shop is read in windows of a week, and each window is checked: every receipt once, as many as the service
    counts, none outside. A window that fails this, or whose reading failed, is named in the report; what came of it is
    kept. Receipts are replaced by id, so a run can be repeated.

    Args:
        kasa: The client.
        store: Where receipts go, one page at a time: a `Store`, or anything with `write_receipts`. One that has
            `write_shops` is given the shops first.
        shops: Ids of the shops; None for all of the account.
        start: First business day, in Europe/Kyiv.
        end: Last business day, included.
        concurrency: Most windows read at once, and most pages of one window.
        per_page: Receipts on a page.
        on_progress: Called after each page and each window.

    Returns:
        The figures of each shop, in hryvnias, and whether they are complete.

    Raises:
        InvalidRequestError: A shop is not the account's, or a number cannot be used.
        SmartKasaError: The shops could not be listed, or the store could not write.

    API: `GET /api/v1/pos/receipts`
    """
    window = Window(start, end)
    chosen = await pick_shops(kasa, store, shops)
    takings = {shop.id: _Takings() for shop in chosen}
    pull = Pull(
        list_window=lambda shop_id, span: kasa.receipts.list(
            shop_id=shop_id, date_start=span.start, date_end=span.end, per_page=per_page
        ),
        write=store.write_receipts,
        count=lambda shop_id, receipts: takings[shop_id].add(receipts),
        concurrency=concurrency,
        on_progress=on_progress,
    )
    incomplete = await pull.run(takings, tuple(window.split(_DAYS_PER_WINDOW)))
    return SyncReport(window, tuple(takings[shop.id].of(shop, incomplete.get(shop.id, ())) for shop in chosen))


@dataclass(slots=True)
class _Takings:
    """Running figures of one shop."""

    receipts: int = 0
    sale_receipts: int = 0
    sales: Decimal = Decimal(0)
    refund_receipts: int = 0
    refunds: Decimal = Decimal(0)

    def add(self, receipts: Sequence[Receipt]) -> None:
        self.receipts += len(receipts)
        for receipt in receipts:
            if is_sale(receipt):
                self.sale_receipts += 1
                self.sales += receipt.total_amount
            elif is_refund(receipt):
                self.refund_receipts += 1
                self.refunds += receipt.total_amount

    def of(self, shop: Shop, incomplete: tuple[IncompleteWindow, ...]) -> ShopSync:
        return ShopSync(
            shop_id=shop.id,
            title=shop.title,
            receipts=self.receipts,
            sale_receipts=self.sale_receipts,
            sales=self.sales,
            refund_receipts=self.refund_receipts,
            refunds=self.refunds,
            incomplete=incomplete,
        )
