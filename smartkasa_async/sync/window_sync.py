"""The frame of every pull: one kind of record of many shops, window by window, into a store."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Context, localcontext
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

import anyio

from smartkasa_async._i18n.message import argument, msg
from smartkasa_async.errors import AnswerTooLargeError, CallTimeoutError, InvalidRequestError, PaginationError
from smartkasa_async.jobs.concurrency import run_concurrently
from smartkasa_async.records import days
from smartkasa_async.records.batch import SyncState
from smartkasa_async.records.days import Window
from smartkasa_async.records.synced_days import SyncedRange, halves, second_looks, settled_part, trimmed, uncovered
from smartkasa_async.sync.clock import earlier_now, earlier_today, refuse_clock
from smartkasa_async.sync.reading import is_unchanged, read_whole
from smartkasa_async.sync.report import IncompleteWindow, ShopPull, SyncProgress
from smartkasa_async.sync.shops import pick_shops

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from smartkasa_async.client import SmartKasa
    from smartkasa_async.models import Shop
    from smartkasa_async.records.batch import Batch, RecordKind, Sink, Undecodable
    from smartkasa_async.sync.reading import Reading

RecordT = TypeVar("RecordT")
LineT = TypeVar("LineT", bound=ShopPull)

Figures = dict[str, Any]

_MOST_SECOND_LOOKS = 8
"""Windows of one shop that a run looks at a second time."""

_ONE_DAY = timedelta(days=1)
_SMALLER_MAY_HELP = (AnswerTooLargeError, CallTimeoutError, PaginationError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a run is about, and how eagerly it reads.

    Attributes:
        shops: Ids of the shops; None for all of the account.
        start: First business day, in Europe/Kyiv.
        end: Last business day, included; None for today.
        lookback_days: Days after whose end a day is settled, and not read again.
        refetch: Whether covered days are read too.
        accept_clock_skew: Whether to go on where the clocks are hours apart.
        concurrency: Most windows read at once, and most pages of one window.
        on_progress: Called after each page and each window.

    Raises:
        InvalidRequestError: The overlap is negative.
    """

    shops: Iterable[int] | None
    start: date
    end: date | None
    lookback_days: int
    refetch: bool
    accept_clock_skew: bool
    concurrency: int
    on_progress: Callable[[SyncProgress], None] | None

    def __post_init__(self) -> None:
        if self.lookback_days < 0:
            raise InvalidRequestError(
                msg(
                    "{field} is {value}; give a number of days from 0",
                    field=argument("lookback_days"),
                    value=self.lookback_days,
                ),
                field="lookback_days",
            )

    def last_day(self, today: date) -> date:
        """Give the last day that is asked for.

        Raises:
            InvalidRequestError: It is today, and the first one is still to come.
        """
        if self.end is not None:
            return self.end
        if Window(self.start, self.start).start > today:
            message = msg(
                "{field} is {start}, and today in Kyiv is {today}; give a day that has begun, or {last}",
                field=argument("start"),
                last=argument("end"),
                start=self.start,
                today=today,
            )
            raise InvalidRequestError(message, field="start")
        return today


@dataclass(frozen=True, slots=True)
class Pull(Generic[RecordT, LineT]):
    """How one kind of record is pulled.

    Attributes:
        kind: What the records are.
        line: The report's line of a shop; it is given the sums of the figures by name.
        figures: Figures of records, by name.
        days_per_window: Days that are read in one go.
        listing: What is read of a shop (its id) in a window.
        read: Reads that whole, as `read_whole` does.
        look: Tells whether that is as it was kept, by one request; None where reading it whole is one request too.
    """

    kind: RecordKind
    line: type[LineT]
    figures: Callable[[Sequence[RecordT]], Mapping[str, Any]]
    days_per_window: int
    listing: Callable[[int, Window], Any]
    read: Callable[..., Awaitable[Reading]] = read_whole
    look: Callable[..., Awaitable[bool]] | None = is_unchanged

    async def run(self, kasa: SmartKasa, store: Sink[Any], scope: Scope) -> Pulled[LineT]:
        """Read every window of every shop that is not covered, many side by side.

        Raises:
            ClockSkewError: The clocks are hours apart, before or after reading.
        """
        asked = Window(scope.start, scope.last_day(days.today()))
        shops = await pick_shops(kasa, store, scope.shops)
        refuse_clock(kasa, accept=scope.accept_clock_skew)
        memory = store if isinstance(store, SyncState) else None
        run = _Run(self, kasa, store, memory, scope, earlier_today(kasa), earlier_now(kasa))
        looks = [job for shop in shops for job in await run.plan(shop.id, asked)]
        await run_concurrently(run.look_again, looks, concurrency=scope.concurrency)
        run.progress = SyncProgress(windows=len(run.jobs))
        # Oldest days first, so that a run that is broken off leaves one span for each shop.
        run.jobs.sort(key=lambda job: job.window.start)
        await run_concurrently(run.pull_window, run.jobs, concurrency=scope.concurrency)
        refuse_clock(kasa, accept=scope.accept_clock_skew)
        return Pulled(asked, tuple(run.line(shop) for shop in shops), kasa.clock_skew)


class Pulled(NamedTuple, Generic[LineT]):
    """What a pull gives, for a `PullReport`: the days that were asked for, a line for each shop, and the clock."""

    window: Window
    shops: tuple[LineT, ...]
    clock_skew: float | None


@dataclass(frozen=True, slots=True)
class _Job:
    shop_id: int
    window: Window
    is_second: bool = False


