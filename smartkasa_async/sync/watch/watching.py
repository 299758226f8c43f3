"""`watch_receipts`: receipts as they are created and changed, told again and again until they were taken."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from anyio import move_on_after, sleep

from smartkasa_async._i18n.message import argument, msg
from smartkasa_async._support import clock as _clock
from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.records.days import Window, today
from smartkasa_async.sync.watch.checkpoint import Checkpoint
from smartkasa_async.sync.watch.checkpoint_store import open_keeper
from smartkasa_async.sync.watch.round import RoundReader
from smartkasa_async.sync.watch.rules import jittered, next_pause

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncGenerator, Callable, Iterable
    from datetime import date

    from smartkasa_async.client import SmartKasa
    from smartkasa_async.sync.watch.changes import ReceiptChange, WatchError
    from smartkasa_async.sync.watch.checkpoint_store import CheckpointStore

_CHANGES_PER_SAVE = 50
_LONGEST_LAST_SAVE = 10.0


def watch_receipts(
    kasa: SmartKasa,
    *,
    checkpoint: str | os.PathLike[str] | CheckpointStore | None,
    shops: Iterable[int] | None = None,
    start: date | None = None,
    days: int = 3,
    interval: float = 5.0,
    max_interval: float = 60.0,
    concurrency: int = 4,
    accept_clock_skew: bool = False,
    on_error: Callable[[WatchError], None] | None = None,
) -> AsyncGenerator[ReceiptChange, None]:
    """Give receipts as they are created, changed and deleted, without an end, each change at least once.

    The service has no notices, so the last business days of each shop are read in rounds and compared with what was
    told before: state, payments, fiscal number and all else. A change counts as told when the next one is asked for;
    those after the last saved position are told again after a crash, so take them by `receipt_id`. After a pause of any
    length the watch goes on from where it was. What cannot be read is read again in the next round, whatever else
    happens.

    Leave it with `aclose`, for example through `contextlib.aclosing`; the next watch then begins with the change that
    was given last.

    Args:
        kasa: The client.
        checkpoint: Path of the file that keeps what was told, or a keeper of one's own, for one watch at a time; None
            to forget it at the end.
        shops: Ids of the shops; None for all of the account, with those that open later.
        start: First business day, in Europe/Kyiv, to be told of shops that the position does not know; None to begin
            with what comes after the first whole reading.
        days: How many business days a receipt is watched, the one on which it was created included: with 3, for two
            whole days at least, longer than the 36 hours on end that a register may be offline. Changes after that are
            not noticed, nor are receipts that come later than that.
        interval: Seconds between rounds while changes come; it grows while there are none, and varies by a fifth.
        max_interval: Most seconds between rounds, but where the service asks for more.
        concurrency: Most shops read at once, and most pages of one shop.
        accept_clock_skew: Whether to go on where this machine's clock and the service's are more than an hour apart, by
            the one that is behind.
        on_error: Called with what could not be read, in each round; it must not block.

    Returns:
        An async generator of changes, in each round in the order of creation and change; receipts that are gone come
        last.

    Raises:
        InvalidRequestError: An argument has a value that it cannot have.

    The generator itself raises:
        CheckpointError: The position cannot be read or saved, or is something else.
        InvalidRequestError: A shop is not the account's.
        ClockSkewError: The clocks are more than an hour apart, and that was not accepted.
        SmartKasaError: What does not pass by itself: refused credentials, missing rights, a wrong setting.

    API: `GET /api/v1/pos/receipts`
    """
    for name, number in (("days", days), ("concurrency", concurrency)):
        if type(number) is not int or number < 1:
            raise InvalidRequestError(
                msg("{field} is {value!r}; give a whole number from 1", field=argument(name), value=number),
                field=name,
            )
    if not 0 < interval <= max_interval:
        raise InvalidRequestError(
            msg(
                "{field} is {interval!r} and {most} {max_interval!r}; give seconds above 0, and {most} not below",
                field=argument("interval"),
                most=argument("max_interval"),
                interval=interval,
                max_interval=max_interval,
            ),
            field="interval",
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
        shops=None if shops is None else frozenset(shops),
        start=start,
        days=days,
        concurrency=concurrency,
        accept_clock_skew=accept_clock_skew,
        on_error=on_error or (lambda _: None),
    )
    return _changes(reader, open_keeper(checkpoint), interval, max_interval)


async def _changes(
    reader: RoundReader, keeper: CheckpointStore, interval: float, max_interval: float
) -> AsyncGenerator[ReceiptChange, None]:
    content = await keeper.load()
    checkpoint = Checkpoint(_clock.now()) if content is None else Checkpoint.decode(content, repr(keeper))
    checkpoint.begun_at = min(checkpoint.begun_at, _clock.now())  # a clock may have been ahead
    saver = _Saver(keeper, checkpoint)
    if content is None:
        await saver.changed(1)  # so that shops which open from now on are known for new ones
    pause = 0.0
    try:
        while True:
            round_ = await reader.read(checkpoint)
            for found in round_.found:
                yield found.change
                # The next change is asked for, so this one was taken.
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
    """Saves a position when enough of it has changed."""

    def __init__(self, keeper: CheckpointStore, checkpoint: Checkpoint) -> None:
        self._keeper = keeper
        self._position = checkpoint
        self._changes = 0

    async def changed(self, changes: int, *, of: int = 1) -> None:
        """Count changes, and save if there are so many since the last time."""
        self._changes += changes
        if self._changes >= of:
            await self._keeper.save(self._position.encode())
            self._changes = 0
