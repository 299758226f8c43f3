"""Carries changes out, each written down before it is sent, and only while its product or card is as planned."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import msgspec

from smartkasa_async._generated.operations import UPDATE_PRODUCT
from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.catalog.sources.fields import Field, field_name
from smartkasa_async.errors import NotFoundError, SmartKasaError
from smartkasa_async.jobs.concurrency import retry_transient
from smartkasa_async.jobs.guarded import GuardedWriter
from smartkasa_async.jobs.journal import Entry, Result, RowState
from smartkasa_async.jobs.send import SendFailure, Verdict, is_absent, judge, named_field
from smartkasa_async.models import StockCardUpdate
from smartkasa_async.plans.outcomes import PlanOutcome, PlanOutcomeKind
from smartkasa_async.plans.plan import shown
from smartkasa_async.plans.values import fields_of, product_update

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from smartkasa_async.catalog.source_location import SourceLocation
    from smartkasa_async.client import SmartKasa
    from smartkasa_async.jobs.journal import Journal
    from smartkasa_async.models import Product, StockCard
    from smartkasa_async.plans.plan import PlannedChange

_STATES = {
    PlanOutcomeKind.UPDATED: RowState.UPDATED,
    PlanOutcomeKind.UNCHANGED: RowState.DONE,
    PlanOutcomeKind.CHANGED: RowState.REJECTED,
    PlanOutcomeKind.REJECTED: RowState.REJECTED,
    PlanOutcomeKind.IN_DOUBT: RowState.IN_DOUBT,
}
WAS_SENT = frozenset({RowState.UPDATING, RowState.IN_DOUBT})
"""States of changes that an earlier run may have sent."""

_UPDATE_PRODUCT_ONCE = replace(UPDATE_PRODUCT, retry="unsent-only")
"""The client would repeat the same update by itself, over what somebody else may have changed meanwhile."""

_OF_UNDO = {
    "plan_row_changed": "undo_row_changed",
    "plan_row_deleted": "undo_row_deleted",
    "plan_row_failed": "undo_row_failed",
    "plan_row_refused": "undo_row_refused",
    "plan_row_not_sent": "undo_row_not_sent",
    "plan_row_not_read": "undo_row_not_read",
}
"""Why something was not set back, by why it would not be changed."""


class Target(Protocol):
    """Where changes of one kind are read and written."""

    async def read(self, record_id: str) -> Any:
        """Read a record.

        Raises:
            SmartKasaError: It could not be read, or there is none.
        """

    async def write(self, change: PlannedChange, record: Any) -> str:
        """Write a record; returns its id.

        Args:
            change: What is to be changed.
            record: The record as it was read right before.

        Raises:
            SmartKasaError: It was not carried out, or it is not known.
        """


class Products:
    """Prices and all else that products have."""

    def __init__(self, kasa: SmartKasa) -> None:
        self._kasa = kasa

    async def read(self, record_id: str) -> Product:
        """Read a product."""
        return await self._kasa.products.get(record_id)

    async def write(self, change: PlannedChange, record: Product) -> str:
        """Change the fields that are planned, and no others."""
        answer = await self._kasa.call(_UPDATE_PRODUCT_ONCE, id=record.id, body=product_update(change.after))
        return answer.data.id


class Cards:
    """Counts of stock cards."""

    def __init__(self, kasa: SmartKasa) -> None:
        self._kasa = kasa

    async def read(self, record_id: str) -> StockCard:
        """Read a card."""
        return await self._kasa.cards.get(int(record_id))

    async def write(self, change: PlannedChange, record: StockCard) -> str:
        """Set the count."""
        counting = record.counting_enabled
        update = StockCardUpdate(
            product_id=record.product_id,
            shop_id=record.shop_id,
            counting_enabled=msgspec.UNSET if counting is None else counting,
            count=Decimal(change.after["count"]),
        )
        return f"{(await self._kasa.cards.update(record.id, update)).id}"


class RecordStatus(NamedTuple):
    """What a record, as it is now, means for its change.

    Attributes:
        kind: How it ends; None where it is to be sent.
        record: The record as it is now; None where there is none.
        error: Why it is not carried out.
    """

    kind: PlanOutcomeKind | None
    record: Any = None
    error: RuleViolationError | None = None


class Row(NamedTuple):
    """A change, and its record as it was read right before it is sent."""

    change: PlannedChange
    record: Any = None


async def read_record(target: Target, change: PlannedChange) -> Any:
    """Read the record of a change; None where there is none any more.

    Raises:
        SmartKasaError: It could not be read.
    """
    try:
        return await retry_transient(lambda: target.read(change.id))
    except NotFoundError as error:
        if not is_absent(error):
            raise
        return None


def before_sending(change: PlannedChange, record: Any) -> RecordStatus:
    """Decide whether to send a change of which nothing was sent.

    Args:
        change: The change.
        record: The product or card as it is now; None where it was deleted.
    """
    if record is None:
        return RecordStatus(PlanOutcomeKind.CHANGED, error=RuleViolationError("plan_row_deleted", title=change.title))
    now = fields_of(record, change.before)
    if now == change.before:
        return RecordStatus(None, record)
    if now == change.after:
        return RecordStatus(PlanOutcomeKind.UNCHANGED, record)
    return RecordStatus(PlanOutcomeKind.CHANGED, record, difference("plan_row_changed", change, now))


def after_sending(change: PlannedChange, record: Any) -> RecordStatus:
    """Decide what became of a change that may have been sent; the arguments are those of `before_sending`.

    Returns:
        That it was carried out; that it was not, with None for the kind; or that it is not known.
    """
    status = before_sending(change, record)
    if status.kind is PlanOutcomeKind.UNCHANGED:
        return RecordStatus(PlanOutcomeKind.UPDATED, record)
    if status.kind is PlanOutcomeKind.CHANGED and record is not None:
        now = fields_of(record, change.before)
        return RecordStatus(PlanOutcomeKind.IN_DOUBT, record, difference("plan_row_in_doubt", change, now))
    return status


def difference(code: str, change: PlannedChange, now: dict[str, Any]) -> RuleViolationError:
    """Name the first field that is not as it was when the plan was made: what it was, is and was to be."""
    name = next((name for name, value in change.before.items() if now[name] != value), next(iter(change.before)))
    return RuleViolationError(
        code,
        title=change.title,
        name=field_name(name) if name in set(Field) else name,
        before=shown(change.before[name]),
        now=shown(now[name]),
        after=shown(change.after.get(name)),
    )


class ChangeSender(GuardedWriter[Row, RecordStatus, PlanOutcome]):
    """Carries out the changes of one plan.

    Args:
        kasa: The client.
        target: Where they are read and written.
        journal: Where each is written down before it is sent.
        row_ids: Rows of the journal by the ids of the records.
        location: The plan's file.
        is_undo: Whether they set back what a plan changed.
        concurrency: Most changes at once.
        late_write_window: Seconds in which the service may still carry out a request whose answer was lost.
    """

    def __init__(
        self,
        kasa: SmartKasa,
        target: Target,
        journal: Journal,
        row_ids: dict[str, int],
        location: SourceLocation,
        *,
        is_undo: bool,
        concurrency: int,
        late_write_window: float,
    ) -> None:
        super().__init__(kasa, concurrency=concurrency, late_write_window=late_write_window)
        self._target = target
        self._journal = journal
        self._row_ids = row_ids
        self._location = location
        self._is_undo = is_undo

    def recording(
        self, emit: Callable[[list[PlanOutcome]], Awaitable[None]]
    ) -> Callable[[list[PlanOutcome]], Awaitable[None]]:
        """Return what writes outcomes down before it emits them."""

        async def record(outcomes: list[PlanOutcome]) -> None:
            results = [
                Result(self._row_ids[one.change.id], _STATES[one.kind], one.change.id)
                for one in outcomes
                if one.change.id in self._row_ids
            ]
            try:
                await self._journal.record(results)
            except SmartKasaError as error:
                self.record_failure(error)  # what was done is reported in any case, and the next run reads it
            await emit(outcomes)

        return record

    async def _read_status(self, change: Row, *, was_sent: bool) -> RecordStatus:
        record = await read_record(self._target, change.change)
        return (after_sending if was_sent else before_sending)(change.change, record)

    async def _prepare(self, change: Row, status: RecordStatus) -> Row:
        planned = change.change
        known = self._row_ids.get(planned.id)
        entry = Entry(planned.id, planned.line, RowState.UPDATING, planned.id, known)
        (self._row_ids[planned.id],) = await self._journal.enter([entry])
        return Row(planned, status.record)

    async def _write(self, change: Row) -> str | SendFailure:
        try:
            return await self._target.write(change.change, change.record)
        except SmartKasaError as error:
            return SendFailure(Verdict.REFUSED if is_absent(error) else judge(error), error)

    def _written(self, change: Row, record_id: str) -> PlanOutcome:  # noqa: ARG002  (the id is the plan's own)
        return PlanOutcome(change=change.change, kind=PlanOutcomeKind.UPDATED)

    def _decided(self, change: Row, status: RecordStatus) -> PlanOutcome:
        return self._outcome(change, status.kind or PlanOutcomeKind.UPDATED, status.error)

    def _refused(self, change: Row, error: Exception) -> PlanOutcome:
        if isinstance(error, NotFoundError):
            return self._decided(change, before_sending(change.change, None))
        refusal = RuleViolationError("plan_row_refused", detail=named_field(error)[1])
        return self._outcome(change, PlanOutcomeKind.REJECTED, refusal)

    def _without_effect(self, change: Row) -> PlanOutcome:
        return self._outcome(change, PlanOutcomeKind.REJECTED, RuleViolationError("plan_row_failed"))

    def _give_up(self, change: Row, *, was_sent: bool) -> PlanOutcome:
        code = "plan_row_not_read" if was_sent else "plan_row_not_sent"
        kind = PlanOutcomeKind.IN_DOUBT if was_sent else PlanOutcomeKind.REJECTED
        return self._outcome(change, kind, RuleViolationError(code, detail=self.failure))

    def _outcome(self, change: Row, kind: PlanOutcomeKind, error: RuleViolationError | None) -> PlanOutcome:
        planned = change.change
        if error is not None and self._is_undo:
            error = RuleViolationError(_OF_UNDO.get(error.code, error.code), **error.details)
        problems = () if error is None else (self._location.problem(error, planned.line, None, planned.key),)
        return PlanOutcome(change=planned, kind=kind, problems=problems)
