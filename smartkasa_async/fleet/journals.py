"""Journals and checkpoints in the fleet's database, so that a job begun on one machine goes on at another.

Every write checks the run's epoch, and rows are written down before they are sent: a worker from which the account was
taken sends nothing more.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import asynccontextmanager
from itertools import count
from typing import TYPE_CHECKING, Any, LiteralString

from smartkasa_async._i18n.message import msg
from smartkasa_async._i18n.translate import message_of
from smartkasa_async.fleet.errors import FencedError, FleetDatabaseError
from smartkasa_async.jobs.errors import JournalError
from smartkasa_async.jobs.journal import KeyStatus, KnownItem, RowState
from smartkasa_async.sync.checkpoint import CheckpointError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from psycopg import AsyncConnection
    from psycopg.rows import DictRow

    from smartkasa_async.fleet.database import Database
    from smartkasa_async.fleet.runs import Held
    from smartkasa_async.jobs.journal import Entry, Result

PUSHES = "push"
"""Name of the journal of all pushes of an account."""

_MAYBE_SENT = [RowState.CREATING, RowState.UPDATING, RowState.IN_DOUBT]

_MISSING: LiteralString = """
FROM journal_known AS known WHERE journal_id = %(journal)s
    AND NOT EXISTS (
        SELECT FROM journal_rows AS row WHERE row.journal_id = %(journal)s AND row.run = %(run)s
            AND row.key IN (known.key, chr(9) || known.item_id)
    )
    AND left(known.key, 1) <> ' ' AND length(known.fields) > 0
