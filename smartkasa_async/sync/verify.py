"""`verify_receipts`: is a store as the service is now, receipt by receipt?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from smartkasa_async._i18n.message import N_, msg, nmsg
from smartkasa_async._i18n.translate import in_language
from smartkasa_async._support.arguments import MOST_CONCURRENT, check_callbacks, check_client, check_store, check_whole
from smartkasa_async._support.money import NO_HRYVNIAS, with_kopecks
from smartkasa_async._support.tables import ResultTable
from smartkasa_async.jobs.concurrency import run_concurrently
from smartkasa_async.jobs.results import Progress, Stage, TableResult
from smartkasa_async.records.batch import KeptReceipt
from smartkasa_async.records.days import Window, business_day, today
from smartkasa_async.sync.reading import Permits, read_whole
from smartkasa_async.sync.receipts import DAYS_PER_WINDOW, receipt_listing
from smartkasa_async.sync.report import IncompleteWindow
from smartkasa_async.sync.shops import pick_shops

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from datetime import date
    from decimal import Decimal

    from smartkasa_async._i18n.translate import Language
    from smartkasa_async.client import SmartKasa
    from smartkasa_async.models import Receipt, Shop
    from smartkasa_async.records.batch import Batch, KeptReceipts
    from smartkasa_async.sync.reading import Reading


_COLUMNS = (
    N_("Id"),
    N_("Shop"),
    N_("Day"),
    N_("At the service"),
    N_("In the store"),
    N_("Sum at the service"),
    N_("Sum in the store"),
    N_("Missing"),
    N_("Deleted"),
    N_("Changed"),
)


class ReceiptSource(Protocol):
    """What keeps receipts: a `Store`."""

    async def kept_receipts(self, shop_id: int, window: Window) -> KeptReceipts:
        """Return what is compared of the receipts of a shop and a span of days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayDifference:
    """A business day of one shop on which the store is not as the service.

    Attributes:
        shop_id: Id of the shop.
        title: Its title.
        day: The day, in Europe/Kyiv.
        listed: Number of receipts that the service lists.
        listed_total: Sum of their totals, hryvnias; those that do not have the documented form add nothing.
        kept: Number of receipts that the store keeps.
        kept_total: Sum of their totals, hryvnias.
        missing: Ids of receipts that the service lists and the store does not keep.
        deleted: Ids of receipts that the store keeps and the service does not list.
        changed: Ids of receipts with another time of change, or another total.
    """

    shop_id: int
    title: str
    day: date
    listed: int
    listed_total: Decimal
    kept: int
    kept_total: Decimal
    missing: tuple[str, ...]
    deleted: tuple[str, ...]
    changed: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"shop {self.shop_id} {self.day}: {self.listed} listed, {self.kept} kept: {len(self.missing)} missing,"
            f" {len(self.deleted)} deleted, {len(self.changed)} changed"
        )


@dataclass(frozen=True, slots=True)
class VerifyReport(TableResult):
    """How a store compares with the service.

    Attributes:
        window: The business days that were compared.
        receipts: Number of receipts that the service lists.
        differences: The days that differ, by shop and day.
        incomplete: What could not be read whole, by shop id, and so was not compared.
    """

    window: Window
    receipts: int
    differences: tuple[DayDifference, ...]
    incomplete: tuple[tuple[int, IncompleteWindow], ...]

    def failures(self) -> Iterator[object]:
        """Yield the days that differ, and what could not be read."""
        yield from self.differences
        for shop_id, one in self.incomplete:
            yield one.message(shop_id)

    def tables(self, language: Language = "en") -> list[ResultTable]:
        """Return the days that differ as a table, hryvnias.

        Args:
            language: English (`en`) or Ukrainian (`uk`).
        """
        if not self.differences:
            return []
        rows = [
            (
                one.shop_id,
                one.title,
                one.day,
                one.listed,
                one.kept,
                with_kopecks(one.listed_total),
                with_kopecks(one.kept_total),
                len(one.missing),
                len(one.deleted),
                len(one.changed),
            )
            for one in self.differences
        ]
        title = msg("Days of {window} on which the store is not as the service, hryvnias", window=self.window)
        return [ResultTable([in_language(name, language) for name in _COLUMNS], rows, in_language(title, language))]

    def note_lines(self, language: Language = "en") -> list[str]:
        """Return what could not be read, or that the store agrees.

        Args:
            language: English (`en`) or Ukrainian (`uk`).
        """
        notes = [one.message(shop_id) for shop_id, one in self.incomplete]
        if self.ok:
            agreement = nmsg(
                "The store agrees with the service: {count} receipt.",
                "The store agrees with the service: {count} receipts.",
                self.receipts,
            )
            notes.append(agreement)
        return [in_language(note, language) for note in notes]


