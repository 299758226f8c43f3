"""Commands that tests put into the table of commands, to see how a run ends."""

import asyncio
import signal
import warnings
from pathlib import Path

from smartkasa_async import PageSizeClampedWarning, errors
from smartkasa_async.catalog.errors import SourceError
from smartkasa_async.cli.errors import CommandError
from smartkasa_async.cli.running import ThisRun
from smartkasa_async.stores import StoreError, StoreForbiddenError, StoreUnreachableError

__all__ = ["fails", "gives", "waits", "warns"]


def _caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


ERRORS: dict[str, BaseException] = {
    "usage": CommandError("the file is wrong", hint="fix it"),
    "setting": errors.ConfigurationError("wire is wrong"),
    "field": errors.InvalidRequestError("x is wrong", field="x"),
    "tokens": errors.TokenStoreError("the file is locked"),
    "session": errors.SessionError("no credentials"),
    "redirect": errors.RedirectRefusedError("redirected"),
    "unreached": errors.NotConnectedError("refused"),
    "timeout": errors.CallTimeoutError("too long"),
    "unknown": errors.OutcomeUnknownError("sent"),
    "limited": errors.RateLimitedError("429: wait", status=429),
    "server": errors.ServerError("500: failed", status=500),
    "unauthorized": errors.UnauthorizedError("401: no", status=401),
    "forbidden": errors.ForbiddenError("403: no", status=403),
    "credentials": _caused(
        errors.LoginRefusedError("no", operation="createSession", status=422),
        errors.ValidationError("422: wrong", operation="createSession", status=422),
    ),
    "key": _caused(
        errors.LoginRefusedError("no", operation="createSession", status=401),
        errors.UnauthorizedError("401: no", operation="createSession", status=401),
    ),
    "refused": errors.ValidationError("422: blank", operation="createShop", status=422),
    "conflict": errors.ConflictError("409: no", status=409),
    "pages": errors.PaginationError("a page came twice", received=1),
    "source": SourceError("no header"),
    "store": StoreError("no database"),
    "store_unreached": StoreUnreachableError("refused"),
    "store_forbidden": StoreForbiddenError("no"),
    "group": ExceptionGroup("tasks", [ValueError("other"), errors.NotConnectedError("refused")]),
}


def fails(how: str, /, *, run: ThisRun) -> None:
    """Fail.

    Args:
        how: Which error.
    """
    if how == "file":
        Path("nothing.csv").read_bytes()
    if how == "bug":
        raise ZeroDivisionError
    raise ERRORS[how]


async def gives(number: int, /, *, run: ThisRun) -> int:
    """Give an exit status.

    Args:
        number: The code.
    """
    return number


async def waits(how: str, /, *, told: bool = False, run: ThisRun) -> None:
    """Wait until a signal comes, which it sends itself.

    Args:
        how: Name of the signal.
        told: Say how to go on.
    """
    if told:
        run.resume = "Go on with: smartkasa waits --from 5"
    try:
        signal.raise_signal(signal.Signals[how])
        await asyncio.Event().wait()
    finally:
        run.output.text("cleaned up")


def warns(*, run: ThisRun) -> None:
    """Warn twice."""
    warnings.warn("pages of 100 instead of 500", PageSizeClampedWarning, stacklevel=1)
