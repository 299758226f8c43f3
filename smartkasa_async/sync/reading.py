"""Reading one list of the service whole, page by page, into a store."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache, partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import anyio

from smartkasa_async._base.decoding import RawRecords, UnreadableJsonError, decode, id_of
from smartkasa_async._i18n.message import msg
from smartkasa_async.errors import (
    ApiError,
    PaginationError,
    SmartKasaError,
    TransportError,
    UnauthorizedError,
    UnreadableAnswerError,
)
from smartkasa_async.jobs.concurrency import run_concurrently
from smartkasa_async.models import CountMeta, PageMeta  # noqa: TC001 msgspec looks the names up
from smartkasa_async.pagination import warn_if_clamped
from smartkasa_async.records.batch import Batch, Undecodable, quarantine_key
from smartkasa_async.retry import TRANSIENT
from smartkasa_async.sync.completeness import ReadingCheck

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Container, Iterator, Mapping, Sequence

    import msgspec

    from smartkasa_async._base.operation import ListAnswer
    from smartkasa_async.client import SmartKasa
    from smartkasa_async.operations import Operation
    from smartkasa_async.records.batch import KeptRecords, RecordKind
    from smartkasa_async.sync.completeness import RecordId


RecordT = TypeVar("RecordT")


@dataclass(frozen=True, slots=True)
class Decoded(Generic[RecordT]):
    """The records of one page.

    Attributes:
        ids: Ids of all records of the page, in its order; a digest stands for an id that cannot be read.
        fresh: Those that were not known.
        records: The records that were not known and belong to the list.
        raw: The JSON of each of them.
        undecodable: Those that were not known and could not be decoded.
        strays: How many do not belong to the list.
        nameless: Whether a record's id cannot be read.
    """

    ids: list[RecordId]
    fresh: set[RecordId]
    records: list[RecordT]
    raw: list[bytes]
    undecodable: list[Undecodable]
    strays: int
    nameless: bool


def decode_records(
    page: Sequence[msgspec.Raw],
    struct: type[RecordT],
    *,
    known: Container[RecordId] = frozenset(),
    belongs: Callable[[RecordT], bool] | None = None,
    shop_id: int | None = None,
) -> Decoded[RecordT]:
    """Decode the records of a page, each on its own.

    Args:
        page: The JSON of each record.
        struct: Their struct, which has an `id`.
        known: Ids that came before; their records are left out.
        belongs: Returns whether a record belongs to what was asked for; None where all do.
        shop_id: Id of the shop that the list is of; None for the whole account.
    """
    ids: list[RecordId] = []
    records: list[RecordT] = []
    raws: list[bytes] = []
    undecodable: list[Undecodable] = []
    fresh: set[RecordId] = set()
    strays = 0
    nameless = False
    for raw in page:
        found = decode_record(raw, struct, shop_id)
        if isinstance(found, Undecodable):
            name = id_of(raw)
            nameless |= name is None
            id_ = found.key if name is None else name
        else:
            id_ = found.id
        ids.append(id_)
        if id_ in known or id_ in fresh:
            continue
        fresh.add(id_)
        if isinstance(found, Undecodable):
            undecodable.append(found)
        elif belongs is not None and not belongs(found):
            strays += 1
        else:
            records.append(found)
            raws.append(bytes(raw))
    return Decoded(ids, fresh, records, raws, undecodable, strays, nameless)


def decode_record(raw: msgspec.Raw, struct: type[RecordT], shop_id: int | None) -> Any | Undecodable:
    """Decode one record, or return why it cannot be decoded."""
    try:
        return decode(raw, struct)
    except UnreadableJsonError as error:
        content, name = bytes(raw), id_of(raw)
        reason = error.reason
        if error.path != "$":
            reason = msg("{reason} - at `{path}`", reason=error.reason, path=error.path)
        key = sha256(content).hexdigest() if name is None else quarantine_key(name)
        return Undecodable(key, content, reason, shop_id)


AnswerT = TypeVar("AnswerT")

READING_FAILED = (ApiError, PaginationError, TransportError, UnreadableAnswerError)
"""What can go wrong with one list while others can still be read; an `UnauthorizedError` among them ends all."""

MAY_PASS = (*TRANSIENT, UnreadableAnswerError)
"""What may be otherwise the next time; a proxy that fails can cut an answer short, or put a page of its own there."""

_MOST_READINGS = 3


class _RawPage(RawRecords):
    meta: PageMeta


class _RawList(RawRecords):
    meta: CountMeta


@dataclass(frozen=True)
class Listing(Generic[RecordT]):
    """A list of the service, and what is expected of its records.

    Attributes:
        kind: What the records are.
        operation: The list operation.
        record: Struct of a record, which has an `id`.
        query: Query parameters by their wire names, without `page`.
        shop_id: Id of the shop that the list is of; None for the whole account.
        belongs: Returns whether a record belongs to what was asked for; None where nothing is asked for.
    """

    kind: RecordKind
    operation: Operation[ListAnswer[RecordT]]
    record: type[RecordT]
    query: Mapping[str, object] = field(default_factory=dict)
    shop_id: int | None = None
    belongs: Callable[[RecordT], bool] | None = None


@dataclass
class Reading:
    """What reading a list brought.

    Attributes:
        ids: Ids of all records that came, those that could not be decoded included.
        read: How many records were decoded and kept.
        undecodable: How many could not be decoded, or not be kept.
        nameless: Whether a record came whose id cannot be read, so that it may be any.
        error: Why the list is not whole; None where every record came.
    """

    ids: set[RecordId] = field(default_factory=set)
    read: int = 0
    undecodable: int = 0
    nameless: bool = False
    error: SmartKasaError | None = None

    @property
    def reason(self) -> str | None:
        """Why the list is not whole, in words; None where every record came."""
        return None if self.error is None else self.error.as_message()

    @property
    def error_name(self) -> str | None:
        """The class of the error; a report keeps that alone, since an error holds what its traceback holds."""
        return None if self.error is None else type(self.error).__name__


class Permits:
    """Bound what several lists hold in memory at once.

    Attributes:
        pages: One for each page, from its request until it is written.
        decoded: One for each page that is decoded, until it is written. There are two, so that one is decoded while
            another is written; the others wait as they came, which takes a part of the memory of their records.
    """

    def __init__(self, pages: int) -> None:
        self.pages: anyio.Semaphore = anyio.Semaphore(pages)
        self.decoded: anyio.Semaphore = anyio.Semaphore(2)


async def read_whole(
    kasa: SmartKasa,
    listing: Listing[RecordT],
    write: Callable[[Batch[RecordT]], Awaitable[Sequence[Undecodable] | None]],
    *,
    concurrency: int,
    permits: Permits | None = None,
    on_restart: Callable[[], None] | None = None,
) -> Reading:
    """Read a list until every record came that the service counts, at most three times over.

    The first page is read once more after all others, which are read concurrently. Each record is written once, however
    often it comes; when more came than the service counts, everything is collected and written from the beginning.

    Args:
        kasa: The client.
        listing: What to read.
        write: Keeps the new records of a page for good, as a `Sink` does; what it raises is raised.
        concurrency: Maximum number of concurrent pages.
        permits: Shared by several lists.
        on_restart: Called when the collection restarts, and what was written before no longer counts.

    Returns:
        What came, and whether it is all; a call that failed stands there as well.

    Raises:
        InvalidRequestError: The listing's query, or the concurrency, cannot be used.
        SessionError: There is no session and none can be made, so that no other list could be read either.
        UnauthorizedError: The service accepts the session no longer, likewise.
    """
    reader = _Reader(kasa, listing, write, concurrency, permits or Permits(max(1, concurrency)))
    for attempt in range(_MOST_READINGS):
        if reader.check.begin():
            reader.reading = Reading(reader.check.ids)
            if on_restart is not None:
                on_restart()
        try:
            await reader.read(warn=attempt == 0)
        except _ReadingFailedError as failure:
            reader.reading.error = failure.error
            if not isinstance(failure.error, MAY_PASS):
                break
        else:
            reader.reading.error = error = reader.check.error()
            if error is None:
                break
            error.operation = listing.operation.id
    return reader.reading


class _ReadingFailedError(Exception):
    """A list could not be read to its end; apart from what a store raises, which ends the run."""

    def __init__(self, error: SmartKasaError) -> None:
        super().__init__(str(error))
        self.error = error


@dataclass
class _Reader(Generic[RecordT]):
    """Reads one list, up to three times."""

    kasa: SmartKasa
    listing: Listing[RecordT]
    write: Callable[[Batch[RecordT]], Awaitable[Sequence[Undecodable] | None]]
    concurrency: int
    permits: Permits

    def __post_init__(self) -> None:
        self.check = ReadingCheck()
        self.reading = Reading(self.check.ids)
        self._next = 2

    async def read(self, *, warn: bool) -> None:
        """Read all pages once, and the first one twice where there are others."""
        if self.listing.operation.pages == "whole":
            async with self.permits.pages:
                answer = await self._fetch(_raw_operation(self.listing.operation, _RawList), {})
                await self._keep(answer.data, partial(self.check.take_whole, answer.meta))
            return
        await self._read_page(1, warn=warn)
        if self.check.last > 1:
            self._next = 2
            while self._next <= self.check.last:
                await run_concurrently(self._read_page, self._numbers(), concurrency=self.concurrency)
            await self._read_page(1)

    def _numbers(self) -> Iterator[int]:
        while self._next <= self.check.last:
            self._next += 1
            yield self._next - 1

    async def _read_page(self, number: int, *, warn: bool = False) -> None:
        async with self.permits.pages:
            query = {"page": number} if number > 1 else {}
            floor = self.check.peak
            answer = await self._fetch(_raw_operation(self.listing.operation, _RawPage), query)
            if warn:
                warn_if_clamped(self.listing.query, answer.meta)
            await self._keep(answer.data, partial(self.check.take, number, answer.meta, floor=floor))

    async def _fetch(self, operation: Operation[AnswerT], query: Mapping[str, object]) -> AnswerT:
        try:
            return await self.kasa.call(operation, query={**self.listing.query, **query})
        except UnauthorizedError:
            raise
        except READING_FAILED as error:
            raise _ReadingFailedError(error) from error

    async def _keep(self, page: list[msgspec.Raw], take: Callable[[list[RecordId]], None]) -> None:
        """Check a page and write what is new of it."""
        async with self.permits.decoded:
            await self._decode_and_write(page, take)

    async def _decode_and_write(self, page: list[msgspec.Raw], take: Callable[[list[RecordId]], None]) -> None:
        listing, reading = self.listing, self.reading
        found = decode_records(
            page, listing.record, known=self.check.ids, belongs=listing.belongs, shop_id=listing.shop_id
        )
        page.clear()  # the answer's body is let go, while the records wait for their turn
        try:
            take(found.ids)
        except PaginationError as error:
            error.operation = listing.operation.id
            raise _ReadingFailedError(error) from error
        unfit: Sequence[Undecodable] = ()
        if found.records or found.undecodable:
            try:
                unfit = await self.write(Batch(listing.kind, found.records, found.raw, found.undecodable)) or ()
            except BaseException:
                # Another page failed and this one was cancelled, perhaps: a later reading has to write it.
                self.check.forget(found.fresh)
                raise
        reading.read += len(found.records) - len(unfit)
        reading.undecodable += len(found.undecodable) + len(unfit)
        reading.nameless |= found.nameless
        if found.strays:
            raise _ReadingFailedError(_filter_ignored(listing, found.strays, len(found.ids)))


async def read_first_page(kasa: SmartKasa, listing: Listing[RecordT]) -> tuple[Decoded[RecordT], int]:
    """Read the first page of a list, and how many records the service counts in all.

    Raises:
        SmartKasaError: It cannot be read.
    """
    answer = await kasa.call(_raw_operation(listing.operation, _RawPage), query=listing.query)
    found = decode_records(answer.data, listing.record, belongs=listing.belongs, shop_id=listing.shop_id)
    return found, answer.meta.total_count


def _filter_ignored(listing: Listing[Any], strays: int, of: int) -> SmartKasaError:
    asked = ", ".join(f"{name} {value}" for name, value in listing.query.items() if name != "per_page")
    return SmartKasaError(
        msg(
            "{count} of {total} records of a page lie outside {asked}: the service does not filter as asked",
            count=strays,
            total=of,
            asked=asked,
        ),
        operation=listing.operation.id,
    )


@cache
def _raw_operation(operation: Operation[Any], response: type[AnswerT]) -> Operation[AnswerT]:
    """Make the operation that leaves the records undecoded."""
    return replace(operation, response=response)


async def is_unchanged(kasa: SmartKasa, listing: Listing[Any], kept: KeptRecords) -> bool:
    """Return whether a list is as it was kept, by its first page; False where that cannot be read."""
    try:
        found, count = await read_first_page(kasa, listing)
    except READING_FAILED:
        return False
    return agrees(found, count, kept)


def agrees(found: Decoded[Any], count: int, kept: KeptRecords) -> bool:
    """Return whether a first page, and the count that came with it, are what is kept.

    The list cannot be sorted by changes, so of one with more pages than one the count and the newest records are
    compared; of one that fits on its first page, each record.

    Args:
        found: The records of the page.
        count: How many records the service counts in all.
        kept: What is kept.
    """
    ids = set(map(str, found.ids))
    if found.nameless or found.strays or not ids <= kept.versions.keys() | set(kept.others):
        return False
    if not len(kept.versions) <= count <= len(kept.versions) + len(kept.others):
        return False
    if len(ids) == count and not kept.versions.keys() <= ids:
        return False
    return not any(_is_newer(record, kept) for record in found.records)


def _is_newer(record: Any, kept: KeptRecords) -> bool:
    version = kept.versions.get(str(record.id))
    return version is not None and record.updated_at > version
