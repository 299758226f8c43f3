"""Export a store's tables as files for analysis, a file for each month."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, Literal, get_args

import anyio
from anyio import to_thread
from sqlalchemy import func, or_, select

from smartkasa_async._i18n.external import reason_of
from smartkasa_async._i18n.message import N_, msg
from smartkasa_async._i18n.translate import in_language
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
from smartkasa_async.export.files import CsvFile, JsonlFile, ParquetFile
from smartkasa_async.jobs.results import Progress, Stage, TableResult, plain_values
from smartkasa_async.records.days import Window
from smartkasa_async.stores.contents import require_known_shops
from smartkasa_async.stores.errors import StoreError
from smartkasa_async.stores.schema import (
    CARDS,
    CATEGORIES,
    EMPLOYEES,
    PAYMENTS,
    PRODUCT_SALES,
    PRODUCTS,
    RECEIPT_ITEMS,
    RECEIPTS,
    SHIFTS,
    SHOPS,
    TERMINALS,
    Z_REPORTS,
)

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from sqlalchemy import ColumnElement, Select, Table
    from sqlalchemy.ext.asyncio import AsyncConnection

    from smartkasa_async._i18n.translate import Language
    from smartkasa_async.export.files import ExportFile
    from smartkasa_async.stores.store import Store


@dataclass(frozen=True, slots=True)
class Source:
    """A table that can be exported.

    Attributes:
        table: The table.
        days: The table with the business date and the shop of each row; None for a table that is one file.
    """

    table: Table
    days: Table | None = None

    @property
    def is_part(self) -> bool:
        """Whether its rows belong to rows of another table."""
        return self.days is not None and self.days is not self.table

    def columns(self, *, raw: bool) -> list[ColumnElement[Any]]:
        """List the columns of a file; parts of receipts have the receipt's business date and shop in front."""
        left_out = {"account_id"} if raw else {"account_id", "raw"}
        if self.days is not None:
            left_out.add("deleted_at")
        own: list[ColumnElement[Any]] = [column for column in self.table.columns if column.name not in left_out]
        if self.days is not None and self.is_part:
            return [self.days.c.business_date, self.days.c.shop_id, *own]
        return own


EXPORTED = {
    source.table.name: source
    for source in (
        *(Source(table, table) for table in (RECEIPTS, Z_REPORTS, PRODUCT_SALES)),
        *(Source(table, RECEIPTS) for table in (RECEIPT_ITEMS, PAYMENTS)),
        *(Source(table) for table in (SHOPS, TERMINALS, EMPLOYEES, SHIFTS, CATEGORIES, PRODUCTS, CARDS)),
    )
}
"""Tables by their names."""


def month_of(day: date) -> Window:
    """Return the month of a day."""
    return Window(day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1]))


async def find_months(
    connection: AsyncConnection, days: Table, window: Window, shops: Collection[int] | None
) -> dict[Window, set[int | None]]:
    """Find the months with rows, in order, and the shops that these are of."""
    query = select(days.c.shop_id, days.c.business_date).distinct()
    months: dict[Window, set[int | None]] = {}
    found = await connection.execute(
        query.where(_within(days, window), *_of_shops(days.c.shop_id, shops)).order_by(days.c.business_date)
    )
    for shop_id, day in found:
        months.setdefault(month_of(day), set()).add(shop_id)
    return months


def select_rows(
    source: Source,
    columns: Iterable[ColumnElement[Any]],
    month: Window | None,
    shops: Collection[int | None] | None,
) -> Select[Any]:
    """Select the rows of one file, in the order of their days and keys.

    Args:
        source: The table.
        columns: What is selected of each row.
        month: The days that are asked for; None for a table that is one file.
        shops: The shops; rows of no shop are asked for by None among them. None for all.
    """
    table, days = source.table, source.days
    query = select(*columns).select_from(table)
    if days is None or month is None:
        return query.where(*_of_table(table, shops)).order_by(*table.primary_key)
    if source.is_part:
        query = query.join(days, days.c.id == table.c.receipt_id)
    return query.where(*_of_days(days, month, shops)).order_by(days.c.business_date, *table.primary_key)


