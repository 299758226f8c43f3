"""Fixtures of the tests of stock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smartkasa_async.sandbox import Sandbox
from tests.support.clients import client
from tests.support.stock_store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture(params=["flat", "enveloped"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    """Open a shop with stock cards, in either form of requests."""
    async with Sandbox(wire=request.param) as sandbox, client(sandbox, wire=request.param) as kasa:
        opened = Store(sandbox, kasa)
        await opened.open()
        yield opened
