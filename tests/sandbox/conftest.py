"""Fixtures of the sandbox's tests: a running sandbox, and a caller that has logged in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest

from smartkasa_async import SmartKasa
from smartkasa_async.sandbox import Sandbox
from tests.sandbox.calling import Caller, two_of_each
from tests.sandbox.clients import client
from tests.sandbox.stock_store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    async with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
async def kasa(box: Sandbox) -> AsyncIterator[SmartKasa]:
    async with SmartKasa(**box.credentials) as client:
        yield client


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as plain:
        yield plain


@pytest.fixture
async def caller(box: Sandbox, session: aiohttp.ClientSession) -> Caller:
    """Log in to an empty sandbox."""
    caller = Caller(box, session)
    await caller.login()
    return caller


@pytest.fixture
async def stocked(caller: Caller) -> Caller:
    """Log in to a sandbox with two rows of each table."""
    caller.box.load(two_of_each())
    return caller


@pytest.fixture(params=["flat", "enveloped"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    """Open a shop with stock cards, in either form of requests."""
    async with Sandbox(wire=request.param) as sandbox, client(sandbox, wire=request.param) as kasa:
        opened = Store(sandbox, kasa)
        await opened.open()
        yield opened
