from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from sqlalchemy import column as lite_column
from sqlalchemy import func, insert, inspect, select, update
from sqlalchemy import table as lite_table
from sqlalchemy.ext.asyncio import create_async_engine

from smartkasa_async.records.batch import RecordKind
from smartkasa_async.stores import StoreError, open_store
from smartkasa_async.stores.schema import METADATA, PAYMENTS, RECEIPT_ITEMS, RECEIPTS, SCHEMA_VERSIONS, Z_REPORTS
from smartkasa_async.stores.versions import SCHEMA_VERSION
from tests.support.stored import RECEIPT, Z_REPORT, batch, receipts, rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Table

    from smartkasa_async.stores import Store

FIXTURES = Path(__file__).parents[1] / "fixtures"
OF_ACCOUNTS = [table for table in METADATA.sorted_tables if table is not SCHEMA_VERSIONS]
THEN = datetime(2026, 10, 1, 6, tzinfo=UTC)


@pytest.fixture
async def address_of_version_1(store_address: str) -> str:
    """A store as the release with schema version 1 left it, with a receipt and what belongs to it."""
    await make(store_address, 1, fill)
    return store_address


async def make(address: str, version: int, fill: Callable[[Connection], None]) -> None:
    """Make the tables as the release with a schema version did, and fill them."""
    engine = create_async_engine(address)
    async with engine.begin() as connection:
        tables = (FIXTURES / f"store_version_{version}_{engine.dialect.name}.sql").read_text()
        for statement in filter(str.strip, tables.split(";")):
            await connection.exec_driver_sql(statement)
        await connection.run_sync(fill)
    await engine.dispose()


def fill(connection: Connection) -> None:
    """Put rows in through some of the present columns: version 1 had all of these."""
    receipt = {"type": 0, "state": 2, "business_date": date(2026, 10, 1), "created_at": THEN, "updated_at": THEN}
    line = {"receipt_id": "r", "position": 0, "id": "i", "amount": Decimal("-98765432109876.54")}
    for table, row in (
        (SCHEMA_VERSIONS, {"version": 1, "applied_at": THEN}),
        (RECEIPTS, receipt | {"id": "r", "total_amount": Decimal("1438.01"), "raw": '{"id": "r"}'}),
        (RECEIPT_ITEMS, line | {"name": "Кава", "quantity": Decimal("0.125"), "price": Decimal("1.0001")}),
        (PAYMENTS, line | {"transaction_type_id": 0, "payment_type_id": 0}),
        (
            Z_REPORTS,
            {"id": 51, "fiscal_number": "7", "business_date": date(2026, 10, 1), "created_at": THEN, "raw": "{}"},
        ),
    ):
        put(connection, table, row)


def put(connection: Connection, table: Table, *rows: dict[str, Any]) -> None:
    """Put rows into a table of an earlier version, which has some of the present columns."""
    there = lite_table(table.name, *(lite_column(name, table.c[name].type) for name in rows[0]))
    connection.execute(insert(there), list(rows))


async def test_a_store_of_version_1_is_brought_up_to_date(address_of_version_1: str) -> None:
    async with open_store(address_of_version_1) as store:
        (receipt,) = await rows(store, RECEIPTS)
        assert (receipt["id"], receipt["total_amount"], receipt["created_at"]) == ("r", Decimal("1438.01"), THEN)
        assert (receipt["raw"], receipt["deleted_at"], receipt["tax_a"]) == ('{"id": "r"}', None, None)
        (item,) = await rows(store, RECEIPT_ITEMS)
        assert (item["amount"], item["quantity"]) == (Decimal("-98765432109876.54"), Decimal("0.125"))
        assert [row["raw"] for row in await rows(store, Z_REPORTS)] == ["{}"]
        assert [row["version"] for row in await rows(store, SCHEMA_VERSIONS)] == [1, SCHEMA_VERSION]


