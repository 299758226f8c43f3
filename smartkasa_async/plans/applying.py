"""`apply_plan` and `undo_plan`: the calls, and what they do from beginning to end."""

from __future__ import annotations

from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import anyio
from anyio import to_thread

from smartkasa_async._i18n.message import argument, join_messages, msg
from smartkasa_async._i18n.safe_text import visible
from smartkasa_async._support import clock as _clock
from smartkasa_async._support.arguments import check_callbacks, check_client, check_path, check_seconds, check_whole
from smartkasa_async.catalog.messages import MESSAGES
from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.catalog.source_location import SourceLocation
from smartkasa_async.catalog.sources.columns import Columns
from smartkasa_async.catalog.sources.fields import Field, field_name
from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.jobs.concurrency import run_concurrently
from smartkasa_async.jobs.job import Job
from smartkasa_async.jobs.journal import Entry, RowState
from smartkasa_async.jobs.journal_sqlite import open_journal
from smartkasa_async.jobs.lease import hold_lease
from smartkasa_async.jobs.outcomes import JobTally
from smartkasa_async.jobs.results import Progress, Stage
from smartkasa_async.plans.outcomes import PlanOutcome, PlanOutcomeKind, PlanStoppedError, PlanSummary
from smartkasa_async.plans.plan import (
    UNDO_VALID_FOR,
    Plan,
    PlanError,
    PlannedChange,
    PlanOutdatedError,
    account_mark,
    read_plan,
)
from smartkasa_async.plans.sending import (
    WAS_SENT,
    Cards,
    ChangeSender,
    Products,
    RecordStatus,
    Row,
    Target,
    before_sending,
    difference,
    read_record,
)

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from anyio.streams.memory import MemoryObjectSendStream

    from smartkasa_async.client import SmartKasa
    from smartkasa_async.jobs.journal import Journal, KeyStatus
    from smartkasa_async.jobs.lease import Lease

    Emit = Callable[[list[PlanOutcome]], Awaitable[None]]

_MARK = "plan"
"""Row of the journal that tells whether its plan was begun, or has ended."""
_MOST_NAMED = 5
_CARRIED_OUT = WAS_SENT | {RowState.UPDATED}


def apply_plan(
    kasa: SmartKasa,
    path: str | os.PathLike[str],
    *,
    folder: str | os.PathLike[str] | None = None,
    approved: Plan | None = None,
    concurrency: int = 8,
    late_write_window: float = 15.0,
    on_progress: Callable[[Progress], None] | None = None,
    on_wait: Callable[[float], None] | None = None,
) -> PlanJob:
    """Apply a plan, once: all products and cards are read anew first, and if one has changed, nothing is written.

    Each change is written down in a journal before it is sent, so that a plan that was stopped or killed goes on where
    it was: apply it once more. When it has ended, a plan that undoes it is beside it, `NAME.undo.json`.

    Args:
        kasa: The client.
        path: The plan, a file that `Plan.write` wrote.
        folder: Where the journal and the plan that undoes it are kept; the plan's own folder by default.
        approved: The plan as somebody read and approved it; where the file has another one by then, it is refused. None
            for whatever the file has.
        concurrency: Maximum number of concurrent changes.
        late_write_window: Seconds in which the service may still carry out a request whose answer was lost.
        on_progress: Called whenever changes have their outcomes; it must not block.
        on_wait: Called with the seconds that are waited before it begins, for what the service may still do of the last
            job.

    Returns:
        The job, to be awaited for its summary, or iterated for the outcome of each change.

    Raises:
        InvalidRequestError: An argument has a value that it cannot have.

    The job itself raises:
        OSError: The plan cannot be read.
        PlanError: It is no plan, was changed, has expired, is another account's, or was applied already; nothing was
            changed.
        PlanOutdatedError: The service has changed since the plan was made; names what. Nothing was changed.
        JobRunningError: Another job of this kind is at work for the account; nothing was changed.
        JournalError: The journal cannot be used; nothing was changed.
        SmartKasaError: The service could not be read; nothing was changed.
        PlanStoppedError: Something stopped it; carries the summary so far, its cause is what stopped it.

    API: `PATCH /api/v1/inventory/products/{id}`, `PUT /api/v1/inventory/cards/{id}`
    """
    work = _Applying(
        _checked(
            kasa,
            path,
            folder=folder,
            approved=approved,
            concurrency=concurrency,
            late_write_window=late_write_window,
            on_wait=on_wait,
        )
    )
    check_callbacks(on_progress=on_progress)
    return PlanJob(work, on_progress)


