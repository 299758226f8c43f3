"""`sync_stock` and `undo_stock`: the calls, and what they do from beginning to end."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

import anyio
from anyio import to_thread

from smartkasa_async._i18n.message import msg
from smartkasa_async._i18n.safe_text import visible
from smartkasa_async._support.arguments import (
    MOST_CONCURRENT,
    check_callbacks,
    check_choice,
    check_client,
    check_flags,
    check_path,
    check_seconds,
    check_whole,
)
from smartkasa_async.catalog.checks.counts import CountReader
from smartkasa_async.catalog.source_location import KeyField
from smartkasa_async.catalog.sources.ending import doubts_about
from smartkasa_async.catalog.sources.fields import Field
from smartkasa_async.catalog.sources.layout import check_layout
from smartkasa_async.catalog.sources.source import check_source, open_source
from smartkasa_async.catalog.sources.source_info import require_clear
from smartkasa_async.errors import SmartKasaError
from smartkasa_async.jobs.job import Job
from smartkasa_async.jobs.journal_sqlite import check_journal, open_journal
from smartkasa_async.jobs.lease import hold_lease
from smartkasa_async.jobs.outcomes import JobTally
from smartkasa_async.jobs.results import Progress, Stage
from smartkasa_async.stock.index import read_cards, read_products, require_shop
from smartkasa_async.stock.journal import CardJournal
from smartkasa_async.stock.outcomes import StockOutcome, StockStoppedError, StockSummary
from smartkasa_async.stock.plan import Planner
from smartkasa_async.stock.setter import CardSetter
from smartkasa_async.stock.undo import UndoFile, plan_undo, read_undo_file, undo_location

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence

    from smartkasa_async.catalog.problems import Problem
    from smartkasa_async.catalog.source_location import SourceLocation
    from smartkasa_async.catalog.sources.layout import Layout
    from smartkasa_async.catalog.sources.source import Reader, Source
    from smartkasa_async.catalog.sources.source_info import OnSourceDetected
    from smartkasa_async.client import SmartKasa
    from smartkasa_async.jobs.journal import Journal
    from smartkasa_async.jobs.lease import Lease
    from smartkasa_async.stock.plan import Plan

    Emit = Callable[[list[StockOutcome]], Awaitable[None]]
    from collections.abc import Callable

    from anyio.streams.memory import MemoryObjectSendStream

_ROWS_AT_ONCE = 1000


class WriteSettings(NamedTuple):
    """How cards are written; the names are those of `sync_stock`."""

    dry_run: bool
    overwrite_changed: bool
    concurrency: int
    late_write_window: float
    on_wait: Callable[[float], None] | None = None


class StockJob:
    """Work that runs once and emits outcomes as they come.

    Attributes:
        planned: Number of cards to create, set or delete; None while that is not known.
        decided_by_plan: Number of rows for which nothing is to be sent.
        failure: What stopped it before its end; None while nothing did.
        notes: Notes about the source as a whole.
    """

    def __init__(self, kasa: SmartKasa, settings: WriteSettings) -> None:
        self._kasa = kasa
        self._settings = settings
        self.planned: int | None = None
        self.decided_by_plan: int = 0
        self.failure: Exception | None = None
        self.notes: list[Problem] = []

    async def run(self, emit: Emit) -> None:
        """Run the work.

        Raises:
            OSError: A file cannot be opened, or the undo file cannot be written; nothing was sent.
            SmartKasaError: The source or the service could not be read; nothing was sent.
        """
        raise NotImplementedError

    @asynccontextmanager
    async def _leases(
        self, shop_ids: Iterable[int], begin: Callable[[], Awaitable[bool]] | None = None
    ) -> AsyncIterator[Sequence[Lease]]:
        """Hold the leases of shops, and wait for what the service may still do of the last job, or not list yet.

        Args:
            shop_ids: Ids of the shops.
            begin: Begins the run of the journal, and returns whether the one before it did not end well.
        """
        if self._settings.dry_run:
            yield ()
            return
        account = await self._kasa.account_id()
        async with AsyncExitStack() as held:
            leases = [
                await held.enter_async_context(hold_lease("stock", f"{account}-{shop_id}"))
                for shop_id in sorted(shop_ids)
            ]
            window = self._settings.late_write_window
            is_open = begin is not None and await begin()
            seconds = window if is_open else max((lease.seconds_left(window) for lease in leases), default=0.0)
            if seconds:
                if self._settings.on_wait is not None:
                    self._settings.on_wait(seconds)
                await anyio.sleep(seconds)
            yield leases

    async def _send(
        self,
        plan: Plan,
        location: SourceLocation,
        emit: Emit,
        leases: Sequence[Lease],
        *,
        undo: UndoFile | None = None,
        journal: CardJournal | None = None,
    ) -> None:
        self.decided_by_plan += len(plan.outcomes)
        self.planned = len(plan.changes)
        await emit(plan.outcomes)
        if self._settings.dry_run:
            await emit([change.outcome(change.kind, location) for change in plan.changes])
            return
        if undo is not None and plan.changes:
            await undo.write(plan.changes)
        setter = CardSetter(
            self._kasa,
            location,
            concurrency=self._settings.concurrency,
            late_write_window=self._settings.late_write_window,
            overwrite_changed=self._settings.overwrite_changed,
            undo=undo,
            journal=journal,
        )
        for lease in leases:
            await lease.begin_writing()

        async def note(outcomes: list[StockOutcome]) -> None:
            if journal is not None:
                try:
                    await journal.note_outcomes(outcomes)
                except SmartKasaError as error:  # what was done is emitted in any case
                    setter.record_failure(error)
            await emit(outcomes)

        new = [change for change in plan.changes if not change.may_be_done]
        await setter.send(new, note, was_sent=[change for change in plan.changes if change.may_be_done])
        self.failure = setter.failure
        if self.failure is None:
            for lease in leases:
                await lease.end_writing(has_sent=bool(plan.changes))


class SyncJob(StockJob):
    """Brings the counts of a source into a shop's cards; the arguments are those of `sync_stock`."""

    def __init__(
        self,
        kasa: SmartKasa,
        settings: WriteSettings,
        source: Source,
        layout: Layout | None,
        *,
        shop_id: int,
        key: KeyField,
        undo: str | os.PathLike[str] | None,
        journal: str | os.PathLike[str] | Journal | None,
        on_source_detected: OnSourceDetected | None,
    ) -> None:
        super().__init__(kasa, settings)
        self._source = source
        self._layout = layout
        self._shop_id = shop_id
        self._key: KeyField = key
        self._undo = undo
        self._journal = None if settings.dry_run else journal
        self._on_source_detected = on_source_detected

    async def run(self, emit: Emit) -> None:
        """Read, plan, and set the counts."""
        undo = None if self._undo is None or self._settings.dry_run else UndoFile(self._undo)
        needed = (Field(self._key), Field.COUNT)
        async with (
            open_source(
                self._source,
                self._layout,
                required=needed,
                network=self._kasa.network,
                on_source_detected=self._on_source_detected,
            ) as reader,
            _opened(self._journal) as journal,
        ):
            require_clear(reader.source_info)
            self.notes += reader.source_info.notes
            await require_shop(self._kasa, self._shop_id)
            name = f"{self._key}, shop {self._shop_id}"
            begin = None if journal is None else partial(journal.begin, name)
            async with self._leases([self._shop_id], begin) as leases:
                planner = Planner(
                    reader.location,
                    await read_products(self._kasa, self._key, concurrency=self._settings.concurrency),
                    await read_cards(self._kasa, self._shop_id),
                    shop_id=self._shop_id,
                    key=self._key,
                )
                try:
                    await self._read(reader, planner, emit)
                except Exception as error:  # noqa: BLE001  (kept in `failure`, which ends the sync with its summary)
                    self.failure = error
                    return
                self.notes += doubts_about(reader.ending, reader.location) + reader.cleaner.notes()
                await self._carry_out(planner.finish(), reader.location, emit, leases, undo=undo, journal=journal)

    async def _carry_out(
        self,
        plan: Plan,
        location: SourceLocation,
        emit: Emit,
        leases: Sequence[Lease],
        *,
        undo: UndoFile | None,
        journal: Journal | None,
    ) -> None:
        """Carry out a plan, or with a journal what is left of it."""
        if journal is None:
            await self._send(plan, location, emit, leases, undo=undo)
            return
        cards = CardJournal(journal)
        await self._send(await cards.resume(plan, location), location, emit, leases, undo=undo, journal=cards)
        if self.failure is None:
            await journal.finish()

    async def _read(self, reader: Reader, planner: Planner, emit: Emit) -> None:
        counts = CountReader(reader.location, self._key)
        while rows := await reader.read(_ROWS_AT_ONCE):
            outcomes = (planner.add(counts.read(row)) for row in rows)
            rejected = [outcome for outcome in outcomes if outcome is not None]
            self.decided_by_plan += len(rejected)
            await emit(rejected)


