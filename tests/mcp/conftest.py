"""Stores that agents ask."""

from __future__ import annotations

import asyncio
import shutil
from typing import TYPE_CHECKING

import pytest

from smartkasa_async.stores import open_store
from tests.support.agent_business import OCTOBER, faulty, hostile, month, write_month

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from smartkasa_async.records import Window
    from smartkasa_async.sandbox import Business
    from smartkasa_async.stores import Store


def written(path: Path, business: Business, read: Window = OCTOBER) -> Path:
    async def write() -> None:
        async with open_store(path, keep_raw=False) as store:
            await write_month(store, business, read)

    asyncio.run(write())
    return path


@pytest.fixture(scope="session")
def whole_month(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a file that must not change: a month that agrees."""
    return written(tmp_path_factory.mktemp("agents") / "whole.sqlite", month())


@pytest.fixture
async def store(whole_month: Path, tmp_path: Path) -> AsyncIterator[Store]:
    """Open a copy of it."""
    async with open_store(shutil.copy(whole_month, tmp_path / "kasa.sqlite")) as opened:
        yield opened


@pytest.fixture
async def faulty_store(tmp_path: Path) -> AsyncIterator[Store]:
    """Open a month with planted faults."""
    async with open_store(tmp_path / "faulty.sqlite", keep_raw=False) as opened:
        await write_month(opened, faulty())
        yield opened


@pytest.fixture
async def hostile_store(tmp_path: Path) -> AsyncIterator[Store]:
    """Open a month whose titles are written to mislead a model."""
    async with open_store(tmp_path / "hostile.sqlite", keep_raw=False) as opened:
        await write_month(opened, hostile())
        yield opened
