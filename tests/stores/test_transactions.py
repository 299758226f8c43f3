from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import anyio
import anyio.lowlevel
import asyncpg  # type: ignore[import-untyped]
import pytest
from sqlalchemy import func, insert, select, text

from smartkasa_async.records.batch import RecordKind
from smartkasa_async.records.days import Window
from smartkasa_async.records.synced_days import SyncedRange
from smartkasa_async.stores import StoreError, StoreUnreachableError, open_store
from smartkasa_async.stores.schema import PAYMENTS, RECEIPTS, SHOPS
from tests.support.processes import LONGEST
from tests.support.stored import SHIFT, SHOP, Z_REPORT, batch, line, receipts, rows

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncConnection

    from smartkasa_async.stores import Store

NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)


async def count(connection: AsyncConnection) -> int:
    return await connection.scalar(select(func.count()).select_from(RECEIPTS)) or 0


async def test_writers_take_turns(store: Store) -> None:
    async with anyio.create_task_group() as group:
        for n in range(20):
            group.start_soon(store.write, receipts({"id": f"r{n}"}))
    assert len(await rows(store, RECEIPTS)) == 20


async def test_a_cancelled_writer_leaves_a_page_whole_and_the_store_usable(store: Store) -> None:
    page = receipts(*({"id": f"r{n}"} for n in range(200)))
    async with anyio.create_task_group() as group:
        group.start_soon(store.write, page)
        await anyio.lowlevel.checkpoint()
        group.cancel_scope.cancel()

    assert len(await rows(store, RECEIPTS)) in {0, 200}
    await store.write(page)
    assert len(await rows(store, RECEIPTS)) == 200
    assert len(await rows(store, PAYMENTS)) == 200


async def test_a_writer_that_asyncio_cancels_leaves_no_lock(store: Store) -> None:
    page = receipts(*({"id": f"r{n}"} for n in range(50)))
    for turns in range(40):
        writer = asyncio.ensure_future(store.write(page))
        for _ in range(turns):
            await anyio.lowlevel.checkpoint()
        writer.cancel()
        with suppress(asyncio.CancelledError):
            await writer
        with anyio.fail_after(25):  # a lock that nobody gives back is waited for half a minute
            await store.write(receipts({"id": "after"}))


async def test_a_reader_sees_one_moment_while_others_write(store: Store) -> None:
    await store.write(receipts({"id": "r0"}))
    async with store.reading() as connection:
        before = await count(connection)
        with anyio.fail_after(LONGEST):  # writers do not wait for readers
            await store.write(receipts({"id": "r1"}))
        assert (before, await count(connection)) == (1, 1)
    async with store.reading() as connection:
        assert await count(connection) == 2


async def test_a_cancelled_reader_gives_its_connection_back(store: Store) -> None:
    for _ in range(20):  # more than the pool has
        with anyio.CancelScope() as scope:
            async with store.reading() as connection:
                await count(connection)
                scope.cancel()
                await anyio.lowlevel.checkpoint()
    assert await store.shop_titles() == {}


async def test_a_reader_cannot_write_in_postgresql(cleared_postgresql: str) -> None:
    async with open_store(cleared_postgresql) as store:
        with pytest.raises(StoreError, match="read-only"):
            async with store.reading() as connection:
                await connection.execute(insert(SHOPS), [{"id": 1}])


async def test_a_query_that_fails_is_an_error_of_the_store(store: Store) -> None:
    with pytest.raises(StoreError, match="no_such_table"):
        async with store.reading() as connection:
            await connection.execute(text("SELECT 1 FROM no_such_table"))


