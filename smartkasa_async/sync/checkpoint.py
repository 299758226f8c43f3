"""Checkpoints of a watch: what was yielded of each shop, and where that is kept between runs."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, Self

import msgspec
from anyio import to_thread

from smartkasa_async._base.model import Instant  # noqa: TC001  (msgspec reads the fields' types)
from smartkasa_async._i18n.external import reason_of
from smartkasa_async._i18n.message import argument, msg
from smartkasa_async._support.files import read_file, replace_file
from smartkasa_async.errors import SmartKasaError
from smartkasa_async.records.days import Window, business_day

if TYPE_CHECKING:
    from collections.abc import Collection

    from smartkasa_async.models import Shop


class CheckpointError(SmartKasaError):
    """The checkpoint of a watch cannot be read or saved, or is something else."""


class CheckpointStore(Protocol):
    """Keeps the checkpoint of one watch; write your own for a database."""

    async def load(self) -> bytes | None:
        """Return what was saved last, or None."""

    async def save(self, content: bytes) -> None:
        """Replace what was saved before; when this returns, the checkpoint must survive a crash."""


class FileCheckpointStore:
    """Keeps a checkpoint in a file that only its owner can read, replaced as a whole.

    Args:
        path: The file; its folder must exist.
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        self._path = Path(path)

    def __repr__(self) -> str:
        return f"FileCheckpointStore({str(self._path)!r})"

    def __str__(self) -> str:
        return str(self._path)

    async def load(self) -> bytes | None:
        """Return what was saved last, or None where there is no file.

        Raises:
            CheckpointError: The file cannot be read.
        """
        try:
            return await to_thread.run_sync(read_file, self._path)
        except FileNotFoundError:
            return None
        except OSError as error:
            message = msg("{file} cannot be read: {reason}", file=self._path, reason=reason_of(error))
            raise CheckpointError(message) from error

    async def save(self, content: bytes) -> None:
        """Replace the file, safely against a crash at any moment.

        Raises:
            CheckpointError: The file cannot be written.
        """
        try:
            await to_thread.run_sync(replace_file, self._path, content)
        except OSError as error:
            message = msg("{file} cannot be written: {reason}", file=self._path, reason=reason_of(error))
            raise CheckpointError(message) from error


class _MemoryCheckpointStore:
    """Keeps nothing beyond the watch itself."""

    async def load(self) -> bytes | None:
        return None

    async def save(self, content: bytes) -> None:
        del content


def open_checkpoint(checkpoint: str | PathLike[str] | CheckpointStore | None) -> CheckpointStore:
    """Return the caller's own store, that of a file, or one that keeps nothing."""
    if checkpoint is None:
        return _MemoryCheckpointStore()
    return FileCheckpointStore(checkpoint) if isinstance(checkpoint, str | PathLike) else checkpoint


_ONE_DAY = timedelta(days=1)
_DAYS_AHEAD = 7
"""Maximum number of business days by which a round advances; it bounds the memory of a round after a long pause."""


class ChangeKind(StrEnum):
    """What became of a receipt."""

    CREATED = "created"
    CHANGED = "changed"
    DELETED = "deleted"