@dataclass
class _Run(Generic[RecordT, LineT]):
    """One run of a pull, and what it has brought so far."""

    pull: Pull[RecordT, LineT]
    kasa: SmartKasa
    store: Sink[Any]
    memory: SyncState | None
    scope: Scope
    today: date
    now: datetime
    progress: SyncProgress = field(default_factory=lambda: SyncProgress(0))
    jobs: list[_Job] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._figures: defaultdict[int, Figures] = defaultdict(dict)
        self._known: dict[int, int] = {}
        self._incomplete: defaultdict[int, list[IncompleteWindow]] = defaultdict(list)
        # A page that waits to be written is held in memory; as many may wait as are on their way.
        self._places = anyio.Semaphore(2 * max(1, self.scope.concurrency))

    async def plan(self, shop_id: int, asked: Window) -> list[_Job]:
        """Take up the windows of a shop that have to be read, and give those to look at a second time."""
        ranges = await self._synced(shop_id)
        # Settled days are read apart: what comes and goes unseen in later ones could hide one of theirs for good.
        settled = settled_part(asked, today=self.today, lookback_days=self.scope.lookback_days) if self.memory else None
        parts = (settled, *uncovered(asked, (settled,))) if settled else (asked,)
        spans = [span for part in parts for span in uncovered(part, [one.window for one in ranges])]
        self._known[shop_id] = asked.days - sum(span.days for span in spans)
        per_window = self.pull.days_per_window
        self.jobs += [_Job(shop_id, window) for span in spans for window in span.split(per_window)]
        looks = second_looks(ranges, asked, now=self.now, days=per_window, most=_MOST_SECOND_LOOKS)
        return [_Job(shop_id, window, is_second=True) for window in looks]

    async def _synced(self, shop_id: int) -> Sequence[SyncedRange]:
        """Give what earlier runs have read of a shop, as far as that is settled by the clock of this run too."""
        if self.memory is None or self.scope.refetch:
            return ()
        last = self.today - (1 + self.scope.lookback_days) * _ONE_DAY
        noted = await self.memory.synced_ranges(self.pull.kind, shop_id)
        ranges = trimmed(noted, last)
        if ranges != noted:
            await self.memory.trim(self.pull.kind, shop_id, last)
        return ranges

    async def look_again(self, job: _Job) -> None:
        """Look at settled days a second time, and read them where they are not as they were kept."""
        assert self.memory is not None  # noqa: S101  nothing is looked at a second time without one
        if self.pull.look is not None:
            kept = await self.memory.kept(self.pull.kind, job.shop_id, job.window)
            if await self.pull.look(self.kasa, self.pull.listing(job.shop_id, job.window), kept):
                await self.memory.mark_synced(
                    self.pull.kind, job.shop_id, SyncedRange(job.window, self.now, is_confirmed=True)
                )
                return
            job = replace(job, is_second=False)
        self._known[job.shop_id] -= job.window.days
        self.jobs.append(job)

    async def pull_window(self, job: _Job) -> None:
        """Read a window whole, in halves if need be, and note what is settled by it."""
        figures: Figures = {}

        async def write(batch: Batch[RecordT]) -> Sequence[Undecodable]:
            unfit = await self.store.write(batch) or ()
            kept = batch.kept(unfit)
            with localcontext(Context(traps=[])):  # a sink of one's own may keep what is no number
                _add(figures, self.pull.figures(kept))
            self._advance(records=len(kept))
            return unfit

        reading = await self.pull.read(
            self.kasa,
            self.pull.listing(job.shop_id, job.window),
            write,
            concurrency=self.scope.concurrency,
            places=self._places,
            on_restart=figures.clear,
        )
        smaller = halves(job.window) if isinstance(reading.error, _SMALLER_MAY_HELP) else ()
        if smaller:
            self._advance(windows=len(smaller) - 1)
            for window in smaller:
                await self.pull_window(replace(job, window=window))
            return
        if reading.fault is None:
            figures["deleted"] = await self._settle(job, reading)
        else:
            self._incomplete[job.shop_id].append(IncompleteWindow(job.window, reading.fault))
        figures["undecodable"] = reading.undecodable
        _add(self._figures[job.shop_id], figures)
        self._advance(done=1)

    async def _settle(self, job: _Job, reading: Reading) -> int:
        """Note what was read, mark what is gone, and cover the days that are settled.

        A record whose id cannot be read may be any, so nothing is gone then, and the days are read again.
        """
        if self.memory is None:
            return 0
        read_at = min(self.now, earlier_now(self.kasa))
        await self.memory.note_read(self.pull.kind, read_at, shop_id=job.shop_id, window=job.window)
        if reading.nameless:
            return 0
        deleted = await self.memory.mark_deleted(self.pull.kind, reading.ids, shop_id=job.shop_id, window=job.window)
        today = min(self.today, earlier_today(self.kasa))
        if settled := settled_part(job.window, today=today, lookback_days=self.scope.lookback_days):
            synced = SyncedRange(settled, self.now, is_confirmed=job.is_second)
            await self.memory.mark_synced(self.pull.kind, job.shop_id, synced)
        return deleted

    def line(self, shop: Shop) -> LineT:
        """Make the report's line of a shop."""
        incomplete = tuple(sorted(self._incomplete[shop.id], key=lambda one: one.window.start))
        return self.pull.line(
            shop_id=shop.id,
            title=shop.title,
            incomplete=incomplete,
            days_known=self._known[shop.id],
            **self._figures[shop.id],
        )

    def _advance(self, *, records: int = 0, windows: int = 0, done: int = 0) -> None:
        before = self.progress
        self.progress = replace(
            before,
            windows=before.windows + windows,
            windows_done=before.windows_done + done,
            records=before.records + records,
        )
        if self.scope.on_progress is not None:
            self.scope.on_progress(self.progress)


def _add(totals: Figures, figures: Mapping[str, Any]) -> None:
    for name, figure in figures.items():
        totals[name] = totals[name] + figure if name in totals else figure
