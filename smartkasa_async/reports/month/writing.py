"""`write_month_workbook` and `export_month`: a month of a store for accountants."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, get_args

import anyio
from anyio import to_thread

from smartkasa_async._i18n.message import N_, argument, msg, nmsg
from smartkasa_async._i18n.translate import Language, in_language
from smartkasa_async._support import clock as _clock
from smartkasa_async._support.arguments import (
    check_callbacks,
    check_choice,
    check_duration,
    check_hryvnias,
    check_moment,
    check_path,
    check_store,
    chosen_shops,
)
from smartkasa_async._support.extras import naming_extras
from smartkasa_async._support.files import require_replaceable
from smartkasa_async._support.money import NO_HRYVNIAS
from smartkasa_async._support.tables import ResultTable
from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.jobs.results import Progress, Stage
from smartkasa_async.records.days import business_day, month_of
from smartkasa_async.reports.month.facts import read_month_facts
from smartkasa_async.reports.month.files import MonthDocument, MonthFolder
from smartkasa_async.reports.month.forms import (
    DIFFERENCES,
    EXCISE,
    FINDINGS,
    INCOME,
    PRODUCTS,
    REFUNDS,
    SUMMARY,
    VAT,
    Z_REPORTS,
)
from smartkasa_async.reports.month.tables import MonthTables
from smartkasa_async.reports.month.workbook import MonthWorkbook
from smartkasa_async.reports.not_read import StoreReport
from smartkasa_async.stores.contents import require_known_shops

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Sequence
    from datetime import datetime

    from smartkasa_async.records.days import Window
    from smartkasa_async.reports.month.facts import MonthFacts
    from smartkasa_async.reports.month.forms import Form
    from smartkasa_async.reports.not_read import NotRead
    from smartkasa_async.stores.store import Store

MonthFormat = Literal["xlsx", "csv", "parquet", "json"]

_ROWS_AT_ONCE = 2_000


class MonthOutput(Protocol):
    """Where the rows of a month go."""

    def write(self, form: Form, rows: Iterable[Sequence[Any]]) -> None:
        """Write rows of a sheet."""

    def finish(self) -> None:
        """End what is written, and give it its name."""

    def abandon(self) -> None:
        """Leave nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthReport(StoreReport):
    """A month that was written.

    Attributes:
        path: The workbook or the document; of CSV and Parquet, the folder of the files.
        window: The days of the month.
        receipts: Number of receipts of sales and refunds behind it.
        sales: Paid sales, hryvnias.
        refunds: Refunds, hryvnias.
        differences: Number of differences that the reconciliation found.
        findings: Number of fiscal findings.
        in_quarantine: Number of receipts and Z-reports in quarantine, which the month lacks.
        not_read: Days of receipts and Z-reports that were not read whole, so that the month lacks them.
        shops: Ids of its shops.
    """

    path: Path
    window: Window
    receipts: int
    sales: Decimal
    refunds: Decimal
    differences: int
    findings: int
    in_quarantine: int = 0
    not_read: tuple[NotRead, ...] = ()
    shops: tuple[int, ...] = ()

    def _shop_ids(self) -> Collection[int]:
        return self.shops

    def failures(self) -> Iterator[object]:
        """Yield how much the month shows that is not in order, and what it lacks."""
        if self.differences:
            yield nmsg("{count} difference", "{count} differences", self.differences)
        if self.findings:
            yield nmsg("{count} finding", "{count} findings", self.findings)
        yield from self.note_lines()
        for step in self.reading_steps():
            yield step.text

    def tables(self, language: Language = "en") -> list[ResultTable]:
        """Return what was written as a table, hryvnias.

        Args:
            language: English (`en`) or Ukrainian (`uk`).
        """
        names = (N_("File"), N_("Receipts"), N_("Sales"), N_("Refunds"), N_("Differences"), N_("Findings"))
        figures = (self.path, self.receipts, self.sales, self.refunds, self.differences, self.findings)
        return [ResultTable([in_language(name, language) for name in names], [figures])]

    def note_lines(self, language: Language = "en") -> list[str]:
        """Report how many records are in quarantine, where any are.

        Args:
            language: English (`en`) or Ukrainian (`uk`).
        """
        if not self.in_quarantine:
            return []
        return [
            in_language(msg("Records in quarantine, which the sums lack: {count}.", count=self.in_quarantine), language)
        ]


