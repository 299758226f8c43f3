"""A workbook of October, written once for all tests that only read it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from smartkasa_async.reports import write_month_workbook
from smartkasa_async.stores import open_store
from tests.support.agent_business import OCTOBER
from tests.support.month_business import NOW, write_october
from tests.support.read_workbook import read_workbook

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.read_workbook import ReadSheet


@pytest.fixture(scope="session")
def october(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbook in Ukrainian; the store `kasa.sqlite` is beside it."""
    folder = tmp_path_factory.mktemp("october")

    async def write() -> None:
        async with open_store(folder / "kasa.sqlite") as store:
            await write_october(store)
            await write_month_workbook(store, folder / "жовтень.xlsx", month=OCTOBER.start, language="uk", now=NOW)

    asyncio.run(write())
    return folder / "жовтень.xlsx"


@pytest.fixture(scope="session")
def sheets(october: Path) -> dict[str, ReadSheet]:
    return read_workbook(october)
