"""One run of an import: read, check, resolve, plan, send, all at once, with a bounded number of rows on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import anyio
import msgspec
from anyio import create_memory_object_stream, create_task_group

from smartkasa_async.catalog.checks.check import Checker, ProductDraft
from smartkasa_async.catalog.checks.values import Units
from smartkasa_async.catalog.outcomes import Outcome, OutcomeKind
from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.catalog.sending.catalogue import check_rows, fetch_unlisted, note_of, read_catalogue
from smartkasa_async.catalog.sending.categories import CategoryCreator
from smartkasa_async.catalog.sending.mirror import Mirror
from smartkasa_async.catalog.sending.plan import PlannedRow, plan_rows, planned_outcome
from smartkasa_async.catalog.sending.resolver import Resolver
from smartkasa_async.catalog.sending.sender import Sender
from smartkasa_async.catalog.source_location import key_of_keyless
from smartkasa_async.catalog.sources.ending import doubts_about
from smartkasa_async.jobs.concurrency import retry_transient
from smartkasa_async.jobs.journal import Entry, RowState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

    from smartkasa_async.catalog.problems import Problem
    from smartkasa_async.catalog.sending.plan import Mode
    from smartkasa_async.catalog.source_location import KeyField
    from smartkasa_async.catalog.sources.source import Reader
    from smartkasa_async.client import SmartKasa
    from smartkasa_async.errors import UnreadableRecord
    from smartkasa_async.jobs.journal import Journal
    from smartkasa_async.jobs.lease import Lease
    from smartkasa_async.models import UnitType

_BATCHES_READ = 4
"""Batches whose rows are read, checked and planned together; more save little and keep more rows in memory."""


class ImportSettings(NamedTuple):
    """What the caller of an import chose; the names are those of `import_products`."""

    key: KeyField
    mode: Mode
    dry_run: bool
    batch_size: int
    concurrency: int
    late_write_window: float
    delete_limit: int | None
    on_wait: Callable[[float], None] | None = None
    units: Mapping[str, str] | None = None


class Pipeline:
    """Imports the rows of one open source.

    Args:
        kasa: The client.
        reader: The open source.
        journal: The import's journal.
        lease: Knows how the last import ended, and records how this one does.
        settings: What the caller chose.

    Attributes:
        notes: Notes on the import as a whole.
    """

    def __init__(
        self, kasa: SmartKasa, reader: Reader, journal: Journal, lease: Lease, settings: ImportSettings
    ) -> None:
        self._kasa = kasa
        self._reader = reader
        self._journal = journal
        self._lease = lease
        self._settings = settings
        self._location = reader.location
        self._sender = Sender(
            kasa, journal, reader.location, batch_size=settings.batch_size, concurrency=settings.concurrency
        )
        self._categories = CategoryCreator(
            kasa, journal, reader.location, late_write_window=settings.late_write_window, dry_run=settings.dry_run
        )
        self._key_is_shown = True
        self._units_unreadable: list[UnreadableRecord] = []
        self._rows = 0
        self._unreadable = 0
        self.notes: list[Problem] = list(reader.source_info.notes)

    @property
    def failure(self) -> Exception | None:
        """What stopped the run before its end; None while nothing did."""
        return self._sender.failure

    @property
    def rows_expected(self) -> int | None:
        """Number of rows of the source, estimated by the share of it that has been read; None where it is unknown."""
        fraction = self._reader.fraction
        return round(self._rows / fraction) if fraction else None

    @property
    def categories_created(self) -> int:
        """Number of categories that the service lacked."""
        return len(self._categories.created)

    async def run(self, outcomes: MemoryObjectSendStream[list[Outcome]]) -> None:
        """Import all rows, and send their outcomes into a stream.

        Reading waits while all senders are busy, and these wait while nobody takes outcomes, so memory stays flat.
        What stops the run is kept in `failure`; calls in flight are answered before it ends.

        Raises:
            SmartKasaError: The service's units, categories or products could not be read, or the journal could not be
                begun; nothing was sent.
        """
        settings = self._settings
        checker = Checker(self._location, Units(await retry_transient(self._read_units), settings.units), settings.key)
        await self._wait()
        await self._note_source()
        await self._categories.load()
        catalogue = await read_catalogue(self._kasa, self._journal, settings.key, concurrency=settings.concurrency)
        self._key_is_shown = catalogue.key_is_shown
        for records in (self._units_unreadable, self._categories.unreadable, catalogue.unreadable):
            if records:
                self.notes.append(note_of(records, self._location))
        with self._sender.listening():
            try:
                await self._lease.begin_writing()
                await self._run_stages(checker, outcomes)
                await self._end(outcomes)
            except Exception as error:  # noqa: BLE001  (kept in `failure`, which ends the import with its summary)
                self._sender.record_failure(_root_of(error))

    async def _wait(self) -> None:
        """Begin the journal's run, and wait for what the service may still do or list of the last import."""
        late_write_window = self._settings.late_write_window
        is_open = await self._journal.begin(self._settings.key)
        seconds = late_write_window if is_open else self._lease.seconds_left(late_write_window)
        if seconds:
            if self._settings.on_wait is not None:
                self._settings.on_wait(seconds)
            await anyio.sleep(seconds)

    async def _note_source(self) -> None:
        """Keep the digest of the source; add a note where the part of the import before this one read another."""
        digest = self._reader.digest
        if digest is not None and await self._journal.note_source(digest) not in {None, digest}:
            self.notes.append(self._location.problem(RuleViolationError("source_other"), 0))

    async def _read_units(self) -> list[UnitType]:
        self._units_unreadable.clear()
        return [unit async for unit in self._kasa.unit_types.list(on_unreadable=self._units_unreadable.append)]

    async def _run_stages(self, checker: Checker, outcomes: MemoryObjectSendStream[list[Outcome]]) -> None:
        work, waiting = create_memory_object_stream[list[PlannedRow]](0)
        async with create_task_group() as group, work:
            for _ in range(self._settings.concurrency):
                group.start_soon(self._send, waiting.clone(), outcomes)
            waiting.close()
            await self._feed(checker, work, outcomes)

    async def _end(self, outcomes: MemoryObjectSendStream[list[Outcome]]) -> None:
        """Resolve lost answers, list or delete missing products, and finish the journal."""
        settings = self._settings
        resolver = Resolver(
            self._kasa,
            self._journal,
            self._sender,
            self._location,
            key=settings.key,
            late_write_window=settings.late_write_window,
            batch_size=settings.batch_size,
            concurrency=settings.concurrency,
        )
        await resolver.run(outcomes.send)
        ending = self._reader.ending
        self.notes += doubts_about(ending, self._location) + self._reader.cleaner.notes()
        if settings.mode == "mirror" and self.failure is None:
            await self._reader.compare()
            mirror = Mirror(
                self._kasa,
                self._journal,
                self._sender,
                self._location,
                delete_limit=settings.delete_limit,
                batch_size=settings.batch_size,
                dry_run=settings.dry_run,
            )
            source_info = self._reader.source_info
            hidden = len(source_info.hidden_rows) if source_info.hidden_rows_skipped else 0
            refusal = await mirror.run(
                outcomes.send, rows=self._rows, unreadable=self._unreadable, hidden=hidden, end=ending.end
            )
            if refusal is not None:
                self.notes.append(self._location.problem(refusal, 0))
        if self._sender.order.is_other:
            self.notes.append(self._location.problem(RuleViolationError("order_differs"), 0, severity="warning"))
        if self._sender.order.is_open:
            self.notes.append(self._location.problem(RuleViolationError("order_unchecked"), 0, severity="warning"))
        if settings.dry_run:
            self.notes += [
                self._location.problem(RuleViolationError("category_absent"), 0, "category", " / ".join(path))
                for path in self._categories.created
            ]
        if self.failure is None:
            await self._journal.finish()
            await self._lease.end_writing(has_sent=self._sender.has_sent or self._categories.has_sent)

    async def _feed(
        self,
        checker: Checker,
        work: MemoryObjectSendStream[list[PlannedRow]],
        outcomes: MemoryObjectSendStream[list[Outcome]],
    ) -> None:
        """Read, check and plan until the source ends or something stops the run; planned rows go to the senders."""
        size = self._settings.batch_size
        creates: list[PlannedRow] = []
        updates: list[PlannedRow] = []
        while checked := await self._next_rows(checker):
            try:
                ended, rows = await self._prepare(checked)
            except Exception as error:  # noqa: BLE001  (kept in `failure`: calls in flight are answered first)
                self._sender.record_failure(error)
                break
            if ended:
                await outcomes.send(ended)
            for row in rows:
                (creates if row.changes is None else updates).append(row)
            for ready in (creates, updates):
                while len(ready) >= size:
                    await work.send(ready[:size])
                    del ready[:size]
        for rest in (creates, updates):
            if rest:
                await work.send(rest)

    async def _prepare(self, checked: Sequence[ProductDraft | Outcome]) -> tuple[list[Outcome], list[PlannedRow]]:
        """Resolve and plan checked rows; returns outcomes where nothing is to be sent, and what is."""
        rejected = [row for row in checked if isinstance(row, Outcome)]
        drafts, refused = await self._categories.assign_ids([row for row in checked if isinstance(row, ProductDraft)])
        self._sender.record_failure(self._categories.failure)
        rejected += refused
        await self._note_keys(rejected)
        ended, rows = await self._plan(drafts)
        return rejected + ended, rows

    async def _next_rows(self, checker: Checker) -> list[ProductDraft | Outcome]:
        if self.failure is not None:
            return []
        try:
            rows = await self._reader.read(_BATCHES_READ * self._settings.batch_size)
            self._rows += len(rows)
            return await check_rows(checker, rows, self._journal, self._settings.key)
        except Exception as error:  # noqa: BLE001  (likewise)
            self._sender.record_failure(error)
            return []

    async def _plan(self, drafts: Sequence[ProductDraft]) -> tuple[list[Outcome], list[PlannedRow]]:
        """Plan rows and record the plan; the return value is that of `_prepare`."""
        if not drafts:
            return [], []
        keys = [draft.key_value for draft in drafts]
        statuses = await self._journal.look_up(keys)
        if not self._key_is_shown:
            keys = [key_of_keyless(draft.product.title) for draft in drafts]
            namesakes = await self._journal.look_up(keys)
            statuses = [
                msgspec.structs.replace(status, known=namesake.known)
                for status, namesake in zip(statuses, namesakes, strict=True)
            ]
        statuses = await fetch_unlisted(
            self._kasa, keys, statuses, self._settings.key, concurrency=self._settings.concurrency
        )
        planned, ended = plan_rows(drafts, statuses, self._settings.mode, key_is_shown=self._key_is_shown)
        row_ids = await self._journal.enter([row.entry for row in planned])
        unsent: list[PlannedRow] = []
        for row, row_id in zip(planned, row_ids, strict=True):
            if row.is_open and not self._settings.dry_run:
                row.row_id = row_id
                unsent.append(row)
            else:
                ended.append(row)
        return [planned_outcome(row, self._settings.key, self._location) for row in ended], unsent

    async def _note_keys(self, rejected: Sequence[Outcome]) -> None:
        """Keep the products of rejected rows from counting as missing."""
        if self._settings.mode != "mirror" or not rejected:
            return
        keys = list(dict.fromkeys(outcome.key_value for outcome in rejected if outcome.key_value))
        self._unreadable += sum(_may_hide_others(outcome) for outcome in rejected)
        statuses = await self._journal.look_up(keys)
        await self._journal.enter(
            [
                Entry(key, None, status.state or RowState.REJECTED, status.item_id, status.row_id)
                for key, status in zip(keys, statuses, strict=True)
                if status.line is None
            ]
        )

    async def _send(
        self, waiting: MemoryObjectReceiveStream[list[PlannedRow]], outcomes: MemoryObjectSendStream[list[Outcome]]
    ) -> None:
        with waiting:
            async for rows in waiting:
                send = self._sender.create if rows[0].changes is None else self._sender.update
                try:
                    ended = await send(rows)
                except Exception as error:  # noqa: BLE001  (likewise)
                    self._sender.record_failure(_root_of(error))
                    continue
                if ended:
                    await outcomes.send(ended)


def _may_hide_others(rejected: Outcome) -> bool:
    """Return whether a row has no readable key, or an open quote that may have swallowed the rows after it."""
    if rejected.kind is OutcomeKind.NO_PRODUCT:  # a title alone may be what is left of a product's row
        return any(problem.code == "section_title" for problem in rejected.problems)
    return not rejected.key_value or any(problem.code == "line_break" for problem in rejected.problems)


def _root_of(error: Exception) -> Exception:
    """Find what went wrong first below the groups that rows wrap it in."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error
