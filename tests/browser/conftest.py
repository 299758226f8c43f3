"""A browser, and the page of a business, for all tests of a worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.support.report_pages import MISSING_CHROMIUM, chromium, opened, running_browser, write_page

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from playwright.async_api import Browser, Page


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    if chromium() is None:
        pytest.skip(MISSING_CHROMIUM)
    async with running_browser() as browser:
        yield browser


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page in Ukrainian, beside the store that it was written of."""
    return await write_page(tmp_path_factory.mktemp("report"))


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, report: Path) -> AsyncIterator[Page]:
    async with opened(browser, report) as page:
        yield page