def undo_plan(
    kasa: SmartKasa,
    path: str | os.PathLike[str],
    *,
    folder: str | os.PathLike[str] | None = None,
    approved: Plan | None = None,
    concurrency: int = 8,
    late_write_window: float = 15.0,
    on_progress: Callable[[Progress], None] | None = None,
    on_wait: Callable[[float], None] | None = None,
) -> PlanJob:
    """Give products and cards what they had before a plan was applied, once.

    What is no longer as the plan left it, such as a card of which something was sold, is left alone. A plan that was
    stopped half-way can be undone too, and is then not gone on with. What was undone can be planned anew, not redone.

    Args:
        kasa: The client.
        path: The plan that was applied.
        folder: As for `apply_plan`, the same.
        approved: As for `apply_plan`.
        concurrency: As for `apply_plan`.
        late_write_window: As for `apply_plan`.
        on_progress: As for `apply_plan`.
        on_wait: As for `apply_plan`.

    Returns:
        The job, to be awaited or iterated like that of `apply_plan`.

    Raises:
        InvalidRequestError: An argument has a value that it cannot have.

    The job itself raises:
        OSError: The plan cannot be read.
        PlanError: It is no plan, is another account's, was not applied, or was undone already, or more than 30 days
            have passed; nothing was changed.
        JobRunningError: As for `apply_plan`.
        JournalError: As for `apply_plan`.
        SmartKasaError: As for `apply_plan`.
        PlanStoppedError: As for `apply_plan`.

    API: `PATCH /api/v1/inventory/products/{id}`, `PUT /api/v1/inventory/cards/{id}`
    """
    work = _Undoing(
        _checked(
            kasa,
            path,
            folder=folder,
            approved=approved,
            concurrency=concurrency,
            late_write_window=late_write_window,
            on_wait=on_wait,
        )
    )
    check_callbacks(on_progress=on_progress)
    return PlanJob(work, on_progress)


class _Settings(NamedTuple):
    """How a plan is applied; the names are those of `apply_plan`."""

    kasa: SmartKasa
    path: Path
    folder: Path
    approved: Plan | None
    concurrency: int
    late_write_window: float
    on_wait: Callable[[float], None] | None


def _checked(
    kasa: SmartKasa,
    path: str | os.PathLike[str],
    *,
    folder: str | os.PathLike[str] | None,
    approved: object,
    concurrency: int,
    late_write_window: float,
    on_wait: Callable[[float], None] | None,
) -> _Settings:
    check_client(kasa)
    check_path("path", path)
    if folder is not None:
        check_path("folder", folder)
    if not isinstance(approved, Plan | None):
        message = msg("{approved} is a plan, as it was read from its file", approved=argument("approved"))
        raise InvalidRequestError(message, field="approved")
    check_whole("concurrency", concurrency)
    check_seconds("late_write_window", late_write_window)
    check_callbacks(on_wait=on_wait)
    kept_in = Path(path).parent if folder is None else Path(folder)
    return _Settings(kasa, Path(path), kept_in, approved, concurrency, late_write_window, on_wait)


class PlanJob(Job[PlanOutcome, PlanSummary]):
    """One application or undo of a plan, to be awaited or iterated, once."""

    already_started = "This job has already started; call apply_plan or undo_plan once more for another one"

    def __init__(self, work: _Applying, on_progress: Callable[[Progress], None] | None) -> None:
        super().__init__(JobTally[PlanOutcome, PlanSummary](PlanSummary), groups_ahead=1, on_progress=on_progress)
        self._work = work

    def _notes(self) -> dict[str, Any]:
        plan, undo = self._work.plan, self._work.undo
        return {"plan": "" if plan is None else plan.id, "undo": None if undo is None else f"{undo}"}

    async def _run(self, outcomes: MemoryObjectSendStream[list[PlanOutcome]]) -> None:
        async with outcomes:
            await self._work.run(outcomes.send)
            self._failure = self._work.failure

    def _progress(self) -> Progress:
        total = 0 if self._work.plan is None else len(self._work.plan.changes)
        return Progress(Stage.SENDING, self._tally.total, total, "rows", self._tally.progress_counts())

    def _stop_error(self, reason: Exception) -> PlanStoppedError:
        summary = self.summary
        message = msg(
            "The plan stopped ({summary}): {reason}; apply it once more to go on",
            summary=summary.describe(),
            reason=reason,
        )
        return PlanStoppedError(message, summary=summary)