"""


class DatabaseJournal:
    """A journal of an account in the fleet's database; it implements `Journal`.

    Args:
        database: The fleet's database.
        held: The run that writes.
        name: Name of the journal, one for each job of the account.
    """

    def __init__(self, database: Database, held: Held, name: str) -> None:
        self._database = database
        self._held = held
        self._name = name
        self._journal = 0
        self._run = 0
        self._next_id = 1

    async def is_pruned(self) -> bool:
        """Return whether what stood in it long ago was deleted, so that what it does not know may be done."""
        rows = await self._read(
            "SELECT is_pruned FROM journals WHERE account_id = %s AND name = %s", [self._held.account_id, self._name]
        )
        return any(row["is_pruned"] for row in rows)

    async def begin(self, key: str) -> bool:
        """Begin a run."""
        async with self._writing() as connection:
            cursor = await connection.execute(
                "INSERT INTO journals (account_id, name, key) VALUES (%s, %s, %s)"
                " ON CONFLICT (account_id, name) DO UPDATE SET run = journals.run"
                " RETURNING journal_id, key, run, is_finished, has_side_writes",
                [self._held.account_id, self._name, key],
            )
            row = await _one(cursor)
            self._journal, self._run = row["journal_id"], row["run"] + 1
            if not row["is_finished"] and row["key"] != key:
                raise JournalError(
                    msg(
                        "Journal {file} belongs to a job by {other} that has not ended",
                        file=self._name,
                        other=row["key"],
                    )
                )
            maybe_sent = await connection.execute(
                "SELECT FROM journal_rows WHERE journal_id = %s AND state = ANY(%s) LIMIT 1",
                [self._journal, _MAYBE_SENT],
            )
            is_open = await maybe_sent.fetchone() is not None
            if row["is_finished"]:
                await connection.execute("DELETE FROM journal_rows WHERE journal_id = %s", [self._journal])
            await connection.execute(
                "UPDATE journals SET run = %s, key = %s, is_finished = FALSE,"
                " source = CASE WHEN is_finished THEN NULL ELSE source END WHERE journal_id = %s",
                [self._run, key, self._journal],
            )
            await connection.execute("DELETE FROM journal_deferred WHERE journal_id = %s", [self._journal])
            cursor = await connection.execute(
                "SELECT coalesce(max(row_id), 0) AS last FROM journal_rows WHERE journal_id = %s", [self._journal]
            )
            self._next_id = (await _one(cursor))["last"] + 1
        return not row["is_finished"] or is_open or row["has_side_writes"]

    async def note_source(self, digest: str) -> str | None:
        """Keep the digest of the source."""
        async with self._writing() as connection:
            cursor = await connection.execute(
                "SELECT source FROM journals WHERE journal_id = %s FOR UPDATE", [self._journal]
            )
            before: str | None = (await _one(cursor))["source"]
            await connection.execute("UPDATE journals SET source = %s WHERE journal_id = %s", [digest, self._journal])
        return before

    async def forget_known(self) -> None:
        """Drop the known items."""
        await self._write("DELETE FROM journal_known WHERE journal_id = %s", [self._journal])

    async def add_known(self, items: Sequence[KnownItem]) -> None:
        """Keep known items."""
        async with (
            self._writing() as connection,
            connection.cursor() as cursor,
            cursor.copy("COPY journal_known (journal_id, key, item_id, fields) FROM STDIN") as copy,
        ):
            for item in items:
                await copy.write_row((self._journal, item.key, item.id, item.fields))

    async def count_known(self) -> int:
        """Count the known items."""
        (row,) = await self._read("SELECT count(*) AS count FROM journal_known WHERE journal_id = %s", [self._journal])
        found: int = row["count"]
        return found

    async def look_up(self, keys: Sequence[str]) -> list[KeyStatus]:
        """Return what is known of some keys."""
        wanted = list(dict.fromkeys(keys))
        rows = await self._read(
            "SELECT key, row_id, run, line, state, item_id, digest FROM journal_rows"
            " WHERE journal_id = %s AND key = ANY(%s)",
            [self._journal, wanted],
        )
        items = await self._read(
            "SELECT key, item_id, fields FROM journal_known WHERE journal_id = %s AND key = ANY(%s) ORDER BY position",
            [self._journal, wanted],
        )
        known: defaultdict[str, list[KnownItem]] = defaultdict(list)
        for item in items:
            known[item["key"]].append(_item(item))
        by_key = {row["key"]: row for row in rows}
        return [self._status(by_key.get(key), tuple(known.get(key, ()))) for key in keys]

    def _status(self, row: DictRow | None, known: tuple[KnownItem, ...]) -> KeyStatus:
        if row is None:
            return KeyStatus(None, None, None, None, known)
        line = row["line"] if row["run"] == self._run else None
        return KeyStatus(row["row_id"], line, RowState(row["state"]), row["item_id"], known, row["digest"])

    async def find_known(self, ids: Sequence[str]) -> list[KnownItem]:
        """Find known items by their ids."""
        rows = await self._read(
            "SELECT key, item_id, fields FROM journal_known WHERE journal_id = %s AND item_id = ANY(%s)"
            " ORDER BY position",
            [self._journal, list(ids)],
        )
        return [_item(row) for row in rows]

    async def enter(self, entries: Sequence[Entry]) -> list[int]:
        """Write rows down."""
        new_ids = count(self._next_id)
        row_ids = [next(new_ids) if entry.row_id is None else entry.row_id for entry in entries]
        now = self._database.now()
        values = [
            (self._journal, row_id, one.key, self._run, one.line, int(one.state), one.item_id, one.digest, now)
            for row_id, one in zip(row_ids, entries, strict=True)
        ]
        async with self._writing() as connection, connection.cursor() as cursor:
            await cursor.executemany(
                """
                INSERT INTO journal_rows (journal_id, row_id, key, run, line, state, item_id, digest, entered_at)
                VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
                ON CONFLICT (journal_id, row_id) DO UPDATE SET run = excluded.run, line = excluded.line,
                    state = excluded.state, item_id = excluded.item_id, digest = excluded.digest,
                    entered_at = excluded.entered_at
                """,
                values,
            )
        self._next_id = next(new_ids)
        return row_ids

    async def record(self, results: Sequence[Result]) -> None:
        """Write down what became of rows; also for a run that was fenced off: what happened has happened."""
        values = [(int(one.state), one.item_id, self._journal, one.row_id) for one in results]
        async with self._using() as connection, connection.cursor() as cursor:
            await cursor.executemany(
                "UPDATE journal_rows SET state = %s, item_id = %s WHERE journal_id = %s AND row_id = %s", values
            )

    async def defer(self, tasks: Sequence[bytes]) -> None:
        """Keep tasks for later in this run."""
        async with self._writing() as connection, connection.cursor() as cursor:
            await cursor.executemany(
                "INSERT INTO journal_deferred (journal_id, task) VALUES (%s, %s)",
                [(self._journal, task) for task in tasks],
            )

    async def take_deferred(self, count: int) -> list[bytes]:
        """Remove and return deferred tasks."""
        async with self._writing() as connection:
            cursor = await connection.execute(
                """
                WITH taken AS (
                    DELETE FROM journal_deferred WHERE position IN (
                        SELECT position FROM journal_deferred WHERE journal_id = %s ORDER BY position LIMIT %s
                    ) RETURNING position, task
                )
                SELECT task FROM taken ORDER BY position
                """,
                [self._journal, count],
            )
            return [bytes(row["task"]) for row in await cursor.fetchall()]

    async def note_side_writes(self, *, pending: bool) -> None:
        """Write down whether side writes are pending."""
        await self._write("UPDATE journals SET has_side_writes = %s WHERE journal_id = %s", [pending, self._journal])

    async def missing(self, after: int, count: int) -> list[tuple[int, KnownItem]]:
        """List known items whose key no row of this run has."""
        rows = await self._read(
            "SELECT position, key, item_id, fields " + _MISSING + " AND position > %(after)s"
            " ORDER BY position LIMIT %(count)s",
            {"journal": self._journal, "run": self._run, "after": after, "count": count},
        )
        return [(row["position"], _item(row)) for row in rows]

    async def count_missing(self) -> int:
        """Count what `missing` lists in all."""
        (row,) = await self._read("SELECT count(*) AS count " + _MISSING, {"journal": self._journal, "run": self._run})
        found: int = row["count"]
        return found

    async def finish(self) -> None:
        """Write down that all rows have their outcome."""
        async with self._writing() as connection:
            await connection.execute("UPDATE journals SET is_finished = TRUE WHERE journal_id = %s", [self._journal])
            await connection.execute("DELETE FROM journal_known WHERE journal_id = %s", [self._journal])

    async def close(self) -> None:
        """Nothing is to be closed: the connections are the fleet's."""

    async def _read(self, query: LiteralString, values: Sequence[Any] | dict[str, Any]) -> list[DictRow]:
        async with self._using() as connection:
            return await (await connection.execute(query, values)).fetchall()

    async def _write(self, query: LiteralString, values: Sequence[Any]) -> None:
        async with self._writing() as connection:
            await connection.execute(query, values)

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[AsyncConnection[DictRow]]:
        """Open a transaction that may be committed only while the account is this run's."""
        async with self._using() as connection:
            await self._held.check(connection)
            yield connection

    @asynccontextmanager
    async def _using(self) -> AsyncIterator[AsyncConnection[DictRow]]:
        try:
            async with self._database.transaction() as connection:
                yield connection
        except (FencedError, FleetDatabaseError) as error:
            raise JournalError(msg("Journal {file}: {reason}", file=self._name, reason=message_of(error))) from error


