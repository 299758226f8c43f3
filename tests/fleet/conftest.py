"""A fleet's database that is empty, and a clock that only a test moves."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from smartkasa_async.fleet.accounts import Accounts, NewAccount
from smartkasa_async.fleet.credentials import Credentials, CredentialStore
from smartkasa_async.fleet.database import Database
from smartkasa_async.fleet.policy import Policy
from smartkasa_async.fleet.secrets import KeyRing
from smartkasa_async.fleet.state import set_up

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


class Clock:
    """A clock that stands."""

    def __init__(self) -> None:
        self.moment = START

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keys() -> KeyRing:
    return KeyRing(os.urandom(32))


@pytest.fixture
def policy() -> Policy:
    return Policy()


@pytest.fixture
async def database(cleared_postgresql: str, clock: Clock) -> AsyncIterator[Database]:
    """Give a fleet's database with its tables, those of the store too, and nothing in them."""
    async with Database(cleared_postgresql, connections=8, clock=clock).opened() as database:
        await database.execute("DROP SCHEMA IF EXISTS smartkasa_fleet CASCADE")
        await set_up(database)
        yield database
        await database.execute("DROP SCHEMA IF EXISTS smartkasa_fleet CASCADE")


@pytest.fixture
def credential_store(database: Database, keys: KeyRing) -> CredentialStore:
    return CredentialStore(database, keys)


@pytest.fixture
def accounts(database: Database, policy: Policy) -> Accounts:
    return Accounts(database, policy)


def new_account(name: str, **settings: object) -> NewAccount:
    credentials = Credentials(f"key-of-{name}", "380501234567", f"password-of-{name}")
    return NewAccount(name=name, credentials=credentials, base_url="https://core.smartkasa.ua", **settings)  # type: ignore[arg-type]
