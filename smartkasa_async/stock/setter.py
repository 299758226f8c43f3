"""Sends changes of cards: each card is read right before it is written, and after an answer that was lost."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import anyio
import msgspec

from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.errors import NotFoundError, SmartKasaError
from smartkasa_async.jobs.concurrency import Throttle, retry_transient
from smartkasa_async.jobs.send import SendFailure, Verdict, is_absent, judge, named_field
from smartkasa_async.models import StockCardCreate, StockCardUpdate
from smartkasa_async.stock.index import CardIndex, KnownCard
from smartkasa_async.stock.outcomes import StockOutcomeKind
from smartkasa_async.stock.plan import after_sending, before_sending

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from smartkasa_async.catalog.source_location import SourceLocation
    from smartkasa_async.client import SmartKasa
    from smartkasa_async.stock.outcomes import StockOutcome
    from smartkasa_async.stock.plan import CardStatus, Change
    from smartkasa_async.stock.undo import UndoFile

_ATTEMPTS = 5
_ROUNDS = 3


class _Lost(NamedTuple):
    """A change whose answer was lost, with the card as it was right before."""

    change: Change


class CardSetter:
    """Creates, sets and deletes stock cards.

    A count is set only while the card is as it was when the plan was made. One whose answer was lost is read back: if
    the card is as it was before, the count is resent, but not before the service has had the time to carry out
    what it may still hold; if it is neither as before nor as it should be, it is left and in doubt.

    Args:
        kasa: The client.
        location: The source.
        concurrency: Most cards at once.
        late_write_window: Seconds in which the service may still carry out a request whose answer was lost.
        overwrite_changed: Whether cards that changed since the plan are written all the same.
        undo: The undo file; None for none.

    Attributes:
        failure: What makes it pointless to send anything more; None while there is no such thing.
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
    ) -> None:
        self._kasa = kasa
        self._location = location
        self._concurrency = concurrency
        self._late_write_window = late_write_window
        self._overwrite_changed = overwrite_changed
        self._undo = undo
        self._throttle = Throttle(concurrency)
        self._lost_at = float("-inf")
        self.failure: Exception | None = None

    async def send(self, changes: Sequence[Change], emit: Callable[[list[StockOutcome]], Awaitable[None]]) -> None:
        """Send changes, and emit the outcome of each as it comes."""
        with self._kasa.listening(self._throttle.observe):
            lost = await self._each(changes, self._change, emit)
            for may_send in [True] * (_ROUNDS - 1) + [False]:
                if not lost:
                    return
                if self.failure is None:
                    await anyio.sleep_until(self._lost_at + self._late_write_window)
                work = partial(self._change, was_sent=True) if may_send else self._resolve_finally
                lost = await self._each(lost, work, emit)

    async def _each(
        self,
        changes: Sequence[Change],
        work: Callable[[Change], Awaitable[StockOutcome | _Lost]],
        emit: Callable[[list[StockOutcome]], Awaitable[None]],
    ) -> list[Change]:
        """Do something about each change, some at once; returns those whose answer was lost."""
        waiting = iter(changes)
        lost: list[Change] = []

        async def take_turns() -> None:
            for change in waiting:
                async with self._throttle.permit():
                    result = await work(change)
                if isinstance(result, _Lost):
                    lost.append(result.change)
                else:
                    await emit([result])

        async with anyio.create_task_group() as group:
            for _ in range(min(self._concurrency, len(changes))):
                group.start_soon(take_turns)
        return lost

    async def _change(self, change: Change, *, was_sent: bool = False) -> StockOutcome | _Lost:
        """Send a change if its card allows it; one that may have been carried out before is resolved first."""
        for attempt in range(1, _ATTEMPTS + 1):
            if self.failure is not None:
                break
            try:
                status = await self._read_status(change, was_sent=was_sent)
                if status.kind is not None:
                    return self._outcome(change, status)
                current = msgspec.structs.replace(change, card=status.card)
                if self._undo is not None and status.card != change.card:
                    await self._undo.amend(current)
            except (SmartKasaError, OSError) as error:
                self._record_failure(error)
                break
            result = await self._write(current)
            if not isinstance(result, SendFailure):
                return current.outcome(current.kind, self._location, card_id=result)
            if result.verdict is Verdict.UNKNOWN:
                self._lost_at = anyio.current_time()
                return await self._resolve(current)
            if result.verdict is Verdict.REFUSED:
                return self._refused(current, result.error)
            if result.verdict is Verdict.STOPPED or attempt == _ATTEMPTS:
                self._record_failure(result.error)
        return self._give_up(change, was_sent=was_sent)

    async def _resolve(self, change: Change) -> StockOutcome | _Lost:
        """Find out what became of a change whose answer was lost; it stays lost if the card is as it was before."""
        if self.failure is None:
            try:
                status = await self._read_status(change, was_sent=True)
            except SmartKasaError as error:
                self._record_failure(error)
            else:
                return _Lost(change) if status.kind is None else self._outcome(change, status)
        return self._give_up(change, was_sent=True)

    async def _resolve_finally(self, change: Change) -> StockOutcome | _Lost:
        outcomes = await self._resolve(change)
        if isinstance(outcomes, _Lost):
            return change.outcome(StockOutcomeKind.REJECTED, self._location, RuleViolationError("count_failed"))
        return outcomes

    async def _write(self, change: Change) -> int | SendFailure:
        """Write a card once; returns its id."""
        cards, card = self._kasa.cards, change.card
        try:
            if card is None:
                new = StockCardCreate(
                    product_id=change.product_id, shop_id=change.shop_id, counting_enabled=True, count=change.count
                )
                return (await cards.create(new)).id
            if change.deletes:
                return (await cards.delete(card.id)).id
            update = StockCardUpdate(
                product_id=change.product_id,
                shop_id=change.shop_id,
                counting_enabled=card.counting_enabled if card.counting_enabled is not None else msgspec.UNSET,
                count=change.count,
            )
            return (await cards.update(card.id, update)).id
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

    def _outcome(self, change: Change, status: CardStatus) -> StockOutcome:
        """Make the outcome of a row by what its card is now."""
        card_id = status.card.id if status.card else None
        return change.outcome(status.kind or change.kind, self._location, status.error, card_id=card_id)

    def _refused(self, change: Change, error: Exception) -> StockOutcome:
        if isinstance(error, NotFoundError):
            return self._outcome(change, before_sending(change, (), overwrite_changed=False))
        refusal = RuleViolationError("refused", detail=named_field(error)[1])
        return change.outcome(StockOutcomeKind.REJECTED, self._location, refusal)

    def _record_failure(self, error: Exception) -> None:
        """Send nothing more; the first error that stops a sync is kept."""
        self.failure = self.failure or error

    def _give_up(self, change: Change, *, was_sent: bool) -> StockOutcome:
        detail = self.failure
        if was_sent:
            return change.outcome(
                StockOutcomeKind.IN_DOUBT, self._location, RuleViolationError("count_not_read", detail=detail)
            )
        return change.outcome(
            StockOutcomeKind.REJECTED, self._location, RuleViolationError("count_not_set", detail=detail)
        )
