"""What an import or a push writes down so that it can go on after anything, whatever the journal is kept in.

A row is written down before it is sent and again when its answer has come. So a row that a killed import left as
`CREATING` or `UPDATING` is known to have been on its way, and all others are known to be where their state says.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


class RowState(IntEnum):
    """How far a row has come; the numbers stand in journals and never change."""

    CREATING = 1
    """A create may be on its way."""
    CREATED = 2
    """The service has its new product."""
    UPDATING = 3
    """An update may be on its way."""
    UPDATED = 4
    """The service has its changes."""
    DONE = 5
    """Nothing was to be sent: the product was as the row says, or the row was not to be carried out."""
    REJECTED = 6
    """The row was not carried out."""
    IN_DOUBT = 7
    """A row was sent, and read-back could not tell what became of it; where the import was stopped, it may be on its
    way still."""


class KnownProduct(NamedTuple):
    """A product of the service's catalogue, as it was read at the start of a run.

    Attributes:
        key: Its key; see `smartkasa_async.catalog.sending.catalogue` for products without one.
        id: Its id.
        fields: What it holds, in a form of the catalogue's own.
    """

    key: str
    id: str
    fields: bytes


class KeyStatus(NamedTuple):
    """What a journal knows of one key.

    Attributes:
        place: Where the key stands in the journal; None where it does not yet.
        line: Line of the row that has the key in this run; None where no row has had it in this run.
        state: How far the key's row has come, in this run or an earlier one; None where the key is new.
        product_id: Id of the product that an earlier part of the import made or changed.
        known: The service's products with this key.
        digest: What its contents were known by; None where they were not written down.
    """

    place: int | None
    line: int | None
    state: RowState | None
    product_id: str | None
    known: tuple[KnownProduct, ...]
    digest: str | None = None


class Entry(NamedTuple):
    """A row to write down.

    Attributes:
        key: Its key.
        line: Its line; None for a row that was rejected by a check, whose key is only noted.
        state: How far it has come.
        product_id: Id of its product, as far as it is known.
        place: Where the key stands in the journal; None where it does not yet.
        digest: What its contents are known by, where that matters.
    """

    key: str
    line: int | None
    state: RowState
    product_id: str | None = None
    place: int | None = None
    digest: str | None = None


class Result(NamedTuple):
    """What became of a row that was written down before.

    Attributes:
        place: Where it stands in the journal.
        state: How far it has come.
        product_id: Id of its product, as far as it is known.
    """

    place: int
    state: RowState
    product_id: str | None


class Journal(Protocol):
    """Keeps what an import knows. Every call is carried out whole or not at all, and one import uses it at a time.

    What cannot be kept raises `JournalError`; the import then stops, and goes on later.
    """

    async def begin(self, key: str) -> bool:
        """Begin a run: a new import where the last one was finished, else the next part of the one that was not.

        Args:
            key: What rows are known by; the name of a field.

        Returns:
            Whether the service may still carry out requests of the run before, or not list yet what that did: so where
            it did not end well, and where rows of it stayed in doubt.

        Raises:
            JournalError: The journal belongs to an import by another key, or to a program that is not this one.
        """

    async def note_source(self, digest: str) -> str | None:
        """Keep what the contents of this run's source are known by.

        Returns:
            What those of the last run were known by, where that one has not ended; None otherwise.
        """

    async def forget_known(self) -> None:
        """Drop the catalogue, before it is read anew."""

    async def add_known(self, products: Sequence[KnownProduct]) -> None:
        """Keep a part of the catalogue."""

    async def count_known(self) -> int:
        """Count the products of the catalogue."""

    async def look_up(self, keys: Sequence[str]) -> list[KeyStatus]:
        """Tell what is known of some keys, in their order."""

    async def find_known(self, ids: Sequence[str]) -> list[KnownProduct]:
        """Find products of the catalogue by their ids; those that are not there are left out."""

    async def enter(self, entries: Sequence[Entry]) -> list[int]:
        """Write rows down, each key once; returns their places."""

    async def record(self, results: Sequence[Result]) -> None:
        """Write down what became of rows."""

    async def defer(self, tasks: Sequence[bytes]) -> None:
        """Keep what is to be looked at later in this run."""

    async def take_aside(self, count: int) -> list[bytes]:
        """Give back what was put aside, first in first out, `count` at most; it is no longer kept then."""

    async def note_categories(self, *, on_their_way: bool) -> None:
        """Write down that categories are about to be created, or that their answer has come."""

    async def missing(self, after: int, count: int) -> list[tuple[int, KnownProduct]]:
        """List products of the catalogue whose key no row of this run has.

        Args:
            after: Position to go on from; 0 for the beginning.
            count: Most products to list.

        Returns:
            The products with their positions, in the order of these.
        """

    async def count_missing(self) -> int:
        """Count what `missing` lists in all."""

    async def finish(self) -> None:
        """Write down that all rows have their outcome; the next run is a new import."""

    async def close(self) -> None:
        """Let go of what the journal is kept in."""
