"""A journal in a SQLite file."""

from __future__ import annotations

import json
import os
import sqlite3
from collections import defaultdict
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from itertools import chain, count
from os import PathLike
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread

from smartkasa_async._i18n.message import msg
from smartkasa_async._support.arguments import check_kept
from smartkasa_async.jobs.errors import JournalError
from smartkasa_async.jobs.journal import KeyStatus, KnownItem, RowState

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence

    from smartkasa_async._i18n.message import Message
    from smartkasa_async.jobs.journal import Entry, Journal, Result

ReturnT = TypeVar("ReturnT")
ParamsT = ParamSpec("ParamsT")

_APPLICATION = 0x534B_4A31
_VERSION = 4
_SETTINGS = """
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA journal_mode = WAL;
PRAGMA cache_size = -16000;
PRAGMA temp_store = MEMORY;
"""
# Rows are appended and changed by id, so that of each batch only the index over the keys is written here and there.
_SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE rows (
    row_id INTEGER PRIMARY KEY, key TEXT NOT NULL, run INTEGER NOT NULL, line INTEGER, state INTEGER NOT NULL,
    item_id TEXT, digest TEXT
);
CREATE UNIQUE INDEX rows_by_key ON rows (key);
CREATE TABLE known (position INTEGER PRIMARY KEY, key TEXT NOT NULL, id TEXT NOT NULL, fields BLOB NOT NULL);
CREATE INDEX known_by_key ON known (key);
CREATE TABLE deferred (position INTEGER PRIMARY KEY, task BLOB NOT NULL);
INSERT INTO meta VALUES ('run', '0'), ('finished', '1'), ('side_writes', '0');
"""
_ROOM = bytes(37)
"""Stands for an id that is to come: a UUID and the state that comes with it take as many bytes, so that the row is
written over in its place. A row that grew would split the page that it fills, and each page be written twice."""
_FIND_ROWS = """
SELECT rows.key, row_id, run, line, state, iif(typeof(item_id) = 'blob', NULL, item_id), digest
FROM json_each(?) AS wanted CROSS JOIN rows ON rows.key = wanted.value
"""
_FIND_KNOWN = """
SELECT known.key, known.id, fields
FROM json_each(?) AS wanted CROSS JOIN known ON known.key = wanted.value ORDER BY position
"""
_INDEX_IDS = "CREATE INDEX IF NOT EXISTS known_by_id ON known (id)"
"""Made when it is asked for: few sources have ids, and an index costs each import its time."""
_FIND_IDS = """
SELECT known.key, known.id, fields
FROM json_each(?) AS wanted CROSS JOIN known ON known.id = wanted.value ORDER BY position
"""
_ENTER = """
INSERT INTO rows VALUES {rows}
ON CONFLICT (row_id) DO UPDATE
SET run = excluded.run, line = excluded.line, state = excluded.state, item_id = excluded.item_id,
    digest = excluded.digest
