"""What can go wrong with a store."""

from __future__ import annotations

from smartkasa_async.errors import SmartKasaError

__all__ = ["StoreError"]


class StoreError(SmartKasaError):
    """The store cannot be opened, or cannot keep what it was given."""