async def test_two_processes_may_write_the_same_receipts(new_store_address: str) -> None:
    """Two stores over one database are as two processes: neither knows of the other's turn."""
    async with open_store(new_store_address) as one, open_store(new_store_address) as other:
        async with anyio.create_task_group() as group:
            for n in range(12):
                ids = range(20) if n % 2 else reversed(range(20))
                changes = {"updated_at": f"2021-07-07T09:00:{n:02}.000+00:00", "items": [line(id=f"i{n}")] * n}
                group.start_soon((one if n % 2 else other).write, receipts(*({"id": f"r{m}"} | changes for m in ids)))
        async with one.reading() as connection:
            kept = await connection.execute(
                text("SELECT count(*), min(id), max(id) FROM receipt_items GROUP BY receipt_id")
            )
            assert [tuple(row) for row in kept] == [(11, "i11", "i11")] * 20


async def test_two_processes_may_write_the_same_shifts(cleared_postgresql: str) -> None:
    shifts = [SHIFT | {"id": f"s{n:02}"} for n in range(60)]
    reports = [Z_REPORT | {"id": n, "shift": shift} for n, shift in enumerate(shifts)]
    pages = [
        batch(RecordKind.SHIFTS, *shifts),
        batch(RecordKind.SHIFTS, *reversed(shifts)),
        batch(RecordKind.Z_REPORTS, *reports),
        batch(RecordKind.Z_REPORTS, *reversed(reports)),
    ]
    async with (
        open_store(cleared_postgresql) as one,
        open_store(cleared_postgresql) as other,
        anyio.create_task_group() as group,
    ):
        for n in range(24):
            group.start_soon((one if n % 2 else other).write, pages[n % 4])


async def test_two_processes_may_cover_the_same_shop(new_store_address: str) -> None:
    window = Window(date(2026, 10, 1), date(2026, 10, 14))
    async with open_store(new_store_address) as one, open_store(new_store_address) as other:
        async with anyio.create_task_group() as group:
            for n, day in enumerate(window.split(1)):
                group.start_soon((one if n % 2 else other).mark_synced, RecordKind.RECEIPTS, 13, SyncedRange(day, NOW))
        assert await one.synced_ranges(RecordKind.RECEIPTS, 13) == [SyncedRange(window, NOW)]


async def test_a_store_in_memory_has_readers_and_writers() -> None:
    async with open_store("sqlite+aiosqlite://") as store, anyio.create_task_group() as group:
        for n in range(5):
            group.start_soon(store.write, batch(RecordKind.SHOPS, SHOP | {"id": n}))
            group.start_soon(store.shop_titles)


async def test_an_error_of_the_callers_own_stays_as_it_is(store: Store) -> None:
    with pytest.raises(BrokenPipeError):
        async with store.reading():
            raise BrokenPipeError


class OutdatedError(Exception):
    """Another process does this account's work now."""


async def test_a_fence_lets_nothing_be_written_that_it_forbids(store_address: str) -> None:
    seen: list[int | None] = []

    def fence(connection: Connection) -> None:
        seen.append(connection.scalar(select(func.count()).select_from(SHOPS)))
        if seen[-1] == 2:
            raise OutdatedError

    async with open_store(store_address, fence=fence) as store:
        await store.write(batch(RecordKind.SHOPS, SHOP))
        with pytest.raises(OutdatedError):
            await store.write(batch(RecordKind.SHOPS, SHOP | {"id": 2}))
        assert [*await store.shop_titles()] == [SHOP["id"]]
        await store.note_read(RecordKind.SHIFTS, datetime(2026, 10, 1, tzinfo=UTC))
    assert seen == [0, 1, 2, 1], "of each transaction that writes, the one that makes the tables included"


async def test_a_connection_that_is_lost_in_the_midst_of_a_statement_is_a_server_that_is_not_reached(
    store: Store,
) -> None:
    # What asyncpg raises then; SQLAlchemy lets it through.
    lost = asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress")

    def work(_: Connection) -> None:
        raise lost

    with pytest.raises(StoreUnreachableError, match="cannot switch to state 12"):
        await store.transact(work)
    with pytest.raises(StoreUnreachableError, match="cannot switch to state 12"):
        async with store.reading():
            raise lost
