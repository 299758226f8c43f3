"""Export a store's tables as files for analysis, a file for each month."""

from __future__ import annotations

import re
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from importlib import import_module
from itertools import groupby
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, Literal, get_args

import anyio
from anyio import to_thread

from smartkasa_async._i18n.external import reason_of
from smartkasa_async._i18n.message import N_, msg
from smartkasa_async._i18n.translate import in_language
from smartkasa_async._support import clock as _clock
from smartkasa_async._support.arguments import (
    check_callbacks,
    check_choice,
    check_flags,
    check_path,
    check_store,
    chosen_shops,
    chosen_words,
)
from smartkasa_async._support.extras import naming_extras
from smartkasa_async._support.files import Staging, require_replaceable
from smartkasa_async._support.tables import ResultTable
from smartkasa_async.export.files import CsvFile, JsonlFile, ParquetFile, XlsxFile
from smartkasa_async.export.lacking import find_lacking
from smartkasa_async.jobs.results import Progress, Stage
from smartkasa_async.records.days import Window, month_of
from smartkasa_async.reports.not_read import StoreReport
from smartkasa_async.stores.contents import require_known_shops
from smartkasa_async.stores.errors import StoreError
from smartkasa_async.stores.sources import (
    SOURCES,
    TABLE_SOURCES,
    VIEW_SOURCES,
    Source,
    ViewSource,
    expected_rows,
    find_days,
)

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Iterable, Iterator, Sequence

    from sqlalchemy import ColumnElement, Table
    from sqlalchemy.ext.asyncio import AsyncConnection

    from smartkasa_async._i18n.translate import Language
    from smartkasa_async.export.duckdb_file import DuckdbTable
    from smartkasa_async.export.files import ExportFile
    from smartkasa_async.reports.not_read import NotRead
    from smartkasa_async.stores.sources import AnySource
    from smartkasa_async.stores.store import Store

_DEFAULT_TABLES = ("receipts", "receipt_items", "payments", "z_reports")
_DUCKDB_FILE = "smartkasa.duckdb"


ExportFormat = Literal["parquet", "csv", "jsonl", "xlsx", "duckdb"]

