"""`apply_plan` and `undo_plan`: the calls, and what they do from beginning to end."""

from __future__ import annotations

from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import anyio
import msgspec
from anyio import to_thread

from smartkasa_async._i18n.message import N_, argument, join_messages, msg
from smartkasa_async._i18n.safe_text import visible
from smartkasa_async._support import clock as _clock
from smartkasa_async._support.arguments import (
    MOST_CONCURRENT,
    check_callbacks,
    check_client,
    check_path,
    check_seconds,
    check_whole,
)
from smartkasa_async.catalog.messages import MESSAGES
from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.catalog.source_location import SourceLocation
from smartkasa_async.catalog.sources.columns import Columns
from smartkasa_async.catalog.sources.fields import Field, field_name
from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.jobs.concurrency import retry_transient, run_concurrently
from smartkasa_async.jobs.job import Job
from smartkasa_async.jobs.journal import RowState
from smartkasa_async.jobs.lease import hold_lease
from smartkasa_async.jobs.outcomes import JobTally
from smartkasa_async.jobs.results import Progress, Stage
from smartkasa_async.models import Product
from smartkasa_async.plans.codes import is_called
from smartkasa_async.plans.journals import (
    journal_path,
    open_plan_journal,
    open_plan_journal_to_read,
    read_mark,
    write_mark,
)
from smartkasa_async.plans.outcomes import PlanOutcome, PlanOutcomeKind, PlanStoppedError, PlanSummary
from smartkasa_async.plans.plan import Plan, PlanError, PlannedChange, PlanOutdatedError, account_mark
from smartkasa_async.plans.products import read_categories, shown_path
from smartkasa_async.plans.reading import read_plan
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
from smartkasa_async.plans.undoing import not_applied, undo_of

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from anyio.streams.memory import MemoryObjectSendStream

    from smartkasa_async.client import SmartKasa
    from smartkasa_async.jobs.journal import Journal
    from smartkasa_async.jobs.lease import Lease
    from smartkasa_async.plans.journals import Mark

    Emit = Callable[[list[PlanOutcome]], Awaitable[None]]

_MOST_NAMED = 5
_ENDED = {RowState.UPDATED: PlanOutcomeKind.UPDATED, RowState.DONE: PlanOutcomeKind.UNCHANGED}
"""Changes that an earlier run has ended, by their states."""


def apply_plan(
    kasa: SmartKasa,
    path: str | os.PathLike[str],
    *,
    approved: Plan | None = None,
    concurrency: int = 8,
    late_write_window: float = 15.0,
    on_progress: Callable[[Progress], None] | None = None,
    on_wait: Callable[[float], None] | None = None,
) -> PlanJob:
    """Apply a plan, once: all products and cards are read anew first, and if one has changed, nothing is written.

    Each change is written down in a journal before it is sent, so that a plan that was stopped or killed goes on where
    it was: apply it once more. The journal is in the user's folder for state and known by the plan's id, so a copy of
    the plan cannot be applied another time there. `undo_plan` sets back what was changed.

    Args:
        kasa: The client.
        path: The plan, a file that `Plan.write` wrote.
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
    return _job(
        _Applying,
        kasa,
        path,
        approved=approved,
        concurrency=concurrency,
        late_write_window=late_write_window,
        on_progress=on_progress,
        on_wait=on_wait,
    )


def undo_plan(
    kasa: SmartKasa,
    path: str | os.PathLike[str],
    *,
    approved: Plan | None = None,
    concurrency: int = 8,
    late_write_window: float = 15.0,
    on_progress: Callable[[Progress], None] | None = None,
    on_wait: Callable[[float], None] | None = None,
) -> PlanJob:
    """Set products and cards back to what they had before a plan was applied, each once.

    What is no longer as the plan left it, such as a card of which something was sold, is left alone; where that is
    anything, the plan can be undone once more for the rest, until 30 days have passed. A plan that was stopped half-way
    can be undone too, and cannot be applied further then. What was undone can be planned anew, not redone. `read_undo`
    returns what would be set back.

    Args:
        kasa: The client.
        path: The plan that was applied.
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
    return _job(
        _Undoing,
        kasa,
        path,
        approved=approved,
        concurrency=concurrency,
        late_write_window=late_write_window,
        on_progress=on_progress,
        on_wait=on_wait,
    )


class _Settings(NamedTuple):
    """How a plan is applied; the names are those of `apply_plan`."""

    kasa: SmartKasa
    path: Path
    approved: Plan | None
    concurrency: int
    late_write_window: float
    on_wait: Callable[[float], None] | None


