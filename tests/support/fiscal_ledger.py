"""A simulated business in a store, to be looked through."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert

from smartkasa_async.models import ReceiptState, ReceiptType
from smartkasa_async.records import RecordKind, Window, business_day
from smartkasa_async.reports import ComplianceReport, check_compliance
from smartkasa_async.sandbox import Simulation
from smartkasa_async.stores.schema import RECEIPTS, SHIFTS, SHOPS, TERMINALS, Z_REPORTS
from tests.support.stored import changing

if TYPE_CHECKING:
    from sqlalchemy import Table

    from smartkasa_async.stores import Store

Rows = dict[str, list[dict[str, Any]]]

NOW = datetime(2027, 1, 15, 12, tzinfo=UTC)
QUARTER = Simulation(shops=4, days=92, start=date(2026, 10, 1), receipts_per_day=10, products=60)
FORTNIGHT = Simulation(shops=2, days=14, start=date(2026, 10, 19), receipts_per_day=16, products=60)
TABLES = {"shops": SHOPS, "terminals": TERMINALS, "shifts": SHIFTS, "receipts": RECEIPTS, "z_reports": Z_REPORTS}
HOUR = timedelta(hours=1)


def as_row(table: Table, record: dict[str, Any]) -> dict[str, Any]:
    row = {column.name: record.get(column.name) for column in table.columns if column.name != "account_id"}
    if "business_date" in row:
        row["business_date"] = business_day(record["created_at"])
    return row


async def fill(store: Store, rows: Rows) -> None:
    async with changing(store) as connection:
        for name, table in TABLES.items():
            if rows.get(name):
                await connection.execute(insert(table), [as_row(table, record) for record in rows[name]])


async def look(store: Store, rows: Rows, **arguments: Any) -> ComplianceReport:
    await fill(store, rows)
    await note_read_until(store, rows, arguments.get("now", NOW))
    return await check_compliance(store, **{"now": NOW, **arguments})


async def note_read_until(store: Store, rows: Rows, now: datetime) -> None:
    """Note that all was read from the day before the first receipt on."""
    first = min((business_day(row["created_at"]) for row in rows["receipts"]), default=business_day(now))
    window = Window(first - timedelta(days=1), business_day(now))
    for shop in rows["shops"]:
        for kind in (RecordKind.RECEIPTS, RecordKind.Z_REPORTS):
            await store.note_read(kind, now, shop_id=shop["id"], window=window)
    await store.note_read(RecordKind.SHIFTS, now)


def sales(rows: Rows, *, offline: bool = False) -> list[dict[str, Any]]:
    """The paid sales of the first registrar, in the order of time."""
    registrar = rows["receipts"][0]["registrar_fiscal_number"]
    found = [
        row
        for row in rows["receipts"]
        if (row["registrar_fiscal_number"], row["type"], row["state"])
        == (registrar, ReceiptType.SALE, ReceiptState.PAID)
        and bool(row["offline_id"]) is offline
    ]
    return sorted(found, key=lambda row: row["created_at"])