class _Applying:
    """Applies one plan.

    Attributes:
        plan: The plan; None while it is not read.
        undo: The plan that undoes it; None while there is none.
        failure: What stopped it before its end; None while nothing did.
    """

    def __init__(self, settings: _Settings) -> None:
        self._settings = settings
        self._kasa = settings.kasa
        self._path = settings.path
        self._folder = settings.folder
        self.plan: Plan | None = None
        self.undo: Path | None = None
        self.failure: Exception | None = None

    @property
    def _undo_path(self) -> Path:
        return self._folder / f"{self._path.stem}.undo.json"

    async def run(self, emit: Emit) -> None:
        """Apply the plan.

        Raises:
            OSError: The plan cannot be read.
            SmartKasaError: It is not to be applied, or the service could not be read; nothing was changed.
        """
        async with self._opened() as (plan, lease):
            await self._apply(plan, lease, emit)

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[tuple[Plan, Lease]]:
        """Read the plan, and hold what only one job at a time may hold."""
        plan = await to_thread.run_sync(read_plan, self._path)
        approved = self._settings.approved
        if approved is not None and plan.hash != approved.hash:
            message = msg(
                "{file} has another plan than the one that was approved; read it, and approve it",
                file=visible(self._path.name),
            )
            raise PlanError(message)
        account = await self._kasa.account_id()
        if plan.account != account_mark(account):
            message = msg(
                "Plan {id} was made for another account than this one; log in to that account, or make a new plan",
                id=plan.id,
            )
            raise PlanError(message)
        held = ("products", account) if plan.shop_id is None else ("stock", f"{account}-{plan.shop_id}")
        async with hold_lease(*held) as lease:
            yield plan, lease

    @asynccontextmanager
    async def _journal(self, plan: Plan) -> AsyncIterator[Journal]:
        async with open_journal(self._folder / f"plan-{plan.id}.journal", durable=True) as journal:
            yield journal

    async def _apply(self, plan: Plan, lease: Lease, emit: Emit) -> None:
        self.plan = plan
        location = SourceLocation(visible(self._path.name), Columns((), {}, ()))
        async with self._journal(plan) as journal:
            (mark,) = await journal.look_up([_MARK])
            _require_open(plan, mark)
            await journal.begin(f"plan {plan.id}")
            await self._wait(
                self._settings.late_write_window if mark.state else lease.seconds_left(self._settings.late_write_window)
            )
            target: Target = Products(self._kasa) if plan.shop_id is None else Cards(self._kasa)
            if mark.state is None and plan.undoes is None:
                await self._require_unchanged(plan, target, location)
            entered = await journal.enter([Entry(_MARK, 0, RowState.UPDATING, plan.id, mark.row_id)])
            statuses = await journal.look_up([change.id for change in plan.changes])
            rows = list(zip(plan.changes, statuses, strict=True))
            done = [change for change, status in rows if status.state is RowState.UPDATED]
            sender = ChangeSender(
                self._kasa,
                target,
                journal,
                {change.id: status.row_id for change, status in rows if status.row_id is not None},
                location,
                concurrency=self._settings.concurrency,
                late_write_window=self._settings.late_write_window,
            )
            await emit([PlanOutcome(change=change, kind=PlanOutcomeKind.UPDATED) for change in done])
            await lease.begin_writing()
            await sender.send(
                [Row(change) for change, status in rows if status.state not in _CARRIED_OUT],
                sender.recording(emit),
                was_sent=[Row(change) for change, status in rows if status.state in WAS_SENT],
            )
            self.failure = sender.failure
            if self.failure is None:
                if plan.undoes is None:
                    await self._write_undo(plan, journal)
                await journal.enter([Entry(_MARK, 0, RowState.DONE, plan.id, entered[0])])
                await lease.end_writing(has_sent=bool(plan.changes))

    async def _wait(self, seconds: float) -> None:
        if seconds:
            if self._settings.on_wait is not None:
                self._settings.on_wait(seconds)
            await anyio.sleep(seconds)

    async def _require_unchanged(self, plan: Plan, target: Target, location: SourceLocation) -> None:
        """Read all products or cards anew.

        Raises:
            PlanOutdatedError: One is not as it was when the plan was made.
        """
        found: dict[str, RuleViolationError] = {}

        async def check(change: PlannedChange) -> None:
            error = _change_since(change, before_sending(change, await read_record(target, change)))
            if error is not None:
                found[change.id] = error

        await run_concurrently(check, plan.changes, concurrency=self._settings.concurrency)
        if found:
            changed = [(change, found[change.id]) for change in plan.changes if change.id in found]
            raise _outdated(plan, changed, location)

    async def _write_undo(self, plan: Plan, journal: Journal) -> None:
        """Write the plan that undoes what was carried out, as far as anything was."""
        statuses = await journal.look_up([change.id for change in plan.changes])
        changes = [
            _reversed(change)
            for change, status in zip(plan.changes, statuses, strict=True)
            if status.state in _CARRIED_OUT
        ]
        if changes:
            undo = Plan.of(
                plan.kind,
                changes,
                (),
                unchanged=0,
                account=plan.account,
                valid_for=UNDO_VALID_FOR,
                shop_id=plan.shop_id,
                source=plan.source,
                undoes=plan.id,
                categories=plan.categories,
            )
            self.undo = await to_thread.run_sync(undo.write, self._undo_path)


