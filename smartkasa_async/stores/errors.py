"""What can go wrong with a store."""

from __future__ import annotations

from smartkasa_async.errors import SmartKasaError

__all__ = ["StoreError", "UnfitValueError"]


class StoreError(SmartKasaError):
    """The store cannot be opened, or cannot keep what it was given."""


class UnfitValueError(StoreError):
    """A record has a value for which the database has no room; the record itself is at fault, not the store."""
