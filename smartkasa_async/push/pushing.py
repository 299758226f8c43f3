"""`push_receipts`: receipts that were made elsewhere, into the service."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable, Mapping, Sized
from contextlib import aclosing
from typing import TYPE_CHECKING, get_args

from anyio import create_task_group

from smartkasa_async._i18n.message import argument, msg, nmsg
from smartkasa_async._support.arguments import (
    MOST_CONCURRENT,
    check_callbacks,
    check_choice,
    check_client,
    check_flags,
    check_seconds,
    check_whole,
)
from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.jobs.job import Job
from smartkasa_async.jobs.journal_sqlite import check_journal, open_journal, open_journal_copy
from smartkasa_async.jobs.outcomes import JobTally
from smartkasa_async.jobs.results import Progress, Stage
from smartkasa_async.models import ReceiptCreate
from smartkasa_async.push.ordering import Chains, Lanes
from smartkasa_async.push.outcomes import PushKind, PushOutcome, PushProblem, PushStoppedError, PushSummary
from smartkasa_async.push.resolver import StopSignal
from smartkasa_async.push.sender import PushSettings, Sender, TotalsRule
from smartkasa_async.push.tasks import PushTask, key_of
from smartkasa_async.records.kinds import CashRounding

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncGenerator, Callable, Collection

    from anyio import CancelScope
    from anyio.streams.memory import MemoryObjectSendStream

    from smartkasa_async.client import SmartKasa
    from smartkasa_async.jobs.journal import Journal

_KEY = "fiscal_number"
_BATCHES_AHEAD = 2


def push_receipts(
    kasa: SmartKasa,
    receipts: Iterable[ReceiptCreate] | AsyncIterable[ReceiptCreate],
    *,
    journal: str | os.PathLike[str] | Journal | None = None,
    dry_run: bool = False,
    totals: TotalsRule = "warn",
    rounding: Collection[CashRounding] = tuple(CashRounding),
    check_existing: bool = False,
    batch_size: int = 50,
    concurrency: int = 8,
    late_write_window: float = 15.0,
    on_progress: Callable[[Progress], None] | None = None,
    on_wait: Callable[[float], None] | None = None,
) -> ReceiptPush:
    """Push receipts that were made elsewhere into the service, each exactly once, whatever happens on the way.

    A receipt is known by `registrar_fiscal_number` and `fiscal_number` together. The receipts of one registrar get into
    the service in the order of the source; registrars are sent concurrently. The receipts of an offline session (by
    `offline_id`, or those with `previous_receipt_hash`) are a chain: after one that did not get in, the rest of its
    chain is held back. The products that lines name are looked up first, and sums are checked. A receipt whose answer
    was lost is looked up before it is resent.

    The journal remembers for good which receipts the service has, so the same queue can be pushed repeatedly with the
    same journal; that also resumes a push that was stopped or killed.

    Args:
        kasa: The client.
        receipts: The receipts, those of each registrar in the order in which they were made; it is read as they are
            sent, so it may be of any length, or wait for the next receipt.
        journal: Path of the file that makes the push resumable, or a journal of your own; None for a temporary file.
        dry_run: Whether only to report what would be done; nothing is written to the service or to `journal`, which is
            read where it is a file.
        totals: What happens to a receipt whose sums do not add up: `warn` sends it with a warning, `refuse` leaves it
            out, `ignore` does not check.
        rounding: The rules by which cash may be rounded.
        check_existing: Whether to look up each receipt that the journal does not know, one call for each; those that
            are not found are looked up once more when the push is `late_write_window` seconds old.
        batch_size: Receipts in one call.
        concurrency: Most calls at once; how many it really is follows what the service takes well.
        late_write_window: Seconds in which the service may still carry out a request whose answer was lost, and after
            which its lists show what it did; 0 trusts that it does nothing late.
        on_progress: Called whenever receipts have their outcomes; it must not block.
        on_wait: Called with the seconds that some receipts wait before they are looked up once more, for what the
            service may still do of a request whose answer was lost, or not list yet; it must not block.

    Returns:
        The push, which begins when it is awaited (for a `PushSummary`) or iterated (for the `PushOutcome` of each
        receipt, as they come). Leaving the iteration half-way ends the push; what was on its way then may or may not
        get into the service.

    Raises:
        InvalidRequestError: An argument has a value that it cannot have.

    The push itself raises:
        JournalError: The journal cannot be opened, or is not that of a push; nothing was sent.
        PushStoppedError: Something stopped the push; carries the summary so far, its cause is what stopped it.

    API: `POST /api/v1/pos/receipts/batch`
    """
    check_client(kasa)
    _check_receipts(receipts)
    check_journal(journal)
    check_flags(check_existing=check_existing, dry_run=dry_run)
    check_callbacks(on_progress=on_progress, on_wait=on_wait)
    check_whole("batch_size", batch_size)
    check_whole("concurrency", concurrency, most=MOST_CONCURRENT)
    check_choice("totals", totals, get_args(TotalsRule))
    check_seconds("late_write_window", late_write_window)
    settings = PushSettings(
        totals=totals,
        rounding=_rules(rounding),
        check_existing=check_existing,
        batch_size=batch_size,
        concurrency=concurrency,
        late_write_window=late_write_window,
        dry_run=dry_run,
        on_wait=on_wait,
    )
    return ReceiptPush(kasa, receipts, settings, journal, on_progress=on_progress)


def _check_receipts(receipts: object) -> None:
    is_single = isinstance(receipts, str | bytes | Mapping | ReceiptCreate)
    if is_single or not isinstance(receipts, Iterable | AsyncIterable):
        message = msg(
            "{field} is of type {type}; give `ReceiptCreate`s in a list or another iterable",
            field=argument("receipts"),
            type=type(receipts).__name__,
        )
        raise InvalidRequestError(message, field="receipts")


def _rules(rounding: Collection[CashRounding]) -> tuple[CashRounding, ...]:
    try:
        return tuple(map(CashRounding, rounding))
    except (TypeError, ValueError):
        rules = ", ".join(map(str, CashRounding.__members__))
        raise InvalidRequestError(
            msg(
                "{field} is {value!r}; give a list of {choices}",
                field=argument("rounding"),
                value=rounding,
                choices=rules,
            ),
            field="rounding",
        ) from None


class ReceiptPush(Job[PushOutcome, PushSummary]):
    """One push, to be awaited or iterated, once."""

    already_started = "This push has already started; call push_receipts once more for another one"

    def __init__(
        self,
        kasa: SmartKasa,
        receipts: Iterable[ReceiptCreate] | AsyncIterable[ReceiptCreate],
        settings: PushSettings,
        journal: str | os.PathLike[str] | Journal | None,
        *,
        on_progress: Callable[[Progress], None] | None,
    ) -> None:
        tally = JobTally[PushOutcome, PushSummary](PushSummary, dry_run=settings.dry_run)
        super().__init__(tally, groups_ahead=settings.concurrency, on_progress=on_progress)
        self._kasa = kasa
        self._receipts = receipts
        self._settings = settings
        self._journal = journal
        self._chains: dict[str, Chains] = {}
        self._stop_signal = StopSignal()

    async def _run(self, outcomes: MemoryObjectSendStream[list[PushOutcome]]) -> None:
        settings = self._settings
        opened = open_journal_copy(self._journal) if settings.dry_run else open_journal(self._journal, durable=True)
        async with outcomes, opened as journal:
            await journal.begin(_KEY)
            sender = Sender(self._kasa, journal, settings, self._stop_signal, outcomes.send)
            lanes = Lanes[PushTask](_BATCHES_AHEAD * settings.batch_size * settings.concurrency)
            with self._kasa.listening(sender.observe):
                async with create_task_group() as group:
                    for _ in range(settings.concurrency):
                        group.start_soon(self._work, sender, lanes)
                    await self._feed(lanes, outcomes)
        self._failure = self._stop_signal.error

    async def _feed(self, lanes: Lanes[PushTask], outcomes: MemoryObjectSendStream[list[PushOutcome]]) -> None:
        """Read the source to its end, or until something stops the push, however long the source then makes wait."""
        async with create_task_group() as reading:
            reading.start_soon(self._read, lanes, outcomes, reading.cancel_scope)
            await self._stop_signal.is_raised.wait()
            reading.cancel_scope.cancel()
        lanes.close()

    async def _read(
        self, lanes: Lanes[PushTask], outcomes: MemoryObjectSendStream[list[PushOutcome]], scope: CancelScope
    ) -> None:
        position = 0
        try:
            async with aclosing(_each(self._receipts)) as receipts:
                async for receipt in receipts:
                    position += 1
                    if (key := key_of(receipt)) is not None:
                        await lanes.put(key.registrar, PushTask(position, key, receipt))
                    else:
                        await outcomes.send([_without_key(position)])
        except Exception as error:  # noqa: BLE001  (kept in `stop_signal`, which ends the push with its summary)
            self._stop_signal.record_failure(error)
        scope.cancel()

    async def _work(self, sender: Sender, lanes: Lanes[PushTask]) -> None:
        while taken := await lanes.take(self._settings.batch_size):
            registrar, tasks = taken
            try:
                await sender.send(tasks, self._chains.setdefault(registrar, Chains()))
            except Exception as error:  # noqa: BLE001  (likewise)
                self._stop_signal.record_failure(error)
            lanes.done(registrar, len(tasks))

    def _progress(self) -> Progress:
        total = len(self._receipts) if isinstance(self._receipts, Sized) else None
        return Progress(Stage.SENDING, self._tally.total, total, "receipts", self._tally.progress_counts())

    def _stop_error(self, reason: Exception) -> PushStoppedError:
        summary = self.summary
        message = nmsg(
            "The push stopped after {count} receipt ({summary}): {reason}",
            "The push stopped after {count} receipts ({summary}): {reason}",
            summary.total,
            summary=summary.describe(),
            reason=reason,
        )
        return PushStoppedError(message, summary=summary)


async def _each(
    receipts: Iterable[ReceiptCreate] | AsyncIterable[ReceiptCreate],
) -> AsyncGenerator[ReceiptCreate, None]:
    """Yield receipts one by one, and refuse anything else."""
    if isinstance(receipts, AsyncIterable):
        async for receipt in receipts:
            yield _checked(receipt)
    else:
        for receipt in receipts:
            yield _checked(receipt)


def _checked(receipt: object) -> ReceiptCreate:
    if not isinstance(receipt, ReceiptCreate):
        raise InvalidRequestError(
            msg("The source gave a {type}; give `ReceiptCreate`s", type=type(receipt).__name__), field="receipts"
        )
    return receipt


def _without_key(position: int) -> PushOutcome:
    problem = PushProblem.of("key_missing", "fiscal_number")
    return PushOutcome(position=position, key=None, kind=PushKind.REFUSED, problems=(problem,))
