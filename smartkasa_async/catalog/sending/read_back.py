"""Looks for the products of rows whose answer was lost: one by one by their barcodes, or all in the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from smartkasa_async.catalog.keys import key_of_keyless
from smartkasa_async.catalog.sending.catalogue import PER_PAGE, keep_product, keep_unreadable, read_catalogue
from smartkasa_async.jobs.concurrency import retry_transient
from smartkasa_async.retry import TRANSIENT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartkasa_async.catalog.keys import KeyField
    from smartkasa_async.catalog.sending.sender import Sender
    from smartkasa_async.catalog.sending.tasks import Task
    from smartkasa_async.client import SmartKasa
    from smartkasa_async.errors import UnreadableRecord
    from smartkasa_async.jobs.journal import Journal, KnownProduct


class ReadBack:
    """Reads back what the service has.

    The list of products filters by barcode alone. For other keys, for more rows than the catalogue has pages, and at a
    service that turns out not to filter, the catalogue is read once for all rows.

    Args:
        kasa: The client.
        journal: The import's journal, which keeps the catalogue.
        sender: Takes what makes it pointless to go on.
        key: What products are found by.
        concurrency: Most calls at once.

    Attributes:
        key_is_shown: Whether the service shows the key; where it does not, products are found by their titles.
    """

    def __init__(self, kasa: SmartKasa, journal: Journal, sender: Sender, *, key: KeyField, concurrency: int) -> None:
        self._kasa = kasa
        self._journal = journal
        self._sender = sender
        self._key = key
        self._concurrency = concurrency
        self._reads = anyio.CapacityLimiter(concurrency)
        self._filters = key == "number"
        self._has_read_all = False
        self.key_is_shown: bool = True

    async def begin(self, count: int) -> None:
        """Get ready to look for so many rows; the catalogue is read anew where it is to be read.

        Raises:
            SmartKasaError: The catalogue could not be read.
        """
        pages = (await self._journal.count_known() + self._sender.created) / PER_PAGE
        self._has_read_all = not self._filters or count > max(1, pages)
        if self._has_read_all:
            catalogue = await read_catalogue(self._kasa, self._journal, self._key, concurrency=self._concurrency)
            self.key_is_shown = catalogue.key_is_shown

    async def find(self, tasks: Sequence[Task]) -> list[Sequence[KnownProduct] | None]:
        """Look for products by the keys of rows; None where that could not be read in this round."""
        if self._has_read_all:
            keys = [
                task.draft.key_value if self.key_is_shown else key_of_keyless(task.draft.product.title)
                for task in tasks
            ]
            return [standing.known for standing in await self._journal.look_up(keys)]
        found: list[Sequence[KnownProduct] | None] = [None] * len(tasks)

        async def look(number: int, task: Task) -> None:
            async with self._reads:
                found[number] = await self._find(task)

        async with anyio.create_task_group() as group:
            for number, task in enumerate(tasks):
                group.start_soon(look, number, task)
        return found

    async def _find(self, task: Task) -> Sequence[KnownProduct] | None:
        number = task.draft.product.number
        if not number:  # a row of an export, whose product has none
            self._filters = False
            return None

        async def read() -> Sequence[KnownProduct] | None:
            unreadable: list[UnreadableRecord] = []
            listed = self._kasa.products.list(number=number, per_page=PER_PAGE, on_unreadable=unreadable.append)
            first = await listed
            if first.meta.next_page and any(product.number != number for product in first.data):
                self._filters = False
                return None
            products = first.data
            if first.meta.next_page:
                unreadable.clear()
                products = [product async for product in listed]
            return [
                *(keep_product(product, self._key) for product in products),
                *(keep_unreadable(record, self._key) for record in unreadable),
            ]

        if self._sender.failure is not None or not self._filters:
            return None
        try:
            products = await retry_transient(read)
        except TRANSIENT:
            return None
        except Exception as error:  # noqa: BLE001  (kept in the sender's `failure`)
            self._sender.record_failure(error)
            return None
        return None if products is None else [one for one in products if one.key == task.draft.key_value]
