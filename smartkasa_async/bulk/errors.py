"""What can be wrong with a journal."""

from __future__ import annotations

from smartkasa_async.errors import SmartKasaError

__all__ = ["JournalError"]


class JournalError(SmartKasaError):
    """The journal of an import or a push cannot be read or written, or belongs to something else."""