def _opened(journal: str | os.PathLike[str] | Journal | None) -> AbstractAsyncContextManager[Journal | None]:
    return nullcontext() if journal is None else open_journal(journal, durable=True)


class UndoJob(StockJob):
    """Sets the cards of an undo file back to the counts that they had."""

    def __init__(self, kasa: SmartKasa, settings: WriteSettings, path: str | os.PathLike[str]) -> None:
        super().__init__(kasa, settings)
        self._path = Path(path)

    async def run(self, emit: Emit) -> None:
        """Read the file and the cards, plan, and set the counts back."""
        entries = await to_thread.run_sync(read_undo_file, self._path)
        shop_ids = {entry.shop_id for entry in entries}
        async with self._leases(shop_ids) as leases:
            cards = {shop_id: await read_cards(self._kasa, shop_id) for shop_id in shop_ids}
            location = undo_location(visible(self._path.name))
            plan = plan_undo(entries, cards, location, overwrite_changed=self._settings.overwrite_changed)
            await self._send(plan, location, emit, leases)


def sync_stock(
    kasa: SmartKasa,
    source: Source,
    *,
    shop_id: int,
    key: KeyField = "number",
    layout: Layout | None = None,
    journal: str | os.PathLike[str] | Journal | None = None,
    dry_run: bool = False,
    overwrite_changed: bool = False,
    undo: str | os.PathLike[str] | None = None,
    concurrency: int = 8,
    late_write_window: float = 15.0,
    on_source_detected: OnSourceDetected | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    on_wait: Callable[[float], None] | None = None,
) -> StockSync:
    """Bring the counts of a price list or stock report into the stock cards of a shop.

    The whole plan is made first: products are found by their keys, cards that are missing are to be created (with
    counting on, so that sales change them), counts that differ are to be set. Rows that share a product are all left
    out, since it is not known which count is right. A count is set outright, so it races with sales: right before, the
    card is read once more, and one that changed since the plan is left alone. What is sold between that read and the
    write (a moment, unless the service makes the client wait) goes unnoticed. A lost answer is resolved by reading the
    card back.

    A sync that was stopped or killed is repeated. With the same journal it then goes on with the plan that it had: a
    count that was set, and that a sale has changed since, is not set once more, and a card that changed since that plan
    is left alone.

    Memory does not grow with the rows of the source: it holds the key and title of each product of the service, the
    shop's cards, and one row for each product that the source counts.

    Args:
        kasa: The client.
        source: As for `import_products`; a column (or key) with the product's key and one with the count, such as
            `Штрихкод` and `Залишок`, are all that is needed.
        shop_id: Id of the shop.
        key: What a product is known by: its barcode (`number`), its article (`alter_number`), or its id in the user's
            own system (`remote_id`).
        layout: What is known about the source; the rest is detected.
        journal: Path of the file that makes the sync resumable, or a journal of your own; None for none. A dry
            run does not use it.
        dry_run: Whether only to report what would be done; nothing is written to the service or to `undo`.
        overwrite_changed: Whether to set also the counts of cards that changed since the plan.
        undo: Path of a CSV file with the counts before, for `undo_stock`. It is on the disk before anything is changed,
            and not written if there is nothing to change. There must be no file of that name yet.
        concurrency: Maximum number of concurrent calls; the actual number adapts to the service.
        late_write_window: Seconds in which the service may still carry out a request whose answer was lost, and after
            which its lists show what it did.
        on_source_detected: Called once with what was detected about the source, before anything is sent. It may
            return another `Layout`, or a `Choice` (or several) of the reported doubts: then the source is opened again
            accordingly. None continues as detected; an exception ends the sync.
        on_progress: Called whenever rows have their outcomes; it must not block.
        on_wait: Called with the seconds that a sync waits before it reads the cards, for what the service may still do
            of the last sync of this shop, or not list yet: where that did not end well, or has only just ended.

    Returns:
        The sync, which begins when it is awaited (for a `StockSummary`) or iterated (for the `StockOutcome` of each
        row, as they come). Leaving the iteration half-way ends the sync; what was on its way then may or may not be
        done.

    Raises:
        InvalidRequestError: An argument has a value that it cannot have.

    The sync itself raises:
        OSError: The file cannot be opened, or the undo file exists or cannot be written; nothing was changed.
        SourceError: The source has no keys or no counts; nothing was changed.
        SourceDoubtfulError: It may be read in several ways, and neither `layout` nor `on_source_detected` decides;
            names the choices. Nothing was changed.
        JournalError: The journal cannot be opened, or is that of another job; nothing was changed.
        InvalidRequestError: The service has no such shop, or none of its products has such a key.
        JobRunningError: Another sync or undo of this shop is at work, by this user on this machine.
        SmartKasaError: The service's products or cards could not be read; nothing was changed.
        StockStoppedError: Something stopped the sync; carries the summary so far, its cause is what stopped it. Where
            that is the source, such as a `SourceChangedError` or an OSError in its midst, nothing was changed.

    API: `POST /api/v1/inventory/cards`, `PUT /api/v1/inventory/cards/{id}`
    """
    check_client(kasa)
    check_source(source)
    check_whole("shop_id", shop_id)
    check_choice("key", key, get_args(KeyField))
    check_layout(layout)
    if undo is not None:
        check_path("undo", undo)
    check_journal(journal)
    check_callbacks(on_source_detected=on_source_detected, on_progress=on_progress, on_wait=on_wait)
    settings = _checked(WriteSettings(dry_run, overwrite_changed, concurrency, late_write_window, on_wait))
    job = SyncJob(
        kasa,
        settings,
        source,
        layout,
        shop_id=shop_id,
        key=key,
        undo=undo,
        journal=journal,
        on_source_detected=on_source_detected,
    )
    return StockSync(job, dry_run=dry_run, on_progress=on_progress)


