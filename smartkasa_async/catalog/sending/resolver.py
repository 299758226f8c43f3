"""Rows whose answers were lost: read back, adopted where the service has them, sent again where it has not.

Nothing is sent again before the service has had time to carry out what it may still hold, and before it has been
searched after that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import msgspec

from smartkasa_async._i18n.message import msg
from smartkasa_async.catalog.outcomes import OutcomeKind
from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.catalog.sending.catalogue import (
    PER_PAGE,
    differences,
    keep_product,
    keep_unreadable,
    read_catalogue,
)
from smartkasa_async.catalog.sending.plan import failed_outcome
from smartkasa_async.catalog.source_location import key_of_keyless
from smartkasa_async.jobs.concurrency import retry_transient
from smartkasa_async.jobs.journal import Result, RowState
from smartkasa_async.retry import TRANSIENT

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from smartkasa_async.catalog.outcomes import Outcome
    from smartkasa_async.catalog.sending.plan import PlannedRow
    from smartkasa_async.catalog.sending.sender import Sender
    from smartkasa_async.catalog.source_location import KeyField, SourceLocation
    from smartkasa_async.client import SmartKasa
    from smartkasa_async.errors import UnreadableRecord
    from smartkasa_async.jobs.journal import Journal, KnownItem

_ROUNDS = 8
_SHRINKS_BY = 10


def adopt(
    row: PlannedRow, found: Sequence[KnownItem], location: SourceLocation, *, key_is_shown: bool = True
) -> tuple[Result, Outcome] | None:
    """Decide what became of a create whose answer was lost, by what the service has.

    Args:
        row: The create.
        found: The products with its key, of which there were none before it was sent; where the service does not show
            the key, those with its title and no key.
        location: The source.
        key_is_shown: Whether the service shows the key.

    Returns:
        How the row ends; None where the service does not have the product.
    """
    if not found:
        return None
    if len(found) > 1:
        error = RuleViolationError("in_doubt_several", count=len(found))
    elif not key_is_shown:
        error = RuleViolationError("in_doubt_not_shown")
    elif not found[0].fields:
        error = RuleViolationError("in_doubt_unreadable", record=found[0].id)
    elif differences(row.draft.product, found[0].fields) is not None:
        error = RuleViolationError("in_doubt_differs")
    else:
        outcome = row.draft.outcome(OutcomeKind.CREATED, product_id=found[0].id)
        return Result(row.row_id, RowState.CREATED, found[0].id), outcome
    return failed_outcome(row, OutcomeKind.IN_DOUBT, error, location)


class Resolver:
    """Resolves what a sender has deferred, when all else has been sent.

    Args:
        kasa: The client.
        journal: The import's journal.
        sender: What sends again.
        location: The source.
        key: What products are found by.
        late_write_window: Seconds in which the service may still carry out a request whose answer was lost.
        batch_size: Products in one call.
        concurrency: Maximum concurrent calls.
    """

    def __init__(
        self,
        kasa: SmartKasa,
        journal: Journal,
        sender: Sender,
        location: SourceLocation,
        *,
        key: KeyField,
        late_write_window: float,
        batch_size: int,
        concurrency: int,
    ) -> None:
        self._sender = sender
        self._location = location
        self._late_write_window = late_write_window
        self._batch_size = batch_size
        self._concurrency = concurrency
        self._read_back = ReadBack(kasa, journal, sender, key=key, concurrency=concurrency)

    async def run(self, emit: Callable[[list[Outcome]], Awaitable[None]]) -> None:
        """Resolve all deferred rows, in rounds; each sends smaller batches, so that one bad row ends up alone."""
        await self._round(emit, send_in=None)
        size = self._batch_size
        for _ in range(_ROUNDS):
            if self._is_over:
                break
            await self._wait()
            size = max(1, size // _SHRINKS_BY)
            await self._round(emit, send_in=size)
        if not self._is_over:
            await self._wait()
            await self._round(emit, send_in=None, is_last=True)
        while rows := await self._sender.take_deferred(self._batch_size):
            await emit(await self._sender.record([self._give_up(row) for row in rows]))

    @property
    def _is_over(self) -> bool:
        return self._sender.failure is not None or not self._sender.deferred

    async def _wait(self) -> None:
        await anyio.sleep(max(0.0, self._sender.lost_at + self._late_write_window - anyio.current_time()))

    async def _round(
        self, emit: Callable[[list[Outcome]], Awaitable[None]], *, send_in: int | None, is_last: bool = False
    ) -> None:
        """Look for all deferred rows, several batches at once.

        Args:
            emit: Takes the outcomes.
            send_in: Size of the batches in which to send again what is not there; None for not to send it.
            is_last: Whether what is not there has failed often enough.
        """
        left = self._sender.deferred
        if not left or self._sender.failure is not None:
            return
        try:
            await self._read_back.begin(left)
        except Exception as error:  # noqa: BLE001  (kept in the sender's `failure`)
            self._sender.record_failure(error)
            return

        async def work() -> None:
            nonlocal left
            while left > 0 and self._sender.failure is None:
                count = min(left, self._batch_size)
                left -= count
                await self._resolve(await self._sender.take_deferred(count), emit, send_in, is_last=is_last)

        async with anyio.create_task_group() as group:
            for _ in range(self._concurrency):
                group.start_soon(work)

    async def _resolve(
        self,
        rows: Sequence[PlannedRow],
        emit: Callable[[list[Outcome]], Awaitable[None]],
        send_in: int | None,
        *,
        is_last: bool,
    ) -> None:
        creates = [row for row in rows if row.changes is None]
        updates = [row for row in rows if row.changes is not None]
        ended: list[tuple[Result, Outcome]] = []
        absent: list[PlannedRow] = []
        kept: list[PlannedRow] = []
        for row, found in zip(creates, await self._read_back.find(creates), strict=True):
            if found is None:
                kept.append(row)
            elif (adopted := adopt(row, found, self._location, key_is_shown=self._read_back.key_is_shown)) is not None:
                ended.append(adopted)
            elif is_last:
                ended.append(
                    failed_outcome(row, OutcomeKind.REJECTED, RuleViolationError("failed_each_time"), self._location)
                )
            else:
                absent.append(msgspec.structs.replace(row, in_doubt=False))
        await emit(await self._sender.record(ended))
        if send_in is None or self._sender.failure is not None:
            await self._sender.defer([*kept, *absent, *updates])
            return
        await self._sender.defer(kept)
        for start in range(0, len(absent), send_in):
            await emit(await self._sender.create(absent[start : start + send_in]))
        await emit(await self._sender.update(updates))

    def _give_up(self, row: PlannedRow) -> tuple[Result, Outcome]:
        """Make the outcome of a row that could not be resolved."""
        failure = self._sender.failure
        detail = msg("no answer") if failure is None else failure
        code = "in_doubt" if row.changes is None else "change_in_doubt"
        return failed_outcome(row, OutcomeKind.IN_DOUBT, RuleViolationError(code, detail=detail), self._location)


class ReadBack:
    """Reads back what the service has.

    The list of products filters by barcode alone. For other keys, for more rows than the catalogue has pages, and at a
    service that turns out not to filter, the catalogue is read once for all rows.

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
        """Get ready to look for so many rows; the catalogue is read again where needed.

        Raises:
            SmartKasaError: The catalogue could not be read.
        """
        pages = (await self._journal.count_known() + self._sender.created) / PER_PAGE
        self._has_read_all = not self._filters or count > max(1, pages)
        if self._has_read_all:
            catalogue = await read_catalogue(self._kasa, self._journal, self._key, concurrency=self._concurrency)
            self.key_is_shown = catalogue.key_is_shown

    async def find(self, rows: Sequence[PlannedRow]) -> list[Sequence[KnownItem] | None]:
        """Look for products by the keys of rows; None where that could not be read in this round."""
        if self._has_read_all:
            keys = [
                row.draft.key_value if self.key_is_shown else key_of_keyless(row.draft.product.title) for row in rows
            ]
            return [status.known for status in await self._journal.look_up(keys)]
        found: list[Sequence[KnownItem] | None] = [None] * len(rows)

        async def look(number: int, row: PlannedRow) -> None:
            async with self._reads:
                found[number] = await self._find(row)

        async with anyio.create_task_group() as group:
            for number, row in enumerate(rows):
                group.start_soon(look, number, row)
        return found

    async def _find(self, row: PlannedRow) -> Sequence[KnownItem] | None:
        number = row.draft.product.number
        if not number:  # a row of an export, whose product has none
            self._filters = False
            return None

        async def read() -> Sequence[KnownItem] | None:
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
        return None if products is None else [one for one in products if one.key == row.draft.key_value]
