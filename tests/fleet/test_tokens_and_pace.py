"""Tokens and the pace of an account are shared by all workers."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from smartkasa_async import LockingTokenStore, TokenStoreError
from smartkasa_async.fleet.pace import DatabasePace
from smartkasa_async.fleet.tokens import DatabaseTokenStore
from smartkasa_async.models import Session
from tests.fleet.conftest import new_account

if TYPE_CHECKING:
    from smartkasa_async.fleet.accounts import Accounts
    from smartkasa_async.fleet.credentials import CredentialStore
    from smartkasa_async.fleet.database import Database
    from smartkasa_async.fleet.secrets import KeyRing

_LATER = datetime(2027, 1, 1, tzinfo=UTC)


def _session(number: int) -> Session:
    return Session(
        access=f"access-{number}", refresh=f"refresh-{number}", access_expires_at=_LATER, refresh_expires_at=_LATER
    )


async def test_tokens_are_encrypted_and_survive(
    database: Database, accounts: Accounts, credential_store: CredentialStore, keys: KeyRing
) -> None:
    id_ = await accounts.add(new_account("one"), credential_store)
    store = DatabaseTokenStore(database, keys, id_)
    assert isinstance(store, LockingTokenStore)
    assert await store.load() is None
    await store.save(_session(1))
    assert await DatabaseTokenStore(database, keys, id_).load() == _session(1)
    for row in await database.rows("SELECT content FROM tokens"):
        assert b"access-1" not in bytes(row["content"])
    await store.clear()
    assert await store.load() is None


async def test_a_refresh_token_is_spent_by_one_while_the_others_wait(
    database: Database, accounts: Accounts, credential_store: CredentialStore, keys: KeyRing
) -> None:
    id_ = await accounts.add(new_account("one"), credential_store)
    await DatabaseTokenStore(database, keys, id_).save(_session(0))
    spent: list[str] = []

    async def renew() -> None:
        store = DatabaseTokenStore(database, keys, id_)
        async with store.lock():
            session = await store.load()
            assert session is not None
            spent.append(session.refresh)
            await asyncio.sleep(0)
            await store.save(_session(len(spent)))

    await asyncio.gather(*(renew() for _ in range(4)))
    assert spent == ["refresh-0", "refresh-1", "refresh-2", "refresh-3"]


async def test_what_was_saved_under_the_lock_stays_when_the_block_fails(
    database: Database, accounts: Accounts, credential_store: CredentialStore, keys: KeyRing
) -> None:
    id_ = await accounts.add(new_account("one"), credential_store)
    store = DatabaseTokenStore(database, keys, id_)

    async def fail() -> None:
        async with store.lock():
            await store.save(_session(1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await store.load() == _session(1)


async def test_tokens_of_a_removed_account_cannot_be_saved(
    database: Database, accounts: Accounts, credential_store: CredentialStore, keys: KeyRing
) -> None:
    id_ = await accounts.add(new_account("one"), credential_store)
    await accounts.remove(id_)
    with pytest.raises(TokenStoreError, match="removed"):
        await DatabaseTokenStore(database, keys, id_).save(_session(1))


async def test_swapped_tokens_do_not_open(
    database: Database, accounts: Accounts, credential_store: CredentialStore, keys: KeyRing
) -> None:
    stores = [
        DatabaseTokenStore(database, keys, await accounts.add(new_account(name), credential_store)) for name in "ab"
    ]
    for number, store in enumerate(stores):
        await store.save(_session(number))
    await database.execute(
        "UPDATE tokens AS this SET wrapped_key = that.wrapped_key, content = that.content"
        " FROM tokens AS that WHERE this.account_id <> that.account_id"
    )
    for store in stores:
        with pytest.raises(TokenStoreError, match="another account's"):
            await store.load()


async def test_two_workers_together_are_no_faster_than_the_pace(
    database: Database, accounts: Accounts, credential_store: CredentialStore
) -> None:
    id_ = await accounts.add(new_account("one"), credential_store)
    other = await accounts.add(new_account("other"), credential_store)
    paces = [DatabasePace(database, id_, 0.5), DatabasePace(database, id_, 0.5)]
    waits = sorted(await asyncio.gather(*(paces[number % 2].reserve() for number in range(6))))
    assert waits == pytest.approx([0, 2, 4, 6, 8, 10], abs=0.5)
    assert await DatabasePace(database, other, 0.5).reserve() == 0


async def test_an_account_that_is_corrected_does_not_wait_for_slots_of_its_former_pace(
    database: Database, accounts: Accounts, credential_store: CredentialStore
) -> None:
    id_ = await accounts.add(new_account("one"), credential_store)
    slow = DatabasePace(database, id_, 0.001)
    for _ in range(3):
        await slow.reserve()
    await accounts.add(new_account("one"), credential_store)
    assert await DatabasePace(database, id_, 5.0).reserve() < 1
