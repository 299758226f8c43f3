"""What the tasks do: each goes through the library's own doors, for one account."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from anyio import to_thread

from smartkasa_async._i18n.message import join_messages
from smartkasa_async._i18n.translate import LANGUAGES, message_of
from smartkasa_async._support import clock
from smartkasa_async.catalog import SourceError, import_products
from smartkasa_async.client import SmartKasa
from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.fleet.journals import PUSHES, DatabaseJournal
from smartkasa_async.fleet.pace import DatabasePace
from smartkasa_async.fleet.runs import Result
from smartkasa_async.fleet.store_reports import judge_store
from smartkasa_async.fleet.tokens import DatabaseTokenStore
from smartkasa_async.fleet.uploads import Uploads, parse_receipts
from smartkasa_async.fleet.verdicts import Outcome, outcome_of_parts
from smartkasa_async.fleet.work import TaskName
from smartkasa_async.push import push_receipts
from smartkasa_async.records.days import business_day, month_of
from smartkasa_async.stock import sync_stock
from smartkasa_async.sync import sync_product_sales, sync_receipts, sync_reference_data, sync_z_reports

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from datetime import date, datetime

    import aiohttp

    from smartkasa_async.events import Event
    from smartkasa_async.fleet.credentials import CredentialStore
    from smartkasa_async.fleet.database import Database
    from smartkasa_async.fleet.policy import Policy
    from smartkasa_async.fleet.runs import Held
    from smartkasa_async.fleet.uploads import Upload
    from smartkasa_async.jobs import JobSummary
    from smartkasa_async.stores import Store
    from smartkasa_async.sync import ReceiptsReport, ReferenceDataReport, SyncReport

_ONE_DAY = timedelta(days=1)
_CONCURRENCY = 8
_MOST_PROBLEMS = 5


class AccountWork:
    """Does the tasks of accounts.

    Args:
        database: The fleet's database.
        credential_store: Credentials of the accounts.
        store: The store, open for whatever account; the tasks share its connections.
        policy: The fleet's policy.
        on_event: Called with each event of each client, for metrics; it must not block.
        trace_configs: aiohttp's hooks of each client, for example those of OpenTelemetry's instrumentation.
    """

    def __init__(
        self,
        database: Database,
        credential_store: CredentialStore,
        store: Store,
        policy: Policy,
        *,
        on_event: Callable[[Event], None] | None = None,
        trace_configs: Sequence[aiohttp.TraceConfig] = (),
    ) -> None:
        self._database = database
        self._credential_store = credential_store
        self._store = store
        self._policy = policy
        self._uploads = Uploads(database)
        self._on_event = on_event
        self._trace_configs = trace_configs

    async def do(self, task: TaskName, held: Held) -> Result:
        """Do a task for an account.

        Raises:
            SmartKasaError: It could not be done.
        """
        match task:
            case TaskName.TODAY:
                return await self._today(held)
            case TaskName.NIGHT:
                return await self._night(held)
            case TaskName.UPLOAD:
                return await self._upload(held)
            case TaskName.PUSH:
                return await self._push(held)
            case TaskName.BACKFILL:
                return await self._backfill(held)

    @asynccontextmanager
    async def _client(self, held: Held) -> AsyncIterator[SmartKasa]:
        credentials = await self._credential_store.read(held.account_id)
        async with SmartKasa(
            api_key=credentials.api_key,
            phone_number=credentials.phone_number,
            password=credentials.password,
            base_url=held.base_url,
            token_store=DatabaseTokenStore(self._database, self._credential_store.keys, held.account_id),
            pace=DatabasePace(self._database, held.account_id, held.calls_per_second),
            concurrency=_CONCURRENCY,
            on_event=self._on_event,
            trace_configs=self._trace_configs,
        ) as kasa:
            yield kasa

    def _store_of(self, held: Held) -> Store:
        return self._store.for_account(held.account_id, fence=held.fence)

    async def _today(self, held: Held) -> Result:
        """Read the receipts since the day that was last read whole, and reference data where it is stale."""
        began_at = clock.now()
        today = business_day(began_at)
        start = self._unread_since(held, today)
        age = timedelta(seconds=self._policy.reference_data_every)
        is_stale = held.reference_data_at is None or held.reference_data_at + age <= began_at
        store = self._store_of(held)
        async with self._client(held) as kasa:
            reference = await self._reference_data(kasa, store) if is_stale else None
            receipts = await sync_receipts(kasa, store, start=start, end=today)
        return _result_of(began_at, receipts, reference)

    async def _reference_data(self, kasa: SmartKasa, store: Store) -> ReferenceDataReport:
        return await sync_reference_data(kasa, store, history=self._policy.history)

    def _unread_since(self, held: Held, today: date) -> date:
        """Return the first day that was not read whole, however long that is ago; of a new account, the lookback's."""
        if held.complete_until is None:
            return today - self._policy.lookback_days * _ONE_DAY
        return min(business_day(held.complete_until), today)

    async def _night(self, held: Held) -> Result:
        """Read the last days once more, with all that belongs to them, and judge the store."""
        began_at = clock.now()
        today = business_day(began_at)
        start = min(self._unread_since(held, today), today - self._policy.lookback_days * _ONE_DAY)
        store = self._store_of(held)
        async with self._client(held) as kasa:
            reference = await self._reference_data(kasa, store)
            result = _result_of(began_at, await sync_receipts(kasa, store, start=start, end=today), reference)
            await _read_reports(kasa, store, start, today, result)
        result.figures |= await judge_store(self._database.address, held.account_id, start, today - _ONE_DAY)
        return result

    async def _backfill(self, held: Held) -> Result:
        """Read the newest month of the past that has not been read."""
        row = await self._database.row(
            "SELECT max(month) AS month FROM backfill WHERE account_id = %s AND done_at IS NULL", [held.account_id]
        )
        month: date | None = row["month"] if row else None
        if month is None:
            return Result()
        end = min(month_of(month).end, business_day(clock.now()))
        store = self._store_of(held)
        async with self._client(held) as kasa:
            receipts = await sync_receipts(kasa, store, start=month, end=end)
            result = Result(figures={"month": str(month), "receipts": receipts.receipts})
            _note_incomplete(result, receipts)
            await _read_reports(kasa, store, month, end, result)
        if result.outcome is Outcome.DONE:
            async with self._database.transaction() as connection:
                await held.check(connection)
                await connection.execute(
                    "UPDATE backfill SET done_at = %s WHERE account_id = %s AND month = %s",
                    [self._database.now(), held.account_id, month],
                )
        return result

    async def _upload(self, held: Held) -> Result:
        """Write the oldest price list or counts that wait."""
        upload = await self._uploads.next(held.account_id, TaskName.UPLOAD)
        if upload is None:
            return Result()
        with TemporaryDirectory(prefix="smartkasa-") as folder:
            path = Path(folder, Path(upload.name).name)
            await to_thread.run_sync(path.write_bytes, upload.content)
            async with self._client(held) as kasa:
                try:
                    summary = await self._write(kasa, held, upload, path)
                except (SourceError, InvalidRequestError) as error:  # of the file: a retry would find the same
                    result = Result(Outcome.FAILED, {"file": upload.name}, message_of(error), is_final=True)
                else:
                    result = _result_of_job(upload, summary)
        await self._uploads.end(held, upload)
        return result

    async def _write(self, kasa: SmartKasa, held: Held, upload: Upload, path: Path) -> JobSummary[Any]:
        options = upload.options
        journal = DatabaseJournal(self._database, held, upload.journal)
        if upload.kind == "stock":
            return await sync_stock(kasa, path, shop_id=options.shop_id or 0, key=options.key, journal=journal)
        return await import_products(kasa, path, key=options.key, mode=options.mode, journal=journal)

    async def _push(self, held: Held) -> Result:
        """Write the oldest receipts that wait."""
        upload = await self._uploads.next(held.account_id, TaskName.PUSH)
        if upload is None:
            return Result()
        receipts = parse_receipts(upload.name, upload.content)
        journal = DatabaseJournal(self._database, held, PUSHES)
        check_existing = await journal.is_pruned()
        async with self._client(held) as kasa:
            summary = await push_receipts(kasa, receipts, journal=journal, check_existing=check_existing)
        await self._uploads.end(held, upload)
        return _result_of_job(upload, summary)