def undo_stock(
    kasa: SmartKasa,
    path: str | os.PathLike[str],
    *,
    dry_run: bool = False,
    overwrite_changed: bool = False,
    concurrency: int = 8,
    late_write_window: float = 15.0,
    on_progress: Callable[[Progress], None] | None = None,
    on_wait: Callable[[float], None] | None = None,
) -> StockSync:
    """Set stock cards back to the counts that they had before a sync, and delete those that it created.

    A card that does not have the count that the sync set, probably since something was sold, is left alone. A sync that
    was stopped half-way can be undone too: what it did not come to is found unchanged. Undoing twice does no harm.

    Args:
        kasa: The client.
        path: The file that `sync_stock` wrote to `undo`.
        dry_run: Whether only to report what would be done.
        overwrite_changed: Whether to set, or delete, also cards that do not have the count that the sync set.
        concurrency: As for `sync_stock`.
        late_write_window: As for `sync_stock`.
        on_progress: As for `sync_stock`.
        on_wait: As for `sync_stock`.

    Returns:
        The undo, to be awaited or iterated like a sync; its rows are those of the file.

    Raises:
        InvalidRequestError: An argument has a value that it cannot have.

    The undo itself raises:
        OSError: The file cannot be opened; nothing was changed.
        SourceError: It is not an undo file; nothing was changed.
        JobRunningError: Another sync or undo of one of its shops is at work, by this user on this machine.
        SmartKasaError: The cards could not be read; nothing was changed.
        StockStoppedError: Something stopped it; carries the summary so far, its cause is what stopped it.

    API: `PUT /api/v1/inventory/cards/{id}`, `DELETE /api/v1/inventory/cards/{id}`
    """
    check_client(kasa)
    check_path("path", path)
    check_callbacks(on_progress=on_progress, on_wait=on_wait)
    settings = _checked(WriteSettings(dry_run, overwrite_changed, concurrency, late_write_window, on_wait))
    return StockSync(UndoJob(kasa, settings, path), dry_run=dry_run, on_progress=on_progress)


