"""What can go wrong with a relay."""

from __future__ import annotations

from smartkasa_async.errors import SmartKasaError


class RelayError(SmartKasaError):
    """A relay cannot go on: its receiver is given wrongly, or another relay has taken it over."""
