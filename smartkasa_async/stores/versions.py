"""Versions of the schema: a new store is given the present one, another one is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, inspect, select

from smartkasa_async.stores.errors import StoreError
from smartkasa_async.stores.schema import METADATA, SCHEMA_VERSIONS

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["SCHEMA_VERSION", "bring_up_to_date"]

SCHEMA_VERSION = 1
"""The version that this release reads and writes."""


def bring_up_to_date(connection: Connection) -> None:
    """Create the tables of a new store, and check the version of one that exists.

    Raises:
        StoreError: The store was written by a newer release.
    """
    version = _version(connection)
    if version == SCHEMA_VERSION:
        return
    if version is not None:
        raise StoreError(
            f"The store has schema version {version} and this release knows {SCHEMA_VERSION}:"
            " use the release that wrote it, or a newer one"
        )
    METADATA.create_all(connection)
    connection.execute(insert(SCHEMA_VERSIONS), [{"version": SCHEMA_VERSION, "applied_at": datetime.now(UTC)}])


def _version(connection: Connection) -> int | None:
    if not inspect(connection).has_table(SCHEMA_VERSIONS.name):
        return None
    version: int | None = connection.scalar(select(func.max(SCHEMA_VERSIONS.c.version)))
    return version
