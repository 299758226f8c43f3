from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async.records.batch import RecordKind, Undecodable
from smartkasa_async.stores.schema import (
    CARDS,
    CATEGORIES,
    EMPLOYEES,
    PRODUCT_SALES,
    PRODUCTS,
    QUARANTINE,
    SHIFTS,
    SHOPS,
    TERMINALS,
    Z_REPORTS,
)
from tests.support.stored import SHIFT, SHOP, TERMINAL, Z_REPORT, batch, rows, sales

if TYPE_CHECKING:
    from sqlalchemy import Table

    from smartkasa_async.stores import Store

TIMES = {"created_at": "2026-10-01T09:00:00+03:00", "updated_at": "2026-10-01T09:00:00+03:00"}
OPEN = {"state": 0, "closed_at": None, "closed_by": None}
CLOSED = {"state": 1, "closed_at": "2021-08-06T20:00:00+00:00", "closed_by": "Касир"}


def shift(**changes: Any) -> dict[str, Any]:
    return {**SHIFT, "id": Z_REPORT["shift_id"], **changes}


def z_report(nested: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The documented Z-report with a shift as it nests one: without its terminal."""
    return {**Z_REPORT, "shift": Z_REPORT["shift"] | nested, **changes}


@pytest.mark.parametrize(
    ("kind", "table", "record", "expected"),
    [
        (RecordKind.SHOPS, SHOPS, SHOP, {"id": 37968, "is_vat_taxation": True}),
        (RecordKind.TERMINALS, TERMINALS, TERMINAL, {"id": TERMINAL["id"], "shop_id": TERMINAL["shop_id"]}),
        (
            RecordKind.EMPLOYEES,
            EMPLOYEES,
            {"id": 7, "first_name": "Касир", "state": 0, "joined_at": "2026-01-31T00:00:00+00:00", **TIMES},
            {"id": 7, "last_name": None, "joined_at": datetime(2026, 1, 31, tzinfo=UTC)},
        ),
        (
            RecordKind.CATEGORIES,
            CATEGORIES,
            {"id": "c", "title": "Кава", "parent_id": None, "products_count": 2, **TIMES},
            {"id": "c", "title": "Кава", "products_count": 2, "updated_at": datetime(2026, 10, 1, 6, tzinfo=UTC)},
        ),
        (
            RecordKind.PRODUCTS,
            PRODUCTS,
            {"id": "p", "title": "Кава", "price": "299.99", "tax_group_id": 6, "remote_id": 17, **TIMES},
            {"id": "p", "price": Decimal("299.99"), "tax_group_id": 6, "remote_id": "17", "number": None},
        ),
        (
            RecordKind.CARDS,
            CARDS,
            {"id": 3, "product_id": "p", "shop_id": 13, "count": "-0.125", "counting_enabled": True, **TIMES},
            {"id": 3, "product_id": "p", "count": Decimal("-0.125"), "counting_enabled": True},
        ),
        (
            RecordKind.SHIFTS,
            SHIFTS,
            SHIFT | {"employee_id": 5},
            {"id": SHIFT["id"], "terminal_id": SHIFT["terminal_id"], "employee_id": 5, "shop_id": None},
        ),
    ],
    ids=str,
)
async def test_records_are_stored_and_replaced_by_id(
    store: Store, kind: RecordKind, table: Table, record: dict[str, Any], expected: dict[str, Any]
) -> None:
    await store.write(batch(kind, record))
    assert await store.mark_deleted(kind, []) == 1
    again = batch(kind, record)
    await store.write(again)

    (stored,) = await rows(store, table)
    assert {name: stored[name] for name in expected} == expected
    assert stored["raw"].encode() == again.raw[0]
    assert stored["deleted_at"] is None


async def test_the_pin_that_opens_the_till_stays_out_of_the_store(store: Store) -> None:
    cashier = {"pin_code": "4815", "id": 7, "first_name": "Касир", "state": 0, "notes": "1.10", **TIMES}
    broken = Undecodable("8", b'{"id": 8, "pin\\u005fcode": "1623", "rate": 1.10}', "Expected `str`")
    await store.write(batch(RecordKind.EMPLOYEES, cashier, undecodable=[broken]))

    (stored,) = await rows(store, EMPLOYEES)
    cashier.pop("pin_code")
    assert json.loads(stored["raw"]) == cashier
    (kept,) = await rows(store, QUARANTINE)
    assert kept["raw"] == '{"id":8,"rate":1.10}'


# --- Z-reports and shifts ---


async def test_a_z_report_is_stored_in_both_layouts(store: Store) -> None:
    payload = Z_REPORT["payload"] | {"timestamp": "1628281555123", "service_input": 100.05}
    cash = {"total": 500, "commission": 2.5, "receipts_count": 4}
    await store.write(
        batch(RecordKind.Z_REPORTS, Z_REPORT | {"sale_total": 12276.25, "payload": payload | {"cash": cash}})
    )

    (stored,) = await rows(store, Z_REPORTS)
    assert (stored["id"], stored["shop_id"], stored["business_date"]) == (51, 155, date(2021, 8, 6))
    assert (stored["sale_total"], stored["cash_total"]) == (Decimal("12276.25"), Decimal("12276.25"))
    assert stored["cash_receipts_count"] == 4
    assert stored["payload_timestamp"] == datetime(2021, 8, 6, 20, 25, 55, 123000, tzinfo=UTC)
    assert stored["payload_service_input"] == Decimal("100.05")
    assert stored["payload_registrar_local_number"] == payload["registrarLocalNumber"]
    assert (stored["payload_cash_total"], stored["payload_cash_commission"]) == (500, Decimal("2.5"))
    assert stored["payload_cash_receipts_count"] == 4


@pytest.mark.parametrize("payload", [None, {}, {"timestamp": "yesterday", "cash": None}, {"timestamp": "9" * 30}])
async def test_a_payload_that_says_nothing(store: Store, payload: Any) -> None:
    await store.write(batch(RecordKind.Z_REPORTS, Z_REPORT | {"payload": payload}))
    (stored,) = await rows(store, Z_REPORTS)
    assert {value for name, value in stored.items() if name.startswith("payload_")} == {None}


async def test_a_z_report_brings_its_shift(store: Store) -> None:
    await store.write(batch(RecordKind.Z_REPORTS, Z_REPORT))
    (stored,) = await rows(store, SHIFTS)
    assert (stored["id"], stored["shop_id"], stored["terminal_id"]) == (Z_REPORT["shift_id"], 155, 297)
    assert stored["cash_balance"] == Decimal("0.99")
    assert json.loads(stored["raw"]) == Z_REPORT["shift"]


async def test_a_z_report_without_its_shift(store: Store) -> None:
    await store.write(batch(RecordKind.Z_REPORTS, Z_REPORT | {"shift": None}))
    assert len(await rows(store, Z_REPORTS)) == 1
    assert await rows(store, SHIFTS) == []


async def test_an_open_shift_never_replaces_a_closed_one(store: Store) -> None:
    await store.write(batch(RecordKind.SHIFTS, shift(**CLOSED)))
    await store.write(batch(RecordKind.Z_REPORTS, z_report(OPEN)))
    await store.write(batch(RecordKind.SHIFTS, shift(**OPEN)))

    (stored,) = await rows(store, SHIFTS)
    assert (stored["state"], stored["closed_by"]) == (1, "Касир")
    assert json.loads(stored["raw"])["state"] == 1
    assert stored["shop_id"] == 155


async def test_a_z_report_closes_a_shift_and_takes_nothing_away_from_it(store: Store) -> None:
    await store.write(batch(RecordKind.SHIFTS, shift(**OPEN, terminal_id=9, registrar_fiscal_number="4000000001")))
    await store.write(
        batch(RecordKind.Z_REPORTS, z_report(CLOSED | {"registrar_fiscal_number": None}, terminal_id=None))
    )

    (stored,) = await rows(store, SHIFTS)
    assert (stored["state"], stored["closed_by"]) == (1, "Касир")
    assert (stored["terminal_id"], stored["registrar_fiscal_number"]) == (9, "4000000001")


async def test_a_shift_within_a_z_report_does_not_make_it_listed_again(store: Store) -> None:
    await store.write(batch(RecordKind.SHIFTS, shift(**CLOSED)))
    await store.mark_deleted(RecordKind.SHIFTS, [])
    await store.write(batch(RecordKind.Z_REPORTS, z_report(CLOSED)))
    assert [row["deleted_at"] is None for row in await rows(store, SHIFTS)] == [False]


@pytest.mark.parametrize("terminal_first", [True, False])
async def test_a_shift_s_shop_is_its_terminal_s(store: Store, terminal_first: bool) -> None:
    batches = [
        batch(RecordKind.TERMINALS, TERMINAL | {"id": 9, "shop_id": 13}),
        batch(RecordKind.SHIFTS, shift(terminal_id=9), shift(id="other", terminal_id=10)),
    ]
    for one in batches if terminal_first else reversed(batches):
        await store.write(one)
    assert {row["id"]: row["shop_id"] for row in await rows(store, SHIFTS)} == {Z_REPORT["shift_id"]: 13, "other": None}


async def test_a_terminal_that_moves_leaves_its_old_shifts_where_they_were(store: Store) -> None:
    for shop_id in (13, 14):
        await store.write(batch(RecordKind.TERMINALS, TERMINAL | {"id": 9, "shop_id": shop_id}))
        await store.write(batch(RecordKind.SHIFTS, shift(terminal_id=9)))
    assert [row["shop_id"] for row in await rows(store, SHIFTS)] == [13]


# --- product sales ---


async def test_product_sales_are_kept_by_shop_day_and_product(store: Store) -> None:
    await store.write(sales(date(2026, 10, 1), p1="10.00", p2="20.00"))
    await store.write(sales(date(2026, 10, 2), p1="30.00"))
    await store.write(sales(date(2026, 10, 1), p1="11.00"))

    stored = {
        (row["business_date"].day, row["product_id"]): row["total_amount"] for row in await rows(store, PRODUCT_SALES)
    }
    assert stored == {(1, "p1"): Decimal(11), (1, "p2"): Decimal(20), (2, "p1"): Decimal(30)}
