"""What can keep an import or a push from beginning."""

from __future__ import annotations

from smartkasa_async.errors import SmartKasaError


class JournalError(SmartKasaError):
    """The journal of an import or a push cannot be read or written, or belongs to something else."""


class JobRunningError(SmartKasaError):
    """Another job of the same kind is at work on the account, so this one did not begin; nothing was sent."""
