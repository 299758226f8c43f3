"""A file of DuckDB with the tables and views of a store; duckdb writes it, which the extra `duckdb` brings."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, ClassVar

from smartkasa_async._i18n.message import msg
from smartkasa_async._support.extras import naming_extras
from smartkasa_async.stores.arrow import ArrowColumns
from smartkasa_async.stores.errors import StoreError
from smartkasa_async.stores.forms import arrow_form

with naming_extras():
    import duckdb

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from smartkasa_async.records.days import Window
    from smartkasa_async.stores.sources import AnySource


class DuckdbFile:
    """A file of DuckDB in the making, which begins as a copy of the one that is there."""

    def __init__(self, path: Path, before: Path) -> None:
        """Begin the file.

        Args:
            path: Where it is written.
            before: The file that it replaces, if there is one; its other tables and days stay.

        Raises:
            OSError: The file that is there cannot be read.
            StoreError: It is no file of DuckDB.
        """
        if before.exists():
            shutil.copyfile(before, path)
        self._path = path
        self._before = before
        try:
            self._database = duckdb.connect(os.fspath(path))
        except duckdb.Error as error:
            raise StoreError(
                msg("{file} cannot be opened by DuckDB: {reason}", file=before, reason=_first_line(error))
            ) from error
        self._database.execute("SET TimeZone = 'UTC'")

    def replace(self, source: AnySource, window: Window, *, raw: bool) -> DuckdbTable:
        """Make room for the rows of a table: those of the days that are asked for go, and those of others stay.

        Args:
            source: The table or view.
            window: The days; what has no days is replaced whole.
            raw: Whether the JSON of each record is among the columns.

        Raises:
            StoreError: The table that is there has other columns, or the file cannot be written.
        """
        with _named(self._before):
            return self._replace(source, window, raw=raw)

    def _replace(self, source: AnySource, window: Window, *, raw: bool) -> DuckdbTable:
        columns = source.columns(raw=raw)
        table = DuckdbTable(self._database, self._before, source, ArrowColumns(columns))
        types = table.types()
        found = self._columns(source.name)
        if found and found != types:
            raise StoreError(
                msg(
                    "{file} has the table {table} with other columns, from an export by another release or with"
                    " another --raw; export into another folder, or remove the file",
                    file=self._before,
                    table=source.name,
                )
            )
        if not found:
            listed = ", ".join(f'"{name}" {type_}' for name, type_ in types.items())
            self._database.execute(f'CREATE TABLE "{source.name}" ({listed})')
        for name in self._indexes(source.name):
            self._database.execute(f'DROP INDEX "{name}"')
        if "business_date" in columns and source.days is not None:
            days = [window.start, window.end]
            self._database.execute(f'DELETE FROM "{source.name}" WHERE business_date BETWEEN ? AND ?', days)  # noqa: S608
        else:
            self._database.execute(f'DELETE FROM "{source.name}"')  # noqa: S608
        return table

    def _columns(self, table: str) -> dict[str, str]:
        query = "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index"
        return dict(self._database.execute(query, [table]).fetchall())

    def _indexes(self, table: str) -> list[str]:
        query = "SELECT index_name FROM duckdb_indexes() WHERE table_name = ?"
        return [name for (name,) in self._database.execute(query, [table]).fetchall()]

    def finish(self) -> None:
        """Close the file and make sure that the disk has it."""
        with _named(self._before):
            self._database.execute("CHECKPOINT")
            self._database.close()
        descriptor = os.open(self._path, os.O_RDWR)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def abandon(self) -> None:
        """Close the file however far it is; it is of no use."""
        with suppress(duckdb.Error):
            self._database.close()


class DuckdbTable:
    """A table of the file that rows are written into.

    Attributes:
        rows_at_once: How many rows are best written at once.
        rows: Number of rows written.
    """

    rows_at_once: ClassVar[int] = 20_000
    form = staticmethod(arrow_form)

    def __init__(self, database: Any, file: Path, source: AnySource, columns: ArrowColumns) -> None:
        self.rows: int = 0
        self._database = database
        self._file = file
        self._source = source
        self._columns = columns

    def types(self) -> dict[str, str]:
        """Return the types of DuckDB by the names of the columns."""
        empty = self._database.from_arrow(self._columns.table(()))
        return {name: str(type_) for name, type_ in zip(empty.columns, empty.types, strict=True)}

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        """Write rows, each with a value for each column."""
        with _named(self._file):
            self._database.register("written", self._columns.table(rows))
            self._database.execute(f'INSERT INTO "{self._source.name}" SELECT * FROM written')  # noqa: S608
            self._database.unregister("written")
        self.rows += len(rows)

    def finish(self) -> None:
        """Index the rows by their key, and those of days by shop and day."""
        name, source = self._source.name, self._source
        with _named(self._file):
            key = ", ".join(f'"{column}"' for column in source.key)
            self._database.execute(f'CREATE UNIQUE INDEX "{name}_by_key" ON "{name}" ({key})')
            if source.days is not None and "shop_id" in source.columns(raw=False):
                self._database.execute(f'CREATE INDEX "{name}_by_shop_and_day" ON "{name}" (shop_id, business_date)')


@contextmanager
def _named(file: Path) -> Iterator[None]:
    """Name the file where DuckDB cannot write it, such as on a full disk."""
    try:
        yield
    except duckdb.Error as error:
        message = msg("{file} cannot be written by DuckDB: {reason}", file=file, reason=_first_line(error))
        raise StoreError(message) from error


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