"""
_ENTER_NEW = """
INSERT INTO rows (key, run, line, state, item_id) SELECT column1, ?, column2, ?, ? FROM (VALUES {rows})
"""
"""For new rows, whose ids follow the last one: each value that rows do not have in common costs a tenth of them."""
_RECORD = """
UPDATE rows SET state = ended.column1, item_id = ended.column2
FROM (VALUES {rows}) AS ended WHERE row_id = ended.column3
"""
_WRITTEN_AT_ONCE = 100
"""Rows in one statement, which hands the interpreter to the other threads once; SQLite before 3.32 takes 999 values."""
_MISSING = """
NOT EXISTS (SELECT 1 FROM rows WHERE rows.key IN (known.key, char(9) || known.id) AND run = ?)
AND substr(known.key, 1, 1) <> ' ' AND length(known.fields) > 0
"""


class SqliteJournal:
    """A journal in a SQLite file, which one process at a time can hold; it implements `Journal`.

    Args:
        path: Where the file is or is to be; None for a temporary one, which has no name that a kill could leave behind.
        busy_seconds: How long to wait for another process that has the file.
        durable: Whether each change is on the disk before anything is sent that it speaks of, so that a power cut
            takes none of them. A push needs that; an import reads the service at its next start in any case.
        copy_of: Journal that a temporary one begins as; it is read and never written.
    """

    def __init__(
        self,
        path: str | PathLike[str] | None = None,
        *,
        busy_seconds: float = 2.0,
        durable: bool = True,
        copy_of: str | PathLike[str] | None = None,
    ) -> None:
        # SQLite opens a file without a name, and the system removes it with the process, however that ends.
        self._path = "" if path is None else str(path)
        self._copy_of = None if copy_of is None else Path(copy_of)
        self._busy_seconds = busy_seconds
        self._durable = durable
        self._one_thread = CapacityLimiter(1)
        self._connection: sqlite3.Connection | None = None
        self._run = 0
        self._next_id = 1

    async def begin(self, key: str) -> bool:
        """Begin a run."""
        return await self._do(self._begin, key)

    async def note_source(self, digest: str) -> str | None:
        """Keep the digest of the source."""
        return await self._do(self._note_source, digest)

    async def forget_known(self) -> None:
        """Drop the known items."""
        await self._do(self._execute, "DELETE FROM known")

    async def add_known(self, items: Sequence[KnownItem]) -> None:
        """Keep known items."""
        rows = ((item.key, item.id, item.fields) for item in items)
        await self._do(self._execute_many, "INSERT INTO known (key, id, fields) VALUES (?, ?, ?)", rows)

    async def count_known(self) -> int:
        """Count the known items."""
        ((count,),) = await self._do(self._query, "SELECT count(*) FROM known", ())
        return int(count)

    async def look_up(self, keys: Sequence[str]) -> list[KeyStatus]:
        """Return what is known of some keys."""
        return await self._do(self._look_up, keys)

    async def find_known(self, ids: Sequence[str]) -> list[KnownItem]:
        """Find known items by their ids."""
        await self._do(self._execute, _INDEX_IDS)
        rows = await self._do(self._query, _FIND_IDS, (json.dumps(ids),))
        return [KnownItem(*row) for row in rows]

    async def enter(self, entries: Sequence[Entry]) -> list[int]:
        """Write rows down."""
        return await self._do(self._enter, entries)

    async def record(self, results: Sequence[Result]) -> None:
        """Write down what became of rows."""
        rows = [(int(result.state), result.item_id, result.row_id) for result in results]
        await self._do(self._write_rows, _RECORD, rows)

    async def defer(self, tasks: Sequence[bytes]) -> None:
        """Keep tasks for later in this run."""
        await self._do(self._execute_many, "INSERT INTO deferred (task) VALUES (?)", [(task,) for task in tasks])

    async def take_deferred(self, count: int) -> list[bytes]:
        """Remove and return deferred tasks."""
        return await self._do(self._take_deferred, count)

    async def note_side_writes(self, *, pending: bool) -> None:
        """Write down whether side writes are pending."""
        await self._do(self._set, "side_writes", int(pending))

    async def missing(self, after: int, count: int) -> list[tuple[int, KnownItem]]:
        """List known items whose key no row of this run has."""
        sql = f"SELECT position, key, id, fields FROM known WHERE position > ? AND {_MISSING} ORDER BY position LIMIT ?"  # noqa: S608  (our own words)
        rows = await self._do(self._query, sql, (after, self._run, count))
        return [(position, KnownItem(key, item_id, fields)) for position, key, item_id, fields in rows]

    async def count_missing(self) -> int:
        """Count what `missing` lists in all."""
        sql = f"SELECT count(*) FROM known WHERE {_MISSING}"  # noqa: S608  (our own words)
        ((count,),) = await self._do(self._query, sql, (self._run,))
        return int(count)

    async def finish(self) -> None:
        """Write down that all rows have their outcome."""
        await self._do(self._set, "finished", 1)

    async def close(self) -> None:
        """Close the file; remove it if it was temporary."""
        await self._do(self._close)

    # --- in the worker thread ---

    async def _do(self, work: Callable[ParamsT, ReturnT], /, *args: ParamsT.args, **kwargs: ParamsT.kwargs) -> ReturnT:
        def carry_out() -> ReturnT:
            try:
                return work(*args, **kwargs)
            except (sqlite3.Error, OSError) as error:
                message = msg(
                    "Journal {file}: {reason}; {advice}", file=self._name, reason=error, advice=_advice(error)
                )
                raise JournalError(message) from error

        # A transaction that has begun is waited for, also where the job is cancelled.
        return await to_thread.run_sync(carry_out, limiter=self._one_thread)

    @property
    def _name(self) -> str:
        return self._path or str(self._copy_of or msg("in the folder of temporary files"))

    @property
    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            if self._path:
                _make_private(self._path)
            connection = sqlite3.connect(
                self._path, timeout=self._busy_seconds, isolation_level=None, check_same_thread=False
            )
            try:
                if self._copy_of is not None and self._copy_of.is_file():
                    _copy(self._copy_of, connection)
                self._prepare(connection)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        """Take the file for this process, and make the tables of a new one; what is not a journal stays untouched."""
        ((application,),) = connection.execute("PRAGMA application_id")
        ((version,),) = connection.execute("PRAGMA user_version")
        ((tables,),) = connection.execute("SELECT count(*) FROM sqlite_schema")
        if tables and application != _APPLICATION:
            raise JournalError(
                msg(
                    "{file} is another program's database; name a file of its own for the journal",
                    file=self._name,
                )
            )
        if tables and version != _VERSION:
            raise JournalError(
                msg(
                    "Journal {file} was written by another version of this library; name a new file for the journal",
                    file=self._name,
                )
            )
        connection.executescript(_SETTINGS)
        level = "OFF" if not self._path else "FULL" if self._durable else "NORMAL"
        connection.execute(f"PRAGMA synchronous = {level}")
        if not tables:
            connection.executescript(
                f"BEGIN EXCLUSIVE; PRAGMA application_id = {_APPLICATION}; PRAGMA user_version = {_VERSION};"
                f"{_SCHEMA} COMMIT;"
            )

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        connection = self._open
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def _begin(self, key: str) -> bool:
        with self._transaction() as connection:
            meta = dict(connection.execute("SELECT name, value FROM meta"))
            ((is_open,),) = connection.execute(
                "SELECT EXISTS (SELECT 1 FROM rows WHERE state IN (?, ?, ?))",
                (RowState.CREATING, RowState.UPDATING, RowState.IN_DOUBT),
            )
            is_finished = meta["finished"] == "1"
            if is_finished:
                connection.execute("DELETE FROM rows")
                connection.execute("DELETE FROM meta WHERE name = 'source'")
            elif meta["key"] != key:
                raise JournalError(
                    msg(
                        "Journal {file} belongs to a job by {other} that has not ended, and this one is by {key};"
                        " resume that one, or name a new file for the journal",
                        file=self._name,
                        other=meta["key"],
                        key=key,
                    )
                )
            self._run = int(meta["run"]) + 1
            changes = {"run": self._run, "finished": 0, "key": key}
            connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", changes.items())
            connection.execute("DELETE FROM deferred")
            ((last,),) = connection.execute("SELECT coalesce(max(row_id), 0) FROM rows")
            self._next_id = last + 1
        return not is_finished or bool(is_open) or meta["side_writes"] == "1"

    def _note_source(self, digest: str) -> str | None:
        found = self._query("SELECT value FROM meta WHERE name = 'source'", ())
        self._set("source", digest)
        return found[0][0] if found else None

    def _look_up(self, keys: Sequence[str]) -> list[KeyStatus]:
        connection, wanted = self._open, json.dumps(list(dict.fromkeys(keys)))
        rows = {key: values for key, *values in connection.execute(_FIND_ROWS, (wanted,))}
        known: defaultdict[str, list[KnownItem]] = defaultdict(list)
        for item in connection.execute(_FIND_KNOWN, (wanted,)):
            known[item[0]].append(KnownItem(*item))
        statuses = []
        for key in keys:
            if key not in rows and key not in known:
                statuses.append(_NEW)
                continue
            row_id, run, line, state, item_id, digest = rows.get(key, _NOT_ENTERED)
            statuses.append(
                KeyStatus(
                    row_id,
                    line if run == self._run else None,
                    None if state is None else RowState(state),
                    item_id,
                    tuple(known.get(key, ())),
                    digest,
                )
            )
        return statuses

    def _enter(self, entries: Sequence[Entry]) -> list[int]:
        new_ids = count(self._next_id)
        row_ids = [next(new_ids) if entry.row_id is None else entry.row_id for entry in entries]
        if all(_is_new(entry) for entry in entries):
            creating = (self._run, int(RowState.CREATING), _ROOM)
            self._write_rows(_ENTER_NEW, [(entry.key, entry.line) for entry in entries], creating)
        else:
            values = [
                (row_id, one.key, self._run, one.line, int(one.state), _id_or_room(one), one.digest)
                for row_id, one in zip(row_ids, entries, strict=True)
            ]
            self._write_rows(_ENTER, values)
        self._next_id = next(new_ids)
        return row_ids

    def _write_rows(self, sql: str, rows: Sequence[Sequence[object]], common: Sequence[object] = ()) -> None:
        """Write rows in one transaction; in the statement `{rows}` stands for them, behind what they have in common."""
        with self._transaction() as connection:
            for start in range(0, len(rows), _WRITTEN_AT_ONCE):
                part = rows[start : start + _WRITTEN_AT_ONCE]
                marks = ", ".join([f"({', '.join('?' * len(part[0]))})"] * len(part))
                connection.execute(sql.format(rows=marks), tuple(chain(common, *part)))

    def _take_deferred(self, count: int) -> list[bytes]:
        with self._transaction() as connection:
            rows = connection.execute(
                "SELECT position, task FROM deferred ORDER BY position LIMIT ?", (count,)
            ).fetchall()
            if rows:
                connection.execute("DELETE FROM deferred WHERE position <= ?", (rows[-1][0],))
        return [task for _, task in rows]

    def _set(self, name: str, value: int | str) -> None:
        self._execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, str(value)))

    def _execute(self, sql: str, parameters: Sequence[object] = ()) -> None:
        self._open.execute(sql, parameters)

    def _execute_many(self, sql: str, parameters: Iterable[Sequence[object]]) -> None:
        with self._transaction() as connection:
            connection.executemany(sql, parameters)

    def _query(self, sql: str, parameters: Sequence[object]) -> list[Any]:
        return self._open.execute(sql, parameters).fetchall()

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


_NOT_ENTERED = (None, None, None, None, None, None)
_NEW = KeyStatus(None, None, None, None, ())


def _make_private(path: str) -> None:
    """Make a new file that its owner alone can read, since prices stand in it; SQLite would let all read it."""
    with suppress(OSError):  # one that is there keeps its rights, and what is wrong SQLite finds too
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _is_new(entry: Entry) -> bool:
    return entry.row_id is None and entry.state is RowState.CREATING and entry.item_id is None and entry.digest is None


def _id_or_room(entry: Entry) -> str | bytes | None:
    return _ROOM if entry.item_id is None and entry.state is RowState.CREATING else entry.item_id


def check_journal(journal: object) -> None:
    """Check that an argument is what `open_journal` takes.

    Raises:
        InvalidRequestError: It is not.
    """
    check_kept("journal", journal, ("begin", "look_up", "enter", "record"), "SqliteJournal(path)")


@asynccontextmanager
async def open_journal(
    journal: str | PathLike[str] | Journal | None, *, durable: bool = False
) -> AsyncIterator[Journal]:
    """Open a journal that is named by its path, or a temporary one; the caller's own journal stays open afterwards.

    Args:
        journal: The path, the caller's own journal, or None.
        durable: As for `SqliteJournal`.
    """
    if journal is not None and not isinstance(journal, str | PathLike):
        yield journal
        return
    opened = SqliteJournal(journal, durable=durable)
    try:
        yield opened
    finally:
        await opened.close()


@asynccontextmanager
async def open_journal_copy(journal: str | PathLike[str] | Journal | None) -> AsyncIterator[Journal]:
    """Open a temporary copy of a journal that is named by its path, so that it is read and never written.

    A journal that is kept elsewhere cannot be copied; an empty one stands for it.
    """
    opened = SqliteJournal(copy_of=journal if isinstance(journal, str | PathLike) else None)
    try:
        yield opened
    finally:
        await opened.close()


def _copy(path: Path, target: sqlite3.Connection) -> None:
    """Copy a journal that may be in use, without a lock on it."""
    with TemporaryDirectory(prefix="smartkasa-journal-") as folder:
        copy = Path(folder, "journal.sqlite")
        for suffix in ("", "-wal"):
            if (source := Path(f"{path}{suffix}")).is_file():
                copyfile(source, f"{copy}{suffix}")
        with closing(sqlite3.connect(copy, isolation_level=None)) as opened:
            opened.execute("PRAGMA journal_mode = DELETE")
            opened.backup(target)


def _advice(error: Exception) -> Message:
    if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
        return msg("another job is using it; wait until that one has ended")
    if isinstance(error, sqlite3.DatabaseError) and "not a database" in str(error):
        return msg("name a file of its own for the journal")
    if isinstance(error, sqlite3.DatabaseError) and "malformed" in str(error):
        return msg("the file is damaged; name a new one for the journal, a while after the last job has ended")
    return msg("see that its folder exists, can be written and has room")
