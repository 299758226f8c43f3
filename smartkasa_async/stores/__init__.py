"""Where synced records land: tables in SQLite or PostgreSQL, through SQLAlchemy.

Needs the extra `smartkasa-async[stores]`, which is imported when a store is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartkasa_async._support.extras import import_name
from smartkasa_async.stores.errors import StoreError, StoreForbiddenError, StoreUnreachableError

if TYPE_CHECKING:
    from smartkasa_async.stores.store import Store, open_store

__all__ = [
    "Store",
    "StoreError",
    "StoreForbiddenError",
    "StoreUnreachableError",
    "open_store",
]

_MODULES = {"Store": "store", "open_store": "store"}


def __getattr__(name: str) -> object:
    return import_name(__name__, _MODULES, name)
