"""Exports hold what the store holds, exactly, and take their places whole."""

from __future__ import annotations

import csv
import json
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

import anyio
import msgspec
import pandas as pd  # type: ignore[import-untyped]
import polars as pl
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.dataset as ds  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest

from smartkasa_async._support.files import Staging
from smartkasa_async.errors import ConfigurationError, InvalidRequestError
from smartkasa_async.export import ExportedFile, export_tables
from smartkasa_async.export.files import CsvFile, ExportFile, JsonlFile, ParquetFile
from smartkasa_async.jobs import Progress, Stage
from smartkasa_async.models import Receipt
from smartkasa_async.records.batch import Batch, RecordKind
from smartkasa_async.records.days import business_day
from smartkasa_async.sandbox.business import Business, Simulation, simulate
from smartkasa_async.stores import Store, StoreError, open_store
from tests.support.simulated_store import batch, write_business

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable
    from pathlib import Path

Row = dict[str, Any]
SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)


@cache
def business() -> Business:
    """Three days before the end of a month and two after it."""
    return simulate(Simulation(shops=2, start=date(2026, 9, 28), days=5, receipts_per_day=12))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(tmp_path / "kasa.sqlite") as store:
        yield store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "out" / "export"


def names(files: Iterable[ExportedFile], folder: Path) -> dict[str, int]:
    assert all(file.path.is_file() for file in files)
    return {file.path.relative_to(folder).as_posix(): file.rows for file in files}


