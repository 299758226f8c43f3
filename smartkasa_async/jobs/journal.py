"""What a job writes down so that it can resume after anything, whatever the journal is kept in.

A row is written down before it is sent and again when its answer has come. So a row that a killed job left as
`CREATING` or `UPDATING` may have been sent, and every other row is as its state shows.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Protocol

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence


class RowState(IntEnum):
    """How far a row has come; the numbers stand in journals and never change."""

    CREATING = 1
    """A create may have been sent."""
    CREATED = 2
    """The service has its new item."""
    UPDATING = 3
    """An update may have been sent."""
    UPDATED = 4
    """The service has its changes."""
    DONE = 5
    """Nothing was to be sent: the item was as in the row, or the row was not to be sent."""
    REJECTED = 6
    """The row was not carried out."""
    IN_DOUBT = 7
    """A row was sent, and reading back could not determine its outcome; where the job was stopped, it may still be
    carried out."""


class KnownItem(msgspec.Struct, frozen=True, gc=False):
    """An item that the service has, as it was read at the start of a run.

    Attributes:
        key: Its key, or what stands for it where it has none.
        id: Its id.
        fields: What it holds, in a form of the job's own.
    """

    key: str
    id: str
    fields: bytes


class KeyStatus(msgspec.Struct, frozen=True, gc=False):
    """What a journal knows of one key.

    Attributes:
        row_id: Id of the key's row in the journal; None where it has none yet.
        line: Line of the row that has the key in this run; None where no row has had it in this run.
        state: How far the key's row has come, in this run or an earlier one; None where the key is new.
        item_id: Id of the item that an earlier run made or changed.
        known: The service's items with this key.
        digest: Digest of its contents; None where none was written down.
    """

    row_id: int | None
    line: int | None
    state: RowState | None
    item_id: str | None
    known: tuple[KnownItem, ...]
    digest: str | None = None


class Entry(msgspec.Struct, frozen=True, gc=False):
    """A row to write down.

    Attributes:
        key: Its key.
        line: Its line; None for a row that was rejected by a check, whose key is only noted.
        state: How far it has come.
        item_id: Id of its item, as far as it is known.
        row_id: Id of the key's row in the journal; None where it has none yet.
        digest: Digest of its contents, where that matters.
    """

    key: str
    line: int | None
    state: RowState
    item_id: str | None = None
    row_id: int | None = None
    digest: str | None = None


class Result(msgspec.Struct, frozen=True, gc=False):
    """What became of a row that was written down before.

    Attributes:
        row_id: Its id in the journal.
        state: How far it has come.
        item_id: Id of its item, as far as it is known.
    """

    row_id: int
    state: RowState
    item_id: str | None


class Journal(Protocol):
    """Keeps the state of a job. Every call is carried out whole or not at all, and one job uses it at a time.

    What cannot be kept raises `JournalError`; the job then stops, and can be resumed later.
    """

    async def begin(self, key: str) -> bool:
        """Begin a run: of a new job where the last one was finished, else the next run of the unfinished one.

        Args:
            key: What rows are known by; the name of a field.

        Returns:
            Whether the service may still carry out requests of the run before, or not list yet what they did: where
            that run did not end well, or left rows in doubt.

        Raises:
            JournalError: The journal belongs to a job by another key, or to another program.
        """

    async def note_source(self, digest: str) -> str | None:
        """Keep the digest of this run's source.

        Returns:
            The digest of the last run's source, where that job is unfinished; None otherwise.
        """

    async def forget_known(self) -> None:
        """Drop the known items, before they are read anew."""

    async def add_known(self, items: Sequence[KnownItem]) -> None:
        """Keep known items."""

    async def count_known(self) -> int:
        """Count the known items."""

    async def look_up(self, keys: Sequence[str]) -> list[KeyStatus]:
        """Return what is known of some keys, in their order."""

    async def find_known(self, ids: Sequence[str]) -> list[KnownItem]:
        """Find known items by their ids; those that are not there are left out."""

    async def enter(self, entries: Sequence[Entry]) -> list[int]:
        """Write rows down, each key once; returns their ids in the journal."""

    async def record(self, results: Sequence[Result]) -> None:
        """Write down what became of rows."""

    async def defer(self, tasks: Sequence[bytes]) -> None:
        """Keep tasks for later in this run."""

    async def take_deferred(self, count: int) -> list[bytes]:
        """Remove and return deferred tasks, first in first out, `count` at most."""

    async def note_side_writes(self, *, pending: bool) -> None:
        """Write down that something that rows depend on is about to be created, or that its answer has come."""

    async def missing(self, after: int, count: int) -> list[tuple[int, KnownItem]]:
        """List known items whose key no row of this run has.

        Args:
            after: Position to continue from; 0 for the beginning.
            count: Maximum number of items.

        Returns:
            The items with their positions, in the order of these.
        """

    async def count_missing(self) -> int:
        """Count what `missing` lists in all."""

    async def finish(self) -> None:
        """Write down that all rows have their outcome; the next run is a new job."""

    async def close(self) -> None:
        """Close what the journal is kept in."""
