"""`import_products`: the one call that a program makes."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from anyio import create_memory_object_stream

from smartkasa_async.catalog.errors import ImportStoppedError
from smartkasa_async.catalog.outcomes import Outcome, Tally
from smartkasa_async.catalog.pipeline import Pipeline
from smartkasa_async.catalog.read import open_source
from smartkasa_async.errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator

    from anyio.streams.memory import MemoryObjectSendStream

    from smartkasa_async.catalog.outcomes import ImportSummary, Progress
    from smartkasa_async.catalog.read import Reader, Source
    from smartkasa_async.client import SmartKasa

__all__ = ["ProductImport", "import_products"]


def import_products(
    kasa: SmartKasa,
    source: Source,
    *,
    batch_size: int = 100,
    concurrency: int = 4,
    on_progress: Callable[[Progress], None] | None = None,
) -> ProductImport:
    """Import products from a price list.

    Each row is checked before it is sent: title, price, barcode, unit, tax rate, code, duplicates in the source.
    Categories that the service lacks are created. Products that it has already are not looked at. What may have been
    created without the answer having come is never sent again.

    Args:
        kasa: The client.
        source: Path of a CSV file as shops have it (UTF-8 or Windows-1251, any usual delimiter and headers); or an
            iterable or async iterable of `ProductCreate`, or of mappings from headers or names of fields to values.
        batch_size: Products in one call.
        concurrency: Calls at once.
        on_progress: Called whenever rows have got their outcomes; it must not block.

    Returns:
        The import, which begins when it is awaited (for an `ImportSummary`) or iterated (for the `Outcome` of each row,
        as they come). Leaving the iteration half-way ends the import; what was on its way then may or may not be made.

    Raises:
        InvalidRequestError: `batch_size` or `concurrency` is below 1.

    The import itself raises:
        OSError: The file cannot be opened; nothing was sent.
        SourceError: The source is not a price list; nothing was sent.
        SmartKasaError: The service's units or categories could not be read; nothing was sent.
        ImportStoppedError: Something stopped the import; carries the summary so far, its cause is what stopped it.

    API: `POST /api/v1/inventory/products/batch`, `POST /api/v1/inventory/categories/batch`
    """
    for name, number in (("batch_size", batch_size), ("concurrency", concurrency)):
        if number < 1:
            raise InvalidRequestError(f"{name} is {number}; give a number from 1", field=name)
    return ProductImport(kasa, source, batch_size=batch_size, concurrency=concurrency, on_progress=on_progress)


class ProductImport:
    """One import, to be awaited or iterated, once."""

    def __init__(
        self,
        kasa: SmartKasa,
        source: Source,
        *,
        batch_size: int,
        concurrency: int,
        on_progress: Callable[[Progress], None] | None,
    ) -> None:
        self._kasa = kasa
        self._source = source
        self._batch_size = batch_size
        self._concurrency = concurrency
        self._on_progress = on_progress
        self._tally = Tally()
        self._reader: Reader | None = None
        self._begun = False

    @property
    def summary(self) -> ImportSummary:
        """What has become of the rows so far."""
        return self._tally.summary()

    def __await__(self) -> Generator[Any, None, ImportSummary]:
        return self._finish().__await__()

    async def _finish(self) -> ImportSummary:
        async with aclosing(self.__aiter__()) as outcomes:
            async for _ in outcomes:
                pass
        return self.summary

    async def __aiter__(self) -> AsyncGenerator[Outcome, None]:
        if self._begun:
            raise RuntimeError("This import has already begun; call import_products again for another one")
        self._begun = True
        settled, outcomes = create_memory_object_stream[list[Outcome]](self._concurrency)
        # A task of its own, since a generator may be left half-way and must not hold a task group.
        run = asyncio.create_task(self._run(settled))
        try:
            with outcomes:
                async for group in outcomes:
                    self._count(group)
                    for outcome in group:
                        yield outcome
            failure = await run
        finally:
            run.cancel()
            await asyncio.gather(run, return_exceptions=True)
        if failure is not None:
            summary = self.summary
            raise ImportStoppedError(
                f"The import stopped after {summary.rows} rows ({summary}): {failure}", summary=summary
            ) from failure

    async def _run(self, settled: MemoryObjectSendStream[list[Outcome]]) -> Exception | None:
        async with settled, open_source(self._source) as self._reader:
            pipeline = Pipeline(self._kasa, self._reader, batch_size=self._batch_size, concurrency=self._concurrency)
            await pipeline.run(settled)
            return pipeline.failure

    def _count(self, group: list[Outcome]) -> None:
        for outcome in group:
            self._tally.add(outcome)
        if self._on_progress is not None:
            self._on_progress(self._tally.progress(self._reader.fraction if self._reader else None))
