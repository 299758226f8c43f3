"""`sync_receipts`: the receipts of many shops, into a store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from smartkasa_async._i18n.message import N_
from smartkasa_async._support.money import NO_HRYVNIAS
from smartkasa_async.models import Receipt
from smartkasa_async.records.batch import RecordKind
from smartkasa_async.records.kinds import is_refund, is_sale
from smartkasa_async.sync.report import ShopSync, SyncReport
from smartkasa_async.sync.window_sync import SyncOptions, WindowSync, window_listing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date
    from decimal import Decimal

    from smartkasa_async.client import SmartKasa
    from smartkasa_async.jobs.results import Progress
    from smartkasa_async.records.batch import Sink

DAYS_PER_WINDOW = 7
"""Days of receipts that are read in one go."""

receipt_listing = window_listing(RecordKind.RECEIPTS, "/api/v1/pos/receipts", Receipt)
"""Makes the list of a shop's receipts of a window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopReceipts(ShopSync):
    """What a run brought of one shop's receipts; money in hryvnias.

    Only paid sales are sales and only refunds are refunds: service cash, cancellations, cash withdrawals and receipts
    that were deferred count as receipts and nothing else.

    Attributes:
        receipts: Number of receipts, of every type.
        sale_receipts: Number of paid sales.
        sales: Sum of the paid sales.
        refund_receipts: Number of refunds.
        refunds: Sum of the refunds.
    """

    receipts: int = 0
    sale_receipts: int = 0
    sales: Decimal = NO_HRYVNIAS
    refund_receipts: int = 0
    refunds: Decimal = NO_HRYVNIAS


@dataclass(frozen=True, slots=True)
class ReceiptsReport(SyncReport[ShopReceipts]):
    """What a run of `sync_receipts` brought."""

    columns: ClassVar[Mapping[str, str]] = {"receipts": N_("Receipts"), "sales": N_("Sales"), "refunds": N_("Refunds")}
    table_title: ClassVar[str] = N_("Receipts of {window}, as far as this run read them, hryvnias")

    @property
    def receipts(self) -> int:
        """Number of receipts of all shops."""
        return sum(shop.receipts for shop in self.shops)

    @property
    def sales(self) -> Decimal:
        """Paid sales of all shops, hryvnias."""
        return sum((shop.sales for shop in self.shops), NO_HRYVNIAS)

    @property
    def refunds(self) -> Decimal:
        """Refunds of all shops, hryvnias."""
        return sum((shop.refunds for shop in self.shops), NO_HRYVNIAS)


async def sync_receipts(
    kasa: SmartKasa,
    store: Sink[Receipt],
    *,
    shops: Iterable[int] | None = None,
    start: date,
    end: date | None = None,
    lookback_days: int = 3,
    refetch: bool = False,
    accept_clock_skew: bool = False,
    concurrency: int = 16,
    per_page: int = 100,
    on_progress: Callable[[Progress], None] | None = None,
) -> ReceiptsReport:
    """Sync the receipts of a span of business days into a store, many shops concurrently.

    Each shop is read in windows of a week, and each window is checked: as many different receipts as the service
    counts after the last page, none outside. A window that fails is retried, then read in halves; what cannot be read
    whole is named in the report, what came of it is kept, and the others go on.

    A `Store` remembers the days that were read whole, `lookback_days` days after their end or later; they are not
    read again. All other days are read on each run, so late, offline and changed receipts are caught, and a run
    that was broken off leaves no gap. Receipts that are no longer listed are marked as deleted; one that something
    else writes into the store while its day is read may be too, until the next run. A record that cannot be decoded
    is counted in the report as `undecodable`, and `await store.quarantined()` gives it with its error; read its
    days with `refetch` when a newer release can decode it.

    Args:
        kasa: The client.
        store: Where receipts go, one page at a time: a `Store`, which is given the shops as well, or anything with
            `write`, for which all days are read.
        shops: Ids of the shops; None for all of the account.
        start: First business day, in Europe/Kyiv.
        end: Last business day, included; None for today.
        lookback_days: Days after a day's end until when receipts of it may still come or change.
        refetch: Whether to read the days that the store remembers too.
        accept_clock_skew: Whether to go on where this machine's clock and the service's are more than an hour apart. A
            day then counts as over when it is over by both.
        concurrency: Maximum number of concurrent windows, and of concurrent pages of one window; the client's own limit
            holds as well.
        per_page: Receipts on a page.
        on_progress: Called after each page and each window.

    Returns:
        The figures of each shop, in hryvnias, of what this run read, and whether it is complete.

    Raises:
        InvalidRequestError: A shop is not the account's, or a number cannot be used.
        ClockSkewError: The clocks are more than an hour apart, and that was not accepted; records that were read are
            kept.
        SmartKasaError: The shops could not be listed, the session ended and no other could be made, or the store could
            not write.

    API: `GET /api/v1/pos/receipts`
    """
    options = SyncOptions(
        shops=shops,
        start=start,
        end=end,
        lookback_days=lookback_days,
        refetch=refetch,
        accept_clock_skew=accept_clock_skew,
        concurrency=concurrency,
        on_progress=on_progress,
        per_page=per_page,
    )
    return await _SYNC.run(kasa, store, options)


def _figures(receipts: Sequence[Receipt]) -> dict[str, Any]:
    sales = [receipt.total_amount for receipt in receipts if is_sale(receipt)]
    refunds = [receipt.total_amount for receipt in receipts if is_refund(receipt)]
    return {
        "receipts": len(receipts),
        "sale_receipts": len(sales),
        "sales": sum(sales, NO_HRYVNIAS),
        "refund_receipts": len(refunds),
        "refunds": sum(refunds, NO_HRYVNIAS),
    }


_SYNC: WindowSync[Receipt, ShopReceipts, ReceiptsReport] = WindowSync(
    RecordKind.RECEIPTS, ReceiptsReport, ShopReceipts, _figures, DAYS_PER_WINDOW, receipt_listing
)