async def write_month_workbook(
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

    Sheets: summary by shop, income by day and means of payment, Z-reports with those that are missing, VAT by day, rate
    and code of goods, excise, refunds with their sales, what `reconcile` and `check_compliance` find, and products with
    their margins. Numbers are numbers and dates are dates; totals are formulas that follow the filter and have their
    values; a table on the first sheet compares the sums of the sheets. Everything is read at one moment; the database
    makes the sums, which are exact, and rows are streamed. Days that were not read are marked where they are missing,
    and each sheet says how many records are in quarantine.

    Args:
        store: What was synced.
        path: Where the file will be, a name that ends with `.xlsx`; its folder has to be there, and a file that is
            there is replaced once this one is whole.
        month: A day of the month, in Europe/Kyiv.
        shops: Ids of the shops; None for all that the store has.
        language: Language of the texts, English (`en`) or Ukrainian (`uk`).
        now: The moment that decides what is still running, aware; the present one by default.
        tax_tolerance: How many hryvnias each tax of a receipt may differ by, as for `reconcile`.
        shift_tolerance: How much longer than 24 hours a shift may be open, as for `check_compliance`.
        on_progress: Called when each stage begins, and after each shift that was compared.

    Returns:
        What was written.

    Raises:
        ConfigurationError: XlsxWriter is not installed, which the extra `smartkasa-async[workbook]` brings.
        InvalidRequestError: An argument has a value that it cannot have, the month is yet to come, or the store knows
            nothing of a shop.
        StoreError: The store could not be read, or a sheet has no room for its rows.
        OSError: The file cannot be written, or the path is that of a link, a folder, a device or a pipe.
    """
    return await export_month(
        store,
        path,
        month=month,
        format="xlsx",
        shops=shops,
        language=language,
        now=now,
        tax_tolerance=tax_tolerance,
        shift_tolerance=shift_tolerance,
        on_progress=on_progress,
    )


async def export_month(
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

    Args:
        store: What was synced.
        path: Where it will be: of `csv` and `parquet` a folder with a file for each sheet, which is made; else a file.
        month: A day of the month, in Europe/Kyiv.
        format: `xlsx`; `csv` for a Ukrainian Excel, with the headers of the sheets and times in Kyiv; `parquet`, times
            in UTC, which needs the extra `smartkasa-async[parquet]`; `json`, one document, decimals as strings.
        shops: Ids of the shops; None for all that the store has.
        language: Language of texts, English (`en`) or Ukrainian (`uk`); names of columns in `parquet` and `json` are
            the same in both.
        now: The moment that decides what is still running, aware; the present one by default.
        tax_tolerance: As for `write_month_workbook`.
        shift_tolerance: As for `write_month_workbook`.
        options: Options that the commands are given which read what is missing, such as those that name the store.
        on_progress: As for `write_month_workbook`.

    Returns:
        What was written.

    Raises:
        ConfigurationError: A package is not installed that the format needs.
        InvalidRequestError: An argument has a value that it cannot have, the month is yet to come, or the store knows
            nothing of a shop.
        StoreError: The store could not be read, or a sheet has no room for its rows.
        OSError: The files cannot be written.
    """
    check_store(store, "snapshot")
    check_path("path", path)
    check_choice("format", format, get_args(MonthFormat))
    check_choice("language", language, get_args(Language))
    check_moment("now", now)
    check_hryvnias("tax_tolerance", tax_tolerance)
    check_duration("shift_tolerance", shift_tolerance)
    check_callbacks(on_progress=on_progress)
    chosen = chosen_shops(shops)
    moment = now or _clock.now()
    window = _month(month, business_day(moment))
    target = Path(path)
    _require_writable(target, format)

    def begin(stage: Stage) -> None:
        if on_progress is not None:
            on_progress(Progress(stage))

    begin(Stage.CHECKING)
    async with store.snapshot() as at_once:
        async with at_once.reading() as connection:
            await require_known_shops(connection, chosen)
        facts = await read_month_facts(
            at_once,
            window,
            chosen,
            moment,
            tax_tolerance=tax_tolerance,
            shift_tolerance=shift_tolerance,
            on_progress=on_progress,
        )
        begin(Stage.WRITING)
        output = await to_thread.run_sync(_output, target, format, facts, language, options)
        tables = MonthTables(facts, language, options)
        try:
            async for form, rows in _sheets(at_once, tables, facts):
                await to_thread.run_sync(output.write, form, rows)
            await to_thread.run_sync(output.finish)
        except BaseException:
            with anyio.CancelScope(shield=True):
                await to_thread.run_sync(output.abandon)
            raise
    return _report(target, facts)


def _output(
    path: Path, format: MonthFormat, facts: MonthFacts, language: Language, options: Sequence[str]
) -> MonthOutput:
    reconciliation = facts.reconciliation
    if format == "xlsx":
        steps = reconciliation.reading_steps(language, options)
        return MonthWorkbook(path, facts.window, facts.now, language, steps=steps, in_quarantine=facts.in_quarantine())
    if format == "json":
        return MonthDocument(path, facts.window, reconciliation.not_read, facts.in_quarantine())
    return MonthFolder(path, language, is_csv=format == "csv")


def _report(path: Path, facts: MonthFacts) -> MonthReport:
    reconciliation = facts.reconciliation
    rows = MonthTables(facts, "en").summary()
    return MonthReport(
        path=path,
        window=facts.window,
        receipts=sum(row.sale_receipts + row.refund_receipts for row in rows),
        sales=sum((row.sales for row in rows), NO_HRYVNIAS),
        refunds=sum((row.refunds for row in rows), NO_HRYVNIAS),
        differences=len(reconciliation.differences),
        findings=len(facts.compliance.findings),
        in_quarantine=facts.in_quarantine(),
        not_read=reconciliation.not_read,
        shops=tuple(id_ for id_ in facts.shop_ids() if id_ is not None),
    )


async def _sheets(
    store: Store, tables: MonthTables, facts: MonthFacts
) -> AsyncIterator[tuple[Form, Sequence[tuple[Any, ...]]]]:
    """Return the rows of all sheets in their order; refunds, of which there may be very many, part by part."""
    yield SUMMARY, tables.summary()
    yield INCOME, tables.income()
    yield Z_REPORTS, tables.z_reports()
    yield VAT, tables.vat()
    yield EXCISE, tables.excise()
    yield REFUNDS, ()
    async with (
        store.reading() as connection,
        connection.stream(facts.queries.refunds(), execution_options={"yield_per": _ROWS_AT_ONCE}) as parts,
    ):
        async for part in parts.partitions():
            yield REFUNDS, tables.refunds(part)
    yield DIFFERENCES, tables.differences()
    yield FINDINGS, tables.findings()
    yield PRODUCTS, tables.products()


def _month(month: date, today: date) -> Window:
    """Return the days of a month that has begun.

    Raises:
        InvalidRequestError: It is no day, or one of a month to come.
    """
    if not isinstance(month, date):
        raise InvalidRequestError(
            msg("{field} is {value!r}; give a day of the month, a date", field=argument("month"), value=month),
            field="month",
        )
    window = month_of(month)
    if window.start > today:
        message = msg(
            "{field} is {month}, which is yet to come: in Kyiv it is {today}",
            field=argument("month"),
            month=f"{month:%Y-%m}",
            today=f"{today}",
        )
        raise InvalidRequestError(message, field="month")
    return window


def _require_writable(path: Path, format: MonthFormat) -> None:
    """Refuse what could not be written, before the work of minutes, and a name that is of another format."""
    named = path.suffix[1:].lower()
    if named != format and named in get_args(MonthFormat):
        message = msg(
            "{file} is the name of a file of another format than {format}, which is asked for; give {field} as {named},"
            " or another name",
            file=path,
            format=format,
            field=argument("format"),
            named=named,
        )
        raise InvalidRequestError(message, field="format")
    package = {"parquet": "pyarrow", "xlsx": "xlsxwriter"}.get(format)
    if package:
        with naming_extras():
            import_module(package)
    if format in {"csv", "parquet"}:
        if path.exists() and not path.is_dir():
            reason = msg("{format} makes a folder of files, and this is none; name a folder", format=format)
            raise NotADirectoryError(errno.ENOTDIR, reason, f"{path}")
        return
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, msg("{format} makes a file; name a file", format=format), f"{path}")
    if format == "xlsx" and named != format:
        message = msg("{file} is no name of a workbook, so Excel would not open it; end the name with .xlsx", file=path)
        raise InvalidRequestError(message, field="path")
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), f"{path.parent}")
    require_replaceable(path)
