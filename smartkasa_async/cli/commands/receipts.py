"""The commands for receipts: sync, push, watch and export."""

import asyncio
import sys
from contextlib import aclosing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from smartkasa_async._i18n.message import N_
from smartkasa_async._support.money import with_kopecks
from smartkasa_async.cli.access import opened_client, opened_store
from smartkasa_async.cli.errors import CliError, CommandError, Exit
from smartkasa_async.cli.messages import _, language
from smartkasa_async.cli.options import AcceptClockSkew, Period, Refetch, Shops, parse_day
from smartkasa_async.cli.output import MOST_WARNINGS, cell, facts_of
from smartkasa_async.cli.receipt_file import ReceiptFile
from smartkasa_async.cli.running import Run, ThisRun
from smartkasa_async.cli.sync_output import (
    exit_of,
    exit_of_reading,
    print_not_read,
    print_quarantine,
    reading_options,
    require_shops,
    updating,
)
from smartkasa_async.cli.working_files import account_folder, require_files

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator

    from smartkasa_async.models import ReceiptState, ReceiptType
    from smartkasa_async.push import PushOutcome, PushProblem
    from smartkasa_async.sync import ReceiptChange, ReferenceDataReport, WatchError

TableName = Literal[
    "receipts", "z_reports", "product_sales", "receipt_items", "payments", "shops", "terminals", "employees", "shifts",
    "categories", "products", "cards",
]  # fmt: skip
ViewName = Literal[
    "sales", "sales_by_day", "sales_by_payment_means", "sales_by_tax_group", "sales_by_product", "margins",
    "stock_by_day", "price_changes",
]  # fmt: skip
_Tables = Annotated[list[TableName] | None, Parameter(name="--table")]
_Views = Annotated[list[ViewName] | None, Parameter(name="--view")]


async def sync(
    *,
    period: Period | None = None,
    shop: Shops = None,
    lookback_days: int = 3,
    refetch: Refetch = False,
    accept_clock_skew: AcceptClockSkew = False,
    no_reference_data: bool = False,
    keep_personal: bool = False,
    history: bool = False,
    run: ThisRun,
) -> int:
    """Sync receipts into the store, with the shops, terminals, employees, shifts and products they refer to.

    Days that were read in full three days after their end or later are skipped, except for one recheck by a later run;
    so run it as often as you like with the same --start. Each window of days is checked against the service's count.
    The figures are those of this run.

    The exit status is 1 if a window could not be read in full, or a record does not have the documented form.

    Args:
        lookback_days: Days after a day's end in which its receipts may still arrive or change.
        no_reference_data: Sync receipts only.
        keep_personal: Also store tax numbers and passports of employees, which are left out by default.
        history: Also keep today's stock and changed prices, for the views stock_by_day, price_changes and margins.
    """
    from smartkasa_async.sync import sync_receipts, sync_reference_data  # noqa: PLC0415  (help pages need none of it)

    if history and no_reference_data:
        raise CommandError(_("--history is of what --no-reference-data leaves out; give one of them"))
    window = (period or Period()).window()
    run.resume = _("What was read is kept. To go on, run the same command again.")
    reference_data: ReferenceDataReport | None = None
    async with opened_client(run.settings) as kasa, opened_store(run.settings) as store:
        if not no_reference_data:
            with run.output.progress(_("Shops, shifts, products")) as bar:
                reference_data = await sync_reference_data(
                    kasa,
                    store,
                    keep_personal=keep_personal,
                    history=history,
                    on_progress=updating(bar),
                )
        with run.output.progress(_("Receipts, by spans of days")) as bar:
            report = await sync_receipts(
                kasa,
                store,
                shops=shop,
                start=window.start,
                end=window.end,
                lookback_days=lookback_days,
                refetch=refetch,
                accept_clock_skew=accept_clock_skew,
                on_progress=updating(bar),
            )
        if reference_data is not None:
            run.output.result(reference_data)
        run.output.result(report)
        quarantined = await print_quarantine(run, store)
    facts = {"reference_data": reference_data and reference_data.to_dict(), "quarantined": quarantined}
    run.output.document(report.to_dict() | facts)
    return exit_of(report, *([reference_data] if reference_data else []))