async def forget_journals(connection: AsyncConnection[DictRow], account_id: int, name: str | None = None) -> None:
    """Delete a journal of an account in a transaction, or all where no name is given."""
    values = {"account": account_id, "name": name}
    for statement in _FORGET:
        await connection.execute(statement, values)


_FORGET: tuple[LiteralString, ...] = tuple(
    f"DELETE FROM {table} WHERE journal_id IN (SELECT journal_id FROM journals WHERE account_id = %(account)s"  # noqa: S608
    " AND (%(name)s::text IS NULL OR name = %(name)s))"
    for table in ("journal_known", "journal_deferred", "journals")
)
"""The unlogged tables cannot refer to the others, so they are emptied first."""


class DatabaseCheckpointStore:
    """Keeps the checkpoint of a watch of an account; it implements `CheckpointStore`.

    Args:
        database: The fleet's database.
        held: The run that writes.
        name: Name of the checkpoint.
    """

    def __init__(self, database: Database, held: Held, name: str) -> None:
        self._database = database
        self._held = held
        self._name = name

    async def load(self) -> bytes | None:
        """Return what was saved last, or None.

        Raises:
            CheckpointError: The database was lost.
        """
        try:
            row = await self._database.row(
                "SELECT content FROM checkpoints WHERE account_id = %s AND name = %s",
                [self._held.account_id, self._name],
            )
        except FleetDatabaseError as error:
            raise CheckpointError(message_of(error)) from error
        return None if row is None else bytes(row["content"])

    async def save(self, content: bytes) -> None:
        """Replace what was saved; it is committed when this returns.

        Raises:
            CheckpointError: The database was lost, or the account is another's by now.
        """
        try:
            async with self._database.transaction() as connection:
                await self._held.check(connection)
                await connection.execute(
                    "INSERT INTO checkpoints VALUES (%s, %s, %s)"
                    " ON CONFLICT (account_id, name) DO UPDATE SET content = excluded.content",
                    [self._held.account_id, self._name, content],
                )
        except (FencedError, FleetDatabaseError) as error:
            raise CheckpointError(message_of(error)) from error


async def _one(cursor: Any) -> DictRow:
    row: DictRow | None = await cursor.fetchone()
    if row is None:
        raise JournalError(msg("The journal was deleted meanwhile; begin the job anew"))
    return row


def _item(row: DictRow) -> KnownItem:
    return KnownItem(row["key"], row["item_id"], bytes(row["fields"]))
