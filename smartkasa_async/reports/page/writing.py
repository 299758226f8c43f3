"""`write_report_page`: what a store knows of sales, as one page that opens from disk."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from anyio import to_thread

from smartkasa_async._i18n.message import N_, nmsg
from smartkasa_async._i18n.translate import Language, in_language
from smartkasa_async._support import clock as _clock
from smartkasa_async._support.arguments import (
    check_callbacks,
    check_choice,
    check_duration,
    check_hryvnias,
    check_moment,
    check_path,
    check_store,
    chosen_shops,
)
from smartkasa_async._support.files import fresh_file, require_replaceable
from smartkasa_async._support.tables import ResultTable
from smartkasa_async.jobs.results import Progress, Stage
from smartkasa_async.records.days import business_day
from smartkasa_async.reports.asked import asked_window, check_days
from smartkasa_async.reports.compliance.check import check_compliance
from smartkasa_async.reports.not_read import StoreReport
from smartkasa_async.reports.page.data import add_left_out, add_shifts, named_receipts, page_data
from smartkasa_async.reports.page.document import render
from smartkasa_async.reports.page.queries import read_page_facts
from smartkasa_async.reports.page.time_buckets import Table, TimeBuckets
from smartkasa_async.reports.reconciliation.comparing import reconcile

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from datetime import date, datetime

    from smartkasa_async.reports.not_read import NotRead
    from smartkasa_async.stores import Store

_SALE_RECEIPTS, _REFUND_RECEIPTS = 1, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPage(StoreReport):
    """A page that was written.

    Attributes:
        path: The file.
        size: Its size in bytes.
        receipts: Number of receipts of sales and refunds behind it.
        differences: Number of differences that the reconciliation found.
        findings: Number of fiscal findings.
        not_read: Days of receipts and Z-reports that were not read whole, so that the page has nothing of them.
        shops: Ids of the shops on the page.
    """

    path: Path
    size: int
    receipts: int
    differences: int
    findings: int
    not_read: tuple[NotRead, ...] = ()
    shops: tuple[int, ...] = ()

    def _shop_ids(self) -> Collection[int]:
        return self.shops

    def failures(self) -> Iterator[object]:
        """Yield how much the page shows that is not in order, and what it lacks."""
        if self.differences:
            yield nmsg("{count} difference", "{count} differences", self.differences)
        if self.findings:
            yield nmsg("{count} finding", "{count} findings", self.findings)
        for step in self.reading_steps():
            yield step.text

    def tables(self, language: Language = "en") -> list[ResultTable]:
        """Return what was written as a table.

        Args:
            language: English (`en`) or Ukrainian (`uk`).
        """
        names = (N_("Page"), N_("Receipts"), N_("Differences"), N_("Findings"))
        figures = (self.path, self.receipts, self.differences, self.findings)
        return [ResultTable([in_language(name, language) for name in names], [figures])]


async def write_report_page(
    store: Store,
    path: str | os.PathLike[str],
    *,
    shops: Iterable[int] | None = None,
    start: date | None = None,
    end: date | None = None,
    language: Language = "en",
    now: datetime | None = None,
    tax_tolerance: Decimal = Decimal(0),
    shift_tolerance: timedelta = timedelta(0),
    on_progress: Callable[[Progress], None] | None = None,
) -> ReportPage:
    """Write sales, reconciliation and fiscal findings as one HTML file that needs nothing else.

    The page shows sales by day and hour in Kyiv, shops side by side, payment means, tax groups, top products and
    refunds, and what `reconcile` and `check_compliance` find, with the receipts behind it; it can be filtered by shop
    and period. Everything is read at one moment; the database makes the sums, which are exact. Figures are by day as
    long as there is room; the largest go over to weeks, months or years, and the page notes it. Days that were not read
    are a dash with the command that reads them; days that are not over count in no average. The period before is shown
    where it was read. Equal data give equal bytes.

    Args:
        store: What was synced.
        path: Where the file will be; its folder has to be there, and a file that is there is replaced once this one is
            whole.
        shops: Ids of the shops; None for all that the store has.
        start: First business day, in Europe/Kyiv; None for the first that the store has.
        end: Last business day, included; None for today.
        language: In which language it opens, English (`en`) or Ukrainian (`uk`); both can be chosen in it.
        now: The moment that decides what is still running, aware; the present one by default.
        tax_tolerance: How many hryvnias each tax of a receipt may differ by, as for `reconcile`.
        shift_tolerance: How much longer than 24 hours a shift may be open, as for `check_compliance`.
        on_progress: Called when each stage begins, and after each shift that was compared with its Z-reports, which is
            most of the work.

    Returns:
        What was written.

    Raises:
        InvalidRequestError: An argument has a value that it cannot have, or the store knows nothing of a shop.
        StoreError: The store could not be read, or its sums are too large to be shown exactly.
        OSError: The file cannot be written, or the path is that of a link, a folder, a device or a pipe.
    """
    check_store(store, "snapshot")
    check_days(start, end)
    check_path("path", path)
    check_choice("language", language, get_args(Language))
    check_moment("now", now)
    check_hryvnias("tax_tolerance", tax_tolerance)
    check_duration("shift_tolerance", shift_tolerance)
    check_callbacks(on_progress=on_progress)
    chosen: Collection[int] | None = chosen_shops(shops)
    target = Path(path)
    _require_writable(target)

    def begin(stage: Stage) -> None:
        if on_progress is not None:
            on_progress(Progress(stage))

    async with store.snapshot() as at_once:
        window = await asked_window(at_once, chosen, start, end, business_day(now or _clock.now()))
        buckets = TimeBuckets(window)
        begin(Stage.CHECKING)
        compliance = await check_compliance(
            at_once, now=now, shops=chosen, start=window.start, end=window.end, shift_tolerance=shift_tolerance
        )
        begin(Stage.COMPARING)
        reconciliation = await reconcile(
            at_once,
            start=window.start,
            end=window.end,
            shops=chosen,
            now=now,
            tax_tolerance=tax_tolerance,
            on_progress=on_progress,
        )
        begin(Stage.SUMMING)
        add_shifts(buckets, reconciliation)
        add_left_out(buckets, reconciliation, compliance)
        named = named_receipts(reconciliation, compliance)
        facts = await read_page_facts(at_once, buckets, window=window, shops=chosen, receipts=named)
    data = page_data(facts, reconciliation, compliance, window=window, shops=chosen)
    begin(Stage.WRITING)
    size = await to_thread.run_sync(_write, target, render(data, language))
    return ReportPage(
        path=target,
        size=size,
        receipts=sum(sum(buckets.figures(Table.TURNOVER, index)) for index in (_SALE_RECEIPTS, _REFUND_RECEIPTS)),
        differences=len(reconciliation.differences),
        findings=len(compliance.findings),
        not_read=reconciliation.not_read,
        shops=tuple(shop.shop_id for shop in reconciliation.shops if shop.shop_id is not None),
    )


def _require_writable(path: Path) -> None:
    """Refuse a file that could not be written, before the work of minutes."""
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), f"{path.parent}")
    require_replaceable(path)


def _write(path: Path, pieces: Iterable[str]) -> int:
    """Write a file, and return its size in bytes."""
    with fresh_file(path, encoding="utf-8") as file:
        file.writelines(pieces)
        file.flush()
        return os.fstat(file.fileno()).st_size
