"""Stores of synced records: tables in SQLite or PostgreSQL, through SQLAlchemy.

Needs the extra `smartkasa-async[stores]`, which is imported when a store is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartkasa_async._support.extras import import_name
from smartkasa_async.stores.errors import StoreError, StoreForbiddenError, StoreUnreachableError

if TYPE_CHECKING:
    from smartkasa_async.stores.reading import MissingDays, TableCoverage, coverage_of
    from smartkasa_async.stores.store import Store, open_store

__all__ = [
    "MissingDays",
    "Store",
    "StoreError",
    "StoreForbiddenError",
    "StoreUnreachableError",
    "TableCoverage",
    "coverage_of",
    "open_store",
]

_MODULES = {
    "MissingDays": "reading",
    "Store": "store",
    "TableCoverage": "reading",
    "coverage_of": "reading",
    "open_store": "store",
}


def __getattr__(name: str) -> object:
    return import_name(__name__, _MODULES, name)
