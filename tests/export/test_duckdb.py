"""A file of DuckDB has everything, typed and indexed; later runs replace the months that they are asked for."""

from __future__ import annotations

import sys
from datetime import UTC, date
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from smartkasa_async.errors import ConfigurationError
from smartkasa_async.export import export_tables
from smartkasa_async.export.duckdb_file import DuckdbFile, DuckdbTable
from smartkasa_async.sandbox.business import Business, Simulation, simulate
from smartkasa_async.stores import Store, StoreError
from smartkasa_async.stores.sources import SOURCES
from tests.export.test_export_views import sale, write
from tests.support.simulated_store import write_business

if TYPE_CHECKING:
    from pathlib import Path

FILE = "smartkasa.duckdb"


@cache
def business() -> Business:
    """Three days before the end of a month and two after it."""
    return simulate(Simulation(shops=2, start=date(2026, 9, 28), days=5, receipts_per_day=12))


def ask(folder: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(folder / FILE), read_only=True) as database:
        found: list[tuple[Any, ...]] = database.execute(query).fetchall()
        return found


async def test_everything_is_in_one_file_typed_and_indexed(store: Store, tmp_path: Path) -> None:
    await write_business(store, business())
    files = await export_tables(store, tmp_path, format="duckdb")
    assert [file.table for file in files] == list(SOURCES)
    assert {file.path for file in files} == {tmp_path / FILE}
    receipts = business().rows["receipts"]
    sales = sum(row["total_amount"] for row in receipts if row["type"] == 0 and row["state"] == 2)
    assert ask(tmp_path, "SELECT sum(sales) FROM sales_by_day") == [(sales,)]
    assert ask(tmp_path, "SELECT sum(sales) FROM sales_by_product") == [(sales,)]
    items = sum(row["amount"] for row in business().rows["receipt_items"])
    assert ask(tmp_path, "SELECT count(*), sum(amount) FROM receipt_items") == [
        (len(business().rows["receipt_items"]), items)
    ]
    types = dict(ask(tmp_path, "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = 'receipts'"))
    assert (types["id"], types["total_amount"], types["business_date"]) == ("VARCHAR", "DECIMAL(18,4)", "DATE")
    assert (types["created_at"], types["is_hidden"]) == ("TIMESTAMP WITH TIME ZONE", "BOOLEAN")
    indexes = {name for (name,) in ask(tmp_path, "SELECT index_name FROM duckdb_indexes()")}
    assert {"receipts_by_key", "receipts_by_shop_and_day", "sales_by_day_by_key", "shops_by_key"} <= indexes
    (made,) = ask(tmp_path, "SELECT min(created_at) FROM receipts")
    assert made[0].astimezone(UTC) == min(row["created_at"] for row in receipts)


async def test_a_later_run_replaces_its_months_and_keeps_the_others(store: Store, tmp_path: Path) -> None:
    await write(store, sale("a", "2026-08-05T09:00:00Z", "1"), sale("b", "2026-09-05T09:00:00Z", "2"))
    names: Any = {"tables": ["receipts", "shops"], "views": ["sales_by_day"]}
    await export_tables(store, tmp_path, format="duckdb", **names)
    await write(store, sale("a", "2026-08-05T09:00:00Z", "9"), sale("b", "2026-09-05T09:00:00Z", "7"))
    await write(store, sale("c", "2026-10-05T09:00:00Z", "4"))
    written = await export_tables(store, tmp_path, format="duckdb", start=date(2026, 9, 30), **names)
    assert [(file.table, file.rows) for file in written] == [("receipts", 2), ("shops", 0), ("sales_by_day", 2)]
    kept = [("a", Decimal(1)), ("b", Decimal(7)), ("c", Decimal(4))]
    assert ask(tmp_path, "SELECT id, total_amount FROM receipts ORDER BY id") == kept
    assert ask(tmp_path, "SELECT sales FROM sales_by_day ORDER BY business_date") == [(amount,) for _, amount in kept]


async def test_an_export_that_fails_leaves_the_file_of_the_last_one(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await write(store, sale("a", "2026-08-05T09:00:00Z", "1"))
    await export_tables(store, tmp_path, tables=["receipts"], format="duckdb")
    before = (tmp_path / FILE).read_bytes()
    await write(store, sale("b", "2026-08-05T09:00:00Z", "2"))

    def fail(table: DuckdbTable) -> None:
        raise OSError(28, "No space left on device", FILE)

    monkeypatch.setattr(DuckdbTable, "finish", fail)
    with pytest.raises(StoreError, match="No space left on device"):
        await export_tables(store, tmp_path, tables=["receipts"], format="duckdb")
    assert (tmp_path / FILE).read_bytes() == before
    assert not list(tmp_path.glob(".exporting-*"))  # noqa: ASYNC240


async def test_a_file_that_is_not_an_export_is_refused(store: Store, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("notes" * 4_000)
    with pytest.raises(StoreError, match=r"smartkasa\.duckdb cannot be opened by DuckDB"):
        await export_tables(store, tmp_path, tables=["shops"], format="duckdb")
    assert (tmp_path / FILE).read_text() == "notes" * 4_000


async def test_what_duckdb_cannot_write_is_named(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await write(store, sale("a", "2026-08-05T09:00:00Z", "1"))
    replace = DuckdbFile.replace

    def close_afterwards(file: DuckdbFile, *arguments: Any, **options: Any) -> DuckdbTable:
        table = replace(file, *arguments, **options)
        file.abandon()
        return table

    monkeypatch.setattr(DuckdbFile, "replace", close_afterwards)
    with pytest.raises(StoreError, match=r"smartkasa\.duckdb cannot be written by DuckDB: Connection Error"):
        await export_tables(store, tmp_path / "out", tables=["receipts"], format="duckdb")
    assert not [*(tmp_path / "out").iterdir()]


async def test_a_table_with_other_columns_is_refused(store: Store, tmp_path: Path) -> None:
    await export_tables(store, tmp_path, tables=["shops"], format="duckdb")
    with pytest.raises(StoreError, match=r"has the table shops with other columns.*export into another folder"):
        await export_tables(store, tmp_path, tables=["shops"], format="duckdb", raw=True)


async def test_without_duckdb_the_extra_is_named(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(ConfigurationError, match=r"duckdb: pip install 'smartkasa-async\[duckdb\]'"):
        await export_tables(store, tmp_path / "out", format="duckdb")
