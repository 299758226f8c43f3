"""What keeps a job from beginning."""

from __future__ import annotations

from smartkasa_async.errors import SmartKasaError


class JournalError(SmartKasaError):
    """The journal of a job cannot be read or written, or belongs to something else."""


class JobRunningError(SmartKasaError):
    """Another job of the same kind is at work on the account, so this one did not begin; nothing was sent."""