def _checked(settings: WriteSettings) -> WriteSettings:
    check_flags(dry_run=settings.dry_run, overwrite_changed=settings.overwrite_changed)
    check_whole("concurrency", settings.concurrency, most=MOST_CONCURRENT)
    check_seconds("late_write_window", settings.late_write_window)
    return settings


class StockSync(Job[StockOutcome, StockSummary]):
    """One sync or undo, to be awaited or iterated, once."""

    already_started = "This sync has already started; call sync_stock or undo_stock once more for another one"

    def __init__(self, job: StockJob, *, dry_run: bool, on_progress: Callable[[Progress], None] | None) -> None:
        tally = JobTally[StockOutcome, StockSummary](StockSummary, dry_run=dry_run)
        super().__init__(tally, groups_ahead=1, on_progress=on_progress)
        self._job = job

    def _notes(self) -> dict[str, Any]:
        return {"notes": tuple(self._job.notes)}

    async def _run(self, outcomes: MemoryObjectSendStream[list[StockOutcome]]) -> None:
        async with outcomes:
            await self._job.run(outcomes.send)
            self._failure = self._job.failure

    def _progress(self) -> Progress:
        job, counts = self._job, self._tally.progress_counts()
        done = self._tally.total - job.decided_by_plan
        if job.planned is None or done < 0:
            return Progress(Stage.READING, self._tally.total, None, "rows", counts)
        return Progress(Stage.SENDING, done, job.planned, "cards", counts)

    def _stop_error(self, reason: Exception) -> StockStoppedError:
        summary = self.summary
        message = msg("The sync of counts stopped ({summary}): {reason}", summary=summary.describe(), reason=reason)
        return StockStoppedError(message, summary=summary)
