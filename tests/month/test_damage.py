"""What could damage a workbook: texts that no formula can hold, amounts finer than a kopeck, and a full disk."""

from __future__ import annotations

import errno
import json
import os
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async.records import RecordKind, Window
from smartkasa_async.reports import export_month, write_month_workbook
from smartkasa_async.stores import Store, open_store
from tests.support.read_workbook import ReadSheet, read_workbook
from tests.support.stored import RECEIPT, SHOP, batch, line

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

NOW = datetime(2026, 11, 4, 7, tzinfo=UTC)
OCTOBER = Window(date(2026, 10, 1), date(2026, 10, 31))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(tmp_path / "kasa.sqlite") as store:
        await store.write(batch(RecordKind.SHOPS, SHOP | {"id": 13, "title": "Крамниця"}))
        for kind in (RecordKind.RECEIPTS, RecordKind.Z_REPORTS):
            await store.note_read(kind, NOW, shop_id=13, window=OCTOBER)
        yield store


async def write(store: Store, **changes: Any) -> None:
    """Write a receipt of October with a line and a payment that come to its total."""
    at, total = "2026-10-05T10:00:00.000+00:00", changes.get("total_amount", "10.0")
    (payment,) = RECEIPT["payment_transactions"]
    parts: dict[str, Any] = {
        "items": [line(amount=total, price=total, tax_group_id=None)],
        "payment_transactions": [payment | {"amount": total}],
    }
    receipt = RECEIPT | {"created_at": at, "updated_at": at, "total_amount": total, "tax_amount": None}
    await store.write(batch(RecordKind.RECEIPTS, receipt | parts | changes))


async def workbook(store: Store, folder: Path) -> dict[str, ReadSheet]:
    await write_month_workbook(store, folder / "o.xlsx", month=OCTOBER.start, now=NOW)
    return read_workbook(folder / "o.xlsx")


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        pytest.param("12\x0134", "12_x0001_34", id="control character"),
        pytest.param("1" * 256, "1" * 256, id="too long"),
        pytest.param("12\ufffe34", "12_xFFFE_34", id="no character"),
    ],
)
async def test_a_number_that_no_formula_can_hold_is_shown_without_its_page(
    store: Store, tmp_path: Path, number: str, shown: str
) -> None:
    await write(store, type=3, fiscal_number=number)
    sheet = (await workbook(store, tmp_path))["Refunds"]
    (row,) = sheet.rows()
    assert row["Receipt"] == shown
    assert not [formula for formula in sheet.formulas.values() if "HYPERLINK" in formula]


async def test_quotes_stand_in_a_formula_as_they_are(store: Store, tmp_path: Path) -> None:
    await write(store, type=3, fiscal_number='1"&2')
    sheet = (await workbook(store, tmp_path))["Refunds"]
    (formula,) = [formula for formula in sheet.formulas.values() if "HYPERLINK" in formula]
    assert formula.endswith(',"1""&2")')
    assert sheet.rows()[0]["Receipt"] == '1"&2'


async def test_cached_totals_are_rounded_as_their_formulas_are(store: Store, tmp_path: Path) -> None:
    await write(store, total_amount="10.125")
    sheets = await workbook(store, tmp_path)
    assert sheets["Income by day"].total("Sales") == Decimal("10.13")
    summary = sheets["Summary"]
    compared = {
        summary.cells[row, 0]: [summary.cells[row, column] for column in (2, 4, 5)]
        for (row, column) in summary.formulas
        if column == 4 and row > summary.end
    }
    assert compared["Net sales: income by day"] == [10.13, 10.13, 0]


async def test_records_in_quarantine_are_named_where_the_sums_lack_them(store: Store, tmp_path: Path) -> None:
    await write(store)
    await write(store, id="q-1", items=[line(quantity="0.1234567")])  # finer than the store is
    await write(store, id="q-2", items=[line(quantity="0.1234567")])
    sheets = await workbook(store, tmp_path)
    (row,) = sheets["Summary"].rows()
    assert (row["Sales"], row["Sale receipts"]) == (10.0, 1)
    assert "records in quarantine, which these sums lack: 2" in row["Note"]
    lacking = "All days were read. Records in quarantine, which the sums lack: 2. Made 04.11.2026 09:00, time in Kyiv."
    assert {sheet.cells[2, 0] for sheet in sheets.values()} == {lacking}
    report = await export_month(store, tmp_path / "o.json", month=OCTOBER.start, format="json", now=NOW)
    assert (report.in_quarantine, report.ok, report.is_complete) == (2, False, True)
    assert report.note_lines("uk") == ["Записи в карантині, яких бракує в сумах: 2."]
    document = json.loads((tmp_path / "o.json").read_bytes())
    assert (document["complete"], document["not_read"], document["in_quarantine"]) == (False, [], 2)


async def test_a_full_disk_is_named_and_nothing_is_left(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await write(store)
    rows = tmp_path / "rows"
    rows.mkdir()
    monkeypatch.setattr("tempfile.tempdir", f"{rows}")
    full = tmp_path / "full"
    full.symlink_to("/dev/full")

    def on_full_disk(*_: object, **__: object) -> tuple[int, str]:
        return os.open(full, os.O_WRONLY), f"{full}"

    monkeypatch.setattr("tempfile.mkstemp", on_full_disk)
    with pytest.raises(OSError, match=r"No space left on device: '.*rows") as caught:
        await export_month(store, tmp_path / "o.xlsx", month=OCTOBER.start, format="xlsx", now=NOW)
    assert caught.value.errno == errno.ENOSPC
    left = {one.relative_to(tmp_path).as_posix() for one in tmp_path.rglob("*")}  # noqa: ASYNC240
    assert {name for name in left if not name.startswith("kasa.sqlite")} == {"full", "rows"}
