"""`reconcile`: do the synced receipts agree with their payments, the Z-reports and the product sales?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from itertools import chain, count
from typing import TYPE_CHECKING

from smartkasa_async._support import clock as _clock
from smartkasa_async._support.arguments import check_callbacks, check_hryvnias, check_moment, check_store, chosen_shops
from smartkasa_async._support.money import with_kopecks
from smartkasa_async.jobs.results import Progress, Stage
from smartkasa_async.records.batch import RecordKind
from smartkasa_async.records.days import Window, business_day
from smartkasa_async.reports.asked import asked_window, check_days
from smartkasa_async.reports.not_read import find_not_read
from smartkasa_async.reports.reconciliation.continuity import KnownNumbers
from smartkasa_async.reports.reconciliation.ledger import reading_of
from smartkasa_async.reports.reconciliation.product_check import check_product_sales
from smartkasa_async.reports.reconciliation.queries import open_ledger
from smartkasa_async.reports.reconciliation.registrar_check import CheckedShift, RegistrarCheck, join_moves
from smartkasa_async.reports.reconciliation.result import (
    Reconciliation,
    ShiftReconciliation,
    ShopReconciliation,
    Totals,
)
from smartkasa_async.reports.reconciliation.shift_check import choose_z_reports

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from smartkasa_async.records.synced_days import DaysRead
    from smartkasa_async.reports.not_read import NotRead
    from smartkasa_async.reports.reconciliation.ledger import ShiftHead, ShiftReading
    from smartkasa_async.reports.reconciliation.queries import Ledger
    from smartkasa_async.reports.reconciliation.shift_sums import ShiftSums
    from smartkasa_async.stores import Store

_ZERO = Decimal(0)
_ONE_DAY = timedelta(days=1)
_KINDS = (RecordKind.RECEIPTS, RecordKind.Z_REPORTS)


async def reconcile(
    store: Store,
    *,
    shops: Iterable[int] | None = None,
    start: date | None = None,
    end: date | None = None,
    now: datetime | None = None,
    tax_tolerance: Decimal = Decimal(0),
    on_progress: Callable[[Progress], None] | None = None,
) -> Reconciliation:
    """Compare receipts, their payments, the Z-reports and the product sales, shift by shift.

    A shift counts if any receipt or Z-report of it is within the days, and then with all its receipts in the store:
    a day can have several Z-reports, and one can close two days, so days are never compared. Records that name no shift
    are assigned to one by registrar and time. A shift with service operations only, or still open, owes no Z-report.
    Figures that a Z-report leaves out are not compared, nor are product sales of days that were not synced. The
    database sums up all shifts; the receipts of those that add up are not read. Memory grows with shifts alone.

    Taxes are computed once for the sum of each tax group of a receipt. No act that we know of states whether a
    registrar has to, or whether it rounds line by line, which differs by kopecks: `tax_tolerance` lets these pass.

    Only days that were read into the store whole are judged, so a shift only where all its days were, receipts and
    Z-reports; one without a Z-report may have been closed on the day after. `not_read` has the other days. Sync a day
    beyond both ends where shifts run over midnight.

    Args:
        store: What was synced.
        shops: Ids of the shops; None for all that the store has.
        start: First business day, in Europe/Kyiv; None for the first that the store has.
        end: Last business day, included; None for today.
        now: The moment that decides which days are over, aware; the present one by default.
        tax_tolerance: How many hryvnias each tax of a receipt may differ by, and a tax of a Z-report as often as it has
            receipts.
        on_progress: Called after each shift; shifts that no record names are counted as they are found.

    Returns:
        One difference per root cause, with every figure that it affects, in hryvnias, and the sums of both sides.

    Raises:
        InvalidRequestError: An argument has a value that it cannot have, or the store knows nothing of a shop.
        StoreError: The store could not be read.

    Z-reports close shifts: law of Ukraine № 265/95, article 3.
    """
    check_store(store, "snapshot")
    check_days(start, end)
    check_moment("now", now)
    check_hryvnias("tax_tolerance", tax_tolerance)
    check_callbacks(on_progress=on_progress)
    chosen = chosen_shops(shops)
    moment = now or _clock.now()
    numbers = count(1)
    async with store.snapshot() as at_once:
        window = await asked_window(at_once, chosen, start, end, business_day(moment))
        async with open_ledger(at_once, window, Decimal(tax_tolerance)) as ledger:
            named = 0 if on_progress is None else await ledger.count_shifts(chosen)

            def report_progress() -> None:
                if on_progress is not None:
                    done = next(numbers)
                    on_progress(Progress(Stage.COMPARING, done, max(done, named), "shifts"))

            titles = await ledger.shop_titles(chosen)
            await ledger.sum_up(titles.keys(), chosen)
            reconciling = _Reconciling(ledger, window, moment, Decimal(tax_tolerance), report_progress)
            found = [await reconciling.shop(shop_id, titles[shop_id]) for shop_id in sorted(titles, key=_none_last)]
    return Reconciliation(
        window=window,
        shops=tuple(found),
        read_until=reconciling.read_until(titles),
        sales_not_read=reconciling.sales_not_read(titles),
    )


@dataclass(frozen=True, slots=True)
class _Reconciling:
    """What is compared, of which days, and at which moment."""

    ledger: Ledger
    window: Window
    now: datetime
    tax_tolerance: Decimal
    report_progress: Callable[[], None]

    async def shop(self, shop_id: int | None, title: str | None) -> ShopReconciliation:
        """Compare the shifts of a shop that were read whole; of the others only the receipts that were."""
        copies = await self.ledger.copies(shop_id)
        checked: list[CheckedShift] = []
        others: list[tuple[CheckedShift, ShiftReading]] = []
        numbers: Mapping[str | None, Sequence[int]] | None = None
        for heads in await self.ledger.registrars(shop_id):
            if self.ledger.have_all_numbers(heads):
                known = KnownNumbers()
            else:
                numbers = await self.ledger.numbers(shop_id) if numbers is None else numbers
                known = KnownNumbers(chain.from_iterable(numbers.get(one, ()) for one in {heads[0].registrar, None}))
            comparison = RegistrarComparison(known, self.ledger.read, self.now, self.tax_tolerance)
            async for sums in self.ledger.shifts(heads, copies, known):
                comparison.add(sums)
                self.report_progress()
            comparison.end()
            checked += comparison.compared
            others += comparison.others
        quarantine = self.ledger.quarantine(shop_id)
        for compared in checked:
            quarantine.explain(compared.sums.head, compared.issues)
        sold = await self.ledger.sold_products(shop_id)
        issues = [issue for shift in checked for issue in shift.issues]
        of_shop = list(check_product_sales(sold, issues))
        quarantine.explain_product_sales(of_shop)
        of_shop += quarantine.rest(self.window, [shift.sums.head for shift in checked])
        return ShopReconciliation(
            shop_id=shop_id,
            title=title,
            shifts=tuple(map(_shift, checked)),
            found=(
                *(
                    issue.at(shop_id, shift.sums.head.registrar, shift.sums.head.shift_id)
                    for shift in (*checked, *(one for one, _ in others))
                    for issue in shift.issues
                ),
                *(issue.at(shop_id) for issue in of_shop),
            ),
            not_compared=tuple(_not_compared(shift, reading) for shift, reading in others),
            not_read=tuple(self._not_read(shop_id, [reading for _, reading in others])),
            read=self._read(shop_id),
        )

    def _not_read(self, shop_id: int | None, readings: Iterable[ShiftReading]) -> Iterator[NotRead]:
        """Return the days that were not read: those asked for, and those beside them that shifts run into."""
        if shop_id is None:
            return
        for kind in _KINDS:
            wanted = [self.window, *(window for reading in readings for of, window in reading.wanted if of is kind)]
            for span in _joined(wanted):
                yield from find_not_read(self.ledger.read, (kind,), (shop_id,), span, self.now)

    def _read(self, shop_id: int | None) -> frozenset[RecordKind]:
        """Return the kinds of which any day was read; what names no shop was read with some shop."""
        if shop_id is None or self.ledger.read.spans is None:
            return frozenset(_KINDS)
        return frozenset(kind for kind in _KINDS if self._is_any_read(kind, shop_id))

    def _is_any_read(self, kind: RecordKind, shop_id: int) -> bool:
        unread = sum(one.days for one in self.ledger.read.not_read(kind, shop_id, self.window, self.now))
        return unread < self.window.days

    def read_until(self, shops: Iterable[int | None]) -> datetime | None:
        """Return until when all was read of the present day."""
        today = business_day(self.now)
        if not self.window.start <= today <= self.window.end:
            return None
        begins_at = Window(today, today).begins_at
        known = [self.ledger.read.until(kind, id_, begins_at) for kind in _KINDS for id_ in shops if id_ is not None]
        return min((moment for moment in known if moment), default=None)

    def sales_not_read(self, shops: Iterable[int | None]) -> tuple[NotRead, ...]:
        """Return the days of which the product sales were not read, where they were read of any."""
        ids = [id_ for id_ in shops if id_ is not None]
        found = tuple(find_not_read(self.ledger.read, (RecordKind.PRODUCT_SALES,), ids, self.window, self.now))
        return found if sum(one.window.days for one in found) < len(ids) * self.window.days else ()


def _joined(windows: Iterable[Window]) -> list[Window]:
    """Put windows together that overlap or follow one another."""
    joined: list[Window] = []
    for window in sorted(windows, key=lambda one: (one.start, one.end)):
        if joined and window.start <= joined[-1].end + _ONE_DAY:
            joined[-1] = Window(joined[-1].start, max(joined[-1].end, window.end))
        else:
            joined.append(window)
    return joined


def _not_compared(checked: CheckedShift, reading: ShiftReading) -> ShiftReconciliation:
    kinds = {RecordKind.RECEIPTS: reading.receipts, RecordKind.Z_REPORTS: reading.z_reports}
    shift = _shift(checked)
    return replace(shift, totals=shift.totals.of([kind for kind, is_read in kinds.items() if is_read]), agrees=False)


def _shift(checked: CheckedShift) -> ShiftReconciliation:
    sums, stated = checked.sums, checked.stated or {}
    days = {*sums.days, *(report.day for report in sums.head.z_reports)}
    return ShiftReconciliation(
        shop_id=sums.head.shop_id,
        registrar=sums.head.registrar,
        shift_id=sums.head.shift_id,
        days=tuple(sorted(days)),
        totals=Totals(
            receipts=sums.receipts,
            sales=with_kopecks(sums.figures.get("sale_total", _ZERO)),
            refunds=with_kopecks(sums.figures.get("refund_total", _ZERO)),
            z_reports=len(sums.head.z_reports),
            z_sales=with_kopecks(stated.get("sale_total", _ZERO)),
            z_refunds=with_kopecks(stated.get("refund_total", _ZERO)),
        ),
        agrees=all(issue.is_notice for issue in checked.issues),
    )


def _none_last(shop_id: int | None) -> tuple[bool, int]:
    return shop_id is None, shop_id or 0


class RegistrarComparison:
    """Takes the shifts of a registrar in the order of time.

    Numbers and cash follow from one shift to the next only where all between them was read.

    Args:
        known: The local numbers of the registrar that the store has.
        read: Which days were read.
        now: The present moment, aware.
        tax_tolerance: How many hryvnias each tax of a receipt may differ by.
    """

    def __init__(
        self,
        known: KnownNumbers,
        read: DaysRead,
        now: datetime,
        tax_tolerance: Decimal,
    ) -> None:
        self._tax_tolerance = tax_tolerance
        self.compared: list[CheckedShift] = []
        self.others: list[tuple[CheckedShift, ShiftReading]] = []
        self._known = known
        self._read = read
        self._now = now
        self._check = RegistrarCheck(known, tax_tolerance)
        self._part: list[CheckedShift] = []
        self._last: ShiftHead | None = None

    def add(self, sums: ShiftSums) -> None:
        """Take the next shift."""
        head = sums.head
        reading = reading_of(head, self._read, self._now)
        owes_none = not (head.z_reports or sums.owes_report or sums.copies_owe_report)
        if reading.receipts and owes_none:
            reading = reading._replace(z_reports=True)
        if self._last is not None and not self._follows(self._last, head):
            self.end()
        if reading.is_whole:
            self._part += self._check.add(sums)
            self._last = head
        else:
            self.end()
            self.others.append((_alone(sums, reading), reading))

    def end(self) -> None:
        """Finish what was compared so far; what comes after does not follow from it."""
        self._part += self._check.end()
        join_moves(self._part)
        self.compared += self._part
        self._check, self._part, self._last = RegistrarCheck(self._known, self._tax_tolerance), [], None

    def _follows(self, last: ShiftHead, head: ShiftHead) -> bool:
        since, until = sorted((last.ends_at, head.begins_at))
        return self._read.has_read(RecordKind.RECEIPTS, head.shop_id, since, until)


def _alone(sums: ShiftSums, reading: ShiftReading) -> CheckedShift:
    """Return the issues of the receipts of a shift, where these were read, and what its Z-reports state."""
    issues = [issue for issue in sums.issues if reading.receipts and not issue.only_if_needed]
    sums.effects = []
    stated = choose_z_reports(sums)[0] if sums.head.z_reports else None
    return CheckedShift(sums, stated, issues)
