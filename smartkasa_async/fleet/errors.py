"""What can go wrong with a fleet, beside what can go wrong with an account of it."""

from __future__ import annotations

from smartkasa_async.errors import SmartKasaError


class FleetError(SmartKasaError):
    """A command of the fleet cannot be carried out: an account, a file or an argument is wrong; says which."""


class FleetDatabaseError(FleetError):
    """The fleet's database cannot be reached, or was lost; a worker ends, and its supervisor starts it anew."""


class FleetKeyError(FleetError):
    """The master key is missing or wrong, or what it protects was changed or moved to another account."""


class FencedError(SmartKasaError):
    """The account was given to another worker, paused or removed meanwhile; nothing of the transaction is kept."""
