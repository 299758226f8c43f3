"""What the fleet's tables keep, and for how long; what is older is deleted, a few rows at a time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, LiteralString

from smartkasa_async.fleet.journals import PUSHES
from smartkasa_async.jobs.journal import RowState

if TYPE_CHECKING:
    from smartkasa_async.fleet.database import Database
    from smartkasa_async.fleet.policy import Policy

_ROWS_AT_ONCE = 5000
"""Every minute; 10,000 accounts have 670 runs in it."""

_STATEMENTS: tuple[LiteralString, ...] = (
    """
    DELETE FROM runs WHERE run_id IN (
        SELECT run_id FROM runs
        WHERE started_at < %(good)s AND (started_at < %(all)s OR (task = 'today' AND outcome = 'done'))
        ORDER BY started_at LIMIT %(most)s
    )
    """,
    """
    DELETE FROM uploads WHERE upload_id IN (
        SELECT upload_id FROM uploads WHERE ended_at < %(all)s ORDER BY ended_at LIMIT %(most)s
    )
    """,
    """
    WITH old AS (
        DELETE FROM journal_rows WHERE (journal_id, row_id) IN (
            SELECT journal_id, row_id FROM journal_rows JOIN journals USING (journal_id)
            WHERE journals.name = %(pushes)s AND entered_at < %(pushed)s AND state <> ALL(%(open)s)
            ORDER BY entered_at LIMIT %(most)s
        ) RETURNING journal_id
    )
    UPDATE journals SET is_pruned = TRUE WHERE journal_id IN (SELECT journal_id FROM old)
    """,
)


async def prune(database: Database, policy: Policy) -> None:
    """Delete runs, uploads that are done, and what was pushed, by their age.

    Raises:
        FleetDatabaseError: The database was lost.
    """
    now = database.now()
    values = {
        "good": now - timedelta(hours=policy.keep_good_runs_hours),
        "all": now - timedelta(days=policy.keep_runs_days),
        "pushed": now - timedelta(days=policy.keep_pushed_days),
        "pushes": PUSHES,
        "open": [RowState.CREATING, RowState.UPDATING, RowState.IN_DOUBT],
        "most": _ROWS_AT_ONCE,
    }
    for statement in _STATEMENTS:
        await database.execute(statement, values)