class ShopCheckpoint(msgspec.Struct, forbid_unknown_fields=True):
    """What is known of the receipts of one shop.

    Attributes:
        first: First business day that is known; earlier ones are never read.
        through: Business day on which the shop was last read whole.
        seen: Digests of the receipts that were yielded, by business day and id.
        newest: Last business day of which a receipt was ever listed; None for none.
    """

    first: date
    through: date
    seen: dict[date, dict[str, str]] = {}
    newest: date | None = None

    def __post_init__(self) -> None:
        if self.through < self.first:
            raise ValueError(f"through is {self.through}, before first, which is {self.first}")

    @classmethod
    def ending(cls, today: date, days: int) -> Self:
        """Make the checkpoint of a shop that was just read whole for the first time."""
        return cls(today - (days - 1) * _ONE_DAY, today)

    def window(self, today: date, days: int) -> Window:
        """Choose the business days to read next: the last `days` of them as of the last whole reading, and those since.

        Args:
            today: The present business day.
            days: How many business days a receipt is watched.
        """
        if self.is_ahead(today):
            return Window(min(self.newest or today, today) - (days - 1) * _ONE_DAY, today)
        first = max(self.first, self.through - (days - 1) * _ONE_DAY)
        return Window(min(first, today), min(self.through + _DAYS_AHEAD * _ONE_DAY, today))

    def is_ahead(self, today: date) -> bool:
        """Return whether a clock that was ahead saved this, so that the days since `newest` may not have been read.

        One day ahead is a clock that was set back a little at midnight.
        """
        return self.through > today + _ONE_DAY

    def compare(self, day: date, receipt_id: str, digest: str) -> ChangeKind | None:
        """Return what became of a listed receipt; None for nothing."""
        known = self.seen.get(day, {}).get(receipt_id)
        if known is None:
            return ChangeKind.CREATED
        return None if known == digest else ChangeKind.CHANGED

    def missing(self, window: Window, listed: Collection[object]) -> list[tuple[date, str]]:
        """List the known receipts of a window that are not among the listed ones."""
        return [
            (day, receipt_id)
            for day, digests in self.seen.items()
            if window.start <= day <= window.end
            for receipt_id in digests
            if receipt_id not in listed
        ]

    def note(self, day: date, receipt_id: str, digest: str | None) -> None:
        """Note a receipt that was yielded; None for its digest where it is deleted."""
        if digest is None:
            self.seen[day].pop(receipt_id, None)
        else:
            self.seen.setdefault(day, {})[receipt_id] = digest
            self.newest = day if self.newest is None else max(self.newest, day)

    def advance(self, window: Window) -> None:
        """Note that a window was read whole and yielded, and forget the days before it."""
        self.first, self.through = window.start, window.end
        self.seen = {day: digests for day, digests in self.seen.items() if day >= window.start}


class Checkpoint(msgspec.Struct, forbid_unknown_fields=True):
    """How far a watch has come in all shops.

    Attributes:
        begun_at: When the watch began; of shops that opened later, receipts are yielded from the first on.
        shops: What is known of each shop, by its id.
    """

    begun_at: Instant
    shops: dict[int, ShopCheckpoint] = {}
    kind: Literal["smartkasa-async checkpoint of watch_receipts"] = "smartkasa-async checkpoint of watch_receipts"
    version: Literal[1] = 1

    @classmethod
    def decode(cls, content: bytes, name: str) -> Self:
        """Read what was kept.

        Raises:
            CheckpointError: It is no checkpoint, or not a whole one.
        """
        try:
            return msgspec.json.decode(content, type=cls)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            message = msg(
                "{name} does not hold a whole checkpoint of {watch} ({reason}): give the right one, put a copy"
                " back, or delete it to watch from now on",
                name=name,
                watch=argument("watch_receipts"),
                reason=error,
            )
            raise CheckpointError(message) from error

    def encode(self) -> bytes:
        """Write the checkpoint for a `CheckpointStore`."""
        return msgspec.json.encode(self)

    def of_shop(self, shop: Shop, start: date | None) -> ShopCheckpoint | None:
        """Return what is known of a shop, or where to begin; None to begin after the present receipts.

        Args:
            shop: The shop.
            start: First business day to yield of shops that are not known yet.
        """
        known = self.shops.get(shop.id)
        if known is not None:
            return known
        first = start or (business_day(made) if (made := shop.created_at) and made >= self.begun_at else None)
        return None if first is None else ShopCheckpoint(first, first)

    def enter(self, shop_id: int, known: ShopCheckpoint, window: Window) -> bool:
        """Note that a window of a shop was read whole and yielded.

        Returns:
            Whether the checkpoint differs from before.
        """
        is_news = self.shops.get(shop_id) is not known or Window(known.first, known.through) != window
        self.shops[shop_id] = known
        known.advance(window)
        return is_news
