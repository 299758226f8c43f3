"""The sandbox's database: SQLite, in a file or in memory, one transaction for each operation."""

from __future__ import annotations

import sqlite3
import threading
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from smartkasa_async.sandbox.errors import DatabaseError
from smartkasa_async.sandbox.schema import ROLES, TABLES, UNIT_TYPES, Kind, Table, table_script
from smartkasa_async.sandbox.wire import decode_json, encode_json, ruby_decimal, stored_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from os import PathLike

    from smartkasa_async.sandbox.views import View


@dataclass
class Where:
    """The conditions of a query, all of which must hold."""

    clauses: list[str] = field(default_factory=list)
    parameters: list[Any] = field(default_factory=list)

    def add(self, clause: str, *parameters: Any) -> None:
        """Add a condition with the values of its question marks."""
        self.clauses.append(clause)
        self.parameters.extend(parameters)

    def equals(self, table: Table, column: str, value: Any) -> None:
        """Add the condition that a column has a value."""
        if value is None:
            self.add(f'"{column}" IS NULL')
        else:
            self.add(f'"{column}" = ?', _encode(table.columns[column], value))

    def within(self, column: str, values: Sequence[Any]) -> None:
        """Add the condition that a column has one of the values."""
        self.add(f'"{column}" IN (SELECT value FROM json_each(?))', encode_json(values).decode())  # noqa: S608 our own column

    def __str__(self) -> str:
        return f" WHERE {' AND '.join(self.clauses)}" if self.clauses else ""


