"""A table or view is read as a table of Arrow: exact, typed, without a copy, and with what was not read."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd  # type: ignore[import-untyped]
import polars as pl
import pyarrow as pa  # type: ignore[import-untyped]
import pytest

from smartkasa_async._support import clock
from smartkasa_async.errors import ConfigurationError, InvalidRequestError
from smartkasa_async.records.batch import RecordKind
from smartkasa_async.records.days import Window
from smartkasa_async.sandbox.business import Business, Simulation, simulate
from smartkasa_async.stores import MissingDays, Store, coverage_of, reading
from tests.support.simulated_store import write_business

if TYPE_CHECKING:
    from smartkasa_async.records.days import Window as Days

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 5)
NOW = datetime(2026, 10, 20, 9, tzinfo=UTC)


@cache
def business() -> Business:
    return simulate(Simulation(shops=2, start=FIRST, days=5, receipts_per_day=12))


def shop_ids() -> list[int]:
    return sorted(shop["id"] for shop in business().rows["shops"])


def total() -> Decimal:
    rows = business().rows["receipts"]
    return sum((row["total_amount"] for row in rows if row["type"] == 0 and row["state"] == 2), Decimal(0))


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


async def note(store: Store, shop_id: int, *windows: Days) -> None:
    for window in windows:
        await store.note_read(RecordKind.RECEIPTS, NOW, shop_id=shop_id, window=window)


@pytest.fixture
async def filled(store: Store) -> Store:
    await write_business(store, business())
    for shop_id in shop_ids():
        await note(store, shop_id, Window(FIRST, LAST))
    return store


async def test_columns_have_exact_types_and_say_what_they_are(filled: Store) -> None:
    table = await filled.read("receipts")
    schema = table.schema
    assert schema.field("total_amount").type == pa.decimal128(18, 4)
    assert schema.field("total_amount").metadata == {b"unit": b"hryvnias"}
    assert schema.field("created_at").type == pa.timestamp("us", "UTC")
    assert schema.field("business_date").type == pa.date32()
    assert schema.field("business_date").metadata == {b"time_zone": b"Europe/Kyiv"}
    assert schema.field("shop_id").type == pa.int64()
    rows = {row["id"]: row for row in table.to_pylist()}
    assert rows.keys() == {row["id"] for row in business().rows["receipts"]}
    for row in business().rows["receipts"]:
        assert [rows[row["id"]][name] for name in ("total_amount", "created_at", "shop_id")] == [
            row["total_amount"],
            row["created_at"],
            row["shop_id"],
        ]


async def test_polars_pandas_and_duckdb_take_views_and_agree(filled: Store) -> None:
    table = await filled.read("sales")
    assert pl.DataFrame(table)["sales"].sum() == total()
    assert pd.DataFrame(table.to_pandas(types_mapper=pd.ArrowDtype))["sales"].sum() == total()
    sales = table  # noqa: F841  DuckDB finds it by its name
    found = duckdb.connect().execute("SELECT sum(sales) FROM sales").fetchall()
    assert found == [(total(),)]


def addresses(column: Any) -> list[int]:
    return [buffer.address for chunk in column.chunks for buffer in chunk.buffers() if buffer is not None]


async def test_numbers_are_not_copied(filled: Store) -> None:
    table = await filled.read("receipts")
    for name in ("total_amount", "shop_id", "created_at"):
        mine = addresses(table[name])[-1:]
        framed = table.to_pandas(types_mapper=pd.ArrowDtype)[name].array.__arrow_array__()
        assert addresses(framed)[-1:] == mine, name
        framed = pl.DataFrame(pl.from_arrow(table, rechunk=False))[name].to_arrow()
        assert framed.buffers()[-1].address == mine[0], name


async def test_rows_are_of_the_days_and_shops_asked_for_in_their_order(filled: Store) -> None:
    shop_id = shop_ids()[0]
    for name in ("receipts", "receipt_items", "sales_by_product"):
        table = await filled.read(name, start=date(2026, 10, 2), end=date(2026, 10, 3), shops=[shop_id])
        days = table["business_date"].to_pylist()
        assert days == sorted(days)
        assert set(days) == {date(2026, 10, 2), date(2026, 10, 3)}
        assert set(table["shop_id"].to_pylist()) == {shop_id}


async def test_rows_come_in_pieces(filled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_ROWS_AT_ONCE", 10)
    table = await filled.read("receipts")
    assert len(table) == len(business().rows["receipts"])
    assert max(len(chunk) for chunk in table["id"].chunks) == 10


async def test_days_that_were_not_read_are_named(store: Store) -> None:
    await write_business(store, business())
    one, other = shop_ids()
    await note(store, one, Window(FIRST, LAST))
    await note(store, other, Window(FIRST, date(2026, 10, 2)), Window(LAST, LAST))
    coverage = coverage_of(await store.read("sales_by_day", start=FIRST, end=LAST))
    gap = MissingDays(kind=RecordKind.RECEIPTS, shop_id=other, start=date(2026, 10, 3), end=date(2026, 10, 4))
    assert (coverage.not_read, coverage.is_complete) == ((gap,), False)
    assert coverage.complete_until == datetime(2026, 10, 2, 21, tzinfo=UTC)

    coverage = coverage_of(await store.read("receipt_items", start=FIRST, end=date(2026, 10, 2)))
    assert (coverage.not_read, coverage.is_complete) == ((), True)
    assert coverage.complete_until == datetime(2026, 10, 2, 21, tzinfo=UTC)

    coverage = coverage_of(await store.read("z_reports", start=FIRST, end=LAST))
    assert coverage.complete_until is None
    assert [(gap.kind, gap.start, gap.end) for gap in coverage.not_read] == [(RecordKind.Z_REPORTS, FIRST, LAST)] * 2


async def test_without_days_all_since_the_first_one_that_was_read_is_asked_for(filled: Store) -> None:
    coverage = coverage_of(await filled.read("receipts"))
    assert {(gap.start, gap.end) for gap in coverage.not_read} == {(date(2026, 10, 6), date(2026, 10, 20))}
    assert coverage.complete_until == datetime(2026, 10, 5, 21, tzinfo=UTC)


async def test_a_list_says_when_it_was_read(filled: Store) -> None:
    unread = coverage_of(await filled.read("products"))
    assert (unread.complete_until, unread.not_read) == (None, (MissingDays(kind=RecordKind.PRODUCTS),))
    await filled.note_read(RecordKind.PRODUCTS, NOW)
    assert coverage_of(await filled.read("products")).complete_until == NOW


async def test_an_empty_store_is_read_as_empty_and_not_as_complete(store: Store) -> None:
    table = await store.read("sales_by_product")
    assert (len(table), coverage_of(table).is_complete) == (0, False)


async def test_a_table_without_its_metadata_has_no_coverage(filled: Store) -> None:
    table = await filled.read("shops")
    with pytest.raises(ValueError, match="no metadata of a store"):
        coverage_of(table.replace_schema_metadata(None))


@pytest.mark.parametrize(
    ("name", "wrong", "field"),
    [("checks", {}, "name"), ("sales", {"start": LAST, "end": FIRST}, "end"), ("sales", {"shops": [9]}, "shops")],
)
async def test_what_cannot_be_read_is_refused(filled: Store, name: str, wrong: Any, field: str) -> None:
    with pytest.raises(InvalidRequestError) as raised:
        await filled.read(name, **wrong)
    assert raised.value.field == field


async def test_without_pyarrow_the_extra_is_named(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ConfigurationError, match=r"pyarrow: pip install 'smartkasa-async\[parquet\]'"):
        await store.read("shops")
