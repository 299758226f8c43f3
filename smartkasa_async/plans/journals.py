"""The journals of plans: one for applying a plan and one for undoing it, known by its id wherever its file is."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from anyio import to_thread

from smartkasa_async._i18n.external import external_message
from smartkasa_async._i18n.message import msg
from smartkasa_async._support import clock as _clock
from smartkasa_async._support.state_folder import state_folder
from smartkasa_async.jobs.errors import JournalError
from smartkasa_async.jobs.journal import Entry, RowState
from smartkasa_async.jobs.journal_sqlite import open_journal, open_journal_copy
from smartkasa_async.plans.plan import PlanError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from smartkasa_async.jobs.journal import Journal
    from smartkasa_async.plans.plan import Plan

_MARK = "plan"
"""Row of the journal that shows whether its plan was begun, or has ended."""


class Mark(NamedTuple):
    """How far a plan, or its undo, has come.

    Attributes:
        state: None while it was not begun, `UPDATING` while it can be applied further, then `DONE`.
        at: When that was, UTC; None while it was not begun.
        row_id: Id of the mark's own row; None while it has none.
    """

    state: RowState | None
    at: datetime | None
    row_id: int | None


def journal_path(plan: Plan) -> Path:
    """Name the journal: always the same one, so that a copy of the plan is no way to apply it another time."""
    return state_folder() / "plans" / f"{'undo' if plan.is_undo else 'plan'}-{plan.id}.journal"


@asynccontextmanager
async def open_plan_journal(plan: Plan) -> AsyncIterator[Journal]:
    """Open the journal of a plan, or of its undo; a new one is made.

    Raises:
        JournalError: Its folder cannot be made.
    """
    path = journal_path(plan)
    try:
        await to_thread.run_sync(lambda: path.parent.mkdir(mode=0o700, parents=True, exist_ok=True))
    except OSError as error:
        message = msg(
            "The folder of journals, {folder}, cannot be made: {reason}; nothing was changed",
            folder=path.parent,
            reason=external_message(error),
        )
        raise JournalError(message) from error
    async with open_journal(path, durable=True) as journal:
        yield journal


@asynccontextmanager
async def open_plan_journal_to_read(plan: Plan) -> AsyncIterator[Journal]:
    """Open a copy of the journal of a plan, also while it is being applied; an empty one where there is none."""
    async with open_journal_copy(journal_path(plan)) as journal:
        yield journal


async def read_mark(plan: Plan, journal: Journal) -> Mark:
    """Read how far a plan has come.

    Raises:
        PlanError: The journal is that of another plan with the same id.
    """
    (found,) = await journal.look_up([_MARK])
    if found.state is None:
        return Mark(None, None, found.row_id)
    if found.digest != plan.hash:
        message = msg("Plan {id} is another one than was begun under this id; give the one that was begun", id=plan.id)
        raise PlanError(message)
    return Mark(found.state, datetime.fromisoformat(found.item_id or ""), found.row_id)


async def write_mark(plan: Plan, journal: Journal, state: RowState, before: Mark) -> Mark:
    """Write down how far a plan has come."""
    now = _clock.now().replace(microsecond=0)
    (row_id,) = await journal.enter([Entry(_MARK, 0, state, now.isoformat(), before.row_id, plan.hash)])
    return Mark(state, now, row_id)
