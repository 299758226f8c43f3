"""Tables of a store as Parquet and CSV by hand: sqlite3 with pyarrow, or with the csv module."""

from __future__ import annotations

import csv
import sqlite3
from contextlib import closing
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["TABLES", "csv_by_hand", "parquet_by_hand"]

TABLES = ("receipts", "receipt_items", "payments", "z_reports")
_ROWS = 10_000
_PARTS = ("receipt_items", "payments")


def _columns(connection: sqlite3.Connection, table: str) -> dict[str, str]:
    """Read the columns with their types; money and quantities are whole numbers, by their names."""
    found = {row[1]: row[2] for row in connection.execute(f"PRAGMA table_info({table})")}
    return {name: type_ for name, type_ in found.items() if name not in {"account_id", "raw", "deleted_at"}}


def _scale(name: str) -> int:
    """Tell how many digits of a whole number stand after the point; 0 for none."""
    if name in {"quantity", "discount_percentage"}:
        return 6
    words = {"amount", "price", "total", "commission", "balance", "input", "output"}
    return 4 if words & {*name.split("_")} or name in {f"tax_{letter}" for letter in "abvgdz"} else 0


def _query(table: str, cells: list[str]) -> str:
    if table in _PARTS:
        return (
            f"SELECT r.business_date, r.shop_id, {', '.join(cells)} FROM {table} t"  # noqa: S608  (names of the store)
            " JOIN receipts r ON r.account_id = t.account_id AND r.id = t.receipt_id WHERE r.deleted_at IS NULL"
            " ORDER BY r.business_date, t.receipt_id, t.position"
        )
    return f"SELECT {', '.join(cells)} FROM {table} t WHERE deleted_at IS NULL ORDER BY business_date, id"  # noqa: S608


def _names(table: str, columns: dict[str, str]) -> list[str]:
    return [*(("business_date", "shop_id") if table in _PARTS else ()), *columns]


def _batches(cursor: sqlite3.Cursor) -> Iterator[list[Any]]:
    while rows := cursor.fetchmany(_ROWS):
        yield rows


def _array(name: str, type_: str, values: tuple[Any, ...]) -> Any:
    if scale := _scale(name):
        whole = pa.array(values, pa.int64()).cast(pa.decimal128(19, 0))
        return pc.multiply(whole, pa.scalar(Decimal(1).scaleb(-scale))).cast(pa.decimal128(18, scale))
    if type_ == "DATETIME":
        return pa.array(values, pa.string()).cast(pa.timestamp("us")).cast(pa.timestamp("us", "UTC"))
    if type_ == "DATE":
        return pa.array(values, pa.string()).cast(pa.date32())
    if type_ == "BOOLEAN":
        return pa.array(values, pa.int64()).cast(pa.bool_())
    return pa.array(values, pa.string() if type_ == "TEXT" else pa.int64())


def parquet_by_hand(store: Path, folder: Path) -> int:
    """Write the tables as Parquet, and count the rows."""
    written = 0
    with closing(sqlite3.connect(store)) as connection:
        for table in TABLES:
            columns = _columns(connection, table)
            types = {"business_date": "DATE", "shop_id": "BIGINT"} | columns
            names, writer = _names(table, columns), None
            for rows in _batches(connection.execute(_query(table, [f"t.{name}" for name in columns]))):
                arrays = [
                    _array(name, types[name], of) for name, of in zip(names, zip(*rows, strict=True), strict=True)
                ]
                found = pa.Table.from_arrays(arrays, names)
                writer = writer or pq.ParquetWriter(folder / f"{table}.parquet", found.schema)
                writer.write_table(found)
                written += len(rows)
            if writer:
                writer.close()
    return written


def csv_by_hand(store: Path, folder: Path) -> int:
    """Write the tables as CSV with decimal commas, and count the rows."""
    written = 0
    with closing(sqlite3.connect(store)) as connection:
        for table in TABLES:
            columns = _columns(connection, table)
            cells = [
                f"replace(t.{name} / {10**scale}.0, '.', ',')" if (scale := _scale(name)) else f"t.{name}"
                for name in columns
            ]
            with (folder / f"{table}.csv").open("w", encoding="utf-8-sig", newline="") as file:
                writer = csv.writer(file, delimiter=";")
                writer.writerow(_names(table, columns))
                for rows in _batches(connection.execute(_query(table, cells))):
                    writer.writerows(rows)
                    written += len(rows)
    return written
