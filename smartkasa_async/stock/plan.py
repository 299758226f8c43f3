"""What is to be done about each row, by what the service has, and whether a card may be written: pure rules."""

from __future__ import annotations

from decimal import Decimal  # noqa: TC003  (msgspec resolves annotations)
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from smartkasa_async.catalog.checks.codes import parse_barcode
from smartkasa_async.catalog.checks.counts import CountRow, RejectedCount
from smartkasa_async.catalog.checks.values import explain
from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.catalog.sources.fields import Field
from smartkasa_async.stock.index import KnownCard  # noqa: TC001  (likewise)
from smartkasa_async.stock.outcomes import StockOutcome, StockOutcomeKind, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartkasa_async.catalog.source_location import KeyField, SourceLocation
    from smartkasa_async.stock.index import CardIndex, ListedProduct, ProductIndex


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """Something to be done to one card.

    Attributes:
        row: Number of the row in the source.
        line: Line of the file on which it begins.
        key: The key as the source has it.
        key_value: The key, normalised; None where it is not known.
        title: Title of the product.
        product_id: Id of the product.
        shop_id: Id of the shop.
        card: The card as it was read; None for one that is to be created.
        count: What it is to have, in the product's unit of measure; None for no count.
        deletes: Whether the card is to be deleted instead.
        may_be_done: Whether an earlier run of the job may have carried it out.
    """

    row: int
    line: int
    key: str
    key_value: str | None = None
    title: str
    product_id: str
    shop_id: int
    card: KnownCard | None
    count: Decimal | None
    deletes: bool = False
    may_be_done: bool = False

    @property
    def kind(self) -> StockOutcomeKind:
        """How the row ends when the change has been carried out."""
        if self.deletes:
            return StockOutcomeKind.DELETED
        return StockOutcomeKind.CREATED if self.card is None else StockOutcomeKind.UPDATED

    def outcome(
        self,
        kind: StockOutcomeKind,
        location: SourceLocation,
        error: RuleViolationError | None = None,
        *,
        card_id: int | None = None,
    ) -> StockOutcome:
        """Make the outcome of the row."""
        return StockOutcome(
            row=self.row,
            line=self.line,
            key=self.key,
            key_value=self.key_value,
            kind=kind,
            title=self.title,
            product_id=self.product_id,
            card_id=self.card.id if self.card else card_id,
            count_before=self.card.count if self.card else None,
            count=self.count,
            problems=(location.problem(error, self.line, Field.COUNT),) if error else (),
        )


class Plan(msgspec.Struct, frozen=True):
    """What is to be done.

    Attributes:
        changes: Cards to create, set or delete.
        outcomes: Rows for which nothing is to be done.
    """

    changes: list[Change]
    outcomes: list[StockOutcome]


class Planner:
    """Plans the rows of one source for one shop.

    Rows are kept only as far as they stand for a product of the service, one for each, so memory does not grow with
    rows that are wrong.
    """

    def __init__(
        self,
        location: SourceLocation,
        products: ProductIndex,
        cards: CardIndex,
        *,
        shop_id: int,
        key: KeyField = "number",
    ) -> None:
        self._location = location
        self._products = products
        self._cards = cards
        self._shop_id = shop_id
        self._key = Field(key)
        self._rows: dict[str, CountRow | RejectedCount] = {}
        self._doubled: dict[str, int] = {}

    def add(self, row: CountRow | RejectedCount) -> StockOutcome | None:
        """Take one row, or the rejection of one that could not be read.

        Returns:
            The row's outcome where it is rejected; None where `finish` decides.
        """
        product = self._products.find(row.key_value) if row.key_value else None
        if product is not None and (first := self._rows.setdefault(product.id, row)) is not row:
            self._doubled.setdefault(product.id, row.line)
            if isinstance(row, CountRow):
                return self._reject(row, RuleViolationError("count_duplicate", line=first.line), product)
        if isinstance(row, RejectedCount):
            return StockOutcome(
                row=row.row,
                line=row.line,
                key=row.key,
                key_value=row.key_value,
                kind=StockOutcomeKind.REJECTED,
                problems=row.problems,
            )
        if product is None or self._products.unreadable(row.key_value) is not None:
            return self._reject(row, self._unknown(row))
        return None

    def finish(self) -> Plan:
        """Plan the rows that were taken; to be called once, after the last of them."""
        plan = Plan([], [])
        for row in self._rows.values():
            if isinstance(row, CountRow) and (product := self._products.find(row.key_value)) is not None:
                planned = self._plan(row, product)
                if isinstance(planned, Change):
                    plan.changes.append(planned)
                else:
                    plan.outcomes.append(planned)
        return plan

    def _plan(self, row: CountRow, product: ListedProduct) -> Change | StockOutcome:
        if (line := self._doubled.get(product.id)) is not None:
            return self._reject(row, RuleViolationError("count_duplicate", line=line), product)
        if (same := self._products.count(row.key_value)) > 1:
            return self._reject(row, RuleViolationError("conflict", count=same))
        if (unreadable := self._cards.unreadable(product.id)) is not None:
            return self._reject(row, RuleViolationError("card_unreadable", record=unreadable.translatable), product)
        cards = self._cards.of(product.id)
        if len(cards) > 1:
            return self._reject(row, RuleViolationError("cards_several", count=len(cards)), product)
        card = cards[0] if cards else None
        change = Change(
            row=row.row,
            line=row.line,
            key=row.key,
            key_value=row.key_value,
            title=product.title,
            product_id=product.id,
            shop_id=self._shop_id,
            card=card,
            count=row.count,
        )
        if card is not None and card.count == row.count:
            return change.outcome(StockOutcomeKind.UNCHANGED, self._location)
        return change

    def _unknown(self, row: CountRow) -> RuleViolationError:
        """Return why there is no product with the key: a wrong barcode goes before an unknown one."""
        if (unreadable := self._products.unreadable(row.key_value)) is not None:
            return RuleViolationError("conflict_unreadable", record=unreadable.translatable)
        if self._key is Field.NUMBER:
            try:
                parse_barcode(row.key)
            except RuleViolationError as error:
                return explain(error, row.key)
        return explain(RuleViolationError("product_unknown"), row.key)

    def _reject(self, row: CountRow, error: RuleViolationError, product: ListedProduct | None = None) -> StockOutcome:
        problem = self._location.problem(error, row.line, self._key, row.key)
        return StockOutcome(
            row=row.row,
            line=row.line,
            key=row.key,
            key_value=row.key_value,
            kind=StockOutcomeKind.REJECTED,
            title=product.title if product else "",
            product_id=product.id if product else None,
            count=row.count,
            problems=(problem,),
        )


