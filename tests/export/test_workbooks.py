"""Workbooks hold numbers, dates and texts that a spreadsheet takes for what they are."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import Text, column

from smartkasa_async.export import export_tables, files
from smartkasa_async.records.batch import RecordKind
from smartkasa_async.stores import Store, StoreError, open_store
from tests.support.simulated_store import batch

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(tmp_path / "kasa.sqlite") as store:
        yield store


def receipt(id_: str, **changes: Any) -> dict[str, Any]:
    at = "2026-10-05T21:30:00Z"
    row = {"id": id_, "type": 0, "state": 2, "total_amount": "1234.5", "shop_id": 7, "created_at": at, "updated_at": at}
    return row | {"items": [], "payment_transactions": []} | changes


async def write(store: Store, *receipts: dict[str, Any]) -> None:
    await store.write(batch(RecordKind.RECEIPTS, list(receipts)))


def read(path: Path) -> list[dict[str, Any]]:
    header, *rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    return [dict(zip(map(str, header), row, strict=True)) for row in rows]


async def test_cells_have_the_types_of_their_columns(store: Store, tmp_path: Path) -> None:
    await write(store, receipt("007", title="=1+1", is_hidden=True, fiscal_number="4820000000001"))
    (file,) = await export_tables(store, tmp_path, tables=["receipts"], format="xlsx")
    (row,) = read(file.path)
    assert (row["id"], row["title"], row["fiscal_number"]) == ("007", "=1+1", "4820000000001")
    assert (row["total_amount"], row["state"], row["is_hidden"]) == (1234.5, 2, True)
    assert row["business_date"] == date(2026, 10, 6)
    assert row["created_at"] == datetime(2026, 10, 6, 0, 30)  # noqa: DTZ001  a cell has no zone; Kyiv's is meant
    assert row["cashier_name"] == ""


async def test_more_rows_than_a_sheet_has_are_refused(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_MOST_ROWS", 3)
    await write(store, receipt("a"), receipt("b"))
    await export_tables(store, tmp_path / "two", tables=["receipts"], format="xlsx")
    await write(store, receipt("c"))
    with pytest.raises(StoreError, match=r"part-0\.xlsx would have more than 2 rows, which a sheet has no room for"):
        await export_tables(store, tmp_path / "three", tables=["receipts"], format="xlsx")
    assert not list((tmp_path / "three").rglob("*.xlsx"))


def test_a_full_disk_is_reported_and_no_rows_are_left(tmp_path: Path) -> None:
    path = tmp_path / "shops.xlsx"
    path.symlink_to("/dev/full")
    file = files.XlsxFile(path, {"title": column("title", Text())})
    assert [one.name for one in tmp_path.iterdir()] != ["shops.xlsx"]  # the rows wait beside it
    file.write([("Крамниця",)] * 10)
    with pytest.raises(OSError, match="No space left on device"):
        file.finish()
    file.abandon()


async def test_a_text_that_no_cell_has_room_for_is_refused(store: Store, tmp_path: Path) -> None:
    await write(store, receipt("a"), receipt("b", title="я" * 32_768))
    with pytest.raises(StoreError, match=r"part-0\.xlsx, row 3, column title: the text is longer"):
        await export_tables(store, tmp_path / "out", tables=["receipts"], format="xlsx")
