"""Views are exported as tables are, with exact sums, and later runs change only what has changed."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.dataset as ds  # type: ignore[import-untyped]
import pytest
from sqlalchemy import text

from smartkasa_async.export import export_tables
from smartkasa_async.records.batch import RecordKind
from smartkasa_async.sandbox.business import Business, Simulation, simulate
from smartkasa_async.stores.sources import VIEW_SOURCES
from smartkasa_async.stores.views import VIEWS
from tests.support.simulated_store import batch, write_business

if TYPE_CHECKING:
    from pathlib import Path

    from smartkasa_async.stores import Store

Row = dict[str, Any]
MONTHS = {"2026-09", "2026-10"}
OF_SALES = [name for name, source in VIEW_SOURCES.items() if not source.is_history]


@cache
def business() -> Business:
    """Three days before the end of a month and two after it."""
    return simulate(Simulation(shops=2, start=date(2026, 9, 28), days=5, receipts_per_day=12))


def sale(id_: str, at: str, total: str) -> Row:
    row = {"id": id_, "type": 0, "state": 2, "total_amount": total, "shop_id": 7, "created_at": at, "updated_at": at}
    return row | {"items": [], "payment_transactions": []}


async def write(store: Store, *receipts: Row) -> None:
    await store.write(batch(RecordKind.RECEIPTS, list(receipts)))


async def shown(store: Store, view: str) -> list[Row]:
    async with store.reading() as connection:
        found = await connection.execute(text(f"SELECT * FROM {view}"))  # noqa: S608
        return [dict(row) for row in found.mappings()]


def sorted_cells(rows: list[Row]) -> list[list[str]]:
    return sorted([str(value) for value in row.values()] for row in rows)


def plain(value: Any) -> Any:
    """What a view shows of a sum: numbers of any kind by their value."""
    return float(value) if isinstance(value, int | float | Decimal) else value


def on_disk(folder: Path) -> dict[Path, tuple[int, bytes]]:
    return {path: (path.stat().st_ino, path.read_bytes()) for path in sorted(folder.rglob("part-0.*"))}


async def test_files_of_views_have_the_rows_that_the_views_show(store: Store, tmp_path: Path) -> None:
    await write_business(store, business())
    files = await export_tables(store, tmp_path, views=OF_SALES)
    assert {(file.table, f"{file.month:%Y-%m}") for file in files} == {(view, m) for view in OF_SALES for m in MONTHS}
    for view in OF_SALES:
        data = ds.dataset(tmp_path / view, partitioning="hive").to_table().drop_columns("month")
        rows = await shown(store, view)
        assert [*data.schema.names, "account_id"] == [*rows[0]]
        found = [{name: plain(value) for name, value in row.items()} for row in data.to_pylist()]
        expected = [
            {name: plain(value) for name, value in row.items() if name != "account_id"} | {"business_date": day}
            for row in rows
            for day in [
                row["business_date"]
                if isinstance(row["business_date"], date)
                else date.fromisoformat(row["business_date"])
            ]
        ]
        assert sorted_cells(found) == sorted_cells(expected)
        sums = [field for field in data.schema if pa.types.is_decimal(field.type)]
        assert {"sales", "refunds", "net"} <= {field.name for field in sums}
        total = sum(
            row["total_amount"] for row in business().rows["receipts"] if row["type"] == 0 and row["state"] == 2
        )
        assert sum(data["sales"].to_pylist()) == total


async def test_views_are_of_the_shops_and_months_asked_for(store: Store, tmp_path: Path) -> None:
    await write_business(store, business())
    shop_id = business().rows["shops"][1]["id"]
    files = await export_tables(store, tmp_path, views=["sales_by_day"], shops=[shop_id], start=date(2026, 10, 31))
    assert [(file.table, file.month, file.rows) for file in files] == [("sales_by_day", date(2026, 10, 1), 2)]
    rows = ds.dataset(tmp_path / "sales_by_day").to_table().to_pylist()
    assert {row["shop_id"] for row in rows} == {shop_id}
    assert {row["business_date"] for row in rows} == {date(2026, 10, 1), date(2026, 10, 2)}


async def test_tables_and_views_are_exported_together_and_views_alone(store: Store, tmp_path: Path) -> None:
    await write_business(store, business())
    both = await export_tables(store, tmp_path / "both", tables=["shops"], views=["sales_by_day"], format="csv")
    assert [file.table for file in both] == ["shops", "sales_by_day", "sales_by_day"]
    alone = await export_tables(store, tmp_path / "alone", views=["sales_by_day"], format="jsonl")
    assert [file.table for file in alone] == ["sales_by_day", "sales_by_day"]


async def test_sums_of_views_stand_exactly_in_csv(store: Store, tmp_path: Path) -> None:
    total = "99999999999999.9999"  # which no real number is
    await write(store, sale("r", "2026-10-05T09:00:00Z", total))
    (file,) = await export_tables(store, tmp_path, views=["sales_by_day"], format="csv")
    (row,) = csv.DictReader(file.path.read_text("utf-8-sig").splitlines(), delimiter=";")
    assert (row["business_date"], row["sales"], row["net"]) == ("2026-10-05", *[total.replace(".", ",")] * 2)


@pytest.mark.parametrize("format", ["parquet", "csv", "jsonl", "xlsx"])
async def test_a_later_run_adds_what_is_new_and_replaces_what_changed(
    store: Store, tmp_path: Path, format: Any
) -> None:
    await write(store, sale("a", "2026-08-05T09:00:00Z", "1"), sale("b", "2026-09-05T09:00:00Z", "2"))
    names: Any = {"tables": ["receipts"], "views": ["sales_by_day"]}
    await export_tables(store, tmp_path, format=format, **names)
    before = on_disk(tmp_path)
    await write(store, sale("c", "2026-09-06T09:00:00Z", "3"), sale("d", "2026-10-05T09:00:00Z", "4"))
    await export_tables(store, tmp_path, format=format, **names)
    after = on_disk(tmp_path)
    kinds = {
        path.parent.relative_to(tmp_path).as_posix(): "new"
        if path not in before
        else "same"
        if before[path] == after[path]
        else "replaced"
        for path in after
    }
    assert kinds == {
        f"{name}/month={month}": kind
        for name in ("receipts", "sales_by_day")
        for month, kind in (("2026-08", "same"), ("2026-09", "replaced"), ("2026-10", "new"))
    }


def test_every_view_can_be_exported() -> None:
    assert list(VIEW_SOURCES) == list(VIEWS)
    for source in VIEW_SOURCES.values():
        names = list(source.columns(raw=False))
        assert names[0] == "business_date"
        assert ("shop_id" in names) is (source.name != "price_changes")
        assert set(source.key) <= set(names)
