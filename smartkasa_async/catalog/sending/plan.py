"""What is to be done for each row: a pure rule over the row, the journal and the service's catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from smartkasa_async.catalog.outcomes import OutcomeKind
from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.catalog.sending.catalogue import differences
from smartkasa_async.jobs.journal import Entry, RowState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartkasa_async.catalog.checks.check import ProductDraft
    from smartkasa_async.jobs.journal import KeyStatus, KnownProduct
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


class Step(NamedTuple):
    """What is to be done for a row.

    Attributes:
        draft: The row.
        kind: How the row ends, if what is to be sent succeeds.
        place: Where its key stands in the journal; None where it does not yet.
        is_open: Whether something is to be sent.
        product_id: Id of its product; None for one that is to be created.
        changes: What is to be changed of the product; None where nothing is.
        error: Why it ends so, where that needs saying.
    """

    draft: ProductDraft
    kind: OutcomeKind
    place: int | None
    is_open: bool = False
    product_id: str | None = None
    changes: ProductUpdate | None = None
    error: RuleViolationError | None = None

    @property
    def entry(self) -> Entry:
        """What the journal is to say of the row before anything is sent."""
        state = _STATES.get(self.kind, (RowState.DONE, RowState.DONE))[self.is_open]
        return Entry(self.draft.key_value, self.draft.line, state, self.product_id, self.place)


def plan_rows(
    drafts: Sequence[ProductDraft], standings: Sequence[KeyStatus], mode: Mode, *, key_is_shown: bool = True
) -> tuple[list[Step], list[Step]]:
    """Plan the next rows of a source.

    Args:
        drafts: The rows.
        standings: What is known of their keys, in the same order.
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
    for draft, standing in zip(drafts, standings, strict=True):
        first = lines.get(draft.key_value) if standing.line is None else standing.line
        if first is None:
            lines[draft.key_value] = draft.line
            steps.append(plan_row(draft, standing, mode, key_is_shown=key_is_shown))
        else:
            error = RuleViolationError("key_duplicate", line=first)
            duplicates.append(Step(draft, OutcomeKind.REJECTED, standing.place, error=error))
    return steps, duplicates


def plan_row(draft: ProductDraft, standing: KeyStatus, mode: Mode, *, key_is_shown: bool = True) -> Step:
    """Plan one row, whose key no row before it has; the arguments are those of `plan_rows`."""
    # What an earlier part of the import made is the row's own product, whatever else has its key by now.
    known = [product for product in standing.known if product.id == standing.product_id] or standing.known
    if draft.known is not None:
        known = [draft.known]
    is_own = draft.known is not None or (bool(known) and known[0].id == standing.product_id)
    if not known:
        return Step(draft, OutcomeKind.CREATED, standing.place, is_open=True)
    if len(known) > 1 or not (key_is_shown or is_own):
        return _give_up(draft, standing, len(known), key_is_shown=key_is_shown)
    if not known[0].fields:
        return _give_up_on_unreadable(draft, standing, known[0].id)
    return _compare(draft, known[0], standing, mode)


def _give_up(draft: ProductDraft, standing: KeyStatus, count: int, *, key_is_shown: bool) -> Step:
    if standing.state in _SENT:
        error = (
            RuleViolationError("in_doubt_several", count=count)
            if key_is_shown
            else RuleViolationError("in_doubt_not_shown")
        )
        return Step(draft, OutcomeKind.IN_DOUBT, standing.place, product_id=standing.product_id, error=error)
    error = RuleViolationError("conflict", count=count) if key_is_shown else RuleViolationError("key_not_shown")
    return Step(draft, OutcomeKind.CONFLICT, standing.place, error=error)


def _give_up_on_unreadable(draft: ProductDraft, standing: KeyStatus, record: str) -> Step:
    kind, code = OutcomeKind.CONFLICT, "conflict_unreadable"
    if standing.state in _SENT:
        kind, code = OutcomeKind.IN_DOUBT, "in_doubt_unreadable"
    error = RuleViolationError(code, record=record)
    return Step(draft, kind, standing.place, product_id=standing.product_id, error=error)


def _compare(draft: ProductDraft, known: KnownProduct, standing: KeyStatus, mode: Mode) -> Step:
    """Plan a row whose one product the service has; what an earlier part of the import did counts as done now."""
    place, state = standing.place, standing.state
    changes = differences(draft.product, known.fields)
    if changes is not None and mode != "create":
        return Step(draft, OutcomeKind.UPDATED, place, is_open=True, product_id=known.id, changes=changes)
    # In the mode that changes nothing, what the import created stays created, whoever changed it since.
    is_made = state is RowState.CREATED and known.id == standing.product_id
    if is_made or (changes is None and state in _SENT):
        return Step(draft, OutcomeKind.CREATED, place, product_id=known.id)
    if changes is None and state in _CHANGED:
        return Step(draft, OutcomeKind.UPDATED, place, product_id=known.id)
    warning = RuleViolationError("exists_already") if mode == "create" else None
    return Step(draft, OutcomeKind.UNCHANGED, place, product_id=known.id, error=warning)
