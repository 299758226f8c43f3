"""The client for code without an event loop, made by `SmartKasa.blocking`.

Generated from openapi/ by `python -m codegen`, and from what the client and the packages export; do not edit it.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, ParamSpec, Self, TypeVar

from smartkasa_async._base.area import Suggesting
from smartkasa_async._base.blocking import BlockingArea, BlockingPages, LoopThread, finished
from smartkasa_async._generated import areas, structs
from smartkasa_async.errors import TokenStoreError
from smartkasa_async.plans.making import _VALID_FOR
from smartkasa_async.records.kinds import CashRounding

if TYPE_CHECKING:
    import builtins
    import os
    from collections.abc import AsyncIterable, Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import date, datetime
    from decimal import Decimal
    from os import PathLike
    from types import TracebackType
    from typing import Any

    from sqlalchemy import Connection

    from smartkasa_async._base.operation import ListAnswer, Operation
    from smartkasa_async._i18n.translate import Language
    from smartkasa_async._support.network import Network
    from smartkasa_async.catalog.outcomes import ImportSummary
    from smartkasa_async.catalog.preview import Preview
    from smartkasa_async.catalog.sending.plan import Mode
    from smartkasa_async.catalog.source_location import KeyField
    from smartkasa_async.catalog.sources.layout import Layout
    from smartkasa_async.catalog.sources.source import Source
    from smartkasa_async.catalog.sources.source_info import OnSourceDetected
    from smartkasa_async.client import AnswerT, RawAnswer, RecordT, SmartKasa
    from smartkasa_async.errors import UnreadableRecord
    from smartkasa_async.events import Event
    from smartkasa_async.export.tables import ExportedFiles, ExportFormat
    from smartkasa_async.jobs.journal import Journal
    from smartkasa_async.jobs.results import Progress
    from smartkasa_async.models import Receipt, ReceiptCreate, Session, ZReport
    from smartkasa_async.plans.outcomes import PlanSummary
    from smartkasa_async.plans.plan import Plan, PlanKind
    from smartkasa_async.push.outcomes import PushSummary
    from smartkasa_async.push.sender import TotalsRule
    from smartkasa_async.records.batch import ProductSale, RecordKind, Sink
    from smartkasa_async.reports.compliance.check import ComplianceReport
    from smartkasa_async.reports.month.writing import MonthFormat, MonthReport
    from smartkasa_async.reports.page.writing import ReportPage
    from smartkasa_async.reports.reconciliation.result import Reconciliation
    from smartkasa_async.reports.z_archive.archiving import ZArchive
    from smartkasa_async.retry import RetryPolicy
    from smartkasa_async.settings import WireForm
    from smartkasa_async.stock.outcomes import StockSummary
    from smartkasa_async.stores.store import Store
    from smartkasa_async.sync.checkpoint import CheckpointStore
    from smartkasa_async.sync.product_sales import ProductSalesReport
    from smartkasa_async.sync.receipts import ReceiptsReport
    from smartkasa_async.sync.reference_data import ReferenceDataReport
    from smartkasa_async.sync.verify import ReceiptSource, VerifyReport
    from smartkasa_async.sync.watch import ReceiptChange, WatchError
    from smartkasa_async.sync.z_reports import ZReportsReport

__all__ = ["BlockingPages", "BlockingSmartKasa"]

P = ParamSpec("P")
ResultT = TypeVar("ResultT")


class BlockingSmartKasa(Suggesting):
    """`SmartKasa` for code without an event loop: each call waits for its result.

    Make it by `SmartKasa.blocking(…)`, which takes the settings of `SmartKasa`, and use it as `with … as kasa:`, or
    call `close` when done. Calls are made in an event loop of its own, in a thread that begins with the first of them;
    any number of threads may call at once, also from inside a running loop, as notebooks do. What is passed to be
    called, such as `on_progress`, is called in that thread, and must not call this client.

    Args:
        client: The async client that does the work.
        thread: Where it does it; a thread of its own where None.

    Attributes:
        client: The async client.
    """

    def __init__(self, client: SmartKasa, thread: LoopThread | None = None) -> None:
        self.client = client
        self._thread = LoopThread(client.aclose) if thread is None else thread
        self.auth: BlockingAuth = BlockingAuth(self._thread, client.auth)
        """Sessions of a user, by phone number and password."""
        self.terminals: BlockingTerminals = BlockingTerminals(self._thread, client.terminals)
        """Point-of-sale terminals of the shops."""
        self.shops: BlockingShops = BlockingShops(self._thread, client.shops)
        """Shops (торгові точки), their addresses and tax settings."""
        self.employees: BlockingEmployees = BlockingEmployees(self._thread, client.employees)
        """Staff of the shops."""
        self.unit_types: BlockingUnitTypes = BlockingUnitTypes(self._thread, client.unit_types)
        """Units of measure."""
        self.categories: BlockingCategories = BlockingCategories(self._thread, client.categories)
        """Categories of the catalogue."""
        self.products: BlockingProducts = BlockingProducts(self._thread, client.products)
        """Products of the catalogue."""
        self.cards: BlockingCards = BlockingCards(self._thread, client.cards)
        """Stock cards, the count of a product in a shop."""
        self.subgroups: BlockingSubgroups = BlockingSubgroups(self._thread, client.subgroups)
        """Subgroups of products."""
        self.imports: BlockingImports = BlockingImports(self._thread, client.imports)
        """Batch calls for categories and products, and imports from a file."""
        self.shifts: BlockingShifts = BlockingShifts(self._thread, client.shifts)
        """Shifts of the cash registers."""
        self.receipts: BlockingReceipts = BlockingReceipts(self._thread, client.receipts)
        """Receipts and their payments."""
        self.payments: BlockingPayments = BlockingPayments(self._thread, client.payments)
        """Receipts and their payments."""
        self.reports: BlockingReports = BlockingReports(self._thread, client.reports)
        """Product sales and fiscal Z-reports."""

    def __repr__(self) -> str:
        return f"<blocking {self.client!r}>"

    def __enter__(self) -> Self:
        self._thread.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            self.close()
        except TokenStoreError:  # which is in the log, and not what the block ended with
            if error is None:
                raise

    def close(self) -> None:
        """Close all connections and end the thread; calls that other threads wait for end with `ClientClosedError`.

        Raises:
            TokenStoreError: The newest tokens could not be saved, and there are no credentials to make others.
        """
        self._thread.close()

    def run(self, function: Callable[P, Awaitable[ResultT]], *args: P.args, **kwargs: P.kwargs) -> ResultT:
        """Call any async function in the client's event loop, such as a method of a `Store`, and wait for its result.

        Args:
            function: The async function.
            args: Its arguments.
            kwargs: Its keyword arguments.
        """
        return self._thread.run(function, *args, **kwargs)

    def iterate(self, items: AsyncIterable[ResultT]) -> Iterator[ResultT]:
        """Iterate over what is made for `async for`, such as the outcomes of a job of `client`.

        Args:
            items: An async iterable.
        """
        return self._thread.iterate(items)

    def with_options(
        self,
        *,
        timeout: float | None = None,
        retry: RetryPolicy | None = None,
        headers: Mapping[str, str] | None = None,
        extra_query: Mapping[str, object] | None = None,
        extra_body: Mapping[str, object] | None = None,
    ) -> BlockingSmartKasa:
        """Give a view of this client whose calls differ, as `SmartKasa.with_options` does."""
        view = self.client.with_options(
            timeout=timeout, retry=retry, headers=headers, extra_query=extra_query, extra_body=extra_body
        )
        return BlockingSmartKasa(view, self._thread)

    def listening(self, listener: Callable[[Event], None]) -> AbstractContextManager[None]:
        """Call a further listener with each `Event` while the block runs, in the thread of the loop."""
        return self.client.listening(listener)

    @property
    def wire_form(self) -> WireForm:
        """Form of the next request body, which `wire="auto"` may have changed: `flat` or `enveloped`.

        As `SmartKasa.wire_form`.
        """
        return self.client.wire_form

    @property
    def clock_skew(self) -> float | None:
        """Seconds that this machine's clock is ahead of the service's, negative behind it; None before it is known.

        As `SmartKasa.clock_skew`.
        """
        return self.client.clock_skew

    @property
    def network(self) -> Network:
        """How connections are made: proxy, authorities, connector; also for what is fetched beside the service.

        As `SmartKasa.network`.
        """
        return self.client.network

    def login(self) -> Session:
        """Log in now, rather than on the first call.

        As `SmartKasa.login`, whose arguments and errors it has.
        """
        return self._thread.run(self.client.login)

    def logout(self) -> None:
        """End the session at the service and forget its tokens; does nothing where there is no session.

        As `SmartKasa.logout`, whose arguments and errors it has.
        """
        return self._thread.run(self.client.logout)

    def account_id(self) -> str:
        """Name the account that this client works for, so that jobs can be kept from being done twice at once.

        As `SmartKasa.account_id`, whose arguments and errors it has.
        """
        return self._thread.run(self.client.account_id)

    def call(
        self,
        operation: Operation[AnswerT],
        *,
        id: str | int | None = None,
        query: Mapping[str, object] | None = None,
        body: object = None,
    ) -> AnswerT:
        """Call any operation of `smartkasa_async.operations`; the areas' methods do it with typed arguments.

        As `SmartKasa.call`, whose arguments and errors it has.
        """
        return self._thread.run(self.client.call, operation, id=id, query=query, body=body)

    def call_raw(
        self,
        operation: Operation[AnswerT],
        *,
        id: str | int | None = None,
        query: Mapping[str, object] | None = None,
        body: object = None,
    ) -> RawAnswer[AnswerT]:
        """Call any operation, and return the answer also as it came: status, headers and bytes.

        As `SmartKasa.call_raw`, whose arguments and errors it has.
        """
        return self._thread.run(self.client.call_raw, operation, id=id, query=query, body=body)

    def pages(
        self,
        operation: Operation[ListAnswer[RecordT]],
        query: Mapping[str, object],
        *,
        limit: int | None = None,
        on_unreadable: Callable[[UnreadableRecord], None] | None = None,
    ) -> BlockingPages[RecordT]:
        """Describe a list of any list operation; nothing is sent before it is awaited or iterated.

        As `SmartKasa.pages`, whose arguments and errors it has.
        """
        return BlockingPages(
            self._thread, self.client.pages(operation, query, limit=limit, on_unreadable=on_unreadable)
        )

    def import_products(
        self,
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
    ) -> ImportSummary:
        """Import products from a price list, each row exactly once, whatever happens on the way.

        As `smartkasa_async.catalog.import_products`, whose arguments and errors it has.
        """
        from smartkasa_async.catalog import import_products

        return self._thread.run(
            finished,
            import_products(
                self.client,
                source,
                key=key,
                mode=mode,
                layout=layout,
                journal=journal,
                dry_run=dry_run,
                batch_size=batch_size,
                concurrency=concurrency,
                late_write_window=late_write_window,
                delete_missing=delete_missing,
                delete_limit=delete_limit,
                on_source_detected=on_source_detected,
                on_progress=on_progress,
                on_wait=on_wait,
            ),
        )

    def preview_source(
        self,
        source: Source,
        *,
        key: KeyField = "number",
        counts: bool = False,
        layout: Layout | None = None,
        rows: int = 3,
    ) -> Preview:
        """Show what `import_products` or `sync_stock` would make of a source, without calling the service.

        As `smartkasa_async.catalog.preview_source`, whose arguments and errors it has.
        """
        from smartkasa_async.catalog import preview_source

        return self._thread.run(
            preview_source, source, key=key, counts=counts, layout=layout, rows=rows, kasa=self.client
        )

    def sync_stock(
        self,
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
    ) -> StockSummary:
        """Bring the counts of a price list or stock report into the stock cards of a shop.

        As `smartkasa_async.stock.sync_stock`, whose arguments and errors it has.
        """
        from smartkasa_async.stock import sync_stock

        return self._thread.run(
            finished,
            sync_stock(
                self.client,
                source,
                shop_id=shop_id,
                key=key,
                layout=layout,
                journal=journal,
                dry_run=dry_run,
                overwrite_changed=overwrite_changed,
                undo=undo,
                concurrency=concurrency,
                late_write_window=late_write_window,
                on_source_detected=on_source_detected,
                on_progress=on_progress,
                on_wait=on_wait,
            ),
        )

    def undo_stock(
        self,
        path: str | os.PathLike[str],
        *,
        dry_run: bool = False,
        overwrite_changed: bool = False,
        concurrency: int = 8,
        late_write_window: float = 15.0,
        on_progress: Callable[[Progress], None] | None = None,
        on_wait: Callable[[float], None] | None = None,
    ) -> StockSummary:
        """Set stock cards back to the counts that they had before a sync, and delete those that it created.

        As `smartkasa_async.stock.undo_stock`, whose arguments and errors it has.
        """
        from smartkasa_async.stock import undo_stock

        return self._thread.run(
            finished,
            undo_stock(
                self.client,
                path,
                dry_run=dry_run,
                overwrite_changed=overwrite_changed,
                concurrency=concurrency,
                late_write_window=late_write_window,
                on_progress=on_progress,
                on_wait=on_wait,
            ),
        )

    def apply_plan(
        self,
        path: str | os.PathLike[str],
        *,
        approved: Plan | None = None,
        concurrency: int = 8,
        late_write_window: float = 15.0,
        on_progress: Callable[[Progress], None] | None = None,
        on_wait: Callable[[float], None] | None = None,
    ) -> PlanSummary:
        """Apply a plan, once: all products and cards are read anew first, and if one has changed, nothing is written.

        As `smartkasa_async.plans.apply_plan`, whose arguments and errors it has.
        """
        from smartkasa_async.plans import apply_plan

        return self._thread.run(
            finished,
            apply_plan(
                self.client,
                path,
                approved=approved,
                concurrency=concurrency,
                late_write_window=late_write_window,
                on_progress=on_progress,
                on_wait=on_wait,
            ),
        )

    def plan_changes(
        self,
        changes: Source,
        kind: PlanKind,
        *,
        key: KeyField = "number",
        shop_id: int | None = None,
        layout: Layout | None = None,
        valid_for: timedelta = _VALID_FOR,
        concurrency: int = 8,
        on_source_detected: OnSourceDetected | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> Plan:
        """Plan changes of prices, counts or catalogue: what each product has, and what it will have. Nothing is changed.

        As `smartkasa_async.plans.plan_changes`, whose arguments and errors it has.
        """
        from smartkasa_async.plans import plan_changes

        return self._thread.run(
            plan_changes,
            self.client,
            changes,
            kind,
            key=key,
            shop_id=shop_id,
            layout=layout,
            valid_for=valid_for,
            concurrency=concurrency,
            on_source_detected=on_source_detected,
            on_progress=on_progress,
        )

    def read_undo(self, path: str | os.PathLike[str]) -> Plan:
        """Read what undoing a plan would set back, by the journal of its application.

        As `smartkasa_async.plans.read_undo`, whose arguments and errors it has.
        """
        from smartkasa_async.plans import read_undo

        return self._thread.run(read_undo, path)

    def undo_plan(
        self,
        path: str | os.PathLike[str],
        *,
        approved: Plan | None = None,
        concurrency: int = 8,
        late_write_window: float = 15.0,
        on_progress: Callable[[Progress], None] | None = None,
        on_wait: Callable[[float], None] | None = None,
    ) -> PlanSummary:
        """Set products and cards back to what they had before a plan was applied, each once.

        As `smartkasa_async.plans.undo_plan`, whose arguments and errors it has.
        """
        from smartkasa_async.plans import undo_plan

        return self._thread.run(
            finished,
            undo_plan(
                self.client,
                path,
                approved=approved,
                concurrency=concurrency,
                late_write_window=late_write_window,
                on_progress=on_progress,
                on_wait=on_wait,
            ),
        )

    def push_receipts(
        self,
        receipts: Iterable[ReceiptCreate] | AsyncIterable[ReceiptCreate],
        *,
        journal: str | os.PathLike[str] | Journal | None = None,
        dry_run: bool = False,
        totals: TotalsRule = "warn",
        rounding: Collection[CashRounding] = tuple(CashRounding),
        check_existing: bool = False,
        batch_size: int = 50,
        concurrency: int = 8,
        late_write_window: float = 15.0,
        on_progress: Callable[[Progress], None] | None = None,
        on_wait: Callable[[float], None] | None = None,
    ) -> PushSummary:
        """Push receipts that were made elsewhere into the service, each exactly once, whatever happens on the way.

        As `smartkasa_async.push.push_receipts`, whose arguments and errors it has.
        """
        from smartkasa_async.push import push_receipts

        return self._thread.run(
            finished,
            push_receipts(
                self.client,
                receipts,
                journal=journal,
                dry_run=dry_run,
                totals=totals,
                rounding=rounding,
                check_existing=check_existing,
                batch_size=batch_size,
                concurrency=concurrency,
                late_write_window=late_write_window,
                on_progress=on_progress,
                on_wait=on_wait,
            ),
        )

    def sync_product_sales(
        self,
        store: Sink[ProductSale],
        *,
        shops: Iterable[int] | None = None,
        start: date,
        end: date | None = None,
        lookback_days: int = 3,
        refetch: bool = False,
        accept_clock_skew: bool = False,
        concurrency: int = 16,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> ProductSalesReport:
        """Sync what each product sold on each day of a span into a store, many shops and days concurrently.

        As `smartkasa_async.sync.sync_product_sales`, whose arguments and errors it has.
        """
        from smartkasa_async.sync import sync_product_sales

        return self._thread.run(
            sync_product_sales,
            self.client,
            store,
            shops=shops,
            start=start,
            end=end,
            lookback_days=lookback_days,
            refetch=refetch,
            accept_clock_skew=accept_clock_skew,
            concurrency=concurrency,
            on_progress=on_progress,
        )

    def sync_receipts(
        self,
        store: Sink[Receipt],
        *,
        shops: Iterable[int] | None = None,
        start: date,
        end: date | None = None,
        lookback_days: int = 3,
        refetch: bool = False,
        accept_clock_skew: bool = False,
        concurrency: int = 16,
        per_page: int = 100,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> ReceiptsReport:
        """Sync the receipts of a span of business days into a store, many shops concurrently.

        As `smartkasa_async.sync.sync_receipts`, whose arguments and errors it has.
        """
        from smartkasa_async.sync import sync_receipts

        return self._thread.run(
            sync_receipts,
            self.client,
            store,
            shops=shops,
            start=start,
            end=end,
            lookback_days=lookback_days,
            refetch=refetch,
            accept_clock_skew=accept_clock_skew,
            concurrency=concurrency,
            per_page=per_page,
            on_progress=on_progress,
        )

    def sync_reference_data(
        self,
        store: Sink[Any],
        *,
        kinds: Iterable[RecordKind] | None = None,
        keep_personal: bool = False,
        history: bool = False,
        concurrency: int = 8,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> ReferenceDataReport:
        """Sync shops, terminals, employees, shifts, categories, products and stock cards into a store, concurrently.

        As `smartkasa_async.sync.sync_reference_data`, whose arguments and errors it has.
        """
        from smartkasa_async.sync import sync_reference_data

        return self._thread.run(
            sync_reference_data,
            self.client,
            store,
            kinds=kinds,
            keep_personal=keep_personal,
            history=history,
            concurrency=concurrency,
            on_progress=on_progress,
        )

    def sync_z_reports(
        self,
        store: Sink[ZReport],
        *,
        shops: Iterable[int] | None = None,
        start: date,
        end: date | None = None,
        lookback_days: int = 3,
        refetch: bool = False,
        accept_clock_skew: bool = False,
        concurrency: int = 16,
        per_page: int = 100,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> ZReportsReport:
        """Sync the Z-reports of a span of business days into a store, many shops concurrently.

        As `smartkasa_async.sync.sync_z_reports`, whose arguments and errors it has.
        """
        from smartkasa_async.sync import sync_z_reports

        return self._thread.run(
            sync_z_reports,
            self.client,
            store,
            shops=shops,
            start=start,
            end=end,
            lookback_days=lookback_days,
            refetch=refetch,
            accept_clock_skew=accept_clock_skew,
            concurrency=concurrency,
            per_page=per_page,
            on_progress=on_progress,
        )

    def verify_receipts(
        self,
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

        As `smartkasa_async.sync.verify_receipts`, whose arguments and errors it has.
        """
        from smartkasa_async.sync import verify_receipts

        return self._thread.run(
            verify_receipts,
            self.client,
            store,
            shops=shops,
            start=start,
            end=end,
            concurrency=concurrency,
            per_page=per_page,
            on_progress=on_progress,
        )

    def watch_receipts(
        self,
        *,
        shops: Iterable[int] | None = None,
        start: date | None = None,
        checkpoint: str | os.PathLike[str] | CheckpointStore | None,
        days: int = 3,
        interval: float = 5.0,
        max_interval: float = 60.0,
        accept_clock_skew: bool = False,
        concurrency: int = 4,
        on_error: Callable[[WatchError], None] | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> Iterator[ReceiptChange]:
        """Yield receipts as they are created, changed and deleted, without an end, each change at least once.

        As `smartkasa_async.sync.watch_receipts`, whose arguments and errors it has.
        """
        from smartkasa_async.sync import watch_receipts

        return self._thread.iterate(
            watch_receipts(
                self.client,
                shops=shops,
                start=start,
                checkpoint=checkpoint,
                days=days,
                interval=interval,
                max_interval=max_interval,
                accept_clock_skew=accept_clock_skew,
                concurrency=concurrency,
                on_error=on_error,
                on_progress=on_progress,
            )
        )

    def open_store(
        self,
        address: str | PathLike[str],
        *,
        account_id: int = 0,
        keep_raw: bool = True,
        fence: Callable[[Connection], None] | None = None,
        connections: int = 15,
    ) -> AbstractContextManager[Store]:
        """Open the database where synced records land, and bring its tables up to date.

        As `smartkasa_async.stores.open_store`, whose arguments and errors it has.
        """
        from smartkasa_async.stores import open_store

        return self._thread.entered(
            open_store(address, account_id=account_id, keep_raw=keep_raw, fence=fence, connections=connections)
        )

    def archive_z_reports(
        self,
        store: Store,
        folder: str | os.PathLike[str],
        *,
        shops: Iterable[int] | None = None,
        start: date | None = None,
        end: date | None = None,
        language: Language = "en",
        now: datetime | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> ZArchive:
        """Archive the Z-reports of a store: a folder for each registrar and year, indexes, and a seal.

        As `smartkasa_async.reports.archive_z_reports`, whose arguments and errors it has.
        """
        from smartkasa_async.reports import archive_z_reports

        return self._thread.run(
            archive_z_reports,
            store,
            folder,
            shops=shops,
            start=start,
            end=end,
            language=language,
            now=now,
            on_progress=on_progress,
        )

    def check_compliance(
        self,
        store: Store,
        *,
        shops: Iterable[int] | None = None,
        start: date | None = None,
        end: date | None = None,
        now: datetime | None = None,
        shift_tolerance: timedelta = timedelta(0),
        on_progress: Callable[[Progress], None] | None = None,
    ) -> ComplianceReport:
        """Check what was synced for breaches of the fiscal rules, and for those that are near.

        As `smartkasa_async.reports.check_compliance`, whose arguments and errors it has.
        """
        from smartkasa_async.reports import check_compliance

        return self._thread.run(
            check_compliance,
            store,
            shops=shops,
            start=start,
            end=end,
            now=now,
            shift_tolerance=shift_tolerance,
            on_progress=on_progress,
        )

    def export_month(
        self,
        store: Store,
        path: str | os.PathLike[str],
        *,
        month: date,
        format: MonthFormat,
        shops: Iterable[int] | None = None,
        language: Language = "en",
        now: datetime | None = None,
        tax_tolerance: Decimal = Decimal(0),
        shift_tolerance: timedelta = timedelta(0),
        options: Sequence[str] = (),
        on_progress: Callable[[Progress], None] | None = None,
    ) -> MonthReport:
        """Write the tables of `write_month_workbook` in another format.

        As `smartkasa_async.reports.export_month`, whose arguments and errors it has.
        """
        from smartkasa_async.reports import export_month

        return self._thread.run(
            export_month,
            store,
            path,
            month=month,
            format=format,
            shops=shops,
            language=language,
            now=now,
            tax_tolerance=tax_tolerance,
            shift_tolerance=shift_tolerance,
            options=options,
            on_progress=on_progress,
        )

    def reconcile(
        self,
        store: Store,
        *,
        shops: Iterable[int] | None = None,
        start: date | None = None,
        end: date | None = None,
        now: datetime | None = None,
        tax_tolerance: Decimal = Decimal(0),
        on_progress: Callable[[Progress], None] | None = None,
    ) -> Reconciliation:
        """Compare receipts, their payments, the Z-reports and the product sales, shift by shift.

        As `smartkasa_async.reports.reconcile`, whose arguments and errors it has.
        """
        from smartkasa_async.reports import reconcile

        return self._thread.run(
            reconcile,
            store,
            shops=shops,
            start=start,
            end=end,
            now=now,
            tax_tolerance=tax_tolerance,
            on_progress=on_progress,
        )

    def write_month_workbook(
        self,
        store: Store,
        path: str | os.PathLike[str],
        *,
        month: date,
        shops: Iterable[int] | None = None,
        language: Language = "en",
        now: datetime | None = None,
        tax_tolerance: Decimal = Decimal(0),
        shift_tolerance: timedelta = timedelta(0),
        on_progress: Callable[[Progress], None] | None = None,
    ) -> MonthReport:
        """Write a month as one workbook that an accountant opens in Excel or LibreOffice and prints.

        As `smartkasa_async.reports.write_month_workbook`, whose arguments and errors it has.
        """
        from smartkasa_async.reports import write_month_workbook

        return self._thread.run(
            write_month_workbook,
            store,
            path,
            month=month,
            shops=shops,
            language=language,
            now=now,
            tax_tolerance=tax_tolerance,
            shift_tolerance=shift_tolerance,
            on_progress=on_progress,
        )

    def write_report_page(
        self,
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

        As `smartkasa_async.reports.write_report_page`, whose arguments and errors it has.
        """
        from smartkasa_async.reports import write_report_page

        return self._thread.run(
            write_report_page,
            store,
            path,
            shops=shops,
            start=start,
            end=end,
            language=language,
            now=now,
            tax_tolerance=tax_tolerance,
            shift_tolerance=shift_tolerance,
            on_progress=on_progress,
        )

    def export_tables(
        self,
        store: Store,
        folder: str | os.PathLike[str],
        *,
        shops: Iterable[int] | None = None,
        start: date | None = None,
        end: date | None = None,
        tables: Iterable[str] | None = None,
        views: Iterable[str] | None = None,
        format: ExportFormat = "parquet",
        raw: bool = False,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> ExportedFiles:
        """Write tables and views of a store into files, as they are at one moment.

        As `smartkasa_async.export.export_tables`, whose arguments and errors it has.
        """
        from smartkasa_async.export import export_tables

        return self._thread.run(
            export_tables,
            store,
            folder,
            shops=shops,
            start=start,
            end=end,
            tables=tables,
            views=views,
            format=format,
            raw=raw,
            on_progress=on_progress,
        )


class BlockingAuth(BlockingArea[areas.Auth]):
    """Sessions of a user, by phone number and password."""

    def login(self, session: structs.SessionCreate) -> structs.Session:
        """Log in with a phone number and a password.

        As `SmartKasa.auth.login`, whose arguments and errors it has.

        API: `POST /api/v1/auth/sessions`
        """
        return self._thread.run(self._area.login, session)

    def refresh(self) -> structs.Session:
        """Exchange the refresh token for a new pair of tokens.

        As `SmartKasa.auth.refresh`, whose arguments and errors it has.

        API: `POST /api/v1/auth/refresh`
        """
        return self._thread.run(self._area.refresh)

    def logout(self) -> structs.UuidId:
        """Log out.

        As `SmartKasa.auth.logout`, whose arguments and errors it has.

        API: `DELETE /api/v1/auth/sessions/logout`
        """
        return self._thread.run(self._area.logout)


class BlockingTerminals(BlockingArea[areas.Terminals]):
    """Point-of-sale terminals of the shops."""

    def list(
        self,
        *,
        id: int | None = None,
        name: str | None = None,
        shop_id: int | None = None,
        page: int | None = None,
        per_page: int | None = None,
        limit: int | None = None,
        on_unreadable: Callable[[UnreadableRecord], None] | None = None,
    ) -> BlockingPages[structs.Terminal]:
        """List the terminals.

        As `SmartKasa.terminals.list`, whose arguments and errors it has.

        API: `GET /api/v1/pos/terminals`
        """
        return BlockingPages(
            self._thread,
            self._area.list(
                id=id,
                name=name,
                shop_id=shop_id,
                page=page,
                per_page=per_page,
                limit=limit,
                on_unreadable=on_unreadable,
            ),
        )

    def get(self, id: int) -> structs.Terminal:
        """Read a terminal.

        As `SmartKasa.terminals.get`, whose arguments and errors it has.

        API: `GET /api/v1/pos/terminals/{id}`
        """
        return self._thread.run(self._area.get, id)

    def update(self, id: int, terminal: structs.TerminalUpdate) -> structs.Terminal:
        """Change a terminal's name or shop.

        As `SmartKasa.terminals.update`, whose arguments and errors it has.

        API: `PUT /api/v1/pos/terminals/{id}`
        """
        return self._thread.run(self._area.update, id, terminal)

    def delete(self, id: int) -> structs.Terminal:
        """Delete a terminal.

        As `SmartKasa.terminals.delete`, whose arguments and errors it has.

        API: `DELETE /api/v1/pos/terminals/{id}`
        """
        return self._thread.run(self._area.delete, id)


class BlockingShops(BlockingArea[areas.Shops]):
    """Shops (торгові точки), their addresses and tax settings."""

    def list(
        self,
        *,
        title: str | None = None,
        phone_number: str | None = None,
        email: str | None = None,
        state: int | None = None,
        website_url: str | None = None,
        business_category_id: int | None = None,
        fiscalization_enabled: bool | None = None,
        is_vat_taxation: bool | None = None,
        is_excise_taxation: bool | None = None,
        page: int | None = None,
        per_page: int | None = None,
        limit: int | None = None,
        on_unreadable: Callable[[UnreadableRecord], None] | None = None,
    ) -> BlockingPages[structs.Shop]:
        """List the shops.

        As `SmartKasa.shops.list`, whose arguments and errors it has.

        API: `GET /api/v1/rsn/shops`
        """
        return BlockingPages(
            self._thread,
            self._area.list(
                title=title,
                phone_number=phone_number,
                email=email,
                state=state,
                website_url=website_url,
                business_category_id=business_category_id,
                fiscalization_enabled=fiscalization_enabled,
                is_vat_taxation=is_vat_taxation,
                is_excise_taxation=is_excise_taxation,
                page=page,
                per_page=per_page,
                limit=limit,
                on_unreadable=on_unreadable,
            ),
        )

    def get(self, id: int) -> structs.Shop:
        """Read a shop.

        As `SmartKasa.shops.get`, whose arguments and errors it has.

        API: `GET /api/v1/rsn/shops/{id}`
        """
        return self._thread.run(self._area.get, id)

    def create(self, shop: structs.ShopCreate) -> structs.Shop:
        """Create a shop.

        As `SmartKasa.shops.create`, whose arguments and errors it has.

        API: `POST /api/v1/rsn/shops`
        """
        return self._thread.run(self._area.create, shop)

    def update(self, id: int, shop: structs.ShopUpdate) -> structs.Shop:
        """Change a shop.

        As `SmartKasa.shops.update`, whose arguments and errors it has.

        API: `PUT /api/v1/rsn/shops/{id}`
        """
        return self._thread.run(self._area.update, id, shop)

    def delete(self, id: int) -> structs.NumericId:
        """Delete a shop.

        As `SmartKasa.shops.delete`, whose arguments and errors it has.

        API: `DELETE /api/v1/rsn/shops/{id}`
        """
        return self._thread.run(self._area.delete, id)

    def list_employees(
        self, *, limit: int | None = None, on_unreadable: Callable[[UnreadableRecord], None] | None = None
    ) -> BlockingPages[structs.ShopStaff]:
        """List the shops with their employees.

        As `SmartKasa.shops.list_employees`, whose arguments and errors it has.

        API: `GET /api/v1/rsn/shops/employees`
        """
        return BlockingPages(self._thread, self._area.list_employees(limit=limit, on_unreadable=on_unreadable))


class BlockingEmployees(BlockingArea[areas.Employees]):
    """Staff of the shops."""

    def list(
        self,
        *,
        phone_number: str | None = None,
        email: str | None = None,
        first_name: str | None = None,
        last_name: str | None = None,
        middle_name: str | None = None,
        inn: str | None = None,
        passport_serial: str | None = None,
        passport_number: str | None = None,
        role_id: int | None = None,
        joined_at: date | None = None,
        birthday: date | None = None,
        gender_type_id: int | None = None,
        notes: str | None = None,
        additional_phone_number: str | None = None,
        pin_code: str | None = None,
        page: int | None = None,
        per_page: int | None = None,
        limit: int | None = None,
        on_unreadable: Callable[[UnreadableRecord], None] | None = None,
    ) -> BlockingPages[structs.Employee]:
        """List the employees.

        As `SmartKasa.employees.list`, whose arguments and errors it has.

        API: `GET /api/v1/rsn/employees`
        """
        return BlockingPages(
            self._thread,
            self._area.list(
                phone_number=phone_number,
                email=email,
                first_name=first_name,
                last_name=last_name,
                middle_name=middle_name,
                inn=inn,
                passport_serial=passport_serial,
                passport_number=passport_number,
                role_id=role_id,
                joined_at=joined_at,
                birthday=birthday,
                gender_type_id=gender_type_id,
                notes=notes,
                additional_phone_number=additional_phone_number,
                pin_code=pin_code,
                page=page,
                per_page=per_page,
                limit=limit,
                on_unreadable=on_unreadable,
            ),
        )

    def get(self, id: int) -> structs.Employee:
        """Read an employee.

        As `SmartKasa.employees.get`, whose arguments and errors it has.

        API: `GET /api/v1/rsn/employees/{id}`
        """
        return self._thread.run(self._area.get, id)

    def create(self, employee: structs.EmployeeCreate) -> structs.Employee:
        """Create an employee.

        As `SmartKasa.employees.create`, whose arguments and errors it has.

        API: `POST /api/v1/rsn/employees`
        """
        return self._thread.run(self._area.create, employee)

    def update(self, id: int, employee: structs.EmployeeUpdate) -> structs.Employee:
        """Change an employee.

        As `SmartKasa.employees.update`, whose arguments and errors it has.

        API: `PUT /api/v1/rsn/employees/{id}`
        """
        return self._thread.run(self._area.update, id, employee)

    def delete(self, id: int) -> structs.NumericId:
        """Delete an employee.

        As `SmartKasa.employees.delete`, whose arguments and errors it has.

        API: `DELETE /api/v1/rsn/employees/{id}`
        """
        return self._thread.run(self._area.delete, id)


class BlockingUnitTypes(BlockingArea[areas.UnitTypes]):
    """Units of measure."""

    def list(
        self, *, limit: int | None = None, on_unreadable: Callable[[UnreadableRecord], None] | None = None
    ) -> BlockingPages[structs.UnitType]:
        """List the units of measure.

        As `SmartKasa.unit_types.list`, whose arguments and errors it has.

        API: `GET /api/v1/inventory/unit_types`
        """
        return BlockingPages(self._thread, self._area.list(limit=limit, on_unreadable=on_unreadable))


class BlockingCategories(BlockingArea[areas.Categories]):
    """Categories of the catalogue."""

    def list(
        self,
        *,
        id: str | None = None,
        title: str | None = None,
        parent_id: str | None = None,
        color_id: int | None = None,
        shop_ids: Sequence[int] | None = None,
        page: int | None = None,
        per_page: int | None = None,
        limit: int | None = None,
        on_unreadable: Callable[[UnreadableRecord], None] | None = None,
    ) -> BlockingPages[structs.Category]:
        """List the categories of the catalogue.

        As `SmartKasa.categories.list`, whose arguments and errors it has.

        API: `GET /api/v1/inventory/categories`
        """
        return BlockingPages(
            self._thread,
            self._area.list(
                id=id,
                title=title,
                parent_id=parent_id,
                color_id=color_id,
                shop_ids=shop_ids,
                page=page,
                per_page=per_page,
                limit=limit,
                on_unreadable=on_unreadable,
            ),
        )

    def create(self, category: structs.CategoryCreate) -> structs.Category:
        """Create a category.

        As `SmartKasa.categories.create`, whose arguments and errors it has.

        API: `POST /api/v1/inventory/categories`
        """
        return self._thread.run(self._area.create, category)

    def update(self, id: str, category: structs.CategoryUpdate) -> structs.Category:
        """Update a category.

        As `SmartKasa.categories.update`, whose arguments and errors it has.

        API: `PUT /api/v1/inventory/categories/{id}`
        """
        return self._thread.run(self._area.update, id, category)

    def delete(self, id: str) -> structs.Category:
        """Delete a category.

        As `SmartKasa.categories.delete`, whose arguments and errors it has.

        API: `DELETE /api/v1/inventory/categories/{id}`
        """
        return self._thread.run(self._area.delete, id)

    def create_batch(self, categories: Sequence[structs.CategoryCreate]) -> builtins.list[structs.Category]:
        """Create categories together.

        As `SmartKasa.categories.create_batch`, whose arguments and errors it has.

        API: `POST /api/v1/inventory/categories/batch`
        """
        return self._thread.run(self._area.create_batch, categories)

    def delete_batch(self, ids: Sequence[str]) -> builtins.list[structs.Category]:
        """Delete categories together.

        As `SmartKasa.categories.delete_batch`, whose arguments and errors it has.

        API: `DELETE /api/v1/inventory/categories/batch`
        """
        return self._thread.run(self._area.delete_batch, ids)


class BlockingProducts(BlockingArea[areas.Products]):
    """Products of the catalogue."""

    def list(
        self,
        *,
        q: str | None = None,
        number: str | None = None,
        shop_id: int | None = None,
        subgroup_id: int | None = None,
        category_id: str | None = None,
        page: int | None = None,
        per_page: int | None = None,
        limit: int | None = None,
        on_unreadable: Callable[[UnreadableRecord], None] | None = None,
    ) -> BlockingPages[structs.Product]:
        """List the products of the catalogue.

        As `SmartKasa.products.list`, whose arguments and errors it has.

        API: `GET /api/v1/inventory/products`
        """
        return BlockingPages(
            self._thread,
            self._area.list(
                q=q,
                number=number,
                shop_id=shop_id,
                subgroup_id=subgroup_id,
                category_id=category_id,
                page=page,
                per_page=per_page,
                limit=limit,
                on_unreadable=on_unreadable,
            ),
        )

    def get(self, id: str) -> structs.Product:
        """Get a product.

        As `SmartKasa.products.get`, whose arguments and errors it has.

        API: `GET /api/v1/inventory/products/{id}`
        """
        return self._thread.run(self._area.get, id)

    def create(self, product: structs.ProductCreate) -> structs.UuidId:
        """Create a product.

        As `SmartKasa.products.create`, whose arguments and errors it has.

        API: `POST /api/v1/inventory/products`
        """
        return self._thread.run(self._area.create, product)

    def update(self, id: str, product: structs.ProductUpdate) -> structs.UuidId:
        """Update a product.

        As `SmartKasa.products.update`, whose arguments and errors it has.

        API: `PATCH /api/v1/inventory/products/{id}`
        """
        return self._thread.run(self._area.update, id, product)

    def delete(self, id: str) -> structs.UuidId:
        """Delete a product.

        As `SmartKasa.products.delete`, whose arguments and errors it has.

        API: `DELETE /api/v1/inventory/products/{id}`
        """
        return self._thread.run(self._area.delete, id)

    def create_batch(self, products: Sequence[structs.ProductCreate]) -> builtins.list[structs.UuidId]:
        """Create products together.

        As `SmartKasa.products.create_batch`, whose arguments and errors it has.

        API: `POST /api/v1/inventory/products/batch`
        """
        return self._thread.run(self._area.create_batch, products)

    def delete_batch(self, ids: Sequence[str]) -> builtins.list[structs.UuidId]:
        """Delete products together.

        As `SmartKasa.products.delete_batch`, whose arguments and errors it has.

        API: `DELETE /api/v1/inventory/products/batch`
        """
        return self._thread.run(self._area.delete_batch, ids)


class BlockingCards(BlockingArea[areas.Cards]):
    """Stock cards, the count of a product in a shop."""

    def list(
        self,
        *,
        id: int | None = None,
        product_id: str | None = None,
        shop_id: int | None = None,
        counting_enabled: bool | None = None,
        count: Decimal | None = None,
        limit: int | None = None,
        on_unreadable: Callable[[UnreadableRecord], None] | None = None,
    ) -> BlockingPages[structs.StockCard]:
        """List the stock cards.

        As `SmartKasa.cards.list`, whose arguments and errors it has.

        API: `GET /api/v1/inventory/cards`
        """
        return BlockingPages(
            self._thread,
            self._area.list(
                id=id,
                product_id=product_id,
                shop_id=shop_id,
                counting_enabled=counting_enabled,
                count=count,
                limit=limit,
                on_unreadable=on_unreadable,
            ),
        )

    def get(self, id: int) -> structs.StockCard:
        """Get a stock card.

        As `SmartKasa.cards.get`, whose arguments and errors it has.

        API: `GET /api/v1/inventory/cards/{id}`
        """
        return self._thread.run(self._area.get, id)

    def create(self, stock_card: structs.StockCardCreate) -> structs.StockCard:
        """Create a stock card.

        As `SmartKasa.cards.create`, whose arguments and errors it has.

        API: `POST /api/v1/inventory/cards`
        """
        return self._thread.run(self._area.create, stock_card)

    def update(self, id: int, stock_card: structs.StockCardUpdate) -> structs.NumericId:
        """Update a stock card.

        As `SmartKasa.cards.update`, whose arguments and errors it has.

        API: `PUT /api/v1/inventory/cards/{id}`
        """
        return self._thread.run(self._area.update, id, stock_card)

    def delete(self, id: int) -> structs.NumericId:
        """Delete a stock card.

        As `SmartKasa.cards.delete`, whose arguments and errors it has.

        API: `DELETE /api/v1/inventory/cards/{id}`
        """
        return self._thread.run(self._area.delete, id)


class BlockingSubgroups(BlockingArea[areas.Subgroups]):
    """Subgroups of products."""

    def list(
        self,
        *,
        id: int | None = None,
        title: str | None = None,
        limit: int | None = None,
        on_unreadable: Callable[[UnreadableRecord], None] | None = None,
    ) -> BlockingPages[structs.Subgroup]:
        """List the subgroups of products.

        As `SmartKasa.subgroups.list`, whose arguments and errors it has.

        API: `GET /api/v1/inventory/product_subgroups`
        """
        return BlockingPages(
            self._thread, self._area.list(id=id, title=title, limit=limit, on_unreadable=on_unreadable)
        )

    def create(self, subgroup: structs.SubgroupCreate) -> structs.Subgroup:
        """Create a subgroup.

        As `SmartKasa.subgroups.create`, whose arguments and errors it has.

        API: `POST /api/v1/inventory/product_subgroups`
        """
        return self._thread.run(self._area.create, subgroup)

    def update(self, id: int, subgroup: structs.SubgroupUpdate) -> structs.Subgroup:
        """Update a subgroup.

        As `SmartKasa.subgroups.update`, whose arguments and errors it has.

        API: `PUT /api/v1/inventory/product_subgroups/{id}`
        """
        return self._thread.run(self._area.update, id, subgroup)

    def delete(self, id: int) -> structs.Subgroup:
        """Delete a subgroup.

        As `SmartKasa.subgroups.delete`, whose arguments and errors it has.

        API: `DELETE /api/v1/inventory/product_subgroups/{id}`
        """
        return self._thread.run(self._area.delete, id)


class BlockingImports(BlockingArea[areas.Imports]):
    """Batch calls for categories and products, and imports from a file."""

    def list(
        self,
        *,
        url: str | None = None,
        category_id: str | None = None,
        page: int | None = None,
        per_page: int | None = None,
        limit: int | None = None,
        on_unreadable: Callable[[UnreadableRecord], None] | None = None,
    ) -> BlockingPages[structs.ImportJob]:
        """List the imports from files.

        As `SmartKasa.imports.list`, whose arguments and errors it has.

        API: `GET /api/v1/inventory/import_products`
        """
        return BlockingPages(
            self._thread,
            self._area.list(
                url=url, category_id=category_id, page=page, per_page=per_page, limit=limit, on_unreadable=on_unreadable
            ),
        )

    def get(self, id: int) -> structs.ImportJob:
        """Get an import from a file.

        As `SmartKasa.imports.get`, whose arguments and errors it has.

        API: `GET /api/v1/inventory/import_products/{id}`
        """
        return self._thread.run(self._area.get, id)

    def create(self, import_job: structs.ImportJobCreate) -> structs.ImportJob:
        """Start an import from a file.

        As `SmartKasa.imports.create`, whose arguments and errors it has.

        API: `POST /api/v1/inventory/import_products`
        """
        return self._thread.run(self._area.create, import_job)


class BlockingShifts(BlockingArea[areas.Shifts]):
    """Shifts of the cash registers."""

    def list(
        self,
        *,
        terminal_id: int | None = None,
        state: structs.ShiftState | int | None = None,
        id: str | None = None,
        remote_shift_id: str | None = None,
        fiscal_number: str | None = None,
        cash_balance: Decimal | None = None,
        device_uid: str | None = None,
        registrar_fiscal_number: str | None = None,
        opened_by: str | None = None,
        closed_by: str | None = None,
        terminal_user_id: int | None = None,
        employee_id: int | None = None,
        page: int | None = None,
        per_page: int | None = None,
        limit: int | None = None,
        on_unreadable: Callable[[UnreadableRecord], None] | None = None,
    ) -> BlockingPages[structs.Shift]:
        """List the shifts of the cash registers.

        As `SmartKasa.shifts.list`, whose arguments and errors it has.

        API: `GET /api/v1/pos/shifts`
        """
        return BlockingPages(
            self._thread,
            self._area.list(
                terminal_id=terminal_id,
                state=state,
                id=id,
                remote_shift_id=remote_shift_id,
                fiscal_number=fiscal_number,
                cash_balance=cash_balance,
                device_uid=device_uid,
                registrar_fiscal_number=registrar_fiscal_number,
                opened_by=opened_by,
                closed_by=closed_by,
                terminal_user_id=terminal_user_id,
                employee_id=employee_id,
                page=page,
                per_page=per_page,
                limit=limit,
                on_unreadable=on_unreadable,
            ),
        )

    def get(self, id: str) -> structs.Shift:
        """Get a shift.

        As `SmartKasa.shifts.get`, whose arguments and errors it has.

        API: `GET /api/v1/pos/shifts/{id}`
        """
        return self._thread.run(self._area.get, id)


class BlockingReceipts(BlockingArea[areas.Receipts]):
    """Receipts and their payments."""

    def list(
        self,
        *,
        shop_id: int | None = None,
        state: structs.ReceiptState | int | None = None,
        date_start: date | datetime | None = None,
        date_end: date | datetime | None = None,
        id: str | None = None,
        shift_id: str | None = None,
        title: str | None = None,
        total_amount: Decimal | None = None,
        type: structs.ReceiptType | int | None = None,
        discount_type_id: structs.DiscountType | int | None = None,
        discount_amount: Decimal | None = None,
        discount_percentage: Decimal | None = None,
        seller_id: int | None = None,
        terminal_id: int | None = None,
        cashier_name: str | None = None,
        description: str | None = None,
        fiscal_number: str | None = None,
        registrar_fiscal_number: str | None = None,
        registrar_local_number: str | None = None,
        rounding_amount: Decimal | None = None,
        offline_id: int | None = None,
        offline_seed: str | None = None,
        offline_local_number: int | None = None,
        previous_receipt_hash: str | None = None,
        related_fiscal_number: str | None = None,
        is_hidden: bool | None = None,
        page: int | None = None,
        per_page: int | None = None,
        limit: int | None = None,
        on_unreadable: Callable[[UnreadableRecord], None] | None = None,
    ) -> BlockingPages[structs.Receipt]:
        """List receipts with their items and payments.

        As `SmartKasa.receipts.list`, whose arguments and errors it has.

        API: `GET /api/v1/pos/receipts`
        """
        return BlockingPages(
            self._thread,
            self._area.list(
                shop_id=shop_id,
                state=state,
                date_start=date_start,
                date_end=date_end,
                id=id,
                shift_id=shift_id,
                title=title,
                total_amount=total_amount,
                type=type,
                discount_type_id=discount_type_id,
                discount_amount=discount_amount,
                discount_percentage=discount_percentage,
                seller_id=seller_id,
                terminal_id=terminal_id,
                cashier_name=cashier_name,
                description=description,
                fiscal_number=fiscal_number,
                registrar_fiscal_number=registrar_fiscal_number,
                registrar_local_number=registrar_local_number,
                rounding_amount=rounding_amount,
                offline_id=offline_id,
                offline_seed=offline_seed,
                offline_local_number=offline_local_number,
                previous_receipt_hash=previous_receipt_hash,
                related_fiscal_number=related_fiscal_number,
                is_hidden=is_hidden,
                page=page,
                per_page=per_page,
                limit=limit,
                on_unreadable=on_unreadable,
            ),
        )

    def get(self, id: str) -> structs.Receipt:
        """Get a receipt.

        As `SmartKasa.receipts.get`, whose arguments and errors it has.

        API: `GET /api/v1/pos/receipts/{id}`
        """
        return self._thread.run(self._area.get, id)

    def create(self, receipt: structs.ReceiptCreate) -> structs.Receipt:
        """Create a receipt.

        As `SmartKasa.receipts.create`, whose arguments and errors it has.

        API: `POST /api/v1/pos/receipts`
        """
        return self._thread.run(self._area.create, receipt)

    def update(self, id: str, receipt: structs.ReceiptUpdate) -> structs.Receipt:
        """Update a receipt.

        As `SmartKasa.receipts.update`, whose arguments and errors it has.

        API: `PUT /api/v1/pos/receipts/{id}`
        """
        return self._thread.run(self._area.update, id, receipt)

    def delete(self, id: str) -> structs.Receipt:
        """Delete a receipt.

        As `SmartKasa.receipts.delete`, whose arguments and errors it has.

        API: `DELETE /api/v1/pos/receipts/{id}`
        """
        return self._thread.run(self._area.delete, id)

    def create_batch(self, receipts: Sequence[structs.ReceiptCreate]) -> builtins.list[structs.Receipt]:
        """Create several receipts.

        As `SmartKasa.receipts.create_batch`, whose arguments and errors it has.

        API: `POST /api/v1/pos/receipts/batch`
        """
        return self._thread.run(self._area.create_batch, receipts)

    def delete_batch(self, ids: Sequence[str]) -> structs.Receipt | builtins.list[structs.Receipt]:
        """Delete several receipts.

        As `SmartKasa.receipts.delete_batch`, whose arguments and errors it has.

        API: `DELETE /api/v1/pos/receipts/batch`
        """
        return self._thread.run(self._area.delete_batch, ids)


class BlockingPayments(BlockingArea[areas.Payments]):
    """Receipts and their payments."""

    def get(self, id: str) -> structs.PaymentTransaction:
        """Get a payment with its receipt.

        As `SmartKasa.payments.get`, whose arguments and errors it has.

        API: `GET /api/v1/pos/payment_transactions/{id}`
        """
        return self._thread.run(self._area.get, id)


class BlockingReports(BlockingArea[areas.Reports]):
    """Product sales and fiscal Z-reports."""

    def product_sales(
        self,
        *,
        shop_id: int | None = None,
        date_start: date | datetime | None = None,
        date_end: date | datetime | None = None,
    ) -> structs.ProductSales:
        """Sum up sales by product.

        As `SmartKasa.reports.product_sales`, whose arguments and errors it has.

        API: `GET /api/v1/stats/product_daily_sales/alter`
        """
        return self._thread.run(self._area.product_sales, shop_id=shop_id, date_start=date_start, date_end=date_end)

    def z_reports(
        self,
        *,
        shop_id: int | None = None,
        date_start: date | datetime | None = None,
        date_end: date | datetime | None = None,
        terminal_id: int | None = None,
        terminal_user_id: int | None = None,
        page: int | None = None,
        per_page: int | None = None,
        limit: int | None = None,
        on_unreadable: Callable[[UnreadableRecord], None] | None = None,
    ) -> BlockingPages[structs.ZReport]:
        """List fiscal Z-reports.

        As `SmartKasa.reports.z_reports`, whose arguments and errors it has.

        API: `GET /api/v1/reports/z-reports`
        """
        return BlockingPages(
            self._thread,
            self._area.z_reports(
                shop_id=shop_id,
                date_start=date_start,
                date_end=date_end,
                terminal_id=terminal_id,
                terminal_user_id=terminal_user_id,
                page=page,
                per_page=per_page,
                limit=limit,
                on_unreadable=on_unreadable,
            ),
        )
