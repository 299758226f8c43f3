"""Batches of creates and updates, and the check that each answer belongs to the row that was sent."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import anyio
import msgspec

from smartkasa_async._i18n.message import msg
from smartkasa_async._i18n.translate import message_of
from smartkasa_async.catalog.outcomes import OutcomeKind
from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.catalog.sending.plan import failed_outcome, pack, sent_outcome, unpack
from smartkasa_async.errors import OutcomeUnknownError, SmartKasaError
from smartkasa_async.jobs.concurrency import Throttle
from smartkasa_async.jobs.send import SendFailure, Verdict, create_each, is_absent, send_one
from smartkasa_async.models import ProductUpdate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from smartkasa_async.catalog.outcomes import Outcome
    from smartkasa_async.catalog.sending.plan import PlannedRow
    from smartkasa_async.catalog.source_location import SourceLocation
    from smartkasa_async.client import SmartKasa
    from smartkasa_async.events import Event
    from smartkasa_async.jobs.journal import Journal, Result
    from smartkasa_async.models import Product, ProductCreate, UuidId

_TRIES = 8


class Sender:
    """Creates and updates products of one import; rows whose answers are lost are deferred.

    Attributes:
        order: Whether batches are answered in the order in which they were sent.
        failure: What stopped sending; None while nothing did.
        has_sent: Whether anything was sent that changes products.
        created: Number of products that were created.
        deferred: Number of rows that were deferred.
        lost_at: When an answer was last lost, on the event loop's clock.
    """

    def __init__(
        self, kasa: SmartKasa, journal: Journal, location: SourceLocation, *, batch_size: int, concurrency: int
    ) -> None:
        self._kasa = kasa
        self._journal = journal
        self._location = location
        self._batch_size = batch_size
        # Creates and updates take their own times, and are throttled by these.
        self._creates = Throttle(concurrency)
        self._updates = Throttle(concurrency)
        self.order: OrderCheck = OrderCheck(kasa)
        self.failure: Exception | None = None
        self.has_sent: bool = False
        self.created: int = 0
        self.deferred: int = 0
        self.lost_at: float = float("-inf")

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Learn from the client's events while the block runs."""
        with self._kasa.listening(self._observe):
            yield

    def record_failure(self, error: Exception | None) -> None:
        """Stop sending; the first error that stops an import is kept."""
        self.failure = self.failure or error

    async def create(self, rows: Sequence[PlannedRow]) -> list[Outcome]:
        """Create products in one batch, or in parts of it.

        Returns:
            Outcomes of the rows, except deferred ones.
        """
        if self.failure is not None:
            return await self._write_down(rows, [SendFailure(Verdict.STOPPED, self.failure)] * len(rows))
        # What a batch leaves open, a refusal of a single product proves: a 429 above all.
        one_alone = len(rows) > 1 or rows[0].in_doubt
        create = partial(self._create_batch, one_alone=one_alone)
        results = await create_each(create, [row.draft.product for row in rows])
        self.created += sum(not isinstance(result, SendFailure) for result in results)
        return await self._write_down(
            rows, [result if isinstance(result, SendFailure) else result.id for result in results]
        )

    async def update(self, rows: Sequence[PlannedRow]) -> list[Outcome]:
        """Update products, several at once; the outcomes are those of `create`."""
        results: dict[int, str | SendFailure] = {}

        async def change(number: int, row: PlannedRow) -> None:
            results[number] = await self._update(row)

        async with anyio.create_task_group() as group:
            for number, row in enumerate(rows):
                group.start_soon(change, number, row)
        return await self._write_down(rows, [results[number] for number in range(len(rows))])

    async def defer(self, rows: Sequence[PlannedRow]) -> None:
        """Keep rows for later in this run."""
        await self._journal.defer([pack(row) for row in rows])
        self.deferred += len(rows)

    async def take_deferred(self, count: int) -> list[PlannedRow]:
        """Remove and return deferred rows, `count` at most."""
        rows = [unpack(packed, self._location) for packed in await self._journal.take_deferred(count)]
        self.deferred -= len(rows)
        return rows

    async def record(self, ended: Sequence[tuple[Result, Outcome]]) -> list[Outcome]:
        """Record how rows ended, and return their outcomes."""
        if ended:
            try:
                await self._journal.record([result for result, _ in ended])
            except Exception as error:  # noqa: BLE001  (kept in `failure`: what was done is reported in any case)
                self.record_failure(error)
        return [outcome for _, outcome in ended]

    async def _create_batch(self, products: Sequence[ProductCreate], *, one_alone: bool) -> Sequence[UuidId]:
        self.has_sent = True
        async with self._creates.permit(is_usual=len(products) == self._batch_size):
            if len(products) == 1 and one_alone:
                return [await self._kasa.products.create(products[0])]
            made = await self._kasa.products.create_batch(products)
        if len(made) == len(products) > 1:
            await self.order.check(products, made)
            if self.order.is_other:
                raise OutcomeUnknownError(msg("the service answers in another order than it was sent"))
        return made

    async def _update(self, row: PlannedRow) -> str | SendFailure:
        if self.failure is not None:
            return SendFailure(Verdict.STOPPED, self.failure)
        self.has_sent = True

        async def call() -> str:
            async with self._updates.permit():
                return (await self._kasa.products.update(str(row.product_id), row.changes or ProductUpdate())).id

        result = await send_one(call)
        if isinstance(result, SendFailure) and is_absent(result.error):
            return SendFailure(Verdict.REFUSED, result.error)
        return result

    async def _write_down(self, rows: Sequence[PlannedRow], results: Sequence[str | SendFailure]) -> list[Outcome]:
        ended: list[tuple[Result, Outcome]] = []
        lost: list[PlannedRow] = []
        for row, result in zip(rows, results, strict=True):
            if isinstance(result, SendFailure):
                if result.verdict is Verdict.UNKNOWN:
                    lost.append(msgspec.structs.replace(row, in_doubt=True))
                    continue
                if result.verdict is Verdict.STOPPED:
                    self.record_failure(result.error)
            ended.append(sent_outcome(row, result, self._location))
        if lost:
            self.lost_at = anyio.current_time()
            try:
                await self.defer(lost)
            except Exception as error:  # noqa: BLE001  (likewise)
                self.record_failure(error)
                doubt = RuleViolationError("in_doubt", detail=message_of(error))
                ended += [failed_outcome(row, OutcomeKind.IN_DOUBT, doubt, self._location) for row in lost]
        return await self.record(ended)

    def _observe(self, event: Event) -> None:
        self._creates.observe(event)
        self._updates.observe(event)


