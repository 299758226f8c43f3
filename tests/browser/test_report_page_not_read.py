"""What was not read, or could not be, as the reconciliation of a page shows it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, insert, select

from smartkasa_async.records import RecordKind, Window
from smartkasa_async.reports import write_report_page
from smartkasa_async.sandbox.business import Simulation, simulate
from smartkasa_async.stores import open_store
from smartkasa_async.stores.schema import QUARANTINE, RECEIPTS, SYNCED_DAYS, Z_REPORTS
from tests.browser.test_report_page_figures import cells
from tests.support.report_pages import opened, plain
from tests.support.stored import changing
from tests.support.stored_ledger import note_all_read, write_business

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Browser

    from smartkasa_async.stores import Store

pytestmark = pytest.mark.asyncio(loop_scope="session")

START, END = date(2026, 10, 5), date(2026, 10, 8)
NOW = datetime(2026, 10, 9, 7, tzinfo=UTC)
DAYS = Window(START, END)
BODY = "#reconciliation-body"


async def fill(store: Store) -> None:
    await write_business(store, simulate(Simulation(shops=2, days=4, start=START, receipts_per_day=6, products=20)))


async def test_z_reports_that_were_not_read_have_dashes_and_a_command(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    async with open_store(tmp_path / "kasa.sqlite") as store:
        await fill(store)
        async with changing(store) as connection:
            await connection.execute(delete(Z_REPORTS))
            await connection.execute(delete(SYNCED_DAYS))
        for shop_id in (37901, 37902):
            await store.note_read(RecordKind.RECEIPTS, NOW, shop_id=shop_id, window=DAYS)
        written = await write_report_page(store, path, start=START, end=END, now=NOW, language="en")
    assert {one.kind for one in written.not_read} == {RecordKind.Z_REPORTS}
    assert (written.differences, written.findings) == (0, 0)
    async with opened(browser, path) as page:
        text = plain(await page.locator(BODY).inner_text())
        assert "Not all was read" in text
        assert "smartkasa reports z --start 2026-10-05 --end 2026-10-08" in text
        assert "no Z-report" not in text
        rows = await cells(page, BODY)
        assert len(rows) == 2
        assert all([row[1], row[2], row[5], row[7]] == ["—"] * 4 for row in rows)
        assert all(row[4].endswith("₴") and row[4] != "0.00 ₴" for row in rows)


async def test_days_that_were_read_are_shown_without_those_that_were_not(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    async with open_store(tmp_path / "kasa.sqlite") as store:
        await fill(store)
        async with changing(store) as connection:
            await connection.execute(delete(SYNCED_DAYS).where(SYNCED_DAYS.c.shop_id == 37901))
        await note_all_read(store, Window(START, date(2026, 10, 6)), [37901])
        await write_report_page(store, path, start=START, end=END, now=NOW, language="uk")
    async with opened(browser, path) as page:
        text = plain(await page.locator(BODY).inner_text())
        assert "Прочитано не все" in text
        assert "не прочитано: чеки за 07.10.2026…08.10.2026, магазин 37901" in text
        rows = await cells(page, BODY)
        assert [row[4] == row[5] for row in rows] == [True] * 2


async def test_a_receipt_in_quarantine_is_not_called_absent(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    async with open_store(tmp_path / "kasa.sqlite") as store:
        await fill(store)
        async with changing(store) as connection:
            sale = (
                await connection.execute(select(RECEIPTS).where(RECEIPTS.c.type == 0, RECEIPTS.c.state == 2))
            ).first()
            assert sale is not None
            await connection.execute(delete(RECEIPTS).where(RECEIPTS.c.id == sale.id))
            raw = {"shift_id": sale.shift_id, "registrar_local_number": sale.registrar_local_number}
            kept = {
                "kind": "receipts",
                "key": sale.id,
                "shop_id": sale.shop_id,
                "error": "Expected `str`",
                "seen_at": NOW,
            }
            await connection.execute(insert(QUARANTINE), [kept | {"raw": json.dumps(raw)}])
        await write_report_page(store, path, start=START, end=END, now=NOW, language="uk")
    async with opened(browser, path) as page:
        first = page.locator(f"{BODY} details:not(.as-table)").first
        await first.locator("summary").click()
        text = plain(await first.inner_text())
        assert "Чек не прочитано" in text
        assert f"{sale.id} (у карантині)" in text
        assert "немає в базі" not in text
