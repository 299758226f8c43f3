"""What to do for each row, as a pure rule over the row, the journal and the catalogue, and how each row ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import msgspec

from smartkasa_async.catalog.checks.check import ProductDraft
from smartkasa_async.catalog.outcomes import OutcomeKind, RawRow
from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.catalog.sending.catalogue import differences
from smartkasa_async.errors import NotFoundError
from smartkasa_async.jobs.journal import Entry, Result, RowState
from smartkasa_async.jobs.send import SendFailure, Verdict, named_field
from smartkasa_async.models import ProductCreate, ProductUpdate  # noqa: TC001  (likewise)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartkasa_async.catalog.checks.check import ProductDraft
    from smartkasa_async.catalog.outcomes import Outcome
    from smartkasa_async.catalog.source_location import KeyField, SourceLocation
    from smartkasa_async.jobs.journal import KeyStatus, KnownItem

Mode = Literal["upsert", "create", "mirror"]
"""What an import may do: create and update; create only; or create, update, and list or delete all others."""

_SENT = frozenset({RowState.CREATING, RowState.CREATED, RowState.IN_DOUBT})
_CHANGED = frozenset({RowState.UPDATING, RowState.UPDATED})
_STATES = {
    OutcomeKind.CREATED: (RowState.CREATED, RowState.CREATING),
    OutcomeKind.UPDATED: (RowState.UPDATED, RowState.UPDATING),
    OutcomeKind.IN_DOUBT: (RowState.IN_DOUBT, RowState.IN_DOUBT),
}

_encoder = msgspec.msgpack.Encoder()


class PlannedRow(msgspec.Struct, gc=False):
    """A row with what is to be done for it, from the plan to the sender and, where an answer was lost, the resolver.

    Attributes:
        draft: The row.
        kind: How the row ends, if what is to be sent succeeds.
        row_id: Id of its key's row in the journal; 0 where it has none yet.
        is_open: Whether something is to be sent.
        product_id: Id of its product; None for one that is to be created.
        changes: What is to be changed of the product; None where nothing is.
        error: Why it ends so, where a reason is needed.
        in_doubt: Whether it was sent before, and may have been carried out.
    """

    draft: ProductDraft
    kind: OutcomeKind
    row_id: int = 0
    is_open: bool = False
    product_id: str | None = None
    changes: ProductUpdate | None = None
    error: RuleViolationError | None = None
    in_doubt: bool = False

    @property
    def entry(self) -> Entry:
        """What the journal records of the row before anything is sent."""
        state = _STATES.get(self.kind, (RowState.DONE, RowState.DONE))[self.is_open]
        return Entry(self.draft.key_value, self.draft.line, state, self.product_id, self.row_id or None)


def plan_rows(
    drafts: Sequence[ProductDraft], statuses: Sequence[KeyStatus], mode: Mode, *, key_is_shown: bool = True
) -> tuple[list[PlannedRow], list[PlannedRow]]:
    """Plan the next rows of a source.

    Args:
        drafts: The rows.
        statuses: What is known of their keys, in the same order.
        mode: What the import may do.
        key_is_shown: Whether the service shows what rows are known by. Where it does not, the known products of a key
            are those that may be the row's: they have its title, and no key.

    Returns:
        The rows that are to be written into the journal, each key once; and those that are not, since an earlier row of
        the source has their key.
    """
    lines: dict[str, int] = {}
    planned: list[PlannedRow] = []
    duplicates: list[PlannedRow] = []
    for draft, status in zip(drafts, statuses, strict=True):
        first = lines.get(draft.key_value) if status.line is None else status.line
        if first is None:
            lines[draft.key_value] = draft.line
            planned.append(plan_row(draft, status, mode, key_is_shown=key_is_shown))
        else:
            error = RuleViolationError("key_duplicate", line=first)
            duplicates.append(PlannedRow(draft, OutcomeKind.REJECTED, status.row_id or 0, error=error))
    return planned, duplicates


def plan_row(draft: ProductDraft, status: KeyStatus, mode: Mode, *, key_is_shown: bool = True) -> PlannedRow:
    """Plan one row, whose key no row before it has; the arguments are those of `plan_rows`."""
    if draft.known is None and not status.known:
        return PlannedRow(draft, OutcomeKind.CREATED, status.row_id or 0, is_open=True)
    # What an earlier part of the import made is the row's own product, whatever else has its key by now.
    known = [product for product in status.known if product.id == status.item_id] or status.known
    if draft.known is not None:
        known = [draft.known]
    is_own = draft.known is not None or known[0].id == status.item_id
    if len(known) > 1 or not (key_is_shown or is_own):
        return _give_up(draft, status, len(known), key_is_shown=key_is_shown)
    if not known[0].fields:
        return _give_up_on_unreadable(draft, status, known[0].id)
    return _compare(draft, known[0], status, mode)


def _give_up(draft: ProductDraft, status: KeyStatus, count: int, *, key_is_shown: bool) -> PlannedRow:
    if status.state in _SENT:
        error = (
            RuleViolationError("in_doubt_several", count=count)
            if key_is_shown
            else RuleViolationError("in_doubt_not_shown")
        )
        return PlannedRow(draft, OutcomeKind.IN_DOUBT, status.row_id or 0, product_id=status.item_id, error=error)
    error = RuleViolationError("conflict", count=count) if key_is_shown else RuleViolationError("key_not_shown")
    return PlannedRow(draft, OutcomeKind.CONFLICT, status.row_id or 0, error=error)


def _give_up_on_unreadable(draft: ProductDraft, status: KeyStatus, record: str) -> PlannedRow:
    kind, code = OutcomeKind.CONFLICT, "conflict_unreadable"
    if status.state in _SENT:
        kind, code = OutcomeKind.IN_DOUBT, "in_doubt_unreadable"
    error = RuleViolationError(code, record=record)
    return PlannedRow(draft, kind, status.row_id or 0, product_id=status.item_id, error=error)


def _compare(draft: ProductDraft, known: KnownItem, status: KeyStatus, mode: Mode) -> PlannedRow:
    """Plan a row whose one product the service has; what an earlier part of the import did counts as done now."""
    row_id, state = status.row_id or 0, status.state
    changes = differences(draft.product, known.fields)
    if changes is not None and mode != "create":
        return PlannedRow(draft, OutcomeKind.UPDATED, row_id, is_open=True, product_id=known.id, changes=changes)
    # In the mode that changes nothing, what the import created stays created, whoever changed it since.
    is_made = state is RowState.CREATED and known.id == status.item_id
    if is_made or (changes is None and state in _SENT):
        return PlannedRow(draft, OutcomeKind.CREATED, row_id, product_id=known.id)
    if changes is None and state in _CHANGED:
        return PlannedRow(draft, OutcomeKind.UPDATED, row_id, product_id=known.id)
    warning = RuleViolationError("exists_already") if mode == "create" else None
    return PlannedRow(draft, OutcomeKind.UNCHANGED, row_id, product_id=known.id, error=warning)


class _Packed(msgspec.Struct, frozen=True, array_like=True):
    row: PlannedRow
    content: Sequence[str] | ProductCreate | None


_decoder = msgspec.msgpack.Decoder(_Packed)


def pack(row: PlannedRow) -> bytes:
    """Write a row down, for a journal."""
    raw = row.draft.raw
    bare = msgspec.structs.replace(row, draft=msgspec.structs.replace(row.draft, raw=None, known=None))
    return _encoder.encode(_Packed(bare, None if raw is None else raw.content))


def unpack(packed: bytes, location: SourceLocation) -> PlannedRow:
    """Read a row back.

    Args:
        packed: What `pack` wrote.
        location: The source that the row is from.
    """
    row, content = (read := _decoder.decode(packed)).row, read.content
    raw = None if content is None else RawRow(location, content)
    return msgspec.structs.replace(row, draft=msgspec.structs.replace(row.draft, raw=raw))


def planned_outcome(row: PlannedRow, key: KeyField, location: SourceLocation) -> Outcome:
    """Make the outcome of a row for which nothing is to be sent, or of any row in a dry run.

    Args:
        row: The row.
        key: What products are found by, which is what the plan's errors are about.
        location: The source that the row is from.
    """
    draft = row.draft
    if row.error is None:
        return draft.outcome(row.kind, product_id=row.product_id)
    problem = location.problem(row.error, draft.line, key, draft.key)
    if problem.severity == "warning":
        return draft.outcome(row.kind, product_id=row.product_id, warnings=(problem,))
    return draft.outcome(row.kind, product_id=row.product_id, problems=(problem,))


def sent_outcome(row: PlannedRow, result: str | SendFailure, location: SourceLocation) -> tuple[Result, Outcome]:
    """Make the outcome of a row from the result of its call.

    Args:
        row: What was sent.
        result: Id of the product, or what went wrong; not `Verdict.UNKNOWN`.
        location: The source that the row is from.

    Returns:
        What the journal is to record, and the outcome.
    """
    if not isinstance(result, SendFailure):
        state = RowState.CREATED if row.changes is None else RowState.UPDATED
        return Result(row.row_id, state, result), row.draft.outcome(row.kind, product_id=result)
    if isinstance(result.error, NotFoundError) and result.verdict is Verdict.REFUSED:
        return failed_outcome(row, OutcomeKind.REJECTED, RuleViolationError("product_deleted"), location)
    if row.in_doubt:
        code = "in_doubt" if row.changes is None else "change_in_doubt"
        return failed_outcome(row, OutcomeKind.IN_DOUBT, RuleViolationError(code, detail=result.error), location)
    if result.verdict is not Verdict.REFUSED:
        return failed_outcome(row, OutcomeKind.REJECTED, RuleViolationError("not_sent", detail=result.error), location)
    field, detail = named_field(result.error, row.draft.product.__struct_fields__)
    value = getattr(row.draft.product, field, None) if field else None
    shown = None if value is None or value is msgspec.UNSET else str(value)
    problem = location.problem(RuleViolationError("refused", detail=detail), row.draft.line, field, shown)
    outcome = row.draft.outcome(OutcomeKind.REJECTED, product_id=row.product_id, problems=(problem,))
    return Result(row.row_id, RowState.REJECTED, row.product_id), outcome


def failed_outcome(
    row: PlannedRow, kind: OutcomeKind, error: RuleViolationError, location: SourceLocation
) -> tuple[Result, Outcome]:
    """Make the outcome of a row that is not in the service, as far as is known; returns what `sent_outcome` does."""
    problem = location.problem(error, row.draft.line)
    outcome = row.draft.outcome(kind, product_id=row.product_id, problems=(problem,))
    state = RowState.IN_DOUBT if kind is OutcomeKind.IN_DOUBT else RowState.REJECTED
    return Result(row.row_id, state, row.product_id), outcome
