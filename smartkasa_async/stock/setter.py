"""Sends changes of cards: each card is read right before it is written, and after an answer that was lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.errors import NotFoundError, SmartKasaError
from smartkasa_async.jobs.concurrency import retry_transient
from smartkasa_async.jobs.guarded import GuardedWriter
from smartkasa_async.jobs.send import SendFailure, Verdict, is_absent, judge, named_field
from smartkasa_async.models import StockCardCreate, StockCardUpdate
from smartkasa_async.stock.index import CardIndex, KnownCard
from smartkasa_async.stock.outcomes import StockOutcome, StockOutcomeKind
from smartkasa_async.stock.plan import CardStatus, Change, after_sending, before_sending

if TYPE_CHECKING:
    from smartkasa_async.catalog.source_location import SourceLocation
    from smartkasa_async.client import SmartKasa
    from smartkasa_async.stock.journal import CardJournal
    from smartkasa_async.stock.undo import UndoFile


class CardSetter(GuardedWriter[Change, CardStatus, StockOutcome]):
    """Creates, sets and deletes stock cards that are as they were when the plan was made.

    Args:
        kasa: The client.
        location: The source.
        concurrency: Most cards at once.
        late_write_window: Seconds in which the service may still carry out a request whose answer was lost.
        overwrite_changed: Whether cards that changed since the plan are written all the same.
        undo: The undo file; None for none.
        journal: Where each card is written down before it is written; None for nowhere.
    """

    def __init__(
        self,
        kasa: SmartKasa,
        location: SourceLocation,
        *,
        concurrency: int,
        late_write_window: float,
        overwrite_changed: bool,
        undo: UndoFile | None = None,
        journal: CardJournal | None = None,
    ) -> None:
        super().__init__(kasa, concurrency=concurrency, late_write_window=late_write_window)
        self._location = location
        self._overwrite_changed = overwrite_changed
        self._undo = undo
        self._journal = journal

    async def _prepare(self, change: Change, status: CardStatus) -> Change:
        current = msgspec.structs.replace(change, card=status.card)
        if self._undo is not None and status.card != change.card:
            await self._undo.amend(current)
        if self._journal is not None:
            await self._journal.note_sending(current)
        return current

    async def _write(self, change: Change) -> str | SendFailure:
        cards, card = self._kasa.cards, change.card
        try:
            if card is None:
                new = StockCardCreate(
                    product_id=change.product_id, shop_id=change.shop_id, counting_enabled=True, count=change.count
                )
                return str((await cards.create(new)).id)
            if change.deletes:
                return str((await cards.delete(card.id)).id)
            update = StockCardUpdate(
                product_id=change.product_id,
                shop_id=change.shop_id,
                counting_enabled=card.counting_enabled if card.counting_enabled is not None else msgspec.UNSET,
                count=change.count,
            )
            return str((await cards.update(card.id, update)).id)
        except SmartKasaError as error:
            is_deleted = is_absent(error) and card is not None
            return SendFailure(Verdict.REFUSED if is_deleted else judge(error), error)

    async def _read_status(self, change: Change, *, was_sent: bool) -> CardStatus:
        cards = await self._read(change)
        if was_sent:
            return after_sending(change, cards)
        return before_sending(change, cards, overwrite_changed=self._overwrite_changed)

    async def _read(self, change: Change) -> list[KnownCard]:
        """Read the card; for one that is to be created, all cards that the product has in the shop."""
        card, shop_id, product_id = change.card, change.shop_id, change.product_id

        async def read() -> list[KnownCard]:
            if card is not None:
                return [KnownCard.of(await self._kasa.cards.get(card.id))]
            listed = [card async for card in self._kasa.cards.list(product_id=product_id, shop_id=shop_id)]
            return CardIndex(listed, shop_id).of(product_id)

        try:
            return await retry_transient(read)
        except NotFoundError as error:
            if not is_absent(error):
                raise
            return []

    def _written(self, change: Change, record_id: str) -> StockOutcome:
        return change.outcome(change.kind, self._location, card_id=int(record_id))

    def _decided(self, change: Change, status: CardStatus) -> StockOutcome:
        card_id = status.card.id if status.card else None
        return change.outcome(status.kind or change.kind, self._location, status.error, card_id=card_id)

    def _refused(self, change: Change, error: Exception) -> StockOutcome:
        if isinstance(error, NotFoundError):
            return self._decided(change, before_sending(change, (), overwrite_changed=False))
        refusal = RuleViolationError("refused", detail=named_field(error)[1])
        return change.outcome(StockOutcomeKind.REJECTED, self._location, refusal)

    def _without_effect(self, change: Change) -> StockOutcome:
        return change.outcome(StockOutcomeKind.REJECTED, self._location, RuleViolationError("count_failed"))

    def _give_up(self, change: Change, *, was_sent: bool) -> StockOutcome:
        detail = self.failure
        if was_sent:
            return change.outcome(
                StockOutcomeKind.IN_DOUBT, self._location, RuleViolationError("count_not_read", detail=detail)
            )
        return change.outcome(
            StockOutcomeKind.REJECTED, self._location, RuleViolationError("count_not_set", detail=detail)
        )
