"""What a sync does from its beginning to its end, and what an undo does."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import anyio
from anyio import to_thread

from smartkasa_async._i18n.safe_text import visible
from smartkasa_async.catalog.sources.ending import doubts_about
from smartkasa_async.catalog.sources.fields import Field
from smartkasa_async.catalog.sources.source import open_source
from smartkasa_async.catalog.sources.source_info import require_clear
from smartkasa_async.jobs.lease import hold_lease
from smartkasa_async.stock.counts import CountReader
from smartkasa_async.stock.index import read_cards, read_products, require_shop
from smartkasa_async.stock.plan import Planner
from smartkasa_async.stock.setter import CardSetter
from smartkasa_async.stock.undo_file import UndoFile, read_undo_file
from smartkasa_async.stock.undo_plan import plan_undo, undo_location

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence

    from smartkasa_async.catalog.problems import Problem
    from smartkasa_async.catalog.source_location import KeyField, SourceLocation
    from smartkasa_async.catalog.sources.layout import Layout
    from smartkasa_async.catalog.sources.source import Reader, Source
    from smartkasa_async.catalog.sources.source_info import OnSourceDetected
    from smartkasa_async.client import SmartKasa
    from smartkasa_async.jobs.lease import Lease
    from smartkasa_async.stock.outcomes import StockOutcome
    from smartkasa_async.stock.plan import Plan

    Emit = Callable[[list[StockOutcome]], Awaitable[None]]

_ROWS_AT_ONCE = 1000


class WriteSettings(NamedTuple):
    """How cards are written; the names are those of `sync_stock`."""

    dry_run: bool
    overwrite_changed: bool
    concurrency: int
    late_write_window: float
    on_wait: Callable[[float], None] | None = None


class StockJob:
    """What can be carried out once, telling outcomes as they come.

    Attributes:
        planned: Number of cards to create, set or delete; None while that is not known.
        failure: What stopped it before its end; None while nothing did.
        notes: What is to be said about the source as a whole.
    """

    def __init__(self, kasa: SmartKasa, settings: WriteSettings) -> None:
        self._kasa = kasa
        self._settings = settings
        self.planned: int | None = None
        self.failure: Exception | None = None
        self.notes: list[Problem] = []

    async def run(self, emit: Emit) -> None:
        """Do it.

        Raises:
            OSError: A file cannot be opened, or the undo file cannot be written; nothing was sent.
            SmartKasaError: The source or the service could not be read; nothing was sent.
        """
        raise NotImplementedError

    @asynccontextmanager
    async def _leases(self, shop_ids: Iterable[int]) -> AsyncIterator[Sequence[Lease]]:
        """Hold the leases of shops, and wait for what the service may still do of the last job, or not list yet."""
        if self._settings.dry_run:
            yield ()
            return
        account = await self._kasa.account_id()
        async with AsyncExitStack() as held:
            leases = [
                await held.enter_async_context(hold_lease("stock", f"{account}-{shop_id}"))
                for shop_id in sorted(shop_ids)
            ]
            seconds = max((lease.seconds_left(self._settings.late_write_window) for lease in leases), default=0.0)
            if seconds:
                if self._settings.on_wait is not None:
                    self._settings.on_wait(seconds)
                await anyio.sleep(seconds)
            yield leases

    async def _carry_out(
        self, plan: Plan, location: SourceLocation, emit: Emit, leases: Sequence[Lease], undo: UndoFile | None = None
    ) -> None:
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
        )
        for lease in leases:
            await lease.begin_writing()
        await setter.carry_out(plan.changes, emit)
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
        on_source_detected: OnSourceDetected | None,
    ) -> None:
        super().__init__(kasa, settings)
        self._source = source
        self._layout = layout
        self._shop_id = shop_id
        self._key: KeyField = key
        self._undo = undo
        self._on_source_detected = on_source_detected

    async def run(self, emit: Emit) -> None:
        """Read, plan, and set the counts."""
        undo = None if self._undo is None or self._settings.dry_run else UndoFile(self._undo)
        needed = (Field(self._key), Field.COUNT)
        async with open_source(
            self._source,
            self._layout,
            required=needed,
            network=self._kasa.network,
            on_source_detected=self._on_source_detected,
        ) as reader:
            require_clear(reader.findings)
            self.notes += reader.findings.notes
            await require_shop(self._kasa, self._shop_id)
            async with self._leases([self._shop_id]) as leases:
                planner = Planner(
                    reader.location,
                    await read_products(self._kasa, self._key, concurrency=self._settings.concurrency),
                    await read_cards(self._kasa, self._shop_id),
                    shop_id=self._shop_id,
                    key=self._key,
                )
                await self._read(reader, planner, emit)
                self.notes += doubts_about(reader.ending, reader.location) + reader.cleaner.notes()
                await self._carry_out(planner.finish(), reader.location, emit, leases, undo)

    async def _read(self, reader: Reader, planner: Planner, emit: Emit) -> None:
        counts = CountReader(reader.location, self._key)
        while rows := await reader.read(_ROWS_AT_ONCE):
            rejected = (planner.add(counts.read(row)) for row in rows)
            await emit([outcome for outcome in rejected if outcome is not None])


class UndoJob(StockJob):
    """Gives the cards of an undo file what they had."""

    def __init__(self, kasa: SmartKasa, settings: WriteSettings, path: str | os.PathLike[str]) -> None:
        super().__init__(kasa, settings)
        self._path = Path(path)

    async def run(self, emit: Emit) -> None:
        """Read the file and the cards, plan, and set the counts back."""
        entries = await to_thread.run_sync(read_undo_file, self._path)
        shop_ids = {entry.shop_id for entry in entries}
        async with self._leases(shop_ids) as leases:
            books = {shop_id: await read_cards(self._kasa, shop_id) for shop_id in shop_ids}
            location = undo_location(visible(self._path.name))
            plan = plan_undo(entries, books, location, overwrite_changed=self._settings.overwrite_changed)
            await self._carry_out(plan, location, emit, leases)
