"""What is to be done to undo a sync, by what the cards have now: pure rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.catalog.source_location import SourceLocation
from smartkasa_async.catalog.sources.columns import Columns
from smartkasa_async.stock.outcomes import StockOutcomeKind, shown
from smartkasa_async.stock.plan import Change, Plan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from smartkasa_async.stock.index import CardIndex, KnownCard
    from smartkasa_async.stock.outcomes import StockOutcome
    from smartkasa_async.stock.undo_file import UndoEntry


def undo_location(file: str) -> SourceLocation:
    """Name an undo file as the place of problems."""
    return SourceLocation(file, Columns((), {}, ()))


def plan_undo(
    entries: Sequence[UndoEntry], books: Mapping[int, CardIndex], location: SourceLocation, *, overwrite_changed: bool
) -> Plan:
    """Plan to give each card what it had, and to delete those that the sync created.

    Args:
        entries: The entries of the undo file.
        books: The cards of each shop that they name.
        location: The undo file.
        overwrite_changed: Whether also to set, or delete, cards that do not have what the sync set.
    """
    plan = Plan([], [])
    for row, entry in enumerate(entries, start=1):
        planned = _plan(row, entry, books[entry.shop_id].of(entry.product_id), location, overwrite=overwrite_changed)
        if isinstance(planned, Change):
            plan.changes.append(planned)
        else:
            plan.outcomes.append(planned)
    return plan


def _plan(
    row: int, entry: UndoEntry, cards: Sequence[KnownCard], location: SourceLocation, *, overwrite: bool
) -> Change | StockOutcome:
    if entry.card_id is not None:
        cards = [card for card in cards if card.id == entry.card_id]
    change = Change(
        row=row,
        line=entry.line,
        key=entry.key,
        title=entry.title,
        product_id=entry.product_id,
        shop_id=entry.shop_id,
        card=cards[0] if len(cards) == 1 else None,
        count=entry.before,
        deletes=entry.card_id is None,
    )
    if len(cards) > 1:
        error = RuleViolationError("cards_several", count=len(cards))
        return change.outcome(StockOutcomeKind.REJECTED, location, error)
    if change.card is None:
        if change.deletes:
            return change.outcome(StockOutcomeKind.UNCHANGED, location)
        return change.outcome(StockOutcomeKind.CHANGED, location, RuleViolationError("undo_card_gone"))
    if not change.deletes and change.card.count == entry.before:
        return change.outcome(StockOutcomeKind.UNCHANGED, location)
    if change.card.count == entry.after or overwrite:
        return change
    error = RuleViolationError("undo_card_changed", now=shown(change.card.count), after=shown(entry.after))
    return change.outcome(StockOutcomeKind.CHANGED, location, error)