def _result_of(began_at: datetime, receipts: ReceiptsReport, reference: ReferenceDataReport | None) -> Result:
    """Make the result of a pass over receipts; what was read whole is so until it began, by the earlier clock."""
    skew = max(0.0, receipts.clock_skew or 0.0)
    result = Result(figures={"receipts": receipts.receipts, "deleted": receipts.deleted})
    if receipts.undecodable:
        result.figures["undecodable"] = receipts.undecodable
    if receipts.complete:
        result.complete_until = began_at - timedelta(seconds=skew)
    _note_incomplete(result, receipts)
    if reference is not None:
        _note_incomplete(result, reference)
        if reference.complete:
            result.reference_data_at = began_at
    return result


async def _read_reports(kasa: SmartKasa, store: Store, start: date, end: date, result: Result) -> None:
    """Read Z-reports and product sales, and add them to a result."""
    z_reports = await sync_z_reports(kasa, store, start=start, end=end)
    sales = await sync_product_sales(kasa, store, start=start, end=end)
    result.figures |= {"z_reports": z_reports.z_reports, "product_sales": sum(shop.lines for shop in sales.shops)}
    for report in (z_reports, sales):
        _note_incomplete(result, report)


def _note_incomplete(result: Result, report: SyncReport[Any] | ReferenceDataReport) -> None:
    """Note what of a report could not be read, and whether that was the service's fault or a refusal."""
    if report.complete:
        return
    result.part_errors += report.errors()
    result.outcome = outcome_of_parts(result.part_errors)
    known = [result.error] if result.error is not None else []
    result.error = join_messages([*known, *islice(report.failures(), 3)], "; ")


def _result_of_job(upload: Upload, summary: JobSummary[Any]) -> Result:
    """Make the result of a job; it names the first rows that did not get into the service."""
    figures: dict[str, Any] = {"file": upload.name, "summary": summary.describe()}
    if summary.ok:
        return Result(figures=figures)
    problems = [outcome.problems[0] for outcome in summary.failed[:_MOST_PROBLEMS] if outcome.problems]
    figures["problems"] = {language: [each.describe(language) for each in problems] for language in LANGUAGES}
    return Result(Outcome.INCOMPLETE, figures, summary.describe(), is_final=True)
