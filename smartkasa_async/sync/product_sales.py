"""`sync_product_sales`: what each product sold, day by day and shop by shop, into a store."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Context, Decimal, localcontext
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from smartkasa_async._i18n.message import N_, msg, nmsg
from smartkasa_async._support.money import NO_HRYVNIAS
from smartkasa_async.errors import SmartKasaError, UnauthorizedError
from smartkasa_async.models import ProductSalesLine
from smartkasa_async.operations import find
from smartkasa_async.records.batch import Batch, ProductSale, RecordKind
from smartkasa_async.sync.reading import MAY_PASS, READING_FAILED, Reading, decode_records
from smartkasa_async.sync.report import ShopSync, SyncReport
from smartkasa_async.sync.window_sync import SyncOptions, WindowSync

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
    from datetime import date

    from smartkasa_async.client import SmartKasa
    from smartkasa_async.jobs.results import Progress
    from smartkasa_async.operations import Operation
    from smartkasa_async.records.batch import Sink, Undecodable
    from smartkasa_async.records.days import Window
    from smartkasa_async.sync.reading import Decoded, Permits

_MOST_READINGS = 3
_NOISE = Decimal("0.00001")


class _RawSales(msgspec.Struct):
    products: list[msgspec.Raw]
    total_amount: Decimal | None
    total_count: Decimal | None


class _RawAnswer(msgspec.Struct):
    data: _RawSales


_READ: Operation[_RawAnswer] = replace(find("GET", "/api/v1/stats/product_daily_sales/alter"), response=_RawAnswer)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopProductSales(ShopSync):
    """What a run brought of one shop's sales by product; money in hryvnias.

    Attributes:
        lines: Number of lines, one for each product and day.
        total_amount: Turnover of all of them.
    """

    lines: int = 0
    total_amount: Decimal = NO_HRYVNIAS


@dataclass(frozen=True, slots=True)
class ProductSalesReport(SyncReport[ShopProductSales]):
    """What a run of `sync_product_sales` brought."""

    columns: ClassVar[Mapping[str, str]] = {"lines": N_("Lines"), "total_amount": N_("Turnover")}
    table_title: ClassVar[str] = N_("Product sales of {window}, as far as this run read them, hryvnias")

    @property
    def lines(self) -> int:
        """Number of lines of all shops."""
        return sum(shop.lines for shop in self.shops)

    @property
    def total_amount(self) -> Decimal:
        """Turnover of all shops, hryvnias."""
        return sum((shop.total_amount for shop in self.shops), NO_HRYVNIAS)


async def sync_product_sales(
    kasa: SmartKasa,
    store: Sink[ProductSale],
    *,
    shops: Iterable[int] | None = None,
    start: date,
    end: date | None = None,
    lookback_days: int = 3,
    refetch: bool = False,
    accept_clock_skew: bool = False,
    concurrency: int = 16,
    on_progress: Callable[[Progress], None] | None = None,
) -> ProductSalesReport:
    """Sync what each product sold on each day of a span into a store, many shops and days concurrently.

    A day is whole when each product stands there once and the lines sum up to the totals that the service states with
    them; one that is not is retried, then named in the report. Days are remembered as `sync_receipts` does it, and a
    product that a day no longer names is deleted from it.

    Args:
        kasa: The client.
        store: Where the lines go: a `Store`, which is given the shops as well, or anything with `write`, for which all
            days are read.
        shops: Ids of the shops; None for all of the account.
        start: First business day, in Europe/Kyiv.
        end: Last business day, included; None for today.
        lookback_days: Days after a day's end until when its sales may still change.
        refetch: Whether to read the days that the store remembers too.
        accept_clock_skew: Whether to go on where this machine's clock and the service's are more than an hour apart. A
            day then counts as over when it is over by both.
        concurrency: Maximum number of concurrent days; the client's own limit holds as well.
        on_progress: Called after each day; a window is a day.

    Returns:
        The figures of each shop, in hryvnias, of what this run read, and whether it is complete.

    Raises:
        InvalidRequestError: A shop is not the account's, or a number cannot be used.
        ClockSkewError: The clocks are more than an hour apart, and that was not accepted; records that were read are
            kept.
        SmartKasaError: The shops could not be listed, the session ended and no other could be made, or the store could
            not write.

    API: `GET /api/v1/stats/product_daily_sales/alter`
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
    )
    return await _SYNC.run(kasa, store, options)