_MONTH_FOLDER = re.compile(r"month=(\d{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file that an export has written.

    Attributes:
        table: The table.
        path: The file.
        rows: Number of rows in it.
        month: First day of the month that it holds; None for a table that is one file.
    """

    table: str
    path: Path
    rows: int
    month: date | None = None


@dataclass(frozen=True, slots=True)
class ExportedFiles(StoreReport):
    """The files that an export has written; iterating it gives them.

    Attributes:
        files: The files; of DuckDB a line for each table of the one file.
        not_read: Days that were not read whole, so that the files lack them.
        in_quarantine: Number of receipts and Z-reports in quarantine, which the files lack.
        shops: Ids of the shops that were looked at.
    """

    files: tuple[ExportedFile, ...]
    not_read: tuple[NotRead, ...] = ()
    in_quarantine: int = 0
    shops: tuple[int, ...] = ()

    def __iter__(self) -> Iterator[ExportedFile]:
        return iter(self.files)

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> ExportedFile:
        return self.files[index]

    def _shop_ids(self) -> Collection[int]:
        return self.shops

    def failures(self) -> Iterator[object]:
        """Yield what the files lack; an export that does not write all files raises."""
        yield from self.note_lines()
        for step in self.reading_steps():
            yield step.text

    def tables(self, language: Language = "en") -> list[ResultTable]:
        """Return the files as a table.

        Args:
            language: English (`en`) or Ukrainian (`uk`).
        """
        names = (N_("Table"), N_("Month"), N_("Rows"), N_("File"))
        rows = [(file.table, file.month and f"{file.month:%Y-%m}", file.rows, file.path) for file in self.files]
        return [ResultTable([in_language(name, language) for name in names], rows)]

    def note_lines(self, language: Language = "en") -> list[str]:
        """Report how many records are in quarantine, where any are.

        Args:
            language: English (`en`) or Ukrainian (`uk`).
        """
        if not self.in_quarantine:
            return []
        message = msg("Records in quarantine, which the files lack: {count}.", count=self.in_quarantine)
        return [in_language(message, language)]


async def export_tables(
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

    Receipts, their items and payments, Z-reports, product sales and views have a file for each month of their business
    dates, `receipts/month=2026-10/part-0.parquet`, which tools read as one data set with the column `month`; the other
    tables are one file, `shops.parquet`. Items and payments have their receipt's `business_date` and `shop_id` in
    front. Receipts and Z-reports that the service no longer lists are left out, with what belongs to them; in the other
    tables `deleted_at` marks them. Money is exact in each format; rows are streamed, so that memory stays flat.

    A later run adds the files of new months and replaces those of which anything changed; a file that would be the same
    is left as it is, and one of a month that was asked for and has no rows any more is removed. Months that are not
    asked for stay as they are. With `duckdb` all is in one file, `smartkasa.duckdb`, in which a later run replaces the
    rows of the months that are asked for, and keeps those of others. Files get their names when all are whole. A folder
    is for one format and one choice of shops; a second export at the same time is refused.

    Args:
        store: The store.
        folder: Folder of the files; created if it does not exist.
        shops: Ids of the shops; None for all, records of no shop included.
        start: A day in the first month; months are always exported whole. None for all from the first.
        end: A day in the last month. None for all to the last.
        tables: Names of tables: receipts, receipt_items, payments, z_reports, product_sales, shops, terminals,
            employees, shifts, categories, products, cards. None for none where `views` are given, else for the first
            four, with `duckdb` for all tables and views.
        views: Names of views, whose rows are written as those of tables are: sales, sales_by_day,
            sales_by_payment_means, sales_by_tax_group, sales_by_product, margins, stock_by_day, price_changes. The last
            has no shops, and is written whole whatever they are.
        format: `parquet` for analysis, which needs the extra `smartkasa-async[parquet]`; `csv` for a Ukrainian Excel
            (semicolons, decimal commas, a byte order mark, text that looks like a formula marked by an apostrophe,
            control characters written as escapes); `jsonl` for programs, decimals as strings; `xlsx` for workbooks of
            numbers and dates, times in Kyiv's, of at most 1,048,575 rows (extra `workbook`); `duckdb` for one database,
            typed and indexed (extra `duckdb`).
        raw: Whether the JSON of each record is exported as well, in the column `raw`.
        on_progress: Called after each batch of rows of any table; the number of items and payments is an estimate until
            they are written, and that of a view is not known before.

    Returns:
        The files that were written, and what they lack: days that were not read whole, of those that are asked for and
        until today, and records in quarantine. Where no days are asked for, all from the first to the last that the
        store has are looked at; where no tables are named, those of which anything was ever read.

    Raises:
        ConfigurationError: The package of an extra is not installed.
        InvalidRequestError: An argument has a value that it cannot have, such as a table that there is not, or the
            store knows nothing of a shop.
        StoreError: The database cannot be read, or the files cannot be written.
    """
    check_store(store, "reading")
    check_path("folder", folder)
    check_flags(raw=raw)
    check_callbacks(on_progress=on_progress)
    check_choice("format", format, get_args(ExportFormat))
    window = _whole_months(start, end)
    chosen = chosen_shops(shops)
    sources = _chosen_sources(tables, views, format)
    _require_packages(format)
    export = _Export(Path(folder), window, chosen, raw=raw, on_progress=on_progress)
    staging = await export.in_thread(Staging, export.folder)
    try:
        async with store.reading() as connection:
            await require_known_shops(connection, chosen, must_have_shops=True)
            await export.expect(connection, sources)
            if format == "duckdb":
                files = await export.write_database(connection, staging, sources)
            else:
                type_ = _FILES[format]
                files = [file for source in sources for file in await export.write(connection, staging, source, type_)]
            are_named = tables is not None or views is not None
            lacking = await find_lacking(connection, sources, window, chosen, _clock.now(), are_named=are_named)
        names = list(dict.fromkeys(file.path.relative_to(export.folder) for file in files))
        stale = [] if format == "duckdb" else await export.in_thread(export.stale, sources, _FILES[format], set(names))
        await export.in_thread(staging.publish, names, stale)
    finally:
        with anyio.CancelScope(shield=True):
            await to_thread.run_sync(staging.discard)
    return ExportedFiles(tuple(files), lacking.not_read, lacking.in_quarantine, lacking.shops)


def _chosen_sources(tables: Iterable[str] | None, views: Iterable[str] | None, format: ExportFormat) -> list[AnySource]:
    names: Iterable[str] = SOURCES if format == "duckdb" else _DEFAULT_TABLES
    if tables is not None or views is not None:
        of_tables = [] if tables is None else chosen_words("tables", tables, TABLE_SOURCES)
        names = [*of_tables, *([] if views is None else chosen_words("views", views, VIEW_SOURCES))]
    return [SOURCES[name] for name in names]


def _whole_months(start: date | None, end: date | None) -> Window:
    asked = Window(date.min if start is None else start, date.max if end is None else end)
    return Window(month_of(asked.start).start, month_of(asked.end).end)


_FILES: dict[str, type[ExportFile]] = {"csv": CsvFile, "jsonl": JsonlFile, "parquet": ParquetFile, "xlsx": XlsxFile}
_PACKAGES = {"parquet": ("pyarrow",), "xlsx": ("xlsxwriter",), "duckdb": ("duckdb", "pyarrow")}


def _require_packages(format: ExportFormat) -> None:
    with naming_extras():
        for package in _PACKAGES.get(format, ()):
            import_module(package)


class _Export:
    """One export: what was asked for, and how it is done table by table."""

    def __init__(
        self,
        folder: Path,
        window: Window,
        shops: Collection[int] | None,
        *,
        raw: bool,
        on_progress: Callable[[Progress], None] | None,
    ) -> None:
        self.folder = folder
        self._window = window
        self._shops = shops
        self._raw = raw
        self._on_progress = on_progress
        self._rows = 0
        self._expected: dict[str, int] = {}

    async def expect(self, connection: AsyncConnection, sources: Sequence[AnySource]) -> None:
        """Count the rows to write, where progress is reported."""
        if self._on_progress is not None:
            for source in sources:
                if isinstance(source, Source):
                    count = await expected_rows(connection, source, self._window, self._shops)
                    self._expected[source.name] = count

    async def write(
        self, connection: AsyncConnection, staging: Staging, source: AnySource, file_type: type[ExportFile]
    ) -> list[ExportedFile]:
        """Write the files of one table or view into the staging folder."""
        writing = _Writing(self, connection, staging, source, file_type)
        if isinstance(source, ViewSource):
            files = await writing.months_at_once()
        elif source.days is None:
            files = [await writing.file(None, self._shops)]
        else:
            months = await self._months(connection, source.days)
            found = [await writing.file(month, shops) for month, shops in months.items()]
            files = [file for file in found if file.rows]
        self._expected[source.name] = sum(file.rows for file in files)
        return files

    async def _months(self, connection: AsyncConnection, days: Table) -> dict[Window, set[int | None]]:
        """Find the months with rows, in order, and the shops that these are of."""
        months: dict[Window, set[int | None]] = {}
        for shop_id, day in await find_days(connection, days, self._window, self._shops):
            months.setdefault(month_of(day), set()).add(shop_id)
        return months

    async def write_database(
        self, connection: AsyncConnection, staging: Staging, sources: Sequence[AnySource]
    ) -> list[ExportedFile]:
        """Write all tables and views into one file of DuckDB in the staging folder."""
        from smartkasa_async.export.duckdb_file import DuckdbFile, DuckdbTable  # noqa: PLC0415  (of an extra)

        path = self.folder / _DUCKDB_FILE
        await self.in_thread(require_replaceable, path)
        file = await self.in_thread(DuckdbFile, staging / PurePath(_DUCKDB_FILE), path)
        written: list[ExportedFile] = []
        try:
            for source in sources:
                table = await self.in_thread(partial(file.replace, source, self._window, raw=self._raw))
                window = None if source.days is None else self._window
                found = self.rows(connection, source, DuckdbTable, window=window, shops=self._shops)
                async with aclosing(found) as rows:
                    async for some in rows:
                        await self.in_thread(table.write, some)
                await self.in_thread(table.finish)
                self._expected[source.name] = table.rows
                written.append(ExportedFile(source.name, path, table.rows))
            await self.in_thread(file.finish)
        except BaseException:
            with anyio.CancelScope(shield=True):
                await to_thread.run_sync(file.abandon)
            raise
        return written

    async def rows(
        self,
        connection: AsyncConnection,
        source: AnySource,
        file_type: type[ExportFile | DuckdbTable],
        *,
        window: Window | None,
        shops: Collection[int | None] | None,
    ) -> AsyncGenerator[Sequence[Sequence[Any]], None]:
        """Read rows as a file takes them, and report progress when they were taken."""
        dialect = connection.dialect.name
        query = source.select(lambda column: file_type.form(column, dialect), window, shops, raw=self._raw)
        async with connection.stream(query.execution_options(yield_per=file_type.rows_at_once)) as found:
            async for some in found.partitions():
                yield some
                self._rows += len(some)
                if self._on_progress is not None:
                    total = max(self._rows, sum(self._expected.values()))
                    self._on_progress(Progress(Stage.WRITING, self._rows, total, "rows"))

    @property
    def shops(self) -> Collection[int] | None:
        """The shops that were asked for."""
        return self._shops

    @property
    def window(self) -> Window:
        """The days that were asked for, whole months."""
        return self._window

    def columns(self, source: AnySource) -> dict[str, ColumnElement[Any]]:
        """Return the columns of a file."""
        return source.columns(raw=self._raw)

    def stale(
        self, sources: Sequence[AnySource], file_type: type[ExportFile], written: Collection[PurePath]
    ) -> list[PurePath]:
        """Find files of earlier exports for months that were asked for and have no rows any more."""
        patterns = [f"{source.name}/month=*/part-0.{file_type.suffix}" for source in sources]
        names = {path.relative_to(self.folder) for pattern in patterns for path in self.folder.glob(pattern)}
        return [name for name in names.difference(written) if self._is_asked_for(name)]

    def _is_asked_for(self, name: PurePath) -> bool:
        month = _MONTH_FOLDER.fullmatch(name.parent.name)
        return month is not None and self._window.start <= date(int(month[1]), int(month[2]), 1) <= self._window.end

    async def in_thread(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Run work on files in a thread; its errors are those of the disk, not of the database."""
        try:
            return await to_thread.run_sync(work, *arguments)
        except OSError as error:
            file = error.filename or self.folder
            message = msg("{file} cannot be written: {reason}", file=file, reason=reason_of(error))
            raise StoreError(message) from error


@dataclass(frozen=True, slots=True)
class _Writing:
    """Writes the files of one table or view."""

    export: _Export
    connection: AsyncConnection
    staging: Staging
    source: AnySource
    file_type: type[ExportFile]

    async def file(self, month: Window | None, shops: Collection[int | None] | None) -> ExportedFile:
        """Write the file of one month, or the only one."""
        first = None if month is None else month.start
        async with self._opened(first) as file, aclosing(self._rows(month, shops)) as rows:
            async for some in rows:
                await self.export.in_thread(file.write, some)
        return self._exported(file, first)

    async def months_at_once(self) -> list[ExportedFile]:
        """Write the files of all months by one query: of a view it costs as much as one month."""
        written: list[tuple[ExportFile, date]] = []
        async with aclosing(self._rows(self.export.window, self.export.shops)) as rows, AsyncExitStack() as opened:
            async for some in rows:
                for month, group in groupby(some, _month_of_row):
                    if not written or written[-1][1] != month:
                        await opened.aclose()
                        written.append((await opened.enter_async_context(self._opened(month)), month))
                    await self.export.in_thread(written[-1][0].write, [*group])
        return [self._exported(file, month) for file, month in written]

    def _rows(
        self, window: Window | None, shops: Collection[int | None] | None
    ) -> AsyncGenerator[Sequence[Sequence[Any]], None]:
        return self.export.rows(self.connection, self.source, self.file_type, window=window, shops=shops)

    @asynccontextmanager
    async def _opened(self, month: date | None) -> AsyncIterator[ExportFile]:
        name = self._name(month)
        await self.export.in_thread(require_replaceable, self.export.folder / name)
        file = await self.export.in_thread(self.file_type, self.staging / name, self.export.columns(self.source))
        try:
            yield file
            await self.export.in_thread(file.finish)
        except BaseException:
            with anyio.CancelScope(shield=True):
                await to_thread.run_sync(file.abandon)
            raise

    def _exported(self, file: ExportFile, month: date | None) -> ExportedFile:
        return ExportedFile(self.source.name, self.export.folder / self._name(month), file.rows, month)

    def _name(self, month: date | None) -> PurePath:
        table, suffix = self.source.name, self.file_type.suffix
        if month is None:
            return PurePath(f"{table}.{suffix}")
        return PurePath(table, f"month={month:%Y-%m}", f"part-0.{suffix}")


def _month_of_row(row: Sequence[Any]) -> date:
    """Return the month of a row of a view, which begins with its business date, as a date or as text."""
    day = row[0] if isinstance(row[0], date) else date.fromisoformat(row[0])
    return day.replace(day=1)
