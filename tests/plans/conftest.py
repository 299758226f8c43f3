"""Fixtures of the tests of plans."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smartkasa_async.sandbox import Sandbox
from tests.support.clients import client
from tests.support.planned_store import PlannedStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[PlannedStore]:
    """Open a shop with six products, of which four have stock cards, and a folder for plans."""
    async with Sandbox() as sandbox, client(sandbox) as kasa:
        opened = PlannedStore(sandbox, kasa, tmp_path)
        await opened.open()
        yield opened