@dataclass(frozen=True, slots=True)
class _Day:
    """What is read in one go: the sales of one shop in a window of one day."""

    shop_id: int
    window: Window

    @property
    def query(self) -> dict[str, object]:
        return {"shop_id": self.shop_id, "date_start": self.window.start, "date_end": self.window.end}

    def batch(self, found: Decoded[ProductSalesLine]) -> Batch[ProductSale]:
        """Make what a store is given; a product comes on many days, so a key in quarantine names shop and day."""
        shop_id, business_date = self.shop_id, self.window.start
        return Batch(
            RecordKind.PRODUCT_SALES,
            [ProductSale(shop_id, business_date, line) for line in found.records],
            found.raw,
            [one.with_changes(key=f"{shop_id}/{business_date}/{one.key}") for one in found.undecodable],
        )


async def _read_day(
    kasa: SmartKasa,
    day: _Day,
    write: Callable[[Batch[ProductSale]], Awaitable[Sequence[Undecodable] | None]],
    *,
    concurrency: int,  # noqa: ARG001 a day is one page
    permits: Permits,
    on_restart: Callable[[], None],  # noqa: ARG001 only the last answer is written
) -> Reading:
    """Read the sales of a day until they agree with their totals, at most three times, and write what came last."""
    error: SmartKasaError | None = None
    found: Decoded[ProductSalesLine] | None = None
    async with permits.pages:
        for _ in range(_MOST_READINGS):
            try:
                sales = (await kasa.call(_READ, query=day.query)).data
            except UnauthorizedError:
                raise
            except READING_FAILED as failure:
                error = failure
                if not isinstance(failure, MAY_PASS):
                    break
            else:
                found = decode_records(sales.products, ProductSalesLine, shop_id=day.shop_id)
                with localcontext(Context(traps=[])):  # what is no number agrees with nothing
                    error = _disagreement(found, sales)
                if error is None:
                    break
        if found is None:
            return Reading(error=error)
        unfit = len(await write(day.batch(found)) or ())
    read, undecodable = len(found.records) - unfit, len(found.undecodable) + unfit
    return Reading(set(found.ids), read, undecodable, found.nameless, error)


def _disagreement(found: Decoded[ProductSalesLine], sales: _RawSales) -> SmartKasaError | None:
    """Return why the lines of a day are not all of it; None where they are."""
    amount = sum((line.total_amount for line in found.records), Decimal(0))
    count = sum((line.total_count for line in found.records), Decimal(0))
    if found.undecodable:
        reason = nmsg(
            "{count} line cannot be decoded, so it is unknown whether the sums agree",
            "{count} lines cannot be decoded, so it is unknown whether the sums agree",
            len(found.undecodable),
        )
    elif len(found.fresh) < len(found.ids):
        reason = msg("a product stands there more than once")
    elif _differ(amount, sales.total_amount) or _differ(count, sales.total_count):
        reason = msg(
            "the lines sum up to {amount} hryvnias and {count} units, where the service states"
            " {stated_amount} and {stated_count}",
            amount=amount,
            count=count,
            stated_amount=sales.total_amount,
            stated_count=sales.total_count,
        )
    else:
        return None
    return SmartKasaError(reason, operation=_READ.id)


def _differ(summed: Decimal, stated: Decimal | None) -> bool:
    """Return whether sums differ by more than a binary fraction may have added, since totals are JSON numbers."""
    return not abs(summed - (stated or 0)) <= _NOISE


def _figures(sales: Sequence[ProductSale]) -> dict[str, Any]:
    return {
        "lines": len(sales),
        "total_amount": sum((sale.line.total_amount for sale in sales), NO_HRYVNIAS),
    }


_SYNC: WindowSync[ProductSale, ShopProductSales, ProductSalesReport] = WindowSync(
    RecordKind.PRODUCT_SALES,
    ProductSalesReport,
    ShopProductSales,
    _figures,
    1,
    lambda shop_id, window, _: _Day(shop_id, window),
    read=_read_day,
    recheck=None,
)
