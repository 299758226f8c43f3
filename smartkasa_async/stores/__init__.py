"""Where synced records land: tables in SQLite or PostgreSQL, through SQLAlchemy.

Needs the extra `smartkasa-async[stores]`, which is imported when a store is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from smartkasa_async._phrases import phrase
from smartkasa_async.errors import ConfigurationError
from smartkasa_async.stores.errors import StoreError, StoreForbiddenError, StoreUnreachableError

if TYPE_CHECKING:
    from smartkasa_async.stores.export import ExportedFile, export_tables
    from smartkasa_async.stores.store import Store, open_store

__all__ = [
    "ExportedFile",
    "Store",
    "StoreError",
    "StoreForbiddenError",
    "StoreUnreachableError",
    "export_tables",
    "open_store",
]

_MODULES = {"ExportedFile": "export", "Store": "store", "export_tables": "export", "open_store": "store"}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        module = import_module(f"{__name__}.{_MODULES[name]}")
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            phrase("Stores need the package {package}: pip install 'smartkasa-async[stores]'", package=error.name)
        ) from error
    return getattr(module, name)
