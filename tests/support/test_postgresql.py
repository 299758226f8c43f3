"""What a test leaves in the shared store of PostgreSQL does not reach the next one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.postgresql import execute

if TYPE_CHECKING:
    from tests.support.postgresql import StoreDatabase


async def _days(address: str) -> int:
    return len(await execute(address, "SELECT * FROM synced_days"))


async def test_rows_are_deleted_and_the_tables_stay(store_database: StoreDatabase) -> None:
    address = await store_database.cleared()
    before = await store_database.shape()
    await execute(
        address,
        "INSERT INTO synced_days (account_id, kind, shop_id, first_day, last_day, read_at)"
        " VALUES (0, 'receipts', 1, '2026-10-01', '2026-10-01', now())",
    )
    assert await _days(address) == 1
    assert await _days(await store_database.cleared()) == 0
    assert await store_database.shape() == before


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE schema_versions SET version = 1",
        "DROP TABLE synced_days CASCADE",
        "ALTER TABLE synced_days ADD COLUMN more integer",
        "ALTER TABLE synced_days DISABLE ROW LEVEL SECURITY",
        "GRANT SELECT ON synced_days TO public",
    ],
)
async def test_what_is_more_than_rows_makes_the_store_anew(store_database: StoreDatabase, change: str) -> None:
    address = await store_database.cleared()
    await execute(address, change)
    changed = await store_database.shape()
    assert await store_database.cleared() == address
    assert await store_database.shape() != changed
    assert await _days(address) == 0
