"""What a sync of counts writes down: its plan, and each card before and after it is written.

A count is set outright, so one that was set, and that a sale has changed since, must not be set once more. The runs of
a job that was stopped or killed therefore share the plan of the first: what it found as it should be stays so, what was
set is done, and a card that changed since that plan is left alone.
"""

from __future__ import annotations

from decimal import Decimal  # noqa: TC003  (msgspec resolves annotations)
from typing import TYPE_CHECKING

import msgspec

from smartkasa_async.jobs.journal import Entry, Result, RowState
from smartkasa_async.stock.index import KnownCard  # noqa: TC001  (likewise)
from smartkasa_async.stock.outcomes import StockOutcomeKind
from smartkasa_async.stock.plan import Change, Plan

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smartkasa_async.catalog.source_location import SourceLocation
    from smartkasa_async.jobs.journal import Journal, KeyStatus
    from smartkasa_async.stock.outcomes import StockOutcome

_MAYBE_SENT = frozenset({RowState.CREATING, RowState.UPDATING, RowState.IN_DOUBT})
_STATES = {
    StockOutcomeKind.CREATED: RowState.CREATED,
    StockOutcomeKind.UPDATED: RowState.UPDATED,
    StockOutcomeKind.UNCHANGED: RowState.DONE,
    StockOutcomeKind.IN_DOUBT: RowState.IN_DOUBT,
}
"""How far a row has come by its outcome; by all others it was not carried out, as one that was only planned."""
_KINDS = {
    RowState.CREATED: StockOutcomeKind.CREATED,
    RowState.UPDATED: StockOutcomeKind.UPDATED,
    RowState.DONE: StockOutcomeKind.UNCHANGED,
}
"""How a row has ended that an earlier run carried out."""


class _Planned(msgspec.Struct, frozen=True):
    """A row of the plan.

    Attributes:
        count: What the card is to have.
        card: The card before; None where it is to be created.
    """

    count: Decimal | None
    card: KnownCard | None


class CardJournal:
    """The journal of a sync of counts, by the products' ids.

    Args:
        journal: Where it is kept; its run has begun.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._row_ids: dict[str, int] = {}
        self._sent: set[str] = set()
        self._maybe_done: dict[str, Change] = {}

    async def resume(self, plan: Plan, location: SourceLocation) -> Plan:
        """Return the plan as the first run of the job made it, less what was done since; what is new is written down.

        Raises:
            JournalError: The journal cannot be kept.
        """
        unchanged = [one for one in plan.outcomes if one.kind is StockOutcomeKind.UNCHANGED]
        statuses = await self._journal.look_up([one.product_id or "" for one in unchanged])
        entries = [_unchanged(one) for one, status in zip(unchanged, statuses, strict=True) if status.state is None]
        resumed = Plan([], plan.outcomes)
        new: list[Change] = []
        statuses = await self._journal.look_up([change.product_id for change in plan.changes])
        for change, status in zip(plan.changes, statuses, strict=True):
            before = _known(change, status)
            if before is None:
                new.append(change)
                entries.append(_entry(change, RowState.REJECTED, status.row_id))
                continue
            self._row_ids[change.product_id] = status.row_id or 0
            if status.state is None or (kind := _KINDS.get(status.state)) is None:
                resumed.changes.append(before)
                if before.may_be_done:
                    self._maybe_done[before.product_id] = before
            else:
                card_id = None if status.item_id is None else int(status.item_id)
                resumed.outcomes.append(before.outcome(kind, location, card_id=card_id))
        row_ids = await self._journal.enter(entries)
        new_ids = row_ids[len(entries) - len(new) :]
        self._row_ids.update((change.product_id, row_id) for change, row_id in zip(new, new_ids, strict=True))
        resumed.changes.extend(new)
        return resumed

    async def note_sending(self, change: Change) -> None:
        """Write down that a change is about to be sent.

        Raises:
            JournalError: The journal cannot be kept, or the run may send nothing more.
        """
        state = RowState.CREATING if change.card is None else RowState.UPDATING
        await self._journal.enter([_entry(change, state, self._row_ids[change.product_id])])
        self._sent.add(change.product_id)

    async def note_outcomes(self, outcomes: Iterable[StockOutcome]) -> None:
        """Write down what became of cards that this run sent, or an earlier one may have sent.

        Raises:
            JournalError: The journal cannot be kept.
        """
        for outcome in outcomes:
            product_id = outcome.product_id or ""
            state = _STATES.get(outcome.kind, RowState.REJECTED)
            if product_id in self._sent:
                card_id = None if outcome.card_id is None else str(outcome.card_id)
                await self._journal.record([Result(self._row_ids[product_id], state, card_id)])
            elif (change := self._maybe_done.get(product_id)) is not None:
                # Entered, not recorded: by a run that may still write.
                await self._journal.enter([_entry(change, state, self._row_ids[product_id])])


def _known(change: Change, status: KeyStatus) -> Change | None:
    """Return a change as an earlier run planned it; None where the journal does not have it, or by another count."""
    if status.state is None or status.digest is None:
        return None
    planned = msgspec.json.decode(status.digest, type=_Planned)
    if planned.count != change.count:
        return None
    return msgspec.structs.replace(change, card=planned.card, may_be_done=status.state in _MAYBE_SENT)


def _entry(change: Change, state: RowState, row_id: int | None) -> Entry:
    card_id = None if change.card is None else str(change.card.id)
    digest = msgspec.json.encode(_Planned(change.count, change.card)).decode()
    return Entry(change.product_id, change.line, state, card_id, row_id, digest)


def _unchanged(outcome: StockOutcome) -> Entry:
    digest = msgspec.json.encode(_Planned(outcome.count, None)).decode()
    return Entry(outcome.product_id or "", outcome.line, RowState.DONE, str(outcome.card_id), None, digest)
