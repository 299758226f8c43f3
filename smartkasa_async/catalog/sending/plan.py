"""What to do for each row, as a pure rule over the row, the journal and the catalogue, and how each row ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from smartkasa_async.catalog.checks.check import ProductDraft
from smartkasa_async.catalog.outcomes import OutcomeKind, RawRow
from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.catalog.sending.catalogue import differences
from smartkasa_async.errors import NotFoundError
from smartkasa_async.jobs.journal import Entry, Result, RowState
from smartkasa_async.jobs.send import Failure, Verdict, named_field
from smartkasa_async.models import ProductCreate, ProductUpdate  # noqa: TC001  (likewise)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartkasa_async.catalog.checks.check import ProductDraft
    from smartkasa_async.catalog.outcomes import Outcome
    from smartkasa_async.catalog.source_location import KeyField, SourceLocation
    from smartkasa_async.jobs.journal import KeyStatus, KnownItem
    from smartkasa_async.models import ProductUpdate

Mode = Literal["upsert", "create", "mirror"]
"""What an import may do: create and update; create only; or create, update, and see to what the source lacks."""

_SENT = frozenset({RowState.CREATING, RowState.CREATED, RowState.IN_DOUBT})
_CHANGED = frozenset({RowState.UPDATING, RowState.UPDATED})
_STATES = {
    OutcomeKind.CREATED: (RowState.CREATED, RowState.CREATING),
    OutcomeKind.UPDATED: (RowState.UPDATED, RowState.UPDATING),
    OutcomeKind.IN_DOUBT: (RowState.IN_DOUBT, RowState.IN_DOUBT),
}

_encoder = msgspec.msgpack.Encoder()


class Step(NamedTuple):
    """What is to be done for a row.

    Attributes:
        draft: The row.
        kind: How the row ends, if what is to be sent succeeds.
        row_id: Where its key stands in the journal; None where it does not yet.
        is_open: Whether something is to be sent.
        product_id: Id of its product; None for one that is to be created.
        changes: What is to be changed of the product; None where nothing is.
        error: Why it ends so, where that needs saying.
    """

    draft: ProductDraft
    kind: OutcomeKind
    row_id: int | None
    is_open: bool = False
    product_id: str | None = None
    changes: ProductUpdate | None = None
    error: RuleViolationError | None = None

    @property
    def entry(self) -> Entry:
        """What the journal is to say of the row before anything is sent."""
        state = _STATES.get(self.kind, (RowState.DONE, RowState.DONE))[self.is_open]
        return Entry(self.draft.key_value, self.draft.line, state, self.product_id, self.row_id)


def plan_rows(
    drafts: Sequence[ProductDraft], statuses: Sequence[KeyStatus], mode: Mode, *, key_is_shown: bool = True
) -> tuple[list[Step], list[Step]]:
    """Plan the next rows of a source.

    Args:
        drafts: The rows.
        statuses: What is known of their keys, in the same order.
        mode: What the import may do.
        key_is_shown: Whether the service shows what rows are known by. Where it does not, the standings' products are
            those that may be the row's: they have its title, and no key.

    Returns:
        Steps of the rows that are to be written into the journal, each key once; and those of the rows that are not,
        since an earlier row of the source has their key.
    """
    lines: dict[str, int] = {}
    steps: list[Step] = []
    duplicates: list[Step] = []
    for draft, status in zip(drafts, statuses, strict=True):
        first = lines.get(draft.key_value) if status.line is None else status.line
        if first is None:
            lines[draft.key_value] = draft.line
            steps.append(plan_row(draft, status, mode, key_is_shown=key_is_shown))
        else:
            error = RuleViolationError("key_duplicate", line=first)
            duplicates.append(Step(draft, OutcomeKind.REJECTED, status.row_id, error=error))
    return steps, duplicates


def plan_row(draft: ProductDraft, status: KeyStatus, mode: Mode, *, key_is_shown: bool = True) -> Step:
    """Plan one row, whose key no row before it has; the arguments are those of `plan_rows`."""
    # What an earlier part of the import made is the row's own product, whatever else has its key by now.
    known = [product for product in status.known if product.id == status.item_id] or status.known
    if draft.known is not None:
        known = [draft.known]
    is_own = draft.known is not None or (bool(known) and known[0].id == status.item_id)
    if not known:
        return Step(draft, OutcomeKind.CREATED, status.row_id, is_open=True)
    if len(known) > 1 or not (key_is_shown or is_own):
        return _give_up(draft, status, len(known), key_is_shown=key_is_shown)
    if not known[0].fields:
        return _give_up_on_unreadable(draft, status, known[0].id)
    return _compare(draft, known[0], status, mode)


def _give_up(draft: ProductDraft, status: KeyStatus, count: int, *, key_is_shown: bool) -> Step:
    if status.state in _SENT:
        error = (
            RuleViolationError("in_doubt_several", count=count)
            if key_is_shown
            else RuleViolationError("in_doubt_not_shown")
        )
        return Step(draft, OutcomeKind.IN_DOUBT, status.row_id, product_id=status.item_id, error=error)
    error = RuleViolationError("conflict", count=count) if key_is_shown else RuleViolationError("key_not_shown")
    return Step(draft, OutcomeKind.CONFLICT, status.row_id, error=error)


def _give_up_on_unreadable(draft: ProductDraft, status: KeyStatus, record: str) -> Step:
    kind, code = OutcomeKind.CONFLICT, "conflict_unreadable"
    if status.state in _SENT:
        kind, code = OutcomeKind.IN_DOUBT, "in_doubt_unreadable"
    error = RuleViolationError(code, record=record)
    return Step(draft, kind, status.row_id, product_id=status.item_id, error=error)


def _compare(draft: ProductDraft, known: KnownItem, status: KeyStatus, mode: Mode) -> Step:
    """Plan a row whose one product the service has; what an earlier part of the import did counts as done now."""
    row_id, state = status.row_id, status.state
    changes = differences(draft.product, known.fields)
    if changes is not None and mode != "create":
        return Step(draft, OutcomeKind.UPDATED, row_id, is_open=True, product_id=known.id, changes=changes)
    # In the mode that changes nothing, what the import created stays created, whoever changed it since.
    is_made = state is RowState.CREATED and known.id == status.item_id
    if is_made or (changes is None and state in _SENT):
        return Step(draft, OutcomeKind.CREATED, row_id, product_id=known.id)
    if changes is None and state in _CHANGED:
        return Step(draft, OutcomeKind.UPDATED, row_id, product_id=known.id)
    warning = RuleViolationError("exists_already") if mode == "create" else None
    return Step(draft, OutcomeKind.UNCHANGED, row_id, product_id=known.id, error=warning)


class Task(msgspec.Struct, frozen=True, gc=False):
    """Something to be sent for a row.

    Attributes:
        draft: The row.
        row_id: Where its key stands in the journal.
        product_id: Id of the product to change; None for one that is to be created.
        changes: What to change of it.
        in_doubt: Whether it was sent before, and may have been carried out.
    """

    draft: ProductDraft
    row_id: int
    product_id: str | None = None
    changes: ProductUpdate | None = None
    in_doubt: bool = False


class _Packed(msgspec.Struct, frozen=True, array_like=True):
    task: Task
    content: Sequence[str] | ProductCreate | None


_decoder = msgspec.msgpack.Decoder(_Packed)


def pack(task: Task) -> bytes:
    """Write a task down, for a journal."""
    raw = task.draft.raw
    bare = msgspec.structs.replace(task, draft=msgspec.structs.replace(task.draft, raw=None, known=None))
    return _encoder.encode(_Packed(bare, None if raw is None else raw.content))


def unpack(packed: bytes, location: SourceLocation) -> Task:
    """Read a task back.

    Args:
        packed: What `pack` wrote.
        location: The source that the row is from.
    """
    task, content = (read := _decoder.decode(packed)).task, read.content
    raw = None if content is None else RawRow(location, content)
    return msgspec.structs.replace(task, draft=msgspec.structs.replace(task.draft, raw=raw))


def settle_step(step: Step, key: KeyField, location: SourceLocation) -> Outcome:
    """Say how a row ends for which nothing is to be sent, or would end in a dry run.

    Args:
        step: What was planned.
        key: What products are found by, which is what the plan's errors are about.
        location: The source that the row is from.
    """
    draft = step.draft
    if step.error is None:
        return draft.outcome(step.kind, product_id=step.product_id)
    problem = location.problem(step.error, draft.line, key, draft.key)
    if problem.severity == "warning":
        return draft.outcome(step.kind, product_id=step.product_id, warnings=(problem,))
    return draft.outcome(step.kind, product_id=step.product_id, problems=(problem,))


def settle(task: Task, result: str | Failure, location: SourceLocation) -> tuple[Result, Outcome]:
    """Say how a row ends by what came of its call.

    Args:
        task: What was sent.
        result: Id of the product, or what went wrong; not `Verdict.UNKNOWN`.
        location: The source that the row is from.

    Returns:
        What the journal is to say, and the outcome.
    """
    if not isinstance(result, Failure):
        kind, state = (
            (OutcomeKind.CREATED, RowState.CREATED) if task.changes is None else (OutcomeKind.UPDATED, RowState.UPDATED)
        )
        return Result(task.row_id, state, result), task.draft.outcome(kind, product_id=result)
    if isinstance(result.error, NotFoundError) and result.verdict is Verdict.REFUSED:
        return settle_as(task, OutcomeKind.REJECTED, RuleViolationError("product_gone"), location)
    if task.in_doubt:
        code = "in_doubt" if task.changes is None else "change_in_doubt"
        return settle_as(task, OutcomeKind.IN_DOUBT, RuleViolationError(code, detail=result.error), location)
    if result.verdict is not Verdict.REFUSED:
        return settle_as(task, OutcomeKind.REJECTED, RuleViolationError("not_sent", detail=result.error), location)
    field, detail = named_field(result.error, task.draft.product.__struct_fields__)
    value = getattr(task.draft.product, field, None) if field else None
    shown = None if value is None or value is msgspec.UNSET else str(value)
    problem = location.problem(RuleViolationError("refused", detail=detail), task.draft.line, field, shown)
    outcome = task.draft.outcome(OutcomeKind.REJECTED, product_id=task.product_id, problems=(problem,))
    return Result(task.row_id, RowState.REJECTED, task.product_id), outcome


def settle_as(
    task: Task, kind: OutcomeKind, error: RuleViolationError, location: SourceLocation
) -> tuple[Result, Outcome]:
    """Say that a row ends without having got into the service, as far as is known."""
    problem = location.problem(error, task.draft.line)
    outcome = task.draft.outcome(kind, product_id=task.product_id, problems=(problem,))
    state = RowState.IN_DOUBT if kind is OutcomeKind.IN_DOUBT else RowState.REJECTED
    return Result(task.row_id, state, task.product_id), outcome
