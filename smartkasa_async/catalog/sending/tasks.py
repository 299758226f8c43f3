"""What is still to be sent for a row, and how a row ends by what came of it."""

from __future__ import annotations

from collections.abc import Sequence  # noqa: TC003  (msgspec resolves annotations)
from typing import TYPE_CHECKING

import msgspec

from smartkasa_async.catalog.checks.check import ProductDraft  # noqa: TC001  (likewise)
from smartkasa_async.catalog.outcomes import OutcomeKind, RawRow
from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.errors import NotFoundError
from smartkasa_async.jobs.journal import Result, RowState
from smartkasa_async.jobs.send import Failure, Verdict, named_field
from smartkasa_async.models import ProductCreate, ProductUpdate  # noqa: TC001  (likewise)

if TYPE_CHECKING:
    from smartkasa_async.catalog.keys import KeyField
    from smartkasa_async.catalog.outcomes import Outcome
    from smartkasa_async.catalog.sending.plan import Step
    from smartkasa_async.catalog.source_location import SourceLocation


class Task(msgspec.Struct, frozen=True, gc=False):
    """Something to be sent for a row.

    Attributes:
        draft: The row.
        place: Where its key stands in the journal.
        product_id: Id of the product to change; None for one that is to be created.
        changes: What to change of it.
        in_doubt: Whether it was sent before, and may have been carried out.
    """

    draft: ProductDraft
    place: int
    product_id: str | None = None
    changes: ProductUpdate | None = None
    in_doubt: bool = False


class _Packed(msgspec.Struct, frozen=True, array_like=True):
    task: Task
    content: Sequence[str] | ProductCreate | None


_encoder = msgspec.msgpack.Encoder()
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
        return Result(task.place, state, result), task.draft.outcome(kind, product_id=result)
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
    return Result(task.place, RowState.REJECTED, task.product_id), outcome


def settle_as(
    task: Task, kind: OutcomeKind, error: RuleViolationError, location: SourceLocation
) -> tuple[Result, Outcome]:
    """Say that a row ends without having got into the service, as far as is known."""
    problem = location.problem(error, task.draft.line)
    outcome = task.draft.outcome(kind, product_id=task.product_id, problems=(problem,))
    state = RowState.IN_DOUBT if kind is OutcomeKind.IN_DOUBT else RowState.REJECTED
    return Result(task.place, state, task.product_id), outcome
