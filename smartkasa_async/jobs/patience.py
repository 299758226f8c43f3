"""What may simply be done again: a few times, and not for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from smartkasa_async.retry import TRANSIENT

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["patiently"]

ResultT = TypeVar("ResultT")

_ATTEMPTS = 5


async def patiently(work: Callable[[], Awaitable[ResultT]], errors: tuple[type[Exception], ...] = TRANSIENT) -> ResultT:
    """Do something that may be repeated, up to five times; the client has waited in between already.

    Args:
        work: What to do.
        errors: What it may end with and be done again.

    Raises:
        Exception: What the last attempt ended with.
    """
    for _ in range(_ATTEMPTS - 1):
        try:
            return await work()
        except errors:
            continue
    return await work()
