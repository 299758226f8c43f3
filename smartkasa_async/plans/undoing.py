"""What undoing a plan sets back: made of the plan itself and of its journal, so no further file is needed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from anyio import to_thread

from smartkasa_async._i18n.message import msg
from smartkasa_async._i18n.safe_text import visible
from smartkasa_async._support import clock as _clock
from smartkasa_async._support.arguments import check_path
from smartkasa_async.catalog.sources.fields import Field
from smartkasa_async.jobs.journal import RowState
from smartkasa_async.plans.journals import open_plan_journal_to_read, read_mark
from smartkasa_async.plans.plan import Plan, PlanError, PlannedChange
from smartkasa_async.plans.reading import LONGEST_VALID, read_plan
from smartkasa_async.plans.sending import WAS_SENT

if TYPE_CHECKING:
    import os

    from smartkasa_async.jobs.journal import Journal

_CARRIED_OUT = WAS_SENT | {RowState.UPDATED}


async def read_undo(path: str | os.PathLike[str]) -> Plan:
    """Read what undoing a plan would set back, by the journal of its application.

    Args:
        path: The plan that was applied.

    Returns:
        A plan from what it was changed to, to what was there before; `undo_plan` carries it out.

    Raises:
        OSError: The plan cannot be read.
        PlanError: It is no plan, was not applied by this user on this machine, or changed nothing.
        JournalError: Its journal cannot be read.
    """
    check_path("path", path)
    plan = await to_thread.run_sync(read_plan, Path(path))
    async with open_plan_journal_to_read(plan) as journal:
        return await undo_of(plan, journal)


async def undo_of(plan: Plan, journal: Journal) -> Plan:
    """Make the plan that undoes another one, as far as that was carried out.

    Args:
        plan: The other one.
        journal: Its journal.

    Raises:
        PlanError: It was not begun, or changed nothing.
    """
    mark = await read_mark(plan, journal)
    if mark.at is None:
        raise not_applied(plan)
    statuses = await journal.look_up([change.id for change in plan.changes])
    changes = [
        _reversed(change) for change, status in zip(plan.changes, statuses, strict=True) if status.state in _CARRIED_OUT
    ]
    if not changes:
        raise PlanError(msg("Plan {id} changed nothing, so there is nothing to undo", id=plan.id))
    undo = Plan.of(
        plan.kind,
        changes,
        (),
        unchanged=0,
        account=plan.account,
        valid_for=LONGEST_VALID,
        shop_id=plan.shop_id,
        source=plan.source,
        is_undo=True,
        categories=plan.categories,
    )
    at = mark.at if mark.state is RowState.DONE else _clock.now().replace(microsecond=0)
    return msgspec.structs.replace(
        undo, id=plan.id, code=plan.undo_code, undo_code="", made_at=at, expires_at=at + LONGEST_VALID
    ).hashed()


def not_applied(plan: Plan) -> PlanError:
    """Make the error for a plan of which nothing was begun here."""
    return PlanError(
        msg(
            "Plan {id} was not applied by this user on this machine, so there is nothing to undo",
            id=plan.id,
        )
    )


def _reversed(change: PlannedChange) -> PlannedChange:
    title = change.after.get(Field.TITLE, change.title)
    return PlannedChange(
        line=change.line,
        key=change.key,
        id=change.id,
        title=visible(f"{title}"),
        before=change.after,
        after=change.before,
        price=change.price,
        on_hand=change.on_hand,
    )
