"""A business with faults planted in it, the page that is written of it, and a browser that opens the page."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from playwright.async_api import async_playwright

from smartkasa_async.reports import write_report_page
from smartkasa_async.sandbox.business import Simulation, simulate
from smartkasa_async.stores import open_store
from tests.support.stored_ledger import write_business

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from playwright.async_api import Browser, Page

    from smartkasa_async.sandbox.business import Business

__all__ = [
    "DANGEROUS",
    "END",
    "MISSING_CHROMIUM",
    "NOW",
    "START",
    "chromium",
    "opened",
    "plain",
    "running_browser",
    "write_page",
]

START, END = date(2026, 10, 5), date(2026, 11, 8)
NOW = datetime(2026, 11, 9, 7, tzinfo=UTC)
DANGEROUS = """</script><script>document.title = "run"</script>"&'<b onclick=alert(1)>"""
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

MISSING_CHROMIUM = (
    "no Chromium or Chrome on PATH; install one (apt-get install chromium) or set SMARTKASA_TEST_CHROMIUM"
)


def chromium() -> str | None:
    """The browser of the machine, if it has one."""
    named = os.environ.get("SMARTKASA_TEST_CHROMIUM")
    return named or next((path for name in _NAMES if (path := shutil.which(name))), None)


@asynccontextmanager
async def running_browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=_FLAGS)
        yield browser
        await browser.close()


@asynccontextmanager
async def opened(browser: Browser, path: Path, **options: Any) -> AsyncIterator[Page]:
    """Open a page from disk; whatever it says in the console or asks of a network fails the test."""
    context = await browser.new_context(**{"viewport": {"width": 1280, "height": 900}, "locale": "en-GB", **options})
    page = await context.new_page()
    trouble: list[str] = []
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    await page.goto(path.as_uri())
    await page.wait_for_function("[...document.querySelectorAll('.chart')].every((chart) => chart.firstChild)")
    yield page
    await context.close()
    assert trouble == []
    assert asked == [path.as_uri()]


def plain(text: str) -> str:
    """The text with ordinary spaces."""
    return text.replace("\u00a0", " ").replace("\u202f", " ").strip()


async def write_page(folder: Path) -> Path:
    """Write the page of a business, whose store stays beside it."""
    business = simulate(Simulation(shops=3, days=35, start=START, receipts_per_day=12, products=40))
    _plant_faults(business)
    async with open_store(folder / "kasa.sqlite") as store:
        await write_business(store, business)
        await write_report_page(store, folder / "report.html", start=START, end=END, now=NOW, language="uk")
    return folder / "report.html"


def _plant_faults(business: Business) -> None:
    """Lose a Z-report, keep a shift open for too long, change a total, and give a product a name that bites."""
    rows = business.rows
    rows["z_reports"].pop(7)
    rows["shifts"][3]["closed_at"] = rows["shifts"][3]["opened_at"] + timedelta(hours=30)
    sale = next(row for row in rows["receipts"][200:] if (row["type"], row["state"]) == (0, 2))
    sale["total_amount"] += Decimal("12.30")
    sold = Counter(item["product_id"] for item in rows["receipt_items"] for _ in range(int(item["amount"])))
    ((best, _),) = sold.most_common(1)
    for item in rows["receipt_items"]:
        if item["product_id"] == best:
            item["name"] = DANGEROUS
    rows["shops"][0]["title"] = f"Крамниця {DANGEROUS}"
