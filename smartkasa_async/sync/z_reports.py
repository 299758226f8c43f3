"""`sync_z_reports`: the Z-reports of many shops, into a store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from smartkasa_async._i18n.message import N_
from smartkasa_async._support.money import NO_HRYVNIAS
from smartkasa_async.models import ZReport
from smartkasa_async.records.batch import RecordKind
from smartkasa_async.sync.report import ShopSync, SyncReport
from smartkasa_async.sync.window_sync import SyncOptions, WindowSync, window_listing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date
    from decimal import Decimal

    from smartkasa_async.client import SmartKasa
    from smartkasa_async.jobs.results import Progress
    from smartkasa_async.records.batch import Sink

_DAYS_PER_WINDOW = 31


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopZReports(ShopSync):
    """What a run brought of one shop's Z-reports; money in hryvnias.

    Attributes:
        z_reports: Number of Z-reports.
        sales: Sales by the Z-reports.
        refunds: Refunds by the Z-reports.
    """

    z_reports: int = 0
    sales: Decimal = NO_HRYVNIAS
    refunds: Decimal = NO_HRYVNIAS


@dataclass(frozen=True, slots=True)
class ZReportsReport(SyncReport[ShopZReports]):
    """What a run of `sync_z_reports` brought."""

    columns: ClassVar[Mapping[str, str]] = {
        "z_reports": N_("Z-reports"),
        "sales": N_("Sales"),
        "refunds": N_("Refunds"),
    }
    table_title: ClassVar[str] = N_("Z-reports of {window}, as far as this run read them, hryvnias")

    @property
    def z_reports(self) -> int:
        """Number of Z-reports of all shops."""
        return sum(shop.z_reports for shop in self.shops)

    @property
    def sales(self) -> Decimal:
        """Sales of all shops by the Z-reports, hryvnias."""
        return sum((shop.sales for shop in self.shops), NO_HRYVNIAS)

    @property
    def refunds(self) -> Decimal:
        """Refunds of all shops by the Z-reports, hryvnias."""
        return sum((shop.refunds for shop in self.shops), NO_HRYVNIAS)


async def sync_z_reports(
    kasa: SmartKasa,
    store: Sink[ZReport],
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
) -> ZReportsReport:
    """Sync the Z-reports of a span of business days into a store, many shops concurrently.

    They are read in windows of a month, and checked, remembered and reported as `sync_receipts` does it. The shifts
    in them are stored with them.

    Args:
        kasa: The client.
        store: Where they go: a `Store`, which is given the shops as well, or anything with `write`, for which all days
            are read.
        shops: Ids of the shops; None for all of the account.
        start: First business day, in Europe/Kyiv.
        end: Last business day, included; None for today.
        lookback_days: Days after a day's end until when Z-reports of it may still come or change.
        refetch: Whether to read the days that the store remembers too.
        accept_clock_skew: Whether to go on where this machine's clock and the service's are more than an hour apart. A
            day then counts as over when it is over by both.
        concurrency: Maximum number of concurrent windows, and of concurrent pages of one window; the client's own limit
            holds as well.
        per_page: Z-reports on a page.
        on_progress: Called after each page and each window.

    Returns:
        The figures of each shop, in hryvnias, of what this run read, and whether it is complete.

    Raises:
        InvalidRequestError: A shop is not the account's, or a number cannot be used.
        ClockSkewError: The clocks are more than an hour apart, and that was not accepted; records that were read are
            kept.
        SmartKasaError: The shops could not be listed, the session ended and no other could be made, or the store could
            not write.

    API: `GET /api/v1/reports/z-reports`
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


def _figures(reports: Sequence[ZReport]) -> dict[str, Any]:
    return {
        "z_reports": len(reports),
        "sales": sum((report.sale_total or NO_HRYVNIAS for report in reports), NO_HRYVNIAS),
        "refunds": sum((report.refund_total or NO_HRYVNIAS for report in reports), NO_HRYVNIAS),
    }


_SYNC: WindowSync[ZReport, ShopZReports, ZReportsReport] = WindowSync(
    RecordKind.Z_REPORTS,
    ZReportsReport,
    ShopZReports,
    _figures,
    _DAYS_PER_WINDOW,
    window_listing(RecordKind.Z_REPORTS, "/api/v1/reports/z-reports", ZReport),
)