async def verify_receipts(
    kasa: SmartKasa,
    store: ReceiptSource,
    *,
    shops: Iterable[int] | None = None,
    start: date,
    end: date | None = None,
    concurrency: int = 16,
    per_page: int = 100,
    on_progress: Callable[[Progress], None] | None = None,
) -> VerifyReport:
    """Compare the receipts of a store with those of the service, each by its id, its time of change and its total.

    All of the span is read, as a sync would, and nothing is written. What came or changed since the last sync
    differs too, so compare days that are over. `sync_receipts` with `refetch` reads days that differ once more.

    Args:
        kasa: The client.
        store: The store.
        shops: Ids of the shops; None for all of the account.
        start: First business day, in Europe/Kyiv.
        end: Last business day, included; None for today.
        concurrency: Maximum number of concurrent windows, and of concurrent pages of one window; the client's own limit
            holds as well.
        per_page: Receipts on a page.
        on_progress: Called after each page and each window.

    Returns:
        The days of each shop that differ, and what could not be read.

    Raises:
        InvalidRequestError: A shop is not the account's, or a number cannot be used.
        SmartKasaError: The shops could not be listed, or the store could not be read.

    API: `GET /api/v1/pos/receipts`
    """
    check_client(kasa)
    check_store(store, "kept_receipts")
    check_whole("concurrency", concurrency, most=MOST_CONCURRENT)
    check_whole("per_page", per_page)
    check_callbacks(on_progress=on_progress)
    first = Window(start, start).start
    asked = Window(first, max(today(), first) if end is None else end)
    chosen = await pick_shops(kasa, None, shops)
    jobs = [(shop, window) for shop in chosen for window in asked.split(DAYS_PER_WINDOW)]
    run = _Verifying(
        kasa,
        store,
        concurrency,
        per_page,
        on_progress,
        Progress(Stage.COMPARING, 0, len(jobs), "windows", {"records": 0}),
    )
    await run_concurrently(run.compare, jobs, concurrency=concurrency)
    return VerifyReport(
        asked,
        run.receipts,
        tuple(sorted(run.differences, key=lambda one: (one.shop_id, one.day))),
        tuple(sorted(run.incomplete, key=lambda one: (one[0], one[1].window.start))),
    )


@dataclass
class _Verifying:
    """One comparison, and what it has found so far."""

    kasa: SmartKasa
    store: ReceiptSource
    concurrency: int
    per_page: int
    on_progress: Callable[[Progress], None] | None
    progress: Progress
    receipts: int = 0
    differences: list[DayDifference] = field(default_factory=list)
    incomplete: list[tuple[int, IncompleteWindow]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._permits = Permits(2 * self.concurrency)

    async def compare(self, job: tuple[Shop, Window]) -> None:
        """Read the receipts of a shop and a span of days, and compare them with those that are kept."""
        shop, window = job
        listed: dict[str, KeptReceipt] = {}
        odd: set[str] = set()

        async def take(batch: Batch[Receipt]) -> None:
            listed.update((one.id, _compared(one)) for one in batch.records)
            odd.update(one.key for one in batch.undecodable)
            self._advance(records=len(batch.records))

        def restart() -> None:
            listed.clear()
            odd.clear()

        reading = await read_whole(
            self.kasa,
            receipt_listing(shop.id, window, self.per_page),
            take,
            concurrency=self.concurrency,
            permits=self._permits,
            on_restart=restart,
        )
        kept = await self.store.kept_receipts(shop.id, window)
        fault = reading.reason or _not_comparable(reading, odd, kept)
        if fault is None:
            self.receipts += len(listed) + len(odd)
            self.differences += day_differences(shop, listed, kept)
        else:
            self.incomplete.append((shop.id, IncompleteWindow(window, fault, reading.error_name)))
        self._advance(windows=1)

    def _advance(self, *, records: int = 0, windows: int = 0) -> None:
        self.progress = self.progress.advance(windows, records=records)
        if self.on_progress is not None:
            self.on_progress(self.progress)


def _compared(receipt: Receipt) -> KeptReceipt:
    return KeptReceipt(business_day(receipt.created_at), receipt.updated_at, receipt.total_amount)


def _not_comparable(reading: Reading, odd: Collection[str], kept: KeptReceipts) -> str | None:
    """Return what keeps records without the documented form from being compared; None for nothing."""
    if reading.nameless:
        return msg("a receipt has no id that can be read, so it is unknown whether the store keeps it")
    unknown = set(odd) - set(kept.quarantined) - kept.of_shop.keys() - kept.without_shop.keys()
    if unknown:
        return nmsg(
            "{count} receipt does not have the documented form, and is not in the store's quarantine either",
            "{count} receipts do not have the documented form, and are not in the store's quarantine either",
            len(unknown),
        )
    return None


def day_differences(shop: Shop, listed: Mapping[str, KeptReceipt], kept: KeptReceipts) -> Iterator[DayDifference]:
    """Yield the days on which a shop's list differs from what is kept, in order.

    Args:
        shop: The shop.
        listed: The receipts that the service lists, but for those without the documented form.
        kept: What the store keeps.
    """
    known = {**kept.without_shop, **kept.of_shop}
    here = {id_: one for id_, one in known.items() if id_ in kept.of_shop or id_ in listed}
    for day in sorted({one.day for one in (*listed.values(), *here.values())}):
        there = {id_: one for id_, one in listed.items() if one.day == day}
        stored = {id_: one for id_, one in here.items() if one.day == day}
        missing = sorted(there.keys() - here.keys())
        deleted = sorted(stored.keys() - listed.keys() - set(kept.quarantined))
        changed = sorted(id_ for id_ in there.keys() & here.keys() if there[id_] != here[id_])
        if missing or deleted or changed:
            yield DayDifference(
                shop_id=shop.id,
                title=shop.title,
                day=day,
                listed=len(there),
                listed_total=sum((one.total_amount for one in there.values()), NO_HRYVNIAS),
                kept=len(stored),
                kept_total=sum((one.total_amount for one in stored.values()), NO_HRYVNIAS),
                missing=tuple(missing),
                deleted=tuple(deleted),
                changed=tuple(changed),
            )
