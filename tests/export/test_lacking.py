"""An export names what its files lack: days that were not read, and records in quarantine."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from smartkasa_async._support import clock
from smartkasa_async.export import export_tables
from smartkasa_async.records import RecordKind, Window
from smartkasa_async.stores import Store, open_store
from tests.support.stored import RECEIPT, SHOP, batch, line

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

NOW = datetime(2026, 11, 4, 7, tzinfo=UTC)
FIRST, LAST = date(2026, 10, 5), date(2026, 10, 20)
Lacking = list[tuple[str, int | None, date, date]]


@pytest.fixture
async def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Store]:
    """Give a store of two shops, of which receipts of some days were read: of the second, two days fewer."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    async with open_store(tmp_path / "kasa.sqlite") as store:
        await store.write(batch(RecordKind.SHOPS, SHOP | {"id": 13}, SHOP | {"id": 14}))
        await store.note_read(RecordKind.RECEIPTS, NOW, shop_id=13, window=Window(FIRST, LAST))
        await store.note_read(RecordKind.RECEIPTS, NOW, shop_id=14, window=Window(FIRST, date(2026, 10, 18)))
        yield store


async def lacking(store: Store, folder: Path, **options: object) -> Lacking:
    files = await export_tables(store, folder / "out", format="csv", **options)  # type: ignore[arg-type]
    assert files.ok is not bool(files.not_read)
    return [(one.kind, one.shop_id, one.start, one.end) for one in files.not_read]


BEHIND: Lacking = [("receipts", 14, date(2026, 10, 19), LAST)]
REST: Lacking = [
    ("receipts", 13, date(2026, 10, 21), date(2026, 10, 31)),
    ("receipts", 14, date(2026, 10, 19), date(2026, 10, 31)),
]
BEFORE: Lacking = [("receipts", shop, date(2026, 10, 1), date(2026, 10, 4)) for shop in (13, 14)]


async def test_without_days_a_shop_that_is_behind_the_others_is_named(store: Store, tmp_path: Path) -> None:
    assert await lacking(store, tmp_path) == BEHIND
    assert await lacking(store, tmp_path, shops=[13]) == []


async def test_days_that_are_asked_for_are_whole_months_until_today(store: Store, tmp_path: Path) -> None:
    asked = await lacking(store, tmp_path, start=date(2026, 10, 7), end=date(2026, 10, 8))
    assert sorted(asked) == sorted(BEFORE + REST)
    assert ("receipts", 13, date(2026, 10, 21), date(2026, 11, 4)) in await lacking(
        store, tmp_path, start=date(2026, 10, 7), end=date(2026, 11, 30)
    )
    assert await lacking(store, tmp_path, start=date(2026, 12, 1), end=date(2026, 12, 1)) == []


async def test_what_is_named_has_to_be_there_and_what_is_not_only_where_any_of_it_was_read(
    store: Store, tmp_path: Path
) -> None:
    never = [("z_reports", shop, FIRST, LAST) for shop in (13, 14)]
    assert await lacking(store, tmp_path, tables=["z_reports", "shops"]) == never
    await store.note_read(RecordKind.Z_REPORTS, NOW, shop_id=13, window=Window(FIRST, LAST))
    assert await lacking(store, tmp_path) == BEHIND + never[1:]
    assert await lacking(store, tmp_path, tables=["shops"], views=["stock_by_day"]) == []


async def test_records_in_quarantine_are_counted_by_kind_and_month(store: Store, tmp_path: Path) -> None:
    for id_, at in (("q-1", "2026-10-05T10:00:00Z"), ("q-2", "2026-09-05T10:00:00Z")):
        unfit = RECEIPT | {"id": id_, "shop_id": 13, "created_at": at, "items": [line(quantity="0.1234567")]}
        await store.write(batch(RecordKind.RECEIPTS, unfit))
    october = {"start": FIRST, "end": LAST, "shops": [13]}
    counts = [
        (await export_tables(store, tmp_path / "out", **options)).in_quarantine
        for options in ({}, october, {"tables": ["z_reports"]}, {"views": ["sales_by_day"], **october})
    ]
    assert counts == [2, 1, 0, 1]
    files = await export_tables(store, tmp_path / "out")
    assert files.note_lines() == ["Records in quarantine, which the files lack: 2."]
    assert files.note_lines("uk") == ["Записи в карантині, яких бракує у файлах: 2."]
    assert not files.ok
