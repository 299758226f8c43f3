"""Errors of those who set up a sandbox, which keep what they are made of so that a command line can translate them."""

from __future__ import annotations


class _TemplatedError(Exception):
    """Base of errors that are made of a template and values.

    Attributes:
        template: The English text with `{name}` where a value stands.
        values: The values.
    """

    def __init__(self, template: str, /, **values: object) -> None:
        super().__init__(template.format(**values))
        self.template = template
        self.values = values


class UsageError(_TemplatedError, ValueError):
    """A sandbox, a fault or a simulation cannot be as it was asked for."""


class DatabaseError(_TemplatedError, OSError):
    """The database of a sandbox cannot be opened."""
