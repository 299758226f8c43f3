"""An account's rows are deleted in batches, and nobody else's."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from smartkasa_async.sandbox import Simulation, simulate
from smartkasa_async.stores import open_store, purging
from smartkasa_async.stores.schema import METADATA, RECEIPTS, SCHEMA_VERSIONS
from tests.support.stored_ledger import write_business

if TYPE_CHECKING:
    import pytest

    from smartkasa_async.stores import Store

_BUSINESS = Simulation(shops=2, products=6, start=date(2026, 3, 27), days=2, receipts_per_day=4)


async def _counts(store: Store) -> dict[str, int]:
    async with store.reading() as connection:
        return {
            table.name: await connection.scalar(select(func.count()).select_from(table)) or 0
            for table in METADATA.sorted_tables
            if table is not SCHEMA_VERSIONS
        }


async def test_all_of_an_account_is_deleted_in_batches_and_nothing_of_another(
    store_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purging, "ROWS_AT_ONCE", 5)
    async with open_store(store_address, account_id=7) as store, open_store(store_address, account_id=8) as other:
        for each in (store, other):
            await write_business(each, simulate(_BUSINESS))
        before, others = await _counts(store), await _counts(other)
        assert before["receipts"] > 5
        transactions: list[Any] = []
        transact = store.transact

        async def counted(work: Any) -> Any:
            transactions.append(work)
            return await transact(work)

        monkeypatch.setattr(store, "transact", counted)

        assert await store.purge() == sum(before.values())

        assert set((await _counts(store)).values()) == {0}
        assert await _counts(other) == others
        assert len(transactions) == sum(count // 5 + (count % 5 > 0) for count in before.values()) + len(before)
        async with store.engine.connect() as connection:
            assert {row.account_id for row in await connection.execute(select(RECEIPTS.c.account_id))} == {8}
        assert await store.purge() == 0