class Storage:
    """The tables, with values encoded and decoded by the kind of their column. Safe to use from several threads.

    Args:
        database: A SQLite file, or `:memory:`.
        durable: Whether the file outlasts a crash; one that is deleted at the end need not.
    """

    def __init__(self, database: str | PathLike[str] = ":memory:", *, durable: bool = True) -> None:
        self._lock = threading.RLock()
        self._connection = _connect(database, durable=durable)
        now = datetime.now(UTC)
        self._write("INSERT OR IGNORE", TABLES["unit_types"], UNIT_TYPES)
        self._write("INSERT OR IGNORE", TABLES["roles"], [{**r, "created_at": now, "updated_at": now} for r in ROLES])

    def close(self) -> None:
        """Close the database; one in memory is lost."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do all or nothing of what happens inside, with no other thread in between."""
        with self._lock:
            self._connection.execute("BEGIN")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def show(self, view: View, where: Where | None = None, tail: str = "") -> list[dict[str, Any]]:
        """Select rows for an answer.

        Args:
            view: What to select and how to show it.
            where: The conditions.
            tail: Order and limits, in SQL.

        Returns:
            The objects as they stand in the answer.
        """
        where = where or Where()
        with self._lock:
            cursor = self._connection.execute(f"{view.select}{where} {tail}", where.parameters)
            return view.render(cursor)

    def show_by_id(self, view: View, ids: Iterable[Any]) -> dict[Any, dict[str, Any]]:
        """Select rows for an answer by their ids, in one query."""
        where = Where()
        where.within("id", list({key for key in ids if key is not None}))
        return {row["id"]: row for row in self.show(view, where)}

    def count(self, table: Table, where: Where) -> int:
        """Count rows."""
        return int(self.query(f"SELECT count(*) FROM {table.name}{where}", where.parameters)[0][0])  # noqa: S608 names of our own schema

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a query of an area's own and return its tuples, as stored."""
        with self._lock:
            return self._connection.execute(sql, parameters).fetchall()

    def rows(self, table: Table, where: Where | None = None, tail: str = "ORDER BY rowid") -> list[dict[str, Any]]:
        """Select whole rows with decoded values: Decimal, aware datetime, bool, lists and dicts."""
        where = where or Where()
        names = ", ".join(f'"{name}"' for name in table.columns)
        columns = [(name, _DECODERS[kind]) for name, kind in table.columns.items()]
        tuples = self.query(f"SELECT {names} FROM {table.name}{where} {tail}", where.parameters)  # noqa: S608 names of our own schema
        return [
            {
                name: None if value is None else decode(value)
                for (name, decode), value in zip(columns, values, strict=True)
            }
            for values in tuples
        ]

    def find(self, table: Table, key: Any) -> dict[str, Any] | None:
        """Return the row with an id, decoded, or None."""
        where = Where()
        where.equals(table, "id", key)
        return next(iter(self.rows(table, where)), None)

    def exists(self, table: Table, key: Any) -> bool:
        """Return whether there is a row with an id."""
        return bool(self.query(f"SELECT 1 FROM {table.name} WHERE id = ?", (key,)))  # noqa: S608 names of our own schema

    def insert(self, table: Table, values: Mapping[str, Any]) -> Any:
        """Insert a row and return its id; one that has none gets a number or a UUID."""
        if not table.numbered:
            values = {"id": str(uuid.uuid4()), **values}
        number = self._write("INSERT", table, [values])
        return number if table.numbered else values["id"]

    def insert_rows(self, table_name: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert many rows with their ids; existing rows with these ids are replaced."""
        self._write("INSERT OR REPLACE", TABLES[table_name], rows)

    def update(self, table: Table, key: Any, values: Mapping[str, Any]) -> None:
        """Write some columns of the row with an id."""
        if not values:
            return
        assignments = ", ".join(f'"{name}" = ?' for name in values)
        encoded = [_encode(table.columns[name], value) for name, value in values.items()]
        self.execute(f"UPDATE {table.name} SET {assignments} WHERE id = ?", [*encoded, key])  # noqa: S608 names of our own schema

    def delete(self, table: Table, key: Any) -> None:
        """Delete the row with an id."""
        self.execute(f"DELETE FROM {table.name} WHERE id = ?", (key,))  # noqa: S608 names of our own schema

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Run a statement of an area's own and return how many rows it changed."""
        with self._lock:
            return self._connection.execute(sql, parameters).rowcount

    def next_number(self, counter: str) -> int:
        """Return the next number of a counter, for things that have ids but no table."""
        sql = "INSERT INTO counters VALUES (?, 1) ON CONFLICT DO UPDATE SET value = value + 1 RETURNING value"
        return int(self.query(sql, (counter,))[0][0])

    def _write(self, verb: str, table: Table, rows: Sequence[Mapping[str, Any]]) -> int | None:
        columns = [
            (name, _ENCODERS.get(kind, _as_it_is))
            for name, kind in table.columns.items()
            if name != "id" or (rows and "id" in rows[0])
        ]
        names = ", ".join(f'"{name}"' for name, _ in columns)
        marks = ", ".join("?" * len(columns))
        sql = f"{verb} INTO {table.name} ({names}) VALUES ({marks})"
        encoded = (
            [None if (value := row.get(name)) is None else encode(value) for name, encode in columns] for row in rows
        )
        with self._lock:
            if len(rows) == 1:
                return self._connection.execute(sql, next(encoded)).lastrowid
            return self._connection.executemany(sql, encoded).lastrowid


_DURABLE = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
_FAST = "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF;"


def _connect(database: str | PathLike[str], *, durable: bool) -> sqlite3.Connection:
    """Open a database and make the tables that it does not have yet."""
    try:
        connection = sqlite3.connect(database, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as error:
        raise _not_opened(database, error) from error
    try:
        connection.create_function("contains", 2, _contains, deterministic=True)
        connection.executescript(_DURABLE if durable else _FAST)
        connection.executescript("\n".join(table_script(table) for table in TABLES.values()))
        connection.execute("CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL)")
    except sqlite3.Error as error:
        connection.close()
        raise _not_opened(database, error) from error
    return connection


def _not_opened(database: str | PathLike[str], error: sqlite3.Error) -> DatabaseError:
    return DatabaseError(
        "Database {file} cannot be opened: name a SQLite file, or a new file in a folder that can be written"
        " ({reason}).",
        file=database,
        reason=error,
    )


def _contains(text: str | None, part: str) -> bool:
    return text is not None and part in text.casefold()


def _encode(kind: Kind, value: Any) -> Any:
    if value is None:
        return None
    return _ENCODERS.get(kind, _as_it_is)(value)


def _as_it_is(value: Any) -> Any:
    return value


_ENCODERS: dict[Kind, Callable[[Any], Any]] = {
    Kind.FLAG: int,
    Kind.DECIMAL: ruby_decimal,
    Kind.NUMBER: ruby_decimal,
    Kind.TIME: stored_time,
    Kind.UTC_TIME: stored_time,
    Kind.JSON: lambda value: encode_json(value).decode(),
}

_DECODERS: dict[Kind, Callable[[Any], Any]] = {
    Kind.INTEGER: int,
    Kind.TEXT: str,
    Kind.FLAG: bool,
    Kind.DECIMAL: Decimal,
    Kind.NUMBER: Decimal,
    Kind.TIME: datetime.fromisoformat,
    Kind.UTC_TIME: datetime.fromisoformat,
    Kind.JSON: decode_json,
}
