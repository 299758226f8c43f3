"""Where synced records land: tables in SQLite or PostgreSQL, through SQLAlchemy.

Needs the extra `smartkasa-async[stores]`, which is imported when a store is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartkasa_async.errors import ConfigurationError
from smartkasa_async.stores.errors import StoreError

if TYPE_CHECKING:
    from smartkasa_async.stores.store import Store, open_store

__all__ = ["Store", "StoreError", "open_store"]


def __getattr__(name: str) -> object:
    if name not in {"Store", "open_store"}:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        from smartkasa_async.stores import store  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"Stores need the package {error.name}: pip install 'smartkasa-async[stores]'"
        ) from error
    return getattr(store, name)