def _job(
    work: type[_Applying],
    kasa: SmartKasa,
    path: str | os.PathLike[str],
    *,
    approved: object,
    concurrency: int,
    late_write_window: float,
    on_progress: Callable[[Progress], None] | None,
    on_wait: Callable[[float], None] | None,
) -> PlanJob:
    check_client(kasa)
    check_path("path", path)
    if not isinstance(approved, Plan | None):
        message = msg("{approved} is a plan, as it was read from its file", approved=argument("approved"))
        raise InvalidRequestError(message, field="approved")
    check_whole("concurrency", concurrency, most=MOST_CONCURRENT)
    check_seconds("late_write_window", late_write_window)
    check_callbacks(on_wait=on_wait, on_progress=on_progress)
    settings = _Settings(kasa, Path(path), approved, concurrency, late_write_window, on_wait)
    return PlanJob(work(settings), on_progress)


class PlanJob(Job[PlanOutcome, PlanSummary]):
    """One application or undo of a plan, to be awaited or iterated, once."""

    already_started = "This job has already started; call apply_plan or undo_plan once more for another one"

    def __init__(self, work: _Applying, on_progress: Callable[[Progress], None] | None) -> None:
        super().__init__(JobTally[PlanOutcome, PlanSummary](PlanSummary), groups_ahead=1, on_progress=on_progress)
        self._work = work

    def _notes(self) -> dict[str, Any]:
        plan = self._work.plan
        return {"plan": "" if plan is None else plan.id}

    async def _run(self, outcomes: MemoryObjectSendStream[list[PlanOutcome]]) -> None:
        async with outcomes:
            await self._work.run(outcomes.send)
            self._failure = self._work.failure

    def _progress(self) -> Progress:
        total = 0 if self._work.plan is None else len(self._work.plan.changes)
        return Progress(Stage.SENDING, self._tally.total, total, "rows", self._tally.progress_counts())

    def _stop_error(self, reason: Exception) -> PlanStoppedError:
        summary = self.summary
        plan = self._work.plan
        text = (
            N_("The undo stopped ({summary}): {reason}; undo the plan once more to go on")
            if plan is not None and plan.is_undo
            else N_("The plan stopped ({summary}): {reason}; apply it once more to go on")
        )
        message = msg(text, summary=summary.describe(), reason=reason)
        return PlanStoppedError(message, summary=summary)


class _Applying:
    """Applies one plan.

    Attributes:
        plan: The plan; None while it is not read.
        failure: What stopped it before its end; None while nothing did.
    """

    def __init__(self, settings: _Settings) -> None:
        self._settings = settings
        self._kasa = settings.kasa
        self._path = settings.path
        self.plan: Plan | None = None
        self.failure: Exception | None = None

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

    async def _apply(self, plan: Plan, lease: Lease, emit: Emit) -> None:
        self.plan = plan
        location = SourceLocation(visible(self._path.name), Columns((), {}, ()))
        async with open_plan_journal(plan) as journal:
            mark = await read_mark(plan, journal)
            _require_open(plan, mark)
            await journal.begin(f"plan {plan.id}")
            await self._wait(
                self._settings.late_write_window if mark.state else lease.seconds_left(self._settings.late_write_window)
            )
            target: Target = Products(self._kasa) if plan.shop_id is None else Cards(self._kasa)
            if mark.state is None and not plan.is_undo:
                await self._require_categories(plan)
                await self._require_unchanged(plan, target, location)
            mark = await write_mark(plan, journal, RowState.UPDATING, mark)
            statuses = await journal.look_up([change.id for change in plan.changes])
            rows = list(zip(plan.changes, statuses, strict=True))
            sender = ChangeSender(
                self._kasa,
                target,
                journal,
                {change.id: status.row_id for change, status in rows if status.row_id is not None},
                location,
                is_undo=plan.is_undo,
                concurrency=self._settings.concurrency,
                late_write_window=self._settings.late_write_window,
            )
            ended = [(change, _ENDED[status.state]) for change, status in rows if status.state in _ENDED]
            await emit([PlanOutcome(change=change, kind=kind) for change, kind in ended])
            left = [(Row(change), status.state) for change, status in rows if status.state not in _ENDED]
            await lease.begin_writing()
            await sender.send(
                [row for row, state in left if state not in WAS_SENT],
                sender.recording(emit),
                was_sent=[row for row, state in left if state in WAS_SENT],
            )
            self.failure = sender.failure
            if self.failure is None:
                if not plan.is_undo or await _has_set_all_back(plan, journal):
                    await write_mark(plan, journal, RowState.DONE, mark)
                await lease.end_writing(has_sent=bool(plan.changes))

    async def _wait(self, seconds: float) -> None:
        if seconds:
            if self._settings.on_wait is not None:
                self._settings.on_wait(seconds)
            await anyio.sleep(seconds)

    async def _require_categories(self, plan: Plan) -> None:
        """Read the categories anew that the plan shows by their paths.

        Raises:
            PlanOutdatedError: One is called otherwise in the service, or is not there.
        """
        if not plan.categories:
            return
        tree = await retry_transient(lambda: read_categories(self._kasa))
        for category_id, path in plan.categories.items():
            now = shown_path(tree, category_id)
            if now != path:
                message = msg(
                    "Plan {id} has a category {path}, which is {now} in the service, so nothing was changed; make a new"
                    " plan",
                    id=plan.id,
                    path=visible(path),
                    now=now or "—",
                )
                raise PlanOutdatedError(message, problems=())

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


