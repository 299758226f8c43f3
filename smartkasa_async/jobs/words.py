"""The form of the reasons that rows and receipts are given: English in the code, Ukrainian in the translations."""

from __future__ import annotations

from typing import Literal, NamedTuple

from smartkasa_async._i18n.message import msg
from smartkasa_async._i18n.translate import in_ukrainian

Language = Literal["en", "uk"]

Severity = Literal["error", "warning"]
"""An error keeps what it is about out of the service, a warning does not."""


class Reason(NamedTuple):
    """Words for one kind of problem.

    Attributes:
        template: What is wrong and what to do, in English, marked by `N_`; `{name}` stands for a detail.
        severity: How bad it is.
    """

    template: str
    severity: Severity = "error"

    def fill(self, details: dict[str, object]) -> tuple[str, str]:
        """Write the reason in English and in Ukrainian.

        Args:
            details: What the template mentions; messages and errors are translated with it.
        """
        made = msg(self.template, **details)
        return str(made), str(in_ukrainian(made))
