"""`sync_reference_data`: all that receipts refer to, into a store."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from smartkasa_async._i18n.message import N_, HasMessage, argument, msg
from smartkasa_async._i18n.translate import in_language, yes_or_no
from smartkasa_async._support.arguments import (
    MOST_CONCURRENT,
    check_callbacks,
    check_client,
    check_flags,
    check_store,
    check_whole,
    chosen_words,
)
from smartkasa_async._support.tables import ResultTable
from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.jobs.concurrency import run_concurrently
from smartkasa_async.jobs.results import Progress, Stage, TableResult
from smartkasa_async.models import Category, Employee, Product, Shift, StockCard, Terminal
from smartkasa_async.operations import find
from smartkasa_async.records.batch import RecordKind
from smartkasa_async.records.personal import without_personal
from smartkasa_async.records.synced_days import SyncState
from smartkasa_async.sync.clock import earlier_now, skew_note
from smartkasa_async.sync.reading import Listing, Permits, read_whole
from smartkasa_async.sync.report import KIND_NAMES, undecodable_note
from smartkasa_async.sync.shops import SHOPS, refuse_other_account

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from datetime import datetime

    from smartkasa_async._i18n.message import Message
    from smartkasa_async._i18n.translate import Language
    from smartkasa_async.client import SmartKasa
    from smartkasa_async.records.batch import Batch, Sink, Undecodable


def _paged(kind: RecordKind, path: str, record: type[Any]) -> Listing[Any]:
    return Listing(kind, find("GET", path), record, {"per_page": 100})


_LISTINGS: tuple[Listing[Any], ...] = (
    SHOPS,
    _paged(RecordKind.TERMINALS, "/api/v1/pos/terminals", Terminal),
    _paged(RecordKind.EMPLOYEES, "/api/v1/rsn/employees", Employee),
    _paged(RecordKind.SHIFTS, "/api/v1/pos/shifts", Shift),
    _paged(RecordKind.CATEGORIES, "/api/v1/inventory/categories", Category),
    _paged(RecordKind.PRODUCTS, "/api/v1/inventory/products", Product),
    Listing(RecordKind.CARDS, find("GET", "/api/v1/inventory/cards"), StockCard),
)


@dataclass(frozen=True, slots=True)
class ListSync(HasMessage):
    """What a run brought of one list.

    Attributes:
        kind: What was listed.
        read: Number of records that were written.
        undecodable: Records that came and do not have the documented form; a store keeps them in quarantine.
        deleted: Records of the store that the service no longer lists, and that were marked as deleted.
        reason: Why the list could not be read whole; None where it was.
        error: The error's class in `smartkasa_async.errors`, such as `ServerError`; None where there was none.
    """

    kind: RecordKind
    read: int
    undecodable: int
    deleted: int
    reason: str | None
    error: str | None = None

    def __post_init__(self) -> None:
        self._keep_message("reason")


@dataclass(frozen=True, slots=True)
class ReferenceDataReport(TableResult):
    """What a run of `sync_reference_data` brought.

    Attributes:
        lists: A line for each list.
        clock_skew: Seconds that this machine's clock was ahead of the service's in the end, negative behind; None where
            the service did not give the time.
    """

    lists: tuple[ListSync, ...]
    clock_skew: float | None = None

    @property
    def complete(self) -> bool:
        """Whether every record of every list came that the service counts."""
        return not any(one.reason for one in self.lists)

    @property
    def undecodable(self) -> int:
        """Records that do not have the documented form; `await store.quarantined()` gives them with their errors."""
        return sum(one.undecodable for one in self.lists)

    def failures(self) -> Iterator[Message]:
        """Yield the lists that could not be read whole, and that records could not be decoded."""
        for one in self.lists:
            if one.reason:
                yield msg("Incomplete: {kind}: {reason}", kind=msg(KIND_NAMES[one.kind]), reason=one.translatable)
        if self.undecodable:
            yield undecodable_note(self.undecodable)

    def errors(self) -> list[str]:
        """List the classes of the errors by which lists could not be read whole, one for each list."""
        return [one.error for one in self.lists if one.error is not None]

    def tables(self, language: Language = "en") -> list[ResultTable]:
        """Return the lists as a table.

        Args:
            language: English (`en`) or Ukrainian (`uk`).
        """
        header = [in_language(name, language) for name in (N_("List"), N_("Read"), N_("Deleted"), N_("Whole"))]
        rows = [
            (in_language(KIND_NAMES[one.kind], language), one.read, one.deleted, yes_or_no(not one.reason, language))
            for one in self.lists
        ]
        return [ResultTable(header, rows)]

    def note_lines(self, language: Language = "en") -> list[str]:
        """Return what could not be read, and that a clock is wrong.

        Args:
            language: English (`en`) or Ukrainian (`uk`).
        """
        notes: list[Message] = [*self.failures()]
        if note := skew_note(self.clock_skew):
            notes.append(note)
        return [in_language(note, language) for note in notes]

    def to_dict(self, language: Language = "en") -> dict[str, Any]:
        """Return the report as plain values for JSON, with `complete`.

        Args:
            language: Not used: a report has no explanations.
        """
        return {**super(ReferenceDataReport, self).to_dict(language), "complete": self.complete}


_OF_HISTORY = (RecordKind.PRODUCTS, RecordKind.CARDS)


@runtime_checkable
class _HistoryKeeper(Protocol):
    """A store that keeps history; see `Store`."""

    async def keep_prices(self, at: datetime) -> None: ...

    async def keep_stock(self, at: datetime) -> None: ...


def _history_keeper(store: object, kinds: Collection[str]) -> _HistoryKeeper:
    if not set(_OF_HISTORY) <= set(kinds):
        raise InvalidRequestError(
            msg(
                "History is of products and cards: with {history}, {kinds} must have both",
                history=argument("history"),
                kinds=argument("kinds"),
            ),
            field="kinds",
        )
    if not isinstance(store, _HistoryKeeper):
        raise InvalidRequestError(
            msg("{history} needs a store of open_store, which has a place for it", history=argument("history")),
            field="history",
        )
    return store


async def sync_reference_data(
    kasa: SmartKasa,
    store: Sink[Any],
    *,
    kinds: Iterable[RecordKind] | None = None,
    keep_personal: bool = False,
    history: bool = False,
    concurrency: int = 8,
    on_progress: Callable[[Progress], None] | None = None,
) -> ReferenceDataReport:
    """Sync shops, terminals, employees, shifts, categories, products and stock cards into a store, concurrently.

    Records are replaced by id. What a list that was read whole does not name any more is marked as deleted, and stays.
    The API does not give the shop a shift belongs to; Z-reports do.

    Tax numbers (`inn`) and passports (`passport_serial`, `passport_number`) of employees are removed from the records
    and their JSON before anything is written, and PINs always are.

    Args:
        kasa: The client.
        store: Where they go: a `Store`, or anything with `write` that takes batches of each kind.
        kinds: Which lists to read; None for all seven.
        keep_personal: Whether tax numbers and passports of employees are kept.
        history: Whether a `Store` also keeps what stock cards and prices are today: counts with prices and purchase
            prices, a row for each card and business day in Europe/Kyiv, of which the last run of a day remains, and a
            row for each price that changed. Only where products and cards were read whole.
        concurrency: Maximum number of concurrent lists, and of concurrent pages of one list.
        on_progress: Called after each page and each list.

    Returns:
        What came of each list, and why it is not whole where it is not.

    Raises:
        InvalidRequestError: The concurrency or a kind cannot be used, history is asked for without products and cards
            or of what is no `Store`, or the store has the shops of another account.
        SmartKasaError: The store could not write.

    API: `GET /api/v1/rsn/shops`, `/pos/terminals`, `/rsn/employees`, `/pos/shifts`, `/inventory/categories`,
    `/inventory/products`, `/inventory/cards`
    """
    check_client(kasa)
    check_store(store, "write")
    check_flags(keep_personal=keep_personal, history=history)
    check_whole("concurrency", concurrency, most=MOST_CONCURRENT)
    check_callbacks(on_progress=on_progress)
    names = [listing.kind for listing in _LISTINGS]
    wanted = names if kinds is None else chosen_words("kinds", kinds, names)
    listings = [listing for listing in _LISTINGS if listing.kind in wanted]
    keeper = _history_keeper(store, wanted) if history else None
    state = store if isinstance(store, SyncState) else None
    if state is not None:
        await refuse_other_account(kasa, state)
    permits = Permits(2 * concurrency)
    done: dict[RecordKind, ListSync] = {}
    records = 0

    def report_progress() -> None:
        if on_progress is not None:
            on_progress(Progress(Stage.SYNCING, len(done), len(listings), "lists", {"records": records}))

    async def write(batch: Batch[Any]) -> Sequence[Undecodable]:
        nonlocal records
        kept = without_personal(replace(batch, keeps_personal=keep_personal))
        unfit = await store.write(kept) or ()
        records += len(kept.kept(unfit))
        report_progress()
        return unfit

    async def read(listing: Listing[Any]) -> None:
        began_at = earlier_now(kasa)
        reading = await read_whole(kasa, listing, write, concurrency=concurrency, permits=permits)
        deleted = 0
        if state is not None and reading.reason is None:
            await state.note_read(listing.kind, began_at)
            deleted = 0 if reading.nameless else await state.mark_deleted(listing.kind, reading.ids)
        done[listing.kind] = ListSync(
            listing.kind, reading.read, reading.undecodable, deleted, reading.reason, reading.error_name
        )
        report_progress()

    if keeper is not None:  # of what the store knows: it is about to be replaced
        await keeper.keep_prices(earlier_now(kasa))
    await run_concurrently(read, listings, concurrency=concurrency)
    if keeper is not None and not any(done[kind].reason for kind in _OF_HISTORY):
        now = earlier_now(kasa)
        await keeper.keep_prices(now)
        await keeper.keep_stock(now)
    return ReferenceDataReport(tuple(done[listing.kind] for listing in listings), kasa.clock_skew)