async def push(
    file: Path,
    /,
    *,
    journal: Path | None = None,
    totals: Literal["warn", "refuse", "ignore"] = "warn",
    check_existing: bool = False,
    dry_run: bool = False,
    batch_size: int = 50,
    concurrency: int = 8,
    late_write_window: float | None = None,
    run: ThisRun,
) -> int:
    """Push receipts that were made elsewhere into the service, each exactly once.

    The file is JSON lines with the fields of a receipt to create. Each line is checked before anything is sent. The
    receipts of a registrar keep their order. The journal records which receipts the service has, so the same file can
    be pushed again; an interrupted push continues that way.

    The exit status is 1 if a receipt is not in the service, or if that is not known.

    Args:
        file: The receipts.
        journal: File that records what was pushed; by default one for the account, in the user's folder.
        totals: For a receipt whose sums do not add up: send it with a warning, refuse it, or do not check.
        check_existing: Look up each receipt that the journal does not have in the service.
        dry_run: Only show what would be done.
        batch_size: Receipts per request.
        concurrency: Maximum concurrent requests.
        late_write_window: Seconds in which a request whose answer was lost may still take effect; by default the
            setting late_write_window.
    """
    from smartkasa_async.push import PushStoppedError, push_receipts  # noqa: PLC0415  (likewise)

    require_files({"FILE": file, "--journal": journal})
    receipts = ReceiptFile(file)
    kept = journal or account_folder(run.settings) / "receipts.journal"
    run.resume = _("No receipt is sent twice. To go on, run the same command again.")
    async with opened_client(run.settings) as kasa:
        with run.output.progress(_("Receipts"), total=receipts.count) as bar:
            work = push_receipts(
                kasa,
                receipts,
                journal=kept,
                totals=totals,
                check_existing=check_existing,
                dry_run=dry_run,
                batch_size=batch_size,
                concurrency=concurrency,
                late_write_window=run.late_write_window(late_write_window),
                on_progress=updating(bar),
            )
            try:
                warned = await _warned(work)
            except PushStoppedError:
                run.output.note(run.resume)
                raise
    summary = work.summary
    facts = {"file": file, "unknown_fields": receipts.unknown, "warnings": facts_of(warned)}
    run.output.document(summary.to_dict() | facts)
    _print_fields_left_out(run, receipts)
    run.output.lines([line for outcome in summary.failed for line in _lines(outcome, outcome.problems)])
    lead = _("warning")
    run.output.lines([f"{lead}: {line}" for outcome in warned for line in _lines(outcome, outcome.warnings)])
    run.output.text(summary.table(language()))
    return Exit.INCOMPLETE if summary.failed else Exit.DONE


async def _warned(work: "AsyncIterable[PushOutcome]") -> "list[PushOutcome]":
    """Wait for all outcomes, and return those with warnings; of very many, the first."""
    warned: list[PushOutcome] = []
    async for outcome in work:
        if outcome.warnings and len(warned) < MOST_WARNINGS:
            warned.append(outcome)
    return warned


def _print_fields_left_out(run: Run, receipts: ReceiptFile) -> None:
    if receipts.unknown:
        names = ", ".join(sorted(receipts.unknown))
        run.output.text(_("Unknown fields, which were left out: {names}", names=names))


def _lines(outcome: "PushOutcome", problems: "Iterable[PushProblem]") -> "Iterator[str]":
    for problem in problems:
        name = _("receipt {position}", position=outcome.position)
        if outcome.key:
            name = f"{name}, {outcome.key}"
        yield f"{name}: {problem.describe(language())}"


async def watch(
    *,
    checkpoint: Path | None = None,
    start: Annotated[
        str | None, Parameter(name=["--start", "--since"], metavar="DAY", allow_leading_hyphen=True)
    ] = None,
    days: int = 3,
    shop: Shops = None,
    interval: float = 5.0,
    accept_clock_skew: AcceptClockSkew = False,
    limit: int | None = None,
    run: ThisRun,
) -> None:
    """Print receipts as they are created, changed and deleted, until Ctrl-C.

    The service sends no notifications, so the last days are polled, less often while nothing changes. With --json each
    change is a line with the whole receipt. Each change is printed at least once, also after a crash: the checkpoint
    records what was printed.

    Args:
        checkpoint: File that records what was printed; by default one for the account, in the user's folder.
        start: First business day to print if there is no checkpoint yet: 2026-10-31, 31.10.2026, today, yesterday or
            -7d; by default only changes from now on.
        days: Number of business days that a receipt is watched, with the day of its creation; 3 is enough for
            registrars that are offline for up to 36 hours.
        interval: Seconds between two polls while there are changes.
        limit: Number of changes after which to end.
    """
    from smartkasa_async.sync import watch_receipts  # noqa: PLC0415  (likewise)

    kept = checkpoint or account_folder(run.settings) / "watch.json"
    run.resume = _("What was printed is recorded in {file}. To continue, run the same command again.", file=kept)
    printed = 0
    async with opened_client(run.settings) as kasa:
        changes = watch_receipts(
            kasa,
            checkpoint=kept,
            shops=shop,
            start=None if start is None else parse_day("--start", start),
            days=days,
            interval=interval,
            max_interval=max(_LONGEST_INTERVAL, interval),
            accept_clock_skew=accept_clock_skew,
            on_error=lambda error: _print_watch_error(run, error),
        )
        if limit is not None and limit < 1:
            raise CommandError(_("--limit is {limit}; give a whole number above 0", limit=limit))
        async with aclosing(changes):
            async for change in changes:
                _print_change(run, change)
                printed += 1
                if printed == limit:
                    await _take_last(changes)
                    break


