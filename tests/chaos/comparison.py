"""Compares a store with the sandbox's own database, record by record, and with what the sandbox lists."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from sqlalchemy import select

from smartkasa_async.fleet.demo.comparison import find_differences as find_record_differences
from smartkasa_async.records.days import KYIV
from smartkasa_async.stores import open_store
from smartkasa_async.stores.schema import METADATA

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date
    from pathlib import Path

    from smartkasa_async.sandbox import Sandbox

__all__ = ["find_differences"]

Row: TypeAlias = "Mapping[str, Any]"

_LISTS = {
    "shops": "/rsn/shops",
    "terminals": "/pos/terminals",
    "products": "/inventory/products",
    "cards": "/inventory/cards",
    "shifts": "/pos/shifts",
    "receipts": "/pos/receipts",
    "z_reports": "/reports/z-reports",
}
_PARTS = ("receipt_items", "payments")
_TAX_COLUMNS = {"А": "tax_a", "Б": "tax_b", "В": "tax_v", "Г": "tax_g", "Д": "tax_d", "З": "tax_z"}


def find_differences(box: Sandbox, path: Path, start: date, end: date) -> list[str]:
    """List all in which a store differs from a sandbox, one line for each thing.

    Args:
        box: The sandbox, running.
        path: The store's file.
        start: First business day that was synced.
        end: Last business day.
    """
    stored, differences = asyncio.run(_read(path, box))
    deleted = {row["id"] for row in stored["receipts"] if row["deleted_at"]}
    for table in _PARTS:
        stored[table] = [row for row in stored[table] if row["receipt_id"] not in deleted]
    service = _Service(box)
    return [
        *differences,
        *_wrong_receipts(box, stored["receipts"]),
        *_wrong_json(service, stored),
        *_wrong_sales(service, stored, start, end),
    ]


async def _read(path: Path, box: Sandbox) -> tuple[dict[str, list[Row]], list[str]]:
    """Return the tables of the store, and in which records it differs from the sandbox."""
    async with open_store(path) as store:
        differences = await find_record_differences(store, box)
        async with store.reading() as connection:
            return {
                name: [dict(row) for row in (await connection.execute(select(table))).mappings()]
                for name, table in METADATA.tables.items()
            }, differences


class _Service:
    """A plain reader of the sandbox's lists."""

    def __init__(self, box: Sandbox) -> None:
        self._url = f"{box.url}/api/v1"
        self._headers = {"X-API-KEY": box.api_key}
        credentials = {"phone_number": box.phone_number, "password": box.password}
        login = Request(f"{self._url}/auth/sessions", json.dumps(credentials).encode(), self._headers)  # noqa: S310 loopback
        with urlopen(login) as answer:  # noqa: S310 loopback
            self._headers["Authorization"] = f"Bearer {json.load(answer)['data']['access']}"

    def read(self, path: str, **query: object) -> Any:
        request = Request(f"{self._url}{path}?{urlencode(query)}", headers=self._headers)  # noqa: S310 loopback
        with urlopen(request) as answer:  # noqa: S310 loopback
            return json.load(answer, parse_float=Decimal)

    def read_all(self, path: str) -> dict[Any, Row]:
        rows: list[Row] = []
        page: int | None = 1
        while page:
            answer = self.read(path, page=page, per_page=100)
            rows += answer["data"]
            page = answer["meta"].get("next_page")
        return {row["id"]: row for row in rows}


def _wrong_receipts(box: Sandbox, kept: list[Row]) -> Iterator[str]:
    """Compare what is made of a receipt's fields."""
    held = {row["id"]: row for row in box.rows("receipts")}
    for row in kept:
        if row["deleted_at"]:
            continue
        taxes = dict.fromkeys(_TAX_COLUMNS.values())
        taxes |= {_TAX_COLUMNS[letter]: Decimal(value) / 100 for letter, value in held[row["id"]]["tax_amount"].items()}
        day = held[row["id"]]["created_at"].astimezone(KYIV).date()
        if row["business_date"] != day or {column: row[column] for column in taxes} != taxes:
            yield f"receipts {row['id']} is {dict(row)}, and must have {day} and {taxes}"


def _wrong_json(service: _Service, stored: dict[str, list[Row]]) -> Iterator[str]:
    for name, path in _LISTS.items():
        listed = service.read_all(path)
        for row in stored[name]:
            if not row["deleted_at"]:
                raw = json.loads(row["raw"], parse_float=Decimal)
                if _told(name, raw) != _told(name, listed[row["id"]]):
                    yield f"{name} {row['id']} has the JSON {raw}, and must have {listed[row['id']]}"


def _told(name: str, record: Row) -> Row:
    """Return a record; a shift's times are in UTC where it stands in a Z-report, in Kyiv time in lists."""
    if name != "shifts":
        return record
    return {**record, **{at: record[at] and datetime.fromisoformat(record[at]) for at in ("opened_at", "closed_at")}}


def _wrong_sales(service: _Service, stored: dict[str, list[Row]], start: date, end: date) -> Iterator[str]:
    sold = {}
    for shop in (row["id"] for row in stored["shops"]):
        for day in (start + timedelta(days=n) for n in range((end - start).days + 1)):
            lines = service.read("/stats/product_daily_sales/alter", shop_id=shop, date_start=day, date_end=day)["data"]
            for line in lines["products"]:
                sold[shop, day, line["id"]] = Decimal(line["total_amount"]), Decimal(line["total_count"]), line["title"]
    kept = {
        (row["shop_id"], row["business_date"], row["product_id"]): (
            row["total_amount"],
            row["total_count"],
            row["title"],
        )
        for row in stored["product_sales"]
    }
    for key in sold.keys() | kept.keys():
        if sold.get(key) != kept.get(key):
            yield f"sales {key} are {kept.get(key)}, and must be {sold.get(key)}"
