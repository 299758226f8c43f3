"""Whether a card may be written, by what it is right before, or what a write did to it: pure rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.stock.outcomes import StockOutcomeKind, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartkasa_async.stock.index import KnownCard
    from smartkasa_async.stock.plan import Change


class KeyStatus(NamedTuple):
    """How a change stands by the product's cards.

    Attributes:
        kind: How its row ends; None where the change is to be carried out.
        card: The card as it is now; None where there is none, or are several.
        error: Why the card does not have the count.
    """

    kind: StockOutcomeKind | None
    card: KnownCard | None = None
    error: RuleViolationError | None = None


def before_sending(change: Change, cards: Sequence[KnownCard], *, overwrite_changed: bool) -> KeyStatus:
    """Decide whether to carry out a change of which nothing was sent.

    Args:
        change: The change.
        cards: The card as it is now; for one that is to be created, all cards that the product has in the shop.
        overwrite_changed: Whether a card that changed since the plan is written all the same.
    """
    if len(cards) > 1:
        return KeyStatus(StockOutcomeKind.REJECTED, error=RuleViolationError("cards_several", count=len(cards)))
    card = cards[0] if cards else None
    if _is_done(change, card):
        return KeyStatus(StockOutcomeKind.UNCHANGED, card)
    if _is_untouched(change, card) or (overwrite_changed and card is not None):
        return KeyStatus(None, card)
    if card is None:
        return KeyStatus(StockOutcomeKind.CHANGED, error=RuleViolationError("card_gone"))
    if change.card is None:
        return KeyStatus(StockOutcomeKind.CHANGED, card, RuleViolationError("card_appeared", now=shown(card.count)))
    error = RuleViolationError("card_changed", before=shown(change.card.count), now=shown(card.count))
    return KeyStatus(StockOutcomeKind.CHANGED, card, error)


def after_sending(change: Change, cards: Sequence[KnownCard]) -> KeyStatus:
    """Decide what became of a change whose answer was lost.

    Args:
        change: The change, with the card as it was right before it was sent.
        cards: As for `before_sending`.

    Returns:
        That it was carried out; that it was not, with None for the kind; or that nothing tells.
    """
    if len(cards) > 1:
        return KeyStatus(StockOutcomeKind.IN_DOUBT, error=RuleViolationError("cards_several", count=len(cards)))
    card = cards[0] if cards else None
    if _is_done(change, card):
        return KeyStatus(change.kind, card)
    if _is_untouched(change, card):
        return KeyStatus(None, card)
    if card is None:
        return KeyStatus(StockOutcomeKind.CHANGED, error=RuleViolationError("card_gone"))
    before = shown(change.card.count if change.card else None)
    error = RuleViolationError("count_in_doubt", before=before, now=shown(card.count), count=shown(change.count))
    return KeyStatus(StockOutcomeKind.IN_DOUBT, card, error)


def _is_done(change: Change, card: KnownCard | None) -> bool:
    if change.deletes:
        return card is None
    return card is not None and card.count == change.count


def _is_untouched(change: Change, card: KnownCard | None) -> bool:
    if card is None or change.card is None:
        return card is change.card
    return card.is_as(change.card)