def on_disk(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def table(folder: Path, name: str) -> list[Row]:
    rows: list[Row] = ds.dataset(folder / name, partitioning="hive").to_table().to_pylist()
    return rows


def receipt(id_: str, made: str, **changes: Any) -> Row:
    row = {"id": id_, "type": 0, "state": 2, "total_amount": "1.5", "shop_id": 7, "created_at": made}
    return row | {"updated_at": made} | changes


def line(**changes: Any) -> Row:
    at = "2026-10-05T09:00:00Z"
    row = {"id": "i", "name": "Чай", "price": "1.50", "quantity": "0.125", "amount": "0.19"}
    return row | {"created_at": at, "updated_at": at} | changes


async def write(store: Store, *receipts: Row) -> None:
    await store.write(batch(RecordKind.RECEIPTS, list(receipts)))


async def test_parquet_holds_each_record_exactly(new_store_address: str, folder: Path) -> None:
    async with open_store(new_store_address) as store:
        await write_business(store, business())
        files = await export_tables(store, folder)

    receipts = {row["id"]: row for row in business().rows["receipts"]}
    exported = {row["id"]: row for row in table(folder, "receipts")}
    assert exported.keys() == receipts.keys()
    for id_, row in receipts.items():
        found = exported[id_]
        for name in ("total_amount", "created_at", "state", "type", "shop_id", "fiscal_number", "rounding_amount"):
            assert found[name] == row[name]
        assert found["business_date"] == business_day(row["created_at"])
        assert found["month"] == f"{found['business_date']:%Y-%m}"

    items = {(row["receipt_id"], row["position"]): row for row in table(folder, "receipt_items")}
    for row in business().rows["receipt_items"]:
        found = items.pop((row["receipt_id"], row["position"]))
        assert [found[name] for name in ("amount", "quantity", "name")] == [row["amount"], row["quantity"], row["name"]]
        assert found["shop_id"] == receipts[row["receipt_id"]]["shop_id"]
        assert found["business_date"] == exported[row["receipt_id"]]["business_date"]
    assert items == {}

    payments = table(folder, "payments")
    assert sum(row["amount"] for row in payments) == sum(row["amount"] for row in business().rows["payments"])
    z_reports = {row["id"]: row["sale_total"] for row in table(folder, "z_reports")}
    assert z_reports == {row["id"]: row["sale_total"] for row in business().rows["z_reports"]}
    assert {(file.table, file.month) for file in files} == {
        (name, month)
        for name in ("receipts", "receipt_items", "payments", "z_reports")
        for month in (SEPTEMBER, OCTOBER)
    }


async def test_parquet_has_the_types_that_tools_expect(store: Store, folder: Path) -> None:
    await write_business(store, business())
    await export_tables(store, folder, tables=("receipts", "receipt_items"))
    schema = ds.dataset(folder / "receipts").schema
    assert schema.field("total_amount").type == pa.decimal128(18, 4)
    assert schema.field("created_at").type == pa.timestamp("us", "UTC")
    assert schema.field("business_date").type == pa.date32()
    assert schema.field("shop_id").type == pa.int64()
    assert schema.field("is_hidden").type == pa.bool_()
    assert {"raw", "deleted_at"}.isdisjoint(schema.names)

    total = sum(row["total_amount"] for row in business().rows["receipts"])
    frame = pl.read_parquet(folder / "receipts" / "**" / "*.parquet", hive_partitioning=True)
    assert frame["total_amount"].sum() == total
    assert set(frame["month"].cast(pl.String)) == {"2026-09", "2026-10"}
    assert sum(pd.read_parquet(folder / "receipts")["total_amount"]) == total


async def test_a_month_is_one_of_business_days_in_kyiv(store: Store, folder: Path) -> None:
    await write(
        store,
        receipt("last", "2026-09-30T20:59:59.999Z"),
        receipt("first", "2026-09-30T21:00:00Z"),
        receipt("winter", "2026-10-31T22:00:00Z"),
    )
    await export_tables(store, folder, tables=["receipts"])
    assert {row["id"]: row["month"] for row in table(folder, "receipts")} == {
        "last": "2026-09",
        "first": "2026-10",
        "winter": "2026-11",
    }


async def test_months_that_days_touch_are_exported_whole_and_others_left_alone(store: Store, folder: Path) -> None:
    await write(store, *(receipt(f"r{month}", f"2026-{month:02}-02T09:00:00Z") for month in (8, 9, 10, 11)))
    files = await export_tables(store, folder, tables=["receipts"], start=date(2026, 9, 30), end=date(2026, 10, 1))
    assert names(files, folder) == {
        "receipts/month=2026-09/part-0.parquet": 1,
        "receipts/month=2026-10/part-0.parquet": 1,
    }
    assert (await export_tables(store, folder, tables=["receipts"], start=date(2026, 11, 30)))[0].month == date(
        2026, 11, 1
    )
    assert {row["id"] for row in table(folder, "receipts")} == {"r9", "r10", "r11"}


async def test_a_second_export_replaces_its_months_and_removes_those_with_nothing_left(
    store: Store, folder: Path
) -> None:
    await write(store, *(receipt(f"r{month}", f"2026-{month:02}-02T09:00:00Z") for month in (8, 9, 10)))
    await export_tables(store, folder, tables=["receipts"])
    await write(store, receipt("r10", "2026-10-02T09:00:00Z", total_amount="7", updated_at="2026-10-03T09:00:00Z"))
    await store.mark_deleted(RecordKind.RECEIPTS, ["r10"], shop_id=7)
    (folder / "receipts" / "notes.txt").write_text("mine")

    await export_tables(store, folder, tables=["receipts"], format="parquet", start=date(2026, 9, 1))
    assert on_disk(folder) == {
        "receipts/month=2026-08/part-0.parquet",
        "receipts/month=2026-10/part-0.parquet",
        "receipts/notes.txt",
    }
    assert [row["total_amount"] for row in pq.read_table(folder / "receipts" / "month=2026-10").to_pylist()] == [7]


async def test_what_is_gone_is_left_out_with_what_belongs_to_it(store: Store, folder: Path) -> None:
    at = "2026-10-02T09:00:00Z"
    await write(store, receipt("a", at, items=[line()]), receipt("b", at, items=[line(), line()]))
    await store.mark_deleted(RecordKind.RECEIPTS, ["a"], shop_id=7)
    files = await export_tables(store, folder, tables=["receipts", "receipt_items"])
    assert [file.rows for file in files] == [1, 1]
    assert [row["receipt_id"] for row in table(folder, "receipt_items")] == ["a"]


async def test_shops_can_be_chosen(store: Store, folder: Path) -> None:
    await write_business(store, business())
    chosen = business().rows["shops"][1]["id"]
    await write(store, receipt("homeless", "2026-10-02T09:00:00Z", shop_id=None))
    await export_tables(store, folder, tables=["receipts", "payments", "shops"], shops=[chosen])

    of_shop = {row["id"] for row in business().rows["receipts"] if row["shop_id"] == chosen}
    assert {row["id"] for row in table(folder, "receipts")} == of_shop
    assert {row["receipt_id"] for row in table(folder, "payments")} <= of_shop
    assert [row["id"] for row in pq.read_table(folder / "shops.parquet").to_pylist()] == [chosen]

    await export_tables(store, folder, tables=["receipts"])
    assert {row["id"] for row in table(folder, "receipts")} == {row["id"] for row in business().rows["receipts"]} | {
        "homeless"
    }


async def test_tables_without_days_are_one_file_even_when_empty(store: Store, folder: Path) -> None:
    await write_business(store, business())
    files = await export_tables(store, folder, tables=["shops", "products", "shops"])
    assert names(files, folder) == {"shops.parquet": 2, "products.parquet": 0}
    shops = pq.read_table(folder / "shops.parquet").to_pylist()
    assert [row["title"] for row in shops] == [row["title"] for row in business().rows["shops"]]
    assert shops[0]["deleted_at"] is None
    assert pq.read_schema(folder / "products.parquet").field("price").type == pa.decimal128(18, 4)


async def test_csv_is_what_a_ukrainian_excel_opens(store: Store, folder: Path) -> None:
    items = [
        line(name='=HYPERLINK("http://a.example";"Кава")', sku="0042", amount="1234.50", is_product=True),
        line(name="+1 к життю", product_id="4820000000000", quantity="2", discount_amount="-0.05", tax_group_id=1),
    ]
    await write(store, receipt("r", "2026-10-02T09:30:00.5+03:00", items=items))
    await export_tables(store, folder, tables=["receipts", "receipt_items"], format="csv")

    text = (folder / "receipt_items" / "month=2026-10" / "part-0.csv").read_bytes()
    assert text.startswith(b"\xef\xbb\xbfbusiness_date;shop_id;receipt_id;position;")
    rows = list(csv.DictReader(text.decode("utf-8-sig").splitlines(), delimiter=";"))
    assert [rows[0][name] for name in ("business_date", "name", "sku", "amount", "quantity", "is_product")] == [
        "2026-10-02",
        '\'=HYPERLINK("http://a.example";"Кава")',
        "'0042",
        "1234,5",
        "0,125",
        "1",
    ]
    assert [rows[1][name] for name in ("name", "product_id", "quantity", "discount_amount", "sku")] == [
        "'+1 к життю",
        "'4820000000000",
        "2",
        "-0,05",
        "",
    ]
    receipts = (folder / "receipts" / "month=2026-10" / "part-0.csv").read_text("utf-8-sig").splitlines()
    (row,) = csv.DictReader(receipts, delimiter=";")
    assert (row["created_at"], row["total_amount"]) == ("2026-10-02T06:30:00.500000Z", "1,5")


async def test_jsonl_has_exact_decimals_and_the_record_as_it_came(store: Store, folder: Path) -> None:
    source = receipt("r", "2026-10-02T09:30:00Z", total_amount="98765432109876.54", is_hidden=False)
    await write(store, source)
    await export_tables(store, folder, tables=["receipts"], format="jsonl", raw=True)
    (row,) = map(json.loads, (folder / "receipts" / "month=2026-10" / "part-0.jsonl").read_bytes().splitlines())
    assert Decimal(row["total_amount"]) == Decimal("98765432109876.54")
    assert row["business_date"] == "2026-10-02"
    assert datetime.fromisoformat(row["created_at"]) == datetime(2026, 10, 2, 9, 30, tzinfo=UTC)
    assert (row["is_hidden"], row["description"]) == (False, None)
    assert row["raw"] == source


async def test_jsonl_has_a_line_for_each_record_however_its_json_came(store: Store, folder: Path) -> None:
    source = receipt("r", "2026-10-02T09:30:00Z", title="Кава")
    spread, spoilt = json.dumps(source, indent=2).encode(), json.dumps(source | {"id": "s"}).encode()[:-1]
    spoilt += b', "comment": "\xd0"}'
    records = [msgspec.json.decode(raw, type=Receipt) for raw in (spread, spoilt)]
    await store.write(Batch(RecordKind.RECEIPTS, records, [spread, spoilt]))
    await export_tables(store, folder, tables=["receipts"], format="jsonl", raw=True)
    lines = (folder / "receipts" / "month=2026-10" / "part-0.jsonl").read_bytes().splitlines()
    first, second = map(json.loads, lines)
    assert first["raw"] == source
    assert second["raw"] == spoilt.decode(errors="backslashreplace")


@pytest.mark.parametrize("format", ["parquet", "csv"])
async def test_raw_json_is_text_in_tables(store: Store, folder: Path, format: Any) -> None:
    source = receipt("r", "2026-10-02T09:30:00Z")
    await write(store, source)
    (file,) = await export_tables(store, folder, tables=["receipts"], format=format, raw=True)
    if format == "parquet":
        raw = pq.read_table(file.path)["raw"][0].as_py()
    else:
        (row,) = csv.DictReader(file.path.read_text("utf-8-sig").splitlines(), delimiter=";")
        raw = row["raw"]
    assert json.loads(raw) == source


@pytest.mark.parametrize("format", ["parquet", "csv", "jsonl"])
async def test_rows_go_from_the_store_to_the_file_in_pieces(
    store: Store, folder: Path, format: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await write(store, *(receipt(f"r{n:03}", f"2026-10-02T{n % 24:02}:00:00Z") for n in range(100)))
    for type_ in (ExportFile, ParquetFile):
        monkeypatch.setattr(type_, "rows_at_once", 30)
    told: list[Progress] = []
    files = await export_tables(store, folder, tables=["receipts"], format=format, on_progress=told.append)
    (file,) = [file for file in files if file.month == OCTOBER]
    assert file.rows == 100
    assert told == [Progress(Stage.WRITING, done, 100, "rows") for done in (30, 60, 90, 100)]
    if format == "parquet":
        groups = pq.ParquetFile(file.path).metadata
        assert [groups.row_group(n).num_rows for n in range(groups.num_row_groups)] == [30, 30, 30, 10]
    else:
        assert len(file.path.read_bytes().splitlines()) == (101 if format == "csv" else 100)


async def test_rows_stand_in_the_order_of_days_and_keys(store: Store, folder: Path) -> None:
    await write(store, *(receipt(f"r{n}", f"2026-10-{20 - n}T09:00:00Z", items=[line(), line()]) for n in range(5)))
    await export_tables(store, folder, tables=["receipts", "receipt_items"])
    assert [row["id"] for row in table(folder, "receipts")] == ["r4", "r3", "r2", "r1", "r0"]
    items = [(row["receipt_id"], row["position"]) for row in table(folder, "receipt_items")]
    assert items == [(f"r{n}", position) for n in (4, 3, 2, 1, 0) for position in (0, 1)]


class DiskFullError(OSError):
    def __init__(self) -> None:
        super().__init__(28, "No space left on device", "part-0.jsonl")


async def test_an_export_that_fails_leaves_the_files_of_the_last_one(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await write_business(store, business())
    await export_tables(store, folder, format="jsonl")
    before = {name: (folder / name).read_bytes() for name in on_disk(folder)}
    await write(store, receipt("new", "2026-09-29T09:00:00Z"))
    calls = 0

    def write_some(file: JsonlFile, rows: list[Any]) -> None:
        nonlocal calls
        calls += 1
        assert {name: (folder / name).read_bytes() for name in before} == before
        if calls == 4:
            raise DiskFullError
        file._file.write(b"{}\n" * len(rows))

    monkeypatch.setattr(JsonlFile, "_write", write_some)
    with pytest.raises(StoreError, match=r"part-0\.jsonl cannot be written: No space left on device"):
        await export_tables(store, folder, format="jsonl")
    assert {name: (folder / name).read_bytes() for name in on_disk(folder)} == before


async def test_a_cancelled_export_leaves_nothing(store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await write_business(store, business())
    written = CsvFile._write
    with anyio.CancelScope() as scope:

        def cancel(file: CsvFile, rows: list[Any]) -> None:
            written(file, rows)
            anyio.from_thread.run_sync(scope.cancel)

        monkeypatch.setattr(CsvFile, "_write", cancel)
        await export_tables(store, folder, format="csv")
    assert scope.cancelled_caught
    assert on_disk(folder) == set()
    assert await store.shop_titles() != {}


async def test_what_a_killed_export_left_is_removed(store: Store, folder: Path) -> None:
    left = folder / ".exporting-0123" / "receipts" / "month=2026-10"
    left.mkdir(parents=True)
    (left / "part-0.parquet").write_bytes(b"PAR1")
    await write(store, receipt("r", "2026-10-02T09:00:00Z"))
    await export_tables(store, folder, tables=["receipts"])
    assert on_disk(folder) == {"receipts/month=2026-10/part-0.parquet"}


async def test_a_second_export_at_the_same_time_is_refused(store: Store, folder: Path) -> None:
    staging = Staging(folder)
    with pytest.raises(StoreError, match="another run is writing into this folder"):
        await export_tables(store, folder, tables=["shops"], format="csv")
    staging.discard()
    await export_tables(store, folder, tables=["shops"], format="csv")


async def test_a_folder_that_cannot_be_made_is_told(store: Store, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="file cannot be written"):
        await export_tables(store, tmp_path / "file", tables=["shops"])


async def test_without_pyarrow_the_extra_is_named(store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ConfigurationError, match=r"pyarrow: pip install 'smartkasa-async\[parquet\]'"):
        await export_tables(store, folder)
    assert on_disk(folder) == set()
    await export_tables(store, folder, tables=["shops"], format="csv")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"tables": ["checks"]}, "tables"),
        ({"views": ["receipts"]}, "views"),
        ({"views": []}, "views"),
        ({"format": "xls"}, "format"),
        ({"start": "2026-10-01"}, "start"),
        ({"start": date(2026, 10, 2), "end": date(2026, 10, 1)}, "end"),
    ],
)
async def test_what_cannot_be_exported_is_told(store: Store, folder: Path, wrong: Any, field: str) -> None:
    with pytest.raises(InvalidRequestError) as raised:
        await export_tables(store, folder, **wrong)
    assert raised.value.field == field
    assert on_disk(folder) == set()
