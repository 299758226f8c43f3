"""`sync_stock` and `undo_stock`: the calls that a program makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from smartkasa_async._i18n.message import argument, msg
from smartkasa_async.catalog.source_location import KeyField
from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.jobs.job import Job
from smartkasa_async.stock.errors import StockStoppedError
from smartkasa_async.stock.jobs import SyncJob, UndoJob, WriteSettings
from smartkasa_async.stock.outcomes import StockOutcome, StockSummary, StockTally

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Sequence

    from anyio.streams.memory import MemoryObjectSendStream

    from smartkasa_async.catalog.sources.layout import Layout
    from smartkasa_async.catalog.sources.source import Source
    from smartkasa_async.catalog.sources.source_info import OnSourceDetected
    from smartkasa_async.client import SmartKasa
    from smartkasa_async.stock.jobs import StockJob
    from smartkasa_async.stock.outcomes import StockProgress


def sync_stock(
    kasa: SmartKasa,
    source: Source,
    *,
    shop_id: int,
    key: KeyField = "number",
    layout: Layout | None = None,
    dry_run: bool = False,
    overwrite_changed: bool = False,
    undo: str | os.PathLike[str] | None = None,
    concurrency: int = 8,
    late_write_window: float = 15.0,
    on_source_detected: OnSourceDetected | None = None,
    on_progress: Callable[[StockProgress], None] | None = None,
    on_wait: Callable[[float], None] | None = None,
) -> StockSync:
    """Bring the counts of a price list or stock report into the stock cards of a shop.

    The whole plan is made first: products are found by their keys, cards that are missing are to be created (with
    counting on, so that sales change them), counts that differ are to be set. Rows that share a product are all left
    out, since nothing tells which count is right. A count is set outright, so it races with sales: right before, the
    card is read again, and one that changed since the plan is left alone. What is sold between that read and the write
    (a moment, unless the service makes the client wait) goes unnoticed. An answer that was lost is settled by reading
    the card back. A sync that was stopped or killed is simply made again.

    Memory does not grow with the rows of the source: it holds the key and title of each product of the service, the
    shop's cards, and one row for each product that the source counts.

    Args:
        kasa: The client.
        source: As for `import_products`; a column (or key) with the product's key and one with the count, such as
            `Штрихкод` and `Залишок`, are all that is needed.
        shop_id: Id of the shop.
        key: What a product is known by: its barcode (`number`), its article (`alter_number`), or its id in the user's
            own system (`remote_id`).
        layout: What is known about the source's form; whatever it leaves out is found out.
        dry_run: Whether only to say what would be done; nothing is written to the service or to `undo`.
        overwrite_changed: Whether to set also the counts of cards that changed since the plan.
        undo: Path of a CSV file with the counts before, for `undo_stock`. It is on the disk before anything is changed,
            and not written if there is nothing to change. There must be no file of that name yet.
        concurrency: Most cards at once; how many it really is follows what the service takes well.
        late_write_window: Seconds in which the service may still carry out a request whose answer was lost, and after
            which its lists show what it did.
        on_source_detected: Called once with what was found out about the source, before anything is sent. It may answer
            with another `Layout`, or with a `Choice` (or choices) of the doubts that the findings name: then the source
            is opened anew by the answer. None goes on as it was found out; what it raises ends the sync.
        on_progress: Called whenever rows have got their outcomes; it must not block.
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
        SourceError: The source has no keys or no counts, or could not be read to its end; nothing was changed.
        SourceDoubtfulError: It may be read in several ways, and neither `layout` nor `on_source_detected` says which;
            names the choices. Nothing was changed.
        SourceChangedError: Its file changed while it was read; nothing was changed.
        InvalidRequestError: The service has no such shop, or none of its products has such a key.
        JobRunningError: Another sync or undo of this shop is at work, by this user on this machine.
        SmartKasaError: The service's products or cards could not be read; nothing was changed.
        StockStoppedError: Something stopped the sync; carries the summary so far, its cause is what stopped it.

    API: `POST /api/v1/inventory/cards`, `PUT /api/v1/inventory/cards/{id}`
    """
    if key not in get_args(KeyField):
        choices = ", ".join(get_args(KeyField))
        message = msg("{field} is {value!r}; give one of {choices}", field=argument("key"), value=key, choices=choices)
        raise InvalidRequestError(message, field="key")
    settings = _checked(WriteSettings(dry_run, overwrite_changed, concurrency, late_write_window, on_wait))
    job = SyncJob(
        kasa, settings, source, layout, shop_id=shop_id, key=key, undo=undo, on_source_detected=on_source_detected
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
    on_progress: Callable[[StockProgress], None] | None = None,
    on_wait: Callable[[float], None] | None = None,
) -> StockSync:
    """Give the stock cards of a sync the counts that they had before it, and delete those that it created.

    A card that does not have the count that the sync set, probably since something was sold, is left alone. A sync that
    was stopped half-way can be undone too: what it did not come to is found unchanged. Undoing twice does no harm.

    Args:
        kasa: The client.
        path: The file that `sync_stock` wrote to `undo`.
        dry_run: Whether only to say what would be done.
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
    settings = _checked(WriteSettings(dry_run, overwrite_changed, concurrency, late_write_window, on_wait))
    return StockSync(UndoJob(kasa, settings, path), dry_run=dry_run, on_progress=on_progress)


def _checked(settings: WriteSettings) -> WriteSettings:
    if settings.concurrency < 1:
        message = msg(
            "{field} is {value}; give a number from 1", field=argument("concurrency"), value=settings.concurrency
        )
        raise InvalidRequestError(message, field="concurrency")
    if not settings.late_write_window >= 0:
        message = msg(
            "{field} is {value}; give seconds from 0",
            field=argument("late_write_window"),
            value=settings.late_write_window,
        )
        raise InvalidRequestError(message, field="late_write_window")
    return settings


class StockSync(Job[StockOutcome, StockSummary]):
    """One sync or undo, to be awaited or iterated, once."""

    begun_already = "This sync has already begun; call sync_stock or undo_stock again for another one"

    def __init__(self, job: StockJob, *, dry_run: bool, on_progress: Callable[[StockProgress], None] | None) -> None:
        super().__init__(groups_ahead=1)
        self._job = job
        self._on_progress = on_progress
        self._tally = StockTally(dry_run=dry_run)

    @property
    def summary(self) -> StockSummary:
        """What has become of the rows so far."""
        return self._tally.summary(self._job.notes)

    async def _run(self, settled: MemoryObjectSendStream[list[StockOutcome]]) -> None:
        async with settled:
            await self._job.run(settled.send)

    def _count(self, group: Sequence[StockOutcome]) -> None:
        for outcome in group:
            self._tally.add(outcome)
        if self._on_progress is not None:
            self._on_progress(self._tally.progress(self._job.planned))

    def _raise_if_stopped(self) -> None:
        if self._job.failure is not None:
            summary = self.summary
            message = msg(
                "The sync of counts stopped ({summary}): {reason}",
                summary=str(summary),  # a phrase, by its `__str__`
                reason=self._job.failure,
            )
            raise StockStoppedError(message, summary=summary) from self._job.failure