class _Undoing(_Applying):
    """Undoes one plan: by the plan that its application left, or by its journal where it was stopped half-way."""

    async def run(self, emit: Emit) -> None:
        """Undo the plan; raises what applying one does."""
        async with self._opened() as (plan, lease):
            undo = await self._undo_of(plan)
            await self._apply(undo, lease, emit)

    async def _undo_of(self, plan: Plan) -> Plan:
        if plan.undoes is not None:
            message = msg(
                "{id} is itself an undo, of plan {plan}; apply it, or give that plan", id=plan.id, plan=plan.undoes
            )
            raise PlanError(message)
        if not (self._folder / f"plan-{plan.id}.journal").exists():
            raise _not_applied(plan)
        async with self._journal(plan) as journal:
            (mark,) = await journal.look_up([_MARK])
            if mark.state is None:
                raise _not_applied(plan)
            if mark.state is not RowState.DONE:
                await self._write_undo(plan, journal)
                await journal.begin(f"plan {plan.id}")
                await journal.enter([Entry(_MARK, 0, RowState.DONE, plan.id, mark.row_id)])
        undo = await to_thread.run_sync(self._read_undo, plan)
        self.undo = None
        return undo

    def _read_undo(self, plan: Plan) -> Plan:
        if not self._undo_path.exists():
            raise PlanError(msg("Plan {id} changed nothing, so there is nothing to undo", id=plan.id))
        undo = read_plan(self._undo_path)
        if undo.undoes != plan.id:
            message = msg(
                "{file} undoes plan {other}, not {id}; give the folder in which plan {id} was applied",
                file=visible(self._undo_path.name),
                other=undo.undoes,
                id=plan.id,
            )
            raise PlanError(message)
        return undo


def _require_open(plan: Plan, mark: KeyStatus) -> None:
    """Refuse a plan that was applied already, or that has expired before it was begun."""
    if mark.state is RowState.DONE:
        if plan.undoes is not None:
            raise PlanError(msg("Plan {id} was undone already", id=plan.undoes))
        message = msg("Plan {id} was applied already; make a new plan for more changes", id=plan.id)
        raise PlanError(message)
    if mark.state is None and _clock.now() >= plan.expires_at:
        message = msg(
            "Plan {id} could be applied until {until} UTC; make a new one",
            id=plan.id,
            until=f"{plan.expires_at:%Y-%m-%d %H:%M}",
        )
        raise PlanError(message)


def _change_since(change: PlannedChange, status: RecordStatus) -> RuleViolationError | None:
    """Return how a product or card differs from what it was when the plan was made; None where it does not."""
    if status.record is None:
        return status.error
    if status.kind is PlanOutcomeKind.UNCHANGED:
        return difference("plan_row_changed", change, change.after)
    title = getattr(status.record, Field.TITLE, None)
    if title is not None and visible(title) != change.title:
        return RuleViolationError(
            "plan_row_changed",
            title=change.title,
            name=field_name(Field.TITLE),
            before=change.title,
            now=visible(title),
            after=visible(f"{change.after.get(Field.TITLE, change.title)}"),
        )
    return status.error


def _outdated(
    plan: Plan, changed: Sequence[tuple[PlannedChange, RuleViolationError]], location: SourceLocation
) -> PlanOutdatedError:
    named = [msg(MESSAGES[error.code].template, **error.details) for _, error in changed[:_MOST_NAMED]]
    message = msg(
        "The service has changed since plan {id} was made, so nothing was changed ({count} of {all}): {named}",
        id=plan.id,
        count=len(changed),
        all=len(plan.changes),
        named=join_messages(named, "; "),
    )
    problems = [location.problem(error, change.line, None, change.key) for change, error in changed]
    return PlanOutdatedError(message, problems=problems)


def _not_applied(plan: Plan) -> PlanError:
    return PlanError(msg("Plan {id} was not applied from here, so there is nothing to undo", id=plan.id))


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
