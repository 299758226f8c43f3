"""What to say where a command needs a part of the library that is not installed."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from smartkasa_async.cli.errors import CommandError
from smartkasa_async.cli.messages import _

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["needing"]


@contextmanager
def needing(extra: str) -> Iterator[None]:
    """Say what to install where an import fails; the imports stand in its block.

    Args:
        extra: Name of the extra.

    Raises:
        CommandError: A package is missing; says what to install.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("smartkasa_async"):
            raise
        message = _("This command needs the package {package}", package=error.name)
        raise CommandError(message, hint=f"pip install 'smartkasa-async[{extra}]'") from None