async def expected_rows(
    connection: AsyncConnection, source: Source, window: Window, shops: Collection[int] | None
) -> int:
    """Count the rows of a table that are to be exported.

    What belongs to receipts is estimated by how much of it a receipt has on average, since counting it takes as long as
    reading it.

    Args:
        connection: A transaction of the store.
        source: The table.
        window: The days that are asked for.
        shops: Ids of the shops; None for all.
    """

    async def count(table: Table, *conditions: ColumnElement[bool]) -> int:
        query = select(func.count()).select_from(table).where(*conditions)
        return (await connection.execute(query)).scalar_one()

    if source.days is None:
        return await count(source.table, *_of_table(source.table, shops))
    found = await count(source.days, *_of_days(source.days, window, shops))
    if source.is_part and found:
        return found * await count(source.table) // await count(source.days)
    return found


def _of_table(table: Table, shops: Collection[int | None] | None) -> list[ColumnElement[bool]]:
    shop_id = table.c.get("id" if table is SHOPS else "shop_id")
    return [] if shop_id is None else _of_shops(shop_id, shops)


def _of_days(days: Table, window: Window, shops: Collection[int | None] | None) -> list[ColumnElement[bool]]:
    there = [days.c.deleted_at.is_(None)] if "deleted_at" in days.c else []
    return [*there, _within(days, window), *_of_shops(days.c.shop_id, shops)]


def _within(days: Table, window: Window) -> ColumnElement[bool]:
    return days.c.business_date.between(window.start, window.end)


def _of_shops(shop_id: ColumnElement[Any], shops: Collection[int | None] | None) -> list[ColumnElement[bool]]:
    if shops is None:
        return []
    known = shop_id.in_(sorted(shop for shop in shops if shop is not None))
    return [or_(known, shop_id.is_(None)) if None in shops else known]


ExportFormat = Literal["parquet", "csv", "jsonl"]

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


class ExportedFiles(TableResult, tuple[ExportedFile, ...]):
    """The files that an export has written."""

    __slots__ = ()

    def failures(self) -> Iterator[object]:
        """Yield nothing: an export that does not write all files raises."""
        return iter(())

    def tables(self, language: Language = "en") -> list[ResultTable]:
        """Return the files as a table.

        Args:
            language: English (`en`) or Ukrainian (`uk`).
        """
        names = (N_("Table"), N_("Month"), N_("Rows"), N_("File"))
        rows = [(file.table, file.month and f"{file.month:%Y-%m}", file.rows, file.path) for file in self]
        return [ResultTable([in_language(name, language) for name in names], rows)]

    def to_dict(self, language: Language = "en") -> dict[str, Any]:  # noqa: ARG002  (files have no explanations)
        """Return the files as plain values for JSON.

        Args:
            language: Not used: files have no explanations.
        """
        return {"ok": True, "files": plain_values(list(self))}


