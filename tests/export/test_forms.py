"""Whatever a store holds stands in files as plain Python would write it."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest
from sqlalchemy import select

from smartkasa_async._support.spreadsheets import seen_cell
from smartkasa_async.export import export_tables
from smartkasa_async.records.batch import RecordKind, Undecodable
from smartkasa_async.stores.schema import METADATA, ExactDecimal
from tests.support.stored import RECEIPT, SHIFT, SHOP, Z_REPORT, batch, line

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from smartkasa_async.stores import Store

TABLES = ("receipts", "receipt_items", "payments", "z_reports", "products", "shops", "shifts")
AMOUNTS = ["0", "-0", "0.0001", "-0.5", "10", "1000.10", "21474836.48", "-99999999999999.9999", "99999999999999.9999"]
TIMES = ["2021-07-06T20:59:59.999999Z", "2021-07-07T00:00:00+03:00", "2021-07-07T10:00:00.5Z", "2021-07-31T21:00:00Z"]
TEXTS = [None, "", "Кава; «зернова»", "=1+1", "007", "4820000000001", "'x", "a\x1bb", "рядок\nдругий", "12a", "\ttab"]


def a_receipt(random: Random, number: int) -> dict[str, Any]:
    def amount() -> str:
        return random.choice(AMOUNTS)

    def text() -> str | None:
        return random.choice(TEXTS)

    items = [
        line(
            id=f"i{n}", amount=amount(), quantity=amount(), discount_amount=random.choice([None, amount()]), name=text()
        )
        for n in range(random.randrange(4))
    ]
    paid = RECEIPT["payment_transactions"][0]
    payments = [paid | {"amount": amount(), "timestamp": random.choice([None, *TIMES])} for _ in range(2)]
    changes = {
        "id": f"r{number:03}",
        "created_at": random.choice(TIMES),
        "updated_at": random.choice(TIMES),
        "total_amount": amount(),
        "discount_percentage": random.choice([None, amount()]),
        "tax_amount": random.choice([None, {"А": 1, "З": 12345}]),
        "cashier_name": text(),
        "is_hidden": random.choice([None, True, False]),
        "items": items,
        "payment_transactions": payments,
    }
    return {**RECEIPT, **changes}


@pytest.fixture
async def filled(store: Store) -> Store:
    random = Random(20261130)  # noqa: S311
    quarantined = Undecodable("lost", b"{}", "wrong", 13)
    made = [a_receipt(random, n) for n in range(60)]
    await store.write(batch(RecordKind.RECEIPTS, *made, undecodable=[quarantined]))
    await store.write(batch(RecordKind.Z_REPORTS, Z_REPORT))
    await store.write(batch(RecordKind.SHOPS, SHOP, SHOP | {"id": 1, "title": "=1"}))
    await store.write(batch(RecordKind.SHIFTS, SHIFT))
    products = [{"id": f"p{n}", "title": "Кава", "price": amount} for n, amount in enumerate(AMOUNTS)]
    await store.write(batch(RecordKind.PRODUCTS, *products))
    await store.mark_deleted(RecordKind.PRODUCTS, ["p1"])
    return store


async def typed_rows(store: Store, table: str) -> list[dict[str, Any]]:
    """The rows as SQLAlchemy gives them, by Python's own types."""
    columns = METADATA.tables[table]
    async with store.reading() as connection:
        found = await connection.execute(select(columns).order_by(*columns.primary_key))
        return [dict(row) for row in found.mappings()]


def key(table: str, row: dict[str, Any]) -> tuple[str, ...]:
    _, *names = (column.name for column in METADATA.tables[table].primary_key)  # files are of one account
    return tuple(str(row[name]) for name in names)


def decimal_cell(value: Decimal) -> str:
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", ",")


CELLS: dict[type, Callable[[Any], str]] = {
    type(None): lambda _: "",
    bool: lambda value: str(int(value)),
    int: str,
    str: seen_cell,
    Decimal: decimal_cell,
    datetime: lambda value: value.astimezone(UTC).isoformat().replace("+00:00", "Z"),
    date: date.isoformat,
}


@pytest.mark.parametrize("table", TABLES)
async def test_cells_of_csv_are_those_of_plain_python(filled: Store, tmp_path: Path, table: str) -> None:
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for file in await export_tables(filled, tmp_path / "files", tables=[table], format="csv"):
        with file.path.open(encoding="utf-8-sig", newline="") as opened:
            found |= {key(table, row): row for row in csv.DictReader(opened, delimiter=";")}
    typed = await typed_rows(filled, table)
    assert len(found) == len(typed) > 0
    for row in typed:
        cells = found[key(table, row)]
        expected = {name: CELLS[type(value)](value) for name, value in row.items() if name in cells}
        assert {name: cells[name] for name in expected} == expected


@pytest.mark.parametrize("table", TABLES)
async def test_values_of_parquet_are_those_of_the_store(filled: Store, tmp_path: Path, table: str) -> None:
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for file in await export_tables(filled, tmp_path / "files", tables=[table], raw=True):
        read = pq.ParquetFile(file.path).read()
        found |= {key(table, row): row for row in read.to_pylist()}
        for column in METADATA.tables[table].columns:
            if isinstance(column.type, ExactDecimal) and column.name in read.schema.names:
                assert str(read.schema.field(column.name).type) == f"decimal128(18, {column.type.scale})"
    typed = await typed_rows(filled, table)
    assert len(found) == len(typed) > 0
    for row in typed:
        values = found[key(table, row)]
        assert values == {name: row.get(name, values[name]) for name in values}
