"""Where synced records land: tables in SQLite or PostgreSQL, through SQLAlchemy.

Needs the extra `smartkasa-async[stores]`, which is imported when a store is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from smartkasa_async._support.extras import naming_extras
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
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    with naming_extras():
        module = import_module(f"{__name__}.{_MODULES[name]}")
    return getattr(module, name)