class CardStatus(NamedTuple):
    """The decision about a change, made from the product's cards.

    Attributes:
        kind: How its row ends; None where the change is to be sent.
        card: The card as it is now; None where there is none, or are several.
        error: Why the card does not have the count.
    """

    kind: StockOutcomeKind | None
    card: KnownCard | None = None
    error: RuleViolationError | None = None


def before_sending(change: Change, cards: Sequence[KnownCard], *, overwrite_changed: bool) -> CardStatus:
    """Decide whether to send a change of which nothing was sent.

    Args:
        change: The change.
        cards: The card as it is now; for one that is to be created, all cards that the product has in the shop.
        overwrite_changed: Whether a card that changed since the plan is written all the same.
    """
    if len(cards) > 1:
        return CardStatus(StockOutcomeKind.REJECTED, error=RuleViolationError("cards_several", count=len(cards)))
    card = cards[0] if cards else None
    if _is_done(change, card):
        return CardStatus(StockOutcomeKind.UNCHANGED, card)
    if _is_untouched(change, card) or (overwrite_changed and card is not None):
        return CardStatus(None, card)
    if card is None:
        return CardStatus(StockOutcomeKind.CHANGED, error=RuleViolationError("card_deleted"))
    if change.card is None:
        return CardStatus(StockOutcomeKind.CHANGED, card, RuleViolationError("card_appeared", now=shown(card.count)))
    error = RuleViolationError("card_changed", before=shown(change.card.count), now=shown(card.count))
    return CardStatus(StockOutcomeKind.CHANGED, card, error)


def after_sending(change: Change, cards: Sequence[KnownCard]) -> CardStatus:
    """Decide what became of a change whose answer was lost.

    Args:
        change: The change, with the card as it was right before it was sent.
        cards: As for `before_sending`.

    Returns:
        That it was carried out; that it was not, with None for the kind; or that it is not known.
    """
    if len(cards) > 1:
        return CardStatus(StockOutcomeKind.IN_DOUBT, error=RuleViolationError("cards_several", count=len(cards)))
    card = cards[0] if cards else None
    if _is_done(change, card):
        return CardStatus(change.kind, card)
    if _is_untouched(change, card):
        return CardStatus(None, card)
    if card is None:
        return CardStatus(StockOutcomeKind.CHANGED, error=RuleViolationError("card_deleted"))
    before = shown(change.card.count if change.card else None)
    error = RuleViolationError("count_in_doubt", before=before, now=shown(card.count), count=shown(change.count))
    return CardStatus(StockOutcomeKind.IN_DOUBT, card, error)


def _is_done(change: Change, card: KnownCard | None) -> bool:
    if change.deletes:
        return card is None
    return card is not None and card.count == change.count


def _is_untouched(change: Change, card: KnownCard | None) -> bool:
    if card is None or change.card is None:
        return card is change.card
    return card.is_as(change.card)