async def _take_last(changes: "AsyncIterator[ReceiptChange]") -> None:
    """Request one more change without waiting for it, which acknowledges the last one."""
    asked = asyncio.ensure_future(anext(changes))
    await asyncio.sleep(0)
    asked.cancel()
    with suppress(asyncio.CancelledError, StopAsyncIteration):
        await asked


_LONGEST_INTERVAL = 60.0
_CHANGES = {"created": N_("created"), "changed": N_("changed"), "deleted": N_("deleted")}


def _print_change(run: Run, change: "ReceiptChange") -> None:
    receipt = change.receipt
    facts = {"kind": change.kind, "shop_id": change.shop_id, "receipt_id": change.receipt_id, "receipt": receipt}
    run.output.record(facts)
    words = [_(_CHANGES[change.kind]), change.shop_id, change.receipt_id]
    if receipt is not None:
        amount = with_kopecks(receipt.total_amount)
        words = [receipt.created_at, *words, _word(receipt.type), _word(receipt.state), amount, receipt.fiscal_number]
    run.output.text("  ".join(map(cell, words)))
    sys.stdout.flush()  # requesting the next change acknowledges this one


_CODES = {
    "SALE": N_("sale"),
    "SERVICE_CASH_IN": N_("cash put in"),
    "SERVICE_CASH_OUT": N_("cash taken out"),
    "REFUND": N_("refund"),
    "CANCELLATION": N_("cancellation"),
    "CASH_WITHDRAWAL": N_("cash withdrawal"),
    "OFFLINE_START": N_("offline begins"),
    "OFFLINE_END": N_("offline ends"),
    "DEFERRED": N_("deferred"),
    "PAID": N_("paid"),
}


def _word(code: "ReceiptType | ReceiptState") -> str:
    return _(_CODES[code.name]) if code.name in _CODES else str(int(code))


def _print_watch_error(run: Run, error: "WatchError") -> None:
    shop = "" if error.shop_id is None else _("shop {shop}: ", shop=error.shop_id)
    message = _("{shop}{reason}; it is read again with the next poll", shop=shop, reason=error.translatable)
    run.output.error(CliError(message, None, Exit.INCOMPLETE, "WatchError"))


async def export(
    folder: Path,
    /,
    *,
    format: Literal["parquet", "csv", "jsonl", "xlsx", "duckdb"] = "parquet",
    table: _Tables = None,
    view: _Views = None,
    period: Period | None = None,
    shop: Shops = None,
    raw: bool = False,
    run: ThisRun,
) -> int:
    """Export tables and views of the store to files, one for each month.

    Months are written in full. A later export adds new months and replaces what has changed; months that it is not
    asked for stay as they are. Money is exact in every format.

    The exit status is 1 if receipts or Z-reports of the months are in quarantine, which the files lack, else 5 if days
    were not read into the store. Without --start and --end all days are looked at from the first to the last that the
    store has.

    Args:
        folder: Folder for the files.
        format: parquet for analysis, csv and xlsx for spreadsheet programs, jsonl for other programs, duckdb for one
            database with everything in it.
        table: Table to write; may be repeated; by default receipts, their items and payments, and Z-reports; none if a
            view is named; everything for duckdb.
        view: View to write; may be repeated.
        start: A day in the first month: 2026-10-31, today or yesterday, in Kyiv.
        end: A day in the last month.
        days: Number of days, up to and including the last one; their months are written in full.
        month: One month, 2026-10.
        raw: Also write the JSON of each record as it was received.
    """
    from smartkasa_async.export import export_tables  # noqa: PLC0415  (likewise)

    start, end = (period or Period()).bounds()
    async with opened_store(run.settings, to_read=True) as store:
        await require_shops(store, shop)
        with run.output.progress(_("Rows")) as bar:
            files = await export_tables(
                store,
                folder,
                format=format,
                start=start,
                end=end,
                shops=shop,
                tables=table or None,
                views=view or None,
                raw=raw,
                on_progress=updating(bar),
            )
    run.output.document(files.to_dict())
    (written,) = files.tables(language())
    empty = sorted({*(table or ()), *(view or ())} - {file.table for file in files})
    run.output.table(written.header, [*written.rows, *((name, None, 0, None) for name in empty)])
    for line in files.note_lines(language()):
        run.output.text(line)
    print_not_read(run, files.reading_steps(language(), reading_options(run)))
    return exit_of_reading(found=bool(files.in_quarantine), is_complete=files.is_complete)
