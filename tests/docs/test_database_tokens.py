"""The store of tokens on docs/running.md keeps and locks them, on a PostgreSQL of the tests' own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from smartkasa_async import LockingTokenStore
from tests.docs.markdown import Document
from tests.support.service import make_session
from tests.support.session_service import SessionService, client_of, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncEngine

(BLOCK,) = (block for block in Document("docs/running.md").blocks if block.file == "database_tokens.py")


@pytest.fixture
def shown() -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(BLOCK.padded, names)  # noqa: S102
    return names


@pytest.fixture
async def engines(empty_postgresql: str, shown: dict[str, Any]) -> AsyncIterator[list[AsyncEngine]]:
    """Two machines."""
    engines = [create_async_engine(empty_postgresql) for _ in range(2)]
    async with engines[0].begin() as connection:
        for table in shown["TABLES"]:
            await connection.execute(text(table))
    yield engines
    for engine in engines:
        await engine.dispose()


async def test_tokens_are_kept_for_each_account(engines: list[AsyncEngine], shown: dict[str, Any]) -> None:
    one, other = (shown["DatabaseTokenStore"](engines[0], account) for account in ("one", "other"))
    assert isinstance(one, LockingTokenStore)
    assert await one.load() is None
    for access in ("a", "b"):
        session = make_session(access)
        await one.save(session)
        assert await one.load() == session
    assert await other.load() is None
    async with one.lock(), other.lock():
        await one.clear()
    assert await one.load() is None


async def test_two_machines_make_one_refresh(engines: list[AsyncEngine], shown: dict[str, Any]) -> None:
    one, other = (shown["DatabaseTokenStore"](engine, "one") for engine in engines)
    async with serving(SessionService()) as service:
        await one.save(service.make())
        service.expire_access()
        async with (
            client_of(service, credentials=False, token_store=one) as here,
            client_of(service, credentials=False, token_store=other) as there,
        ):
            await asyncio.gather(*(kasa.shops.list() for kasa in (here, there) for _ in range(5)))
        assert service.calls["refresh"] == 1


async def test_the_lock_ends_with_its_connection(engines: list[AsyncEngine], shown: dict[str, Any]) -> None:
    one, other = (shown["DatabaseTokenStore"](engine, "one") for engine in engines)
    held, waiting = one.lock(), other.lock()
    await held.__aenter__()
    async with engines[1].connect() as connection:
        holder = await connection.scalar(
            text(
                "SELECT pid FROM pg_stat_activity WHERE state = 'idle in transaction'"
                " AND datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
        assert holder is not None
        second = asyncio.ensure_future(waiting.__aenter__())
        blocked = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND :holder = ANY(pg_blocking_pids(pid))")
        while not await connection.scalar(blocked, {"holder": holder}):  # noqa: ASYNC110
            await asyncio.sleep(0)
        await connection.execute(text("SELECT pg_terminate_backend(:holder)"), {"holder": holder})
    await asyncio.wait_for(second, 10)
    await waiting.__aexit__(None, None, None)
    with pytest.raises(Exception, match="closed"):
        await held.__aexit__(None, None, None)
