"""What a month is made of, read from a store at one moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from smartkasa_async.jobs.results import Progress, Stage
from smartkasa_async.models import ReceiptType
from smartkasa_async.records.days import Window, business_day
from smartkasa_async.reports.compliance.check import check_compliance
from smartkasa_async.reports.compliance.findings import FindingKind
from smartkasa_async.reports.margins import read_sold_goods
from smartkasa_async.reports.month.queries import MonthQueries
from smartkasa_async.reports.month.taxes import Taxed, divide_taxes, outside_lines
from smartkasa_async.reports.not_read import find_not_read
from smartkasa_async.reports.page.queries import read_receipts
from smartkasa_async.reports.reconciliation.comparing import reconcile
from smartkasa_async.reports.records_within import are_most
from smartkasa_async.stores.sync_state import read_days_read

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import date, datetime
    from decimal import Decimal

    from sqlalchemy import Row

    from smartkasa_async.records.batch import RecordKind
    from smartkasa_async.records.synced_days import DaysRead
    from smartkasa_async.reports.compliance.check import ComplianceReport
    from smartkasa_async.reports.margins import SoldGoods
    from smartkasa_async.reports.page.facts import PageReceipt
    from smartkasa_async.reports.reconciliation.result import Reconciliation
    from smartkasa_async.stores.store import Store

_ONE_DAY = timedelta(days=1)


@dataclass(slots=True, kw_only=True)
class MonthFacts:
    """What was read; sums are rows of `MonthQueries`.

    Attributes:
        queries: Those that were asked, for what is read while it is written.
        window: The days of the month.
        now: The moment of asking, aware.
        shops: Titles of the shops by id.
        read: Which days were read.
        reconciliation: What differs.
        compliance: Fiscal findings.
        receipts: The first receipt behind each difference and finding, by id.
        turnover: Receipts by shop, day and registrar.
        means: Payments by shop, day, registrar and means.
        taxed: Goods and taxes by shop, day, tax group and code, with what makes them the totals of the receipts.
        z_reports: The Z-reports.
        goods: What was sold by product.
    """

    queries: MonthQueries
    window: Window
    now: datetime
    shops: dict[int | None, str]
    read: DaysRead
    reconciliation: Reconciliation
    compliance: ComplianceReport
    receipts: dict[str, PageReceipt] = field(default_factory=dict)
    turnover: Sequence[Row[Any]] = ()
    means: Sequence[Row[Any]] = ()
    taxed: Sequence[Taxed] = ()
    z_reports: Sequence[Row[Any]] = ()
    goods: Sequence[SoldGoods] = ()

    def shop_ids(self) -> list[int | None]:
        """Return the ids of the shops, None last where records name no shop."""
        return [shop.shop_id for shop in self.reconciliation.shops]

    def unread_days(self, kind: RecordKind, shop_id: int | None) -> set[date]:
        """Return the days of the month, begun by now, of which a shop's records were not read in full."""
        if shop_id is None:
            return set()
        return {
            part.start + number * _ONE_DAY
            for part in find_not_read(self.read, (kind,), (shop_id,), self.window, self.now)
            if not part.is_to_come
            for number in range(part.window.days)
        }

    def read_until(self, kind: RecordKind, shop_id: int | None) -> datetime | None:
        """Return until when all was read of a shop from the first day on, never after the last; None for nothing."""
        if shop_id is None:
            return None
        if self.read.spans is None:
            return min(self.now, self.window.ends_at)
        until = self.read.until(kind, shop_id, self.window.begins_at)
        return None if until is None else min(until, self.window.ends_at)

    def in_quarantine(self) -> int:
        """Return how many records of the month could not be read, so that its sums lack them."""
        return int(sum(one.measured for one in self.compliance.of(FindingKind.RECORD_UNREADABLE)))

    def running_day(self) -> date | None:
        """Return the present day where it is one of the month's, so that it is not over."""
        today = business_day(self.now)
        return today if self.window.start <= today <= self.window.end else None


async def read_month_facts(
    store: Store,
    window: Window,
    shops: Collection[int] | None,
    now: datetime,
    *,
    tax_tolerance: Decimal,
    shift_tolerance: timedelta,
    on_progress: Callable[[Progress], None] | None,
) -> MonthFacts:
    """Read what a month has, from a snapshot.

    Args:
        store: A snapshot of the store.
        window: The days of the month.
        shops: Ids of the shops; None for all.
        now: The moment of asking, aware.
        tax_tolerance: As for `reconcile`.
        shift_tolerance: As for `check_compliance`.
        on_progress: As for `reconcile`.
    """
    compliance = await check_compliance(
        store, start=window.start, end=window.end, shops=shops, now=now, shift_tolerance=shift_tolerance
    )
    reconciliation = await reconcile(
        store,
        start=window.start,
        end=window.end,
        shops=shops,
        now=now,
        tax_tolerance=tax_tolerance,
        on_progress=on_progress,
    )
    if on_progress is not None:
        on_progress(Progress(Stage.SUMMING))
    async with store.reading() as connection:
        in_order = await are_most(connection, window, shops)
        queries = MonthQueries(window, shops, in_order)

        async def rows(query: Any) -> Sequence[Row[Any]]:
            return (await connection.execute(query)).all()

        facts = MonthFacts(
            queries=queries,
            window=window,
            now=now,
            shops={shop.shop_id: shop.title for shop in reconciliation.shops if shop.title},
            read=await read_days_read(connection),
            reconciliation=reconciliation,
            compliance=compliance,
            turnover=await rows(queries.turnover()),
            means=await rows(queries.means()),
            z_reports=await rows(queries.z_reports()),
            goods=await read_sold_goods(connection, window, shops, in_order=in_order),
        )
        taxed = [
            *divide_taxes(await rows(queries.coded_lines()), await rows(queries.groups()), int(ReceiptType.REFUND))
        ]
        facts.taxed = [*taxed, *outside_lines(facts.turnover, taxed)]
        found = (*reconciliation.differences, *reconciliation.notices)
        named = {id_ for one in found for id_ in one.receipt_ids[:1]}
        facts.receipts = await read_receipts(
            connection, named | {id_ for one in compliance.findings for id_ in one.receipts[:1]}
        )
    return facts
