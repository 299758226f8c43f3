"""`watch_receipts`: receipts as they are created, changed and deleted, each change at least once."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import blake2b
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import msgspec
from anyio import move_on_after, sleep
from msgspec.structs import replace

from smartkasa_async._i18n.message import HasMessage, argument, join_messages, msg, nmsg
from smartkasa_async._support import clock as _clock
from smartkasa_async._support.arguments import (
    MOST_CONCURRENT,
    MOST_DAYS,
    check_callbacks,
    check_client,
    check_flags,
    check_kept,
    check_seconds,
    check_whole,
    chosen_shops,
)
from smartkasa_async.errors import (
    ApiError,
    CertificateError,
    ClientClosedError,
    ConfigurationError,
    InvalidRequestError,
    PaginationError,
    RateLimitedError,
    RedirectRefusedError,
    ServerError,
    SessionError,
    SmartKasaError,
)
from smartkasa_async.jobs.concurrency import run_concurrently
from smartkasa_async.jobs.results import Progress, Stage
from smartkasa_async.records.days import Window, business_day, today
from smartkasa_async.sync.checkpoint import ChangeKind, Checkpoint, ShopCheckpoint, open_checkpoint
from smartkasa_async.sync.clock import earlier_today, refuse_clock, skew_note
from smartkasa_async.sync.reading import read_whole
from smartkasa_async.sync.receipts import receipt_listing
from smartkasa_async.sync.shops import pick_shops

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Sequence
    from datetime import date

    from smartkasa_async.client import SmartKasa
    from smartkasa_async.models import Receipt, Shop
    from smartkasa_async.records.batch import Batch, Undecodable
    from smartkasa_async.sync.checkpoint import CheckpointStore


@dataclass(frozen=True, slots=True)
class ReceiptChange:
    """A receipt that was created or changed, or is no longer listed.

    Attributes:
        kind: Which of these.
        shop_id: Id of the shop.
        receipt_id: Id of the receipt.
        receipt: The receipt as it is now, with its items and payments; None where it is deleted.
        raw: Its JSON as it came; None where it is deleted.
    """

    kind: ChangeKind
    shop_id: int
    receipt_id: str
    receipt: Receipt | None
    raw: bytes | None


@dataclass(frozen=True, slots=True)
class WatchError(HasMessage):
    """What a watch could not read, and retries in the next round.

    Attributes:
        reason: What is wrong.
        shop_id: Id of the shop; None where the list of shops could not be read.
        window: The business days that were read; None likewise.
        undecodable: Receipts that do not have the documented form; each is reported once.
    """

    reason: str
    shop_id: int | None = None
    window: Window | None = None
    undecodable: tuple[Undecodable, ...] = ()

    def __post_init__(self) -> None:
        self._keep_message("reason")


_DIGEST_BYTES = 12
_GROWTH = 1.5
_WIDENING = 2.0
_JITTER = 0.2
_PERMANENT = (
    ApiError,
    CertificateError,
    ClientClosedError,
    ConfigurationError,
    InvalidRequestError,
    RedirectRefusedError,
    SessionError,
)

_decode = msgspec.json.Decoder(float_hook=Decimal).decode
_encode = msgspec.json.Encoder(order="sorted").encode


def fingerprint(raw: bytes) -> str:
    """Digest a record's JSON, so that equal digests mean an unchanged record.

    The order of fields, the order in which rows with ids stand, and whether a field is null or absent do not count: the
    service promises none of them. Of JSON that is in parts no text, or nested too deeply, each byte counts.
    """
    try:
        content = _encode(_canonical(_decode(raw)))
    except (msgspec.MsgspecError, UnicodeError, RecursionError):  # in fields that nobody knows, which are not decoded
        content = raw
    return blake2b(content, digest_size=_DIGEST_BYTES).hexdigest()


def _canonical(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _canonical(part) for name, part in value.items() if part is not None}
    if isinstance(value, list):
        parts = [_canonical(part) for part in value]
        if all(isinstance(part, dict) and "id" in part for part in parts):
            parts.sort(key=lambda part: str(part["id"]))
        return parts
    return value


def is_permanent(error: Exception) -> bool:
    """Return whether an error stays until somebody does something about it."""
    return isinstance(error, _PERMANENT) and not isinstance(error, (RateLimitedError, ServerError))


def next_pause(
    previous: float, *, interval: float, max_interval: float, came: bool, errors: Sequence[Exception] = ()
) -> float:
    """Choose how long to pause after a round, before jitter.

    Args:
        previous: The last pause; 0 before the first.
        interval: Shortest pause.
        max_interval: Longest pause.
        came: Whether the round brought a change.
        errors: What kept parts of the round from being read; the longest `retry_after` goes before `max_interval`.
            Lists that shift while they are read do not count: they are those of a busy shop.

    Returns:
        Seconds.
    """
    pressing = [error for error in errors if not isinstance(error, PaginationError)]
    if pressing:
        asked = max((error.retry_after or 0.0 for error in pressing if isinstance(error, ApiError)), default=0.0)
        return max(asked, min(max_interval, max(interval, previous) * _WIDENING))
    return interval if came else min(max_interval, max(interval, previous * _GROWTH))


def jittered(pause: float, draw: Callable[[float, float], float]) -> float:
    """Move a pause by up to a fifth, so that many watches do not ask at the same moment.

    Args:
        pause: Seconds.
        draw: Draws a number between two bounds, as `random.uniform` does.
    """
    return pause * draw(1 - _JITTER, 1 + _JITTER)


_PER_PAGE = 100
_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Found:
    """A change, and what to note once it was yielded.

    Attributes:
        change: What to yield.
        known: Where to note it.
        day: Business day of the receipt.
        digest: Digest of its JSON; None where it is deleted.
        moment: When it happened, as far as that is known.
    """

    change: ReceiptChange
    known: ShopCheckpoint
    day: date
    digest: str | None
    moment: datetime


@dataclass(slots=True)
class Round:
    """What one round brought.

    Attributes:
        found: The changes.
        whole: Shops that were read whole, with what is known of them and the business days that were read.
        errors: What kept parts from being read, and may pass by itself.
        is_behind: Whether business days are left that could be read at once.
    """

    found: list[Found] = field(default_factory=list)
    whole: list[tuple[int, ShopCheckpoint, Window]] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)
    is_behind: bool = False


class RoundReader:
    """Reads rounds.

    Args:
        kasa: The client.
        shops: Ids of the shops; None for all of the account.
        start: First business day to yield of shops that the checkpoint lacks; None for what comes from now on.
        days: How many business days a receipt is watched.
        concurrency: Maximum number of concurrent shops, and of concurrent pages of one shop.
        accept_clock_skew: Whether to go on where the clocks are hours apart.
        on_error: Called with what could not be read.
        on_progress: Called after each shop.
    """

    def __init__(
        self,
        kasa: SmartKasa,
        *,
        shops: Collection[int] | None,
        start: date | None,
        days: int,
        concurrency: int,
        accept_clock_skew: bool,
        on_error: Callable[[WatchError], None],
        on_progress: Callable[[Progress], None] | None = None,
    ) -> None:
        self._kasa = kasa
        self._ids = shops
        self._start = start
        self._days = days
        self._concurrency = concurrency
        self._accept_clock_skew = accept_clock_skew
        self._on_error = on_error
        self._on_progress = on_progress
        self._is_clock_reported = False
        self._chosen: list[Shop] | None = None
        self._unreadable: dict[int, set[str]] = {}

    async def read(self, checkpoint: Checkpoint) -> Round:
        """Read every shop once, until the present business day.

        Args:
            checkpoint: How far the watch has come; only new shops whose receipts are to be yielded are entered here.

        Returns:
            What is new, in the order in which it happened.

        Raises:
            SmartKasaError: Something that does not pass by itself.
        """
        round_ = Round()
        try:
            shops = await self._shops()
        except SmartKasaError as error:
            if is_permanent(error):
                raise
            round_.errors.append(error)
            self._on_error(WatchError(msg("The shops could not be listed: {reason}", reason=error.as_message())))
            return round_
        refuse_clock(self._kasa, accept=self._accept_clock_skew)
        today = earlier_today(self._kasa)
        self._report_clock()

        progress = Progress(Stage.COMPARING, 0, len(shops), "shops")

        async def read_shop(shop: Shop) -> None:
            nonlocal progress
            await self._read_shop(self._begin(shop, checkpoint, today), round_)
            progress = replace(progress, done=progress.done + 1, counts={"changes": len(round_.found)})
            if self._on_progress is not None:
                self._on_progress(progress)

        await run_concurrently(read_shop, shops, concurrency=self._concurrency)
        round_.is_behind = any(window.end < today for _, _, window in round_.whole)
        round_.found.sort(key=attrgetter("moment", "change.receipt_id"))
        return round_

    async def _shops(self) -> list[Shop]:
        """List the shops to read: those that were asked for once, those of the account each time, as some may open."""
        if self._chosen is not None:
            return self._chosen
        shops = await pick_shops(self._kasa, None, self._ids)
        if self._ids is not None:
            self._chosen = shops
        return shops

    async def _read_shop(self, reading: _ShopReading, round_: Round) -> None:
        window = reading.window
        listing = receipt_listing(reading.shop_id, window, _PER_PAGE)
        result = await read_whole(
            self._kasa, listing, reading.take, concurrency=self._concurrency, on_restart=reading.restart
        )
        if result.error is not None and is_permanent(result.error):
            raise result.error
        self._report_errors(reading, result.reason)
        round_.found += reading.found.values()
        if result.error is not None:
            round_.errors.append(result.error)
        else:
            if not result.nameless:
                round_.found += reading.deleted(result.ids)
            round_.whole.append((reading.shop_id, reading.known, window))

    def _report_clock(self) -> None:
        """Report a clock that is minutes off, once until it is right."""
        note = skew_note(self._kasa.clock_skew)
        if note and not self._is_clock_reported:
            self._on_error(WatchError(note))
        self._is_clock_reported = note is not None

    def _begin(self, shop: Shop, checkpoint: Checkpoint, today: date) -> _ShopReading:
        known = checkpoint.of_shop(shop, self._start)
        if known is None:
            # It enters the checkpoint after it was read whole: what is there until then is noted, not yielded.
            known = ShopCheckpoint.ending(today, self._days)
            return _ShopReading(shop.id, known, known.window(today, self._days), is_silent=True)
        checkpoint.shops[shop.id] = known
        window = known.window(today, self._days)
        if known.is_ahead(today):
            message = msg(
                "the checkpoint was saved by a clock that was ahead, on {day}; receipts since {start} are yielded anew",
                day=known.through,
                start=window.start,
            )
            self._on_error(WatchError(message, shop.id, window))
        return _ShopReading(shop.id, known, window)

    def _report_errors(self, reading: _ShopReading, reason: str | None) -> None:
        reported = self._unreadable.get(reading.shop_id, set())
        news = tuple(one for one in reading.undecodable if one.key not in reported)
        keys = {one.key for one in reading.undecodable}
        self._unreadable[reading.shop_id] = keys if reason is None else reported | keys
        reasons = [reason] if reason else []
        if news:
            reasons.append(
                nmsg(
                    "{count} receipt cannot be decoded, because of {reason}",
                    "{count} receipts cannot be decoded, the first because of {reason}",
                    len(news),
                    reason=news[0].translatable,
                )
            )
        if reasons:
            self._on_error(WatchError(join_messages(reasons, "; "), reading.shop_id, reading.window, news))


@dataclass(slots=True)
class _ShopReading:
    """Takes the receipts of one shop as they come, and keeps what is new."""

    shop_id: int
    known: ShopCheckpoint
    window: Window
    is_silent: bool = False
    found: dict[str, Found] = field(default_factory=dict)
    undecodable: list[Undecodable] = field(default_factory=list)

    def restart(self) -> None:
        """Forget what came, as the list is read from its beginning."""
        self.found.clear()
        self.undecodable.clear()
        if self.is_silent:
            self.known.seen.clear()

    async def take(self, batch: Batch[Receipt]) -> None:
        self.undecodable += batch.undecodable
        for receipt, raw in zip(batch.records, batch.raw, strict=True):
            day = business_day(receipt.created_at)
            digest = fingerprint(raw)
            kind = self.known.compare(day, receipt.id, digest)
            if self.is_silent:
                self.known.note(day, receipt.id, digest)
            elif kind is not None:
                moment = receipt.created_at if kind is ChangeKind.CREATED else receipt.updated_at
                change = ReceiptChange(kind, self.shop_id, receipt.id, receipt, raw)
                self.found[receipt.id] = Found(change, self.known, day, digest, moment)

    def deleted(self, listed: Collection[object]) -> list[Found]:
        """List the receipts that were there and are no longer, the list having been read whole."""
        return [
            Found(ReceiptChange(ChangeKind.DELETED, self.shop_id, receipt_id, None, None), self.known, day, None, _LAST)
            for day, receipt_id in self.known.missing(self.window, set(map(str, listed)))
        ]


_CHANGES_PER_SAVE = 50
_LONGEST_LAST_SAVE = 10.0


def watch_receipts(
    kasa: SmartKasa,
    *,
    shops: Iterable[int] | None = None,
    start: date | None = None,
    checkpoint: str | os.PathLike[str] | CheckpointStore | None,
    days: int = 3,
    interval: float = 5.0,
    max_interval: float = 60.0,
    accept_clock_skew: bool = False,
    concurrency: int = 4,
    on_error: Callable[[WatchError], None] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> AsyncGenerator[ReceiptChange, None]:
    """Yield receipts as they are created, changed and deleted, without an end, each change at least once.

    The service sends no notifications, so the last business days of each shop are read in rounds and compared with what
    was yielded before: state, payments, fiscal number and all else. A change is acknowledged when you request the next;
    those after the last saved checkpoint are yielded once more after a crash, so process them by `receipt_id`. After a
    pause of any length the watch continues from its checkpoint. What cannot be read is retried in the next round.

    Leave it with `aclose`, for example through `contextlib.aclosing`; the next watch then begins with the change that
    was given last.

    Args:
        kasa: The client.
        shops: Ids of the shops; None for all of the account, with those that open later.
        start: First business day, in Europe/Kyiv, to yield of shops that the checkpoint lacks; None to begin with what
            comes after the first whole reading.
        checkpoint: Path of the file that keeps what was yielded, or a store of your own, for one watch at a time; None
            to forget it at the end.
        days: How many business days a receipt is watched, the one on which it was created included: with 3, for two
            whole days at least, longer than the 36 hours on end that a registrar may be offline. Changes after that are
            not noticed, nor are receipts that come later than that.
        interval: Seconds between rounds while changes come; it grows while there are none, and varies by a fifth.
        max_interval: Maximum seconds between rounds, unless the service asks for more.
        accept_clock_skew: Whether to go on where this machine's clock and the service's are more than an hour apart, by
            the one that is behind.
        concurrency: Maximum number of concurrent shops, and of concurrent pages of one shop.
        on_error: Called with what could not be read, in each round; it must not block.
        on_progress: Called after each shop of a round, with the number of changes that the round has found so far; it
            must not block.

    Returns:
        An async generator of changes, in each round in the order of creation and change; deleted receipts come last.

    Raises:
        InvalidRequestError: An argument has a value that it cannot have.

    The generator itself raises:
        CheckpointError: The checkpoint cannot be read or saved, or is something else.
        InvalidRequestError: A shop is not the account's.
        ClockSkewError: The clocks are more than an hour apart, and that was not accepted.
        SmartKasaError: A permanent error: refused credentials, missing rights, a wrong setting.

    API: `GET /api/v1/pos/receipts`
    """
    check_client(kasa)
    check_kept("checkpoint", checkpoint, ("load", "save"), "FileCheckpointStore(path)")
    check_flags(accept_clock_skew=accept_clock_skew)
    check_callbacks(on_error=on_error, on_progress=on_progress)
    check_whole("days", days, most=MOST_DAYS)
    check_whole("concurrency", concurrency, most=MOST_CONCURRENT)
    check_seconds("interval", interval)
    check_seconds("max_interval", max_interval)
    if interval <= 0:
        raise InvalidRequestError(
            msg("{field} is {value!r}; give seconds above 0", field=argument("interval"), value=interval),
            field="interval",
        )
    if interval > max_interval:
        raise InvalidRequestError(
            msg(
                "{most} is {value!r}, below {field}; give at least {interval!r}",
                most=argument("max_interval"),
                value=max_interval,
                field=argument("interval"),
                interval=interval,
            ),
            field="max_interval",
        )
    if start is not None:
        Window(start, start)
        if start > today():
            raise InvalidRequestError(
                msg("{field} is {start}, which is yet to come; leave it out", field=argument("start"), start=start),
                field="start",
            )
    reader = RoundReader(
        kasa,
        shops=chosen_shops(shops),
        start=start,
        days=days,
        concurrency=concurrency,
        accept_clock_skew=accept_clock_skew,
        on_error=on_error or (lambda _: None),
        on_progress=on_progress,
    )
    return _changes(reader, open_checkpoint(checkpoint), interval, max_interval)


async def _changes(
    reader: RoundReader, store: CheckpointStore, interval: float, max_interval: float
) -> AsyncGenerator[ReceiptChange, None]:
    content = await store.load()
    checkpoint = Checkpoint(_clock.now()) if content is None else Checkpoint.decode(content, str(store))
    checkpoint.begun_at = min(checkpoint.begun_at, _clock.now())  # a clock may have been ahead
    saver = _Saver(store, checkpoint)
    if content is None:
        await saver.changed(1)  # so that shops which open from now on are known to be new
    pause = 0.0
    try:
        while True:
            round_ = await reader.read(checkpoint)
            for found in round_.found:
                yield found.change
                # The next change is requested, so this one is acknowledged.
                found.known.note(found.day, found.change.receipt_id, found.digest)
                await saver.changed(1, of=_CHANGES_PER_SAVE)
            await saver.changed(sum(checkpoint.enter(*whole) for whole in round_.whole))
            if round_.errors or not round_.is_behind:
                pause = next_pause(
                    pause,
                    interval=interval,
                    max_interval=max_interval,
                    came=bool(round_.found),
                    errors=round_.errors,
                )
                await sleep(jittered(pause, random.uniform))
    finally:
        with move_on_after(_LONGEST_LAST_SAVE, shield=True):
            await saver.changed(0)


class _Saver:
    """Saves a checkpoint when enough of it has changed."""

    def __init__(self, store: CheckpointStore, checkpoint: Checkpoint) -> None:
        self._store = store
        self._checkpoint = checkpoint
        self._changes = 0

    async def changed(self, changes: int, *, of: int = 1) -> None:
        """Count changes, and save if there are so many since the last time."""
        self._changes += changes
        if self._changes >= of:
            await self._store.save(self._checkpoint.encode())
            self._changes = 0
