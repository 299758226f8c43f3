"""Fixtures that tests of several packages use: answers without a socket, a stored business to spoil, a sandbox."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from inspect import signature
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import aiohttp
import pytest
from aiohttp import ClientResponse
from aioresponses import aioresponses

from smartkasa_async import SmartKasa
from smartkasa_async.sandbox import Sandbox, simulate
from smartkasa_async.stores import open_store
from tests.support.calling import Caller, two_of_each
from tests.support.edited_ledger import SPRING, EditedLedger
from tests.support.stored_ledger import write_file

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path


class _Response(ClientResponse):
    """What aioresponses 0.7.9 makes, with the argument that aiohttp has asked for since."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if "stream_writer" in signature(ClientResponse).parameters:
            kwargs["stream_writer"] = Mock(output_size=0)
        super().__init__(*args, **kwargs)


class _Mocked(aioresponses):
    def add(self, *args: Any, **kwargs: Any) -> None:
        super().add(*args, **{"response_class": _Response, **kwargs})


@pytest.fixture
def mocked() -> Iterator[aioresponses]:
    """Answer for the service without a socket."""
    with _Mocked() as mocked:
        yield mocked


@pytest.fixture
def empty_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let temporary files be made in a folder that must be empty in the end."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield
    assert list(folder.iterdir()) == []


@pytest.fixture(scope="session")
def spring(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a file that must not change: a month of two shops that agrees."""
    path = tmp_path_factory.mktemp("spring") / "spring.sqlite"
    asyncio.run(write_file(path, simulate(SPRING)))
    return path


@pytest.fixture
async def ledger(spring: Path, tmp_path: Path) -> AsyncIterator[EditedLedger]:
    """Give a copy of it to spoil."""
    async with open_store(shutil.copy(spring, tmp_path / "ledger.sqlite")) as store:
        yield EditedLedger(store)


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    """Run an empty sandbox."""
    async with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
async def kasa(box: Sandbox) -> AsyncIterator[SmartKasa]:
    """Open a client of the sandbox."""
    async with SmartKasa(**box.credentials) as client:
        yield client


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """Open a session that knows nothing of the service."""
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
