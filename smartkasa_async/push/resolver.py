"""Resolve receipts whose answer was lost: each is looked up in the service by its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
from msgspec import UNSET

from smartkasa_async._i18n.message import msg
from smartkasa_async._i18n.translate import message_of
from smartkasa_async.errors import NotFoundError, PaginationError, UnreadableAnswerError
from smartkasa_async.jobs.concurrency import retry_transient, run_concurrently
from smartkasa_async.jobs.send import is_absent
from smartkasa_async.push import waiting
from smartkasa_async.push.outcomes import PushKind, PushProblem
from smartkasa_async.push.tasks import key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from smartkasa_async.client import SmartKasa
    from smartkasa_async.models import Receipt
    from smartkasa_async.push.outcomes import ReceiptKey
    from smartkasa_async.push.tasks import Ending, PushTask

_MOST_LISTED = 100


class StopSignal:
    """Set when sending anything more is pointless.

    Attributes:
        error: The first such thing; None while there is none.
        is_raised: Set when there is one.
    """

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.is_raised: anyio.Event = anyio.Event()

    @property
    def reason(self) -> str:
        """The reason for receipts that are not sent because of it."""
        return "" if self.error is None else message_of(self.error)

    def record_failure(self, error: Exception) -> None:
        """Record a failure, after which nothing more is sent."""
        self.error = self.error or error
        self.is_raised.set()


class Resolver:
    """Resolves receipts of which it is not known whether the service has them.

    Args:
        kasa: The client.
        stop_signal: Takes what makes it pointless to go on.
        late_write_window: Seconds in which the service may still carry out a request whose answer was lost, and in
            which its lists show what it has stored.
        concurrency: Most receipts to ask for at once.
        on_wait: Called with the seconds that receipts wait before the second look.
    """

    def __init__(
        self,
        kasa: SmartKasa,
        stop_signal: StopSignal,
        *,
        late_write_window: float,
        concurrency: int,
        on_wait: Callable[[float], None] | None = None,
    ) -> None:
        self._kasa = kasa
        self._stop_signal = stop_signal
        self._late_write_window = late_write_window
        self._concurrency = concurrency
        self._on_wait = on_wait

    async def resolve(self, tasks: Sequence[PushTask], *, since: float) -> dict[int, Ending]:
        """Look receipts up, at once and once more when the service has had the time to store and to list them.

        Args:
            tasks: The receipts.
            since: When they may have been sent last, by `waiting.now`.

        Returns:
            How those end that are there, and where the push stops how all end of which it is not known, by their
            positions. The rest is surely not there.
        """
        until = since + self._late_write_window
        is_early = waiting.now() < until  # as the look begins: what it shows may be as old as that
        ended = await self._look(tasks)
        absent = [task for task in tasks if task.position not in ended]
        if absent and is_early:
            if self._on_wait is not None and (seconds := until - waiting.now()) > 0:
                self._on_wait(seconds)
            await waiting.wait_until(until, self._stop_signal.is_raised)
            ended |= await self._look(absent)
        for task in tasks:
            if task.position not in ended:
                task.note_absent()
        return ended

    async def _look(self, tasks: Sequence[PushTask]) -> dict[int, Ending]:
        """Look for receipts once; returns how those end that are there or cannot be read, by their positions."""
        found: dict[int, list[Receipt]] = {}
        ended: dict[int, Ending] = {}

        async def find(task: PushTask) -> None:
            try:
                found[task.position] = await retry_transient(lambda: self._find(task))
            except UnreadableAnswerError as error:
                if error.path == "$":  # no answer of the service's own, perhaps
                    raise
                ended[task.position] = task.end_unreadable(error)

        if self._stop_signal.error is None:
            try:
                await run_concurrently(find, tasks, concurrency=self._concurrency)
            except Exception as error:  # noqa: BLE001  (kept in `stop_signal`, which ends the push with its summary)
                self._stop_signal.record_failure(error)
        for task in tasks:
            if task.position in ended:
                continue
            if (receipts := found.get(task.position)) is None:
                ended[task.position] = task.end_unsent(self._stop_signal.reason)
            elif (ending := compare(task, receipts)) is not None:
                ended[task.position] = ending
        return ended

    async def _find(self, task: PushTask) -> list[Receipt]:
        found = await self._list(task.key)
        if found or task.known_id is None:
            return found
        try:
            return [await self._kasa.receipts.get(task.known_id)]
        except NotFoundError as error:
            if not is_absent(error):
                raise
            return []

    async def _list(self, key: ReceiptKey) -> list[Receipt]:
        listed = self._kasa.receipts.list(
            registrar_fiscal_number=key.registrar,
            fiscal_number=key.number,
            per_page=_MOST_LISTED,
            limit=_MOST_LISTED,
        )
        receipts = {receipt.id: receipt async for receipt in listed}
        found = [one for one in receipts.values() if key_of(one) == key]
        if len(receipts) == _MOST_LISTED > len(found):
            raise PaginationError(
                msg("Asked for receipt {key}, the service lists others: it does not filter", key=key),
                received=len(receipts),
            )
        return found


def compare(task: PushTask, found: Sequence[Receipt]) -> Ending | None:
    """Decide how a receipt ends by what the service has under its numbers.

    Returns:
        How it ends; None where the service does not have it.
    """
    if not found:
        return None
    if len(found) > 1:
        return task.end(PushKind.IN_DOUBT, PushProblem.of("in_doubt_several", count=len(found)))
    there, here = found[0], task.receipt
    if task.sent_digest is not None:
        return task.end_sent_differently(there.id)
    pairs: list[tuple[str, object, object]] = [
        (field, getattr(there, field), getattr(here, field))
        for field in ("registrar_fiscal_number", "fiscal_number", "total_amount", "type")
        if getattr(there, field) not in {None, UNSET}
    ]
    if there.items and here.items:
        pairs.append(("items", len(there.items), len(here.items)))
    for field, theirs, ours in pairs:
        if theirs != ours:
            return task.end_differing(field, theirs, ours, id=there.id)
    return task.end(PushKind.CREATED if task.may_be_there else PushKind.ALREADY_THERE, id=there.id)