async def export_tables(
    store: Store,
    folder: str | os.PathLike[str],
    *,
    shops: Iterable[int] | None = None,
    start: date | None = None,
    end: date | None = None,
    tables: Iterable[str] = ("receipts", "receipt_items", "payments", "z_reports"),
    format: ExportFormat = "parquet",
    raw: bool = False,
    on_progress: Callable[[Progress], None] | None = None,
) -> ExportedFiles:
    """Write tables of a store into files, as they are at one moment.

    Receipts, their items and payments, Z-reports and product sales have a file for each month of their business dates,
    `receipts/month=2026-10/part-0.parquet`, which tools read as one data set with the column `month`; the other tables
    are one file, `shops.parquet`. Items and payments have their receipt's `business_date` and `shop_id` in front.
    Receipts and Z-reports that the service no longer lists are left out, with what belongs to them; in the other tables
    `deleted_at` marks them. Money is exact in each format; rows are streamed, so that memory stays flat.

    Files get their names when all are whole; those of the same tables, months and format are replaced, and removed
    where nothing is left of a month. A folder is for one format and one choice of shops, and for one export at a time.

    Args:
        store: The store.
        folder: Folder of the files; created if it does not exist.
        shops: Ids of the shops; None for all, records of no shop included.
        start: A day in the first month; months are always exported whole. None for all from the first.
        end: A day in the last month. None for all to the last.
        tables: Names of tables: receipts, receipt_items, payments, z_reports, product_sales, shops, terminals,
            employees, shifts, categories, products, cards.
        format: `parquet` for analysis, which needs the extra `smartkasa-async[parquet]`; `csv` for a Ukrainian Excel
            (semicolons, decimal commas, a byte order mark, text that looks like a formula marked by an apostrophe,
            control characters written as escapes); `jsonl` for programs, decimals as strings.
        raw: Whether the JSON of each record is exported as well, in the column `raw`.
        on_progress: Called after each batch of rows of any table; the number of items and payments is an estimate until
            they are written.

    Returns:
        The files that were written.

    Raises:
        ConfigurationError: pyarrow is not installed.
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
    sources = [EXPORTED[name] for name in chosen_words("tables", tables, EXPORTED)]
    export = _Export(Path(folder), _file_type(format), window, chosen, raw=raw, on_progress=on_progress)
    staging = await export.in_thread(Staging, export.folder)
    try:
        async with store.reading() as connection:
            await require_known_shops(connection, chosen, must_have_shops=True)
            await export.expect(connection, sources)
            files = [file for source in sources for file in await export.write(connection, staging, source)]
        names = [file.path.relative_to(export.folder) for file in files]
        stale = await export.in_thread(export.stale, sources, set(names))
        await export.in_thread(staging.publish, names, stale)
    finally:
        with anyio.CancelScope(shield=True):
            await to_thread.run_sync(staging.discard)
    return ExportedFiles(files)


def _whole_months(start: date | None, end: date | None) -> Window:
    asked = Window(date.min if start is None else start, date.max if end is None else end)
    return Window(month_of(asked.start).start, month_of(asked.end).end)


def _file_type(format: ExportFormat) -> type[ExportFile]:
    if format == "csv":
        return CsvFile
    if format == "jsonl":
        return JsonlFile
    with naming_extras():
        import_module("pyarrow")
    return ParquetFile


class _Export:
    """One export: what was asked for, and how it is done table by table."""

    def __init__(
        self,
        folder: Path,
        file_type: type[ExportFile],
        window: Window,
        shops: Collection[int] | None,
        *,
        raw: bool,
        on_progress: Callable[[Progress], None] | None,
    ) -> None:
        self.folder = folder
        self._file_type = file_type
        self._window = window
        self._shops = shops
        self._raw = raw
        self._on_progress = on_progress
        self._rows = 0
        self._expected: dict[str, int] = {}

    async def expect(self, connection: AsyncConnection, sources: Sequence[Source]) -> None:
        """Count the rows to write, where progress is reported."""
        if self._on_progress is not None:
            for source in sources:
                count = await expected_rows(connection, source, self._window, self._shops)
                self._expected[source.table.name] = count

    async def write(self, connection: AsyncConnection, staging: Staging, source: Source) -> list[ExportedFile]:
        """Write the files of one table into the staging folder."""
        if source.days is None:
            files = [await self._write_file(connection, staging, source, None, self._shops)]
        else:
            months = await find_months(connection, source.days, self._window, self._shops)
            found = [
                await self._write_file(connection, staging, source, month, shops) for month, shops in months.items()
            ]
            files = [file for file in found if file.rows]
        self._expected[source.table.name] = sum(file.rows for file in files)
        return files

    async def _write_file(
        self,
        connection: AsyncConnection,
        staging: Staging,
        source: Source,
        month: Window | None,
        shops: Collection[int | None] | None,
    ) -> ExportedFile:
        name = self._name(source, month)
        await self.in_thread(require_replaceable, self.folder / name)
        columns = {column.name: column for column in source.columns(raw=self._raw)}
        file = await self.in_thread(self._file_type, staging / name, columns)
        try:
            forms = [self._file_type.form(column, connection.dialect.name) for column in columns.values()]
            query = select_rows(source, forms, month, shops)
            async with connection.stream(query.execution_options(yield_per=file.rows_at_once)) as rows:
                async for some in rows.partitions():
                    await self.in_thread(file.write, some)
                    self._rows += len(some)
                    if self._on_progress is not None:
                        total = max(self._rows, sum(self._expected.values()))
                        self._on_progress(Progress(Stage.WRITING, self._rows, total, "rows"))
            await self.in_thread(file.finish)
        except BaseException:
            with anyio.CancelScope(shield=True):
                await to_thread.run_sync(file.abandon)
            raise
        return ExportedFile(source.table.name, self.folder / name, file.rows, month.start if month else None)

    def _name(self, source: Source, month: Window | None) -> PurePath:
        table, suffix = source.table.name, self._file_type.suffix
        if month is None:
            return PurePath(f"{table}.{suffix}")
        return PurePath(table, f"month={month.start:%Y-%m}", f"part-0.{suffix}")

    def stale(self, sources: Sequence[Source], written: Collection[PurePath]) -> list[PurePath]:
        """Find files of earlier exports for months that were asked for and have no rows any more."""
        patterns = [f"{source.table.name}/month=*/part-0.{self._file_type.suffix}" for source in sources]
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
