"""What all tests share."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import sys
from importlib import import_module
from importlib.util import find_spec
from itertools import count
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from smartkasa_async.stores import open_store
from tests.support.ending import pytest_runtest_teardown
from tests.support.postgresql import StoreDatabase, empty, new_database, running_postgresql

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Generator, Iterator, Mapping
    from pathlib import Path

    from smartkasa_async.stores import Store

__all__ = ["pytest_runtest_teardown"]

pytest_plugins = ["tests.support.fixtures"]

_tests = count()

_UNDER_BOTH_LOOPS = {
    "_core/test_network.py",
    "_core/test_proxies.py",
    "_core/test_transport.py",
    "_core/test_transport_connections.py",
    "_core/test_transport_memory.py",
    "fleet/test_store_reports.py",
    "fleet/test_worker.py",
}
"""What is asked of connections, databases and processes: programs have asyncio's event loop, commands uvloop's."""

# Tests start hundreds of programs, which would compile all that they import each time where nothing is kept of it.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# A law is about results; how long an example takes depends on the machine.
settings.register_profile("default", deadline=None)
settings.load_profile("default")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no cycles while tests are collected, which took half its time, nor later among what it made.

    Later they are looked for more rarely than by default, which took a fifth of the time of tests.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 50)
        gc.enable()


def pytest_asyncio_loop_factories(item: pytest.Item) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Choose the event loops under which a test runs."""
    factories = {"asyncio": asyncio.new_event_loop}
    if "/".join(item.path.parts[-2:]) in _UNDER_BOTH_LOOPS and find_spec("uvloop") is not None:
        factories["uvloop"] = import_module("uvloop").new_event_loop
    return factories


@pytest.fixture(autouse=True)
def state_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the state of programs out of the user's own folder, and that of one test from all others."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.getbasetemp() / f"state-{next(_tests)}"))


@pytest.fixture(autouse=True, scope="session")
def session_state_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Do the same for what outlives one test, such as processes that serve several."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.getbasetemp() / "state"))
        yield


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reach everything directly, wherever the tests run."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """Give the address of a server, which is started when the first test asks for it."""
    with running_postgresql() as server:
        yield server


@pytest.fixture(scope="session")
def postgresql(postgresql_server: str) -> Iterator[str]:
    """Give the address of a PostgreSQL database."""
    with new_database(postgresql_server) as address:
        yield address


@pytest.fixture
async def empty_postgresql(postgresql: str) -> str:
    """Give the address of a PostgreSQL database that has nothing in it."""
    await empty(postgresql)
    return postgresql


@pytest.fixture(scope="session")
def store_database(postgresql_server: str) -> Iterator[StoreDatabase]:
    """Give a PostgreSQL database with a store."""
    with new_database(postgresql_server) as address:
        yield StoreDatabase(address)


@pytest.fixture
async def cleared_postgresql(store_database: StoreDatabase) -> str:
    """Give the address of a PostgreSQL database with a store that has nothing in it."""
    return await store_database.cleared()


@pytest.fixture(params=["sqlite", "postgresql"])
def store_address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of an empty database of each kind, or that of the fixture `store`."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'kasa.sqlite'}"
    address: str = request.getfixturevalue(
        "cleared_postgresql" if "store" in request.fixturenames else "empty_postgresql"
    )
    return address


@pytest.fixture(params=["sqlite", "postgresql"])
def new_store_address(request: pytest.FixtureRequest, empty_store: Path, tmp_path: Path) -> str:
    """Give the address of a store with nothing in it, of each kind of database."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{shutil.copy(empty_store, tmp_path)}"
    address: str = request.getfixturevalue("cleared_postgresql")
    return address


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a file that must not change: a store with nothing in it."""

    async def make(path: Path) -> None:
        async with open_store(path):
            pass

    path = tmp_path_factory.mktemp("empty") / "kasa.sqlite"
    asyncio.run(make(path))
    return path


@pytest.fixture
async def sqlite_store(empty_store: Path, tmp_path: Path) -> AsyncIterator[Store]:
    """Give an empty store, where it does not matter of which kind the database is.

    A copy of a file is opened in a fifth of the time of a store in memory, whose tables are made first.
    """
    async with open_store(shutil.copy(empty_store, tmp_path)) as store:
        yield store


@pytest.fixture
async def store(empty_store: Path, store_address: str, tmp_path: Path) -> AsyncIterator[Store]:
    """Give an empty store, of each kind of database."""
    if store_address.startswith("sqlite"):
        shutil.copy(empty_store, tmp_path)
    async with open_store(store_address) as store:
        yield store
