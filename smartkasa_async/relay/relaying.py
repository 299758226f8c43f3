"""`relay_events`: sends what happens at the tills to a receiver, without an end."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import anyio
from anyio import sleep

from smartkasa_async._i18n.message import argument, msg
from smartkasa_async._i18n.translate import LANGUAGES
from smartkasa_async._support import clock as _clock
from smartkasa_async._support.arguments import (
    check_callbacks,
    check_choice,
    check_client,
    check_flags,
    check_seconds,
    check_store,
    check_whole,
    chosen_shops,
    chosen_words,
)
from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.records.batch import RecordKind
from smartkasa_async.records.days import business_day
from smartkasa_async.relay.checking import LOOKBACK, Checker, CheckOptions
from smartkasa_async.relay.events import RECEIPT_EVENTS, EventKind
from smartkasa_async.relay.outbox import Draft, Outbox
from smartkasa_async.relay.receivers import Delivery
from smartkasa_async.relay.rules import Wording, event_of_change
from smartkasa_async.relay.sending import Sender
from smartkasa_async.relay.times import NIGHT_ENDS, until_due
from smartkasa_async.retry import TRANSIENT
from smartkasa_async.sync.receipts import sync_receipts
from smartkasa_async.sync.reference_data import sync_reference_data
from smartkasa_async.sync.watch import watch_receipts
from smartkasa_async.sync.z_reports import sync_z_reports

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
    from datetime import date, datetime, time

    from smartkasa_async._i18n.translate import Language
    from smartkasa_async.client import SmartKasa
    from smartkasa_async.jobs.results import RunResult
    from smartkasa_async.relay.events import RelayMessage
    from smartkasa_async.relay.receivers import Attempt, Receiver
    from smartkasa_async.relay.times import QuietHours
    from smartkasa_async.stores.store import Store
    from smartkasa_async.sync.watch import WatchError

_ALL_LISTS_EVERY = 86_400.0
_FEW_LISTS = (RecordKind.SHOPS, RecordKind.TERMINALS, RecordKind.SHIFTS)


class OutboxCheckpoint:
    """Keeps the checkpoint of a watch in the outbox, in one transaction with the messages about what it has yielded.

    Args:
        outbox: The outbox.
        pending: The messages about what was yielded since; emptied when they are written.
        on_written: Called when they are.
    """

    def __init__(self, outbox: Outbox, pending: list[Draft], on_written: Callable[[], None]) -> None:
        self._outbox = outbox
        self._pending = pending
        self._on_written = on_written

    def __str__(self) -> str:
        return "the store"

    async def load(self) -> bytes | None:
        """Return what was saved last, or None."""
        checkpoint = (await self._outbox.state()).checkpoint
        return None if checkpoint is None else checkpoint.encode()

    async def save(self, content: bytes) -> None:
        """Write the messages and the checkpoint."""
        await self._outbox.commit(self._pending, checkpoint=content.decode())
        self._pending.clear()
        self._on_written()


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayOptions:
    """What is watched, and how: the arguments of `relay_events`.

    Attributes:
        check: What is looked for in the store.
        start: First business day of receipts where no watch has begun; None for what comes from now on.
        check_every: Seconds between two looks at the store.
        interval: Shortest pause between two rounds of a watch, seconds.
        max_interval: Longest pause, seconds.
        keep_personal: Whether receipts are sent as the service has them.
        accept_clock_skew: Whether to go on where the clocks are hours apart.
        limit: How many messages to deliver; None for no end.
        on_error: Called with what went wrong and is retried.
        on_delivered: Called with each message that its receiver has taken.
    """

    check: CheckOptions
    start: date | None
    check_every: float
    interval: float
    max_interval: float
    keep_personal: bool
    accept_clock_skew: bool
    limit: int | None
    on_error: Callable[[str], None]
    on_delivered: Callable[[RelayMessage], None]


async def relay_events(
    kasa: SmartKasa,
    store: Store,
    receiver: Receiver,
    *,
    events: Iterable[EventKind] | None = None,
    shops: Iterable[int] | None = None,
    start: date | None = None,
    language: Language = "uk",
    quiet_hours: QuietHours | None = None,
    digest_at: time | None = None,
    minimum_stock: Decimal | int | None = None,
    minima: Mapping[str, Decimal | int] | None = None,
    check_every: float = 900.0,
    interval: float = 5.0,
    max_interval: float = 60.0,
    keep_personal: bool = False,
    accept_clock_skew: bool = False,
    limit: int | None = None,
    on_error: Callable[[str], None] | None = None,
    on_delivered: Callable[[RelayMessage], None] | None = None,
) -> None:
    """Send what happens at the tills to a receiver, without an end.

    Receipts are watched as `watch_receipts` does. The last days of receipts, Z-reports, shifts and stock are synced
    into the store in turns, and what is found there that is new is sent: breaches of the fiscal rules, and those that
    are near; differences of days that are over, each morning from six o'clock; stock below its minimum; a digest of the
    day before.

    Each message is written into the store's outbox once, in one transaction with what shows that it was, and is sent
    until the receiver takes it, so at least once, each time with the same id. Messages about the same receipt keep
    their order. One that is refused, or was sent in vain for three days, is given up: `dead_messages` lists it, and
    `resend_messages` sends it once more.

    Args:
        kasa: The client.
        store: Where records are synced, and the outbox is.
        receiver: Where messages go: an open `WebhookReceiver` or `TelegramReceiver`, or one of your own. One relay at a
            time works for a name; a new one takes over.
        events: Kinds of events; None for all.
        shops: Ids of the shops; None for all of the account.
        start: First business day, in Europe/Kyiv, of receipts to send where the relay is new; None for those that come
            from now on.
        language: Language of the texts.
        quiet_hours: When nothing is sent, in Kyiv; what comes waits for their end. None for never.
        digest_at: When the digest of the day before is made, by the clock in Kyiv; None for no digest.
        minimum_stock: Stock below which a counted product is reported; None for none.
        minima: The same for single products, by barcode or article, or by their id.
        check_every: Seconds between two looks at the store.
        interval: Shortest pause between two rounds of the watch, seconds.
        max_interval: Longest pause, seconds.
        keep_personal: Whether receipts are sent with all that the service has of them, the cashier's name among it.
        accept_clock_skew: Whether to go on where this machine's clock and the service's are more than an hour apart.
        limit: How many messages to deliver before it ends; None for no end.
        on_error: Called with what went wrong and is retried; it must not block.
        on_delivered: Called with each message that the receiver has taken; it must not block.

    Raises:
        InvalidRequestError: An argument has a value that it cannot have.
        RelayError: Another relay has taken over.
        CheckpointError: The checkpoint in the store is something else.
        StoreError: The store could not be read or written.
        SmartKasaError: A permanent error: refused credentials, missing rights, a wrong setting.

    API: `GET /api/v1/pos/receipts`, `/reports/z-reports`, and the lists of `sync_reference_data`
    """
    check_client(kasa)
    check_store(store, "transact", "reading")
    check_choice("language", language, LANGUAGES)
    check_flags(keep_personal=keep_personal, accept_clock_skew=accept_clock_skew)
    check_callbacks(on_error=on_error, on_delivered=on_delivered)
    check_seconds("check_every", check_every)
    if limit is not None:
        check_whole("limit", limit)
    kinds = [*EventKind] if events is None else [*map(EventKind, chosen_words("events", events, [*EventKind]))]
    options = RelayOptions(
        check=CheckOptions(
            events=frozenset(kinds),
            shops=chosen_shops(shops),
            language=language,
            digest_at=digest_at,
            minimum_stock=_units("minimum_stock", minimum_stock),
            minima={name: _least("minima", each) for name, each in (minima or {}).items()},
        ),
        start=start,
        check_every=check_every,
        interval=interval,
        max_interval=max_interval,
        keep_personal=keep_personal,
        accept_clock_skew=accept_clock_skew,
        limit=limit,
        on_error=on_error or (lambda _: None),
        on_delivered=on_delivered or (lambda _: None),
    )
    await Relay(kasa, store, receiver, options, quiet_hours).run()


def _units(name: str, value: Decimal | int | None) -> Decimal | None:
    return None if value is None else _least(name, value)


def _least(name: str, value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not Decimal(value).is_finite():
        raise InvalidRequestError(
            msg("{field} is {value!r}; give a number of units, a Decimal", field=argument(name), value=value),
            field=name,
        )
    return Decimal(value)


class Relay:
    """Watches, looks at the store, and sends, all at once; see `relay_events`.

    Args:
        kasa: The client.
        store: The store.
        receiver: Where messages go.
        options: What is watched, and how.
        quiet_hours: When nothing is sent; None for never.
    """

    def __init__(
        self,
        kasa: SmartKasa,
        store: Store,
        receiver: Receiver,
        options: RelayOptions,
        quiet_hours: QuietHours | None,
    ) -> None:
        self._kasa = kasa
        self._store = store
        self._options = options
        self._outbox = Outbox(store, receiver.name)
        self._sender = Sender(self._outbox, receiver, quiet_hours=quiet_hours, on_attempt=self._on_attempt)
        self._checker = Checker(store, self._outbox, options.check)
        self._delivered = 0
        self._end = anyio.CancelScope()
        self._lists_read_at: datetime | None = None
        self._titles: dict[int, str] = {}

    async def run(self) -> None:
        """Take over, and work until the limit is reached, or something does not pass by itself."""
        await self._outbox.take_over()
        await self._trying(lambda: sync_reference_data(self._kasa, self._store, kinds=[RecordKind.SHOPS]))
        self._titles.update(await self._store.shop_titles())
        works: list[Callable[[], Coroutine[Any, Any, None]]] = [self._sender.run]
        if self._options.check.events & RECEIPT_EVENTS:
            works.append(self._watch)
        if self._options.check.events - RECEIPT_EVENTS:
            works.append(self._check)
        try:
            with self._end:
                async with anyio.create_task_group() as group:
                    for work in works:
                        group.start_soon(work)
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from errors

    def _on_attempt(self, message: RelayMessage, attempt: Attempt) -> None:
        if attempt.delivery is Delivery.TAKEN:
            self._delivered += 1
            self._options.on_delivered(message)
            if self._delivered == self._options.limit:
                self._end.cancel()
            return
        self._options.on_error(
            msg("Message {id} was not delivered: {reason}", id=message.id, reason=attempt.reason or "")
        )

    async def _watch(self) -> None:
        """Put a message for each change into the outbox.

        Nothing is awaited between a change and the request for the next, which acknowledges it, so that whatever the
        watch saves, its messages are all pending, and no other.
        """
        options, pending = self._options, list[Draft]()
        wording = Wording(options.check.language, self._titles)
        changes = watch_receipts(
            self._kasa,
            shops=options.check.shops,
            start=options.start,
            checkpoint=OutboxCheckpoint(self._outbox, pending, self._sender.wake),
            interval=options.interval,
            max_interval=max(options.interval, options.max_interval),
            accept_clock_skew=options.accept_clock_skew,
            on_error=self._on_watch_error,
        )
        async with aclosing(changes):
            async for change in changes:
                event = event_of_change(change, _clock.now(), wording, keep_personal=options.keep_personal)
                if event.kind in options.check.events:
                    pending.append(Draft(event))

    def _on_watch_error(self, error: WatchError) -> None:
        self._options.on_error(error.translatable or error.reason)

    async def _check(self) -> None:
        """Sync and look at the store, in turns."""
        while True:
            await self._sync(_clock.now())
            if await self._checker.check(_clock.now()):
                self._sender.wake()
            await sleep(self._pause(_clock.now()))

    def _pause(self, now: datetime) -> float:
        """Return the seconds until the next look: the interval, or until the morning's work is due."""
        clocks = [NIGHT_ENDS, *filter(None, [self._options.check.digest_at])]
        return min(self._options.check_every, *(until_due(now, clock) for clock in clocks))

    async def _sync(self, now: datetime) -> None:
        """Read what the checks look at; where the service cannot be reached, they look at what was read before."""
        of_days: dict[str, Any] = {
            "shops": self._options.check.shops,
            "start": business_day(now) - LOOKBACK,
            "accept_clock_skew": self._options.accept_clock_skew,
        }
        await self._trying(lambda: self._sync_lists(now))
        await self._trying(lambda: sync_receipts(self._kasa, self._store, **of_days))
        await self._trying(lambda: sync_z_reports(self._kasa, self._store, **of_days))
        self._titles.update(await self._store.shop_titles())

    async def _trying(self, sync: Callable[[], Awaitable[RunResult]]) -> None:
        """Sync, and report what could not be read and is read anew the next time."""
        try:
            report = await sync()
        except TRANSIENT as error:
            self._options.on_error(msg("The service could not be read: {reason}", reason=error.as_message()))
            return
        for failure in report.failures():
            self._options.on_error(msg("The service could not be read: {reason}", reason=failure))

    async def _sync_lists(self, now: datetime) -> RunResult:
        """Read the lists that change by the hour each time, and all of them once a day."""
        kinds = [*_FEW_LISTS, *([RecordKind.CARDS] if self._options.check.looks_at_stock else [])]
        last = self._lists_read_at
        is_day_over = last is None or (now - last).total_seconds() >= _ALL_LISTS_EVERY
        report = await sync_reference_data(self._kasa, self._store, kinds=None if is_day_over else kinds)
        if is_day_over and report.complete:
            self._lists_read_at = now
        return report
