"""Opens the fleet that the configuration describes: its database is the store's, its master keys are in a file."""

from __future__ import annotations

import logging
import os
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from smartkasa_async.fleet.accounts import Accounts
from smartkasa_async.fleet.credentials import CredentialStore
from smartkasa_async.fleet.database import Database
from smartkasa_async.fleet.secrets import KeyRing, read_key_file
from smartkasa_async.fleet.state import read_policy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from smartkasa_async.cli.configuration import Configuration
    from smartkasa_async.fleet.policy import Policy

KEYS_VARIABLE = "SMARTKASA_FLEET_KEYS"


@dataclass(frozen=True, slots=True)
class OpenFleet:
    """A fleet that is open.

    Attributes:
        database: Its database.
        policy: Its policy.
        accounts: Its accounts.
    """

    database: Database
    policy: Policy
    accounts: Accounts


@asynccontextmanager
async def opened_fleet(settings: Configuration, *, connections: int = 4) -> AsyncIterator[OpenFleet]:
    """Open the fleet in the database that `--store` or the setting `store` names.

    Args:
        settings: The settings of this run.
        connections: Most connections to the database.

    Raises:
        ConfigurationError: The store is not PostgreSQL, or the extra `fleet` is missing.
        FleetError: The database cannot be reached, or its tables are missing.
    """
    async with opened_database(settings, connections=connections) as database:
        policy = await read_policy(database)
        yield OpenFleet(database, policy, Accounts(database, policy))


@asynccontextmanager
async def opened_database(settings: Configuration, *, connections: int = 4) -> AsyncIterator[Database]:
    """Open the database that `--store` or the setting `store` names.

    Args:
        settings: The settings of this run.
        connections: Most connections to it.

    Raises:
        ConfigurationError: The store is not PostgreSQL, or the extra `fleet` is missing.
        FleetError: The database cannot be reached.
    """
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # the error says it once, and in the user's language
    async with Database(settings.store, connections=connections).opened() as database:
        yield database


def key_file(settings: Configuration) -> Path:
    """Return the file of the master keys: the setting's, else one in the user's folder."""
    if settings.fleet_key_file is not None:
        return Path(settings.fleet_key_file).expanduser()
    from platformdirs import user_config_path  # noqa: PLC0415  (few commands need it)

    return user_config_path("smartkasa", appauthor=False) / "fleet.keys"


def has_keys(settings: Configuration) -> bool:
    """Return whether there are master keys already, in the environment or in a file."""
    return bool(os.environ.get(KEYS_VARIABLE)) or key_file(settings).exists()


def keys_of(settings: Configuration) -> KeyRing:
    """Return the master keys, from the environment or the file.

    Raises:
        FleetKeyError: There are none, or others can read them.
    """
    if text := os.environ.get(KEYS_VARIABLE):
        return KeyRing.parse(text.replace(",", "\n"))
    return read_key_file(key_file(settings))


def credential_store_of(settings: Configuration, fleet: OpenFleet) -> CredentialStore:
    """Return the credentials of the fleet's accounts.

    Raises:
        FleetKeyError: There are no master keys, or others can read them.
    """
    return CredentialStore(fleet.database, keys_of(settings))
