"""The event loop of commands: uvloop's where it is installed, since calls and connections cost less there."""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

ResultT = TypeVar("ResultT")


def run(work: Coroutine[Any, Any, ResultT]) -> ResultT:
    """Run work to its end as `asyncio.run` does; for the package's own commands, since programs choose their own loop.

    Args:
        work: The whole of what is to be done.
    """
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(work)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        factory: Callable[[], asyncio.AbstractEventLoop] = import_module("uvloop").new_event_loop
    except ImportError:  # there is none for Windows
        return None
    return factory
