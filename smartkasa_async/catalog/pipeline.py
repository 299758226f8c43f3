"""One run of an import: read, check, resolve, send, all at once, with a bounded number of rows on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anyio import create_memory_object_stream, create_task_group

from smartkasa_async.catalog.check import Checker, ProductDraft
from smartkasa_async.catalog.outcomes import Outcome
from smartkasa_async.catalog.resolve import CategoryResolver
from smartkasa_async.catalog.send import Failure, Verdict, create_each, settle
from smartkasa_async.catalog.units import Units

if TYPE_CHECKING:
    from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

    from smartkasa_async.catalog.read import Reader
    from smartkasa_async.client import SmartKasa
    from smartkasa_async.models import UuidId

__all__ = ["Pipeline"]


class Pipeline:
    """Carries the rows of one open source into the service.

    Args:
        kasa: The client.
        reader: The open source.
        batch_size: Products in one call.
        concurrency: Calls at once.

    Attributes:
        failure: What stopped the run before the source's end; None while nothing did.
    """

    def __init__(self, kasa: SmartKasa, reader: Reader, *, batch_size: int, concurrency: int) -> None:
        self._kasa = kasa
        self._reader = reader
        self._batch_size = batch_size
        self._concurrency = concurrency
        self.failure: Exception | None = None

    async def run(self, outcomes: MemoryObjectSendStream[list[Outcome]]) -> None:
        """Carry all rows, and put what becomes of them into a stream.

        Reading waits while all senders are busy, and these wait while nobody takes outcomes, so memory stays flat.
        What stops the run is kept in `failure`; calls that are on their way are answered before it ends.

        Raises:
            SmartKasaError: The service's units or categories could not be read; nothing was sent.
        """
        origin = self._reader.origin
        checker = Checker(origin, Units([unit async for unit in self._kasa.unit_types.list()]))
        categories = await CategoryResolver.load(self._kasa, origin)
        batches, waiting = create_memory_object_stream[list[ProductDraft]](0)
        async with create_task_group() as group, batches:
            for _ in range(self._concurrency):
                group.start_soon(self._send, waiting.clone(), outcomes)
            waiting.close()
            await self._feed(checker, categories, batches, outcomes)

    async def _feed(
        self,
        checker: Checker,
        categories: CategoryResolver,
        batches: MemoryObjectSendStream[list[ProductDraft]],
        outcomes: MemoryObjectSendStream[list[Outcome]],
    ) -> None:
        """Read and check until the source ends or something stops the run; what was read is handed on in any case."""
        ready: list[ProductDraft] = []
        while checked := await self._next_rows(checker):
            rejected = [row for row in checked if isinstance(row, Outcome)]
            resolved, refused = await categories.resolve([row for row in checked if isinstance(row, ProductDraft)])
            self._stop_on(categories.failure)
            if rejected or refused:
                await outcomes.send(rejected + refused)
            ready += resolved
            while len(ready) >= self._batch_size:
                batch, ready = ready[: self._batch_size], ready[self._batch_size :]
                await batches.send(batch)
        if ready:
            await batches.send(ready)

    async def _next_rows(self, checker: Checker) -> list[ProductDraft | Outcome]:
        if self.failure is not None:
            return []
        try:
            rows = await self._reader.read(self._batch_size)
        except Exception as error:  # noqa: BLE001  (kept in `failure`: the calls on their way are answered first)
            self._stop_on(error)
            return []
        return [checker.check(row) for row in rows]

    async def _send(
        self, batches: MemoryObjectReceiveStream[list[ProductDraft]], outcomes: MemoryObjectSendStream[list[Outcome]]
    ) -> None:
        origin = self._reader.origin
        with batches:
            async for batch in batches:
                results = await self._create(batch)
                await outcomes.send([settle(*pair, origin) for pair in zip(batch, results, strict=True)])

    async def _create(self, batch: list[ProductDraft]) -> list[UuidId | Failure]:
        if self.failure is not None:
            return [Failure(Verdict.STOPPED, self.failure)] * len(batch)
        results = await create_each(self._kasa.products.create_batch, [draft.product for draft in batch])
        for result in results:
            if isinstance(result, Failure) and result.verdict is Verdict.STOPPED:
                self._stop_on(result.error)
        return results

    def _stop_on(self, error: Exception | None) -> None:
        self.failure = self.failure or error
