"""Sync one kind of record of many shops into a store, window by window of business days."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Context, localcontext
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from smartkasa_async._i18n.message import argument, msg
from smartkasa_async._support.arguments import (
    MOST_CONCURRENT,
    MOST_DAYS,
    check_callbacks,
    check_client,
    check_flags,
    check_store,
    check_whole,
    chosen_shops,
)
from smartkasa_async.errors import AnswerTooLargeError, CallTimeoutError, InvalidRequestError, PaginationError
from smartkasa_async.jobs.concurrency import run_concurrently
from smartkasa_async.jobs.results import Progress, Stage
from smartkasa_async.operations import find
from smartkasa_async.records import days
from smartkasa_async.records.days import Window
from smartkasa_async.records.synced_days import (
    SyncedRange,
    SyncState,
    final_part,
    halves,
    missing_ranges,
    recheck_windows,
    trimmed,
)
from smartkasa_async.sync.clock import earlier_now, earlier_today, refuse_clock
from smartkasa_async.sync.reading import Listing, Permits, is_unchanged, read_whole
from smartkasa_async.sync.report import IncompleteWindow, ShopSync, SyncReport
from smartkasa_async.sync.shops import pick_shops

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from msgspec import UnsetType

    from smartkasa_async.client import SmartKasa
    from smartkasa_async.models import Shop
    from smartkasa_async.records.batch import Batch, RecordKind, Sink, Undecodable
    from smartkasa_async.sync.reading import Reading

RecordT = TypeVar("RecordT")
ShopT = TypeVar("ShopT", bound=ShopSync)
ReportT = TypeVar("ReportT", bound=SyncReport[Any])

Figures = dict[str, Any]

_MAX_RECHECKS = 8
"""Windows of one shop that a run checks once more."""

_ONE_DAY = timedelta(days=1)
_SMALLER_MAY_HELP = (AnswerTooLargeError, CallTimeoutError, PaginationError)


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncOptions:
    """What a run syncs, and how eagerly it reads: the arguments of the public functions.

    Attributes:
        shops: Ids of the shops; None for all of the account.
        start: First business day, in Europe/Kyiv.
        end: Last business day, included; None for today.
        lookback_days: Days after whose end a day is final, and skipped by later runs.
        refetch: Whether days that the store has whole are read too.
        accept_clock_skew: Whether to go on where the clocks are hours apart.
        concurrency: Maximum number of concurrent windows, and of concurrent pages of one window.
        on_progress: Called after each page and each window.
        per_page: Records on a page.

    Raises:
        InvalidRequestError: One has a value that it cannot have.
    """

    shops: Iterable[int] | None
    start: date
    end: date | None
    lookback_days: int
    refetch: bool
    accept_clock_skew: bool
    concurrency: int
    on_progress: Callable[[Progress], None] | None
    per_page: int = 100

    def __post_init__(self) -> None:
        object.__setattr__(self, "shops", chosen_shops(self.shops))
        check_flags(refetch=self.refetch, accept_clock_skew=self.accept_clock_skew)
        check_callbacks(on_progress=self.on_progress)
        check_whole("lookback_days", self.lookback_days, least=0, most=MOST_DAYS)
        check_whole("concurrency", self.concurrency, most=MOST_CONCURRENT)
        check_whole("per_page", self.per_page)

    def window(self, today: date) -> Window:
        """Return the business days that are asked for.

        Raises:
            InvalidRequestError: The first day is still to come, or comes after the last.
        """
        if self.end is not None:
            return Window(self.start, self.end)
        if Window(self.start, self.start).start > today:
            message = msg(
                "{field} is {start}, and today in Kyiv is {today}; give a day that has begun, or {last}",
                field=argument("start"),
                last=argument("end"),
                start=self.start,
                today=today,
            )
            raise InvalidRequestError(message, field="start")
        return Window(self.start, today)


class _Dated(Protocol):
    """A record of a shop and a business day."""

    @property
    def shop_id(self) -> int | UnsetType | None: ...
    @property
    def created_at(self) -> datetime: ...


def window_listing(kind: RecordKind, path: str, record: type[Any]) -> Callable[[int, Window, int], Listing[Any]]:
    """Describe the lists of one kind of record: one for each shop and window of business days.

    Args:
        kind: What the records are.
        path: Path of the list operation.
        record: Struct of a record.

    Returns:
        A function that makes the list of a shop's id, a window, and the number of records on a page.
    """
    operation = find("GET", path)

    def listing(shop_id: int, window: Window, per_page: int) -> Listing[Any]:
        begins_at, ends_at = window.begins_at, window.ends_at

        def belongs(one: _Dated) -> bool:
            return (one.shop_id == shop_id or not one.shop_id) and begins_at <= one.created_at < ends_at

        query = {"shop_id": shop_id, "date_start": window.start, "date_end": window.end, "per_page": per_page}
        return Listing(kind, operation, record, query, shop_id, belongs)

    return listing


@dataclass(frozen=True, slots=True)
class WindowSync(Generic[RecordT, ShopT, ReportT]):
    """How one kind of record is synced.

    Attributes:
        kind: What the records are.
        report: The result of a run.
        shop_report: The result for one shop; it is given the sums of the figures by name.
        figures: Figures of records, by name.
        days_per_window: Business days that are read in one go.
        listing: Describes what is read of a shop (its id) in a window, so many records a page.
        read: Reads that whole, as `read_whole` does.
        recheck: Returns by one request whether that is as it was kept; None where reading it whole is one request too.
    """

    kind: RecordKind
    report: Callable[[Window, tuple[ShopT, ...], float | None], ReportT]
    shop_report: type[ShopT]
    figures: Callable[[Sequence[RecordT]], Mapping[str, Any]]
    days_per_window: int
    listing: Callable[[int, Window, int], Any]
    read: Callable[..., Awaitable[Reading]] = read_whole
    recheck: Callable[..., Awaitable[bool]] | None = is_unchanged

    async def run(self, kasa: SmartKasa, store: Sink[RecordT], options: SyncOptions) -> ReportT:
        """Read every window of every shop that is not known, many concurrently.

        Raises:
            ClockSkewError: The clocks are hours apart, before or after reading.
        """
        check_client(kasa)
        check_store(store, "write")
        asked = options.window(days.today())
        shops = await pick_shops(kasa, store, options.shops)
        refuse_clock(kasa, accept=options.accept_clock_skew)
        state = store if isinstance(store, SyncState) else None
        run = _Run(self, kasa, store, state, options, earlier_today(kasa), earlier_now(kasa))
        rechecks = [job for shop in shops for job in await run.plan(shop.id, asked)]
        await run_concurrently(run.recheck, rechecks, concurrency=options.concurrency)
        run.progress = run.progress.advance(total=len(run.jobs))
        # Oldest days first, so that an interrupted run leaves one span for each shop.
        run.jobs.sort(key=lambda job: job.window.start)
        await run_concurrently(run.sync_window, run.jobs, concurrency=options.concurrency)
        refuse_clock(kasa, accept=options.accept_clock_skew)
        return self.report(asked, tuple(run.shop_report(shop) for shop in shops), kasa.clock_skew)


@dataclass(frozen=True, slots=True)
class _Job:
    shop_id: int
    window: Window
    is_recheck: bool = False


@dataclass
class _Run(Generic[RecordT, ShopT, ReportT]):
    """One run, and what it has brought so far."""

    sync: WindowSync[RecordT, ShopT, ReportT]
    kasa: SmartKasa
    store: Sink[RecordT]
    state: SyncState | None
    options: SyncOptions
    today: date
    now: datetime
    jobs: list[_Job] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.progress = Progress(Stage.SYNCING, 0, 0, "windows", {"records": 0})
        self._figures: defaultdict[int, Figures] = defaultdict(dict)
        self._known: dict[int, int] = {}
        self._incomplete: defaultdict[int, list[IncompleteWindow]] = defaultdict(list)
        # A page is held in memory until it is written, so one is written while as many as asked for are being fetched.
        self._permits = Permits(self.options.concurrency + 1)

    async def plan(self, shop_id: int, asked: Window) -> list[_Job]:
        """Add the windows of a shop that have to be read to the jobs, and return those to check once more."""
        ranges = await self._synced_ranges(shop_id)
        # Final days are read apart: what comes and goes unseen in later ones could hide one of theirs for good.
        final = self._final_part(asked, self.today) if self.state else None
        parts = (final, *missing_ranges(asked, (final,))) if final else (asked,)
        spans = [span for part in parts for span in missing_ranges(part, [one.window for one in ranges])]
        self._known[shop_id] = asked.days - sum(span.days for span in spans)
        per_window = self.sync.days_per_window
        self.jobs += [_Job(shop_id, window) for span in spans for window in span.split(per_window)]
        windows = recheck_windows(ranges, asked, now=self.now, days=per_window, limit=_MAX_RECHECKS)
        return [_Job(shop_id, window, is_recheck=True) for window in windows]

    async def _synced_ranges(self, shop_id: int) -> Sequence[SyncedRange]:
        """Return what earlier runs have read of a shop, as far as it is final by the clock of this run too."""
        if self.state is None or self.options.refetch:
            return ()
        last = self.today - (1 + self.options.lookback_days) * _ONE_DAY
        noted = await self.state.synced_ranges(self.sync.kind, shop_id)
        ranges = trimmed(noted, last)
        if ranges != noted:
            await self.state.trim(self.sync.kind, shop_id, last)
        return ranges

    def _final_part(self, window: Window, today: date) -> Window | None:
        return final_part(window, today=today, lookback_days=self.options.lookback_days)

    def _listing(self, job: _Job) -> Any:
        return self.sync.listing(job.shop_id, job.window, self.options.per_page)

    async def recheck(self, job: _Job) -> None:
        """Check final days once more, and read them anew where they are not as they were kept."""
        assert self.state is not None  # noqa: S101  nothing is checked once more without one
        if self.sync.recheck is not None:
            kept = await self.state.kept(self.sync.kind, job.shop_id, job.window)
            if await self.sync.recheck(self.kasa, self._listing(job), kept):
                await self.state.mark_synced(
                    self.sync.kind, job.shop_id, SyncedRange(job.window, self.now, is_confirmed=True)
                )
                return
            job = replace(job, is_recheck=False)
        self._known[job.shop_id] -= job.window.days
        self.jobs.append(job)

    async def sync_window(self, job: _Job) -> None:
        """Read a window whole, in halves if need be, and note which of its days are final."""
        figures: Figures = {}

        async def write(batch: Batch[RecordT]) -> Sequence[Undecodable]:
            unfit = await self.store.write(batch) or ()
            kept = batch.kept(unfit)
            with localcontext(Context(traps=[])):  # a sink of one's own may keep what is no number
                _add(figures, self.sync.figures(kept))
            self._advance(records=len(kept))
            return unfit

        reading = await self.sync.read(
            self.kasa,
            self._listing(job),
            write,
            concurrency=self.options.concurrency,
            permits=self._permits,
            on_restart=figures.clear,
        )
        smaller = halves(job.window) if isinstance(reading.error, _SMALLER_MAY_HELP) else ()
        if smaller:
            self._advance(windows=len(smaller) - 1)
            for window in smaller:
                await self.sync_window(replace(job, window=window))
            return
        if reading.reason is None:
            figures["deleted"] = await self._note_read(job, reading)
        else:
            self._incomplete[job.shop_id].append(IncompleteWindow(job.window, reading.reason, reading.error_name))
        figures["undecodable"] = reading.undecodable
        _add(self._figures[job.shop_id], figures)
        self._advance(done=1)

    async def _note_read(self, job: _Job, reading: Reading) -> int:
        """Note what was read, mark deleted records, and note final days as synced.

        A record whose id cannot be read may be any, so none is marked as deleted then, and the days are read anew by
        the next run.
        """
        if self.state is None:
            return 0
        read_at = min(self.now, earlier_now(self.kasa))
        await self.state.note_read(self.sync.kind, read_at, shop_id=job.shop_id, window=job.window)
        if reading.nameless:
            return 0
        deleted = await self.state.mark_deleted(self.sync.kind, reading.ids, shop_id=job.shop_id, window=job.window)
        if final := self._final_part(job.window, min(self.today, earlier_today(self.kasa))):
            synced = SyncedRange(final, self.now, is_confirmed=job.is_recheck)
            await self.state.mark_synced(self.sync.kind, job.shop_id, synced)
        return deleted

    def shop_report(self, shop: Shop) -> ShopT:
        """Make the result for a shop."""
        return self.sync.shop_report(
            shop_id=shop.id,
            title=shop.title,
            incomplete=tuple(sorted(self._incomplete[shop.id], key=lambda one: one.window.start)),
            days_known=self._known[shop.id],
            **self._figures[shop.id],
        )

    def _advance(self, *, records: int = 0, windows: int = 0, done: int = 0) -> None:
        self.progress = self.progress.advance(done, total=windows, records=records)
        if self.options.on_progress is not None:
            self.options.on_progress(self.progress)


def _add(totals: Figures, figures: Mapping[str, Any]) -> None:
    for name, figure in figures.items():
        totals[name] = totals[name] + figure if name in totals else figure