class _Undoing(_Applying):
    """Undoes one plan, by the journal of its application, also of one that was stopped half-way."""

    async def run(self, emit: Emit) -> None:
        """Undo the plan; raises what applying one does."""
        async with self._opened() as (plan, lease):
            if not journal_path(plan).exists():
                raise not_applied(plan)
            async with open_plan_journal(plan) as journal:
                mark = await read_mark(plan, journal)
                if mark.state is RowState.UPDATING:  # from now on it cannot be applied further
                    await journal.begin(f"plan {plan.id}")
                    await write_mark(plan, journal, RowState.DONE, mark)
                undo = await undo_of(plan, journal)
            await self._apply(undo, lease, emit)


async def require_open(plan: Plan) -> None:
    """Refuse a plan, or an undo, that cannot be carried out any more, so that nobody is asked to approve it.

    Raises:
        PlanError: It was carried out already, or has expired.
        JournalError: Its journal cannot be read.
    """
    async with open_plan_journal_to_read(plan) as journal:
        _require_open(plan, await read_mark(plan, journal))


def _require_open(plan: Plan, mark: Mark) -> None:
    """Refuse a plan that was applied already, or that has expired before it was begun; likewise an undo."""
    is_late = _clock.now() >= plan.expires_at
    until = f"{plan.expires_at:%Y-%m-%d %H:%M}"
    if plan.is_undo:
        if mark.state is RowState.DONE:
            raise PlanError(msg("Plan {id} was undone already", id=plan.id))
        if is_late:
            raise PlanError(msg("Plan {id} could be undone until {until} UTC", id=plan.id, until=until))
        return
    if mark.state is RowState.DONE:
        message = (
            msg("Plan {id} was undone already, and is not applied another time; make a new one", id=plan.id)
            if journal_path(msgspec.structs.replace(plan, is_undo=True)).exists()
            else msg("Plan {id} was applied already; make a new plan for more changes", id=plan.id)
        )
        raise PlanError(message)
    if mark.state is None and is_late:
        message = msg("Plan {id} could be applied until {until} UTC; make a new one", id=plan.id, until=until)
        raise PlanError(message)


async def _has_set_all_back(undo: Plan, journal: Journal) -> bool:
    statuses = await journal.look_up([change.id for change in undo.changes])
    return all(status.state in _ENDED for status in statuses)


def _change_since(change: PlannedChange, status: RecordStatus) -> RuleViolationError | None:
    """Return how a product or card differs from what it was when the plan was made; None where it does not."""
    if status.record is None:
        return status.error
    if status.kind is PlanOutcomeKind.UNCHANGED:
        return difference("plan_row_changed", change, change.after)
    product = status.record if isinstance(status.record, Product) else status.record.product
    if not isinstance(product, Product):
        return status.error
    if not is_called(product, change.key, change.after):
        return _called_otherwise(change, Field.NUMBER, change.key, product.number or "—")
    if visible(product.title) != change.title:
        return _called_otherwise(change, Field.TITLE, change.title, product.title)
    return status.error


def _called_otherwise(change: PlannedChange, field: Field, before: str, now: str) -> RuleViolationError:
    return RuleViolationError(
        "plan_row_changed",
        title=change.title,
        name=field_name(field),
        before=visible(before),
        now=visible(now),
        after=visible(f"{change.after.get(field, before)}"),
    )


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