async def test_a_migrated_store_is_as_a_new_one(address_of_version_1: str) -> None:
    async with open_store(address_of_version_1) as migrated:
        await migrated.write(receipts({}))
        await migrated.write(batch(RecordKind.Z_REPORTS, Z_REPORT))
        assert {row["id"] for row in await rows(migrated, RECEIPTS)} == {"r", RECEIPT["id"]}
        found = await columns_and_indexes(migrated)

    for name, table in METADATA.tables.items():
        columns, indexes, key = found[name]
        assert columns == {column.name: column.nullable for column in table.columns}
        assert indexes == {(index.name, *(column.name for column in index.columns)) for index in table.indexes}
        assert key == [column.name for column in table.primary_key]


VALUES: dict[str, Callable[[int], Any]] = {
    "BigInteger": lambda number: number,
    "Boolean": bool,
    "Date": lambda number: date(2026, 10, 1) + timedelta(days=number),
    "ExactDecimal": lambda number: Decimal(number) / 100,
    "Integer": lambda number: number,
    "Text": lambda number: f"№{number}",
    "UtcDateTime": lambda number: THEN + timedelta(hours=number),
}


def row_of_version_5(table: Table, number: int) -> dict[str, Any]:
    columns = [column for column in table.columns if column.name != "account_id"]
    return {column.name: VALUES[type(column.type).__name__](number + at) for at, column in enumerate(columns)}


def tables_of_version_5() -> list[Table]:
    made = (FIXTURES / "store_version_5_sqlite.sql").read_text()
    return [table for table in OF_ACCOUNTS if f"CREATE TABLE {table.name} " in made]


def fill_every_table(connection: Connection) -> None:
    for table in tables_of_version_5():
        put(connection, table, *(row_of_version_5(table, number) for number in range(3)))
    put(connection, SCHEMA_VERSIONS, {"version": 5, "applied_at": THEN})


async def test_all_that_a_store_of_version_5_has_is_of_the_only_account(store_address: str) -> None:
    await make(store_address, 5, fill_every_table)
    async with open_store(store_address, account_id=7) as other:
        assert [row for table in OF_ACCOUNTS for row in await rows(other, table)] == []
    async with open_store(store_address) as store:
        for table in tables_of_version_5():
            expected = [{"account_id": 0} | row_of_version_5(table, number) for number in range(3)]
            assert sorted(await rows(store, table), key=str) == sorted(expected, key=str), table.name


async def columns_and_indexes(store: Store) -> dict[str, tuple[dict[str, bool], set[Any], list[str]]]:
    def reflect(connection: Connection) -> dict[str, tuple[dict[str, bool], set[Any], list[str]]]:
        found = inspect(connection)
        return {
            table: (
                {column["name"]: column["nullable"] for column in found.get_columns(table)},
                {(index["name"], *index["column_names"]) for index in found.get_indexes(table)},
                found.get_pk_constraint(table)["constrained_columns"],
            )
            for table in found.get_table_names()
        }

    async with store.reading() as connection:
        return await connection.run_sync(reflect)


async def test_a_step_that_fails_leaves_the_store_as_it_was(address_of_version_1: str) -> None:
    engine = create_async_engine(address_of_version_1)
    async with engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE z_reports ADD COLUMN deleted_at TEXT")
    with pytest.raises(StoreError, match="deleted_at"):
        async with open_store(address_of_version_1):
            pass
    async with engine.connect() as connection:
        columns = await connection.run_sync(lambda there: inspect(there).get_columns("receipts"))
        assert "deleted_at" not in {column["name"] for column in columns}
        assert await connection.scalar(select(func.max(SCHEMA_VERSIONS.c.version))) == 1
    await engine.dispose()


async def test_a_store_of_a_newer_release_is_refused(store_address: str) -> None:
    async with open_store(store_address) as store, store.engine.begin() as connection:
        await connection.execute(update(SCHEMA_VERSIONS).values(version=SCHEMA_VERSION + 1))

    with pytest.raises(StoreError, match=f"schema version {SCHEMA_VERSION + 1}.*newer one"):
        async with open_store(store_address):
            pass


async def test_several_may_open_a_new_store_at_once(store_address: str) -> None:
    async def open_and_close() -> None:
        async with open_store(store_address) as store:
            assert await store.shop_titles() == {}

    async with anyio.create_task_group() as group:
        for _ in range(4):
            group.start_soon(open_and_close)
