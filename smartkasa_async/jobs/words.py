"""The form of what is said of rows and receipts, in English and Ukrainian."""

from __future__ import annotations

from typing import Literal, NamedTuple

Language = Literal["en", "uk"]

Severity = Literal["error", "warning"]
"""An error keeps what it is about out of the service, a warning does not."""


class Message(NamedTuple):
    """Words for one kind of problem.

    Attributes:
        en: What is wrong and what to do, in English.
        uk: The same in Ukrainian.
        severity: How bad it is.
    """

    en: str
    uk: str
    severity: Severity = "error"
