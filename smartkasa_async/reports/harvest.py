"""`harvest_z_reports`: the Z-reports of many shops, into a store."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from smartkasa_async.receipts.days import Window
from smartkasa_async.receipts.pull import Pull
from smartkasa_async.receipts.shops import pick_shops

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date

    from smartkasa_async.client import SmartKasa
    from smartkasa_async.models import Shop, ZReport
    from smartkasa_async.receipts.report import IncompleteWindow, SyncProgress

__all__ = ["HarvestReport", "ShopHarvest", "ZReportSink", "harvest_z_reports"]

_DAYS_PER_WINDOW = 31


class ZReportSink(Protocol):
    """Takes Z-reports."""

    async def write_z_reports(self, reports: Sequence[ZReport]) -> None:
        """Keep the Z-reports of one page for good before returning; one that comes again is replaced by id."""


@dataclass(frozen=True, slots=True)
class ShopHarvest:
    """What one shop's Z-reports state; money in hryvnias.

    Attributes:
        shop_id: Id of the shop.
        title: Title of the shop.
        z_reports: Number of Z-reports.
        sales: Sales by the Z-reports.
        refunds: Refunds by the Z-reports.
        incomplete: Windows that could not be read whole.
    """

    shop_id: int
    title: str
    z_reports: int = 0
    sales: Decimal = Decimal(0)
    refunds: Decimal = Decimal(0)
    incomplete: tuple[IncompleteWindow, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every Z-report that the service counts was written."""
        return not self.incomplete


@dataclass(frozen=True, slots=True)
class HarvestReport:
    """What a run of `harvest_z_reports` brought.

    Attributes:
        window: The business days that were asked for.
        shops: A line for each shop, by id.
    """

    window: Window
    shops: tuple[ShopHarvest, ...]

    @property
    def complete(self) -> bool:
        """Whether every Z-report of every shop that the service counts was written."""
        return all(shop.complete for shop in self.shops)

    @property
    def z_reports(self) -> int:
        """Number of Z-reports of all shops."""
        return sum(shop.z_reports for shop in self.shops)


async def harvest_z_reports(
    kasa: SmartKasa,
    store: ZReportSink,
    *,
    shops: Iterable[int] | None = None,
    start: date,
    end: date,
    concurrency: int = 4,
    on_progress: Callable[[SyncProgress], None] | None = None,
) -> HarvestReport:
    """Pull the Z-reports of a span of business days into a store, many shops side by side.

    They are checked as receipts are: each once, as many as the service counts, none outside. The shifts that they carry
    are stored with them.

    Args:
        kasa: The client.
        store: Where they go: a `Store`, or anything with `write_z_reports`. One that has `write_shops` is given the
            shops first.
        shops: Ids of the shops; None for all of the account.
        start: First business day, in Europe/Kyiv.
        end: Last business day, included.
        concurrency: Most windows of a month read at once, and most pages of one window.
        on_progress: Called after each page and each window.

    Returns:
        The figures of each shop, in hryvnias, and whether they are complete.

    Raises:
        InvalidRequestError: A shop is not the account's, or a number cannot be used.
        SmartKasaError: The shops could not be listed, or the store could not write.

    API: `GET /api/v1/reports/z-reports`
    """
    window = Window(start, end)
    chosen = await pick_shops(kasa, store, shops)
    statements = {shop.id: _Statement() for shop in chosen}
    pull = Pull(
        list_window=lambda shop_id, span: kasa.reports.z_reports(
            shop_id=shop_id, date_start=span.start, date_end=span.end
        ),
        write=store.write_z_reports,
        count=lambda shop_id, reports: statements[shop_id].add(reports),
        concurrency=concurrency,
        on_progress=on_progress,
    )
    incomplete = await pull.run(statements, tuple(window.split(_DAYS_PER_WINDOW)))
    return HarvestReport(window, tuple(statements[shop.id].of(shop, incomplete.get(shop.id, ())) for shop in chosen))


@dataclass(slots=True)
class _Statement:
    """Running figures of one shop."""

    z_reports: int = 0
    sales: Decimal = Decimal(0)
    refunds: Decimal = Decimal(0)

    def add(self, reports: Sequence[ZReport]) -> None:
        self.z_reports += len(reports)
        self.sales += sum((report.sale_total or Decimal(0) for report in reports), Decimal(0))
        self.refunds += sum((report.refund_total or Decimal(0) for report in reports), Decimal(0))

    def of(self, shop: Shop, incomplete: tuple[IncompleteWindow, ...]) -> ShopHarvest:
        return ShopHarvest(shop.id, shop.title, self.z_reports, self.sales, self.refunds, incomplete)
