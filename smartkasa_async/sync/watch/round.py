"""One round of a watch: every shop read once, and what is new in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from operator import attrgetter
from typing import TYPE_CHECKING

from smartkasa_async._i18n.message import join_messages, msg
from smartkasa_async.errors import SmartKasaError
from smartkasa_async.jobs.concurrency import run_concurrently
from smartkasa_async.records.days import business_day
from smartkasa_async.sync.clock import earlier_today, refuse_clock, skew_note
from smartkasa_async.sync.reading import read_whole
from smartkasa_async.sync.receipts import receipt_listing
from smartkasa_async.sync.shops import pick_shops
from smartkasa_async.sync.watch.changes import ChangeKind, ReceiptChange, WatchError
from smartkasa_async.sync.watch.checkpoint import ShopCheckpoint
from smartkasa_async.sync.watch.rules import fingerprint, is_lasting

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from smartkasa_async.client import SmartKasa
    from smartkasa_async.models import Receipt, Shop
    from smartkasa_async.records.batch import Batch, Undecodable
    from smartkasa_async.records.days import Window
    from smartkasa_async.sync.watch.checkpoint import Checkpoint

_PER_PAGE = 100
_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Found:
    """A change, and what to note once it was told.

    Attributes:
        change: What to tell.
        known: Where to note it.
        day: Business day of the receipt.
        digest: Digest of its JSON; None where it is gone.
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
        start: First business day to be told of shops that the position does not know; None for what comes from now on.
        days: How many business days a receipt is watched.
        concurrency: Most shops read at once, and most pages of one shop.
        accept_clock_skew: Whether to go on where the clocks are hours apart.
        on_error: Told what could not be read.
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
    ) -> None:
        self._kasa = kasa
        self._ids = shops
        self._start = start
        self._days = days
        self._concurrency = concurrency
        self._accept_clock_skew = accept_clock_skew
        self._on_error = on_error
        self._clock_told = False
        self._chosen: list[Shop] | None = None
        self._unreadable: dict[int, set[str]] = {}

    async def read(self, checkpoint: Checkpoint) -> Round:
        """Read every shop once, until the present business day.

        Args:
            checkpoint: How far the watch has come; only shops that are new to it and to be told are entered here.

        Returns:
            What is new, in the order in which it happened.

        Raises:
            SmartKasaError: Something that does not pass by itself.
        """
        round_ = Round()
        try:
            shops = await self._shops()
        except SmartKasaError as error:
            if is_lasting(error):
                raise
            round_.errors.append(error)
            self._on_error(WatchError(msg("The shops could not be listed: {reason}", reason=error.as_message())))
            return round_
        refuse_clock(self._kasa, accept=self._accept_clock_skew)
        today = earlier_today(self._kasa)
        self._tell_clock()

        async def read_shop(shop: Shop) -> None:
            await self._read_shop(self._begin(shop, checkpoint, today), round_)

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
        if result.error is not None and is_lasting(result.error):
            raise result.error
        self._tell_trouble(reading, result.fault)
        round_.found += reading.found.values()
        if result.error is not None:
            round_.errors.append(result.error)
        else:
            if not result.nameless:
                round_.found += reading.deleted(result.ids)
            round_.whole.append((reading.shop_id, reading.known, window))

    def _tell_clock(self) -> None:
        """Tell a clock that is minutes off once, until it is right."""
        note = skew_note(self._kasa.clock_skew)
        if note and not self._clock_told:
            self._on_error(WatchError(note))
        self._clock_told = note is not None

    def _begin(self, shop: Shop, checkpoint: Checkpoint, today: date) -> _ShopReading:
        known = checkpoint.of_shop(shop, self._start)
        if known is None:
            # It enters the position after it was read whole: what is there until then is noted, not told.
            known = ShopCheckpoint.ending(today, self._days)
            return _ShopReading(shop.id, known, known.window(today, self._days), is_silent=True)
        checkpoint.shops[shop.id] = known
        window = known.window(today, self._days)
        if known.is_ahead(today):
            message = msg(
                "the position was left by a clock that was ahead, on {day}; receipts since {start} are told anew",
                day=known.through,
                start=window.start,
            )
            self._on_error(WatchError(message, shop.id, window))
        return _ShopReading(shop.id, known, window)

    def _tell_trouble(self, reading: _ShopReading, fault: str | None) -> None:
        told = self._unreadable.get(reading.shop_id, set())
        news = tuple(one for one in reading.undecodable if one.key not in told)
        keys = {one.key for one in reading.undecodable}
        self._unreadable[reading.shop_id] = keys if fault is None else told | keys
        reasons = [fault] if fault else []
        if news:
            reasons.append(
                msg(
                    "{count} receipts cannot be decoded, the first because of {reason}",
                    count=len(news),
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
        """Forget what came, as all of it comes anew."""
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
