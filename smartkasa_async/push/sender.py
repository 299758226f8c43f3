"""Send the receipts of one registrar, a batch at a time: look up, resolve, check, send in order, write down."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, Literal, NamedTuple

from smartkasa_async._core.validation import encode_checked
from smartkasa_async._generated.operations import CREATE_RECEIPT_BATCH
from smartkasa_async._i18n.message import msg
from smartkasa_async.errors import InvalidRequestError, OutcomeUnknownError
from smartkasa_async.jobs.concurrency import Throttle
from smartkasa_async.jobs.journal import RowState
from smartkasa_async.jobs.send import SendFailure, Verdict, create_each
from smartkasa_async.models import ReceiptCreate
from smartkasa_async.push import waiting
from smartkasa_async.push.checks import ProductCheck, check_totals
from smartkasa_async.push.outcomes import PushKind, PushProblem
from smartkasa_async.push.resolver import Resolver
from smartkasa_async.push.tasks import in_order_sent, key_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence

    from smartkasa_async.client import SmartKasa
    from smartkasa_async.events import Event
    from smartkasa_async.jobs.journal import Journal
    from smartkasa_async.models import Receipt
    from smartkasa_async.push.ordering import Chains
    from smartkasa_async.push.outcomes import PushOutcome, ReceiptKey
    from smartkasa_async.push.resolver import StopSignal
    from smartkasa_async.push.tasks import Ending, PushTask
    from smartkasa_async.records.kinds import CashRounding

    Emit = Callable[[list[PushOutcome]], Awaitable[None]]

_ROUNDS = 8
_SHRINKS_BY = 10


TotalsRule = Literal["warn", "refuse", "ignore"]
"""What becomes of a receipt that does not add up: sent with a warning, refused, or not checked."""


class PushSettings(NamedTuple):
    """What the caller of a push chose; the names are those of `push_receipts`."""

    totals: TotalsRule
    rounding: Collection[CashRounding]
    batch_size: int
    concurrency: int
    late_write_window: float
    check_existing: bool
    dry_run: bool
    on_wait: Callable[[float], None] | None = None


class Sender:
    """Sends receipts to the service, each once.

    Args:
        kasa: The client.
        journal: Where all is written down; its run has just begun.
        settings: What the caller chose.
        stop_signal: Takes what makes it pointless to go on.
        emit: Takes outcomes.
    """

    def __init__(
        self, kasa: SmartKasa, journal: Journal, settings: PushSettings, stop_signal: StopSignal, emit: Emit
    ) -> None:
        self._kasa = kasa
        self._journal = journal
        self._settings = settings
        self._throttle = Throttle(settings.concurrency)
        self._stop_signal = stop_signal
        self._emit = emit
        self._products = ProductCheck(kasa, concurrency=settings.concurrency)
        self._resolver = Resolver(
            kasa,
            stop_signal,
            late_write_window=settings.late_write_window,
            concurrency=settings.concurrency,
            on_wait=settings.on_wait,
        )
        self._begun_at = waiting.now()

    def observe(self, event: Event) -> None:
        """Learn from the client's events how the service takes what is sent."""
        self._throttle.observe(event)

    async def send(self, tasks: Sequence[PushTask], chains: Chains) -> None:
        """Send the next receipts of one registrar, and emit the outcome of each.

        Args:
            tasks: The receipts, in order, and after those that were given before.
            chains: The registrar's chains.
        """
        ended: dict[int, Ending] = {}
        ready: list[PushTask] = []
        try:
            firsts = await self._look_up(tasks, ended)
            ready = await self._prepare(firsts, chains, ended)
        except Exception as error:  # noqa: BLE001  (kept in `stop_signal`: what is on its way elsewhere is answered first)
            self._stop_signal.record_failure(error)
        known = ended.keys() | {task.position for task in ready}
        unknown = [task.end_unsent(self._stop_signal.reason) for task in tasks if task.position not in known]
        await self._emit_outcomes([*ended.values(), *unknown])
        if self._settings.dry_run:
            await self._emit_outcomes([task.end(PushKind.CREATED) for task in ready])
        else:
            await self._send_all(ready, chains)

    async def _look_up(self, tasks: Sequence[PushTask], ended: dict[int, Ending]) -> list[PushTask]:
        """Ask the journal which receipts are there, and which repeat another one's numbers.

        Args:
            tasks: The receipts.
            ended: Takes how those of them end that need no look at anything else, by their positions.

        Returns:
            All that do not repeat another one's numbers.
        """
        positions: dict[ReceiptKey, int] = {}
        firsts: list[PushTask] = []
        statuses = await self._journal.look_up([str(task.key) for task in tasks])
        for task, status in zip(tasks, statuses, strict=True):
            task.apply_status(status)
            position = positions.setdefault(task.key, task.position if status.line is None else status.line)
            if position != task.position:
                ended[task.position] = task.end(PushKind.REFUSED, PushProblem.of("key_duplicate", position=position))
            elif status.state is not RowState.CREATED:
                firsts.append(task)
            elif status.digest in {None, task.digest}:
                ended[task.position] = task.end(PushKind.ALREADY_THERE, id=status.item_id)
                firsts.append(task)
            else:
                ended[task.position] = task.end_sent_differently(status.item_id)
        return firsts

    async def _prepare(self, tasks: Sequence[PushTask], chains: Chains, ended: dict[int, Ending]) -> list[PushTask]:
        """Find out which receipts are to be sent, and write down that they are on their way.

        Args:
            tasks: The receipts, none with the numbers of another.
            chains: The registrar's chains.
            ended: How some of them end, by their positions; takes how others do that are not to be sent.

        Returns:
            Those that are to be sent.
        """
        if self._stop_signal.error is not None:
            return []
        unknown = [task for task in tasks if task.position not in ended]
        if not self._settings.check_existing:
            unknown = [task for task in unknown if task.may_be_there]
        ended |= await self._resolver.resolve(unknown, since=self._begun_at)
        ended |= _find_malformed(task for task in tasks if task.position not in ended)
        await self._products.learn(task.receipt for task in tasks if task.position not in ended)
        ready: list[PushTask] = []
        for task in tasks:
            disorder = chains.check_order(task.receipt)
            ending = ended.get(task.position) or self._check(task, chains, disorder)
            if ending is None:
                ready.append(task)
            else:
                ended[task.position] = ending
                chains.note(ending)
        entries = [task.entry(RowState.CREATING) for task in ready]
        row_ids = await self._journal.enter(
            [*entries, *(ended[task.position].entry for task in tasks if task.position in ended)]
        )
        for task, row_id in zip(ready, row_ids, strict=False):
            task.row_id = row_id
        return ready

    def _check(self, task: PushTask, chains: Chains, disorder: PushProblem | None) -> Ending | None:
        """Return why a receipt is not to be sent; None where it is."""
        settings = self._settings
        problems = [] if disorder is None else [disorder]
        problems += self._products.check(task.receipt)
        found = () if settings.totals == "ignore" else check_totals(task.receipt, settings.rounding)
        if settings.totals == "refuse":
            problems += [problem.as_error() for problem in found]
        else:
            task.warnings = found
        if problems:
            return task.end(PushKind.REFUSED, *problems)
        broken = chains.check_whole(task.receipt)
        return None if broken is None else task.end(PushKind.HELD_BACK, broken)

    async def _send_all(self, tasks: list[PushTask], chains: Chains) -> None:
        """Send receipts in their order until each has its outcome."""
        while tasks:
            if self._stop_signal.error is not None:
                await self._end([task.end_unsent(self._stop_signal.reason) for task in tasks], chains)
                return
            part = self._next_part(tasks)
            results = await self._send_part(part)
            lost = await self._take(list(zip(part, results, strict=False)), chains)
            tasks = await self._hold_back(lost + tasks[len(results) :], chains)

    def _next_part(self, tasks: list[PushTask]) -> list[PushTask]:
        """Choose what goes into one call: after each loss less, so that one bad receipt stands alone in the end."""
        losses = tasks[0].losses
        size = max(1, self._settings.batch_size // _SHRINKS_BY**losses)
        return list(takewhile(lambda task: task.losses == losses, tasks[:size]))

    async def _send_part(self, part: Sequence[PushTask]) -> list[Receipt | SendFailure]:
        try:
            return await create_each(self._create, [task.receipt for task in part], in_order=True)
        except Exception as error:  # noqa: BLE001  (kept in `stop_signal`; whatever it is, the receipts were on their way)
            self._stop_signal.record_failure(error)
            return [SendFailure(Verdict.UNKNOWN, error)] * len(part)

    async def _create(self, receipts: Sequence[ReceiptCreate]) -> Sequence[Receipt]:
        async with self._throttle.permit(is_usual=len(receipts) == self._settings.batch_size):
            answered = await self._kasa.receipts.create_batch(receipts)
        return in_order_sent(receipts, answered)

    async def _take(self, results: Sequence[tuple[PushTask, Receipt | SendFailure]], chains: Chains) -> list[PushTask]:
        """End receipts by the result of their call; returns those that were lost and are not there."""
        endings: list[Ending] = []
        lost: list[PushTask] = []
        for task, result in results:
            if isinstance(result, SendFailure) and result.verdict is Verdict.UNKNOWN:
                lost.append(task)
                continue
            if isinstance(result, SendFailure):
                if result.verdict is Verdict.STOPPED:
                    self._stop_signal.record_failure(result.error)
                endings.append(task.end_by(result))
            elif (there := key_of(result)) not in {None, task.key}:
                self._stop_signal.record_failure(_stored_differently(there, task.key))
                endings.append(task.end_differing("fiscal_number", there, task.key, id=result.id))
            else:
                endings.append(task.end_by(result.id))
        await self._end(endings, chains)
        for task in lost:
            task.may_be_there = True
            task.losses += 1
        ended = await self._resolver.resolve(lost, since=waiting.now())
        absent = [task for task in lost if task.position not in ended]
        await self._end(list(ended.values()), chains)
        hopeless = [task for task in absent if task.losses == _ROUNDS]
        await self._end([task.end(PushKind.REFUSED, PushProblem.of("failed_each_time")) for task in hopeless], chains)
        return [task for task in absent if task.losses < _ROUNDS]

    async def _hold_back(self, tasks: Sequence[PushTask], chains: Chains) -> list[PushTask]:
        """End those whose chain is broken; returns the others."""
        whole: list[PushTask] = []
        held: list[Ending] = []
        for task in tasks:
            if (broken := chains.check_whole(task.receipt)) is None:
                whole.append(task)
            else:
                held.append(task.end(PushKind.HELD_BACK, broken))
        await self._end(held, chains)
        return whole

    async def _end(self, endings: Sequence[Ending], chains: Chains) -> None:
        """Write down how receipts in flight end, and emit it."""
        if not endings:
            return
        for ending in endings:
            chains.note(ending)
        try:
            await self._journal.enter([ending.entry for ending in endings])
        except Exception as error:  # noqa: BLE001  (kept in `stop_signal`: what was done is emitted in any case)
            self._stop_signal.record_failure(error)
        await self._emit_outcomes(endings)

    async def _emit_outcomes(self, endings: Sequence[Ending]) -> None:
        if endings:
            await self._emit([ending.outcome for ending in endings])


def _stored_differently(there: ReceiptKey | None, here: ReceiptKey) -> OutcomeUnknownError:
    return OutcomeUnknownError(
        msg(
            "The service answered with receipt {there} for {here}, so what is lost could not be found by its numbers;"
            " give numbers as the service keeps them",
            there=there,
            here=here,
        )
    )


def _find_malformed(tasks: Iterable[PushTask]) -> dict[int, Ending]:
    """Refuse receipts with values that no request can hold, before any rule computes with them."""
    found: dict[int, Ending] = {}
    for task in tasks:
        try:
            encode_checked(CREATE_RECEIPT_BATCH, ReceiptCreate, task.receipt)
        except InvalidRequestError as error:
            field = (error.field or "$").removeprefix("$").removeprefix(".") or None
            found[task.position] = task.end(
                PushKind.REFUSED, PushProblem.of("value_wrong", field, detail=error.translatable)
            )
    return found