class OrderCheck:
    """Checks that products are answered in the order in which they were sent, since their answer has nothing but ids.

    One product of a batch is asked for by its id and compared with what was sent at its position: of each batch until
    one has shown its order, then of every second, fourth, eighth and so on.

    Attributes:
        is_other: Whether a batch was answered in another order, so that the ids of its answer are nobody's.
    """

    def __init__(self, kasa: SmartKasa) -> None:
        self._kasa = kasa
        self._batches = 0
        self._next = 1
        self._has_proof = False
        self.is_other: bool = False

    @property
    def is_open(self) -> bool:
        """Whether batches were answered, and no sample could show in which order."""
        return self._batches > 0 and not self._has_proof and not self.is_other

    async def check(self, sent: Sequence[ProductCreate], answered: Sequence[UuidId]) -> None:
        """Take note of the answer of a batch, and check it where it is its turn."""
        self._batches += 1
        if self.is_other or (self._batches > _TRIES and not self._has_proof):
            return
        if self._has_proof:
            if self._batches < self._next:
                return
            self._next = 2 * self._batches
        position = len(sent) - 1
        try:
            product = await self._kasa.products.get(answered[position].id)
        except SmartKasaError:
            return
        if _is_same(sent[position], product):
            self._has_proof = True
        elif any(_is_same(other, product) for other in sent):
            self.is_other = True


def _is_same(sent: ProductCreate, product: Product) -> bool:
    if sent.number and product.number:
        return sent.number == product.number
    return sent.title == product.title
