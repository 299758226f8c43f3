"""What can go wrong with a store."""

from __future__ import annotations

from smartkasa_async.errors import SmartKasaError


class StoreError(SmartKasaError):
    """The store cannot be opened, or cannot keep what it was given."""


class StoreUnreachableError(StoreError):
    """The server of the database does not answer, or takes no connection now; later it may."""


class StoreForbiddenError(StoreError):
    """The database does not accept the user, the password, or what the user may do."""


class UnfitValueError(StoreError):
    """A record has a value for which the database has no room; the record itself is at fault, not the store."""
