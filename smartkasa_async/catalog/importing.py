"""`import_products`: the one call that a program makes."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, get_args

from smartkasa_async._i18n.message import argument, msg, nmsg
from smartkasa_async._support.arguments import (
    MOST_CONCURRENT,
    check_callbacks,
    check_choice,
    check_client,
    check_flags,
    check_seconds,
    check_whole,
)
from smartkasa_async.catalog.errors import ImportStoppedError
from smartkasa_async.catalog.outcomes import ImportSummary, Outcome, Tally
from smartkasa_async.catalog.pipeline import ImportSettings, Pipeline
from smartkasa_async.catalog.sending.plan import Mode
from smartkasa_async.catalog.source_location import KeyField
from smartkasa_async.catalog.sources.layout import check_layout
from smartkasa_async.catalog.sources.source import check_source, open_source
from smartkasa_async.catalog.sources.source_info import require_clear
from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.jobs.job import Job
from smartkasa_async.jobs.journal_sqlite import check_journal, open_journal
from smartkasa_async.jobs.lease import Lease, hold_lease
from smartkasa_async.jobs.results import Progress, Stage

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncIterator, Callable

    from anyio.streams.memory import MemoryObjectSendStream

    from smartkasa_async.catalog.sources.layout import Layout
    from smartkasa_async.catalog.sources.source import Source
    from smartkasa_async.catalog.sources.source_info import OnSourceDetected
    from smartkasa_async.client import SmartKasa
    from smartkasa_async.jobs.journal import Journal


def import_products(
    kasa: SmartKasa,
    source: Source,
    *,
    key: KeyField = "number",
    mode: Mode = "upsert",
    layout: Layout | None = None,
    journal: str | os.PathLike[str] | Journal | None = None,
    dry_run: bool = False,
    batch_size: int = 100,
    concurrency: int = 8,
    late_write_window: float = 15.0,
    delete_missing: bool = False,
    delete_limit: int | None = None,
    on_source_detected: OnSourceDetected | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    on_wait: Callable[[float], None] | None = None,
) -> ProductImport:
    """Import products from a price list, each row exactly once, whatever happens on the way.

    Each row is checked before it is sent. The service's catalogue is read once, and each row becomes a create, an
    update of the fields that differ, or nothing. Categories that the service lacks are created. What may have been
    created without the answer having come is looked for before it is sent again. With a journal of one's own, an import
    that was stopped or killed goes on where it was: call it again with the same source and journal.

    A file must stay as it is: its contents are compared with those that it was opened with, while it is read, at its
    end, and before a mirror deletes anything. Another source is whole when it ends by itself.

    Args:
        kasa: The client.
        source: Path of a price list as shops have it, or its link (https); a table; or an iterable or async iterable of
            `ProductCreate`, or of mappings from headers or names of fields to values.
        key: What identifies a product: its barcode (`number`), its article (`alter_number`), or its id in your own
            system (`remote_id`). Each row must have it.
        mode: `upsert` creates and updates; `create` does not touch existing products; `mirror` is `upsert` and also
            looks for products that the source lacks.
        layout: What is known about the source; the rest is detected.
        journal: Path of the file that makes the import resumable, or a journal of your own; None for a temporary file.
        dry_run: Whether to report only what would be done; nothing is written to the service or to `journal`.
        batch_size: Products in one call.
        concurrency: Maximum number of concurrent calls; the actual number adapts to the service.
        late_write_window: Seconds within which the service may still carry out a request whose answer was lost, and
            after which its lists show it; 0 assumes that nothing happens late.
        delete_missing: Whether a mirror deletes the products that the source lacks; otherwise it only lists them.
        delete_limit: Maximum number of products that may be deleted; if more are missing, none is. Required with
            `delete_missing`.
        on_source_detected: Called once with what was detected about the source, before anything is sent. It may return
            another `Layout`, or a `Choice` (or several) of the reported doubts: then the source is opened again
            accordingly. None continues as detected; an exception ends the import.
        on_progress: Called whenever rows have their outcomes; it must not block.
        on_wait: Called with the seconds that an import waits before it begins, for what the service may still do of the
            last import into this account, or not list yet: where that did not end well, or has only just ended.

    Returns:
        The import, which begins when it is awaited (for an `ImportSummary`) or iterated (for the `Outcome` of each row,
        as they come). Leaving the iteration half-way ends the import; what was on its way then may or may not be made.

    Raises:
        InvalidRequestError: An argument has a value that it cannot have.

    The import itself raises:
        OSError: The file cannot be opened; nothing was sent.
        SourceError: The source is not a price list; nothing was sent.
        SourceDoubtfulError: It may be read in several ways, such as two columns that may both be the price, and neither
            `layout` nor `on_source_detected` decides; names the choices. Nothing was sent.
        LinkError: It could not be fetched from its link; nothing was sent.
        JournalError: The journal cannot be opened, or is not this import's; nothing was sent.
        JobRunningError: Another import into this account is at work, by this user on this machine; nothing was sent.
        SmartKasaError: The service's units, categories or products could not be read; nothing was sent.
        ImportStoppedError: Something stopped the import; carries the summary so far, its cause is what stopped it, such
            as `SourceChangedError`.

    API: `POST /api/v1/inventory/products/batch`, `PATCH /api/v1/inventory/products/{id}`,
    `POST /api/v1/inventory/categories/batch`
    """
    check_client(kasa)
    check_source(source)
    check_layout(layout)
    check_journal(journal)
    check_flags(dry_run=dry_run, delete_missing=delete_missing)
    check_callbacks(on_source_detected=on_source_detected, on_progress=on_progress, on_wait=on_wait)
    check_whole("batch_size", batch_size)
    check_whole("concurrency", concurrency, most=MOST_CONCURRENT)
    check_choice("key", key, get_args(KeyField))
    check_choice("mode", mode, get_args(Mode))
    check_seconds("late_write_window", late_write_window)
    if delete_missing and mode != "mirror":
        message = msg(
            "{option} goes with {mirror}, not {mode!r}",
            option=argument("delete_missing"),
            mirror=argument("mode", "mirror"),
            mode=mode,
        )
        raise InvalidRequestError(message, field="delete_missing")
    if delete_missing and delete_limit is None:
        message = msg(
            "{option} needs {limit}, the most that may be deleted",
            option=argument("delete_missing"),
            limit=argument("delete_limit"),
        )
        raise InvalidRequestError(message, field="delete_limit")
    if delete_limit is not None:
        check_whole("delete_limit", delete_limit, least=0)
    if delete_limit is not None and not delete_missing:
        message = msg("{option} goes with {other}", option=argument("delete_limit"), other=argument("delete_missing"))
        raise InvalidRequestError(message, field="delete_limit")
    settings = ImportSettings(
        key=key,
        mode=mode,
        dry_run=dry_run,
        batch_size=batch_size,
        concurrency=concurrency,
        late_write_window=late_write_window,
        delete_limit=delete_limit if delete_missing else None,
        on_wait=on_wait,
        units=layout.units if layout else None,
    )
    return ProductImport(
        kasa, source, settings, journal, layout, on_source_detected=on_source_detected, on_progress=on_progress
    )


class ProductImport(Job[Outcome, ImportSummary]):
    """One import, to be awaited or iterated, once."""

    already_started = "This import has already begun; call import_products again for another one"

    def __init__(
        self,
        kasa: SmartKasa,
        source: Source,
        settings: ImportSettings,
        journal: str | os.PathLike[str] | Journal | None,
        layout: Layout | None,
        *,
        on_source_detected: OnSourceDetected | None,
        on_progress: Callable[[Progress], None] | None,
    ) -> None:
        self._counted = tally = Tally(dry_run=settings.dry_run)
        super().__init__(tally, groups_ahead=settings.concurrency, on_progress=on_progress)
        self._kasa = kasa
        self._source = source
        self._settings = settings
        self._journal = journal
        self._layout = layout
        self._on_source_detected = on_source_detected
        self._pipeline: Pipeline | None = None

    async def _run(self, outcomes: MemoryObjectSendStream[list[Outcome]]) -> None:
        async with (
            outcomes,
            self._lease() as lease,
            open_source(
                self._source, self._layout, network=self._kasa.network, on_source_detected=self._on_source_detected
            ) as reader,
            open_journal(None if self._settings.dry_run else self._journal) as journal,
        ):
            require_clear(reader.source_info)
            self._pipeline = pipeline = Pipeline(self._kasa, reader, journal, lease, self._settings)
            try:
                await pipeline.run(outcomes)
            finally:
                self._counted.notes += pipeline.notes
                self._counted.categories_created = pipeline.categories_created
            self._failure = pipeline.failure

    @asynccontextmanager
    async def _lease(self) -> AsyncIterator[Lease]:
        if self._settings.dry_run:
            yield Lease()
            return
        async with hold_lease("products", await self._kasa.account_id()) as lease:
            yield lease

    def _progress(self) -> Progress:
        rows, total = self._counted.total, self._pipeline.rows_expected if self._pipeline else None
        return Progress(
            Stage.SENDING,
            rows,
            None if total is None else max(rows, total),
            "rows",
            self._counted.progress_counts(),
        )

    def _stop_error(self, reason: Exception) -> ImportStoppedError:
        summary = self.summary
        message = nmsg(
            "The import stopped after {count} row ({summary}): {reason}",
            "The import stopped after {count} rows ({summary}): {reason}",
            summary.total,
            summary=summary.describe(),
            reason=reason,
        )
        return ImportStoppedError(message, summary=summary)
